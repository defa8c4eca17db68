package httphead_test

import (
	"bufio"
	"io"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/internal/httphead"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]*httphead.Head{
		"GET / HTTP/1.1\r\nHost: h\r\nx-a:  1 \r\nX-A:\t2\r\nX-Empty:\r\n\r\nbody": {
			Line: "GET / HTTP/1.1", Size: 55,
			Fields: http.Header{"Host": {"h"}, "X-A": {"1", "2"}, "X-Empty": {""}},
		},
		"HTTP/1.1 200 OK\r\n\r\n":           {Line: "HTTP/1.1 200 OK", Size: 19, Fields: http.Header{}},
		"A\r\nB: \xe4\r\n\r\n":              {Line: "A", Size: 11, Fields: http.Header{"B": {"\xe4"}}},
		"not whole\r\nA: b\r\n":             nil,
		"bare line end\nA: b\r\nB: c\n\r\n": nil,
		"A\r\nB: c\nD: e\r\n\r\n":           nil,
		"A\r\nB: c\r\n folded\r\n\r\n":      nil,
		"A\r\nB : c\r\n\r\n":                nil,
		"A\r\nB\r\n\r\n":                    nil,
		"A\r\n: c\r\n\r\n":                  nil,
		"A\r\nB: \x00\r\n\r\n":              nil,
		"A\r\nB\xe4: c\r\n\r\n":             nil,
	} {
		got, ok := httphead.Plain([]byte(text))
		if ok != (want != nil) {
			t.Errorf("%q: %v", text, ok)
		} else if ok {
			if diff := cmp.Diff(got, *want); diff != "" {
				t.Errorf("%q (-got +want):\n%s", text, diff)
			}
		}
	}
}

// TestValuesDoNotOverlap appends to one field's values, which are kept beside others'.
func TestValuesDoNotOverlap(t *testing.T) {
	h, ok := httphead.Plain([]byte("A\r\nB: 1\r\nC: 2\r\n\r\n"))
	if !ok {
		t.Fatal("declined")
	}
	h.Fields.Add("B", "3")
	if diff := cmp.Diff(h.Fields, http.Header{"B": {"1", "3"}, "C": {"2"}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// FuzzPlain holds what is read beside what package textproto reads of the same.
func FuzzPlain(f *testing.F) {
	f.Add("GET / HTTP/1.1\r\nHost: h\r\nx-a:  1 \r\nX-A:\t2\r\n\r\nbody")
	f.Add("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := httphead.Plain([]byte(text))
		if !ok {
			return
		}
		rest := strings.NewReader(text)
		r := textproto.NewReader(bufio.NewReader(io.LimitReader(rest, int64(got.Size))))
		line, err := r.ReadLine()
		if err != nil {
			t.Fatal(err)
		}
		fields, err := r.ReadMIMEHeader()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, err := r.R.ReadByte(); err != io.EOF {
			t.Errorf("%q: the head has %d bytes for one and fewer for the other", text, got.Size)
		}
		if diff := cmp.Diff(got, httphead.Head{Line: line, Fields: http.Header(fields), Size: got.Size}); diff != "" {
			t.Errorf("%q (-got +textproto):\n%s", text, diff)
		}
	})
}

func BenchmarkPlain(b *testing.B) {
	head := []byte("GET /stage/path/1?a=b HTTP/1.1\r\nHost: abc.execute-api.localhost:4566\r\nUser-Agent: bench\r\nAccept: */*\r\nX-A: 1\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := httphead.Plain(head); !ok {
			b.Fatal("declined")
		}
	}
}
