package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator/emulatortest"
)

func TestToken(t *testing.T) {
	cleanEnv(t)
	p := emulatortest.Start(t)
	status, stdout, stderr := runHere(t, "token", "--url", p.URL(), "--audience", "a", "--audience", "b", "--scope", "read", "--scope", "write",
		"--subject", "me", "--claim", "n=1", "--claim", `groups=["x","y"]`, "--expires", "90s")
	if status != exitOK || stderr != "" {
		t.Fatalf("status %d: %s", status, stderr)
	}
	parts := strings.Split(strings.TrimSpace(stdout), ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", stdout)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if life := claims["exp"].(float64) - claims["iat"].(float64); life != 90 {
		t.Errorf("valid for %v s", life)
	}
	for _, name := range []string{"exp", "iat", "jti", "client_id"} {
		delete(claims, name)
	}
	want := map[string]any{
		"iss": strings.Replace(p.URL(), "127.0.0.1", "localhost", 1) + "/_postern/oidc", "sub": "me", "aud": []any{"a", "b"}, "scope": "read write",
		"n": 1.0, "groups": []any{"x", "y"},
	}
	if diff := cmp.Diff(claims, want); diff != "" {
		t.Errorf("claims (-got +want):\n%s", diff)
	}

	status, stdout, _ = runHere(t, "token", "--url", p.URL(), "--json")
	var answer tokenAnswer
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || status != exitOK || answer.ExpiresIn != 3600 || answer.TokenType != "Bearer" {
		t.Errorf("status %d, %s", status, stdout)
	}
	if status, _, stderr := runHere(t, "token", "--url", p.URL(), "--claim", "x"); status != exitFailed || stderr != "postern: claim 'x' is not like name=value\n" {
		t.Errorf("status %d: %s", status, stderr)
	}
	if status, _, stderr := runHere(t, "token", "--url", "http://127.0.0.1:1"); status != exitFailed || stderr != "postern: nothing listens at http://127.0.0.1:1\n" {
		t.Errorf("status %d: %s", status, stderr)
	}
}
