package acm

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

func (s *Service) describeCertificate(ctx context.Context, in *wire.DescribeCertificateInput) (*wire.DescribeCertificateOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.DescribeCertificateOutput, error) {
		c, err := tx.find(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		return &wire.DescribeCertificateOutput{Certificate: tx.detail(c)}, nil
	})
}

func (tx *txn) detail(c *Certificate) *wire.CertificateDetail {
	cert, users := c.leaf(), tx.users(c)
	out := &wire.CertificateDetail{
		CertificateArn: &c.ARN, DomainName: &c.DomainName, SubjectAlternativeNames: c.Names, ManagedBy: awsapi.NonEmpty(c.ManagedBy),
		DomainValidationOptions: c.validations(), Serial: awsapi.Ptr(serial(cert)), Subject: awsapi.Ptr(cert.Subject.String()),
		Issuer: awsapi.Ptr(issuer(cert)), CreatedAt: &c.Created, Status: awsapi.Ptr(c.status(tx.s.Now())),
		NotBefore: &cert.NotBefore, NotAfter: &cert.NotAfter, KeyAlgorithm: awsapi.Ptr(shownAlgorithm(keyAlgorithm(cert.PublicKey))),
		SignatureAlgorithm: awsapi.Ptr(signatureAlgorithm(cert.SignatureAlgorithm)), InUseBy: users, Type: &c.Type,
		RenewalEligibility: awsapi.Ptr(c.eligibility(users)), CertificateAuthorityArn: awsapi.NonEmpty(c.Authority),
		Options:  &wire.CertificateOptions{CertificateTransparencyLoggingPreference: &c.Transparency, Export: awsapi.NonEmpty(c.Export)},
		IssuedAt: moment(c.Issued), ImportedAt: moment(c.Imported),
		RevokedAt: moment(c.Revoked), RevocationReason: awsapi.NonEmpty(c.RevocationReason),
	}
	if c.Type == AmazonIssued {
		out.Issuer = awsapi.Ptr("Amazon")
	}
	if out.InUseBy == nil {
		out.InUseBy = []string{}
	}
	for _, u := range keyUsages(cert) {
		out.KeyUsages = append(out.KeyUsages, wire.KeyUsage{Name: &u})
	}
	for _, u := range extendedKeyUsages(cert) {
		out.ExtendedKeyUsages = append(out.ExtendedKeyUsages, wire.ExtendedKeyUsage{Name: &u.name, OID: awsapi.NonEmpty(u.oid)})
	}
	if !c.Renewed.IsZero() {
		out.RenewalSummary = &wire.RenewalSummary{RenewalStatus: awsapi.Ptr("SUCCESS"), DomainValidationOptions: out.DomainValidationOptions, UpdatedAt: &c.Renewed}
		if out.RenewalSummary.DomainValidationOptions == nil {
			out.RenewalSummary.DomainValidationOptions = []wire.DomainValidation{}
		}
	}
	return out
}

// moment leaves out what has not happened.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// eligibility tells whether ACM renews a certificate. AWS: one that a service uses or
// that was exported, unless somebody else issued it.
func (c *Certificate) eligibility(users []string) string {
	if c.Type == Imported || !c.Revoked.IsZero() || len(users) == 0 && !c.Exported {
		return "INELIGIBLE"
	}
	return "ELIGIBLE"
}

func (s *Service) getCertificate(ctx context.Context, in *wire.GetCertificateInput) (*wire.GetCertificateOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetCertificateOutput, error) {
		c, err := tx.find(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		return &wire.GetCertificateOutput{Certificate: awsapi.Ptr(encodePEM(c.Chain[0])), CertificateChain: awsapi.NonEmpty(encodePEM(c.Chain[1:]...))}, nil
	})
}
