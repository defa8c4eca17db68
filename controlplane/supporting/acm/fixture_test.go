package acm_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/smithy-go"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/acm"
)

var epoch = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// missing is the ARN of no certificate.
const missing = "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000"

// year is for how long the fixture's authority issues.
const year = 365 * 24 * time.Hour

type fixture struct {
	*testing.T
	*sdk.Client
	svc   *acm.Service
	now   time.Time
	ca    *authority
	users map[string][]string // by certificate
	// other gives a client of another account or region of the same service.
	other func(account, region string) *sdk.Client
}

func newFixture(t *testing.T, change ...func(*acm.Config)) *fixture {
	t.Helper()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, now: epoch, users: map[string][]string{}}
	f.ca = newAuthority(t, "root", nil)
	cfg := acm.Config{
		DB: db, Now: func() time.Time { return f.now },
		InUseBy: func(_ *store.Tx, arn string) []string { return f.users[arn] },
		Issue: func(names []string, key crypto.PublicKey) ([][]byte, error) {
			leaf := &x509.Certificate{SerialNumber: big.NewInt(0xa1b203), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
				NotBefore: f.now, NotAfter: f.now.Add(year), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
			return [][]byte{f.ca.sign(t, leaf, key), f.ca.cert.Raw}, nil
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	f.svc = acm.New(cfg)
	mux := f.svc.Mux()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Credential=ACCOUNT/DATE/REGION/…: enough of the front door for a test.
		_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		parts := strings.Split(credential, "/")
		mux.ServeHTTP(w, r.WithContext(awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: parts[0], Region: parts[2]})))
	}))
	t.Cleanup(srv.Close)
	f.other = func(account, region string) *sdk.Client {
		return sdk.New(sdk.Options{BaseEndpoint: &srv.URL, Region: region, Retryer: aws.NopRetryer{},
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: account, SecretAccessKey: "test"}, nil
			})})
	}
	f.Client = f.other("000000000000", "us-east-1")
	return f
}

func must[Out any](f *fixture) func(*Out, error) *Out {
	return func(out *Out, err error) *Out {
		f.Helper()
		if err != nil {
			f.Fatal(err)
		}
		return out
	}
}

func (f *fixture) refused(err error, code, message string) {
	f.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || api.ErrorMessage() != message {
		f.Errorf("got  %v\nwant %s: %s", err, code, message)
	}
}

// request asks for a certificate with a key that is quick to make.
func (f *fixture) request(name string, change ...func(*sdk.RequestCertificateInput)) string {
	f.Helper()
	in := &sdk.RequestCertificateInput{DomainName: &name, ValidationMethod: types.ValidationMethodDns, KeyAlgorithm: types.KeyAlgorithmEcPrime256v1}
	for _, c := range change {
		c(in)
	}
	return *must[sdk.RequestCertificateOutput](f)(f.RequestCertificate(f.Context(), in)).CertificateArn
}

func (f *fixture) describe(arn string) *types.CertificateDetail {
	f.Helper()
	return must[sdk.DescribeCertificateOutput](f)(f.DescribeCertificate(f.Context(), &sdk.DescribeCertificateInput{CertificateArn: &arn})).Certificate
}

// transparency reads an option that the SDK discourages and that AWS shows all the same.
func transparency(c *types.CertificateDetail) types.CertificateTransparencyLoggingPreference {
	return c.Options.CertificateTransparencyLoggingPreference //nolint:staticcheck // see above
}

// list gives the ARNs that a call lists.
func (f *fixture) list(in *sdk.ListCertificatesInput) []string {
	f.Helper()
	var arns []string
	for _, c := range must[sdk.ListCertificatesOutput](f)(f.ListCertificates(f.Context(), in)).CertificateSummaryList {
		arns = append(arns, *c.CertificateArn)
	}
	return arns
}

// authority issues certificates for a test.
type authority struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	parent *authority
}

// newAuthority makes one of its own (parent nil), or below another.
func newAuthority(t testing.TB, name string, parent *authority) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, parent: parent}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: epoch.Add(-year), NotAfter: epoch.Add(10 * year),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	signer := a
	if parent != nil {
		signer = parent
	}
	der := signer.sign(t, a.cert, &key.PublicKey)
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) sign(t testing.TB, cert *x509.Certificate, key crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// chain is the PEM of an authority and of those above it.
func (a *authority) chain() []byte {
	var out []byte
	for ; a != nil; a = a.parent {
		out = append(out, certPEM(a.cert.Raw)...)
	}
	return out
}

// issue gives the PEM of a certificate and of its key.
func (a *authority) issue(t *testing.T, key crypto.Signer, names ...string) (cert, private []byte) {
	t.Helper()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: names[0], Organization: []string{"Pets"}}, DNSNames: slices.Clone(names),
		NotBefore: epoch.Add(-time.Hour), NotAfter: epoch.Add(year)}
	return certPEM(a.sign(t, leaf, key.Public())), keyPEM(t, key)
}

func certPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func keyPEM(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
