package rest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
)

func TestVPCLinks(t *testing.T) {
	const targetARN = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/pets/1"
	for _, tc := range []struct {
		name string
		key  string // what is configured
		uri  string
		link string
		arn  string
	}{
		{"link", "abc123", "http://internal.example.com:8080/pets", "abc123", ""},
		{"link by a stage variable", "abc123", "http://internal.example.com:8080/pets", "${stageVariables.link}", ""},
		{"load balancer's ARN", targetARN, "http://internal.example.com:8080/pets", "v2link", targetARN},
		{"load balancer's host", "pets-0123.elb.us-east-1.amazonaws.com", "https://Pets-0123.elb.us-east-1.amazonaws.com/pets", "abc123", ""},
	} {
		for _, kind := range []string{"HTTP", "HTTP_PROXY"} {
			t.Run(tc.name+" "+kind, func(t *testing.T) {
				b := newBackend(t)
				a := newAPI(t, func(d *rest.Deps) {
					d.PrivateTarget = func(arn, link string) (string, bool) { return b.URL, arn == tc.key || link == tc.key }
				})
				m := httpMethod(kind, "GET", tc.uri, map[string]string{"integration.request.querystring.q": "'1'"})
				m.Integration.ConnectionType, m.Integration.ConnectionID, m.Integration.Target = "VPC_LINK", tc.link, tc.arn
				a.publish(deployment(resource("/", m)), func(s *snapshot.Stage) { s.Variables = map[string]string{"link": "abc123"} })
				a.send("GET", "/stage", "").is(t, 200, `{"from":"backend"}`, "")
				host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(tc.uri, "http://"), "https://"), "/")
				if b.got.Host != host || b.got.URL.String() != "/pets?q=1" {
					t.Errorf("got %s %s", b.got.Host, b.got.URL)
				}
			})
		}
	}
}

// A target that is out of reach is a fault of the link's configuration.
func TestVPCLinkOutOfReach(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, kind := range []string{"HTTP", "HTTP_PROXY"} {
		a := newAPI(t, func(d *rest.Deps) {
			d.PrivateTarget = func(string, string) (string, bool) { return gone.URL, true }
		})
		m := httpMethod(kind, "GET", "http://internal.example.com/pets", nil)
		m.Integration.ConnectionType, m.Integration.ConnectionID = "VPC_LINK", "abc123"
		a.publish(deployment(resource("/", m)))
		a.send("GET", "/stage", "").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
	}
}

// An API whose link leads nowhere that is known calls the address itself.
func TestVPCLinkWithoutTarget(t *testing.T) {
	b := newBackend(t)
	a := newAPI(t, func(d *rest.Deps) { d.PrivateTarget = func(string, string) (string, bool) { return "", false } })
	m := httpMethod("HTTP_PROXY", "GET", b.URL+"/pets", nil)
	m.Integration.ConnectionType, m.Integration.ConnectionID = "VPC_LINK", "abc123"
	a.publish(deployment(resource("/", m)))
	a.send("GET", "/stage", "").is(t, 200, `{"from":"backend"}`, "")
}

// A link that does not exist is found out by those who call, as on AWS.
func TestVPCLinkThatIsNot(t *testing.T) {
	b := newBackend(t)
	known := map[string]bool{}
	a := newAPI(t, func(d *rest.Deps) {
		d.PrivateTarget = func(_, link string) (string, bool) { return b.URL, link == "mapped" }
		d.VPCLink = func(account, region, id string) bool {
			return account == "111111111111" && region == "us-east-1" && known[id]
		}
	})
	m := httpMethod("HTTP_PROXY", "GET", b.URL+"/pets", nil)
	m.Integration.ConnectionType, m.Integration.ConnectionID = "VPC_LINK", "${stageVariables.link}"
	d := deployment(resource("/", m))
	link := func(id string) func(*snapshot.Stage) {
		return func(s *snapshot.Stage) { s.Variables = map[string]string{"link": id} }
	}
	const failed = `{"message": "Internal server error"}`
	for _, id := range []string{"abc123", ""} {
		a.publish(d, link(id))
		a.send("GET", "/stage", "").is(t, 500, failed, "InternalServerErrorException")
	}
	a.publish(d, link("abc123"))
	known["abc123"] = true
	a.send("GET", "/stage", "").is(t, 200, `{"from":"backend"}`, "")
	a.publish(d, link("mapped"))
	a.send("GET", "/stage", "").is(t, 200, `{"from":"backend"}`, "")

	test := draft(resource("/", m))
	test.Variables = map[string]string{"link": "xyz789"}
	got, err := a.kind.TestInvoke(t.Context(), test, snapshot.RESTTestRequest{ResourceID: "res", HTTPMethod: "GET", Path: "/"})
	if err != nil {
		t.Fatal(err)
	}
	if log := lines(t, got.Log); !slices.Contains(log, "Execution failed due to configuration error: Invalid VpcLink ID xyz789 referenced in integration") {
		t.Errorf("log %q", log)
	}
}

// keyPair makes a certificate that is signed by itself.
func keyPair(t *testing.T, name string) *snapshot.KeyPair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: start, NotAfter: start.Add(100 * 365 * 24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &snapshot.KeyPair{
		CertificatePEM: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		KeyPEM:         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	}
}

func TestBackendTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.TLS.PeerCertificates {
			fmt.Fprint(w, c.Subject.CommonName)
		}
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.Config.ErrorLog = log.New(testWriter{t}, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	otherName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	const misconfigured = `{"message": "Internal server error"}`
	for _, tc := range []struct {
		name, uri   string
		anyIssuer   bool
		certificate string
		status      int
		body        string
	}{
		{"issuer not known", server.URL, false, "", 500, misconfigured},
		{"any issuer", server.URL, true, "", 200, ""},
		{"AWS: but the name has to be right", otherName, true, "", 500, misconfigured},
		{"client certificate", server.URL, true, "first", 200, "first"},
		{"another client certificate", server.URL, true, "second", 200, "second"},
	} {
		for _, kind := range []string{"HTTP", "HTTP_PROXY"} {
			t.Run(tc.name+" "+kind, func(t *testing.T) {
				a := newAPI(t)
				m := httpMethod(kind, "GET", tc.uri, nil)
				m.Integration.InsecureSkipVerify = tc.anyIssuer
				a.publish(deployment(resource("/", m)), func(s *snapshot.Stage) {
					if tc.certificate != "" {
						s.REST.ClientCertificateID, s.REST.ClientCertificate = tc.certificate, keyPair(t, tc.certificate)
					}
				})
				if got := a.send("GET", "/stage", ""); got.status != tc.status || got.body != tc.body {
					t.Errorf("got %d %s", got.status, got.body)
				}
			})
		}
	}
}

// testWriter keeps what a server complains of out of the way.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", b)
	return len(b), nil
}
