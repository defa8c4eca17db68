package domains

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"time"

	"github.com/postern/postern/runtime/reqcontext"
)

// longestChain is how many certificates may lie between a client's and one that the
// truststore has, both counted.
const longestChain = 4

// truststore vouches for client certificates.
type truststore struct{ roots *x509.CertPool }

// newTruststore takes the certificates out of a PEM bundle. One that cannot be read
// vouches for nobody; the control plane has warned of it.
func newTruststore(bundle string) *truststore {
	t := &truststore{roots: x509.NewCertPool()}
	t.roots.AppendCertsFromPEM([]byte(bundle))
	return t
}

// verify gives the certificate that a client showed, or nil when it showed none that
// the truststore vouches for.
//
// AWS checks syntax, signatures, dates and the chain, but neither revocation nor what
// the certificate is meant for.
func (t *truststore) verify(state *tls.ConnectionState, now time.Time) *reqcontext.ClientCert {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0]
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil
	}
	for _, chain := range chains {
		if len(chain) <= longestChain {
			return describe(leaf)
		}
	}
	return nil
}

// certTime is how dates of certificates are written: "Aug  5 09:36:04 2021 GMT".
const certTime = "Jan _2 15:04:05 2006 GMT"

func describe(c *x509.Certificate) *reqcontext.ClientCert {
	return &reqcontext.ClientCert{
		PEM:          string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})),
		SubjectDN:    c.Subject.String(),
		IssuerDN:     c.Issuer.String(),
		SerialNumber: serial(c.SerialNumber),
		NotBefore:    c.NotBefore.UTC().Format(certTime),
		NotAfter:     c.NotAfter.UTC().Format(certTime),
	}
}

// serial writes a serial number as AWS's examples do: "a1:a1:a1".
func serial(n *big.Int) string {
	raw := n.Bytes()
	if len(raw) == 0 {
		raw = []byte{0}
	}
	out := make([]byte, 0, 3*len(raw))
	for i, b := range raw {
		if i > 0 {
			out = append(out, ':')
		}
		out = hex.AppendEncode(out, []byte{b})
	}
	return string(out)
}
