package rest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/snapshot"
)

// backend is an HTTP backend that remembers what it got.
type backend struct {
	*httptest.Server
	got    *http.Request
	body   string
	answer func(w http.ResponseWriter, r *http.Request)
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"from":"backend"}`) }}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.got, b.body = r, string(body)
		w.Header().Set("Content-Type", "application/json")
		b.answer(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func httpMethod(kind, verb, uri string, parameters map[string]string) snapshot.RESTMethod {
	return snapshot.RESTMethod{HTTPMethod: verb, AuthorizationType: "NONE", Integration: snapshot.RESTIntegration{
		Type: kind, HTTPMethod: verb, URI: uri, TimeoutMillis: 5000, ConnectionType: "INTERNET", PassthroughBehavior: "WHEN_NO_MATCH",
		RequestParameters: parameters, Responses: []snapshot.RESTIntegrationResponse{{StatusCode: "200"}},
	}}
}

func TestHTTPProxyMapping(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	a.publish(deployment(resource("/{pathVariable}", httpMethod("HTTP_PROXY", "POST", b.URL+"/post?testVar={pathVar}&testQs={qsVar}", map[string]string{
		"integration.request.path.pathVar": "method.request.path.pathVariable", "integration.request.path.qsVar": "method.request.querystring.testVar",
		"integration.request.querystring.queryString": "method.request.querystring.testQueryString",
		"integration.request.querystring.testQs":      "method.request.querystring.testQueryString",
		"integration.request.header.foobar":           "'mapped-value'", "integration.request.header.headerVar": "method.request.header.missing",
	}))))
	a.send("POST", "/stage/foobar?testQueryString=foo&testVar=bar", `{"message":"hello world"}`, "headerVar: request-value").is(t, 200, `{"from":"backend"}`, "")
	want := url.Values{"queryString": {"foo"}, "testQs": {"bar", "foo"}, "testQueryString": {"foo"}, "testVar": {"foobar", "bar"}}
	if diff := cmp.Diff(want, b.got.URL.Query()); diff != "" {
		t.Error(diff)
	}
	if b.got.URL.Path != "/post" || b.body != `{"message":"hello world"}` || b.got.Header.Get("foobar") != "mapped-value" || b.got.Header.Get("headerVar") != "request-value" {
		t.Errorf("got %s %s %v", b.got.URL, b.body, b.got.Header)
	}
}

func TestHTTPProxyHeaders(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		for name, v := range map[string]string{"Server": "gunicorn", "Via": "x", "X-Own": "o", "X-Amzn-Requestid": "theirs", "X-Amz-Apigw-Id": "theirs", "WWW-Authenticate": "Basic"} {
			w.Header().Set(name, v)
		}
		w.WriteHeader(418)
	}
	a.publish(deployment(resource("/", httpMethod("HTTP_PROXY", "GET", b.URL, nil))))
	got := a.send("GET", "/stage", "", "Accept: application/json", "Max-Forwards: 2", "TE: x", "Via: v", "Content-Encoding: deflate", "X-Mine: m", "Authorization: Bearer t")
	if got.status != 418 {
		t.Errorf("status %d", got.status)
	}
	for name, want := range map[string]string{
		"Accept": "application/json", "X-Mine": "m", "Authorization": "Bearer t", "Max-Forwards": "", "Te": "", "Via": "", "Content-Encoding": "",
		"X-Forwarded-For": "", "X-Amzn-Apigateway-Api-Id": "abcdef0123",
	} {
		if v := b.got.Header.Get(name); v != want {
			t.Errorf("backend's %s: got %q, want %q", name, v, want)
		}
	}
	if b.got.Header.Get("X-Amzn-Trace-Id") == "" {
		t.Error("the backend got no trace id")
	}
	for name, want := range map[string]string{
		"x-amzn-Remapped-Server": "gunicorn", "Via": "", "X-Own": "o", "x-amzn-Remapped-x-amzn-RequestId": "theirs",
		"x-amzn-Remapped-WWW-Authenticate": "Basic", "X-Amzn-Trace-Id": "",
	} {
		if v := got.header.Get(name); v != want {
			t.Errorf("client's %s: got %q, want %q", name, v, want)
		}
	}
	if ids := got.header.Values("x-amz-apigw-id"); len(ids) != 1 || ids[0] == "theirs" {
		t.Errorf("x-amz-apigw-id %q", ids)
	}
}

// Clients of HTTP/2 refuse an answer with headers of an HTTP/1.1 connection.
func TestNoConnectionHeadersInHTTP2(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		for _, name := range []string{"Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "X-Own"} {
			w.Header().Set(name, "v")
		}
	}
	a.publish(deployment(resource("/", httpMethod("HTTP_PROXY", "GET", b.URL, nil))))
	s := httptest.NewUnstartedServer(a.server.Config.Handler)
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	res, err := s.Client().Get(s.URL + "/stage")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.ProtoMajor != 2 || res.Header.Get("X-Own") != "v" {
		t.Errorf("%s %v", res.Proto, res.Header)
	}
	for _, name := range []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Upgrade"} {
		if v := res.Header.Get(name); v != "" {
			t.Errorf("%s: %s", name, v)
		}
	}
}

func TestHTTPHeaders(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	a.publish(deployment(resource("/", httpMethod("HTTP", "GET", b.URL, nil), httpMethod("HTTP", "POST", b.URL, nil))))
	got := a.send("GET", "/stage", "", "Accept: application/xml", "X-Mine: m", "User-Agent: mine")
	got.is(t, 200, `{"from":"backend"}`, "")
	if got.header.Get("X-Amzn-Trace-Id") == "" {
		t.Error("the client got no trace id")
	}
	want := http.Header{"Accept": {"application/json"}, "User-Agent": {"AmazonAPIGateway_abcdef0123"}, "X-Amzn-Apigateway-Api-Id": {"abcdef0123"},
		"X-Amzn-Trace-Id": {got.header.Get("X-Amzn-Trace-Id")}}
	if diff := cmp.Diff(want, b.got.Header); diff != "" {
		t.Error(diff)
	}
	a.send("POST", "/stage", "<a/>", "Content-Type: application/xml")
	if b.body != "<a/>" || b.got.Header.Get("Content-Type") != "application/xml" {
		t.Errorf("got %q %v", b.body, b.got.Header)
	}
}

// Headers that a mapping may not set, and those that vanish.
func TestMappedHeaders(t *testing.T) {
	b := newBackend(t)
	for header, refused := range map[string]bool{
		"Content-Length": true, "Transfer-Encoding": true, "X-Amzn-Trace-Id": true, "X-Amzn-Apigateway-Api-Id": true,
		"Authorization": false, "Connection": false, "Expect": false, "Proxy-Authenticate": false, "TE": false, "User-Agent": false, "Via": false,
	} {
		for _, kind := range []string{"HTTP", "HTTP_PROXY"} {
			a := newAPI(t)
			a.publish(deployment(resource("/", httpMethod(kind, "GET", b.URL, map[string]string{"integration.request.header." + header: "'v'"}))))
			got := a.send("GET", "/stage", "")
			if refused {
				got.is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
				continue
			}
			want := ""
			if header == "Authorization" || header == "User-Agent" {
				want = "v"
			}
			if v := b.got.Header.Get(header); got.status != 200 || v != want {
				t.Errorf("%s %s: status %d, backend got %q", kind, header, got.status, v)
			}
		}
	}
	for _, header := range []string{"Authorization", "Connection", "Expect", "Proxy-Authenticate", "TE", "Content-Length", "Transfer-Encoding"} {
		a := newAPI(t)
		m := proxyMethod("GET")
		m.Integration.RequestParameters = map[string]string{"integration.request.header." + header: "'v'"}
		a.publish(deployment(resource("/", m)))
		a.send("GET", "/stage", "").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
	}
}

func TestStageVariablesInURI(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	d := deployment(resource("/", httpMethod("HTTP_PROXY", "GET", "http://${stageVariables.host}/${stageVariables.path}?${stageVariables.query}", nil)))
	a.publish(d, func(s *snapshot.Stage) {
		s.Variables = map[string]string{"host": strings.TrimPrefix(b.URL, "http://"), "path": "test-path", "query": "qs_key=qs_value"}
	})
	a.send("GET", "/stage", "").is(t, 200, `{"from":"backend"}`, "")
	if b.got.URL.Path != "/test-path" || b.got.URL.RawQuery != "qs_key=qs_value" {
		t.Errorf("got %s", b.got.URL)
	}
	a.publish(d)
	a.send("GET", "/stage", "").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
}

func TestHTTPSelection(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	m := httpMethod("HTTP", "GET", b.URL, nil)
	m.Integration.Responses = []snapshot.RESTIntegrationResponse{{StatusCode: "200"}, {StatusCode: "400", SelectionPattern: `4\d{2}`}}
	a.publish(deployment(resource("/", m)))
	for backend, want := range map[int]int{404: 400, 201: 200, 500: 200} {
		b.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(backend) }
		if got := a.send("GET", "/stage", ""); got.status != want {
			t.Errorf("backend %d: got %d", backend, got.status)
		}
	}
}

func TestBackendFailures(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	release := make(chan struct{})
	b.answer = func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	slow := httpMethod("HTTP_PROXY", "GET", b.URL, nil)
	slow.Integration.TimeoutMillis = 50
	gone := httptest.NewServer(nil)
	gone.Close()
	cut := newBackend(t)
	cut.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "short")
	}
	a.publish(deployment(resource("/slow", slow), resource("/gone", httpMethod("HTTP_PROXY", "GET", gone.URL, nil)), resource("/cut", httpMethod("HTTP_PROXY", "GET", cut.URL, nil))))
	a.send("GET", "/stage/slow", "").is(t, 504, `{"message": "Endpoint request timed out"}`, "InternalServerErrorException")
	close(release)
	for _, path := range []string{"/stage/gone", "/stage/cut"} {
		a.send("GET", path, "").is(t, 504, `{"message": "Network error communicating with endpoint"}`, "InternalServerErrorException")
	}
}

// What a backend answers to HEAD tells the length of a body that does not come.
func TestHead(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "10") }
	streamed := httpMethod("HTTP_PROXY", "HEAD", b.URL, nil)
	streamed.Integration.TransferMode = "STREAM"
	askedByGet := httpMethod("HTTP_PROXY", "GET", b.URL, nil)
	askedByGet.Integration.HTTPMethod = "HEAD"
	a.publish(deployment(
		resource("/proxy", httpMethod("HTTP_PROXY", "HEAD", b.URL, nil), askedByGet),
		resource("/custom", httpMethod("HTTP", "HEAD", b.URL, nil)), resource("/stream", streamed),
	))
	for _, path := range []string{"/stage/proxy", "/stage/custom", "/stage/stream"} {
		if got := a.send("HEAD", path, ""); got.status != 200 || b.got.Method != "HEAD" {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	a.send("GET", "/stage/proxy", "").is(t, 200, "", "")
	if b.got.Method != "HEAD" {
		t.Errorf("the backend got %s", b.got.Method)
	}
}

func TestTemplateToBackend(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	m := httpMethod("HTTP", "POST", b.URL+"/{part}", map[string]string{
		"integration.request.path.part": "'mapped'", "integration.request.querystring.id": "method.request.body.order.id",
	})
	m.Integration.RequestTemplates = map[string]string{"application/json": `#set($context.requestOverride.path.part = "over")#set($context.requestOverride.header.X-O = "o"){"id": $input.json('$.order.id')}`}
	m.Integration.Responses[0].ResponseTemplates = map[string]string{"application/json": `{"got": $input.json('$.from')}`}
	a.publish(deployment(resource("/", m)))
	a.send("POST", "/stage", `{"order": {"id": 17}}`).is(t, 200, `{"got": "backend"}`, "")
	if b.got.URL.String() != "/over?id=17" || b.body != `{"id": 17}` || b.got.Header.Get("X-O") != "o" {
		t.Errorf("got %s %s %v", b.got.URL, b.body, b.got.Header)
	}
	a.send("POST", "/stage", `{"order`).is(t, 400, `{"message":"Invalid JSON in request body"}`, "BadRequestException")
}

func TestMappedHost(t *testing.T) {
	for _, kind := range []string{"HTTP", "HTTP_PROXY"} {
		a, b := newAPI(t), newBackend(t)
		a.publish(deployment(resource("/", httpMethod(kind, "GET", b.URL, map[string]string{"integration.request.header.Host": "'mapped.example'"}))))
		a.send("GET", "/stage", "")
		if b.got.Host != "mapped.example" || b.got.Header["Host"] != nil {
			t.Errorf("%s: host %q, header %v", kind, b.got.Host, b.got.Header)
		}
	}
}

func TestRedirectIsAnAnswer(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	b.answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	a.publish(deployment(resource("/", httpMethod("HTTP_PROXY", "GET", b.URL, nil))))
	if got := a.send("GET", "/stage", ""); got.status != 302 || got.header.Get("Location") != "/elsewhere" {
		t.Errorf("got %d %v", got.status, got.header)
	}
}

// A path parameter goes on with the escapes that it came with, whatever else is in it.
func TestEscapesInPathParameters(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	a.publish(deployment(resource("/{proxy+}", httpMethod("HTTP_PROXY", "GET", b.URL+"/to/{proxy}", map[string]string{
		"integration.request.path.proxy": "method.request.path.proxy",
	}))))
	for sent, want := range map[string]string{
		`a%2Fb`: "/to/a%2Fb", `a%2Fb|c%20d`: "/to/a%2Fb%7Cc%20d", "a%2F\u00fc/x": "/to/a%2F%C3%BC/x", `a;b=c,d:e@f+g`: "/to/a;b=c,d:e@f+g",
	} {
		if a.send("GET", "/stage/"+sent, ""); b.got.RequestURI != want {
			t.Errorf("%s: the backend got %s, want %s", sent, b.got.RequestURI, want)
		}
	}
}

// What comes from elsewhere is escaped where a path cannot have it.
func TestPathParameterFromQuery(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	a.publish(deployment(resource("/", httpMethod("HTTP_PROXY", "GET", b.URL+"/to/{p}", map[string]string{
		"integration.request.path.p": "method.request.querystring.p",
	}))))
	for sent, want := range map[string]string{"50%25": "/to/50%25", "a%23b": "/to/a%23b", "a%20b": "/to/a%20b"} {
		b.got = nil
		got := a.send("GET", "/stage?p="+sent, "")
		if b.got == nil {
			t.Errorf("%s: answered %d", sent, got.status)
		} else if path := b.got.URL.EscapedPath(); path != want {
			t.Errorf("%s: the backend got %s, want %s", sent, path, want)
		}
	}
}

// Parameters are parted by semicolons too, for whoever looks.
func TestSemicolonsSplitTheQuery(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	a.publish(deployment(resource("/", httpMethod("HTTP_PROXY", "GET", b.URL, nil)), resource("/mock", mockMethod("GET", "$input.params('a')$input.params('b')"))))
	a.send("GET", "/stage/mock?a=1;b=2", "").is(t, 200, "12", "")
	a.send("GET", "/stage?a=1;b=%3B&c", "")
	if b.got.URL.RawQuery != "a=1&b=%3B&c" {
		t.Errorf("the backend got %s", b.got.URL)
	}
}

// AWS services never get a Referer that is mapped, and mappings pass over variables
// of the context that are no text.
func TestMappingsOfNothing(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	a.publish(deployment(resource("/", httpMethod("HTTP", "GET", b.URL, map[string]string{
		"integration.request.header.Epoch": "context.requestTimeEpoch", "integration.request.header.Time": "context.requestTime",
		"integration.request.header.Referer": "'here'", "integration.request.header.None": "context.nothing",
		"integration.request.header.Empty": "method.request.multivalueheader.X-Empty",
	}))))
	a.send("GET", "/stage", "", "X-Empty: ")
	if h := b.got.Header; h["Epoch"] != nil || h["Empty"] != nil || h.Get("Time") != "22/Jul/2024:22:52:30 +0000" || h.Get("Referer") != "here" || h["None"] != nil {
		t.Errorf("the backend got %v", h)
	}
}
