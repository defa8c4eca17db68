package httpapi

import (
	"testing"

	"golang.org/x/net/http/httpguts"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// A function may return anything: the client gets an answer that can be sent.
func FuzzLambdaResult(f *testing.F) {
	for _, s := range []string{
		``, `null`, `"x"`, `{`, `{"statusCode":200}`, `{"statusCode":"201","headers":{"a":1},"cookies":["b"]}`,
		`{"statusCode":200,"multiValueHeaders":{"a":["b",2]},"body":"eA==","isBase64Encoded":true}`, `{"statusCode":1e2}`,
		`{"statusCode":200,"headers":{"a\nb":"c"}}`, `{"statusCode":200,"headers":{"a":"b\r\nc: d"}}`,
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, payload []byte, v2 bool) {
		s := &lambdaResponse{v2: v2, mapping: &mapping{}}
		res, err := s.Select(&reqcontext.Context{}, &integration.Response{Body: payload})
		if err != nil {
			return
		}
		if res.Status < 200 || res.Status > 599 {
			t.Fatalf("status %d", res.Status)
		}
		for name, values := range res.Header {
			if !httpguts.ValidHeaderFieldName(name) || len(values) == 0 {
				t.Fatalf("header %q: %q", name, values)
			}
		}
	})
}

func FuzzMapping(f *testing.F) {
	f.Add("append:header.a", "$request.body.x ${context.requestId}", `{"x":[1]}`, "/a/b")
	f.Add("overwrite:path", "${request.path}", "", "//")
	f.Add("overwrite:querystring.q", "$request.header.host$stageVariables.x", "{", "")
	f.Fuzz(func(t *testing.T, key, value, body, path string) {
		m, err := compileMapping(&snapshot.HTTPIntegration{RequestParameters: map[string]string{key: value}})
		if err != nil {
			return
		}
		rc := &reqcontext.Context{Body: []byte(body), RoutePath: path}
		m.request(rc, &outgoing{header: map[string][]string{}})
	})
}

func FuzzURL(f *testing.F) {
	f.Add("http://h/{proxy}?a={id}", "a b/c")
	f.Add("https://{x}", "")
	f.Add("http://h:80/%zz{id+}", "%")
	f.Fuzz(func(t *testing.T, uri, value string) {
		u, err := parseURL(uri)
		if err != nil {
			return
		}
		rc := &reqcontext.Context{PathParameters: []reqcontext.Param{{Name: "proxy", Value: value}, {Name: "id", Value: value}}}
		if got := u.expand(rc); got.Host == "" {
			t.Fatalf("%q lost its host", uri)
		}
	})
}
