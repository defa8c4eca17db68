package emulator_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// importAPI makes a REST API of an OpenAPI document and deploys it; methods gives its
// paths as JSON.
func importAPI(t *testing.T, p *emulatortest.Postern, members string) (a *restAPI, address string) {
	t.Helper()
	out, err := p.APIGateway().ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{
		FailOnWarnings: true, Body: []byte(`{"swagger":"2.0","info":{"title":"imported","version":"1"},` + members + `}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	a = &restAPI{t, p, p.APIGateway(), *out.Id, *out.RootResourceId}
	return a, a.deploy()
}

// method is one method of an OpenAPI document whose integration is given as JSON.
func method(integration string, more ...string) string {
	return `{` + strings.Join(append(more, `"responses":{"200":{"description":"","headers":{}}},"x-amazon-apigateway-integration":`+integration), ",") + `}`
}

// mocked is a MOCK that renders a template.
func mocked(template string) string {
	return `{"type":"mock","requestTemplates":{"application/json":"{\"statusCode\": 200}"},"responses":{"default":{"statusCode":"200","responseTemplates":{"application/json":` + quoted(template) + `}}}}`
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// spoken is the answer to a request that is sent byte by byte as it stands, but for
// the lines' ends and {api}.
func (a *restAPI) spoken(request string) (*http.Response, string) {
	a.Helper()
	u, err := url.Parse(a.p.URL())
	if err != nil {
		a.Fatal(err)
	}
	c, err := new(net.Dialer).DialContext(a.Context(), "tcp", u.Host)
	if err != nil {
		a.Fatal(err)
	}
	defer c.Close()
	head, body, _ := strings.Cut(strings.ReplaceAll(request, "{api}", a.id+".execute-api.localhost"), "\n\n")
	if _, err := io.WriteString(c, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body); err != nil {
		a.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		a.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.Fatal(err)
	}
	return res, string(b)
}

// listener is a backend that remembers the last request, its headers as they came.
type listener struct {
	*httptest.Server
	mu     sync.Mutex
	method string
	uri    string
	host   string
	header http.Header
	body   string
	answer func(w http.ResponseWriter)
}

func newListener(t *testing.T) *listener {
	t.Helper()
	l := &listener{answer: func(http.ResponseWriter) {}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a body that breaks off is a short one
		l.mu.Lock()
		defer l.mu.Unlock()
		l.method, l.uri, l.host, l.header, l.body = r.Method, r.RequestURI, r.Host, r.Header, string(body)
		l.answer(w)
	}))
	t.Cleanup(l.Close)
	return l
}

// Paths and queries are matched and decoded, and headers found, as the client sends
// them.
func TestRESTRequestsOnTheWire(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	show := method(mocked(`$context.resourcePath $context.path [$input.params('proxy')$input.params('id')] $util.escapeJavaScript($input.params().querystring)`))
	names := method(mocked(`#foreach($n in $input.params().header.keySet())$n=$input.params().header.get($n);#end|$input.params('x-one')|$input.params('X-One')`))
	a, _ := importAPI(t, p, `"paths":{
		"/{proxy+}": {"get":`+show+`,"options":`+show+`}, "/pets": {"post":`+show+`}, "/pets/{id}": {"x-amazon-apigateway-any-method":`+show+`},
		"/pets/new": {"get":`+show+`}, "/names": {"get":`+names+`}}`)
	for request, want := range map[string]string{
		"GET /prod/pets/1":                                "200 /pets/{id} /prod/pets/1 [1] {}",
		"GET /prod/pets/new":                              "200 /pets/new /prod/pets/new [] {}",
		"PUT /prod/pets/new":                              "200 /pets/{id} /prod/pets/new [new] {}",
		"GET /prod/pets":                                  "200 /{proxy+} /prod/pets [pets] {}",
		"OPTIONS /prod/pets":                              "200 /{proxy+} /prod/pets [pets] {}",
		"GET /prod/pets/new/":                             "200 /pets/new /prod/pets/new/ [] {}",
		"GET //prod/a//b/":                                "200 /{proxy+} /prod/a//b/ [a//b] {}",
		"GET /prod//a":                                    "200 /{proxy+} /prod//a [a] {}",
		"GET /prod/user/test%2Balias@gmail.com/a+b@c":     "200 /{proxy+} /prod/user/test%2Balias@gmail.com/a+b@c [user/test%2Balias@gmail.com/a+b@c] {}",
		"GET /prod/pets/x%20y%2Fz":                        "200 /pets/{id} /prod/pets/x%20y%2Fz [x%20y%2Fz] {}",
		"GET /prod/q?a=1&a=2&B=x%2By+z&c=foo%20bar;d=e&f": "200 /{proxy+} /prod/q [q] {a=2, B=x+y z, c=foo bar, d=e, f=}",
		"GET /prod/q?url=https://www.google.com/":         "200 /{proxy+} /prod/q [q] {url=https:\\/\\/www.google.com\\/}",
		"DELETE /prod/pets":                               `403 {"message":"Missing Authentication Token"}`,
		"HEAD /prod/pets":                                 "403 ",
		"GET /prod":                                       `403 {"message":"Missing Authentication Token"}`,
		"GET /other/pets":                                 `403 {"message":"Forbidden"}`,
		"GET /":                                           `403 {"message":"Forbidden"}`,
	} {
		var res *http.Response
		var body string
		if verb, _, _ := strings.Cut(request, " "); verb == "HEAD" {
			req, err := http.NewRequestWithContext(t.Context(), verb, "http://"+a.id+".execute-api.localhost/prod/pets", nil)
			if err != nil {
				t.Fatal(err)
			}
			if res, err = p.HTTP().Do(req); err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close() // there is none
		} else {
			res, body = a.spoken(request + " HTTP/1.1\nHost: {api}\nConnection: close\n\n")
		}
		if got := fmt.Sprint(res.StatusCode, " ", body); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", request, got, want)
		}
		if res.Header.Get("x-amzn-RequestId") == "" || res.Header.Get("x-amz-apigw-id") == "" || res.Header.Get("Date") == "" || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: header %v", request, res.Header)
		}
	}
	_, body := a.spoken("GET /prod/names HTTP/1.1\nHost: {api}\nx-one: 1\ntEsT-HEADeR: 2\nauthorization: Bearer x\nExpect: 100-continue\nTE: x\nMax-Forwards: 1\nVia: v\nConnection: close\n\n")
	list, params, _ := strings.Cut(body, "|")
	if params != "1|" {
		t.Errorf("looked up: %s", params)
	}
	for _, want := range []string{"x-one=1;", "tEsT-HEADeR=2;", "Authorization=Bearer x;", "Via=v;", "Host=" + a.id + ".execute-api.localhost;", "X-Forwarded-Proto=https;"} {
		if !strings.Contains(list, want) {
			t.Errorf("no %s in %s", want, list)
		}
	}
	for _, gone := range []string{"Expect", "TE=", "Max-Forwards", "Connection"} {
		if strings.Contains(list, gone) {
			t.Errorf("%s in %s", gone, list)
		}
	}
}

// What a backend gets of a request's headers, and the client of an answer's.
func TestRESTHeadersOnTheWire(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	l := newListener(t)
	const backendsOwn = "Server,Via,Content-Encoding,Authorization,Content-MD5,Expect,Host,Max-Forwards,Proxy-Authenticate,Upgrade,User-Agent,WWW-Authenticate,TE,Age,Accept-Charset,Pragma,Range,Referer,Warn,X-Own,x-amzn-RequestId"
	l.answer = func(w http.ResponseWriter) {
		for name := range strings.SplitSeq(backendsOwn, ",") {
			w.Header()[name] = []string{"b"}
		}
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Connection", "keep-alive")
		fmt.Fprint(w, "hello")
	}
	var headers, mappings []string
	for name := range strings.SplitSeq(backendsOwn+",Trailer,Connection,Content-Length,Date", ",") {
		headers = append(headers, quoted(name)+`:{"type":"string"}`)
		mappings = append(mappings, quoted("method.response.header."+name)+`:"'m'"`)
	}
	custom := strings.Replace(method(`{"type":"http","httpMethod":"GET","uri":"`+l.URL+`","responses":{"default":{"statusCode":"200","responseParameters":{`+strings.Join(mappings, ",")+`}}}}`),
		`"headers":{}`, `"headers":{`+strings.Join(headers, ",")+`}`, 1)
	proxy := method(`{"type":"http_proxy","httpMethod":"ANY","uri":"` + l.URL + `"}`)
	a, _ := importAPI(t, p, `"paths":{"/proxy":{"x-amazon-apigateway-any-method":`+proxy+`},"/custom":{"get":`+custom+`}}`)
	const mine = "HTTP/1.1\nHost: {api}\nAccept: a/b\nAccept-Encoding: br\nUser-Agent: me\nX-Mine: 1\nAuthorization: Bearer x\nContent-Encoding: identity\nVia: v\nX-Forwarded-For: 1.2.3.4\nMax-Forwards: 1\nProxy-Authenticate: x\nConnection: close\n"
	for _, tc := range []struct {
		request string
		sent    map[string]string
		got     map[string]string
	}{
		{
			"POST /prod/proxy " + mine + "Content-Type: text/plain\nContent-Length: 2\n\nhi",
			map[string]string{"Accept": "a/b", "Accept-Encoding": "br", "User-Agent": "me", "X-Mine": "1", "Authorization": "Bearer x", "Content-Type": "text/plain", "Content-Length": "2", "X-Forwarded-For": "1.2.3.4"},
			map[string]string{
				"x-amzn-Remapped-Server": "b", "x-amzn-Remapped-WWW-Authenticate": "b", "x-amzn-Remapped-x-amzn-RequestId": "b", "x-amzn-Remapped-Content-Length": "5", "x-amzn-Remapped-Date": "*",
				"x-amzn-Remapped-Connection": "keep-alive", "x-amzn-Remapped-Authorization": "b", "x-amzn-Remapped-Content-MD5": "b", "x-amzn-Remapped-Max-Forwards": "b",
				"x-amzn-Remapped-User-Agent": "b", "Authorization": "", "Content-MD5": "", "Max-Forwards": "", "User-Agent": "",
				"Via": "", "Expect": "", "Host": "", "TE": "", "Upgrade": "", "Proxy-Authenticate": "", "Content-Encoding": "b", "Age": "b", "X-Own": "b", "X-Amzn-Trace-Id": "", "Content-Type": "text/plain", "Content-Length": "5",
			},
		},
		{
			"GET /prod/custom " + mine + "\n",
			map[string]string{"Accept": "application/json", "User-Agent": "AmazonAPIGateway_" + a.id},
			map[string]string{
				"x-amzn-Remapped-Server": "m", "x-amzn-Remapped-WWW-Authenticate": "m", "x-amzn-Remapped-Content-Length": "m", "x-amzn-Remapped-Date": "m", "x-amzn-Remapped-Connection": "m",
				"x-amzn-Remapped-Authorization": "m", "x-amzn-Remapped-Content-MD5": "m", "x-amzn-Remapped-Expect": "m", "x-amzn-Remapped-Host": "m", "x-amzn-Remapped-Max-Forwards": "m",
				"x-amzn-Remapped-Proxy-Authenticate": "m", "x-amzn-Remapped-Trailer": "m", "x-amzn-Remapped-Upgrade": "m", "x-amzn-Remapped-User-Agent": "m",
				"Via": "m", "Content-Encoding": "m", "TE": "m", "Age": "m", "Pragma": "m", "Referer": "m", "Warn": "m", "X-Own": "m", "X-Amzn-Trace-Id": "*", "Server": "", "Content-Length": "5", "Content-Type": "application/json",
			},
		},
	} {
		res, body := a.spoken(tc.request)
		if res.StatusCode != 200 || body != "hello" {
			t.Fatalf("got %d %s", res.StatusCode, body)
		}
		l.mu.Lock()
		sent := map[string]string{}
		for name, v := range l.header {
			if name != "X-Amzn-Trace-Id" && name != "X-Amzn-Apigateway-Api-Id" {
				sent[name] = v[0]
			}
		}
		if l.header.Get("X-Amzn-Trace-Id") == "" || l.header.Get("X-Amzn-Apigateway-Api-Id") != a.id || "http://"+l.host != l.URL {
			t.Errorf("the backend got %s %v", l.host, l.header)
		}
		l.mu.Unlock()
		if diff := cmp.Diff(sent, tc.sent); diff != "" {
			t.Errorf("what the backend got (-got +want):\n%s", diff)
		}
		for name, want := range tc.got {
			if got := res.Header.Get(name); got != want && (want != "*" || got == "") {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
	}
}
