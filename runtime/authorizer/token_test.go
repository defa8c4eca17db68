package authorizer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

// issuer is an OpenID provider.
type issuer struct {
	*httptest.Server
	keys    map[string]*rsa.PrivateKey
	extra   []any // further members of the key set
	fetched atomic.Int32
	answer  func(w http.ResponseWriter, r *http.Request) bool // in place of it
}

func newIssuer(t *testing.T, kids ...string) *issuer {
	t.Helper()
	i := &issuer{keys: map[string]*rsa.PrivateKey{}}
	for _, kid := range kids {
		i.rotate(t, kid)
	}
	i.Server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) rotate(t *testing.T, kid string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.keys[kid] = key
}

func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	if i.answer != nil && i.answer(w, r) {
		return
	}
	if !strings.HasSuffix(r.URL.Path, "jwks.json") {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"%s/jwks.json"}`, i.URL, i.URL)
		return
	}
	i.fetched.Add(1)
	set := []any{map[string]string{"kty": "strange", "kid": "x"}, 7}
	for kid, key := range i.keys {
		set = append(set, jose.JSONWebKey{Key: &key.PublicKey, KeyID: kid, Use: "sig", Algorithm: "RS256"})
	}
	// The test's own values always encode.
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": append(set, i.extra...)})
}

func mint(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", kid))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// with gives claims with some of them changed; nil removes one.
func with(claims map[string]any, changes ...any) map[string]any {
	out := map[string]any{}
	for k, v := range claims {
		out[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		if name := changes[i].(string); changes[i+1] == nil {
			delete(out, name)
		} else {
			out[name] = changes[i+1]
		}
	}
	return out
}

func challengeOf(err error) string {
	if h := gwerr.From(err).Header["Www-Authenticate"]; len(h) == 1 {
		return h[0]
	}
	return ""
}

func TestJWTTokens(t *testing.T) {
	idp := newIssuer(t, "k1", "k2")
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	idp.extra = []any{jose.JSONWebKey{Key: &ec.PublicKey, KeyID: "ec", Use: "sig"}, jose.JSONWebKey{Key: &idp.keys["k1"].PublicKey, KeyID: "enc", Use: "enc"}}
	good := map[string]any{"iss": idp.URL, "sub": "u", "aud": "app", "exp": start.Unix() + 60, "nbf": start.Unix(), "iat": start.Unix(), "scope": "read list"}
	k1 := idp.keys["k1"]
	rs := func(claims map[string]any) string { return mint(t, jose.RS256, k1, "k1", claims) }
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"k1"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"x"}`)) + "."
	public := []byte("the public key, which everybody knows")
	for _, tc := range []struct {
		name, token, want string // error_description; empty: valid
		scopes            []string
	}{
		{"RS256", "Bearer " + rs(good), "", nil},
		{"bare, RS384", mint(t, jose.RS384, k1, "k1", good), "", nil},
		{"RS512 by the other key", "bearer " + mint(t, jose.RS512, idp.keys["k2"], "k2", good), "", nil},
		{"several audiences", rs(with(good, "aud", []string{"x", "app2"})), "", nil},
		{"client_id", rs(with(good, "aud", nil, "client_id", "app")), "", nil},
		{"a scope", rs(good), "", []string{"write", "read"}},
		{"a scope in scp", rs(with(good, "scope", nil, "scp", []string{"write"})), "", []string{"write", "read"}},
		{"no times but exp", rs(with(good, "nbf", nil, "iat", nil)), "", nil},
		{"alg none", unsigned, "signing method is not supported", nil},
		{"HMAC", mint(t, jose.HS256, public, "k1", good), "signing method is not supported", nil},
		{"ECDSA", mint(t, jose.ES256, ec, "ec", good), "signing method is not supported", nil},
		{"PSS", mint(t, jose.PS256, k1, "k1", good), "signing method is not supported", nil},
		{"two segments", "a.b", "token contains an invalid number of segments", nil},
		{"four segments", "a.b.c.d", "token contains an invalid number of segments", nil},
		{"garbage", "a.b.c", "token is malformed", nil},
		{"claims that are no object", strings.Replace(rs(good), ".", ".bnVsbA", 1), "token is malformed", nil},
		{"unknown key", mint(t, jose.RS256, k1, "k3", good), "unable to find a signing key that matches", nil},
		{"a key for encryption", mint(t, jose.RS256, k1, "enc", good), "unable to find a signing key that matches", nil},
		{"no key id", mint(t, jose.RS256, k1, "", good), "unable to find a signing key that matches", nil},
		{"the wrong key", mint(t, jose.RS256, k1, "k2", good), "signature is invalid", nil},
		{"a changed signature", rs(good)[:len(rs(good))-6] + "AAAAAA", "signature is invalid", nil},
		{"expired", rs(with(good, "exp", start.Unix())), "the token has expired", nil},
		{"no expiry", rs(with(good, "exp", nil)), "the token has expired", nil},
		{"expiry as text", rs(with(good, "exp", "9999999999")), "the token has expired", nil},
		{"not yet", rs(with(good, "nbf", start.Unix()+1)), "the token is not valid yet", nil},
		{"issued later", rs(with(good, "iat", start.Unix()+1)), "the token is not valid yet", nil},
		{"not before a text", rs(with(good, "nbf", "x")), "the token is not valid yet", nil},
		{"other issuer", rs(with(good, "iss", idp.URL+"/")), "the token does not have a valid issuer", nil},
		{"no issuer", rs(with(good, "iss", nil)), "the token does not have a valid issuer", nil},
		{"other audience", rs(with(good, "aud", "y")), "the token does not have a valid audience", nil},
		{"other audience, right client", rs(with(good, "aud", "y", "client_id", "app")), "the token does not have a valid audience", nil},
		{"no audience", rs(with(good, "aud", nil)), "the token does not have a valid audience", nil},
		{"empty audience", rs(with(good, "aud", []string{})), "the token does not have a valid audience", nil},
		{"no scope", rs(good), "403", []string{"write"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now := func() time.Time { return start }
			keys := NewKeySets(nil, now)
			j := &JWT{ID: "a", Issuer: idp.URL, Audience: []string{"app", "app2"}, Scopes: tc.scopes, Keys: keys, Now: now}
			var err error
			if j.Sources, err = CompileSources([]string{"$request.header.Authorization"}); err != nil {
				t.Fatal(err)
			}
			rc, r := testRequest("/", "Authorization", tc.token)
			switch err = j.Authorize(t.Context(), rc, r); {
			case tc.want == "":
				if err != nil || rc.Authorizer.Claims["sub"] != "u" {
					t.Errorf("%v %v", err, rc.Authorizer.Claims)
				}
			case tc.want == "403":
				if got := challengeOf(err); gwerr.From(err).StatusCode() != 403 || !strings.HasPrefix(got, `Bearer scope="write" error="insufficient_scope" error_description="`) {
					t.Errorf("%v %s", err, got)
				}
			default:
				if got := challengeOf(err); gwerr.From(err).StatusCode() != 401 || got != `Bearer scope="" error="invalid_token" error_description="`+tc.want+`"` || rc.Authorizer.Error != "invalid_token: "+tc.want {
					t.Errorf("%v %s", err, got)
				}
			}
		})
	}
}

// Nobody passes because an issuer fails.
func TestBadIssuers(t *testing.T) {
	idp := newIssuer(t, "k1")
	token := mint(t, jose.RS256, idp.keys["k1"], "k1", map[string]any{"iss": idp.URL, "aud": "app", "exp": start.Unix() + 60})
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	only := func(path string, f http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, path) {
				return false
			}
			f(w, r)
			return true
		}
	}
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
	}
	const discovery, jwks = "OIDC discovery endpoint communication error", "JWKS communication error"
	for _, tc := range []struct {
		name, path, want string
		answer           http.HandlerFunc
	}{
		{"not found", "openid-configuration", discovery, http.NotFound},
		{"garbage", "openid-configuration", discovery, text("<html>")},
		{"no jwks_uri", "openid-configuration", discovery, text("{}")},
		{"slow", "openid-configuration", discovery, func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}},
		{"a redirect without an end", "openid-configuration", discovery, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }},
		{"keys nowhere", "openid-configuration", jwks, text(`{"jwks_uri":"http://127.0.0.1:1/"}`)},
		{"keys by another scheme", "openid-configuration", jwks, text(`{"jwks_uri":"file:///etc/passwd"}`)},
		{"keys fail", "jwks.json", jwks, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }},
		{"keys are garbage", "jwks.json", jwks, text(`{"keys":{}}`)},
		{"keys are too many", "jwks.json", jwks, text(`{"keys":[` + strings.Repeat(" ", maxKeySet) + `]}`)},
		{"no keys", "jwks.json", "unable to find a signing key that matches", text(`{}`)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bad := &issuer{keys: idp.keys, answer: only(tc.path, tc.answer)}
			bad.Server = httptest.NewServer(http.HandlerFunc(bad.serve))
			defer bad.Close()
			now := func() time.Time { return start }
			j := &JWT{Issuer: bad.URL, Audience: []string{"app"}, Keys: NewKeySets(nil, now), Now: now}
			if _, err := j.verify(t.Context(), token); err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// A key that the issuer took up later is found, and one that it gave up is forgotten
// with time.
func TestKeyRotation(t *testing.T) {
	idp := newIssuer(t, "old")
	now := start
	j := &JWT{Issuer: idp.URL, Audience: []string{"app"}, Keys: NewKeySets(nil, func() time.Time { return now }), Now: func() time.Time { return start }}
	claims := map[string]any{"iss": idp.URL, "aud": "app", "exp": start.Unix() + 60}
	old := mint(t, jose.RS256, idp.keys["old"], "old", claims)
	check := func(token string, wait time.Duration, want error, fetches int32) {
		t.Helper()
		now = now.Add(wait)
		if _, err := j.verify(t.Context(), token); !errors.Is(err, want) || idp.fetched.Load() != fetches {
			t.Errorf("%v after %d fetches, want %v after %d", err, idp.fetched.Load(), want, fetches)
		}
	}
	check(old, 0, nil, 1)
	check(old, time.Hour, nil, 1)
	idp.rotate(t, "new")
	delete(idp.keys, "old")
	check(old, time.Minute, nil, 1)
	check(mint(t, jose.RS256, idp.keys["new"], "new", claims), 0, nil, 2)
	check(old, 0, errKey, 3)
	check(old, 3*time.Hour, errKey, 4)
}

func TestCognito(t *testing.T) {
	const pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ABC"
	idp := newIssuer(t, "k1")
	now := func() time.Time { return start }
	keys := NewKeySets(nil, now)
	keys.Locate = func(url string) string {
		return strings.Replace(url, "https://cognito-idp.us-east-1.amazonaws.com", idp.URL, 1)
	}
	id := map[string]any{"iss": pool, "sub": "u", "aud": "client1", "token_use": "id", "exp": start.Unix() + 3600, "iat": start.Unix(), "auth_time": start.Unix(),
		"cognito:groups": []string{"a", "b"}, "email_verified": true}
	access := with(id, "aud", nil, "client_id", "client1", "token_use", "access", "scope", "pets/read pets/list")
	for _, tc := range []struct {
		name    string
		claims  map[string]any
		scopes  []string
		valid   string
		kid     string
		prefix  string
		message string // empty: passes
	}{
		{name: "identity token", claims: id},
		{name: "with its scheme", claims: id, prefix: "Bearer "},
		{name: "pool by its own address", claims: with(id, "iss", idp.URL+"/us-east-1_ABC")},
		{name: "access token with a scope", claims: access, scopes: []string{"x", "pets/list"}},
		{name: "audience as configured", claims: id, valid: "client[0-9]"},
		{name: "access token without scopes", claims: access, message: "Unauthorized"},
		{name: "identity token with scopes", claims: id, scopes: []string{"pets/read"}, message: "Unauthorized"},
		{name: "access token without the scope", claims: access, scopes: []string{"pets/write"}, message: "Unauthorized"},
		{name: "other pool", claims: with(id, "iss", strings.Replace(pool, "ABC", "DEF", 1)), message: "Unauthorized"},
		{name: "other audience", claims: id, valid: "other", message: "Unauthorized"},
		{name: "part of the audience", claims: id, valid: "client", message: "Unauthorized"},
		{name: "unknown key", claims: id, kid: "k2", message: "Unauthorized"},
		{name: "expired", claims: with(id, "exp", start.Unix()), message: "The incoming token has expired"},
		{name: "not from now", claims: with(id, "iat", start.Unix()+60), message: "Unauthorized"},
		{name: "without a use", claims: with(id, "token_use", nil), message: "Unauthorized"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := NewCognito(CognitoConfig{
				ID: "c", Sources: sources(t, "method.request.header.Authorization"), PoolARNs: []string{"arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_ABC"},
				Validation: tc.valid, Scopes: tc.scopes, Keys: keys, Now: now,
			})
			if err != nil {
				t.Fatal(err)
			}
			kid := "k1"
			if tc.kid != "" {
				kid = tc.kid
			}
			rc, r := testRequest("/", "Authorization", tc.prefix+mint(t, jose.RS256, idp.keys["k1"], kid, tc.claims))
			err = (&REST{Identity: c}).Authorize(t.Context(), rc, r)
			if tc.message != "" {
				is(t, err, 401, gwerr.Unauthorized, tc.message)
				return
			}
			is(t, err, 0, "", "")
			a := rc.Authorizer
			if a.Kind != reqcontext.CognitoAuthorizer || a.Claims["sub"] != "u" || a.Claims["exp"] != "Thu Jan 15 13:00:00 UTC 2026" ||
				a.Claims["auth_time"] != "1768478400" || a.Claims["cognito:groups"] != "a,b" || a.Claims["email_verified"] != "true" {
				t.Errorf("noted %+v", a)
			}
		})
	}
	rc, r := testRequest("/")
	c, err := NewCognito(CognitoConfig{Sources: sources(t, "method.request.header.Authorization"), Keys: keys, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	is(t, (&REST{Identity: c}).Authorize(t.Context(), rc, r), 401, gwerr.Unauthorized, "Unauthorized")
	for _, bad := range []CognitoConfig{{}, {Sources: sources(t, "method.request.header.A"), PoolARNs: []string{"pool"}}, {Sources: sources(t, "method.request.header.A"), Validation: "("}} {
		if _, err := NewCognito(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
