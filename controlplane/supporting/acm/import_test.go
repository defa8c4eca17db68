package acm_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/google/go-cmp/cmp"
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestImportedCertificate(t *testing.T) {
	f := newFixture(t)
	middle := newAuthority(t, "middle", f.ca)
	cert, key := middle.issue(t, newKey(t), "a.example.com", "*.example.com")
	arn := *must[sdk.ImportCertificateOutput](f)(f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{
		Certificate: cert, PrivateKey: key, CertificateChain: middle.chain(), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("pets")}}})).CertificateArn
	got := f.describe(arn)
	if got.Type != types.CertificateTypeImported || got.Status != types.CertificateStatusIssued || *got.DomainName != "a.example.com" || *got.Issuer != "middle" || *got.Serial != "07" ||
		*got.Subject != "CN=a.example.com,O=Pets" || got.IssuedAt != nil || !got.ImportedAt.Equal(epoch) || got.DomainValidationOptions != nil || got.RenewalEligibility != types.RenewalEligibilityIneligible ||
		transparency(got) != types.CertificateTransparencyLoggingPreferenceDisabled || got.KeyUsages[0].Name != "ANY" || got.ExtendedKeyUsages[0].Name != "NONE" {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"a.example.com", "*.example.com"}, got.SubjectAlternativeNames); diff != "" {
		t.Error(diff)
	}
	out := must[sdk.GetCertificateOutput](f)(f.GetCertificate(t.Context(), &sdk.GetCertificateInput{CertificateArn: &arn}))
	if *out.Certificate != string(cert) || *out.CertificateChain != string(middle.chain()) {
		t.Errorf("not what was imported:\n%s%s", *out.Certificate, *out.CertificateChain)
	}
	if shown := f.svc.TLSCertificate(arn); shown == nil || len(shown.Certificate) != 3 {
		t.Errorf("clients are shown %+v", shown)
	}

	// Again, later: another certificate under the ARN.
	before := f.svc.TLSCertificate(arn)
	f.now = epoch.Add(time.Hour)
	self := newAuthority(t, "self.example.com", nil)
	must[sdk.ImportCertificateOutput](f)(f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{CertificateArn: &arn, Certificate: self.chain(), PrivateKey: keyPEM(t, self.key)}))
	got = f.describe(arn)
	if *got.DomainName != "self.example.com" || !got.ImportedAt.Equal(f.now) || !got.CreatedAt.Equal(epoch) {
		t.Errorf("%+v", got)
	}
	if out := must[sdk.GetCertificateOutput](f)(f.GetCertificate(t.Context(), &sdk.GetCertificateInput{CertificateArn: &arn})); out.CertificateChain != nil {
		t.Errorf("a chain is left: %s", *out.CertificateChain)
	}
	if after := f.svc.TLSCertificate(arn); after == before || after == nil || !after.Leaf.Equal(self.cert) {
		t.Errorf("clients are still shown the old one")
	}
	if tags := must[sdk.ListTagsForCertificateOutput](f)(f.ListTagsForCertificate(t.Context(), &sdk.ListTagsForCertificateInput{CertificateArn: &arn})).Tags; len(tags) != 1 {
		t.Errorf("tags are %v", tags)
	}
}

// TestKeyForms imports keys as they are about.
func TestKeyForms(t *testing.T) {
	f := newFixture(t)
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	small := newKey(t)
	ec, err := x509.MarshalECPrivateKey(small)
	if err != nil {
		t.Fatal(err)
	}
	rsaCert, pkcs8 := f.ca.issue(t, large, "a.example.com")
	ecCert, _ := f.ca.issue(t, small, "b.example.com")
	for name, tc := range map[string]struct{ cert, key []byte }{
		"PKCS #8": {rsaCert, pkcs8},
		"PKCS #1": {rsaCert, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(large)})},
		"SEC 1":   {ecCert, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ec})},
	} {
		if _, err := f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: tc.cert, PrivateKey: tc.key, CertificateChain: f.ca.chain()}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportRefusals(t *testing.T) {
	f := newFixture(t)
	cert, key := f.ca.issue(t, newKey(t), "a.example.com")
	middle, stranger := newAuthority(t, "middle", f.ca), newAuthority(t, "stranger", nil)
	deep, deepKey := middle.issue(t, newKey(t), "a.example.com")
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, edwardsKey := f.ca.issue(t, private, "a.example.com")
	odd, err := rsa.GenerateKey(rand.Reader, 1536)
	if err != nil {
		t.Fatal(err)
	}
	oddCert, oddKey := f.ca.issue(t, odd, "a.example.com")
	requested := f.request("a.example.com")
	const (
		unreadable = "Unable to parse certificate. Please ensure the certificate is in PEM format."
		order      = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: "
	)
	for name, tc := range map[string]struct {
		in   sdk.ImportCertificateInput
		want string
	}{
		"no PEM":              {sdk.ImportCertificateInput{Certificate: []byte("rubbish"), PrivateKey: key}, unreadable},
		"no certificate":      {sdk.ImportCertificateInput{Certificate: key, PrivateKey: key}, unreadable},
		"bad certificate":     {sdk.ImportCertificateInput{Certificate: certPEM([]byte("x")), PrivateKey: key}, unreadable},
		"two certificates":    {sdk.ImportCertificateInput{Certificate: join(cert, f.ca.chain()), PrivateKey: key}, "The certificate field contains more than one certificate. You can specify only one certificate in this field."},
		"another's key":       {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: deepKey, CertificateChain: f.ca.chain()}, "The private key does not match the certificate."},
		"another kind of key": {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: oddKey, CertificateChain: f.ca.chain()}, "The private key does not match the certificate."},
		"no key":              {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: []byte("rubbish"), CertificateChain: f.ca.chain()}, "The private key is not supported."},
		"unknown algorithm":   {sdk.ImportCertificateInput{Certificate: edwards, PrivateKey: edwardsKey, CertificateChain: f.ca.chain()}, "The private key is not supported."},
		"odd length":          {sdk.ImportCertificateInput{Certificate: oddCert, PrivateKey: oddKey, CertificateChain: f.ca.chain()}, "The private key length 1536 is not supported for key algorithm."},
		"no chain": {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key},
			"Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain."},
		"chain without PEM":     {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: []byte("rubbish")}, "The certificate body/chain provided is not in a valid PEM format"},
		"another's chain":       {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: stranger.chain()}, "Could not validate the certificate with the certificate chain."},
		"chain with itself":     {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: join(cert, f.ca.chain())}, order + "0"},
		"chain with a stranger": {sdk.ImportCertificateInput{Certificate: deep, PrivateKey: deepKey, CertificateChain: join(certPEM(middle.cert.Raw), stranger.chain())}, order + "1"},
		"in place of an issued": {sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: f.ca.chain(), CertificateArn: &requested},
			"The certificate " + requested + " was not imported and cannot be replaced."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.ImportCertificate(t.Context(), &tc.in)
			f.refused(err, "ValidationException", tc.want)
		})
	}
	_, err = f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: f.ca.chain(), CertificateArn: aws.String(missing)})
	f.refused(err, "ResourceNotFoundException", "Could not find certificate "+missing+".")
	_, err = f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: f.ca.chain(), CertificateArn: aws.String(missing), Tags: []types.Tag{{Key: aws.String("k")}}})
	f.refused(err, "InvalidParameterException", "Tagging is not permitted on re-import.")
	for _, when := range []time.Time{epoch.Add(-2 * time.Hour), epoch.Add(2 * year)} {
		f.now = when
		_, err = f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: cert, PrivateKey: key, CertificateChain: f.ca.chain()})
		f.refused(err, "ValidationException", "The certificate is not within its validity period.")
	}
	all := &sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()}}
	if got := f.list(all); len(got) != 1 || got[0] != requested {
		t.Errorf("refused imports left %v", got)
	}
}
