package emulator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/go-jose/go-jose/v4"

	"github.com/postern/postern/emulator/emulatortest"
)

// part is a part of a token as somebody might write it.
func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// No token passes that is not good in every respect; the answer is AWS's to the letter.
func TestForgedTokens(t *testing.T) {
	p := emulatortest.Start(t)
	idp := newProvider(t, "k1", "k2")
	api := newGuardedAPI(t, p)
	guard := api.guard(idp.URL, "api", "another-api")
	api.route("GET /open", guard)
	api.route("GET /scoped", guard, "pets/read", "pets/write")

	good := idp.token(t, "k1")
	_, payload, _ := strings.Cut(good[:strings.LastIndexByte(good, '.')], ".")
	signature := good[strings.LastIndexByte(good, '.')+1:]
	kid := map[jose.HeaderKey]any{"kid": "k1"}
	der, err := x509.MarshalPKIXPublicKey(&idp.key("k1").PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	const (
		segments  = "token contains an invalid number of segments"
		malformed = "token is malformed"
		algorithm = "signing method is not supported"
		noKey     = "unable to find a signing key that matches"
		signed    = "signature is invalid"
		issuer    = "the token does not have a valid issuer"
		audience  = "the token does not have a valid audience"
		expired   = "the token has expired"
		early     = "the token is not valid yet"
	)
	for _, tc := range []struct{ name, token, want string }{
		{"good", good, ""},
		{"by the other key", idp.token(t, "k2"), ""},
		{"RS512", signToken(t, jose.RS512, idp.key("k1"), idp.claims(), kid), ""},
		{"one of several audiences", idp.token(t, "k1", "aud", []string{"x", "another-api"}), ""},
		{"its client for the audience", idp.token(t, "k1", "aud", nil, "client_id", "api"), ""},
		{"no more than it needs", idp.token(t, "k1", "nbf", nil, "iat", nil), ""},

		{"a word", "not-a-token", segments},
		{"two segments", good[:strings.LastIndexByte(good, '.')], segments},
		{"five segments", "a.b.c.d.e", segments},
		{"empty segments", "..", algorithm},
		{"not base64", "%.%.%", malformed},
		{"padded base64", part(`{"alg":"RS256","kid":"k1"}`) + "." + payload + "=." + signature, malformed},
		{"a header that is no object", part(`7`) + "." + payload + "." + signature, malformed},
		{"claims that are no object", part(`{"alg":"RS256","kid":"k1"}`) + "." + part(`["iss"]`) + "." + signature, malformed},
		{"claims that are no JSON", part(`{"alg":"RS256","kid":"k1"}`) + "." + part(`iss`) + "." + signature, malformed},
		{"claims and more", part(`{"alg":"RS256","kid":"k1"}`) + "." + part(`{"iss":"x"}{}`) + "." + signature, malformed},
		{"unsigned", part(`{"alg":"none","kid":"k1"}`) + "." + payload + ".", algorithm},
		{"unsigned, spelled otherwise", part(`{"alg":"NoNe","kid":"k1"}`) + "." + payload + ".", algorithm},
		{"unsigned, with a signature", part(`{"alg":"none","kid":"k1"}`) + "." + payload + "." + signature, algorithm},
		{"no algorithm", part(`{"kid":"k1"}`) + "." + payload + "." + signature, algorithm},
		{"the public key as a secret", signToken(t, jose.HS256, public, idp.claims(), kid), algorithm},
		{"the public key's bytes as a secret", signToken(t, jose.HS512, der, idp.claims(), kid), algorithm},
		{"an elliptic curve", signToken(t, jose.ES256, curve, idp.claims(), kid), algorithm},
		{"PSS", signToken(t, jose.PS256, idp.key("k1"), idp.claims(), kid), algorithm},
		{"no signature", good[:strings.LastIndexByte(good, '.')+1], signed},
		{"another's signature", good[:strings.LastIndexByte(good, '.')+1] + strings.Split(idp.token(t, "k2"), ".")[2], signed},
		{"changed claims", part(`{"alg":"RS256","kid":"k1"}`) + "." + part(`{"iss":"`+idp.URL+`","aud":"api","exp":9999999999}`) + "." + signature, signed},
		{"another's key", signToken(t, jose.RS256, own, idp.claims(), kid), signed},
		{"another's key, brought along", signToken(t, jose.RS256, own, idp.claims(), map[jose.HeaderKey]any{"kid": "k1", "jwk": jose.JSONWebKey{Key: &own.PublicKey, KeyID: "k1"}}), signed},
		{"another's key, to be fetched", signToken(t, jose.RS256, own, idp.claims(), map[jose.HeaderKey]any{"kid": "k9", "jku": "http://127.0.0.1:1/"}), noKey},
		{"no key id", signToken(t, jose.RS256, idp.key("k1"), idp.claims(), nil), noKey},
		{"a key id that is a path", signToken(t, jose.RS256, idp.key("k1"), idp.claims(), map[jose.HeaderKey]any{"kid": "../k1"}), noKey},
		{"another issuer", idp.token(t, "k1", "iss", "https://issuer.example.com"), issuer},
		{"the issuer with a slash", idp.token(t, "k1", "iss", idp.URL+"/"), issuer},
		{"no issuer", idp.token(t, "k1", "iss", nil), issuer},
		{"another audience", idp.token(t, "k1", "aud", "web"), audience},
		{"the audience in other letters", idp.token(t, "k1", "aud", "API"), audience},
		{"no audience", idp.token(t, "k1", "aud", nil), audience},
		{"an empty audience", idp.token(t, "k1", "aud", ""), audience},
		{"an audience that is a number", idp.token(t, "k1", "aud", 7, "client_id", "api"), audience},
		{"another audience, the right client", idp.token(t, "k1", "aud", "web", "client_id", "api"), audience},
		{"another client for the audience", idp.token(t, "k1", "aud", nil, "client_id", "web"), audience},
		{"expired", idp.token(t, "k1", "exp", now-1), expired},
		{"without an end", idp.token(t, "k1", "exp", nil), expired},
		{"an end that is text", idp.token(t, "k1", "exp", "9999999999"), expired},
		{"later", idp.token(t, "k1", "nbf", now+600), early},
		{"issued later", idp.token(t, "k1", "iat", now+600), early},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := *api
			a.T = t
			if tc.want == "" {
				a.passes("/open", tc.token, "ann")
				a.passes("/scoped", tc.token, "ann")
				return
			}
			a.refuses("/open", "Bearer "+tc.token, 401, challengeFor("", tc.want))
			a.refuses("/scoped", tc.token, 401, challengeFor("pets/read pets/write", tc.want)) // with no scheme before it
		})
	}
	api.refuses("/open", "", 401, "Bearer")
	const forbidden = `Bearer scope="pets/read pets/write" error="insufficient_scope" error_description="the token does not have sufficient scopes"`
	for _, scope := range []any{nil, "", "pets", "pets/reader", "PETS/READ", 7, []string{"pets"}, []string{}} {
		api.refuses("/scoped", "Bearer "+idp.token(t, "k1", "scope", scope), 403, forbidden)
	}
	api.passes("/scoped", idp.token(t, "k1", "scope", "x pets/write"), "ann")
	api.passes("/scoped", idp.token(t, "k1", "scope", nil, "scp", []string{"x", "pets/write"}), "ann")
}

// Keys and clocks differ with time: what is good now need not be later, and the other
// way round.
func TestProviderInTime(t *testing.T) {
	p := emulatortest.Start(t)
	idp := newProvider(t, "old")
	api := newGuardedAPI(t, p)
	api.route("GET /pets", api.guard(idp.URL, "api"))
	const noKey = "unable to find a signing key that matches"

	// The provider's clock is ahead of ours, and AWS makes no allowance for that.
	at := time.Now().Unix() + 300
	ahead := idp.token(t, "old", "iat", at, "nbf", at)
	api.refuses("/pets", "Bearer "+ahead, 401, challengeFor("", "the token is not valid yet"))
	advance(t, p, 5*time.Minute)
	api.passes("/pets", ahead, "ann")

	old := idp.token(t, "old")
	idp.takeUp(t, "new")
	idp.giveUp("old")
	api.passes("/pets", old, "ann") // keys are kept for a while
	advance(t, p, time.Minute)
	api.passes("/pets", idp.token(t, "new"), "ann") // one that is not known is looked for
	api.refuses("/pets", "Bearer "+old, 401, challengeFor("", noKey))

	// While it is away, what is known stays good for as long as keys are kept.
	idp.answers(providerDiscovery, http.NotFound)
	api.passes("/pets", idp.token(t, "new"), "ann")
	advance(t, p, 2*time.Hour)
	api.refuses("/pets", "Bearer "+idp.token(t, "new"), 401, challengeFor("", "OIDC discovery endpoint communication error"))
	idp.answers(providerDiscovery, nil)
	api.passes("/pets", idp.token(t, "new"), "ann")
}

// Nobody passes because the provider fails, however it does.
func TestProviderFails(t *testing.T) {
	p := emulatortest.Start(t)
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"jwks_uri":`)
	}
	const discovery, keys = "OIDC discovery endpoint communication error", "JWKS communication error"
	for _, tc := range []struct {
		name, path, want string
		answer           http.HandlerFunc // nil: nobody is there
	}{
		{"unreachable", providerDiscovery, discovery, nil},
		{"slow", providerDiscovery, discovery, hang},
		{"not found", providerDiscovery, discovery, http.NotFound},
		{"an error with a good body", providerDiscovery, discovery, text(500, `{"jwks_uri":"http://127.0.0.1:1/"}`)},
		{"a web page", providerDiscovery, discovery, text(200, "<!doctype html>")},
		{"nothing", providerDiscovery, discovery, text(200, "")},
		{"null", providerDiscovery, discovery, text(200, "null")},
		{"a list", providerDiscovery, discovery, text(200, "[]")},
		{"without keys", providerDiscovery, discovery, text(200, `{"issuer":"x"}`)},
		{"keys that are a number", providerDiscovery, discovery, text(200, `{"jwks_uri":7}`)},
		{"cut off", providerDiscovery, discovery, cut},
		{"too long", providerDiscovery, discovery, text(200, `{"jwks_uri":"http://127.0.0.1:1/"`+strings.Repeat(" ", 150_000)+`}`)},
		{"around in circles", providerDiscovery, discovery, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }},
		{"keys that are a file", providerDiscovery, keys, text(200, `{"jwks_uri":"file:///etc/passwd"}`)},
		{"keys nowhere", providerDiscovery, keys, text(200, `{"jwks_uri":"http://127.0.0.1:1/"}`)},
		{"slow keys", providerKeys, keys, hang},
		{"keys not found", providerKeys, keys, http.NotFound},
		{"keys that are a web page", providerKeys, keys, text(200, "<!doctype html>")},
		{"keys that are an object", providerKeys, keys, text(200, `{"keys":{}}`)},
		{"keys cut off", providerKeys, keys, cut},
		{"too many keys", providerKeys, keys, text(200, `{"keys":[`+strings.Repeat(" ", 150_000)+`]}`)},
		{"no keys", providerKeys, "unable to find a signing key that matches", text(200, `{}`)},
		{"a key that is too small", providerKeys, "signature is invalid", text(200, `{"keys":[{"kty":"RSA","kid":"k1","n":"AQ","e":"AQAB"}]}`)},
		{"strange keys", providerKeys, "unable to find a signing key that matches", text(200, `{"keys":[null,7,"k1",[],{},{"kty":"RSA","kid":"k1"},{"kty":"oct","kid":"k1","k":"AA"}]}`)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			idp, api := newProvider(t, "k1"), newGuardedAPI(t, p)
			api.route("GET /pets", api.guard(idp.URL, "api"))
			token := idp.token(t, "k1")
			if tc.answer == nil {
				idp.Close()
			} else {
				idp.answers(tc.path, tc.answer)
			}
			api.refuses("/pets", "Bearer "+token, 401, challengeFor("", tc.want))
			if tc.answer == nil {
				return
			}
			// Once it answers as it should, and what it said has been forgotten, its
			// tokens pass.
			idp.answers(tc.path, nil)
			advance(t, p, 2*time.Hour)
			api.passes("/pets", token, "ann")
		})
	}
}

// The access log says why a token did not pass.
func TestRefusedTokensInAccessLog(t *testing.T) {
	p := emulatortest.Start(t)
	idp := newProvider(t, "k1")
	api := newGuardedAPI(t, p)
	api.route("GET /pets", api.guard(idp.URL, "api"), "pets/write")
	if _, err := p.APIGatewayV2().UpdateStage(t.Context(), &apigatewayv2.UpdateStageInput{ApiId: &api.id, StageName: aws.String("$default"),
		AccessLogSettings: &v2types.AccessLogSettings{DestinationArn: aws.String(logGroup), Format: aws.String("$context.status $context.authorizer.claims.sub $context.authorizer.error $context.requestId")}}); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"x", idp.token(t, "k1", "aud", "web"), idp.token(t, "k1"), idp.token(t, "k1", "scope", "pets/write")} {
		call(t, p, api.url+"/pets", nil, "Authorization", token)
	}
	lines := logLines(t, p, "access", 4)
	for i, want := range []string{
		"401 - invalid_token: token contains an invalid number of segments ", "401 - invalid_token: the token does not have a valid audience ",
		"403 ann insufficient_scope: the token does not have sufficient scopes ", "200 ann - ",
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %q, want %q", lines[i], want)
		}
	}
}
