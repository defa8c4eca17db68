package emulator_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

const certificateARN = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"

// echoingREST is an API whose answer says how it was reached.
const echoingREST = `{"swagger":"2.0","info":{"title":"echo","version":"1"},"paths":{"/{proxy+}":{"get":{
	"parameters":[{"name":"proxy","in":"path","required":true,"type":"string"}],"responses":{"200":{"description":"ok"}},
	"x-amazon-apigateway-integration":{"type":"mock","requestTemplates":{"application/json":"{\"statusCode\":200}"},
		"responses":{"default":{"statusCode":"200","responseTemplates":{"application/json":
		"rest $context.domainName $context.domainPrefix $context.path $input.params('proxy') $stageVariables.color $!context.identity.clientCert.subjectDN"}}}}}}}}`

func createREST(t *testing.T, p *emulatortest.Postern, color string) string {
	t.Helper()
	c := p.APIGateway()
	api, err := c.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: []byte(echoingREST)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("dev"), Variables: map[string]string{"color": color}}); err != nil {
		t.Fatal(err)
	}
	return *api.Id
}

// createHTTP makes an HTTP API whose answer says what its backend got.
func createHTTP(t *testing.T, p *emulatortest.Postern) string {
	t.Helper()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "http %s %s", r.URL.Path, r.Header.Get("X-How"))
	}))
	t.Cleanup(backend.Close)
	c := p.APIGatewayV2()
	api, err := c.CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("echo"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.CreateIntegration(t.Context(), &apigatewayv2.CreateIntegrationInput{
		ApiId: api.ApiId, IntegrationType: v2types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("GET"), IntegrationUri: aws.String(backend.URL + "/{proxy}"),
		PayloadFormatVersion: aws.String("1.0"),
		RequestParameters:    map[string]string{"overwrite:header.x-how": "${context.domainName} ${context.customDomain.basePathMatched} ${context.identity.clientCert.subjectDN}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateRoute(t.Context(), &apigatewayv2.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String("GET /{proxy+}"), Target: aws.String("integrations/" + *in.IntegrationId)}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateStage(t.Context(), &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	return *api.ApiId
}

// browse is a client that resolves every name to the emulator and trusts its authority.
func browse(t *testing.T, p *emulatortest.Postern, certs ...tls.Certificate) func(url string, header ...string) (int, string) {
	t.Helper()
	own, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	_, ca := get(t, p, p.URL()+"/_postern/ca.pem")
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(ca))
	transport := &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: certs},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, own.Host)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	return func(url string, header ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range header {
			name, value, _ := strings.Cut(h, ": ")
			req.Header.Set(name, value)
		}
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
}

func createDomain(t *testing.T, p *emulatortest.Postern, name, truststore string) {
	t.Helper()
	in := &apigatewayv2.CreateDomainNameInput{DomainName: &name, DomainNameConfigurations: []v2types.DomainNameConfiguration{{CertificateArn: aws.String(certificateARN)}}}
	if truststore != "" {
		in.MutualTlsAuthentication = &v2types.MutualTlsAuthenticationInput{TruststoreUri: &truststore}
	}
	if _, err := p.APIGatewayV2().CreateDomainName(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func mapAPI(t *testing.T, p *emulatortest.Postern, domain, key, api, stage string) {
	t.Helper()
	if _, err := p.APIGatewayV2().CreateApiMapping(t.Context(), &apigatewayv2.CreateApiMappingInput{DomainName: &domain, ApiMappingKey: &key, ApiId: &api, Stage: &stage}); err != nil {
		t.Fatal(err)
	}
}

const forbiddenBody = `{"message":"Forbidden"}`

func TestCustomDomainServesBothKindsOfAPI(t *testing.T) {
	dir := t.TempDir()
	keep := func(c *emulator.Config) { c.DataDir = dir }
	p := emulatortest.Start(t, keep)
	rest, http := createREST(t, p, "blue"), createHTTP(t, p)
	createDomain(t, p, "api.example.com", "")
	mapAPI(t, p, "api.example.com", "v1", rest, "dev")
	mapAPI(t, p, "api.example.com", "v1/http", http, "$default")
	if _, err := p.APIGateway().CreateBasePathMapping(t.Context(), &apigateway.CreateBasePathMappingInput{
		DomainName: aws.String("api.example.com"), BasePath: aws.String("any"), RestApiId: &rest}); err != nil {
		t.Fatal(err)
	}
	check := func(p *emulatortest.Postern) {
		t.Helper()
		visit := browse(t, p)
		for _, tc := range []struct {
			url  string
			code int
			body string
		}{
			{"https://api.example.com/v1/pets/1", 200, "rest api.example.com api /v1/pets/1 pets/1 blue "},
			{"http://api.example.com/v1/pets/1", 200, "rest api.example.com api /v1/pets/1 pets/1 blue "},
			{"https://API.example.com/v1/http/pets", 200, "http /pets api.example.com v1/http"},
			{"https://api.example.com/any/dev/pets", 200, "rest api.example.com api /any/dev/pets pets blue "},
			{"https://api.example.com/any/prod/pets", 403, forbiddenBody},
			{"https://api.example.com/v2/pets", 403, forbiddenBody},
			{"https://api.example.com/", 403, forbiddenBody},
		} {
			if code, body := visit(tc.url); code != tc.code || body != tc.body {
				t.Errorf("%s: %d %q, want %d %q", tc.url, code, body, tc.code, tc.body)
			}
		}
	}
	check(p)

	t.Run("the default endpoint can be closed", func(t *testing.T) {
		replace := v1types.PatchOperation{Op: v1types.OpReplace, Path: aws.String("/disableExecuteApiEndpoint"), Value: aws.String("true")}
		if _, err := p.APIGateway().UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{RestApiId: &rest, PatchOperations: []v1types.PatchOperation{replace}}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.APIGateway().CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &rest, StageName: aws.String("dev")}); err != nil {
			t.Fatal(err)
		}
		visit := browse(t, p)
		if code, body := visit("https://" + rest + ".execute-api.localhost/dev/pets"); code != 403 || body != forbiddenBody {
			t.Errorf("default endpoint: %d %s", code, body)
		}
	})
	check(p)

	t.Run("what is mapped cannot be deleted", func(t *testing.T) {
		_, err := p.APIGateway().DeleteRestApi(t.Context(), &apigateway.DeleteRestApiInput{RestApiId: &rest})
		want := "Deleting RestApi " + rest + " failed. Please remove all base path mappings related to the RestApi in your domains: api.example.com"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		_, err = p.APIGatewayV2().DeleteStage(t.Context(), &apigatewayv2.DeleteStageInput{ApiId: &http, StageName: aws.String("$default")})
		want = "Deleting stage $default failed. Please remove all base path mappings related to the stage in your domains: api.example.com"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	})

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Fatal(err)
	}
	p = emulatortest.Start(t, keep)
	check(p)
	if res := post(t, p.URL()+"/_postern/reset", ""); res.StatusCode != 200 {
		t.Fatal(res.Status)
	}
	if code, _ := browse(t, p)("https://api.example.com/v1/pets"); code != 403 && code != 404 {
		t.Errorf("after a reset the domain answers %d", code)
	}
}

func TestRoutingRulesAndWildcard(t *testing.T) {
	p := emulatortest.Start(t)
	blue, green := createREST(t, p, "blue"), createREST(t, p, "green")
	createDomain(t, p, "*.example.com", "")
	mapAPI(t, p, "*.example.com", "", blue, "dev")
	c := p.APIGatewayV2()
	if _, err := c.CreateRoutingRule(t.Context(), &apigatewayv2.CreateRoutingRuleInput{
		DomainName: aws.String("*.example.com"), Priority: aws.Int32(10),
		Conditions: []v2types.RoutingRuleCondition{
			{MatchBasePaths: &v2types.RoutingRuleMatchBasePaths{AnyOf: []string{"users"}}},
			{MatchHeaders: &v2types.RoutingRuleMatchHeaders{AnyOf: []v2types.RoutingRuleMatchHeaderValue{{Header: aws.String("x-beta"), ValueGlob: aws.String("yes*")}}}},
		},
		Actions: []v2types.RoutingRuleAction{{InvokeApi: &v2types.RoutingRuleActionInvokeApi{ApiId: &green, Stage: aws.String("dev"), StripBasePath: aws.Bool(true)}}},
	}); err != nil {
		t.Fatal(err)
	}
	visit := browse(t, p)
	check := func(header, want string) {
		t.Helper()
		if code, body := visit("https://a.example.com/users/7", header); code != 200 && want != forbiddenBody || body != want {
			t.Errorf("%q: %d %q, want %q", header, code, body, want)
		}
	}
	const byMapping, byRule = "rest a.example.com a /users/7 users/7 blue ", "rest a.example.com a /users/7 7 green "
	check("x-beta: yes", byMapping) // rules are not looked at yet
	mode := func(m v2types.RoutingMode) {
		t.Helper()
		if _, err := c.UpdateDomainName(t.Context(), &apigatewayv2.UpdateDomainNameInput{DomainName: aws.String("*.example.com"), RoutingMode: m}); err != nil {
			t.Fatal(err)
		}
	}
	mode(v2types.RoutingModeRoutingRuleThenApiMapping)
	check("x-beta: yes indeed", byRule)
	check("x-beta: Yes", byMapping)
	mode(v2types.RoutingModeRoutingRuleOnly)
	check("x-beta: yes", byRule)
	check("x-beta: no", forbiddenBody)
}

func TestPrivateDomainNeedsAnAssociation(t *testing.T) {
	p := emulatortest.Start(t)
	c, api := p.APIGateway(), createREST(t, p, "blue")
	domain, err := c.CreateDomainName(t.Context(), &apigateway.CreateDomainNameInput{
		DomainName: aws.String("private.example.com"), CertificateArn: aws.String(certificateARN),
		EndpointConfiguration: &v1types.EndpointConfiguration{Types: []v1types.EndpointType{v1types.EndpointTypePrivate}},
		Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*",
			"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-2"}}}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateBasePathMapping(t.Context(), &apigateway.CreateBasePathMappingInput{
		DomainName: domain.DomainName, DomainNameId: domain.DomainNameId, RestApiId: &api, Stage: aws.String("dev")}); err != nil {
		t.Fatal(err)
	}
	visit := browse(t, p)
	for _, endpoint := range []string{"", "vpce-1", "vpce-2"} {
		if endpoint != "" {
			if _, err := c.CreateDomainNameAccessAssociation(t.Context(), &apigateway.CreateDomainNameAccessAssociationInput{
				DomainNameArn: domain.DomainNameArn, AccessAssociationSource: &endpoint, AccessAssociationSourceType: v1types.AccessAssociationSourceTypeVpce}); err != nil {
				t.Fatal(err)
			}
		}
		want := 403
		if endpoint == "vpce-2" {
			want = 200
		}
		if code, body := visit("https://private.example.com/pets"); code != want {
			t.Errorf("with %q: %d %s", endpoint, code, body)
		}
	}
	arn := *domain.DomainNameArn
	if _, err := c.TagResource(t.Context(), &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	createDomain(t, p, "public.example.com", "")
	public := aws.String("arn:aws:apigateway:us-east-1::/domainnames/public.example.com")
	if _, err := p.APIGatewayV2().TagResource(t.Context(), &apigatewayv2.TagResourceInput{ResourceArn: public, Tags: map[string]string{"c": "d"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := c.GetTags(t.Context(), &apigateway.GetTagsInput{ResourceArn: public})
	if err != nil || tags.Tags["c"] != "d" {
		t.Errorf("%v, %v", tags, err)
	}
	if _, err := p.APIGatewayV2().UntagResource(t.Context(), &apigatewayv2.UntagResourceInput{ResourceArn: public, TagKeys: []string{"c"}}); err != nil {
		t.Fatal(err)
	}
	got, err := p.APIGatewayV2().GetTags(t.Context(), &apigatewayv2.GetTagsInput{ResourceArn: public})
	if err != nil || len(got.Tags) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// pki issues certificates of clients.
type pki struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newPKI(t *testing.T, name string) *pki {
	t.Helper()
	a := &pki{}
	der, key := a.issue(t, name, true)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pki{cert, key}
}

func (a *pki) issue(t *testing.T, name string, isCA bool) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

func (a *pki) client(t *testing.T, name string) tls.Certificate {
	t.Helper()
	der, key := a.issue(t, name, false)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a *pki) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

func TestMutualTLS(t *testing.T) {
	trusted, other := newPKI(t, "trusted"), newPKI(t, "other")
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/trust/bundle.pem":
			_, _ = w.Write(trusted.pem())
		case "/trust/both.pem":
			_, _ = w.Write(append(trusted.pem(), other.pem()...))
		default:
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>`)
		}
	}))
	t.Cleanup(s3.Close)
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Upstreams = map[string]string{"s3": s3.URL} })
	rest, httpAPI := createREST(t, p, "blue"), createHTTP(t, p)
	createDomain(t, p, "tls.example.com", "s3://trust/bundle.pem")
	createDomain(t, p, "open.example.com", "")
	mapAPI(t, p, "tls.example.com", "rest", rest, "dev")
	mapAPI(t, p, "tls.example.com", "http", httpAPI, "$default")
	mapAPI(t, p, "open.example.com", "rest", rest, "dev")
	const at, atHTTP = "https://tls.example.com/rest/pets", "https://tls.example.com/http/pets"

	friend, stranger, nobody := browse(t, p, trusted.client(t, "friend")), browse(t, p, other.client(t, "stranger")), browse(t, p)
	expect := func(visit func(string, ...string) (int, string), url string, code int, body string, header ...string) {
		t.Helper()
		if gotCode, got := visit(url, header...); gotCode != code || got != body {
			t.Errorf("%s: %d %q, want %d %q", url, gotCode, got, code, body)
		}
	}
	expect(friend, at, 200, "rest tls.example.com tls /rest/pets pets blue CN=friend")
	expect(friend, atHTTP, 200, "http /pets tls.example.com http CN=friend")
	expect(stranger, at, 403, forbiddenBody)
	expect(nobody, at, 403, forbiddenBody)
	expect(nobody, atHTTP, 403, forbiddenBody)
	expect(nobody, "http://tls.example.com/rest/pets", 403, forbiddenBody)
	expect(nobody, "https://open.example.com/rest/pets", 200, "rest open.example.com open /rest/pets pets blue ")
	// A certificate is shown to nobody who does not ask: the name of the connection counts.
	expect(friend, "https://open.example.com/rest/pets", 200, "rest open.example.com open /rest/pets pets blue ")

	update := func(uri string) error {
		_, err := p.APIGatewayV2().UpdateDomainName(t.Context(), &apigatewayv2.UpdateDomainNameInput{
			DomainName:               aws.String("tls.example.com"),
			DomainNameConfigurations: []v2types.DomainNameConfiguration{{CertificateArn: aws.String(certificateARN)}},
			MutualTlsAuthentication:  &v2types.MutualTlsAuthenticationInput{TruststoreUri: &uri},
		})
		return err
	}
	if err := update("s3://trust/missing.pem"); err == nil || !strings.Contains(err.Error(), "BadRequestException") {
		t.Errorf("a missing truststore: %v", err)
	}
	expect(stranger, at, 403, forbiddenBody)
	if err := update("s3://trust/both.pem"); err != nil {
		t.Fatal(err)
	}
	expect(stranger, at, 200, "rest tls.example.com tls /rest/pets pets blue CN=stranger") // the same connection as before
	if err := update(""); err != nil {
		t.Fatal(err)
	}
	expect(nobody, at, 200, "rest tls.example.com tls /rest/pets pets blue ")
	if err := update("s3://trust/bundle.pem"); err != nil {
		t.Fatal(err)
	}
	expect(nobody, at, 403, forbiddenBody)
	expect(browse(t, p, trusted.client(t, "late")), at, 200, "rest tls.example.com tls /rest/pets pets blue CN=late")
}

func TestTruststoreWithoutS3(t *testing.T) {
	p := emulatortest.Start(t)
	_, err := p.APIGatewayV2().CreateDomainName(t.Context(), &apigatewayv2.CreateDomainNameInput{
		DomainName: aws.String("tls.example.com"), DomainNameConfigurations: []v2types.DomainNameConfiguration{{CertificateArn: aws.String(certificateARN)}},
		MutualTlsAuthentication: &v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/bundle.pem")}})
	if err == nil || !strings.Contains(err.Error(), "BadRequestException: Unable to read the truststore s3://trust/bundle.pem") {
		t.Errorf("got %v", err)
	}
}
