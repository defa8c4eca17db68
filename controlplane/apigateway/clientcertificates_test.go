package apigateway

import (
	"crypto/tls"
	"testing"
	"time"
)

func TestClientCertificatesAreRealKeyPairs(t *testing.T) {
	at := time.Date(2024, 7, 22, 22, 52, 30, 0, time.UTC)
	s := New(Config{Now: func() time.Time { return at }})
	c, err := s.newClientCertificate()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair([]byte(c.CertificatePEM), []byte(c.KeyPEM))
	if err != nil {
		t.Fatal(err)
	}
	if name := pair.Leaf.Subject.CommonName; name != "ApiGateway" || !pair.Leaf.NotAfter.Equal(at.Add(certificateLife)) {
		t.Errorf("got %s until %s", name, pair.Leaf.NotAfter)
	}
}
