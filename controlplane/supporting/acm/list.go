package acm

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

const (
	// unverified against AWS: the default, which is not documented.
	defaultItems = 100
	maxItems     = 1000
	// maxSummarized is how many names a summary has.
	maxSummarized = 100
)

// defaultKeyTypes are listed unless others are asked for.
var defaultKeyTypes = []string{"RSA_1024", "RSA_2048"}

func (s *Service) listCertificates(ctx context.Context, in *wire.ListCertificatesInput) (*wire.ListCertificatesOutput, error) {
	if (in.SortBy == nil) != (in.SortOrder == nil) {
		// unverified against AWS: the text.
		return nil, awsapi.Validation("SortBy and SortOrder must be specified together.")
	}
	return read(ctx, s, func(tx *txn) (*wire.ListCertificatesOutput, error) {
		list := slices.DeleteFunc(certificates.List(tx.Tx, tx.scope, ""), func(c *Certificate) bool { return !tx.wanted(c, in) })
		if in.SortBy != nil {
			slices.SortStableFunc(list, func(a, b *Certificate) int {
				if *in.SortOrder == "DESCENDING" {
					a, b = b, a
				}
				return a.Created.Compare(b.Created)
			})
		}
		page, next, ok := awsapi.Page(list, awsapi.Val(in.NextToken), awsapi.Val(in.MaxItems), defaultItems, maxItems)
		if !ok {
			// unverified against AWS: the text.
			return nil, awsapi.Errorf("InvalidArgsException", "The next token is not valid.")
		}
		out := &wire.ListCertificatesOutput{CertificateSummaryList: []wire.CertificateSummary{}, NextToken: awsapi.NonEmpty(next)}
		for _, c := range page {
			out.CertificateSummaryList = append(out.CertificateSummaryList, *tx.summary(c))
		}
		return out, nil
	})
}

// wanted tells whether a certificate passes the filters. AWS: one value of each filter
// must fit.
func (tx *txn) wanted(c *Certificate, in *wire.ListCertificatesInput) bool {
	includes := in.Includes
	if includes == nil {
		includes = &wire.Filters{}
	}
	keyTypes := includes.KeyTypes
	if len(keyTypes) == 0 {
		keyTypes = defaultKeyTypes
	}
	cert := c.leaf()
	return slices.Contains(keyTypes, keyAlgorithm(cert.PublicKey)) &&
		(len(in.CertificateStatuses) == 0 || slices.Contains(in.CertificateStatuses, c.status(tx.s.Now()))) &&
		overlap(includes.KeyUsage, keyUsages(cert)) &&
		overlap(includes.ExtendedKeyUsage, usageNames(extendedKeyUsages(cert))) &&
		(includes.ManagedBy == nil || *includes.ManagedBy == c.ManagedBy) &&
		(includes.ExportOption == nil || *includes.ExportOption == c.exportOption())
}

// overlap tells whether a filter lets one of the values pass; an empty one lets all.
func overlap(filter, values []string) bool {
	return len(filter) == 0 || slices.ContainsFunc(values, func(v string) bool { return slices.Contains(filter, v) })
}

func usageNames(usages []extendedUsage) []string {
	out := make([]string, 0, len(usages))
	for _, u := range usages {
		out = append(out, u.name)
	}
	return out
}

// exportOption tells whether a certificate may be exported. AWS: not unless it was said.
func (c *Certificate) exportOption() string {
	if c.Export == "" {
		return disabled
	}
	return c.Export
}

func (tx *txn) summary(c *Certificate) *wire.CertificateSummary {
	cert, users := c.leaf(), tx.users(c)
	return &wire.CertificateSummary{
		CertificateArn: &c.ARN, DomainName: &c.DomainName, SubjectAlternativeNameSummaries: c.Names[:min(len(c.Names), maxSummarized)],
		HasAdditionalSubjectAlternativeNames: awsapi.Ptr(len(c.Names) > maxSummarized), Status: awsapi.Ptr(c.status(tx.s.Now())), Type: &c.Type,
		KeyAlgorithm: awsapi.Ptr(shownAlgorithm(keyAlgorithm(cert.PublicKey))), KeyUsages: keyUsages(cert), ExtendedKeyUsages: usageNames(extendedKeyUsages(cert)),
		ExportOption: awsapi.NonEmpty(c.Export), InUse: awsapi.Ptr(len(users) > 0), Exported: awsapi.Ptr(c.Exported), RenewalEligibility: awsapi.Ptr(c.eligibility(users)),
		NotBefore: &cert.NotBefore, NotAfter: &cert.NotAfter, CreatedAt: &c.Created, IssuedAt: moment(c.Issued), ImportedAt: moment(c.Imported), RevokedAt: moment(c.Revoked),
		ManagedBy: awsapi.NonEmpty(c.ManagedBy),
	}
}
