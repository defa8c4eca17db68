package acm

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
	"github.com/postern/postern/controlplane/store"
)

// renewalTime is how long before its end AWS renews a certificate that it issued.
const renewalTime = 60 * 24 * time.Hour

func (s *Service) deleteCertificate(ctx context.Context, in *wire.DeleteCertificateInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		c, err := tx.find(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		if len(tx.users(c)) > 0 {
			return nil, tx.inUse(c)
		}
		certificates.Delete(tx.Tx, tx.scope, c.ARN)
		return nil, nil
	})
}

func (tx *txn) inUse(c *Certificate) error {
	return awsapi.Errorf("ResourceInUseException", "Certificate %s in account %s is in use.", c.ARN, tx.scope.Account)
}

// renewCertificate issues a certificate anew, under the same ARN.
func (s *Service) renewCertificate(ctx context.Context, in *wire.RenewCertificateInput) (*awsapi.Empty, error) {
	c, err := read(ctx, s, func(tx *txn) (*Certificate, error) {
		c, err := tx.find(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		if c.eligibility(tx.users(c)) != "ELIGIBLE" {
			// unverified against AWS: the text.
			return nil, awsapi.Validation("Certificate " + c.ARN + " is not eligible for renewal.")
		}
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	return nil, s.renew(ctx, scopeOf(ctx), c)
}

// renew makes a new key and certificate before its transaction.
func (s *Service) renew(ctx context.Context, scope store.Scope, c *Certificate) error {
	fresh := *c
	if err := s.issue(&fresh, keyAlgorithm(c.leaf().PublicKey)); err != nil {
		return err
	}
	return s.DB.Update(ctx, func(tx *store.Tx) error {
		have, ok := certificates.Edit(tx, scope, c.ARN)
		if !ok {
			return (&txn{tx, s, scope}).missing(c.ARN)
		}
		have.Chain, have.Key, have.Renewed = fresh.Chain, fresh.Key, s.now()
		return nil
	})
}

// Restore renews what the store holds and will expire soon, once at start. AWS renews
// what is in use or exported, by itself.
func (s *Service) Restore(ctx context.Context) error {
	var due []store.Entry[Certificate]
	err := s.DB.View(func(tx *store.Tx) error {
		for _, e := range certificates.All(tx) {
			if e.Rec.eligibility(s.InUseBy(tx, e.Rec.ARN)) == "ELIGIBLE" && s.Now().After(e.Rec.leaf().NotAfter.Add(-renewalTime)) {
				due = append(due, e)
			}
		}
		return nil
	})
	for _, e := range due {
		if err == nil {
			err = s.renew(ctx, e.Scope, e.Rec)
		}
	}
	return err
}

// revokeCertificate declares a certificate invalid. AWS: only one that was exported,
// and so may be in anybody's hands, can be revoked.
//
// unverified against AWS: the codes and texts.
func (s *Service) revokeCertificate(ctx context.Context, in *wire.RevokeCertificateInput) (*wire.RevokeCertificateOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.RevokeCertificateOutput, error) {
		c, err := tx.change(in.CertificateArn)
		switch {
		case err != nil:
			return nil, err
		case len(tx.users(c)) > 0:
			return nil, tx.inUse(c)
		case !c.Revoked.IsZero():
			return nil, awsapi.Conflict("Certificate %s is revoked already.", c.ARN)
		case c.Type != AmazonIssued || !c.Exported:
			return nil, awsapi.Conflict("Certificate %s was not exported and cannot be revoked.", c.ARN)
		}
		c.Revoked, c.RevocationReason = s.now(), *in.RevocationReason
		return &wire.RevokeCertificateOutput{CertificateArn: &c.ARN}, nil
	})
}

func (s *Service) updateCertificateOptions(ctx context.Context, in *wire.UpdateCertificateOptionsInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		c, err := tx.change(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		if c.Type != AmazonIssued {
			// unverified against AWS: the text.
			return nil, awsapi.Errorf("InvalidStateException", "The options of certificate %s cannot be changed: it is of type %s.", c.ARN, c.Type)
		}
		c.setOptions(in.Options)
		return nil, nil
	})
}

// resendValidationEmail never sends one: who is asked has answered already, which AWS
// calls a wrong state.
//
// unverified against AWS: the texts.
func (s *Service) resendValidationEmail(ctx context.Context, in *wire.ResendValidationEmailInput) (*awsapi.Empty, error) {
	return read(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		c, err := tx.find(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(c.Names, strings.ToLower(*in.Domain)) {
			return nil, awsapi.Errorf("InvalidDomainValidationOptionsException", "Certificate %s is not for the domain %s.", c.ARN, *in.Domain)
		}
		return nil, awsapi.Errorf("InvalidStateException", "Certificate %s is not waiting to be validated by email.", c.ARN)
	})
}
