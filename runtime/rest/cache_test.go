package rest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
)

// counted is a backend whose every answer says how many calls it got.
func counted(t *testing.T) (*backend, *int) {
	b, n := newBackend(t), 0
	b.answer = func(w http.ResponseWriter, r *http.Request) {
		n++
		if r.URL.Query().Has("fail") {
			w.WriteHeader(500)
		}
		fmt.Fprintf(w, "%d", n)
	}
	return b, &n
}

// caching gives a stage a cache cluster with the settings for every method.
func caching(ms snapshot.RESTMethodSettings, more ...map[string]snapshot.RESTMethodSettings) func(*snapshot.Stage) {
	return func(s *snapshot.Stage) {
		ms.ThrottlingRateLimit, ms.ThrottlingBurstLimit, ms.CachingEnabled = -1, -1, true
		s.REST.CacheClusterEnabled, s.REST.CacheClusterSize = true, "0.5"
		s.REST.MethodSettings = map[string]snapshot.RESTMethodSettings{"*/*": ms}
		for _, m := range more {
			for key, own := range m {
				own.ThrottlingRateLimit, own.ThrottlingBurstLimit = -1, -1
				s.REST.MethodSettings[key] = own
			}
		}
	}
}

func cachedMethod(verb, uri string, key ...string) snapshot.RESTMethod {
	m := httpMethod("HTTP_PROXY", verb, uri, nil)
	m.Integration.CacheNamespace, m.Integration.CacheKeyParameters = "res", key
	return m
}

func TestCacheKey(t *testing.T) {
	b, _ := counted(t)
	uri := b.URL
	byMapping := cachedMethod("GET", uri, "integration.request.header.X-Mapped")
	byMapping.Integration.RequestParameters = map[string]string{"integration.request.header.X-Mapped": "method.request.querystring.m"}
	byMapping.Integration.CacheNamespace = "mapped"
	own := cachedMethod("GET", uri)
	own.Integration.CacheNamespace = "own"
	a := newAPI(t)
	a.publish(deployment(
		resource("/plain/{id}", own, cachedMethod("POST", uri), cachedMethod("PUT", uri)),
		resource("/keyed/{id}", cachedMethod("GET", uri, "method.request.path.id", "method.request.querystring.q", "integration.request.header.X-H")),
		resource("/mapped", byMapping),
		resource("/any", snapshot.RESTMethod{HTTPMethod: "ANY", AuthorizationType: "NONE", Integration: cachedMethod("ANY", uri).Integration}),
	), caching(snapshot.RESTMethodSettings{CacheTTLSeconds: 300}, map[string]snapshot.RESTMethodSettings{
		"plain/{id}/PUT": {CachingEnabled: true, CacheTTLSeconds: 300}, "any/HEAD": {},
	}))
	for _, step := range []struct{ name, verb, path, head, want string }{
		{"first", "GET", "/plain/1", "", "1"},
		{"again", "GET", "/plain/1", "", "1"},
		{"AWS: a path parameter that is not listed does not count", "GET", "/plain/2?q=1", "X-H: 1", "1"},
		{"another verb than GET", "POST", "/plain/1", "", "2"},
		{"is not cached", "POST", "/plain/1", "", "3"},
		{"unless it has settings of its own", "PUT", "/plain/1", "", "4"},
		{"which do", "PUT", "/plain/1", "", "4"},
		{"key parameters", "GET", "/keyed/1?q=1", "X-H: 1", "5"},
		{"same", "GET", "/keyed/1?q=1&other=2", "X-H: 1", "5"},
		{"path", "GET", "/keyed/2?q=1", "X-H: 1", "6"},
		{"query", "GET", "/keyed/1?q=2", "X-H: 1", "7"},
		{"header that a proxy passes on", "GET", "/keyed/1?q=1", "X-H: 2", "8"},
		{"missing", "GET", "/keyed/1", "", "9"},
		{"mapped", "GET", "/mapped?m=1", "", "10"},
		{"mapped, same", "GET", "/mapped?m=1", "X-Mapped: 2", "10"},
		{"mapped, other", "GET", "/mapped?m=2", "", "11"},
		{"ANY", "GET", "/any", "", "12"},
		{"ANY, again", "GET", "/any", "", "12"},
		{"ANY with another verb", "POST", "/any", "", "13"},
		{"ANY is not cached for it", "POST", "/any", "", "14"},
	} {
		got := a.send(step.verb, "/stage"+step.path, "", append([]string{}, nonEmpty(step.head)...)...)
		if got.status != 200 || got.body != step.want {
			t.Errorf("%s: %s %s: got %d %s, want %s", step.name, step.verb, step.path, got.status, got.body, step.want)
		}
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func TestCacheExpiresAndIsFlushed(t *testing.T) {
	b, _ := counted(t)
	a := newAPI(t)
	publish := func(version uint64, more ...func(*snapshot.Stage)) {
		a.publish(deployment(resource("/", cachedMethod("GET", b.URL, "method.request.querystring.fail"))), append([]func(*snapshot.Stage){
			caching(snapshot.RESTMethodSettings{CacheTTLSeconds: 60}), func(s *snapshot.Stage) { s.Version = version },
		}, more...)...)
	}
	want := func(what, path, want string) {
		t.Helper()
		if got := a.send("GET", path, ""); got.body != want {
			t.Errorf("%s: got %s, want %s", what, got.body, want)
		}
	}
	publish(1)
	want("first", "/stage", "1")
	a.later.Store(int64(59 * time.Second))
	want("before its end", "/stage", "1")
	publish(2)
	want("published anew", "/stage", "1")
	a.later.Store(int64(60 * time.Second))
	want("after its end", "/stage", "2")
	a.kind.FlushCache("abcdef0123", "other")
	want("another stage was flushed", "/stage", "2")
	a.kind.FlushCache("abcdef0123", "stage")
	want("flushed", "/stage", "3")
	want("failed", "/stage?fail=1", "4")
	want("failures are not kept", "/stage?fail=1", "5")
	publish(3, func(s *snapshot.Stage) { s.REST.CacheClusterEnabled = false })
	want("without a cluster", "/stage", "6")
	publish(4)
	want("with a new one", "/stage", "7")
	a.gateway.Withdraw("abcdef0123", "stage")
	publish(5)
	want("stage made anew", "/stage", "8")
}

func TestCacheKeepsTheMappedAnswer(t *testing.T) {
	b, n := counted(t)
	m := httpMethod("HTTP", "GET", b.URL, nil)
	m.Integration.Responses = []snapshot.RESTIntegrationResponse{{
		StatusCode: "200", ResponseParameters: map[string]string{"method.response.header.X-Id": "context.requestId"},
		ResponseTemplates: map[string]string{"application/json": `{"n": $input.body}`},
	}}
	d := deployment(resource("/", m))
	size := 0
	d.MinimumCompressionSize = &size
	a := newAPI(t)
	a.publish(d, caching(snapshot.RESTMethodSettings{CacheTTLSeconds: 60}))
	first, packed, second := a.send("GET", "/stage", ""), a.send("GET", "/stage", "", "Accept-Encoding: gzip"), a.send("GET", "/stage", "")
	second.is(t, 200, `{"n": 1}`, "")
	if *n != 1 || first.body != second.body || first.header.Get("X-Id") == "" || first.header.Get("X-Id") != second.header.Get("X-Id") {
		t.Errorf("%d calls; got %v, then %v", *n, first, second)
	}
	if packed.header.Get("Content-Encoding") != "gzip" || second.header.Get("Content-Encoding") != "" {
		t.Errorf("a client's coding got into the cache: %v, then %v", packed.header, second.header)
	}
	for _, name := range []string{"X-Amzn-Trace-Id", "X-Amzn-Requestid"} {
		if first.header.Get(name) == second.header.Get(name) || second.header.Get(name) == "" {
			t.Errorf("%s of the first request was kept", name)
		}
	}
	if second.header.Get("X-Cache") != "" {
		t.Error("AWS sends no X-Cache")
	}
}

func TestCacheInvalidation(t *testing.T) {
	const warning = "199 Cache-control headers were ignored because the caller was unauthorized."
	for _, tc := range []struct {
		name          string
		require       bool
		strategy      string
		policy        string
		status        int
		body, warning string
	}{
		{"anybody may", false, "FAIL_WITH_403", "", 200, "2", ""},
		{"refused", true, "FAIL_WITH_403", "", 403, `{"message":"Forbidden"}`, ""},
		{"ignored and told", true, "SUCCEED_WITH_RESPONSE_HEADER", "", 200, "1", warning},
		{"ignored", true, "SUCCEED_WITHOUT_RESPONSE_HEADER", "", 200, "1", ""},
		{"permitted by the resource policy", true, "FAIL_WITH_403", `"execute-api:*"`, 200, "2", ""},
		{"not permitted by the resource policy", true, "FAIL_WITH_403", `"execute-api:Invoke"`, 403, `{"message":"Forbidden"}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, _ := counted(t)
			a := newAPI(t)
			d := deployment(resource("/", cachedMethod("GET", b.URL)))
			if tc.policy != "" {
				d.Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":` + tc.policy + `,"Resource":"execute-api:/*"}]}`
			}
			a.publish(d, caching(snapshot.RESTMethodSettings{
				CacheTTLSeconds: 60, RequireAuthorizationForCacheControl: tc.require, UnauthorizedCacheControlHeaderStrategy: tc.strategy,
			}))
			a.send("GET", "/stage", "").is(t, 200, "1", "")
			if got := a.send("GET", "/stage", "", "Cache-Control: max-age=1"); got.body != "1" {
				t.Errorf("another directive: got %s", got.body)
			}
			got := a.send("GET", "/stage", "", "Cache-Control: no-transform, max-age=0")
			if got.status != tc.status || got.body != tc.body || got.header.Get("Warning") != tc.warning {
				t.Errorf("got %d %s %q", got.status, got.body, got.header.Get("Warning"))
			}
			if got.status == 403 {
				got.is(t, 403, tc.body, "ForbiddenException")
				return
			}
			if after := a.send("GET", "/stage", ""); after.body != tc.body || after.header.Get("Warning") != "" {
				t.Errorf("afterwards: got %s %q", after.body, after.header.Get("Warning"))
			}
		})
	}
}

func TestCacheInvalidationBySigner(t *testing.T) {
	parse := func(action string) []*policy.Policy {
		p, err := policy.Parse([]byte(`{"Statement":[{"Effect":"Allow","Action":` + action + `,"Resource":"*"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return []*policy.Policy{p}
	}
	for _, tc := range []struct {
		name     string
		policies []*policy.Policy
		want     string
	}{
		{"may do everything", nil, "2"},
		{"may invalidate", parse(`["execute-api:Invoke","execute-api:InvalidateCache"]`), "2"},
		{"may invoke only", parse(`"execute-api:Invoke"`), "1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, _ := counted(t)
			a := newAPI(t, func(d *rest.Deps) {
				d.AccessKeys = func(string) (auth.AccessKey, bool) {
					return auth.AccessKey{Unverified: true, Policies: tc.policies}, true
				}
			})
			m := cachedMethod("GET", b.URL)
			m.AuthorizationType = "AWS_IAM"
			a.publish(deployment(resource("/", m)), caching(snapshot.RESTMethodSettings{
				CacheTTLSeconds: 60, RequireAuthorizationForCacheControl: true, UnauthorizedCacheControlHeaderStrategy: "SUCCEED_WITHOUT_RESPONSE_HEADER",
			}))
			signed := []string{
				"Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20240722/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00",
				"X-Amz-Date: 20240722T225230Z",
			}
			a.send("GET", "/stage", "", signed...).is(t, 200, "1", "")
			a.send("GET", "/stage", "", append(signed, "Cache-Control: max-age=0")...).is(t, 200, tc.want, "")
		})
	}
}

func TestCacheOfACanary(t *testing.T) {
	for _, shared := range []bool{true, false} {
		b, _ := counted(t)
		a := newAPI(t)
		d := deployment(resource("/", cachedMethod("GET", b.URL)))
		percent := func(p float64, version uint64) {
			a.publish(d, caching(snapshot.RESTMethodSettings{CacheTTLSeconds: 60}), func(s *snapshot.Stage) {
				s.Version = version
				s.REST.Canary = &snapshot.RESTCanary{DeploymentID: "dep2", Deployment: d, PercentTraffic: p, UseStageCache: shared}
			})
		}
		percent(0, 1)
		a.send("GET", "/stage", "").is(t, 200, "1", "")
		percent(100, 2)
		want := "2"
		if shared {
			want = "1"
		}
		a.send("GET", "/stage", "").is(t, 200, want, "")
		percent(0, 3)
		a.send("GET", "/stage", "").is(t, 200, "1", "")
	}
}

func TestCacheLeavesLargeAnswers(t *testing.T) {
	b, n := counted(t)
	inner := b.answer
	b.answer = func(w http.ResponseWriter, r *http.Request) {
		inner(w, r)
		_, _ = w.Write(make([]byte, 1048575))
	}
	a := newAPI(t)
	a.publish(deployment(resource("/", cachedMethod("GET", b.URL))), caching(snapshot.RESTMethodSettings{CacheTTLSeconds: 60}))
	a.send("GET", "/stage", "")
	a.send("GET", "/stage", "")
	if *n != 2 {
		t.Errorf("%d calls for two answers of 1048576 bytes", *n)
	}
}
