package emulator_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/go-jose/go-jose/v4"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// pooledAPI is a REST API behind a user pool: GET /id takes ID tokens, GET /access access
// tokens with a scope. The format has the backend's address.
const pooledAPI = `{"swagger": "2.0", "info": {"title": "pooled", "version": "1"},
"securityDefinitions": {"pool": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools",
	"x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_ABC"]}}},
"paths": {
	"/id": {"get": {"security": [{"pool": []}], "responses": {}, "x-amazon-apigateway-integration": %[1]s}},
	"/access": {"get": {"security": [{"pool": ["pets/read", "pets/all"]}], "responses": {}, "x-amazon-apigateway-integration": %[1]s}}}}`

const greeting = `{"type": "http_proxy", "httpMethod": "GET", "uri": %q, "requestParameters": {"integration.request.header.X-Sub": "context.authorizer.claims.sub"}}`

// A user pool guards a REST API by the keys at its configured address, and fails closed.
func TestUserPools(t *testing.T) {
	const pool = "https://cognito-idp.us-east-1.amazonaws.com" + poolPath
	idp := newProvider(t, "k1", "k2")
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Upstreams = map[string]string{"cognito-idp": idp.URL} })
	var reached atomic.Int32
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		fmt.Fprintf(w, "hello %s", r.Header.Get("X-Sub"))
	}))
	defer backend.Close()
	sdk := p.APIGateway()
	api, err := sdk.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: fmt.Appendf(nil, pooledAPI, fmt.Sprintf(greeting, backend.URL))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("prod")}); err != nil {
		t.Fatal(err)
	}
	base := "http://" + *api.Id + ".execute-api.localhost/prod"
	passes := func(t *testing.T, path, token string) {
		t.Helper()
		if status, body, _ := call(t, p, base+path, nil, "Authorization", token); status != 200 || body != "hello ann" {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	refuses := func(t *testing.T, path, token, message string) {
		t.Helper()
		before := reached.Load()
		status, body, h := call(t, p, base+path, nil, "Authorization", token)
		if status != 401 || body != `{"message":"`+message+`"}` || reached.Load() != before {
			t.Errorf("%s: %d %s", path, status, body)
		}
		if h.Get("X-Amzn-Errortype") != "UnauthorizedException" || h.Get("Content-Type") != "application/json" || h.Get("Www-Authenticate") != "" {
			t.Errorf("%s: header %v", path, h)
		}
	}

	id := func(changes ...any) string {
		return idp.token(t, "k1", append([]any{"iss", pool, "token_use", "id", "aud", "client", "scope", nil}, changes...)...)
	}
	access := func(changes ...any) string {
		return idp.token(t, "k1", append([]any{"iss", pool, "token_use", "access", "aud", nil, "client_id", "client", "scope", "pets/read"}, changes...)...)
	}
	good := id()
	payload, signature := strings.Split(good, ".")[1], strings.Split(good, ".")[2]
	der, err := x509.MarshalPKIXPublicKey(&idp.key("k1").PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := idp.claims("iss", pool, "token_use", "id", "aud", "client")
	kid := map[jose.HeaderKey]any{"kid": "k1"}
	const no, expired = "Unauthorized", "The incoming token has expired"
	for _, tc := range []struct{ name, path, token, want string }{
		{"an ID token", "/id", good, ""},
		{"with its scheme", "/id", "Bearer " + good, ""},
		{"of the pool by its own address", "/id", id("iss", idp.URL+poolPath), ""},
		{"an access token", "/access", access(), ""},
		{"an access token with another of the scopes", "/access", access("scope", "x pets/all"), ""},

		{"nothing", "/id", "", no},
		{"a word", "/id", "token", no},
		{"unsigned", "/id", part(`{"alg":"none","kid":"k1"}`) + "." + payload + ".", no},
		{"the public key as a secret", "/id", signToken(t, jose.HS256, der, claims, kid), no},
		{"another's key", "/id", signToken(t, jose.RS256, other, claims, kid), no},
		{"the pool's other key", "/id", signToken(t, jose.RS256, idp.key("k2"), claims, kid), no},
		{"changed claims", "/id", part(`{"alg":"RS256","kid":"k1"}`) + "." + part(`{"iss":"`+pool+`","token_use":"id","aud":"client","exp":9999999999}`) + "." + signature, no},
		{"no key id", "/id", signToken(t, jose.RS256, idp.key("k1"), claims, nil), no},
		{"another pool", "/id", id("iss", strings.Replace(pool, "ABC", "DEF", 1)), no},
		{"a pool elsewhere", "/id", id("iss", strings.Replace(pool, "us-east-1", "us-east-2", 2)), no},
		{"no issuer", "/id", id("iss", nil), no},
		{"expired", "/id", id("exp", 1), expired},
		{"without an end", "/id", id("exp", nil), expired},
		{"issued later", "/id", id("iat", time.Now().Unix()+600), no},
		{"without a use", "/id", id("token_use", nil), no},
		{"an access token for an ID token", "/id", access(), no},
		{"an ID token for an access token", "/access", good, no},
		{"an ID token with the scope", "/access", id("scope", "pets/read"), no},
		{"no scope", "/access", access("scope", nil), no},
		{"another scope", "/access", access("scope", "pets/reader"), no},
		{"an expired access token", "/access", access("exp", 1), expired},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.want == "" {
				passes(t, tc.path, tc.token)
				return
			}
			refuses(t, tc.path, tc.token, tc.want)
		})
	}

	// Keys change, and the pool fails.
	idp.takeUp(t, "k3")
	advance(t, p, time.Minute)
	passes(t, "/id", signToken(t, jose.RS256, idp.key("k3"), idp.claims("iss", pool, "token_use", "id"), map[jose.HeaderKey]any{"kid": "k3"}))
	for _, status := range []int{http.StatusNotFound, http.StatusInternalServerError, http.StatusOK} {
		idp.answers(poolPath+"/.well-known/jwks.json", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, "<html>")
		})
		passes(t, "/id", good)
		advance(t, p, 2*time.Hour)
		refuses(t, "/id", good, no)
		idp.answers(poolPath+"/.well-known/jwks.json", nil)
		passes(t, "/id", good)
	}
	idp.Close()
	advance(t, p, 2*time.Hour)
	refuses(t, "/id", good, no)
}
