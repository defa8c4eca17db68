package acm

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/postern/postern/controlplane/store"
)

// shown is a certificate made ready for handshakes.
type shown struct {
	of   *Certificate // records do not change: another record is another certificate
	cert *tls.Certificate
}

// TLSCertificate gives the certificate of an ARN as it is shown to clients: with its
// chain, as it was issued or imported. nil: there is none.
func (s *Service) TLSCertificate(arn string) *tls.Certificate {
	if arn == "" {
		return nil
	}
	var c *Certificate
	err := s.DB.View(func(tx *store.Tx) error {
		c, _ = Find(tx, arn)
		return nil
	})
	if err != nil || c == nil {
		s.shown.Delete(arn)
		return nil
	}
	if have, ok := s.shown.Load(arn); ok && have.(*shown).of == c {
		return have.(*shown).cert
	}
	key, err := x509.ParsePKCS8PrivateKey(c.Key)
	if err != nil {
		s.Logger.Error("certificate has no key", "certificate", arn, "err", err)
		return nil
	}
	cert := &tls.Certificate{Certificate: c.Chain, PrivateKey: key, Leaf: c.leaf()}
	s.shown.Store(arn, &shown{c, cert})
	return cert
}
