package integration

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

// ClientTLS is what sets a backend's TLS apart. The zero value is the usual: its
// certificate is verified by the name in its address, and it is shown none.
type ClientTLS struct {
	// ServerName, where set, is the name that TLS asks for and verifies.
	ServerName string
	// AnyIssuer accepts certificates whoever signed them.
	AnyIssuer bool
	// Certificate, where set, is shown to backends that ask for one.
	Certificate *ClientCertificate
}

// ClientCertificate is a key pair with an id that no other has.
type ClientCertificate struct {
	ID   string
	Pair tls.Certificate
}

// tlsKey tells transports apart.
type tlsKey struct {
	serverName, certificate string
	anyIssuer               bool
}

func (c *ClientTLS) key() tlsKey {
	key := tlsKey{serverName: c.ServerName, anyIssuer: c.AnyIssuer}
	if c.Certificate != nil {
		key.certificate = c.Certificate.ID
	}
	return key
}

func (c *ClientTLS) config() *tls.Config {
	out := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.ServerName}
	if c.Certificate != nil {
		out.Certificates = []tls.Certificate{c.Certificate.Pair}
	}
	if c.AnyIssuer {
		// What verifyAnyIssuer checks takes the place of the usual checks.
		out.InsecureSkipVerify = true
		out.VerifyConnection = verifyAnyIssuer
	}
	return out
}

var errNoCertificate = errors.New("the backend showed no certificate")

// verifyAnyIssuer checks a certificate but for who issued it. AWS: the host's name and
// the dates have to be right even so.
func verifyAnyIssuer(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errNoCertificate
	}
	shown := x509.NewCertPool()
	for _, c := range state.PeerCertificates {
		shown.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: state.ServerName, Roots: shown})
	return err
}

// transport gives the connections of a kind of TLS.
func (b *Backends) transport(c *ClientTLS) *http.Transport {
	key := c.key()
	if key == (tlsKey{}) {
		return b.plain
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.others[key]
	if t == nil {
		t = b.newTransport(c.config())
		b.others[key] = t
	}
	return t
}
