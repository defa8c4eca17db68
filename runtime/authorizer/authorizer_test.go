package authorizer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern/postern/runtime/reqcontext"
)

func TestIdentitySources(t *testing.T) {
	sources, err := CompileSources([]string{"$request.header.x-a", "$request.querystring.q", "$stageVariables.v", "$context.httpMethod"})
	if err != nil {
		t.Fatal(err)
	}
	c := &reqcontext.Context{Header: http.Header{"X-A": {"1", "2"}}, RawQuery: "q=3", Method: "GET", StageVariables: map[string]string{"v": "4"}}
	got, ok := sources.Values(c)
	if !ok || fmt.Sprint(got) != "[1,2 3 4 GET]" {
		t.Errorf("%v %t", got, ok)
	}
	c.StageVariables = nil
	if _, ok := sources.Values(c); ok {
		t.Error("a missing source is not noticed")
	}
	for _, bad := range []string{"", "x", "$request.body.x", "$context.nonsense"} {
		if _, err := CompileSources([]string{bad}); err == nil {
			t.Errorf("%q is taken for an identity source", bad)
		}
	}
}

func TestKeySetsAreKept(t *testing.T) {
	var fetches atomic.Int32
	kid := "a"
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			fetches.Add(1)
			fmt.Fprintf(w, `{"keys":[{"kty":"RSA","kid":%q,"n":"AQAB","e":"AQAB"}]}`, kid)
			return
		}
		fmt.Fprintf(w, `{"jwks_uri":"%s/keys"}`, s.URL)
	}))
	defer s.Close()
	now := time.Unix(1000, 0)
	keys := NewKeySets(nil, func() time.Time { return now })
	for i, step := range []struct {
		wait    time.Duration
		issuer  string // the key that it has
		kid     string
		found   bool
		fetches int32
	}{
		{0, "a", "a", true, 1},
		{time.Minute, "a", "a", true, 1},
		{0, "b", "b", true, 2}, // a new key: look again
		{0, "c", "c", true, 3}, // and again
		{0, "c", "c", true, 3},
		{0, "c", "unknown", false, 4},
		{0, "c", "unknown", false, 5},
		{0, "c", "unknown", false, 6},
		{0, "c", "unknown", false, 6}, // but not too often
		{0, "c", "c", true, 6},
		{time.Second, "d", "d", true, 7},
		{0, "d", "unknown", false, 7},
		{3 * time.Hour, "d", "d", true, 8},
	} {
		now, kid = now.Add(step.wait), step.issuer
		_, err := keys.Key(context.Background(), s.URL, step.kid)
		if (err == nil) != step.found || fetches.Load() != step.fetches {
			t.Errorf("step %d: %v after %d fetches", i, err, fetches.Load())
		}
		if err != nil && !errors.Is(err, errKey) {
			t.Errorf("step %d: %v", i, err)
		}
	}
	s.Close()
	keys.Reset()
	if _, err := keys.Key(context.Background(), s.URL, "a"); !errors.Is(err, errDiscovery) {
		t.Errorf("%v", err)
	}
}
