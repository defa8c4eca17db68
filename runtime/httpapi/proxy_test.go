package httpapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/snapshot"
)

// echo tells the caller what the backend saw.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	w.Header().Set("ETag", `"1"`)
	w.Header().Set("Keep-Alive", "timeout=5")
	w.Header().Set("Access-Control-Allow-Origin", "https://backend")
	w.Header().Set("X-Seen", r.Method+" "+r.RequestURI)
	w.Header().Set("X-Host", r.Host)
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Amzn-Trace-Id", "User-Agent", "Accept-Encoding", "X-Custom", "X-Hop", "Content-Length"} {
		if v, ok := r.Header[name]; ok {
			w.Header().Set("Seen-"+name, strings.Join(v, "|"))
		}
	}
	w.Header().Set("Seen-Length", fmt.Sprint(r.ContentLength))
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(body)
}

func proxyAPI(uri, method string, keys ...string) *snapshot.HTTPDeployment {
	h := &snapshot.HTTPDeployment{Integrations: []snapshot.HTTPIntegration{{
		ID: "int0001", Type: "HTTP_PROXY", Method: method, URI: uri, PayloadFormat: "1.0", TimeoutMillis: 30000,
	}}}
	for _, k := range keys {
		h.Routes = append(h.Routes, snapshot.HTTPRoute{ID: "r", Key: k, IntegrationID: "int0001"})
	}
	return h
}

func TestProxyTarget(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(echo))
	defer backend.Close()
	for _, tc := range []struct {
		name, uri, method, key string
		request, want          string
	}{
		{"$default appends the path", "/base", "ANY", "$default", "GET /store/checkout?a=1", "GET /base/store/checkout?a=1"},
		{"$default appends the root", "/get", "ANY", "$default", "GET /", "GET /get/"},
		{"$default without a base", "", "ANY", "$default", "GET /x%20y/%2F", "GET /x%20y/%2F"},
		{"other routes append nothing", "/fixed", "ANY", "GET /a/{x}", "GET /a/b", "GET /fixed"},
		{"greedy without its plus", "/v1/{proxy}", "ANY", "ANY /{proxy+}", "PUT /a/b%20c?q=%7B", "PUT /v1/a/b%20c?q=%7B"},
		{"variable", "/u/{id}/x", "ANY", "GET /users/{id}", "GET /users/7", "GET /u/7/x"},
		{"configured method", "/m", "POST", "GET /m", "GET /m", "POST /m"},
		{"query of the URI comes first", "/q?fixed=1", "ANY", "GET /q", "GET /q?a=b&a=c", "GET /q?fixed=1&a=b&a=c"},
		{"stage variable", "/${stageVariables.v}", "ANY", "GET /q", "GET /q", "GET /blue"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, httpapi.Deps{}, proxyAPI(backend.URL+tc.uri, tc.method, tc.key), variables(map[string]string{"v": "blue"}))
			method, path, _ := strings.Cut(tc.request, " ")
			if got := s.do(t, method, path, ""); got.header.Get("X-Seen") != tc.want {
				t.Errorf("backend saw %q, want %q", got.header.Get("X-Seen"), tc.want)
			}
		})
	}
}

// A path goes on with the escapes that it came with, whatever else is in it.
func TestEscapesInPaths(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(echo))
	defer backend.Close()
	for _, tc := range []struct{ key, base, overwrite, sent, want string }{
		{"$default", "/base", "", "/a%2Fb", "/base/a%2Fb"},
		{"$default", "/base", "", "/a%2Fb|c%20d", "/base/a%2Fb%7Cc%20d"},
		{"$default", "/base", "", "/a%2F\u00fc/x", "/base/a%2F%C3%BC/x"},
		{"$default", "/base", "", "/a;b=c,d:e@f+g%2b", "/base/a;b=c,d:e@f+g%2b"},
		{"$default", "/base", "", "/100%25/%2541", "/base/100%25/%2541"},
		{"GET /{p+}", "", "$request.path", "/a%2Fb|c", "/a%2Fb%7Cc"},
		{"GET /{p+}", "", "/to/$request.path.p/x", "/%2541/100%25/a%3Fb", "/to/%2541/100%25/a%3Fb/x"},
		{"GET /{p+}", "", "/to/${request.path.p}", "/a%20b/\u00fc", "/to/a%20b/%C3%BC"},
		{"GET /{p+}", "", "/100%/a%20b?", "/x", "/100%25/a%20b%3F"},
	} {
		h := proxyAPI(backend.URL+tc.base, "ANY", tc.key)
		if tc.overwrite != "" {
			h.Integrations[0].RequestParameters = map[string]string{"overwrite:path": tc.overwrite}
		}
		s, w := serve(t, httpapi.Deps{}, h), httptest.NewRecorder()
		s.gateway.ServeAPI(w, httptest.NewRequest("GET", "/", nil), runtime.Target{APIID: apiID, Path: tc.sent, Host: host})
		if got := w.Header().Get("X-Seen"); got != "GET "+tc.want {
			t.Errorf("%s, %s: the backend saw %s, want %s", tc.sent, tc.overwrite, got, tc.want)
		}
	}
}

func TestProxyHeaders(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(echo))
	defer backend.Close()
	s := serve(t, httpapi.Deps{}, proxyAPI(backend.URL, "ANY", "$default"))
	got := s.do(t, "POST", "/", "hello", "X-Custom", "1", "Connection", "x-hop", "X-Hop", "1", "Via", "1.1 client", "User-Agent", "")
	if got.status != 201 || got.body != "hello" {
		t.Fatalf("%d %q", got.status, got.body)
	}
	for name, want := range map[string]string{
		"X-Host":               strings.TrimPrefix(backend.URL, "http://"),
		"Seen-Forwarded":       "for=127.0.0.1;host=" + host + ";proto=https",
		"Seen-Via":             "1.1 client, HTTP/1.1 AmazonAPIGateway",
		"Seen-X-Forwarded-For": "",
		"Seen-User-Agent":      "",
		"Seen-X-Hop":           "",
		"Seen-X-Custom":        "1",
		"Seen-Length":          "5",
		"Etag":                 `"1"`,
		"Keep-Alive":           "",
		// Without a CORS configuration the backend's own headers pass.
		"Access-Control-Allow-Origin": "https://backend",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
	if !strings.HasPrefix(got.header.Get("Seen-X-Amzn-Trace-Id"), "Root=1-5e9f0c65-") {
		t.Errorf("trace %q", got.header.Get("Seen-X-Amzn-Trace-Id"))
	}
}

func TestProxyAnswers(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "/gone":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/chunked":
			for range 3 {
				_, _ = io.WriteString(w, "part ")
				w.(http.Flusher).Flush()
			}
		case "/huge":
			for range 11 {
				_, _ = w.Write(make([]byte, 1<<20))
				w.(http.Flusher).Flush()
			}
		case "/head":
			w.Header().Set("Content-Length", "123")
		case "/hang":
			<-r.Context().Done()
		}
	}))
	defer backend.Close()
	api := proxyAPI(backend.URL, "ANY", "$default")
	s := serve(t, httpapi.Deps{}, api)

	if got := s.do(t, "GET", "/redirect", ""); got.status != 302 || got.header.Get("Location") != "/elsewhere" {
		t.Errorf("redirect: %d %v", got.status, got.header)
	}
	if got := s.do(t, "GET", "/gone", ""); got.status != 503 || got.body != "" {
		t.Errorf("5xx of the backend: %d %q", got.status, got.body)
	}
	if got := s.do(t, "GET", "/chunked", ""); got.body != "part part part " || got.header.Get("Content-Length") != "15" {
		t.Errorf("chunked: %q %v", got.body, got.header)
	}
	if got := s.do(t, "GET", "/huge", ""); got.status != 500 {
		t.Errorf("over 10 MB: %d", got.status)
	}
	if got := s.do(t, "HEAD", "/head", ""); got.status != 200 || got.header.Get("Content-Length") != "123" {
		t.Errorf("HEAD: %d %v", got.status, got.header)
	}
	slow := proxyAPI(backend.URL, "ANY", "$default")
	slow.Integrations[0].TimeoutMillis = 50
	if got := serve(t, httpapi.Deps{}, slow).do(t, "GET", "/hang", ""); got.status != 503 || got.body != `{"message":"Service Unavailable"}` {
		t.Errorf("timeout: %d %s", got.status, got.body)
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	if got := serve(t, httpapi.Deps{}, proxyAPI(closed.URL, "ANY", "$default")).do(t, "GET", "/", ""); got.status != 503 {
		t.Errorf("unreachable: %d", got.status)
	}
}

func TestProxyBodyOfUnknownLength(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(echo))
	defer backend.Close()
	s := serve(t, httpapi.Deps{}, proxyAPI(backend.URL, "ANY", "$default"))
	pr, pw := io.Pipe()
	go func() {
		_, _ = io.WriteString(pw, "streamed")
		_ = pw.Close()
	}()
	res, err := http.Post(s.URL, "text/plain", pr)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Seen-Length") != "8" {
		t.Errorf("backend saw length %s", res.Header.Get("Seen-Length"))
	}
}

func TestParameterMapping(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(echo))
	defer backend.Close()
	api := proxyAPI(backend.URL+"/base", "ANY", "ANY /items/{id}")
	in := &api.Integrations[0]
	in.RequestParameters = map[string]string{
		"append:header.x-custom":      "$request.body.message",
		"overwrite:header.user-agent": "gw/${stageVariables.env}-$context.routeKey",
		"append:querystring.who":      "$request.header.x-who",
		"append:querystring.none":     "$request.header.absent",
		"remove:querystring.secret":   "''",
		"overwrite:path":              "/public/$request.path.id",
	}
	in.ResponseParameters = map[string]map[string]string{
		"201": {"overwrite:statuscode": "203", "append:header.etag": "$context.stage", "remove:header.x-host": ""},
		"203": {"overwrite:statuscode": "299"},
	}
	s := serve(t, httpapi.Deps{}, api, variables(map[string]string{"env": "test"}))
	got := s.do(t, "POST", "/items/7?secret=1&keep=2", `{"message":"hi"}`, "X-Custom", "1", "X-Who", "me & you")
	for name, want := range map[string]string{
		"X-Seen":          "POST /public/7?keep=2&who=me+%26+you",
		"Seen-X-Custom":   "1,hi",
		"Seen-User-Agent": "gw/test-ANY /items/{id}",
		"Etag":            `"1",$default`,
		"X-Host":          "",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
	if got.status != 203 {
		t.Errorf("status %d", got.status)
	}
}

func TestCORS(t *testing.T) {
	age, credentials := 300, true
	backend := httptest.NewServer(http.HandlerFunc(echo))
	defer backend.Close()
	api := proxyAPI(backend.URL, "ANY", "GET /any")
	api.CORS = &snapshot.CORS{
		AllowCredentials: &credentials, MaxAge: &age,
		AllowOrigins: []string{"https://www.example.com", "http://*"}, AllowMethods: []string{"OPTIONS", "GET", "PUT"},
		AllowHeaders: []string{"Authorization"}, ExposeHeaders: []string{"date", "x-api-id"},
	}
	s := serve(t, httpapi.Deps{}, api)
	check := func(name string, got answer, status int, want map[string]string) {
		t.Helper()
		if got.status != status {
			t.Errorf("%s: status %d, want %d", name, got.status, status)
		}
		for h, v := range want {
			if got.header.Get(h) != v {
				t.Errorf("%s: %s %q, want %q", name, h, got.header.Get(h), v)
			}
		}
	}
	const origin = "https://www.example.com"
	check("preflight", s.do(t, "OPTIONS", "/any", "", "Origin", origin, "Access-Control-Request-Method", "PUT"), 204, map[string]string{
		"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": "OPTIONS,GET,PUT", "Access-Control-Allow-Headers": "authorization",
		"Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "300", "Access-Control-Expose-Headers": "", "Vary": "",
	})
	check("foreign preflight", s.do(t, "OPTIONS", "/any", "", "Origin", "https://evil", "Access-Control-Request-Method", "PUT"), 204,
		map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": ""})
	check("no preflight", s.do(t, "OPTIONS", "/any", "", "Origin", origin), 404, map[string]string{"Access-Control-Allow-Origin": origin})
	check("request", s.do(t, "GET", "/any", "", "Origin", origin), 201, map[string]string{
		"Access-Control-Allow-Origin": origin, "Vary": "origin", "Access-Control-Expose-Headers": "date,x-api-id", "Access-Control-Allow-Methods": "", "Access-Control-Allow-Credentials": "true",
	})
	check("any http origin", s.do(t, "GET", "/any", "", "Origin", "http://localhost:5173"), 201, map[string]string{"Access-Control-Allow-Origin": "http://localhost:5173"})
	check("no origin: the backend's header is dropped all the same", s.do(t, "GET", "/any", ""), 201, map[string]string{"Access-Control-Allow-Origin": "", "Vary": ""})
	check("foreign origin", s.do(t, "GET", "/any", "", "Origin", "https://evil"), 201, map[string]string{"Access-Control-Allow-Origin": ""})

	plain := serve(t, httpapi.Deps{}, proxyAPI(backend.URL, "ANY", "POST /api/x"))
	check("preflight without a configuration", plain.do(t, "OPTIONS", "/api/x", "", "Origin", origin, "Access-Control-Request-Method", "POST"), 404,
		map[string]string{"Content-Type": "application/json", "Content-Length": "23", "Access-Control-Allow-Origin": ""})
}
