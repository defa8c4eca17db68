package acm_test

import (
	"crypto"
	"errors"
	"testing"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/acm"
)

// FuzzImport throws anything at what reads certificates: it is refused in AWS's way, or
// can be shown to clients.
func FuzzImport(f *testing.F) {
	db, err := store.Open("")
	if err != nil {
		f.Fatal(err)
	}
	svc := acm.New(acm.Config{DB: db, Now: func() time.Time { return epoch }, Issue: func([]string, crypto.PublicKey) ([][]byte, error) {
		return nil, errors.New("nothing is requested here")
	}})
	importCertificate := acm.ImportCertificate(svc)
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), []byte(nil))
	self := newAuthority(f, "self.example.com", nil)
	f.Add(self.chain(), keyPEM(f, self.key), []byte(nil))
	f.Add([]byte("rubbish"), []byte(""), []byte("-----BEGIN"))
	f.Fuzz(func(t *testing.T, cert, key, chain []byte) {
		out, err := importCertificate(t.Context(), &wire.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: chain})
		if err != nil {
			if _, ok := awsapi.AsError(err); !ok {
				t.Errorf("not an answer of AWS's: %v", err)
			}
			return
		}
		if svc.TLSCertificate(*out.CertificateArn) == nil {
			t.Error("what was imported cannot be shown")
		}
	})
}
