package h1

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"
)

// answer reads one with the reader for plain ones, if it may, or with net/http's.
func answer(text, method string, plain bool) (told string, ok bool) {
	cn := &conn{r: bufio.NewReaderSize(strings.NewReader(text), readBuffer)}
	if _, err := cn.r.Peek(1); err != nil {
		return "", false
	}
	req := &Request{Method: method}
	var res *Response
	var err error
	if plain {
		res = cn.plain(req)
		ok = res != nil
	} else {
		res, err = cn.readHead(req)
		ok = err == nil
	}
	if !ok {
		return fmt.Sprint(err), false
	}
	body, length := res.Body, res.Length
	if res.Stream != nil {
		if body, err = io.ReadAll(res.Stream); err != nil {
			return err.Error(), false
		}
	}
	rest, err := io.ReadAll(cn.r)
	return fmt.Sprintf("%d %q %d %q ends=%v rest %q %v", res.Status, res.Header, length, body, res.ends, rest, err), true
}

var answers = map[string]bool{ // whether they are plain
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi":                                  true,
	"HTTP/1.1 200 OK\r\ncontent-length:2\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\nhi": true,
	"HTTP/1.1 404\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n":             true,
	"HTTP/1.1 299 Own Words\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n":         true,
	"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi":                                  false,
	"HTTP/1.1 200 OK\r\n\r\nhi":                                                       false,
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi":             false,
	"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi":                                 false,
	"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhi":               false,
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi":             false,
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n":       false,
	"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n":                            false,
	"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n":                          false,
	"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 x\r\n\r\n":     false,
	"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi":                                  false,
	"HTTP/1.1 +20 OK\r\nContent-Length: 2\r\n\r\nhi":                                  false,
	"HTTP/1.1 0200 OK\r\nContent-Length: 2\r\n\r\nhi":                                 false,
	"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi":                                        false,
	"HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 2\r\n\r\nhi":              false,
}

// TestPlainAnswersAreNetHTTPs reads answers both ways.
func TestPlainAnswersAreNetHTTPs(t *testing.T) {
	for text, plain := range answers {
		got, ok := answer(text, "GET", true)
		if ok != plain {
			t.Errorf("%q: plain is %v", text, ok)
		}
		if want, taken := answer(text, "GET", false); ok && (got != want || !taken) {
			t.Errorf("%q:\ngot      %s\nnet/http %s", text, got, want)
		}
	}
	if _, ok := answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "HEAD", true); ok {
		t.Error("an answer to HEAD has no body")
	}
}

func FuzzPlainAnswers(f *testing.F) {
	for text := range answers {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := answer(text, "GET", true)
		if !ok {
			return
		}
		if want, _ := answer(text, "GET", false); got != want {
			t.Errorf("%q:\ngot      %s\nnet/http %s", text, got, want)
		}
	})
}
