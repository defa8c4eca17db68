package rest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestCompressedResponse(t *testing.T) {
	a := newAPI(t)
	text := strings.Repeat("pets ", 20)
	d := deployment(resource("/", mockMethod("GET", text)), resource("/short", mockMethod("GET", "short")))
	minimum := 50
	d.MinimumCompressionSize = &minimum
	a.publish(d)
	for accept, want := range map[string]string{
		"gzip": "gzip", "deflate": "deflate", "*": "gzip", "br;q=0.1, gzip;q=0.5": "gzip", "br, gzip;q=0.5": "", "identity": "", "": "", "gzip;q=0": "",
	} {
		got := a.send("GET", "/stage", "", "Accept-Encoding: "+accept)
		if got.header.Get("Content-Encoding") != want || (want == "") != (got.body == text) {
			t.Errorf("%q: %q, %d bytes", accept, got.header.Get("Content-Encoding"), len(got.body))
		}
	}
	got := a.send("GET", "/stage", "", "Accept-Encoding: gzip")
	r, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != text {
		t.Errorf("%v: %q", err, b)
	}
	a.send("GET", "/stage/short", "", "Accept-Encoding: gzip").is(t, 200, "short", "")
}

// What a proxied backend has encoded stays as it is, and says so.
func TestEncodedByBackend(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, strings.Repeat("pets ", 20))
	_ = w.Close()
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}
	d := deployment(resource("/", httpMethod("HTTP_PROXY", "GET", b.URL, nil)))
	d.BinaryMediaTypes, d.MinimumCompressionSize = []string{"*/*"}, new(int)
	a.publish(d)
	got := a.send("GET", "/stage", "", "Accept-Encoding: gzip")
	if got.is(t, 200, packed.String(), ""); got.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("header %v", got.header)
	}
}

func TestCompressedRequest(t *testing.T) {
	a := newAPI(t)
	d := deployment(resource("/", proxyMethod("POST")))
	minimum := 1 << 20
	d.MinimumCompressionSize = &minimum
	a.publish(d)
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, _ = io.WriteString(w, "hello")
	_ = w.Close()
	a.send("POST", "/stage", body.String(), "Content-Encoding: gzip").is(t, 200, "ok", "")
	e := a.event()
	if header := e["headers"].(map[string]any); e["body"] != "hello" || header["Content-Encoding"] != nil {
		t.Errorf("event %v %v", e["body"], header)
	}
	a.send("POST", "/stage", "no gzip", "Content-Encoding: gzip").is(t, 400, `{"message":"Bad Request"}`, "BadRequestException")
	a.send("POST", "/stage", "x", "Content-Encoding: br").is(t, 415, `{"message":"Unsupported Media Type"}`, "BadRequestException")
}

// Mappings, too, see a request without the coding that it came in.
func TestMappingsOfCompressedRequest(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	d := deployment(resource("/", httpMethod("HTTP", "POST", b.URL, map[string]string{"integration.request.header.X-Coding": "method.request.header.Content-Encoding"})))
	d.MinimumCompressionSize = new(int)
	a.publish(d)
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, _ = io.WriteString(w, "hello")
	_ = w.Close()
	a.send("POST", "/stage", body.String(), "Content-Encoding: gzip")
	if got := b.got.Header.Get("X-Coding"); got != "" || b.body != "hello" {
		t.Errorf("the backend got coding %q, %q", got, b.body)
	}
}
