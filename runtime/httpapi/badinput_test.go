package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// gatewayBodies are the bodies of the gateway's own errors.
var gatewayBodies = map[int]string{
	401: `{"message":"Unauthorized"}`, 403: `{"message":"Forbidden"}`, 404: `{"message":"Not Found"}`, 413: `{"message":"Request Entity Too Large"}`,
	429: `{"message":"Too Many Requests"}`, 500: `{"message":"Internal Server Error"}`, 503: `{"message":"Service Unavailable"}`,
}

// gatewayError tests that an answer is the gateway's own error, to the header.
func gatewayError(t *testing.T, got answer, status int) {
	t.Helper()
	want := gatewayBodies[status]
	if got.status != status || got.body != want {
		t.Errorf("%d %s, want %d %s", got.status, got.body, status, want)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Content-Length": strconv.Itoa(len(want)), "Connection": "keep-alive"} {
		if got.header.Get(name) != value {
			t.Errorf("%s %q, want %q", name, got.header.Get(name), value)
		}
	}
	for name := range got.header {
		switch name {
		case "Content-Type", "Content-Length", "Connection", "Date", "Apigw-Requestid", "Www-Authenticate":
		default:
			t.Errorf("header %s: %q", name, got.header[name])
		}
	}
	if len(got.header.Get("Apigw-Requestid")) != 16 {
		t.Errorf("Apigw-Requestid %q", got.header.Get("Apigw-Requestid"))
	}
}

// What a function returns in the form of an answer, and is none.
func TestMalformedLambdaResponses(t *testing.T) {
	both := []string{"1.0", "2.0"}
	for _, tc := range []struct {
		payload string
		formats []string
	}{
		{`{"statusCode":null}`, both},
		{`{"statusCode":"many"}`, both},
		{`{"statusCode":""}`, both},
		{`{"statusCode":"200.0"}`, both},
		{`{"statusCode":-200}`, both},
		{`{"statusCode":99}`, both},
		{`{"statusCode":600}`, both},
		{`{"statusCode":1e3}`, both},
		{`{"statusCode":99999999999999999999}`, both},
		{`{"statusCode":true}`, both},
		{`{"statusCode":{}}`, both},
		{`{"statusCode":[200]}`, both},
		{`{"statusCode":200,"headers":[]}`, both},
		{`{"statusCode":200,"headers":"x"}`, both},
		{`{"statusCode":200,"headers":{"a":{}}}`, both},
		{`{"statusCode":200,"headers":{"a":["b"]}}`, both},
		{`{"statusCode":200,"headers":{"a b":"c"}}`, both},
		{`{"statusCode":200,"headers":{"":"c"}}`, both},
		{`{"statusCode":200,"headers":{"a":"b\r\nSet-Cookie: c=d"}}`, both},
		{`{"statusCode":200,"headers":{"a":"b\u0000"}}`, both},
		{`{"statusCode":200,"body":1}`, both},
		{`{"statusCode":200,"body":["a"]}`, both},
		{`{"statusCode":200,"body":true}`, both},
		{`{"statusCode":200,"body":"a","isBase64Encoded":1}`, both},
		{`{"statusCode":200,"body":"not base64!","isBase64Encoded":true}`, both},
		{`{"statusCode":200,"body":"YQ","isBase64Encoded":true}`, both}, // no padding
		{`{"statusCode":200,"cookies":"a=1"}`, []string{"2.0"}},
		{`{"statusCode":200,"cookies":{"a":"1"}}`, []string{"2.0"}},
		{`{"statusCode":200,"cookies":[1]}`, []string{"2.0"}},
		{`{"statusCode":200,"cookies":["a=1\r\nx: y"]}`, []string{"2.0"}},
		{`{"statusCode":200,"multiValueHeaders":{"a":"b"}}`, []string{"1.0"}},
		{`{"statusCode":200,"multiValueHeaders":["a"]}`, []string{"1.0"}},
		{`{"statusCode":200,"multiValueHeaders":{"a":[["b"]]}}`, []string{"1.0"}},
		{``, []string{"1.0"}},
		{`null`, []string{"1.0"}},
		{`[]`, []string{"1.0"}},
		{`42`, []string{"1.0"}},
		{`{}`, []string{"1.0"}},
		{`{"statusCode":200`, []string{"1.0"}},
	} {
		for _, format := range tc.formats {
			t.Run(format+" "+tc.payload, func(t *testing.T) {
				s := serve(t, httpapi.Deps{Lambda: &invoker{payload: tc.payload}}, lambdaAPI(format, "$default"))
				gatewayError(t, s.do(t, "GET", "/", ""), 500)
			})
		}
	}
}

// What looks strange and is an answer all the same.
func TestStrangeLambdaResponses(t *testing.T) {
	for _, tc := range []struct {
		method, format, payload string
		status                  int
		contentType, body       string
		length                  string
	}{
		{"GET", "2.0", `{"statusCode":200,"headers":null,"cookies":null,"body":null,"isBase64Encoded":null}`, 200, "text/plain; charset=utf-8", "", "0"},
		{"GET", "1.0", `{"statusCode":200,"headers":null,"multiValueHeaders":null,"body":null}`, 200, "text/plain; charset=utf-8", "", "0"},
		{"GET", "2.0", "\n  {\"statusCode\":200,\"body\":\"x\"}\n", 200, "text/plain; charset=utf-8", "x", "1"},
		{"GET", "2.0", `{"statusCode":200,"headers":{"a":null,"n":1.5,"b":false},"body":"x"}`, 200, "text/plain; charset=utf-8", "x", "1"},
		{"GET", "2.0", `{"statusCode":200,"cookies":[],"body":""}`, 200, "text/plain; charset=utf-8", "", "0"},
		{"GET", "2.0", `{"statusCode":204,"body":"ignored"}`, 204, "text/plain; charset=utf-8", "", ""},
		{"GET", "2.0", `{"statusCode":304,"headers":{"ETag":"\"1\""}}`, 304, "", "", ""},
		{"HEAD", "2.0", `{"statusCode":200,"body":"ignored"}`, 200, "text/plain; charset=utf-8", "", ""},
		{"GET", "2.0", `{"statusCode":599,"body":"odd"}`, 599, "text/plain; charset=utf-8", "odd", "3"},
		{"GET", "2.0", `{"statusCode":302,"headers":{"Location":"/elsewhere"}}`, 302, "text/plain; charset=utf-8", "", "0"},
		{"GET", "2.0", ``, 200, "application/json", "", "0"},
		{"GET", "2.0", `{}`, 200, "application/json", "{}", "2"},
		{"GET", "2.0", `"\ud83d\ude0a"`, 200, "application/json", "😊", "4"},
		{"GET", "2.0", `"unfinished`, 200, "application/json", `"unfinished`, "11"},
	} {
		t.Run(tc.method+" "+tc.format+" "+tc.payload, func(t *testing.T) {
			s := serve(t, httpapi.Deps{Lambda: &invoker{payload: tc.payload}}, lambdaAPI(tc.format, "$default"))
			got := s.do(t, tc.method, "/", "")
			if got.status != tc.status || got.body != tc.body || got.header.Get("Content-Type") != tc.contentType || tc.length != "" && got.header.Get("Content-Length") != tc.length {
				t.Errorf("%d %q %q, length %s", got.status, got.header.Get("Content-Type"), got.body, got.header.Get("Content-Length"))
			}
		})
	}
}

// Origins that are not among the allowed ones get no header, however near they come.
func TestOddOrigins(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(echo))
	defer backend.Close()
	api := proxyAPI(backend.URL, "ANY", "GET /a")
	credentials := true
	api.CORS = &snapshot.CORS{AllowCredentials: &credentials, AllowOrigins: []string{"https://www.example.com", "http://localhost:3000", "chrome-extension://*"}, AllowMethods: []string{"GET"}}
	s := serve(t, httpapi.Deps{}, api)
	any := proxyAPI(backend.URL, "ANY", "GET /a")
	any.CORS = &snapshot.CORS{AllowOrigins: []string{"*"}}
	open := serve(t, httpapi.Deps{}, any)
	for _, tc := range []struct {
		origin  string
		allowed bool
	}{
		{"https://www.example.com", true},
		{"http://localhost:3000", true},
		{"chrome-extension://abcdef", true},
		{"null", false},
		{"*", false},
		{"https://www.example.com/", false},
		{"https://www.example.com:443", false},
		{"https://www.example.com:8443", false},
		{"http://www.example.com", false},
		{"https://example.com", false},
		{"https://www.example.com.evil.example", false},
		{"https://evil.example/https://www.example.com", false},
		{"https://www.example.com@evil.example", false},
		{"https://www.example.com https://evil.example", false},
		{"https://evil.example, https://www.example.com", false},
		{"xhttps://www.example.com", false},
		{"http://localhost:30000", false},
		{"http://localhost", false},
		{"https://" + strings.Repeat("a", 5000), false},
		{"not an origin", false},
		{"\xff\xfe", false},
	} {
		want := http.Header{}
		if tc.allowed {
			want = http.Header{"Access-Control-Allow-Origin": {tc.origin}, "Access-Control-Allow-Credentials": {"true"}}
		}
		check := func(what string, got answer, status int) {
			t.Helper()
			if got.status != status {
				t.Errorf("%s from %q: %d", what, tc.origin, got.status)
			}
			for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
				if got.header.Get(name) != want.Get(name) {
					t.Errorf("%s from %q: %s %q", what, tc.origin, name, got.header.Get(name))
				}
			}
			if methods := got.header.Get("Access-Control-Allow-Methods"); (methods != "") != (tc.allowed && strings.HasPrefix(what, "preflight")) {
				t.Errorf("%s from %q: methods %q", what, tc.origin, methods)
			}
		}
		check("request", s.do(t, "GET", "/a", "", "Origin", tc.origin), 201)
		check("error", s.do(t, "GET", "/nothing", "", "Origin", tc.origin), 404)
		check("preflight", s.do(t, "OPTIONS", "/a", "", "Origin", tc.origin, "Access-Control-Request-Method", "GET"), 204)
		check("preflight of a path that is not there", s.do(t, "OPTIONS", "/nothing", "", "Origin", tc.origin, "Access-Control-Request-Method", "GET"), 204)
		if got := open.do(t, "GET", "/a", "", "Origin", tc.origin).header; got.Get("Access-Control-Allow-Origin") != "*" || got.Get("Vary") != "" {
			t.Errorf("any origin, %q: %v", tc.origin, got)
		}
	}
}

// Browsers see the gateway's own errors too, and preflights pass guards but for one.
func TestCORSBesideGuards(t *testing.T) {
	const origin = "https://www.example.com"
	f := &twoFunctions{authorizer: invoker{payload: `{"isAuthorized":false}`}, integration: invoker{payload: `{}`}}
	api := authorized(snapshot.HTTPAuthorizer{Type: "REQUEST", URI: authURI, PayloadFormat: "2.0", SimpleResponses: true, IdentitySources: []string{"$request.header.Authorization"}},
		"GET /guarded", "OPTIONS /free/{proxy+}", "$default")
	api.Routes[1].AuthorizationType = "NONE"
	api.Integrations = append(api.Integrations, snapshot.HTTPIntegration{ID: "down", Type: "HTTP_PROXY", Method: "ANY", URI: "http://127.0.0.1:1", PayloadFormat: "1.0", TimeoutMillis: 1000})
	for _, key := range []string{"GET /down", "GET /nowhere", "GET /slow"} {
		api.Routes = append(api.Routes, snapshot.HTTPRoute{ID: key, Key: key})
	}
	api.Routes[3].IntegrationID = "down"
	api.CORS = &snapshot.CORS{AllowOrigins: []string{origin}, ExposeHeaders: []string{"x-id"}}
	s := serve(t, httpapi.Deps{Lambda: f}, api, func(st *snapshot.Stage) {
		st.HTTP.RouteSettings = map[string]snapshot.HTTPRouteSettings{"GET /slow": {Throttle: &snapshot.Throttle{}}}
	})
	for path, status := range map[string]int{"/guarded": 401, "/other": 401, "/down": 503, "/nowhere": 500, "/slow": 429} {
		got := s.do(t, "GET", path, "", "Origin", origin)
		if got.header.Get("Access-Control-Allow-Origin") != origin || got.header.Get("Access-Control-Expose-Headers") != "x-id" || got.header.Get("Vary") != "origin" {
			t.Errorf("%s: %v", path, got.header)
		}
		for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Vary"} {
			got.header.Del(name)
		}
		gatewayError(t, got, status)
	}
	gatewayError(t, s.do(t, "GET", "/guarded", "", "Authorization", "x"), 403)

	preflight := func(path string, more ...string) answer {
		t.Helper()
		return s.do(t, "OPTIONS", path, "", append([]string{"Origin", origin, "Access-Control-Request-Method", "GET"}, more...)...)
	}
	f.calls = 0
	// /guarded has no route for OPTIONS: $default catches it, whose authorizer is asked.
	if got := preflight("/guarded"); got.status != 401 || got.header.Get("Access-Control-Allow-Origin") != origin {
		t.Errorf("caught by $default: %d %v", got.status, got.header)
	}
	if got := preflight("/guarded", "Authorization", "x"); got.status != 403 || f.calls != 1 {
		t.Errorf("caught by $default and refused: %d after %d calls", got.status, f.calls)
	}
	if got := preflight("/free/a"); got.status != 204 || got.body != "" || f.integration.request.Payload != nil {
		t.Errorf("an open OPTIONS route: %d %s", got.status, got.body)
	}
}

// Every way in which what is behind an HTTP API fails has AWS's answer.
func TestBackendFailures(t *testing.T) {
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/close":
			panic(http.ErrAbortHandler)
		case "/hang":
			<-r.Context().Done()
		case "/large":
			w.Header().Set("Content-Length", strconv.Itoa(10<<20+1))
		case "/500":
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "the backend's own")
		}
	}))
	defer half.Close()
	api := proxyAPI(half.URL, "GET", "$default")
	api.Integrations[0].TimeoutMillis = 100
	s := serve(t, httpapi.Deps{}, api)
	gatewayError(t, s.do(t, "GET", "/close", ""), 503)
	gatewayError(t, s.do(t, "GET", "/hang", ""), 503)
	gatewayError(t, s.do(t, "GET", "/large", ""), 500)
	if got := s.do(t, "GET", "/500", ""); got.status != 500 || got.body != "the backend's own" {
		t.Errorf("%d %s", got.status, got.body)
	}
	for _, f := range []struct {
		invoker
		status int
	}{
		{invoker{err: integration.ErrNoPermission}, 500},
		{invoker{err: integration.ErrFunctionMissing}, 500},
		{invoker{err: integration.ErrThrottled}, 503},
		{invoker{payload: `{"errorMessage":"on purpose"}`, failed: "Unhandled"}, 500},
	} {
		gatewayError(t, serve(t, httpapi.Deps{Lambda: &f.invoker}, lambdaAPI("2.0", "$default")).do(t, "GET", "/", ""), f.status)
	}
}

// A client that first sends all of its body gets to read why it is refused.
func TestRefusalsAreReadAfterTheBody(t *testing.T) {
	h := lambdaAPI("2.0", "POST /here", "POST /guarded")
	h.Routes[1].AuthorizationType = "AWS_IAM"
	s := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{}`}}, h)
	for _, tc := range []struct {
		path   string
		size   int
		status int
	}{
		{"/here", 10<<20 + 1, 413},
		{"/here", 15 << 20, 413},
		{"/none", 9 << 20, 404},
		{"/guarded", 9 << 20, 403},
	} {
		t.Run(fmt.Sprint(tc.path, tc.size), func(t *testing.T) {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", tc.path, tc.size)
			if _, err := conn.Write(make([]byte, tc.size)); err != nil {
				t.Fatalf("send: %v", err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("read: %v", err)
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != tc.status || string(body) != gatewayBodies[tc.status] {
				t.Errorf("%d %s %v", res.StatusCode, body, err)
			}
		})
	}
}
