package acm

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

const (
	// maxCertificates is AWS's default quota of an account in a region.
	maxCertificates = 2500
	// maxFirstName is what fits into a certificate's subject.
	maxFirstName = 64
	// tokenTime is for how long a token stands for one request.
	tokenTime = time.Hour

	defaultKeyAlgorithm = "RSA_2048"
	defaultValidation   = "EMAIL"
)

// requestCertificate makes the key and has it certified before its transaction, which
// a large key would hold up for everybody.
func (s *Service) requestCertificate(ctx context.Context, in *wire.RequestCertificateInput) (*wire.RequestCertificateOutput, error) {
	c, err := newRequested(in)
	if err != nil {
		return nil, err
	}
	have, err := read(ctx, s, func(tx *txn) (*wire.RequestCertificateOutput, error) { return tx.requested(c), nil })
	if err != nil || have != nil {
		return have, err
	}
	algorithm := defaultKeyAlgorithm
	if in.KeyAlgorithm != nil {
		algorithm = *in.KeyAlgorithm
	}
	if err := s.issue(c, algorithm); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.RequestCertificateOutput, error) {
		if have := tx.requested(c); have != nil {
			return have, nil
		}
		if certificates.Len(tx.Tx, tx.scope, "") >= maxCertificates {
			return nil, errLimit
		}
		c.ARN, c.Created = s.newARN(tx.scope), s.now()
		c.Issued = c.Created
		certificates.Put(tx.Tx, tx.scope, c.ARN, c)
		return &wire.RequestCertificateOutput{CertificateArn: &c.ARN}, nil
	})
}

// unverified against AWS: the text.
var errLimit = awsapi.Errorf("LimitExceededException", "Error: you have reached your limit of %d certificates in the last year.", maxCertificates)

// newRequested gives the record of what a request is for, yet to be issued.
func newRequested(in *wire.RequestCertificateInput) (*Certificate, error) {
	c := &Certificate{
		Type: AmazonIssued, Validation: defaultValidation, DomainName: strings.ToLower(*in.DomainName), Transparency: enabled,
		Token: awsapi.Val(in.IdempotencyToken), Authority: awsapi.Val(in.CertificateAuthorityArn), ManagedBy: awsapi.Val(in.ManagedBy),
	}
	if len(c.DomainName) > maxFirstName {
		// unverified against AWS: the code and the text.
		return nil, awsapi.Errorf("InvalidParameterException", "The first domain name can have at most %d characters.", maxFirstName)
	}
	c.Names = []string{c.DomainName}
	for _, n := range in.SubjectAlternativeNames {
		if n = strings.ToLower(n); !slices.Contains(c.Names, n) {
			c.Names = append(c.Names, n)
		}
	}
	if in.ValidationMethod != nil {
		c.Validation = *in.ValidationMethod
	}
	if c.Authority != "" {
		c.Type, c.Validation = Private, ""
	}
	if in.Options != nil {
		c.setOptions(in.Options)
	}
	if algorithm := awsapi.Val(in.KeyAlgorithm); algorithm == "RSA_1024" {
		// unverified against AWS: the code and the text. Keys so short can be imported only.
		return nil, awsapi.Errorf("InvalidParameterException", "The key algorithm %s is not supported for requested certificates.", algorithm)
	}
	for _, o := range in.DomainValidationOptions {
		of, to := strings.ToLower(awsapi.Val(o.DomainName)), strings.ToLower(awsapi.Val(o.ValidationDomain))
		if !slices.Contains(c.Names, of) || apex(of) != to && !strings.HasSuffix(apex(of), "."+to) {
			// unverified against AWS: the text.
			return nil, awsapi.Errorf("InvalidDomainValidationOptionsException", "The validation domain %s is not the domain %s or one above it.", to, of)
		}
		if c.ValidationDomains == nil {
			c.ValidationDomains = map[string]string{}
		}
		c.ValidationDomains[of] = to
	}
	var err error
	c.Tags, err = newTags(nil, in.Tags)
	return c, err
}

// requested finds the certificate that an earlier request of the same token made. AWS:
// a token holds for an hour.
func (tx *txn) requested(want *Certificate) *wire.RequestCertificateOutput {
	if want.Token == "" {
		return nil
	}
	for _, c := range certificates.List(tx.Tx, tx.scope, "") {
		if c.Token == want.Token && c.DomainName == want.DomainName && tx.s.Now().Sub(c.Created) < tokenTime {
			return &wire.RequestCertificateOutput{CertificateArn: &c.ARN}
		}
	}
	return nil
}

// issue gives a certificate a new key and has it certified.
func (s *Service) issue(c *Certificate, algorithm string) error {
	key, err := newKey(algorithm)
	if err != nil {
		return fmt.Errorf("key for %s: %w", c.DomainName, err)
	}
	if c.Key, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return fmt.Errorf("key for %s: %w", c.DomainName, err)
	}
	if c.Chain, err = s.Issue(c.Names, key.Public()); err != nil {
		return fmt.Errorf("issue a certificate for %s: %w", c.DomainName, err)
	}
	return nil
}

func (c *Certificate) setOptions(o *wire.CertificateOptions) {
	if o.CertificateTransparencyLoggingPreference != nil {
		c.Transparency = *o.CertificateTransparencyLoggingPreference
	}
	if o.Export != nil {
		c.Export = *o.Export
	}
}

// apex is a name without its wildcard: the two are validated as one.
func apex(name string) string { return strings.TrimPrefix(name, "*.") }
