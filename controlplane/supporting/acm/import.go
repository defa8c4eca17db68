package acm

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/keypair"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

// importCertificate takes in a certificate; with an ARN, in place of the one that has
// it. AWS: that keeps its ARN, its tags and its users.
func (s *Service) importCertificate(ctx context.Context, in *wire.ImportCertificateInput) (*wire.ImportCertificateOutput, error) {
	chain, key, err := s.checkImport(in)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.ImportCertificateOutput, error) {
		c := &Certificate{Type: Imported, Created: s.now(), Transparency: disabled, Tags: tags}
		if in.CertificateArn != nil {
			var err error
			if c, err = tx.replaced(in); err != nil {
				return nil, err
			}
		} else {
			if certificates.Len(tx.Tx, tx.scope, "") >= maxCertificates {
				return nil, errLimit
			}
			c.ARN = s.newARN(tx.scope)
		}
		c.Imported, c.Chain, c.Key = s.now(), chain, key
		c.DomainName, c.Names = namesOf(c.leaf())
		certificates.Put(tx.Tx, tx.scope, c.ARN, c)
		return &wire.ImportCertificateOutput{CertificateArn: &c.ARN}, nil
	})
}

// replaced gives the certificate that an import is to take the place of.
//
// unverified against AWS: the text for a certificate that was not imported.
func (tx *txn) replaced(in *wire.ImportCertificateInput) (*Certificate, error) {
	if len(in.Tags) > 0 {
		return nil, awsapi.Errorf("InvalidParameterException", "Tagging is not permitted on re-import.")
	}
	c, err := tx.change(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	if c.Type != Imported {
		return nil, awsapi.Validation("The certificate " + c.ARN + " was not imported and cannot be replaced.")
	}
	return c, nil
}

// checkImport takes apart what is to be imported and judges it as AWS does.
//
// unverified against AWS: the texts that say so of themselves.
func (s *Service) checkImport(in *wire.ImportCertificateInput) (chain [][]byte, key []byte, err error) {
	certs, err := keypair.Certificates(in.Certificate)
	switch {
	case err != nil:
		return nil, nil, awsapi.Validation("Unable to parse certificate. Please ensure the certificate is in PEM format.")
	case len(certs) > 1:
		return nil, nil, awsapi.Validation("The certificate field contains more than one certificate. You can specify only one certificate in this field.")
	}
	leaf := certs[0]
	if err := checkValidity(leaf, s.Now()); err != nil {
		return nil, nil, err
	}
	private, err := parseKey(in.PrivateKey, leaf)
	if err != nil {
		return nil, nil, err
	}
	if key, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return nil, nil, errKey
	}
	if chain, err = checkChain(leaf, in.CertificateChain); err != nil {
		return nil, nil, err
	}
	return append([][]byte{leaf.Raw}, chain...), key, nil
}

func checkValidity(leaf *x509.Certificate, now time.Time) error {
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		// unverified against AWS: the text.
		return awsapi.Validation("The certificate is not within its validity period.")
	}
	return nil
}

var errKey = awsapi.Validation("The private key is not supported.")

// parseKey reads the private key that belongs to a certificate.
func parseKey(text []byte, leaf *x509.Certificate) (crypto.PrivateKey, error) {
	key, err := keypair.Key(text)
	switch {
	case err != nil:
		return nil, errKey
	case !keypair.Match(leaf, key):
		// unverified against AWS: the text.
		return nil, awsapi.Validation("The private key does not match the certificate.")
	}
	if keyAlgorithm(leaf.PublicKey) == "" {
		if k, ok := leaf.PublicKey.(*rsa.PublicKey); ok {
			return nil, awsapi.Validation(fmt.Sprintf("The private key length %d is not supported for key algorithm.", k.N.BitLen()))
		}
		return nil, errKey
	}
	return key, nil
}

// checkChain gives what leads from a certificate to its root. AWS: each certificate
// signs the one before it; who has none must have signed himself.
func checkChain(leaf *x509.Certificate, text []byte) ([][]byte, error) {
	if text == nil {
		if !bytes.Equal(leaf.RawIssuer, leaf.RawSubject) || leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) != nil {
			return nil, awsapi.Validation("Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.")
		}
		return nil, nil
	}
	certs, err := keypair.Certificates(text)
	if err != nil {
		return nil, awsapi.Validation("The certificate body/chain provided is not in a valid PEM format")
	}
	var out [][]byte
	below := leaf
	for i, c := range certs {
		switch {
		case below.CheckSignatureFrom(c) == nil:
		case i == 0 && !c.Equal(leaf):
			return nil, awsapi.Validation("Could not validate the certificate with the certificate chain.")
		default:
			return nil, awsapi.Validation(fmt.Sprintf("Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "+
				"followed by any intermediaries in order. The index within the chain of the invalid certificate is: %d", i))
		}
		out, below = append(out, c.Raw), c
	}
	return out, nil
}

// namesOf gives the names that a certificate is for, and the first of them: its
// subject's, where it has one.
func namesOf(cert *x509.Certificate) (first string, all []string) {
	all = slices.Clone(cert.DNSNames)
	if first = cert.Subject.CommonName; first == "" && len(all) > 0 {
		first = all[0]
	}
	if len(all) == 0 && first != "" {
		all = []string{first}
	}
	return first, all
}
