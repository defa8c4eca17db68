package domains_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern/postern/controlplane/domains"
	"github.com/postern/postern/controlplane/store"
)

// issued is a certificate with its key, signed by an issuer or, if nil, by itself.
type issued struct {
	cert     *x509.Certificate
	private  *ecdsa.PrivateKey
	pem, key string
}

func issue(t *testing.T, by *issued, subject string, names ...string) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: subject}, DNSNames: names,
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), IsCA: names == nil, BasicConstraintsValid: true,
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return &issued{cert, key, block("CERTIFICATE", der), block("PRIVATE KEY", private)}
}

func TestUploadedCertificate(t *testing.T) {
	f := newFixture(t)
	root := issue(t, nil, "root")
	middle := issue(t, root, "middle")
	leaf := issue(t, middle, "x", "up.example.com", "*.wild.example.com")
	other := issue(t, nil, "other", "up.example.com")
	upload := func(name, body, key, chain string) *v1.CreateDomainNameInput {
		in := &v1.CreateDomainNameInput{DomainName: &name, CertificateName: aws.String("mine"), CertificateBody: &body, CertificatePrivateKey: &key}
		if chain != "" {
			in.CertificateChain = &chain
		}
		return in
	}
	const chain = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. (Service: AmazonIdentityManagement; Status Code: 400; Error Code: MalformedCertificate)"
	const together = "The certificate body, private key and name provided are not valid together"
	for name, tc := range map[string]struct {
		in   *v1.CreateDomainNameInput
		want string
	}{
		"no PEM":         {upload("up.example.com", "x", leaf.key, ""), "Invalid Public Key Certificate. (Service: AmazonIdentityManagement; Status Code: 400; Error Code: MalformedCertificate)"},
		"two":            {upload("up.example.com", leaf.pem+middle.pem, leaf.key, ""), "Invalid Public Key Certificate. (Service: AmazonIdentityManagement; Status Code: 400; Error Code: MalformedCertificate)"},
		"key for body":   {upload("up.example.com", leaf.key, leaf.key, ""), "Invalid Public Key Certificate. (Service: AmazonIdentityManagement; Status Code: 400; Error Code: MalformedCertificate)"},
		"no key":         {upload("up.example.com", leaf.pem, "x", ""), "Invalid Private Key. (Service: AmazonIdentityManagement; Status Code: 400; Error Code: MalformedCertificate)"},
		"another's key":  {upload("up.example.com", leaf.pem, other.key, ""), "The public key certificate and the private key do not match. (Service: AmazonIdentityManagement; Status Code: 400; Error Code: KeyPairMismatch)"},
		"another's name": {upload("down.example.com", leaf.pem, leaf.key, ""), "The domain name to be created is not covered by the provided certificate."},
		"chain order":    {upload("up.example.com", leaf.pem, leaf.key, root.pem+middle.pem), chain},
		"chain rubbish":  {upload("up.example.com", leaf.pem, leaf.key, "x"), chain},
		"another chain":  {upload("up.example.com", other.pem, other.key, middle.pem), chain},
		"no body":        {upload("up.example.com", "", leaf.key, ""), together},
		"chain alone":    {upload("up.example.com", "", "", middle.pem), together},
		"name alone":     {upload("up.example.com", "", "", ""), "A certificate was not provided for the endpoint type EDGE."},
	} {
		_, err := f.one.CreateDomainName(t.Context(), tc.in)
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		f.refused(err, "BadRequestException", tc.want)
	}
	for _, in := range []*v1.CreateDomainNameInput{upload("*.wild.example.com", leaf.pem, leaf.key, ""), upload("up.example.com", leaf.pem, leaf.key, middle.pem+root.pem)} {
		out := must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(t.Context(), in))
		shown, err := json.Marshal(out)
		if err != nil || *out.CertificateName != "mine" || strings.Contains(string(shown), "BEGIN") {
			t.Errorf("created %s, %v", shown, err)
		}
	}
	last := f.table.last.Domains[1]
	if last.Certificate == nil || last.Certificate.CertificatePEM != leaf.pem+middle.pem+root.pem || last.Certificate.KeyPEM != leaf.key || last.CertificateARN != "" {
		t.Errorf("the data plane has %+v", last)
	}
	// A certificate of ACM goes before; without a name the uploaded one is gone.
	patch := func(op, path, value string) {
		t.Helper()
		must[v1.UpdateDomainNameOutput](f)(f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String("up.example.com"), PatchOperations: ops(op, path, value)}))
		last = f.table.last.Domains[1]
	}
	if patch("add", "/certificateArn", certificate); last.Certificate != nil || last.CertificateARN != certificate {
		t.Errorf("with an ARN the data plane has %+v", last)
	}
	if patch("remove", "/certificateArn", ""); last.Certificate == nil || last.CertificateARN != "" {
		t.Errorf("without the ARN the data plane has %+v", last)
	}
	_, err := f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String("up.example.com"), PatchOperations: ops("remove", "/certificateName", "")})
	f.refused(err, "BadRequestException", "A certificate was not provided for the endpoint type EDGE.")
}

// A domain that was made when certificates that came with it were not kept goes by
// their name.
func TestUpdateOfUnkeptCertificate(t *testing.T) {
	f := newFixture(t)
	leaf := issue(t, nil, "x", "up.example.com")
	name := aws.String("up.example.com")
	must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{
		DomainName: name, CertificateName: aws.String("mine"), CertificateBody: &leaf.pem, CertificatePrivateKey: &leaf.key,
	}))
	err := f.db.Update(t.Context(), func(tx *store.Tx) error {
		records := store.NewTable[domains.Domain]("domains.domain")
		for _, e := range records.All(tx) {
			d, _ := records.Edit(tx, e.Scope, *name)
			d.Certificate = nil
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out := must[v1.UpdateDomainNameOutput](f)(f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: name, PatchOperations: ops("replace", "/securityPolicy", "TLS_1_0")}))
	if aws.ToString(out.CertificateName) != "mine" || out.SecurityPolicy != "TLS_1_0" {
		t.Errorf("got %+v", out)
	}
}
