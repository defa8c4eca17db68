package emulator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// requestCertificate asks for one with a key that is quick to make.
func requestCertificate(t *testing.T, p *emulatortest.Postern, name string, others ...string) string {
	t.Helper()
	out, err := p.ACM().RequestCertificate(t.Context(), &acm.RequestCertificateInput{
		DomainName: &name, SubjectAlternativeNames: others, ValidationMethod: acmtypes.ValidationMethodDns, KeyAlgorithm: acmtypes.KeyAlgorithmEcPrime256v1})
	if err != nil {
		t.Fatal(err)
	}
	return *out.CertificateArn
}

// importCertificate takes in a server's certificate of an authority, in place of the
// one of an ARN or as a new one.
func importCertificate(t *testing.T, p *emulatortest.Postern, ca *pki, name, inPlaceOf string) string {
	t.Helper()
	der, key := ca.issue(t, name, false)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	in := &acm.ImportCertificateInput{CertificateChain: ca.pem(),
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})}
	if inPlaceOf != "" {
		in.CertificateArn = &inPlaceOf
	}
	out, err := p.ACM().ImportCertificate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *out.CertificateArn
}

func createDomainWith(t *testing.T, p *emulatortest.Postern, in apigateway.CreateDomainNameInput, endpoint v1types.EndpointType) {
	t.Helper()
	in.EndpointConfiguration = &v1types.EndpointConfiguration{Types: []v1types.EndpointType{endpoint}}
	if _, err := p.APIGateway().CreateDomainName(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
}

// shown describes the certificate that a client is shown who asks for a name: its
// subject, and how many certificates come with it.
func shown(t *testing.T, p *emulatortest.Postern, name string) (subject string, chain int) {
	t.Helper()
	own, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	// Whether to trust it is not the question here.
	dialer := &tls.Dialer{Config: &tls.Config{ServerName: name, InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(t.Context(), "tcp", own.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	certs := conn.(*tls.Conn).ConnectionState().PeerCertificates
	return certs[0].Subject.CommonName, len(certs)
}

func TestDomainsShowTheirCertificates(t *testing.T) {
	dir := t.TempDir()
	keep := func(c *emulator.Config) { c.DataDir = dir }
	p := emulatortest.Start(t, keep)
	rest := createREST(t, p, "blue")
	requested, ca := requestCertificate(t, p, "example.com", "*.example.com", "*.deep.example.com"), newPKI(t, "own authority")
	imported := importCertificate(t, p, ca, "own.example.com", "")

	name := func(s string) *string { return &s }
	createDomainWith(t, p, apigateway.CreateDomainNameInput{DomainName: name("regional.example.com"), RegionalCertificateArn: &requested}, v1types.EndpointTypeRegional)
	createDomainWith(t, p, apigateway.CreateDomainNameInput{DomainName: name("edge.example.com"), CertificateArn: &requested}, v1types.EndpointTypeEdge)
	createDomainWith(t, p, apigateway.CreateDomainNameInput{DomainName: name("private.example.com"), CertificateArn: &requested}, v1types.EndpointTypePrivate)
	createDomainWith(t, p, apigateway.CreateDomainNameInput{DomainName: name("own.example.com"), RegionalCertificateArn: &imported}, v1types.EndpointTypeRegional)
	createDomainWith(t, p, apigateway.CreateDomainNameInput{DomainName: name("*.deep.example.com"), RegionalCertificateArn: &requested}, v1types.EndpointTypeRegional)
	createDomain(t, p, "elsewhere.example.com", "")
	mapAPI(t, p, "regional.example.com", "", rest, "dev")

	check := func(p *emulatortest.Postern) {
		t.Helper()
		for _, tc := range []struct {
			name, subject string
			chain         int
		}{
			{"regional.example.com", "example.com", 2},
			{"Edge.example.com", "example.com", 2},
			{"private.example.com", "example.com", 2},
			{"a.deep.example.com", "example.com", 2},
			{"own.example.com", "own.example.com", 2},
			{"elsewhere.example.com", "Postern", 2},
			{"other.example.com", "Postern", 2},
		} {
			if subject, chain := shown(t, p, tc.name); subject != tc.subject || chain != tc.chain {
				t.Errorf("%s is shown %s and %d in all, want %s and %d", tc.name, subject, chain, tc.subject, tc.chain)
			}
		}
		// The authority that issued it is the one that clients trust already.
		if code, body := browse(t, p)("https://regional.example.com/pets"); code != 200 {
			t.Errorf("%d %s", code, body)
		}
	}
	check(p)

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Fatal(err)
	}
	p = emulatortest.Start(t, keep)
	check(p)

	// Another certificate under the ARN is shown at once.
	importCertificate(t, p, newPKI(t, "another authority"), "own.example.com", imported)
	if _, err := p.APIGatewayV2().UpdateDomainName(t.Context(), &apigatewayv2.UpdateDomainNameInput{DomainName: name("regional.example.com"),
		DomainNameConfigurations: []v2types.DomainNameConfiguration{{CertificateArn: &imported}}}); err == nil || !strings.Contains(err.Error(), "is not covered by the provided certificate") {
		t.Errorf("a certificate for another name: %v", err)
	}
	inUse := func(arn string) error {
		_, err := p.ACM().DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: &arn})
		return err
	}
	if err := inUse(imported); err == nil || !strings.Contains(err.Error(), "ResourceInUseException") {
		t.Errorf("a certificate in use: %v", err)
	}
	if _, err := p.APIGateway().DeleteDomainName(t.Context(), &apigateway.DeleteDomainNameInput{DomainName: name("own.example.com")}); err != nil {
		t.Fatal(err)
	}
	if err := inUse(imported); err != nil {
		t.Error(err)
	}
	if res := post(t, p.URL()+"/_postern/reset", ""); res.StatusCode != 200 {
		t.Fatal(res.Status)
	}
	if subject, _ := shown(t, p, "regional.example.com"); subject != "Postern" {
		t.Errorf("after a reset %s is shown", subject)
	}
}

// TestDomainsShowUploadedCertificates has a certificate come with a domain name, as was
// done before there was ACM.
func TestDomainsShowUploadedCertificates(t *testing.T) {
	var log bytes.Buffer
	dir := t.TempDir()
	keep := func(c *emulator.Config) {
		c.Strict, c.DataDir, c.Log = true, dir, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	p := emulatortest.Start(t, keep)
	ca := newPKI(t, "own authority")
	der, key := ca.issue(t, "up.example.com", false)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) *string {
		return aws.String(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
	}
	createDomainWith(t, p, apigateway.CreateDomainNameInput{
		DomainName: aws.String("up.example.com"), CertificateName: aws.String("mine"), CertificateBody: block("CERTIFICATE", der),
		CertificatePrivateKey: block("PRIVATE KEY", pkcs8), CertificateChain: aws.String(string(ca.pem())),
	}, v1types.EndpointTypeEdge)
	if subject, chain := shown(t, p, "up.example.com"); subject != "up.example.com" || chain != 2 {
		t.Errorf("%s is shown, and %d in all", subject, chain)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	end := func() {
		t.Helper()
		if err := p.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	end()
	p = emulatortest.Start(t, keep)
	if subject, chain := shown(t, p, "up.example.com"); subject != "up.example.com" || chain != 2 {
		t.Errorf("after a restart %s is shown, and %d in all", subject, chain)
	}
	end()
	if text := log.String(); strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, base64.StdEncoding.EncodeToString(pkcs8)[:40]) {
		t.Errorf("the key is in the log: %s", text)
	}
}

// TestMutualTLSWithOwnCertificate has both ends show certificates that Postern did not issue.
func TestMutualTLSWithOwnCertificate(t *testing.T) {
	clients, servers := newPKI(t, "clients"), newPKI(t, "servers")
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(clients.pem()) }))
	t.Cleanup(s3.Close)
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Upstreams = map[string]string{"s3": s3.URL} })
	rest := createREST(t, p, "blue")
	own, proof := importCertificate(t, p, servers, "tls.example.com", ""), requestCertificate(t, p, "tls.example.com")
	in := &apigatewayv2.CreateDomainNameInput{DomainName: aws.String("tls.example.com"), DomainNameConfigurations: []v2types.DomainNameConfiguration{{CertificateArn: &own}},
		MutualTlsAuthentication: &v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/bundle.pem")}}
	if _, err := p.APIGatewayV2().CreateDomainName(t.Context(), in); err == nil || !strings.Contains(err.Error(), "BadRequestException: Missing ownershipVerificationCertificate.") {
		t.Errorf("without a proof of whose the domain is: %v", err)
	}
	in.DomainNameConfigurations[0].OwnershipVerificationCertificateArn = &proof
	if _, err := p.APIGatewayV2().CreateDomainName(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	mapAPI(t, p, "tls.example.com", "", rest, "dev")
	described, err := p.ACM().DescribeCertificate(t.Context(), &acm.DescribeCertificateInput{CertificateArn: &proof})
	if err != nil || len(described.Certificate.InUseBy) != 1 {
		t.Errorf("the proof is in use by %+v, %v", described, err)
	}

	addr, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(servers.cert)
	visit := func(certs ...tls.Certificate) (int, string) {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "tls.example.com", Certificates: certs}}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+addr.Host+"/pets", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "tls.example.com"
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if code, body := visit(clients.client(t, "friend")); code != 200 || body != "rest tls.example.com tls /pets pets blue CN=friend" {
		t.Errorf("a client with a certificate: %d %s", code, body)
	}
	if code, body := visit(); code != 403 || body != forbiddenBody {
		t.Errorf("a client without one: %d %s", code, body)
	}
}
