package rest

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

func FuzzMatcher(f *testing.F) {
	for _, path := range []string{"/", "//a//b/", "/pets/7", "/pets/%zz", "/a/b/c/d", "/pets/{id}"} {
		f.Add(path)
	}
	var tree matcher
	for _, path := range []string{"/", "/pets", "/pets/{id}", "/pets/{id}/x", "/{all+}", "/a/{b}/{c+}"} {
		m := &method{configured: anyVerb, resourcePath: path, variables: pathVariables(path)}
		if err := tree.add(path, &verbs{any: m}); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, path string) {
		m, params := tree.find("GET", path)
		if m == nil {
			return
		}
		for _, p := range params {
			if p.Value == "" || !strings.Contains(path, p.Value) {
				t.Errorf("%s: %s = %q", path, p.Name, p.Value)
			}
		}
	})
}

func FuzzMockStatus(f *testing.F) {
	for _, body := range []string{`{"statusCode": 200}`, `{statusCode:1}`, `{'statusCode':'5'}`, `{`, `}{`, `{"a\"statusCode": 1}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(_ *testing.T, body []byte) { mockStatus(body) })
}

func FuzzExpression(f *testing.F) {
	for _, expr := range []string{"'x'", "method.request.body.a[0].b", "method.request.header.", "context.requestId", "stageVariables.a", "integration.response.body.$"} {
		f.Add(expr, `{"a": [{"b": 1}]}`)
	}
	f.Fuzz(func(_ *testing.T, expr, body string) {
		from, err := compileSource(expr)
		if err != nil || strings.HasPrefix(expr, "integration.") {
			return
		}
		c := &call{rc: &reqcontext.Context{Body: []byte(body)}, bodyRead: true}
		if strings.HasPrefix(expr, "method.request.body") {
			_, _ = from(c, nil)
		}
	})
}

func FuzzSelectionPattern(f *testing.F) {
	for _, pattern := range []string{"200", `5\d{2}`, ".*timed out.*", "-", "", "(a+)+$", "(?:[ab]?){1000}", "(", `\`, "(?!x)", `(?!5\d\d).*`} {
		f.Add(pattern, "Task timed out after 3.00 seconds")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		r, err := compileIntegrationResponse(&snapshot.RESTIntegrationResponse{StatusCode: "200", SelectionPattern: pattern})
		if err != nil {
			return
		}
		s := &customResponse{function: true, fallback: r}
		if r.pattern != nil {
			s.responses = append(s.responses, r)
		}
		body, err := json.Marshal(map[string]string{"errorMessage": text})
		if err != nil {
			t.Fatal(err)
		}
		if s.choose(&integration.Response{Status: 200, Body: body}) == nil {
			t.Error("nothing is chosen")
		}
	})
}

func FuzzSubstitution(f *testing.F) {
	f.Add(`{"message":$context.error.messageString}`)
	f.Add("$context $context. ${context.a}$method.request.path.x.$stageVariables.")
	f.Fuzz(func(_ *testing.T, text string) {
		if s, err := compileSubstitution(text); err == nil {
			s.render(&call{rc: &reqcontext.Context{}})
		}
	})
}

func FuzzStreamMetadata(f *testing.F) {
	for _, answer := range []string{
		"{}\x00\x00\x00\x00\x00\x00\x00\x00body", `{"statusCode":"201","headers":{"a":1},"multiValueHeaders":{"A":[true]},"cookies":["c"]}` + "\x00\x00\x00\x00\x00\x00\x00\x00",
		"\x00\x00\x00\x00\x00\x00\x00\x00", "null\x00\x00\x00\x00\x00\x00\x00\x00\x00", "{}",
	} {
		f.Add([]byte(answer), 3)
	}
	f.Fuzz(func(t *testing.T, answer []byte, cut int) {
		cut = max(0, min(cut, len(answer)))
		res := &integration.Response{Body: answer[:cut:cut], Stream: io.NopCloser(bytes.NewReader(answer[cut:]))}
		metadata, rest, err := splitMetadata(res)
		if err != nil {
			return
		}
		if len(metadata)+len(rest)+len(streamDelimiter) > len(answer) || !bytes.HasPrefix(answer, metadata) {
			t.Errorf("%q was split into %q and %q", answer, metadata, rest)
		}
		if out, err := metadataResponse(metadata); err == nil && (out.Status < 100 || out.Status > 999) {
			t.Errorf("%q has status %d", metadata, out.Status)
		}
	})
}
