package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern/postern/internal/http1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const headerBytes = 8 << 10

// ours serves a handler until the test ends.
func ours(t testing.TB, h http.Handler) (addr string, s *http1.Server) {
	t.Helper()
	l := listen(t)
	s = &http1.Server{Handler: h, HeaderTime: 10 * time.Second, IdleTime: 5 * time.Minute, HeaderBytes: headerBytes, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String(), s
}

// theirs serves it with net/http.
func theirs(t testing.TB, h http.Handler) (addr string) {
	t.Helper()
	l := listen(t)
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: headerBytes - 4096, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// say sends text on a connection of its own and gives all answers, in a form in which
// what may differ does not show.
func say(t testing.TB, addr, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	go func() {
		_, _ = io.WriteString(c, text) // a server may have closed before it has read all
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	said, err := io.ReadAll(c)
	if err != nil && !isReset(err) {
		t.Fatalf("%.80q: %v after %q", text, err, said)
	}
	var out strings.Builder
	r := bufio.NewReader(bytes.NewReader(said))
	for i := 0; ; i++ {
		if _, err := r.Peek(1); err != nil {
			return out.String()
		}
		res, err := http.ReadResponse(r, &http.Request{Method: methodOf(text, i)})
		if err != nil {
			rest, _ := io.ReadAll(r)
			fmt.Fprintf(&out, "unreadable: %q\n", rest)
			return out.String()
		}
		body, err := io.ReadAll(res.Body)
		if res.Header.Get("Date") != "" {
			res.Header.Set("Date", "now")
		}
		if text, ok := refusals[res.StatusCode]; ok { // net/http puts some reasons into the first line, some nowhere else
			body = []byte(text)
		}
		fmt.Fprintf(&out, "%s %d close=%t %v length=%d\n", res.Proto, res.StatusCode, res.Close, res.TransferEncoding, res.ContentLength)
		for _, name := range slices.Sorted(maps.Keys(res.Header)) {
			fmt.Fprintf(&out, "  %s: %q\n", name, res.Header[name])
		}
		fmt.Fprintf(&out, "  %q %v\n", body, err)
	}
}

// refusals are statuses that handlers of these tests do not give.
var refusals = map[int]string{400: "bad", 501: "encoding", 505: "version"}

func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}

// methodOf gives the method of the request that an answer belongs to; HEAD's answers
// read differently.
func methodOf(text string, i int) string {
	if i == 0 && strings.HasPrefix(text, "HEAD ") {
		return http.MethodHead
	}
	return http.MethodGet
}

// handler does what the path says.
func handler(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	switch path {
	case "echo":
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %+v %s %d.%d %s %q %d %v %q %v close=%t %v", r.Method, r.RequestURI, r.URL, r.Proto, r.ProtoMajor, r.ProtoMinor, r.Host, b, r.ContentLength, r.TransferEncoding, r.Header, r.Trailer, r.Close, err)
	case "nothing":
	case "empty":
		w.WriteHeader(http.StatusOK)
	case "204":
		w.Header().Set("Content-Length", "3")
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusNoContent)
		_, err := w.Write([]byte("abc"))
		if !errors.Is(err, http.ErrBodyNotAllowed) {
			panic(err)
		}
	case "304":
		w.Header().Set("Etag", "x")
		w.WriteHeader(http.StatusNotModified)
	case "strange":
		w.WriteHeader(599)
	case "html":
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>x</title>")
	case "untyped":
		w.Header()["Content-Type"] = nil
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>x</title>")
	case "encoded":
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "zzz")
	case "undated":
		w.Header()["Date"] = nil
	case "dated":
		w.Header().Set("Date", "yesterday")
	case "long":
		for range 100 {
			_, _ = w.Write(bytes.Repeat([]byte("0123456789"), 100))
		}
	case "large":
		_, _ = w.Write(bytes.Repeat([]byte("0123456789"), 100_000))
	case "sized":
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "01234")
		_, _ = io.WriteString(w, "56789")
	case "short":
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "01234")
	case "over":
		w.Header().Set("Content-Length", "3")
		_, _ = io.WriteString(w, "012")
		if _, err := io.WriteString(w, "3"); !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	case "flushed":
		_, _ = io.WriteString(w, "one")
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "two")
	case "late":
		_, _ = io.WriteString(w, "one")
		w.Header().Set("X-Late", "1")
		w.WriteHeader(http.StatusTeapot)
	case "close":
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, "bye")
	case "kept":
		w.Header().Set("Connection", "keep-alive")
		_, _ = io.WriteString(w, "hi")
	case "headers":
		w.Header()["X-Two"] = []string{"1", "2"}
		w.Header()["x-small"] = []string{" a \t"}
		w.Header()["X-Break"] = []string{"a\r\nX-Evil: b"}
		w.Header()["X Bad"] = []string{"c"}
		w.Header()["X-None"] = nil
	case "hints":
		w.Header().Set("Link", "</a>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, "then")
	case "panic":
		panic("on purpose")
	case "abort":
		_, _ = io.WriteString(w, "begun")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case "first byte":
		var b [1]byte
		n, err := r.Body.Read(b[:])
		fmt.Fprintf(w, "%q %v", b[:n], err)
	case "head first":
		w.WriteHeader(http.StatusAccepted)
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%q %v", b, err)
	case "taken":
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "x")
		w.WriteHeader(http.StatusSwitchingProtocols)
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_ = c.Close()
	case "not taken":
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(http.StatusSwitchingProtocols)
	case "closed body":
		_ = r.Body.Close()
		_, err := r.Body.Read(make([]byte, 1))
		fmt.Fprint(w, err)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

const (
	host = "Host: h\r\n"
	end  = "GET /end HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
)

func get(target string) string { return "GET " + target + " HTTP/1.1\r\n" + host + "\r\n" }

// twins are what both servers are asked. A request /end follows each of them: whether
// it is answered shows what became of the connection.
var twins = func() []string {
	var all []string
	for _, path := range []string{
		"/nothing", "/empty", "/204", "/304", "/strange", "/html", "/untyped", "/encoded", "/undated", "/dated", "/long", "/large", "/sized", "/short",
		"/over", "/flushed", "/late", "/close", "/taken", "/kept", "/headers", "/panic", "/abort", "/echo?a=b&c", "/missing",
	} {
		all = append(all, get(path), "HEAD "+path+" HTTP/1.1\r\n"+host+"\r\n", "GET "+path+" HTTP/1.0\r\n\r\n",
			"GET "+path+" HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET "+path+" HTTP/1.1\r\n"+host+"Connection: close\r\n\r\n")
	}
	post := func(path, rest string) { all = append(all, "POST "+path+" HTTP/1.1\r\n"+host+rest) }
	for _, path := range []string{"/echo", "/nothing", "/first%20byte", "/closed%20body", "/long", "/flushed", "/head%20first"} {
		post(path, "Content-Length: 5\r\n\r\nhello")
		post(path, "Content-Length: 0\r\n\r\n")
		post(path, "\r\n")
		post(path, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\n you\r\n0\r\n\r\n")
		post(path, "Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n")
		post(path, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n")
		post(path, "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n")
		if path != "/closed%20body" { // net/http takes the rest for a request
			post(path, "Content-Length: 100\r\n\r\nhello")
		}
		post(path, "Content-Length: 300000\r\n\r\n"+strings.Repeat("x", 300_000))
		post(path, "Content-Length: 100000\r\n\r\n"+strings.Repeat("x", 100_000))
		if path != "/first%20byte" { // net/http gives up on a body that it has asked for
			post(path, "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
		}
		post(path, "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n")
	}
	post("/echo", "Content-Length: 5\r\n\r\nhello\r\n")
	post("/echo", "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello")
	post("/echo", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")
	post("/echo", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	post("/echo", "Transfer-Encoding: gzip\r\n\r\nhello")
	post("/echo", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
	post("/echo", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	post("/echo", "Content-Length: -1\r\n\r\n")
	post("/echo", "Content-Length: +5\r\n\r\nhello")
	post("/echo", "Content-Length: 5 \r\n\r\nhello")
	return append(all,
		"GET /echo HTTP/1.1\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n",
		"GET http://other/echo HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET echo HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX-A : 1\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n 2\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX-A: \x01\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX\x01: 1\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX-A\r\n\r\n",
		"GET /echo HTTP/1.1\nHost: h\nX-A: 1\n\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX-A: "+strings.Repeat("x", 5000)+"\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nX-A: "+strings.Repeat("x", 20000)+"\r\n\r\n",
		"GET /"+strings.Repeat("x", 20000)+" HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /echo HTTP/1.2\r\nHost: h\r\n\r\n",
		"GET /echo HTTP/2.0\r\nHost: h\r\n\r\n",
		"GET /echo HTTP/0.9\r\n\r\n",
		"GET /echo\r\n\r\n",
		"GET  /echo HTTP/1.1\r\nHost: h\r\n\r\n",
		"G=T /echo HTTP/1.1\r\nHost: h\r\n\r\n",
		"get /echo HTTP/1.1\r\nHost: h\r\n\r\n",
		"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
		"CONNECT h:1 HTTP/1.1\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
		"GET * HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET http://other:80/echo?x#y HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET http:///echo HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET //other/echo HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\ncOnnEction: ClOsE\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nConnection: x, cLose\r\n\r\n",
		"GET /echo HTTP/1.0\r\nConnection: Keep-Alive, x\r\n\r\n",
		"GET /long HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
		"HEAD /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
		"GET /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
		"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5hello\r\n0\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
		"POST /nothing HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloGET / HTTP/1.1\r\n0\r\n\r\n",
		get("/not%20taken"),
		"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\n",
		"GET /echo HTTP/1.1\r\nHost: h\r\nExpect: more\r\n\r\n",
		"GET /echo HTTP/1.0\r\nExpect: more\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: h\r\nExpect: more\r\nContent-Length: 2\r\n\r\nhi",
		"GE",
		"\x00\x01\x02\r\n\r\n",
		get("/hints"),
		get("/echo?1")+get("/echo?2")+get("/long"),
	)
}()

func TestTwins(t *testing.T) {
	own, _ := ours(t, http.HandlerFunc(handler))
	std := theirs(t, http.HandlerFunc(handler))
	for _, text := range twins {
		text := text + end
		if got, want := say(t, own, text), say(t, std, text); got != want {
			t.Errorf("%.120q:\n%.2000s\nnet/http:\n%.2000s", text, got, want)
		}
	}
}

var emptyLines = regexp.MustCompile(`^[\r\n]|\n\r?\n[\r\n]`)

func FuzzTwins(f *testing.F) {
	own, _ := ours(f, http.HandlerFunc(handler))
	std := theirs(f, http.HandlerFunc(handler))
	for _, text := range twins {
		if len(text) < 1000 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		switch {
		case text == "", emptyLines.MatchString(text), // net/http drops them behind some requests only
			strings.Contains(strings.ToLower(text), "host:\r"), strings.Contains(strings.ToLower(text), "host:\n"), strings.Contains(strings.ToLower(text), "host: "), // and lets a host be empty
			strings.Contains(text, "HTTP/1.0") && strings.Contains(strings.ToLower(text), "keep-alive"), // and takes a word among others for the token
			strings.Contains(text, "CONNECT "), // and does not look at the host that it names
			len(text) > 4000:
			text = get("/echo")
		}
		text += end // net/http says nothing about less than four bytes
		if got, want := say(t, own, text), say(t, std, text); got != want {
			t.Errorf("%q:\n%.2000s\nnet/http:\n%.2000s", text, got, want)
		}
	})
}
