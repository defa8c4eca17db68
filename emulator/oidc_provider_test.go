package emulator_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// provider is an OpenID provider of somebody else's, which may misbehave. It is a user
// pool of Cognito's too.
type provider struct {
	*httptest.Server

	mu       sync.Mutex
	keys     map[string]*rsa.PrivateKey
	override map[string]http.HandlerFunc // by path; in place of what it should answer
}

const (
	providerDiscovery = "/.well-known/openid-configuration"
	providerKeys      = "/keys"
	poolPath          = "/us-east-1_ABC"
)

func newProvider(t *testing.T, kids ...string) *provider {
	t.Helper()
	p := &provider{keys: map[string]*rsa.PrivateKey{}, override: map[string]http.HandlerFunc{}}
	for _, kid := range kids {
		p.takeUp(t, kid)
	}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.override[r.URL.Path]; other != nil {
		p.mu.Unlock() // it may take its time
		other(w, r)
		p.mu.Lock()
		return
	}
	switch r.URL.Path {
	case poolPath + "/.well-known/jwks.json", providerKeys:
		var set jose.JSONWebKeySet
		for kid, key := range p.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: &key.PublicKey, KeyID: kid, Use: "sig", Algorithm: "RS256"})
		}
		_ = json.NewEncoder(w).Encode(set) // the test's own values always encode
	case providerDiscovery:
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, p.URL, p.URL+providerKeys)
	default:
		http.NotFound(w, r)
	}
}

func (p *provider) takeUp(t *testing.T, kid string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys[kid] = key
}

func (p *provider) giveUp(kid string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.keys, kid)
}

// answers has a path answered otherwise; nil: as it should be.
func (p *provider) answers(path string, otherwise http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.override[path] = otherwise
}

func (p *provider) key(kid string) *rsa.PrivateKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[kid]
}

// token is a good token of the provider's, with some claims changed; nil removes one.
func (p *provider) token(t *testing.T, kid string, changes ...any) string {
	t.Helper()
	return signToken(t, jose.RS256, p.key(kid), p.claims(changes...), map[jose.HeaderKey]any{"kid": kid})
}

func (p *provider) claims(changes ...any) map[string]any {
	now := time.Now().Unix()
	claims := map[string]any{"iss": p.URL, "sub": "ann", "aud": "api", "scope": "pets/read", "iat": now, "nbf": now, "exp": now + 30*24*3600}
	for i := 0; i < len(changes); i += 2 {
		if name := changes[i].(string); changes[i+1] == nil {
			delete(claims, name)
		} else {
			claims[name] = changes[i+1]
		}
	}
	return claims
}

func signToken(t *testing.T, algorithm jose.SignatureAlgorithm, key any, claims map[string]any, header map[jose.HeaderKey]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, &jose.SignerOptions{ExtraHeaders: header})
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
