package emulator_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/go-jose/go-jose/v4"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// tokenAuthorizer is a TOKEN authorizer whose token says what it answers.
const tokenAuthorizer = `
def handler(event, context):
    token = event["authorizationToken"]
    if token == "unauthorized":
        raise Exception("Unauthorized")
    if token == "broken":
        return {"principalId": "me"}
    return {
        "principalId": "user-" + token,
        "policyDocument": {"Version": "2012-10-17", "Statement": [{
            "Action": "execute-api:Invoke", "Effect": "Deny" if token == "deny" else "Allow",
            "Resource": event["methodArn"]}]},
        "context": {"number": 7, "invocation": context.aws_request_id},
    }
`

// requestAuthorizer is a REQUEST authorizer for either API type and format.
const requestAuthorizer = `
exports.handler = async (event) => {
  const ok = (event.headers["x-who"] ?? event.headers["X-Who"]) === "me";
  if (event.version === "2.0") return { isAuthorized: ok, context: { list: [1, "a"], arn: event.routeArn, source: event.identitySource } };
  return { principalId: "me", policyDocument: { Version: "2012-10-17", Statement: [
    { Action: "execute-api:Invoke", Effect: ok ? "Allow" : "Deny", Resource: event.methodArn } ] }, context: { path: event.path, type: event.type } };
};
`

// echo answers with the authorizer's part of its event.
const echo = `
import json

def handler(event, context):
    rc = event["requestContext"]
    return {"statusCode": 200, "body": json.dumps({"authorizer": rc.get("authorizer"), "arn": rc.get("identity", {}).get("userArn"), "signed": "authorization" in event["headers"]})}
`

func function(t *testing.T, p *emulatortest.Postern, name, runtime, file, text string) string {
	t.Helper()
	arn := createFunction(t, p, name, runtime, "index.handler", map[string]string{file: text})
	_, err := p.Lambda().AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: aws.String(name), StatementId: aws.String("gw"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")})
	if err != nil {
		t.Fatal(err)
	}
	return arn
}

func invocations(arn string) *string {
	return aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + arn + "/invocations")
}

// restAPI is a REST API under construction.
type restAPI struct {
	*testing.T
	p        *emulatortest.Postern
	sdk      *apigateway.Client
	id, root string
}

func newRestAPI(t *testing.T, p *emulatortest.Postern, policy string) *restAPI {
	t.Helper()
	in := &apigateway.CreateRestApiInput{Name: aws.String("guarded")}
	if policy != "" {
		in.Policy = &policy
	}
	api, err := p.APIGateway().CreateRestApi(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return &restAPI{t, p, p.APIGateway(), *api.Id, *api.RootResourceId}
}

// authorizer makes an authorizer and gives its id.
func (a *restAPI) authorizer(in apigateway.CreateAuthorizerInput) *string {
	a.Helper()
	in.RestApiId, in.Name = &a.id, aws.String(string(in.Type))
	out, err := a.sdk.CreateAuthorizer(a.Context(), &in)
	if err != nil {
		a.Fatal(err)
	}
	return out.Id
}

// method puts GET /{path} in front of a function, or of a MOCK where there is none.
func (a *restAPI) method(path, authorization string, authorizer *string, function string, scopes ...string) {
	a.Helper()
	res, err := a.sdk.CreateResource(a.Context(), &apigateway.CreateResourceInput{RestApiId: &a.id, ParentId: &a.root, PathPart: &path})
	if err != nil {
		a.Fatal(err)
	}
	if _, err := a.sdk.PutMethod(a.Context(), &apigateway.PutMethodInput{
		RestApiId: &a.id, ResourceId: res.Id, HttpMethod: aws.String("GET"), AuthorizationType: &authorization, AuthorizerId: authorizer, AuthorizationScopes: scopes,
	}); err != nil {
		a.Fatal(err)
	}
	if _, err := a.sdk.PutIntegration(a.Context(), &apigateway.PutIntegrationInput{
		RestApiId: &a.id, ResourceId: res.Id, HttpMethod: aws.String("GET"), Type: v1types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), Uri: invocations(function),
	}); err != nil {
		a.Fatal(err)
	}
}

func (a *restAPI) deploy() string {
	a.Helper()
	if _, err := a.sdk.CreateDeployment(a.Context(), &apigateway.CreateDeploymentInput{RestApiId: &a.id, StageName: aws.String("prod")}); err != nil {
		a.Fatal(err)
	}
	return "http://" + a.id + ".execute-api.localhost/prod"
}

// call makes a request; sign, where set, changes it at last.
func call(t *testing.T, p *emulatortest.Postern, address string, sign func(*http.Request), header ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if sign != nil {
		sign(req)
	}
	res, err := p.HTTP().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

func TestRESTLambdaAuthorizers(t *testing.T) {
	p := emulatortest.Start(t)
	backend := function(t, p, "echo", "python3.11", "index.py", echo)
	api := newRestAPI(t, p, "")
	token := api.authorizer(apigateway.CreateAuthorizerInput{Type: v1types.AuthorizerTypeToken, AuthorizerUri: invocations(function(t, p, "token", "python3.11", "index.py", tokenAuthorizer)),
		IdentitySource: aws.String("method.request.header.Authorization")})
	request := api.authorizer(apigateway.CreateAuthorizerInput{Type: v1types.AuthorizerTypeRequest, AuthorizerUri: invocations(function(t, p, "request", "nodejs20.x", "index.js", requestAuthorizer)),
		IdentitySource: aws.String("method.request.header.X-Who"), AuthorizerResultTtlInSeconds: aws.Int32(0)})
	api.method("token", "CUSTOM", token, backend)
	api.method("other", "CUSTOM", token, backend)
	api.method("request", "CUSTOM", request, backend)
	url := api.deploy()
	for _, tc := range []struct {
		path, name, value string
		status            int
		body, errorType   string
	}{
		{"/token", "Authorization", "", 401, `{"message":"Unauthorized"}`, "UnauthorizedException"},
		{"/token", "Authorization", "unauthorized", 401, `{"message":"Unauthorized"}`, "UnauthorizedException"},
		{"/token", "Authorization", "deny", 403, `{"Message":"User is not authorized to access this resource with an explicit deny"}`, "AccessDeniedException"},
		{"/token", "Authorization", "broken", 500, `{"message":null}`, "AuthorizerConfigurationException"},
		{"/request", "X-Who", "you", 403, `{"Message":"User is not authorized to access this resource with an explicit deny"}`, "AccessDeniedException"},
		{"/nowhere", "Authorization", "abc", 403, `{"message":"'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'abc'."}`, "IncompleteSignatureException"},
	} {
		var header []string
		if tc.value != "" {
			header = []string{tc.name, tc.value}
		}
		if status, body, h := call(t, p, url+tc.path, nil, header...); status != tc.status || body != tc.body || h.Get("x-amzn-ErrorType") != tc.errorType {
			t.Errorf("%s %s: %d %s %s", tc.path, tc.value, status, body, h.Get("x-amzn-ErrorType"))
		}
	}
	authorized := func(path, name, value string) map[string]any {
		t.Helper()
		status, body, _ := call(t, p, url+path, nil, name, value)
		var out struct{ Authorizer map[string]any }
		if err := json.Unmarshal([]byte(body), &out); err != nil || status != 200 {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		return out.Authorizer
	}
	first := authorized("/token", "Authorization", "abc")
	if first["principalId"] != "user-abc" || first["number"] != "7" || first["integrationLatency"] == nil {
		t.Errorf("authorizer %v", first)
	}
	if again := authorized("/token", "Authorization", "abc"); again["invocation"] != first["invocation"] {
		t.Error("the result was not kept")
	}
	// The policy that was kept names one method only.
	if status, body, _ := call(t, p, url+"/other", nil, "Authorization", "abc"); status != 403 || body != `{"Message":"User is not authorized to access this resource"}` {
		t.Errorf("other: %d %s", status, body)
	}
	if _, err := p.APIGateway().FlushStageAuthorizersCache(t.Context(), &apigateway.FlushStageAuthorizersCacheInput{RestApiId: &api.id, StageName: aws.String("prod")}); err != nil {
		t.Fatal(err)
	}
	if again := authorized("/token", "Authorization", "abc"); again["invocation"] == first["invocation"] {
		t.Error("the result outlives a flush")
	}
	if got := authorized("/request", "X-Who", "me"); got["path"] != "/request" || got["type"] != "REQUEST" {
		t.Errorf("authorizer %v", got)
	}
}

func TestHTTPLambdaAuthorizers(t *testing.T) {
	p := emulatortest.Start(t)
	backend := function(t, p, "echo", "python3.11", "index.py", echo)
	authorizer := function(t, p, "request", "nodejs20.x", "index.js", requestAuthorizer)
	api := newHTTPAPI(t, p, backend)
	for _, version := range []string{"1.0", "2.0"} {
		out, err := api.sdk.CreateAuthorizer(t.Context(), &apigatewayv2.CreateAuthorizerInput{ApiId: &api.id, Name: aws.String(version), AuthorizerType: v2types.AuthorizerTypeRequest,
			AuthorizerUri: invocations(authorizer), AuthorizerPayloadFormatVersion: aws.String(version), EnableSimpleResponses: aws.Bool(version == "2.0"), IdentitySource: []string{"$request.header.X-Who"}})
		if err != nil {
			t.Fatal(err)
		}
		api.route("GET /v"+version[:1], v2types.AuthorizationTypeCustom, out.AuthorizerId)
	}
	for _, tc := range []struct {
		path, who string
		status    int
		body      string
	}{
		{"/v1", "", 401, `{"message":"Unauthorized"}`},
		{"/v1", "you", 403, `{"message":"Forbidden"}`},
		{"/v2", "you", 403, `{"message":"Forbidden"}`},
		{"/v2", "me", 200, `{"authorizer": {"lambda": {"arn": "arn:aws:execute-api:us-east-1:000000000000:` + api.id + `/$default/GET/v2", "list": [1, "a"], "source": ["me"]}}, "arn": null, "signed": false}`},
		{"/v1", "me", 200, `{"authorizer": {"lambda": {"path": "/v1", "type": "REQUEST"}}, "arn": null, "signed": false}`},
	} {
		var header []string
		if tc.who != "" {
			header = []string{"X-Who", tc.who}
		}
		if status, body, _ := call(t, p, api.url+tc.path, nil, header...); status != tc.status || body != tc.body {
			t.Errorf("%s %s: %d %s", tc.path, tc.who, status, body)
		}
	}
}

// httpAPI is an HTTP API in front of one function.
type httpAPI struct {
	*testing.T
	sdk             *apigatewayv2.Client
	id, target, url string
}

func newHTTPAPI(t *testing.T, p *emulatortest.Postern, function string) *httpAPI {
	t.Helper()
	sdk := p.APIGatewayV2()
	api, err := sdk.CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("guarded"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.CreateStage(t.Context(), &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	in, err := sdk.CreateIntegration(t.Context(), &apigatewayv2.CreateIntegrationInput{ApiId: api.ApiId, IntegrationType: v2types.IntegrationTypeAwsProxy,
		IntegrationUri: &function, PayloadFormatVersion: aws.String("2.0")})
	if err != nil {
		t.Fatal(err)
	}
	return &httpAPI{t, sdk, *api.ApiId, "integrations/" + *in.IntegrationId, "http://" + *api.ApiId + ".execute-api.localhost"}
}

func (a *httpAPI) route(key string, authorization v2types.AuthorizationType, authorizer *string, scopes ...string) {
	a.Helper()
	if _, err := a.sdk.CreateRoute(a.Context(), &apigatewayv2.CreateRouteInput{ApiId: &a.id, RouteKey: &key, Target: &a.target,
		AuthorizationType: authorization, AuthorizerId: authorizer, AuthorizationScopes: scopes}); err != nil {
		a.Fatal(err)
	}
}

// tokenIssuer is an OpenID provider, and a Cognito user pool by another name.
type tokenIssuer struct {
	*httptest.Server
	signer jose.Signer
}

func newTokenIssuer(t *testing.T) *tokenIssuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &tokenIssuer{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/jwks.json") {
			// The test's own values always encode.
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k1", Use: "sig"}}})
			return
		}
		fmt.Fprintf(w, `{"jwks_uri":"%s/jwks.json"}`, i.URL)
	}))
	t.Cleanup(i.Close)
	if i.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k1")); err != nil {
		t.Fatal(err)
	}
	return i
}

func (i *tokenIssuer) token(t *testing.T, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := i.signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTokenAuthorizers(t *testing.T) {
	const pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ABC"
	issuer := newTokenIssuer(t)
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Upstreams = map[string]string{"cognito-idp": issuer.URL} })
	backend := function(t, p, "echo", "python3.11", "index.py", echo)
	exp := time.Now().Add(time.Hour).Unix()

	web := newHTTPAPI(t, p, backend)
	jwt, err := web.sdk.CreateAuthorizer(t.Context(), &apigatewayv2.CreateAuthorizerInput{ApiId: &web.id, Name: aws.String("jwt"), AuthorizerType: v2types.AuthorizerTypeJwt,
		IdentitySource: []string{"$request.header.Authorization"}, JwtConfiguration: &v2types.JWTConfiguration{Issuer: &issuer.URL, Audience: []string{"app"}}})
	if err != nil {
		t.Fatal(err)
	}
	web.route("GET /jwt", v2types.AuthorizationTypeJwt, jwt.AuthorizerId, "read")

	api := newRestAPI(t, p, "")
	cognito := api.authorizer(apigateway.CreateAuthorizerInput{Type: v1types.AuthorizerTypeCognitoUserPools, IdentitySource: aws.String("method.request.header.Authorization"),
		ProviderARNs: []string{"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_ABC"}})
	api.method("id", "COGNITO_USER_POOLS", cognito, backend)
	api.method("access", "COGNITO_USER_POOLS", cognito, backend, "pets/read")
	rest := api.deploy()

	jwtClaims := map[string]any{"iss": issuer.URL, "aud": "app", "exp": exp, "scope": "read"}
	idClaims := map[string]any{"iss": pool, "aud": "client", "exp": exp, "token_use": "id", "sub": "u1", "cognito:groups": []string{"a", "b"}}
	for _, tc := range []struct {
		name, url string
		token     string
		status    int
		body      string // or a part of it
		challenge string
	}{
		{"jwt", web.url + "/jwt", issuer.token(t, jwtClaims), 200, `"scopes": ["read"]`, ""},
		{"no jwt", web.url + "/jwt", "", 401, `{"message":"Unauthorized"}`, "Bearer"},
		{"no token", web.url + "/jwt", "not-a-token", 401, `{"message":"Unauthorized"}`, `Bearer scope="read" error="invalid_token" error_description="token contains an invalid number of segments"`},
		{"cognito", rest + "/id", issuer.token(t, idClaims), 200, `"cognito:groups": "a,b"`, ""},
		{"cognito, a token of another kind", rest + "/access", issuer.token(t, idClaims), 401, `{"message":"Unauthorized"}`, ""},
		{"cognito, a scope", rest + "/access", issuer.token(t, map[string]any{"iss": pool, "client_id": "client", "exp": exp, "token_use": "access", "scope": "pets/read"}), 200, `"scope": "pets/read"`, ""},
		{"cognito, expired", rest + "/id", issuer.token(t, map[string]any{"iss": pool, "aud": "client", "exp": 1, "token_use": "id"}), 401, `{"message":"The incoming token has expired"}`, ""},
		{"cognito, nothing", rest + "/id", "", 401, `{"message":"Unauthorized"}`, ""},
	} {
		var header []string
		if tc.token != "" {
			header = []string{"Authorization", "Bearer " + tc.token}
		}
		status, body, h := call(t, p, tc.url, nil, header...)
		if status != tc.status || !strings.Contains(body, tc.body) || h.Get("Www-Authenticate") != tc.challenge {
			t.Errorf("%s: %d %s %s", tc.name, status, body, h.Get("Www-Authenticate"))
		}
	}
}
