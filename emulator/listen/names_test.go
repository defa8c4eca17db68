package listen_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern/postern/emulator/listen"
)

// sayNames answers with the names of a request's headers as the client wrote them.
func sayNames(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only the head counts
	spelled := listen.SentAs(r)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprint(w, spelled(name), " ")
	}
}

func TestNamesAsSent(t *testing.T) {
	authority := listen.NewAuthority("")
	s := start(t, sayNames, authority)
	plain := func() (net.Conn, error) { return net.Dial("tcp", s.Addr().String()) }
	secured := func() (net.Conn, error) {
		return tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}, ServerName: "localhost"})
	}
	for name, dial := range map[string]func() (net.Conn, error){"plain": plain, "TLS": secured} {
		t.Run(name, func(t *testing.T) {
			c, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			answers := bufio.NewReader(c)
			for _, tc := range []struct{ request, want string }{
				{"GET / HTTP/1.1\r\nHost: a\r\ntEsT-HEADeR: 1\r\nX-Plain: 2\r\n\r\n", "tEsT-HEADeR X-Plain "},
				{"POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 14\r\n\r\ntest-header: 1", "content-length "},
				{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\nx-big: 1\r\n\r\n" + strings.Repeat("\r\nX-BIG: 2\r\n\r\n", 7142) + "123456789012", "Content-Length x-big "},
				{"GET / HTTP/1.1\r\nHost: a\r\nTest-Header: 1\r\n\r\n", "Test-Header "},
			} {
				if _, err := io.WriteString(c, tc.request); err != nil {
					t.Fatal(err)
				}
				res, err := http.ReadResponse(answers, nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				if err != nil || string(body) != tc.want {
					t.Errorf("%.40q: got %q, %v", tc.request, body, err)
				}
			}
		})
	}
	for name, set := range map[string]func(*http.Protocols){
		"h2c": func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
		"h2":  func(p *http.Protocols) { p.SetHTTP2(true) },
	} {
		scheme := map[string]string{"h2c": "http", "h2": "https"}[name]
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://localhost/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"X-Test": {"1"}, "User-Agent": nil, "Accept-Encoding": {"identity"}}
		res, err := client(t, s, authority, set).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close() // it is read
		if err != nil || string(body) != "accept-encoding x-test " {
			t.Errorf("%s: got %q, %v", name, body, err)
		}
	}
}

func TestNamesThatNobodyHeard(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if listen.SentAs(r) != nil {
		t.Error("names of a request that came no such way are known")
	}
}
