package authorizer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/event"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

const (
	testAPI = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5"
	masked  = "arn:aws:execute-api:us-east-1:********9012:a1b2c3d4e5/prod/GET/pets/1"
)

var start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func testRequest(path string, header ...string) (*reqcontext.Context, *http.Request) {
	r := httptest.NewRequest("GET", "http://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"+path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return &reqcontext.Context{
		Start: start, Method: "GET", RoutePath: r.URL.EscapedPath()[len("/prod"):], RawQuery: r.URL.RawQuery, Header: r.Header, Host: r.Host,
		SourceIP: "192.0.2.1", AccountID: "123456789012", Region: "us-east-1", APIID: "a1b2c3d4e5", Stage: "prod",
	}, r
}

// function is a Lambda function that answers what it is told.
type function struct {
	payload, failed string
	err             error
	calls           int
	request         integration.LambdaRequest
}

func (f *function) Invoke(_ context.Context, r integration.LambdaRequest) (integration.LambdaResponse, error) {
	f.calls++
	f.request = r
	return integration.LambdaResponse{Payload: []byte(f.payload), FunctionError: f.failed, StatusCode: 200}, f.err
}

func (f *function) function(ttl time.Duration) Function {
	now := func() time.Time { return start }
	return Function{ID: "auth01", TTL: ttl, Invoker: f, Cache: NewCache(now), Now: now,
		Event: func(_ *reqcontext.Context, arn string, identity []string) []byte {
			return event.AppendToken(nil, arn, strings.Join(identity, "|"))
		}}
}

func sources(t *testing.T, list string) Sources {
	t.Helper()
	s, err := CompileRESTSources(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tokenAuthorizer(t *testing.T, f *function, validation string, ttl time.Duration) *RESTLambda {
	t.Helper()
	l, err := NewToken(f.function(ttl), sources(t, "method.request.header.Authorization"), validation)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func grant(effect, resource string) string {
	return fmt.Sprintf(`"policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":%q,"Resource":%q}]}`, effect, resource)
}

// is checks a refusal; status 0 lets the request pass.
func is(t *testing.T, err error, status int, kind gwerr.Type, message string) {
	t.Helper()
	if status == 0 {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var e *gwerr.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %d", err, status)
	}
	if e.StatusCode() != status || e.Type != kind || e.Text() != message {
		t.Errorf("got  %d %s %q\nwant %d %s %q", e.StatusCode(), e.Type, e.Text(), status, kind, message)
	}
}

func TestTokenAuthorizerAnswers(t *testing.T) {
	const broken = gwerr.AuthorizerConfigurationError
	for _, tc := range []struct {
		name    string
		f       function
		status  int
		kind    gwerr.Type
		message string
	}{
		{"allow", function{payload: `{"principalId":"me",` + grant("Allow", "*") + `}`}, 0, "", ""},
		{"allow its method", function{payload: `{"principalId":"me",` + grant("Allow", testAPI+"/prod/GET/pets/*") + `}`}, 0, "", ""},
		{"allow another method", function{payload: `{"principalId":"me",` + grant("Allow", testAPI+"/prod/GET/dogs") + `}`}, 403, gwerr.AccessDenied, "User is not authorized to access this resource"},
		{"deny", function{payload: `{"principalId":"me",` + grant("Deny", "*") + `}`}, 403, gwerr.AccessDenied, "User is not authorized to access this resource with an explicit deny"},
		{"a principal that is a number", function{payload: `{"principalId":7,` + grant("Allow", "*") + `}`}, 0, "", ""},
		{"null context and key", function{payload: `{"principalId":"me","context":null,"usageIdentifierKey":null,` + grant("Allow", "*") + `}`}, 0, "", ""},
		{"throws Unauthorized", function{failed: "Unhandled", payload: `{"errorMessage":"Unauthorized","errorType":"Error"}`}, 401, gwerr.Unauthorized, "Unauthorized"},
		{"throws anything else", function{failed: "Unhandled", payload: `{"errorMessage":"unauthorized"}`}, 500, broken, ""},
		{"throws no JSON", function{failed: "Unhandled", payload: `x`}, 500, broken, ""},
		{"not permitted", function{err: integration.ErrNoPermission}, 500, broken, ""},
		{"no JSON", function{payload: `x`}, 500, broken, ""},
		{"null", function{payload: `null`}, 500, broken, ""},
		{"text", function{payload: `"Allow"`}, 500, broken, ""},
		{"no principal", function{payload: `{` + grant("Allow", "*") + `}`}, 500, broken, ""},
		{"no policy", function{payload: `{"principalId":"me"}`}, 500, broken, ""},
		{"null policy", function{payload: `{"principalId":"me","policyDocument":null}`}, 500, broken, ""},
		{"policy in text", function{payload: `{"principalId":"me","policyDocument":"{}"}`}, 500, broken, ""},
		{"policy without statements", function{payload: `{"principalId":"me","policyDocument":{}}`}, 500, broken, ""},
		{"a member too many", function{payload: `{"principalId":"me","x":1,` + grant("Allow", "*") + `}`}, 500, broken, ""},
		{"a list in context", function{payload: `{"principalId":"me","context":{"k":[]},` + grant("Allow", "*") + `}`}, 500, broken, ""},
		{"an object in context", function{payload: `{"principalId":"me","context":{"k":{}},` + grant("Allow", "*") + `}`}, 500, broken, ""},
		{"an answer of 8 KB", function{payload: `{"principalId":"` + strings.Repeat("x", 8000) + `",` + grant("Allow", "*") + `}`}, 0, "", ""},
		{"an answer over 8 KB", function{payload: `{"principalId":"` + strings.Repeat("x", 8192) + `",` + grant("Allow", "*") + `}`}, 500, broken, ""},
		{"a long resource", function{payload: `{"principalId":"me",` + grant("Allow", strings.Repeat("*", 512)) + `}`}, 0, "", ""},
		{"a resource that is too long", function{payload: `{"principalId":"me",` + grant("Allow", strings.Repeat("*", 513)) + `}`}, 500, broken, ""},
		{"context is no object", function{payload: `{"principalId":"me","context":"k",` + grant("Allow", "*") + `}`}, 500, broken, ""},
		{"a key that is no text", function{payload: `{"principalId":"me","usageIdentifierKey":1,` + grant("Allow", "*") + `}`}, 500, broken, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rc, r := testRequest("/pets/1", "Authorization", "token")
			g := &REST{Identity: tokenAuthorizer(t, &tc.f, "", 0)}
			is(t, g.Authorize(t.Context(), rc, r), tc.status, tc.kind, tc.message)
			if rc.Authorizer.Kind != reqcontext.LambdaAuthorizer || rc.Authorizer.ID != "auth01" || rc.Authorizer.Decision == "" {
				t.Errorf("noted %+v", rc.Authorizer)
			}
		})
	}
}

func TestTokenIdentity(t *testing.T) {
	for _, tc := range []struct {
		token  string
		status int
	}{{"Bearer abc", 0}, {"", 401}, {"bearer abc", 401}, {"Bearer abc!", 401}, {"x Bearer abc", 401}} {
		f := &function{payload: `{"principalId":"me",` + grant("Allow", "*") + `}`}
		rc, r := testRequest("/pets/1")
		if tc.token != "" {
			r.Header.Set("Authorization", tc.token)
		}
		g := &REST{Identity: tokenAuthorizer(t, f, "Bearer [a-z]*", time.Minute)}
		is(t, g.Authorize(t.Context(), rc, r), tc.status, gwerr.Unauthorized, "Unauthorized")
		if asked := f.calls > 0; asked != (tc.status == 0) {
			t.Errorf("%q: the function was asked: %t", tc.token, asked)
		}
	}
	l := tokenAuthorizer(t, &function{}, `Bearer (?!none\.)[\w-]++\.[\w-]+`, 0)
	for token, valid := range map[string]bool{"Bearer a.b-": true, "Bearer none.b": false, "Bearer a.b.c": false} {
		if l.valid.MatchString(token) != valid {
			t.Errorf("%s is valid: %t", token, !valid)
		}
	}
	if _, err := NewToken((&function{}).function(0), sources(t, "method.request.header.A"), "("); err == nil {
		t.Error("a validation expression that is none is accepted")
	}
}

func TestRESTResult(t *testing.T) {
	f := &function{payload: `{"principalId":"me","usageIdentifierKey":"key","context":{"n":1.50,"b":true,"s":"x","nothing":null},` + grant("Allow", "*") + `}`}
	rc, r := testRequest("/", "Authorization", "a token")
	if err := (&REST{Identity: tokenAuthorizer(t, f, "", 0)}).Authorize(t.Context(), rc, r); err != nil {
		t.Fatal(err)
	}
	a := rc.Authorizer
	if a.PrincipalID != "me" || a.UsageKey != "key" || fmt.Sprint(a.Context) != "map[b:true n:1.50 s:x]" {
		t.Errorf("noted %+v", a)
	}
	if want := `{"type":"TOKEN","authorizationToken":"a token","methodArn":"` + testAPI + `/prod/GET/"}`; string(f.request.Payload) != want {
		t.Errorf("event %s, want %s", f.request.Payload, want)
	}
	if f.request.SourceARN != testAPI+"/authorizers/auth01" || f.request.Principal != "apigateway.amazonaws.com" {
		t.Errorf("invoked as %+v", f.request)
	}
}

// The policy of a kept result is judged again for each method.
func TestRESTCache(t *testing.T) {
	f := &function{payload: `{"principalId":"me",` + grant("Allow", testAPI+"/prod/GET/pets/1") + `}`}
	now := start
	fn := f.function(time.Minute)
	fn.Now, fn.Cache = func() time.Time { return now }, NewCache(func() time.Time { return now })
	g := &REST{Identity: NewRequest(fn, sources(t, "method.request.header.A, method.request.querystring.b"))}
	for i, step := range []struct {
		path, a string
		wait    time.Duration
		status  int
		calls   int
	}{
		{"/pets/1?b=2", "1", 0, 0, 1},
		{"/pets/1?b=2", "1", 0, 0, 1},
		{"/pets/2?b=2", "1", 0, 403, 1},
		{"/pets/1?b=1", "2", 0, 0, 2},         // the order counts
		{"/pets/1?b=2", "", 0, 401, 2},        // nothing to ask about
		{"/pets/1?b=", "1", 0, 401, 2},        // empty is missing
		{"/pets/1?b=x%00y", "z", 0, 0, 3},     // what stands between values is no value
		{"/pets/1?b=y", "z\x00x", 0, 0, 4},    //
		{"/pets/1?b=2", "1", time.Hour, 0, 5}, // too old
	} {
		now = now.Add(step.wait)
		rc, r := testRequest(step.path)
		if step.a != "" {
			r.Header["A"] = []string{step.a}
		}
		err := g.Authorize(t.Context(), rc, r)
		status := 0
		if err != nil {
			status = gwerr.From(err).StatusCode()
		}
		if status != step.status || f.calls != step.calls {
			t.Errorf("step %d: %d after %d calls, want %d after %d", i, status, f.calls, step.status, step.calls)
		}
	}
	f.failed, f.payload = "Unhandled", `{"errorMessage":"Unauthorized"}`
	for range 2 {
		rc, r := testRequest("/pets/1?b=9", "A", "9")
		is(t, g.Authorize(t.Context(), rc, r), 401, gwerr.Unauthorized, "Unauthorized")
	}
	if f.calls != 7 {
		t.Errorf("%d calls: an error was kept", f.calls)
	}
}

// Requests that come while the function is asked wait for its one answer, and what
// was asked before a reset is not kept.
func TestCacheAsksOnce(t *testing.T) {
	cache := NewCache(func() time.Time { return start })
	asked, answer := make(chan struct{}), make(chan struct{})
	var calls int
	ask := func(ctx context.Context) (*result, error) {
		calls++
		close(asked)
		<-answer
		return &result{}, ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if _, _, err := cache.result(ctx, cacheKey("api", "stage", "a", "", []string{"x"}), time.Hour, ask); err != nil {
			t.Error(err)
		}
	})
	<-asked
	cancel() // the caller that asked goes away
	for range 3 {
		group.Go(func() {
			if _, _, err := cache.result(t.Context(), cacheKey("api", "stage", "a", "", []string{"x"}), time.Hour, func(context.Context) (*result, error) { return &result{}, nil }); err != nil {
				t.Error(err)
			}
		})
	}
	cache.Reset("api", "stage")
	close(answer)
	group.Wait()
	if calls != 1 {
		t.Errorf("asked %d times", calls)
	}
	asks := 0
	count := func(context.Context) (*result, error) { asks++; return &result{}, nil }
	cache.Reset("api", "stage")
	for _, step := range []struct {
		reset func()
		want  int
	}{{func() {}, 1}, {func() {}, 1}, {func() { cache.Reset("api", "other") }, 1}, {func() { cache.Reset("api", "stage") }, 2}, {cache.ResetAll, 3}} {
		step.reset()
		if _, _, err := cache.result(t.Context(), cacheKey("api", "stage", "a", "", nil), time.Hour, count); err != nil || asks != step.want {
			t.Errorf("asked %d times, want %d (%v)", asks, step.want, err)
		}
	}
}

// fixed is an authorizer with a fixed verdict.
type fixed struct{ verdict }

func (f fixed) kind() (reqcontext.AuthorizerKind, string) { return reqcontext.IAMAuthorizer, "" }

func (f fixed) identify(context.Context, *reqcontext.Context, *http.Request, string) (verdict, error) {
	return f.verdict, nil
}

// TestResourcePolicyTable is AWS's table of what an authorizer and a resource policy
// come to.
func TestResourcePolicyTable(t *testing.T) {
	const allow, silent, deny = policy.Allow, policy.Silent, policy.Deny
	policies := map[policy.Outcome]string{allow: `"Effect":"Allow","Resource":"*"`, silent: `"Effect":"Allow","Resource":"nothing"`, deny: `"Effect":"Deny","Resource":"*"`}
	for _, tc := range []struct{ identity, resource, same, other policy.Outcome }{
		{allow, allow, allow, allow},
		{allow, silent, allow, silent},
		{allow, deny, deny, deny},
		{silent, allow, allow, silent},
		{silent, silent, silent, silent},
		{silent, deny, deny, deny},
		{deny, allow, deny, deny},
		{deny, silent, deny, deny},
		{deny, deny, deny, deny},
	} {
		p, err := policy.ParseResource([]byte(`{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Principal":"*",`+policies[tc.resource]+`}]}`), testAPI)
		if err != nil {
			t.Fatal(err)
		}
		for rule, want := range map[rule]policy.Outcome{either: tc.same, both: tc.other} {
			rc, r := testRequest("/pets/1")
			caller := &AccessKey{ARN: "arn:aws:iam::123456789012:user/me", AccountID: "123456789012"}
			g := &REST{Policy: p, Identity: fixed{verdict{outcome: tc.identity, caller: caller, rule: rule}}}
			const text = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: execute-api:Invoke on resource: " + masked
			err := g.Authorize(t.Context(), rc, r)
			t.Run(fmt.Sprint(tc.identity, " and ", tc.resource, " by rule ", rule), func(t *testing.T) {
				switch want {
				case allow:
					is(t, err, 0, "", "")
				case deny:
					is(t, err, 403, gwerr.AccessDenied, text+" with an explicit deny")
				default:
					is(t, err, 403, gwerr.AccessDenied, text)
				}
			})
		}
	}
}

func TestResourcePolicy(t *testing.T) {
	const refused = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: " + masked
	parse := func(statement string) *policy.Policy {
		p, err := policy.ParseResource([]byte(`{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Principal":"*",`+statement+`}]}`), testAPI)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	allow, deny, silent := parse(`"Effect":"Allow","Resource":"execute-api:/prod/GET/*"`), parse(`"Effect":"Deny","Resource":"*"`), parse(`"Effect":"Allow","Resource":"execute-api:/test/*"`)
	fromHere := parse(`"Effect":"Allow","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)
	fromThere := parse(`"Effect":"Allow","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`)
	endpoint := parse(`"Effect":"Allow","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceIp":"true"}}`)
	says := func(effect string) *function {
		return &function{payload: `{"principalId":"me",` + grant(effect, testAPI+"/*") + `}`}
	}
	for _, tc := range []struct {
		name     string
		policy   *policy.Policy
		private  bool
		endpoint string
		lambda   *function
		cognito  bool
		status   int
		message  string
		asked    bool
	}{
		{name: "none"},
		{name: "allow", policy: allow},
		{name: "silent", policy: silent, status: 403, message: refused},
		{name: "deny", policy: deny, status: 403, message: refused + " with an explicit deny"},
		{name: "the right address", policy: fromHere},
		{name: "another address", policy: fromThere, status: 403, message: refused},
		{name: "no endpoint", policy: endpoint, status: 403, message: refused},
		{name: "the right endpoint", policy: endpoint, endpoint: "vpce-1"},
		{name: "private, by the public door", policy: allow, private: true, status: 403, message: "Forbidden"},
		{name: "private, by its endpoint", policy: endpoint, private: true, endpoint: "vpce-1"},
		{name: "private, without a policy", private: true, endpoint: "vpce-1", status: 403, message: refused},
		{name: "denied before the function is asked", policy: deny, lambda: says("Allow"), status: 403, message: refused + " with an explicit deny"},
		{name: "both allow", policy: allow, lambda: says("Allow"), asked: true},
		{name: "the function alone allows", policy: silent, lambda: says("Allow"), asked: true},
		{name: "the policy alone allows", policy: allow, lambda: &function{payload: `{"principalId":"me",` + grant("Allow", "x") + `}`}, asked: true},
		{name: "neither allows", policy: silent, lambda: &function{payload: `{"principalId":"me",` + grant("Allow", "x") + `}`}, asked: true, status: 403, message: "User is not authorized to access this resource"},
		{name: "the function denies", policy: allow, lambda: says("Deny"), asked: true, status: 403, message: "User is not authorized to access this resource with an explicit deny"},
		{name: "a token and an allowing policy", policy: allow, cognito: true},
		{name: "a token and a silent policy", policy: silent, cognito: true, status: 403, message: refused},
		{name: "a token without a policy", cognito: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := &REST{Policy: tc.policy, Private: tc.private}
			if tc.lambda != nil {
				g.Identity = tokenAuthorizer(t, tc.lambda, "", 0)
			} else if tc.cognito {
				g.Identity = fixed{verdict{outcome: policy.Allow, rule: policyToo}}
			}
			rc, r := testRequest("/pets/1", "Authorization", "token")
			rc.VPCEndpointID = tc.endpoint
			kind := gwerr.AccessDenied
			if tc.message == "Forbidden" {
				kind = gwerr.ResourceNotFound
			}
			is(t, g.Authorize(t.Context(), rc, r), tc.status, kind, tc.message)
			if tc.lambda != nil && (tc.lambda.calls > 0) != tc.asked {
				t.Errorf("function asked: %t", !tc.asked)
			}
		})
	}
}

func TestLongARN(t *testing.T) {
	rc, r := testRequest("/" + strings.Repeat("x", 1600))
	g := &REST{Identity: tokenAuthorizer(t, &function{}, "", 0)}
	is(t, g.Authorize(t.Context(), rc, r), 414, gwerr.Default4XX, "Request URI too long")
}

func TestRESTIdentitySources(t *testing.T) {
	s := sources(t, "method.request.header.x-a , method.request.querystring.q,stageVariables.v,context.httpMethod")
	rc, _ := testRequest("/?q=3&q=4", "X-A", "1", "X-A", "2")
	rc.StageVariables = map[string]string{"v": "5"}
	if got, ok := s.Values(rc); !ok || fmt.Sprint(got) != "[2 4 5 GET]" {
		t.Errorf("%v %t", got, ok)
	}
	for _, bad := range []string{"x", "method.request.body.x", "context.nonsense", "$request.header.x"} {
		if _, err := CompileRESTSources(bad); err == nil {
			t.Errorf("%q is taken for an identity source", bad)
		}
	}
}

func FuzzReadREST(f *testing.F) {
	f.Add([]byte(`{"principalId":"me","context":{"n":1,"x":null},"usageIdentifierKey":"k",` + grant("Allow", "*") + `}`))
	f.Add([]byte(`{"principalId":{},"policyDocument":[]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		r, err := readREST(payload)
		if err == nil && r.policy == nil {
			t.Errorf("%q is taken for an answer", payload)
		}
	})
}

func BenchmarkKeptResult(b *testing.B) {
	f := &function{payload: `{"principalId":"me","context":{"k":"v"},` + grant("Allow", testAPI+"/*/GET/*") + `}`}
	s, err := CompileRESTSources("method.request.header.Authorization")
	if err != nil {
		b.Fatal(err)
	}
	g := &REST{Identity: NewRequest(f.function(time.Minute), s)}
	rc, r := testRequest("/pets/1", "Authorization", "token")
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Authorize(b.Context(), rc, r); err != nil {
			b.Fatal(err)
		}
	}
}
