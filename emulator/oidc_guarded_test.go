package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// guardedAPI is an HTTP API behind JWT authorizers, whose backend greets who called.
type guardedAPI struct {
	*testing.T
	p       *emulatortest.Postern
	id, url string
	target  string
	reached *atomic.Int32 // requests that passed
}

func newGuardedAPI(t *testing.T, p *emulatortest.Postern) *guardedAPI {
	t.Helper()
	reached := new(atomic.Int32)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		fmt.Fprintf(w, "hello %s", r.Header.Get("X-Sub"))
	}))
	t.Cleanup(backend.Close)
	sdk := p.APIGatewayV2()
	api, err := sdk.CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("guarded"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.CreateStage(t.Context(), &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	in, err := sdk.CreateIntegration(t.Context(), &apigatewayv2.CreateIntegrationInput{ApiId: api.ApiId, IntegrationType: v2types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"),
		IntegrationUri: &backend.URL, PayloadFormatVersion: aws.String("1.0"), RequestParameters: map[string]string{"overwrite:header.x-sub": "$context.authorizer.claims.sub"}})
	if err != nil {
		t.Fatal(err)
	}
	return &guardedAPI{t, p, *api.ApiId, "http://" + *api.ApiId + ".execute-api.localhost", "integrations/" + *in.IntegrationId, reached}
}

// guard makes a JWT authorizer and gives its id.
func (a *guardedAPI) guard(issuer string, audience ...string) *string {
	a.Helper()
	out, err := a.p.APIGatewayV2().CreateAuthorizer(a.Context(), &apigatewayv2.CreateAuthorizerInput{ApiId: &a.id, Name: aws.String("jwt"), AuthorizerType: v2types.AuthorizerTypeJwt,
		IdentitySource: []string{"$request.header.Authorization"}, JwtConfiguration: &v2types.JWTConfiguration{Issuer: &issuer, Audience: audience}})
	if err != nil {
		a.Fatal(err)
	}
	return out.AuthorizerId
}

func (a *guardedAPI) route(key string, authorizer *string, scopes ...string) {
	a.Helper()
	if _, err := a.p.APIGatewayV2().CreateRoute(a.Context(), &apigatewayv2.CreateRouteInput{ApiId: &a.id, RouteKey: &key, Target: &a.target,
		AuthorizationType: v2types.AuthorizationTypeJwt, AuthorizerId: authorizer, AuthorizationScopes: scopes}); err != nil {
		a.Fatal(err)
	}
}

// passes checks that a request with the token reaches the backend for that person.
func (a *guardedAPI) passes(path, token, sub string) {
	a.Helper()
	before := a.reached.Load()
	status, body, h := call(a.T, a.p, a.url+path, nil, "Authorization", "Bearer "+token)
	if status != 200 || body != "hello "+sub || a.reached.Load() != before+1 {
		a.Errorf("%s: %d %q %q", path, status, body, h.Get("Www-Authenticate"))
	}
}

// refuses checks the whole answer to a request whose Authorization header does not pass.
func (a *guardedAPI) refuses(path, authorization string, status int, challenge string) {
	a.Helper()
	before := a.reached.Load()
	got, body, h := call(a.T, a.p, a.url+path, nil, "Authorization", authorization)
	want := `{"message":"Unauthorized"}`
	if status == 403 {
		want = `{"message":"Forbidden"}`
	}
	if got != status || body != want || a.reached.Load() != before {
		a.Errorf("%s: %d %s, want %d %s; %d requests passed", path, got, body, status, want, a.reached.Load()-before)
	}
	if h.Get("Www-Authenticate") != challenge || h.Get("Content-Type") != "application/json" || h.Get("Content-Length") != fmt.Sprint(len(want)) || h.Get("Apigw-Requestid") == "" {
		a.Errorf("%s: header %v, want %s", path, h, challenge)
	}
}

// challengeFor is the WWW-Authenticate header of AWS's for a token that does not pass.
func challengeFor(scopes, description string) string {
	return `Bearer scope="` + scopes + `" error="invalid_token" error_description="` + description + `"`
}

// advance moves the emulator's clock.
func advance(t *testing.T, p *emulatortest.Postern, by time.Duration) {
	t.Helper()
	res := post(t, p.URL()+"/_postern/clock", fmt.Sprintf(`{"advance": %q}`, by))
	defer res.Body.Close()
	if res.StatusCode != 200 {
		t.Fatalf("clock: %d", res.StatusCode)
	}
}
