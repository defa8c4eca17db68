package domains_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/runtime/domains"
	"github.com/postern/postern/runtime/snapshot"
)

var epoch = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

func table(list ...snapshot.Domain) *domains.Table {
	t := domains.New(func() time.Time { return epoch })
	t.Set(&snapshot.Domains{AccountID: "1", Region: "r", Domains: list})
	return t
}

// resolve describes what a request leads to: "api/stage rest (base)" or "refused by REST".
func resolve(t *domains.Table, host, path string, header ...string) string {
	r := httptest.NewRequest("GET", "http://"+host+"/", nil)
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	target, refuse := t.Resolve(r, host, path)
	if refuse != "" {
		return "refused by " + string(refuse)
	}
	m := target.Mapping
	out := target.APIID + "/" + m.Stage + " " + m.Rest + " (" + m.BasePath + ")"
	if m.RuleID != "" {
		out += " by " + m.RuleID
	}
	return out
}

func mapping(key, api, stage string) snapshot.DomainMapping {
	return snapshot.DomainMapping{Key: key, APIID: api, Stage: stage, Kind: snapshot.KindREST}
}

func TestMappings(t *testing.T) {
	tab := table(
		snapshot.Domain{Name: "a.example.com", Mappings: []snapshot.DomainMapping{
			mapping("v1", "one", "dev"), mapping("v1/orders", "orders", "dev"), mapping("free", "free", ""), mapping("a$b", "odd", "dev"),
		}},
		snapshot.Domain{Name: "root.example.com", Mappings: []snapshot.DomainMapping{mapping("", "root", "dev"), mapping("v1", "one", "dev")}},
		snapshot.Domain{Name: "*.example.com", Mappings: []snapshot.DomainMapping{mapping("", "wild", "dev")}},
		snapshot.Domain{Name: "http.example.com", Mappings: []snapshot.DomainMapping{{Key: "v1", APIID: "h", Stage: "$default", Kind: snapshot.KindHTTP}}},
		snapshot.Domain{Name: "empty.example.com"},
	)
	for _, tc := range []struct{ host, path, want string }{
		{"a.example.com", "/v1", "one/dev / (v1)"},
		{"a.example.com", "/v1/", "one/dev / (v1)"},
		{"a.example.com", "/v1/pets/1", "one/dev /pets/1 (v1)"},
		{"a.example.com", "//v1/pets", "one/dev /pets (v1)"},
		{"a.example.com", "/v1//pets", "one/dev //pets (v1)"},
		{"a.example.com", "/v1/orders", "orders/dev / (v1/orders)"},
		{"a.example.com", "/v1/orders/7", "orders/dev /7 (v1/orders)"},
		{"a.example.com", "/v1/orderss/7", "one/dev /orderss/7 (v1)"},
		{"a.example.com", "/v1%2Forders/7", "refused by REST"},
		{"a.example.com", "/v1/pets%2F1", "one/dev /pets%2F1 (v1)"},
		{"a.example.com", "/a%24b/x", "odd/dev /x (a$b)"},
		{"a.example.com", "/%zz", "refused by REST"},
		{"a.example.com", "/V1/pets", "refused by REST"},
		{"a.example.com", "/v10/pets", "refused by REST"},
		{"a.example.com", "/", "refused by REST"},
		{"a.example.com", "/free/dev/pets", "free/ /dev/pets (free)"},
		{"root.example.com", "/", "root/dev / ()"},
		{"root.example.com", "/v2/x", "root/dev /v2/x ()"},
		{"root.example.com", "/v1/x", "one/dev /x (v1)"},
		{"b.example.com", "/x", "wild/dev /x ()"},
		{"b.c.example.com", "/x", "refused by REST"},
		{"http.example.com", "/v2", "refused by HTTP"},
		{"empty.example.com", "/", "refused by REST"},
	} {
		if got := resolve(tab, tc.host, tc.path); got != tc.want {
			t.Errorf("%s%s: got %s, want %s", tc.host, tc.path, got, tc.want)
		}
	}
	for host, want := range map[string]bool{"a.example.com": true, "b.example.com": true, "example.com": false, "b.c.example.com": false, "": false} {
		if got := tab.Has(host); got != want {
			t.Errorf("has %q: %t", host, got)
		}
	}
}

func TestRules(t *testing.T) {
	base := func(p string) snapshot.RoutingCondition { return snapshot.RoutingCondition{BasePaths: []string{p}} }
	header := func(name, glob string) snapshot.RoutingCondition {
		return snapshot.RoutingCondition{Headers: []snapshot.HeaderGlob{{Name: name, Glob: glob}}}
	}
	rules := []snapshot.RoutingRule{
		{ID: "r9", Priority: 900, Conditions: []snapshot.RoutingCondition{base("users")}, APIID: "users", Stage: "dev"},
		{ID: "r1", Priority: 1, Conditions: []snapshot.RoutingCondition{header("x-version", "beta*"), base("users")}, APIID: "beta", Stage: "dev", StripBasePath: true},
		{ID: "r2", Priority: 2, Conditions: []snapshot.RoutingCondition{header("X-Any", "*mid*"), header("X-End", "*end")}, APIID: "both", Stage: "dev", StripBasePath: true},
	}
	domain := func(name string, routing snapshot.DomainRouting) snapshot.Domain {
		return snapshot.Domain{Name: name, Routing: routing, Rules: rules, Mappings: []snapshot.DomainMapping{mapping("", "root", "dev")}}
	}
	tab := table(domain("rules", snapshot.RouteByRule), domain("both", snapshot.RouteByRuleThenMapping), domain("mappings", snapshot.RouteByMapping))
	for _, tc := range []struct {
		host, path string
		header     []string
		want       string
	}{
		{"rules", "/users/1", nil, "users/dev /users/1 (users) by r9"},
		{"rules", "/users/1", []string{"X-Version: beta-2"}, "beta/dev /1 (users) by r1"},
		{"rules", "/users/1", []string{"X-Version: Beta-2"}, "users/dev /users/1 (users) by r9"},
		{"rules", "/Users/1", nil, "refused by REST"},
		{"rules", "/x", []string{"x-any: a-mid-z", "X-END: the end"}, "both/dev /x () by r2"},
		{"rules", "/x", []string{"x-any: a-mid-z"}, "refused by REST"},
		{"rules", "/x", []string{"x-any: other", "x-any: mid", "x-end: end"}, "both/dev /x () by r2"},
		{"both", "/x", nil, "root/dev /x ()"},
		{"both", "/users", nil, "users/dev /users (users) by r9"},
		{"mappings", "/users", nil, "root/dev /users ()"},
	} {
		if got := resolve(tab, tc.host, tc.path, tc.header...); got != tc.want {
			t.Errorf("%s%s %v: got %s, want %s", tc.host, tc.path, tc.header, got, tc.want)
		}
	}
}

func TestOldestDomainIsServed(t *testing.T) {
	tab := domains.New(func() time.Time { return epoch })
	set := func(account string, created time.Time, api string) {
		tab.Set(&snapshot.Domains{AccountID: account, Region: "r", Domains: []snapshot.Domain{
			{Name: "same", Created: created, Mappings: []snapshot.DomainMapping{mapping("", api, "dev")}}}})
	}
	set("2", epoch, "second")
	set("1", epoch.Add(-time.Hour), "first")
	if got := resolve(tab, "same", "/"); got != "first/dev / ()" {
		t.Error(got)
	}
	tab.Set(&snapshot.Domains{AccountID: "1", Region: "r"})
	if got := resolve(tab, "same", "/"); got != "second/dev / ()" {
		t.Error(got)
	}
	tab.Reset()
	if tab.Has("same") {
		t.Error("a reset left a domain behind")
	}
}

func TestPrivate(t *testing.T) {
	const arn = "arn:aws:execute-api:r:1:/domainnames/p+id"
	allow := func(condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"` + condition + `}]}`
	}
	from := allow(`,"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-2"}}`)
	for name, tc := range map[string]struct {
		policy    string
		endpoints []string
		want      string
	}{
		"no policy":         {"", []string{"vpce-1"}, ""},
		"no endpoint":       {allow(""), nil, ""},
		"allowed":           {allow(""), []string{"vpce-1"}, "vpce-1"},
		"one of two":        {from, []string{"vpce-1", "vpce-2"}, "vpce-2"},
		"other endpoint":    {from, []string{"vpce-1"}, ""},
		"unreadable policy": {`{"Statement":`, []string{"vpce-1"}, ""},
	} {
		tab := table(snapshot.Domain{Name: "p", Mappings: []snapshot.DomainMapping{mapping("", "api", "dev")},
			Private: &snapshot.PrivateDomain{ARN: arn, Policy: tc.policy, VPCEndpoints: tc.endpoints}})
		target, refuse := tab.Resolve(httptest.NewRequest("GET", "http://p/x", nil), "p", "/x")
		if target.VPCEndpointID != tc.want || (refuse == "") != (tc.want != "") {
			t.Errorf("%s: came by %q, refused by %q", name, target.VPCEndpointID, refuse)
		}
	}
}

// authority issues certificates for a test.
type authority struct {
	*testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCert(t *testing.T, name string, parent *authority, isCA bool, until time.Time) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(0xa1b203), Subject: pkix.Name{CommonName: name, Organization: []string{"Pets"}},
		NotBefore: epoch.Add(-24 * time.Hour), NotAfter: until, IsCA: isCA, BasicConstraintsValid: true}
	signer, signerKey := tmpl, key
	if parent != nil {
		signer, signerKey = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, signer, &key.PublicKey, signerKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, cert, key}
}

func (a *authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

func TestMutualTLS(t *testing.T) {
	later := epoch.Add(time.Hour)
	root := newCert(t, "root", nil, true, later)
	middle := newCert(t, "middle", root, true, later)
	client, deep := newCert(t, "client", root, false, later), newCert(t, "deep", middle, false, later)
	expired := newCert(t, "late", root, false, epoch.Add(-time.Hour))
	stranger := newCert(t, "stranger", nil, false, later)
	tab := table(
		snapshot.Domain{Name: "tls.example.com", MutualTLS: &snapshot.MutualTLS{Truststore: root.pem() + "rubbish"}, Mappings: []snapshot.DomainMapping{mapping("", "api", "dev")}},
		snapshot.Domain{Name: "nobody.example.com", MutualTLS: &snapshot.MutualTLS{Truststore: "rubbish"}, Mappings: []snapshot.DomainMapping{mapping("", "api", "dev")}},
		snapshot.Domain{Name: "open.example.com", Mappings: []snapshot.DomainMapping{mapping("", "api", "dev")}},
	)
	for host, want := range map[string]bool{"TLS.example.com.": true, "nobody.example.com": true, "open.example.com": false, "": false} {
		if got := tab.WantsClientCert(host); got != want {
			t.Errorf("%s wants a certificate: %t", host, got)
		}
	}
	show := func(host string, chain ...*authority) (*http.Request, string) {
		r := httptest.NewRequest("GET", "http://"+host+"/", nil)
		r.TLS = &tls.ConnectionState{}
		for _, c := range chain {
			r.TLS.PeerCertificates = append(r.TLS.PeerCertificates, c.cert)
		}
		target, refuse := tab.Resolve(r, host, "/")
		if refuse != "" {
			return r, "refused"
		}
		if target.ClientCert == nil {
			return r, "nobody"
		}
		return r, target.ClientCert.SubjectDN
	}
	for _, tc := range []struct {
		name, host string
		chain      []*authority
		want       string
	}{
		{"trusted", "tls.example.com", []*authority{client}, "CN=client,O=Pets"},
		{"chain", "tls.example.com", []*authority{deep, middle}, "CN=deep,O=Pets"},
		{"incomplete chain", "tls.example.com", []*authority{deep}, "refused"},
		{"expired", "tls.example.com", []*authority{expired}, "refused"},
		{"stranger", "tls.example.com", []*authority{stranger}, "refused"},
		{"none", "tls.example.com", nil, "refused"},
		{"empty truststore", "nobody.example.com", []*authority{client}, "refused"},
		{"open", "open.example.com", nil, "nobody"},
	} {
		if _, got := show(tc.host, tc.chain...); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
	plain := httptest.NewRequest("GET", "http://tls.example.com/", nil)
	if _, refuse := tab.Resolve(plain, "tls.example.com", "/"); refuse == "" {
		t.Error("a request without TLS passed")
	}
	r, _ := show("tls.example.com", client)
	target, _ := tab.Resolve(r, "tls.example.com", "/")
	if c := target.ClientCert; c.SerialNumber != "a1:b2:03" || c.NotAfter != "May  6 08:08:09 2026 GMT" || c.IssuerDN != "CN=root,O=Pets" || c.PEM != client.pem() {
		t.Errorf("%+v", c)
	}
}

func FuzzResolve(f *testing.F) {
	for _, path := range []string{"/", "", "/v1/orders/1", "/%", "/v1%2forders", "//v1//", "/a/b/c/d"} {
		f.Add(path)
	}
	tab := table(snapshot.Domain{Name: "d", Routing: snapshot.RouteByRuleThenMapping,
		Mappings: []snapshot.DomainMapping{mapping("v1/orders", "a", "s"), mapping("v1", "b", "s"), mapping("", "c", "s")},
		Rules: []snapshot.RoutingRule{{ID: "r", Priority: 1, APIID: "d", Stage: "s", StripBasePath: true,
			Conditions: []snapshot.RoutingCondition{{BasePaths: []string{"x/y"}}}}}})
	f.Fuzz(func(t *testing.T, path string) {
		target, refuse := tab.Resolve(httptest.NewRequest("GET", "http://d/", nil), "d", path)
		if refuse != "" || target.Mapping == nil {
			t.Fatalf("%q leads nowhere", path)
		}
		if m := target.Mapping; m.BasePath != "" && !strings.HasPrefix(m.Rest, "/") {
			t.Errorf("%q leaves %q", path, m.Rest)
		}
	})
}
