package sigv4_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/postern/postern/runtime/sigv4"
)

var (
	now   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key   = sigv4.Key{Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	scope = sigv4.Scope{Region: "us-east-1", Service: "execute-api"}
)

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// signed gives a request signed by the SDK's own signer.
func signed(t *testing.T, method, url, body string, at time.Time, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Odd", "  two   spaces ")
	creds := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: key.Secret}
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hash(body), "execute-api", "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	return r
}

func verify(r *http.Request, body string) *sigv4.Error {
	s, err := sigv4.Parse(r.Header, r.URL.RawQuery)
	if err != nil {
		return err
	}
	return s.Verify(sigv4.Request{Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header, Length: r.ContentLength,
		BodyHash: func() (string, error) { return hash(body), nil }}, key, scope, now)
}

func TestVerifySDKSignature(t *testing.T) {
	for _, url := range []string{
		"https://a.execute-api.us-east-1.amazonaws.com/prod/pets",
		"https://a.execute-api.us-east-1.amazonaws.com",
		"http://a.execute-api.localhost:4566/prod/a%20b/c%2Fd/%C3%A9?b=2&a=1&a=0&empty&x=%20y%2B",
		"http://a.execute-api.localhost:4566/prod/./a//b/../c/",
	} {
		if err := verify(signed(t, "POST", url, `{"a":1}`, now, nil), `{"a":1}`); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, body, kind, text string
		at                     time.Time
		change                 func(*http.Request)
	}{
		{"nothing", "", "MissingAuthenticationTokenException", "Missing Authentication Token", now, func(r *http.Request) { r.Header.Del("Authorization") }},
		{"bearer", "", "IncompleteSignatureException", "'TOKEN' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer TOKEN'.", now, func(r *http.Request) { r.Header.Set("Authorization", "Bearer TOKEN") }},
		{"no parts", "", "IncompleteSignatureException", "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential=a", now, func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a") }},
		{"changed body", "other", "InvalidSignatureException", "does not match the signature you provided", now, nil},
		{"changed header", "", "InvalidSignatureException", "The Canonical String for this request should have been\n'POST\n/prod", now, func(r *http.Request) { r.Header.Set("X-Odd", "x") }},
		{"changed query", "", "InvalidSignatureException", "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20261122T120000Z\n20261122/us-east-1/execute-api/aws4_request\n", now, func(r *http.Request) { r.URL.RawQuery = "a=1" }},
		{"old", "", "InvalidSignatureException", "Signature expired: 20261122T115459Z is now earlier than 20261122T115500Z (20261122T120000Z - 5 min.)", now.Add(-5*time.Minute - time.Second), nil},
		{"future", "", "InvalidSignatureException", "Signature not yet current: 20261122T120501Z is still later than 20261122T120500Z (20261122T120000Z + 5 min.)", now.Add(5*time.Minute + time.Second), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := verify(signed(t, "POST", "https://a.execute-api.us-east-1.amazonaws.com/prod", "", tc.at, tc.change), tc.body)
			if err == nil || err.Type != tc.kind || !strings.Contains(err.Message, tc.text) {
				t.Errorf("got %v, want %s with %q", err, tc.kind, tc.text)
			}
		})
	}
}

func TestVerifyPresigned(t *testing.T) {
	r, err := http.NewRequest("GET", "https://a.execute-api.us-east-1.amazonaws.com/prod?x=1&X-Amz-Expires=60", nil)
	if err != nil {
		t.Fatal(err)
	}
	url, _, err := v4.NewSigner().PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: key.Secret}, r, hash(""), "execute-api", "us-east-1", now)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = http.NewRequest("GET", url, nil); err != nil {
		t.Fatal(err)
	}
	if err := verify(r, ""); err != nil {
		t.Errorf("presigned: %v", err)
	}
	now = now.Add(2 * time.Minute)
	defer func() { now = now.Add(-2 * time.Minute) }()
	if err := verify(r, ""); err == nil || !strings.HasPrefix(err.Message, "Signature expired: ") {
		t.Errorf("expired: got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=ab", "a=1")
	f.Add("Bearer x", "X-Amz-Credential=a/b/c/d/aws4_request&X-Amz-Signature=1&X-Amz-Date=2&X-Amz-Expires=9&X-Amz-SignedHeaders=host&X-Amz-Algorithm=AWS4-HMAC-SHA256")
	f.Fuzz(func(t *testing.T, auth, query string) {
		h := http.Header{}
		if auth != "" {
			h.Set("Authorization", auth)
		}
		s, err := sigv4.Parse(h, query)
		if err != nil {
			return
		}
		if s.Verify(sigv4.Request{Method: "GET", Host: "h", Path: "/%zz/..", Query: query, Header: h}, key, scope, now) == nil {
			t.Error("a made-up signature verified")
		}
	})
}
