package authorizer

import (
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/postern/postern/runtime/reqcontext"
)

// Whatever a caller sends for a token: it does not pass, for nobody signed it.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer ", "a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9.bnVsbA.AAAA", "bearer eyJhbGciOiJub25lIn0.e30.",
		"eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwczovL2lzc3VlciIsImF1ZCI6ImFwcCIsImV4cCI6OTk5OTk5OTk5OX0.AAAA",
		"eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIiwiY3JpdCI6WyJ4Il0sIngiOjF9.eyJleHAiOjFlOTk5LCJhdWQiOltbXV19.",
	} {
		f.Add(seed)
	}
	// Keys are kept and none may be looked for, so that nothing is fetched.
	keys := NewKeySets(nil, func() time.Time { return start })
	key := &rsa.PublicKey{N: new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 2048), big.NewInt(1)), E: 65537}
	keys.sets["https://issuer"] = &keySet{keys: map[string]*rsa.PublicKey{"k1": key}, fetched: start, retries: rate.NewLimiter(0, 0)}
	sources, err := CompileSources([]string{"$request.header.Authorization"})
	if err != nil {
		f.Fatal(err)
	}
	jwt := &JWT{ID: "a", Issuer: "https://issuer", Audience: []string{"app"}, Sources: sources, Keys: keys, Now: func() time.Time { return start }}
	f.Fuzz(func(t *testing.T, token string) {
		rc, r := testRequest("/", "Authorization", token)
		if err := jwt.Authorize(t.Context(), rc, r); err == nil || rc.Authorizer.Kind != reqcontext.JWTAuthorizer || rc.Authorizer.Claims != nil {
			t.Errorf("%q passes: %+v", token, rc.Authorizer)
		}
		parsed, err := parseToken(token)
		if err != nil {
			return
		}
		// What reads claims takes any shape of them.
		parsed.claims.scopes()
		parsed.claims.text()
		parsed.claims.restText()
		if _, err := json.Marshal(parsed.claims); err != nil {
			t.Errorf("claims of %q: %v", token, err)
		}
	})
}

// Whatever an issuer sends for a key set: what is kept is an RSA key with an id.
func FuzzKeySet(f *testing.F) {
	for _, seed := range []string{
		`{"kty":"RSA","kid":"k1","n":"AQAB","e":"AQAB"}`, `{"kty":"RSA","kid":"k1","n":"","e":""}`, `{"kty":"oct","kid":"k1","k":"AA"}`,
		`{"kty":"EC","crv":"P-256","kid":"k1","x":"AA","y":"AA"}`, `7`, `null`, `{"kty":"RSA","kid":7}`, `{"kty":"RSA","use":"enc","kid":"k1","n":"AQAB","e":"AQAB"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for kid, key := range signatureKeys([]json.RawMessage{json.RawMessage(text)}) {
			if kid == "" || key == nil || key.N == nil {
				t.Errorf("%q: key %q %v", text, kid, key)
			}
		}
	})
}
