package httpapi_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// authorized is an API behind one Lambda authorizer. The function named auth is the
// authorizer, every other one the integration.
func authorized(a snapshot.HTTPAuthorizer, keys ...string) *snapshot.HTTPDeployment {
	h := lambdaAPI("2.0", keys...)
	a.ID = "auth01"
	h.Authorizers = []snapshot.HTTPAuthorizer{a}
	for i := range h.Routes {
		h.Routes[i].AuthorizationType, h.Routes[i].AuthorizerID = "CUSTOM", a.ID
		if a.Type == "JWT" {
			h.Routes[i].AuthorizationType = "JWT"
		}
	}
	return h
}

type twoFunctions struct {
	authorizer  invoker
	integration invoker
	calls       int
}

func (f *twoFunctions) Invoke(ctx context.Context, req integration.LambdaRequest) (integration.LambdaResponse, error) {
	if strings.HasSuffix(req.FunctionARN, ":auth") {
		f.calls++
		return f.authorizer.Invoke(ctx, req)
	}
	return f.integration.Invoke(ctx, req)
}

const authURI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:auth/invocations"

func policy(effect, resource string) string {
	return fmt.Sprintf(`{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":%q,"Resource":%q}]},"context":{"k":1}}`, effect, resource)
}

func TestLambdaAuthorizerAnswers(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/"
	for _, tc := range []struct {
		name   string
		simple bool
		answer invoker
		header string
		status int
		body   string
	}{
		{"simple allow", true, invoker{payload: `{"isAuthorized":true,"context":{"k":1}}`}, "x", 200, ""},
		{"simple refusal", true, invoker{payload: `{"isAuthorized":false}`}, "x", 403, `{"message":"Forbidden"}`},
		{"simple without isAuthorized", true, invoker{payload: `{}`}, "x", 500, `{"message":"Internal Server Error"}`},
		{"simple of the wrong type", true, invoker{payload: `{"isAuthorized":"true"}`}, "x", 500, `{"message":"Internal Server Error"}`},
		{"a policy where simple is configured", true, invoker{payload: policy("Allow", "*")}, "x", 500, `{"message":"Internal Server Error"}`},
		{"policy allow", false, invoker{payload: policy("Allow", arn+"$default/GET/*")}, "x", 200, ""},
		{"policy for another method", false, invoker{payload: policy("Allow", arn+"$default/POST/*")}, "x", 403, `{"message":"Forbidden"}`},
		{"policy with a condition", false, invoker{payload: `{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}}`}, "x", 403, `{"message":"Forbidden"}`},
		{"policy deny", false, invoker{payload: policy("Deny", "*")}, "x", 403, `{"message":"Forbidden"}`},
		{"simple where a policy is configured", false, invoker{payload: `{"isAuthorized":true}`}, "x", 500, `{"message":"Internal Server Error"}`},
		{"function throws Unauthorized", false, invoker{payload: `{"errorMessage":"Unauthorized"}`, failed: "Unhandled"}, "x", 500, `{"message":"Internal Server Error"}`},
		{"no permission", false, invoker{err: integration.ErrNoPermission}, "x", 500, `{"message":"Internal Server Error"}`},
		{"answer is no JSON", true, invoker{payload: `nope`}, "x", 500, `{"message":"Internal Server Error"}`},
		{"identity source missing", true, invoker{payload: `{"isAuthorized":true}`}, "", 401, `{"message":"Unauthorized"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &twoFunctions{authorizer: tc.answer, integration: invoker{payload: `{"statusCode":200}`}}
			s := serve(t, httpapi.Deps{Lambda: f}, authorized(snapshot.HTTPAuthorizer{Type: "REQUEST", URI: authURI, PayloadFormat: "2.0", SimpleResponses: tc.simple,
				IdentitySources: []string{"$request.header.Authorization"}}, "GET /pets/{id}"))
			var header []string
			if tc.header != "" {
				header = []string{"authorization", tc.header}
			}
			got := s.do(t, "GET", "/pets/7", "", header...)
			if got.status != tc.status || got.body != tc.body {
				t.Errorf("%d %s, want %d %s", got.status, got.body, tc.status, tc.body)
			}
			if got.header.Get("Www-Authenticate") != "" {
				t.Error("a Lambda authorizer challenges")
			}
			if tc.header == "" && f.calls > 0 {
				t.Error("the function was asked without an identity")
			}
			if tc.status != 200 && f.integration.request.Payload != nil {
				t.Error("the integration was called")
			}
		})
	}
}

func TestLambdaAuthorizerEvent(t *testing.T) {
	f := &twoFunctions{authorizer: invoker{payload: `{"isAuthorized":true,"context":{"n":1,"l":["a"]}}`}, integration: invoker{payload: `{}`}}
	s := serve(t, httpapi.Deps{Lambda: f}, authorized(snapshot.HTTPAuthorizer{Type: "REQUEST", URI: authURI, PayloadFormat: "2.0", SimpleResponses: true,
		IdentitySources: []string{"$request.header.x-a", "$request.querystring.q", "$context.routeKey"}}, "POST /pets/{id}"))
	s.do(t, "POST", "/pets/7?q=2", "body", "X-A", "1")
	var ev map[string]any
	if err := json.Unmarshal(f.authorizer.request.Payload, &ev); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"type": "REQUEST", "version": "2.0", "routeKey": "POST /pets/{id}", "rawPath": "/pets/7",
		"routeArn":       "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/$default/POST/pets/7",
		"identitySource": "[1 2 POST /pets/{id}]", "body": "<nil>", "isBase64Encoded": "<nil>", "pathParameters": "map[id:7]",
	} {
		if got := fmt.Sprint(ev[name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if rc, ok := ev["requestContext"].(map[string]any); !ok || rc["authorizer"] != nil {
		t.Errorf("the authorizer's own event has an authorizer: %v", rc)
	}
	if f.authorizer.request.SourceARN != "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/authorizers/auth01" {
		t.Errorf("source ARN %s", f.authorizer.request.SourceARN)
	}
	if !strings.Contains(string(f.integration.request.Payload), `"authorizer":{"lambda":{"l":["a"],"n":1}}`) {
		t.Errorf("integration's event %s", f.integration.request.Payload)
	}
}

func TestLambdaAuthorizerCache(t *testing.T) {
	f := &twoFunctions{authorizer: invoker{payload: policy("Allow", "*/GET/*")}, integration: invoker{payload: `{}`}}
	types := httpapi.Deps{Lambda: f}
	s := serve(t, types, authorized(snapshot.HTTPAuthorizer{Type: "REQUEST", URI: authURI, PayloadFormat: "1.0", TTLSeconds: 300,
		IdentitySources: []string{"$request.header.Authorization"}}, "ANY /a", "ANY /b"))
	for _, step := range []struct {
		method, path, token string
		status, calls       int
	}{
		{"GET", "/a", "one", 200, 1},
		{"GET", "/b", "one", 200, 1},  // one result serves all routes
		{"POST", "/a", "one", 403, 1}, // but the policy is asked again
		{"GET", "/a", "two", 200, 2},
	} {
		if got := s.do(t, step.method, step.path, "", "Authorization", step.token); got.status != step.status || f.calls != step.calls {
			t.Errorf("%s %s %s: %d after %d calls, want %d after %d", step.method, step.path, step.token, got.status, f.calls, step.status, step.calls)
		}
	}
	s.gateway.ResetAuthorizers(apiID, "$default")
	if s.do(t, "GET", "/a", "", "Authorization", "one"); f.calls != 3 {
		t.Errorf("%d calls after a reset", f.calls)
	}
	f.authorizer = invoker{err: errors.New("down")}
	for range 2 {
		s.do(t, "GET", "/a", "", "Authorization", "three")
	}
	if f.calls != 5 {
		t.Errorf("%d calls: an error was kept", f.calls)
	}
}

// What was kept of an authorizer does not answer for what it was changed to.
func TestLambdaAuthorizerCacheOfAChangedAuthorizer(t *testing.T) {
	f := &twoFunctions{integration: invoker{payload: `{}`}}
	a := snapshot.HTTPAuthorizer{Type: "REQUEST", URI: authURI, PayloadFormat: "2.0", TTLSeconds: 300, IdentitySources: []string{"$request.header.One"}, SimpleResponses: true}
	s := serve(t, httpapi.Deps{Lambda: f}, authorized(a, "GET /"))
	for i, step := range []struct {
		change  func()
		payload string
		status  int
	}{
		{func() {}, `{"isAuthorized":true}`, 200},
		{func() { a.SimpleResponses = false }, `{"isAuthorized":true}`, 500},
		{func() {}, policy("Allow", "*"), 200},
		{func() { a.SimpleResponses = true }, `{"isAuthorized":false}`, 200}, // as kept at first
		{func() { a.IdentitySources = []string{"$request.header.Two"} }, `{"isAuthorized":false}`, 403},
	} {
		step.change()
		f.authorizer.payload = step.payload
		if err := s.gateway.Publish(&snapshot.Stage{
			API:  snapshot.API{ID: apiID, Kind: snapshot.KindHTTP, AccountID: "123456789012", Region: "us-east-1"},
			Name: "$default", DeploymentID: "dep001", Version: uint64(i + 2), HTTP: &snapshot.HTTP{Deployment: authorized(a, "GET /")},
		}); err != nil {
			t.Fatal(err)
		}
		if got := s.do(t, "GET", "/", "", "One", "x", "Two", "x"); got.status != step.status {
			t.Errorf("step %d: %d, want %d", i, got.status, step.status)
		}
	}
}

func TestIAMRouteRefuses(t *testing.T) {
	h := lambdaAPI("2.0", "$default")
	h.Routes[0].AuthorizationType = "AWS_IAM"
	if got := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{}`}}, h).do(t, "GET", "/", ""); got.status != 403 || got.body != `{"message":"Forbidden"}` {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// issuer is an OpenID provider with one key.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			fmt.Fprintf(w, `{"jwks_uri":"%s/keys"}`, i.URL)
		case "/keys":
			n := base64.RawURLEncoding.EncodeToString(key.N.Bytes())
			e := base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())
			fmt.Fprintf(w, `{"keys":[{"kty":"EC","kid":"ec"},{"kty":"RSA","use":"sig","kid":"k1","alg":"RS256","n":%q,"e":%q}]}`, n, e)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) token(t *testing.T, head, claims string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func TestJWT(t *testing.T) {
	idp := newIssuer(t)
	f := &invoker{payload: `{}`}
	api := authorized(snapshot.HTTPAuthorizer{Type: "JWT", IdentitySources: []string{"$request.header.Authorization"}, Issuer: idp.URL, Audience: []string{"app"}}, "GET /open", "GET /scoped")
	api.Routes[1].Scopes = []string{"read", "write"}
	s := serve(t, httpapi.Deps{Lambda: f}, api)
	const head = `{"alg":"RS256","kid":"k1"}`
	claims := func(extra string) string {
		return fmt.Sprintf(`{"iss":%q,"sub":"u","exp":1587485300%s}`, idp.URL, extra)
	}
	challenge := func(text string) string {
		return `Bearer scope="" error="invalid_token" error_description="` + text + `"`
	}
	good := idp.token(t, head, claims(`,"aud":["x","app"],"n":1.50,"b":true,"cognito:groups":["admin","user"],"scope":"read other"`))
	for _, tc := range []struct {
		name, path, token string
		status            int
		challenge         string
	}{
		{"good", "/open", "Bearer " + good, 200, ""},
		{"bare token", "/open", good, 200, ""},
		{"scope granted", "/scoped", good, 200, ""},
		{"client_id for a missing audience", "/open", idp.token(t, head, claims(`,"client_id":"app"`)), 200, ""},
		{"no token", "/open", "", 401, "Bearer"},
		{"not a token", "/open", "Bearer not-a-token", 401, challenge("token contains an invalid number of segments")},
		{"other audience", "/open", idp.token(t, head, claims(`,"aud":"y"`)), 401, challenge("the token does not have a valid audience")},
		{"client_id does not help a wrong audience", "/open", idp.token(t, head, claims(`,"aud":"y","client_id":"app"`)), 401, challenge("the token does not have a valid audience")},
		{"expired", "/open", idp.token(t, head, fmt.Sprintf(`{"iss":%q,"aud":"app","exp":1}`, idp.URL)), 401, challenge("the token has expired")},
		{"without an expiry", "/open", idp.token(t, head, fmt.Sprintf(`{"iss":%q,"aud":"app"}`, idp.URL)), 401, challenge("the token has expired")},
		{"not yet", "/open", idp.token(t, head, claims(`,"aud":"app","nbf":1987485300`)), 401, challenge("the token is not valid yet")},
		{"other issuer", "/open", idp.token(t, head, `{"iss":"https://x","aud":"app","exp":1587485300}`), 401, challenge("the token does not have a valid issuer")},
		{"other algorithm", "/open", idp.token(t, `{"alg":"none","kid":"k1"}`, claims("")), 401, challenge("signing method is not supported")},
		{"unknown key", "/open", idp.token(t, `{"alg":"RS256","kid":"k2"}`, claims("")), 401, challenge("unable to find a signing key that matches")},
		{"bad signature", "/open", good[:len(good)-8] + "AAAAAAAA", 401, challenge("signature is invalid")},
		{"scope missing", "/scoped", idp.token(t, head, claims(`,"aud":"app","scp":["other"]`)), 403, `Bearer scope="read write" error="insufficient_scope" error_description="the token does not have sufficient scopes"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f.request = integration.LambdaRequest{}
			var header []string
			if tc.token != "" {
				header = []string{"Authorization", tc.token}
			}
			got := s.do(t, "GET", tc.path, "", header...)
			body := map[int]string{200: "{}", 401: `{"message":"Unauthorized"}`, 403: `{"message":"Forbidden"}`}[tc.status]
			if got.status != tc.status || got.body != body || got.header.Get("Www-Authenticate") != tc.challenge {
				t.Errorf("%d %s %s", got.status, got.body, got.header.Get("Www-Authenticate"))
			}
			if tc.status != 200 && f.request.Payload != nil {
				t.Error("the integration was called")
			}
		})
	}
	s.do(t, "GET", "/scoped", "", "Authorization", good)
	want := `"claims":{"aud":"[x app]","b":"true","cognito:groups":"[admin user]","exp":"1587485300","iss":"` + idp.URL + `","n":"1.50","scope":"read other","sub":"u"},"scopes":["read","other"]`
	if !strings.Contains(string(f.request.Payload), want) {
		t.Errorf("event %s\nwant %s", f.request.Payload, want)
	}

	idp.Close()
	down := serve(t, httpapi.Deps{Lambda: f}, api)
	if got := down.do(t, "GET", "/open", "", "Authorization", good); got.status != 401 || got.header.Get("Www-Authenticate") != challenge("OIDC discovery endpoint communication error") {
		t.Errorf("issuer down: %d %s", got.status, got.header.Get("Www-Authenticate"))
	}
}

// AWS's quotas: where there is authorization, a request's ARN has at most 1600 bytes.
func TestLongestARN(t *testing.T) {
	f := &twoFunctions{authorizer: invoker{payload: `{"isAuthorized":true}`}, integration: invoker{payload: `{}`}}
	h := authorized(snapshot.HTTPAuthorizer{Type: "REQUEST", URI: authURI, PayloadFormat: "2.0", SimpleResponses: true}, "GET /guarded/{p+}", "GET /open/{p+}")
	h.Routes[1].AuthorizationType, h.Routes[1].AuthorizerID = "NONE", ""
	s := serve(t, httpapi.Deps{Lambda: f}, h)
	fits := 1600 - len("arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/$default/GET/guarded/")
	for _, tc := range []struct {
		path   string
		length int
		status int
	}{{"/guarded/", fits, 200}, {"/guarded/", fits + 1, 414}, {"/open/", 2000, 200}} {
		got := s.do(t, "GET", tc.path+strings.Repeat("x", tc.length), "")
		if got.status != tc.status || tc.status == 414 && got.body != `{"message":"Request URI too long"}` {
			t.Errorf("%s with %d bytes: %d %s", tc.path, tc.length, got.status, got.body)
		}
	}
	if f.calls != 1 {
		t.Errorf("%d calls of the authorizer", f.calls)
	}
}
