package acm

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

// defaultResults is how many certificates a page of a search has.
const defaultResults = 100

func (s *Service) searchCertificates(ctx context.Context, in *wire.SearchCertificatesInput) (*wire.SearchCertificatesOutput, error) {
	if err := checkStatement(in.FilterStatement); err != nil {
		return nil, err
	}
	return read(ctx, s, func(tx *txn) (*wire.SearchCertificatesOutput, error) {
		var found []*wire.CertificateSearchResult
		for _, c := range certificates.List(tx.Tx, tx.scope, "") {
			if r := tx.result(c); in.FilterStatement == nil || holds(in.FilterStatement, r) {
				found = append(found, r)
			}
		}
		if in.SortBy != nil {
			// unverified against AWS: that ascending is the order unless the other is asked for.
			slices.SortStableFunc(found, func(a, b *wire.CertificateSearchResult) int {
				if awsapi.Val(in.SortOrder) == "DESCENDING" {
					a, b = b, a
				}
				return byKey(*in.SortBy, a, b)
			})
		}
		page, next, ok := awsapi.Page(found, awsapi.Val(in.NextToken), awsapi.Val(in.MaxResults), defaultResults, 500)
		if !ok {
			// unverified against AWS: the text.
			return nil, awsapi.Validation("The next token is not valid.")
		}
		out := &wire.SearchCertificatesOutput{Results: make([]wire.CertificateSearchResult, 0, len(page)), NextToken: awsapi.NonEmpty(next)}
		for _, r := range page {
			out.Results = append(out.Results, *r)
		}
		return out, nil
	})
}

func (tx *txn) result(c *Certificate) *wire.CertificateSearchResult {
	cert, users := c.leaf(), tx.users(c)
	metadata := &wire.AcmCertificateMetadata{
		CreatedAt: &c.Created, Exported: &c.Exported, ImportedAt: moment(c.Imported), InUse: awsapi.Ptr(len(users) > 0), IssuedAt: moment(c.Issued),
		RenewalEligibility: awsapi.Ptr(c.eligibility(users)), RevokedAt: moment(c.Revoked), Status: awsapi.Ptr(c.status(tx.s.Now())), Type: &c.Type,
		ExportOption: awsapi.Ptr(c.exportOption()), ManagedBy: awsapi.NonEmpty(c.ManagedBy), ValidationMethod: awsapi.NonEmpty(c.Validation),
	}
	if !c.Renewed.IsZero() {
		metadata.RenewalStatus = awsapi.Ptr("SUCCESS")
	}
	return &wire.CertificateSearchResult{
		CertificateArn: &c.ARN, CertificateMetadata: &wire.CertificateMetadata{AcmCertificateMetadata: metadata},
		X509Attributes: &wire.X509Attributes{
			Issuer: distinguishedName(cert.Issuer), Subject: distinguishedName(cert.Subject), SubjectAlternativeNames: generalNames(cert),
			ExtendedKeyUsages: usageNames(extendedKeyUsages(cert)), KeyUsages: keyUsages(cert), KeyAlgorithm: awsapi.NonEmpty(keyAlgorithm(cert.PublicKey)),
			SerialNumber: awsapi.Ptr(serial(cert)), NotBefore: &cert.NotBefore, NotAfter: &cert.NotAfter,
		},
	}
}

// byKey compares certificates by what a search can sort them by; what is missing
// comes first.
func byKey(key string, a, b *wire.CertificateSearchResult) int {
	x, y := a.X509Attributes, b.X509Attributes
	m, n := a.CertificateMetadata.AcmCertificateMetadata, b.CertificateMetadata.AcmCertificateMetadata
	switch key {
	case "CREATED_AT":
		return compareTimes(m.CreatedAt, n.CreatedAt)
	case "ISSUED_AT":
		return compareTimes(m.IssuedAt, n.IssuedAt)
	case "IMPORTED_AT":
		return compareTimes(m.ImportedAt, n.ImportedAt)
	case "REVOKED_AT":
		return compareTimes(m.RevokedAt, n.RevokedAt)
	case "NOT_BEFORE":
		return compareTimes(x.NotBefore, y.NotBefore)
	case "NOT_AFTER":
		return compareTimes(x.NotAfter, y.NotAfter)
	case "EXPORTED":
		return compareTruths(m.Exported, n.Exported)
	case "IN_USE":
		return compareTruths(m.InUse, n.InUse)
	}
	texts := func(r *wire.CertificateSearchResult) *string {
		m := r.CertificateMetadata.AcmCertificateMetadata
		return map[string]*string{
			"STATUS": m.Status, "RENEWAL_STATUS": m.RenewalStatus, "TYPE": m.Type, "RENEWAL_ELIGIBILITY": m.RenewalEligibility, "MANAGED_BY": m.ManagedBy,
			"EXPORT_OPTION": m.ExportOption, "VALIDATION_METHOD": m.ValidationMethod, "KEY_ALGORITHM": r.X509Attributes.KeyAlgorithm,
			"COMMON_NAME": r.X509Attributes.Subject.CommonName, "CERTIFICATE_ARN": r.CertificateArn,
		}[key]
	}
	return cmp.Compare(awsapi.Val(texts(a)), awsapi.Val(texts(b)))
}

func compareTimes(a, b *time.Time) int { return awsapi.Val(a).Compare(awsapi.Val(b)) }

func compareTruths(a, b *bool) int {
	switch x, y := awsapi.Val(a), awsapi.Val(b); {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}
