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
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			fetches.Add(1)
			fmt.Fprint(w, `{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}`)
			return
		}
		fmt.Fprintf(w, `{"jwks_uri":"%s/keys"}`, s.URL)
	}))
	defer s.Close()
	now := time.Unix(1000, 0)
	keys := NewKeySets(nil, func() time.Time { return now })
	for i, step := range []struct {
		wait    time.Duration
		kid     string
		found   bool
		fetches int32
	}{
		{0, "a", true, 1},
		{time.Minute, "a", true, 1},
		{0, "unknown", false, 2}, // a new key: look again
		{0, "unknown", false, 2}, // but not at once
		{2 * time.Second, "unknown", false, 3},
		{3 * time.Hour, "a", true, 4},
	} {
		now = now.Add(step.wait)
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
