package recorder

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func page(t *testing.T, r *Recorder, query string) string {
	t.Helper()
	w, req := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/_postern/calls"+query, nil)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.ServeHTTP(w, req)
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Vary") != "Accept" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	return w.Body.String()
}

func TestPage(t *testing.T) {
	r := newRecorder(10)
	if got := page(t, r, ""); !strings.Contains(got, "None so far.") {
		t.Errorf("without calls: %s", got)
	}
	r.Answer(t.Context(), formCall("sqs", "/1/q", "Action", "SendMessage", "Version", "2012-11-05", "MessageBody", `{"text":"<script>alert(1)</script>"}`))
	r.Answer(t.Context(), jsonCall("events", "AWSEvents.PutEvents", `{"Entries":[{"Source":"s","DetailType":"t","Detail":"{}"}]}`))
	r.Answer(t.Context(), Call{Service: "s3", Method: "PUT", Path: "/b/k", Body: Text{0xff}})
	got := page(t, r, "")
	for _, part := range []string{
		"<b>sqs SendMessage</b>", "<dt>MessageBody</dt><dd>{\n  &#34;text&#34;: &#34;&lt;script&gt;alert(1)&lt;/script&gt;&#34;\n}</dd>", "\n  &lt;SendMessageResult&gt;\n    &lt;MessageId&gt;",
		"<b>events PutEvents</b>", "<pre>{\n  &#34;Entries&#34;: [\n    {", "<dt>Line</dt><dd>POST /1/q</dd>", "<b>s3</b>", "<pre>0xff</pre>", "no answer",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q", part)
		}
	}
	if strings.Contains(got, "<script") || strings.Contains(got, "<dt>Version</dt>") {
		t.Errorf("%s", got)
	}
	if got := page(t, r, "?service=sqs&action=&api="); strings.Contains(got, "<b>events") || !strings.Contains(got, "<b>sqs") || !strings.Contains(got, `name="service" value="sqs"`) {
		t.Errorf("filtered: %s", got)
	}
	if got := page(t, r, "?service=nope"); !strings.Contains(got, "No such call.") {
		t.Errorf("filtered: %s", got)
	}
}

func TestIndent(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"text":                   "text",
		"{":                      "{",
		"[1]":                    "[\n  1\n]",
		"<a>":                    "<a>",
		"<a><b>1 &lt; 2</b></a>": "<a>\n  <b>1 &lt; 2</b>\n</a>",
		"<a><b></b><c/></a>":     "<a>\n  <b></b>\n  <c/>\n</a>",
		"<a></b></a></a>":        "<a></b>\n</a>\n</a>",
		"<a <":                   "<a <",
	} {
		if got := indent(Text(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Whatever is laid out, nothing but white space comes to it.
func FuzzIndent(f *testing.F) {
	f.Add(`{"a":[1,"b"]}`)
	f.Add("<?xml version=\"1.0\"?><a><b>1</b></a>")
	f.Add("<a \xff>")
	f.Add("<a></b><!-- -->]]>")
	f.Fuzz(func(t *testing.T, text string) {
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got, want := indent(Text(text)), Text(text).String(); squeeze(got) != squeeze(want) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
