package oidc

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var testNow = time.Date(2026, 4, 8, 19, 5, 45, 0, time.UTC)

func serve(t *testing.T, dir string) string {
	t.Helper()
	srv := httptest.NewServer(New(dir, func() time.Time { return testNow }))
	t.Cleanup(srv.Close)
	return srv.URL
}

func decode(t *testing.T, res *http.Response, err error, into any) int {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return res.StatusCode
}

// verified follows discovery to the keys and gives a token's claims.
func verified(t *testing.T, base, token string) map[string]any {
	t.Helper()
	var discovery struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	res, err := http.Get(base + discoveryPath)
	decode(t, res, err, &discovery)
	var set jose.JSONWebKeySet
	// localhost is not in every resolver.
	res, err = http.Get(strings.Replace(discovery.JWKSURI, "localhost", "127.0.0.1", 1))
	decode(t, res, err, &set)
	signed, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	keys := set.Key(signed.Signatures[0].Header.KeyID)
	if len(keys) != 1 || !keys[0].IsPublic() {
		t.Fatalf("keys for %s: %v", signed.Signatures[0].Header.KeyID, keys)
	}
	payload, err := signed.Verify(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims["iss"] == nil || discovery.Issuer != strings.Replace(base, "127.0.0.1", "localhost", 1)+Path {
		t.Errorf("issuer %s", discovery.Issuer)
	}
	return claims
}

// The discovery document names what there is: everything that it names answers.
func TestDiscovery(t *testing.T) {
	base := serve(t, "")
	var doc map[string]any
	res, err := http.Get(base + discoveryPath)
	if status := decode(t, res, err, &doc); status != 200 {
		t.Fatalf("status %d", status)
	}
	for name, want := range map[string]string{"authorization_endpoint": authorizePath, "token_endpoint": TokenPath, "userinfo_endpoint": userInfoPath,
		"jwks_uri": keySetPath, "revocation_endpoint": revokePath, "end_session_endpoint": signOutPath} {
		address, _ := doc[name].(string)
		if address != strings.Replace(base, "127.0.0.1", "localhost", 1)+want {
			t.Errorf("%s is %v", name, doc[name])
		}
		res, err := http.Get(base + want)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode == http.StatusNotFound {
			t.Errorf("%s: %d", want, res.StatusCode)
		}
	}
	for _, grant := range doc["grant_types_supported"].([]any) {
		var answer map[string]string
		res, err := http.PostForm(base+TokenPath, url.Values{"grant_type": {grant.(string)}, "client_id": {"c"}, "code": {"x"}, "refresh_token": {"x"}, "expires": {"x"}})
		if decode(t, res, err, &answer); answer["error"] != invalidGrant && answer["error"] != invalidRequest {
			t.Errorf("%s: %v", grant, answer)
		}
	}
}

func mint(t *testing.T, base string, form url.Values) string {
	t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("grant_type", "client_credentials")
	var out struct {
		AccessToken string `json:"access_token"`
	}
	res, err := http.PostForm(base+TokenPath, form)
	if status := decode(t, res, err, &out); status != 200 {
		t.Fatalf("status %d", status)
	}
	return out.AccessToken
}

func TestToken(t *testing.T) {
	base := serve(t, "")
	issuer := strings.Replace(base, "127.0.0.1", "localhost", 1) + Path
	now := float64(testNow.Unix())
	for _, tc := range []struct {
		name string
		form url.Values
		want map[string]any
	}{
		{"plain", nil, map[string]any{"iss": issuer, "sub": "postern", "client_id": "postern", "iat": now, "exp": now + 3600}},
		{"audience and scope", url.Values{"audience": {"a"}, "scope": {"read write"}, "subject": {"me"}, "client_id": {"c"}, "expires": {"15m"}},
			map[string]any{"iss": issuer, "sub": "me", "client_id": "c", "aud": "a", "scope": "read write", "iat": now, "exp": now + 900}},
		{"audiences and claims", url.Values{"audience": {"a", "b"}, "claim": {"n=1", "groups=[\"x\",\"y\"]", "s=text=1", "sub=other"}, "expires": {"60"}},
			map[string]any{"iss": issuer, "sub": "other", "client_id": "postern", "aud": []any{"a", "b"}, "n": 1.0, "groups": []any{"x", "y"}, "s": "text=1", "iat": now, "exp": now + 60}},
		{"expired, of another name", url.Values{"expires": {"-1h"}, "issuer": {"http://postern:4566/_postern/oidc"}},
			map[string]any{"iss": "http://postern:4566/_postern/oidc", "sub": "postern", "client_id": "postern", "iat": now - 7200, "exp": now - 3600}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := verified(t, base, mint(t, base, tc.form))
			if diff := cmp.Diff(got, tc.want, cmpopts.IgnoreMapEntries(func(k string, _ any) bool { return k == "jti" })); diff != "" {
				t.Errorf("claims (-got +want):\n%s", diff)
			}
		})
	}
}

func TestTokenRefusals(t *testing.T) {
	base := serve(t, "")
	for want, form := range map[string]url.Values{
		"unsupported_grant_type: grant_type 'password' is none of authorization_code, refresh_token and client_credentials": {"grant_type": {"password"}},
		"invalid_request: grant_type is missing":                                      {},
		"invalid_request: grant_type is there more than once":                         {"grant_type": {clientCredentials, clientCredentials}},
		"invalid_request: expires 'soon' is neither like 15m nor a number of seconds": {"grant_type": {clientCredentials}, "expires": {"soon"}},
		"invalid_request: claim 'x' is not like name=value":                           {"grant_type": {clientCredentials}, "claim": {"x"}},
		"invalid_request: claim '?x00????'?n' is not like name=value":                 {"grant_type": {clientCredentials}, "claim": {"\x00é\\\"\n"}},
	} {
		var out struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		res, err := http.PostForm(base+TokenPath, form)
		if status := decode(t, res, err, &out); status != 400 || out.Error+": "+out.Description != want {
			t.Errorf("%d %s: %s, want %s", status, out.Error, out.Description, want)
		}
	}
}

// Keys are kept over a restart, and those before a rotation for the tokens they signed.
func TestKeysAreKept(t *testing.T) {
	dir := t.TempDir()
	base := serve(t, dir)
	first := mint(t, base, nil)
	rotate := func() (kids []string) {
		var set jose.JSONWebKeySet
		res, err := http.Post(base+rotatePath, "", nil)
		if status := decode(t, res, err, &set); status != 200 {
			t.Fatalf("status %d", status)
		}
		for _, key := range set.Keys {
			kids = append(kids, key.KeyID)
		}
		return kids
	}
	before := rotate()
	second := mint(t, base, nil)
	if len(before) != 2 {
		t.Errorf("keys %v", before)
	}
	for _, base := range []string{base, serve(t, dir)} {
		verified(t, base, first)
		verified(t, base, second)
	}
	if a, b := kid(t, first), kid(t, second); b != before[0] || a != before[1] {
		t.Errorf("signed by %s and %s of %v", a, b, before)
	}
	for range maxKeys {
		before = rotate()
	}
	if len(before) != maxKeys || slices.Contains(before, kid(t, second)) {
		t.Errorf("keys after many rotations: %v", before)
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("key file: %v %v", info, err)
	}
	if err := os.WriteFile(filepath.Join(dir, keyFile), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	res, err := http.Get(serve(t, dir) + keySetPath)
	if status := decode(t, res, err, &out); status != 500 || !strings.Contains(out["error_description"], "oidc-key.pem has no key") {
		t.Errorf("with a broken key file: %d %v", status, out)
	}
}

func kid(t *testing.T, token string) string {
	t.Helper()
	signed, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	return signed.Signatures[0].Header.KeyID
}
