package h1

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func do(t *testing.T, c *Client, req *Request) (int, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	res, err := c.Do(ctx, req)
	if err != nil {
		return 0, "", err
	}
	if res.Stream == nil {
		return res.Status, string(res.Body), nil
	}
	defer res.Stream.Close()
	b, err := io.ReadAll(res.Stream)
	return res.Status, string(b), err
}

// backend counts its connections.
func backend(t *testing.T, h http.HandlerFunc) (addr string, connections *atomic.Int32) {
	t.Helper()
	connections = &atomic.Int32{}
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), connections
}

func TestExchanges(t *testing.T) {
	addr, connections := backend(t, func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		switch r.URL.Path {
		case "/chunked":
			w.(http.Flusher).Flush()
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
			return
		case "/early":
			w.Header().Set("Link", "</x>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
		}
		fmt.Fprintf(w, "%s %s %s %d %s", r.Method, r.RequestURI, r.Host, r.ContentLength, b)
	})
	c := &Client{}
	for _, tc := range []struct {
		name string
		req  Request
		want string
	}{
		{"GET", Request{Method: "GET", Target: "/a?b=%20c"}, "200 GET /a?b=%20c h 0 "},
		{"POST", Request{Method: "POST", Target: "/", Body: []byte("body")}, "200 POST / h 4 body"},
		{"POST without a body", Request{Method: "POST", Target: "/"}, "200 POST / h 0 "},
		{"stream", Request{Method: "PUT", Target: "/", Stream: strings.NewReader("stream"), Length: 6}, "200 PUT / h 6 stream"},
		{"chunked answer", Request{Method: "GET", Target: "/chunked"}, "200 GET /chunked h 0 "},
		{"no content", Request{Method: "GET", Target: "/empty"}, "204 "},
		{"interim answer", Request{Method: "GET", Target: "/early"}, "200 GET /early h 0 "},
		{"HEAD", Request{Method: "HEAD", Target: "/"}, "200 "},
		{"large", Request{Method: "POST", Target: "/", Body: bytes.Repeat([]byte("x"), 100_000)}, "200 POST / h 100000 " + strings.Repeat("x", 100_000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.req.Addr, tc.req.Host, tc.req.Header = addr, "h", http.Header{"X-A": {"1", "2"}}
			status, body, err := do(t, c, &tc.req)
			if got := fmt.Sprintf("%d %s", status, body); err != nil || got != tc.want {
				t.Errorf("%.80q %v, want %.80q", got, err, tc.want)
			}
		})
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for exchanges that came one after the other", n)
	}
	if _, _, err := do(t, c, &Request{Addr: addr, Host: "h", Method: "GET", Target: "/", Header: http.Header{"A": {"1\r\nB: 2"}}}); err == nil {
		t.Error("a header with a line break was sent")
	}
}

func TestClosedConnectionIsReplaced(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	defer s.Close()
	c := &Client{}
	req := func() *Request {
		return &Request{Addr: s.Listener.Addr().String(), Host: "h", Method: "POST", Target: "/", Stream: strings.NewReader("x"), Length: 1}
	}
	for range 3 {
		if _, body, err := do(t, c, req()); err != nil || body != "ok" {
			t.Fatalf("%q %v", body, err)
		}
		s.CloseClientConnections()
	}
}

func TestUnreadBodyClosesConnection(t *testing.T) {
	addr, connections := backend(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	c := &Client{}
	for range 2 {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		res, err := c.Do(ctx, &Request{Addr: addr, Host: "h", Method: "GET", Target: "/"})
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Stream.Close()
		cancel()
	}
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

// raw is a backend that says what it is told to every request.
func raw(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					_, _ = io.WriteString(c, answer)
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestBadBackends(t *testing.T) {
	for name, answer := range map[string]string{
		"silent":             "",
		"no HTTP":            "hello\r\n\r\n",
		"switches protocols": "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"only interim":       strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 20),
		"body too short":     "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
		"bad length":         "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
	} {
		t.Run(name, func(t *testing.T) {
			if status, body, err := do(t, &Client{}, &Request{Addr: raw(t, answer), Host: "h", Method: "GET", Target: "/"}); err == nil {
				t.Errorf("%d %q", status, body)
			}
		})
	}
	status, body, err := do(t, &Client{}, &Request{Addr: raw(t, "HTTP/1.0 200 OK\r\n\r\nuntil the end"), Host: "h", Method: "GET", Target: "/"})
	if err != nil || status != 200 || body != "until the end" {
		t.Errorf("HTTP/1.0: %d %q %v", status, body, err)
	}
}

func TestContextEnds(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	addr, _ := backend(t, func(http.ResponseWriter, *http.Request) { <-hang })
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if _, err := (&Client{}).Do(ctx, &Request{Addr: addr, Host: "h", Method: "GET", Target: "/"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Second)
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := (&Client{}).Do(ctx, &Request{Addr: addr, Host: "h", Method: "GET", Target: "/"}); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestDeadlinesOfOneConnection has exchanges follow each other on a connection, each
// held to its own deadline and not to that of the one before.
func TestDeadlinesOfOneConnection(t *testing.T) {
	first, expired := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer expired()
	hang := make(chan struct{})
	defer close(hang)
	addr, connections := backend(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/later":
			<-first.Done()
			w.(http.Flusher).Flush()
			_, _ = io.Copy(io.Discard, r.Body)
		case "/never":
			<-hang
		}
		_, _ = io.WriteString(w, "ok")
	})
	c := &Client{}
	ask := func(path string, timeout time.Duration) error {
		_, body, err := do(t, c, &Request{Addr: addr, Host: "h", Method: "GET", Target: path, Timeout: timeout})
		if err == nil && body != "ok" {
			t.Errorf("%s: %q", path, body)
		}
		return err
	}
	for _, tc := range []struct {
		path    string
		timeout time.Duration
	}{{"/", 40 * time.Millisecond}, {"/later", 9 * time.Second}, {"/", 8 * time.Second}} {
		if err := ask(tc.path, tc.timeout); err != nil {
			t.Errorf("%s within %v: %v", tc.path, tc.timeout, err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if err := ask("/never", 20*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deadline before that of the exchange before: %v", err)
	}
}

func TestSweep(t *testing.T) {
	addr, connections := backend(t, func(http.ResponseWriter, *http.Request) {})
	c := &Client{}
	req := &Request{Addr: addr, Host: "h", Method: "GET", Target: "/"}
	get := func() {
		t.Helper()
		if _, _, err := do(t, c, req); err != nil {
			t.Fatal(err)
		}
	}
	get()
	c.sweep()
	get()
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections: a sweep closed one that was just used", n)
	}
	c.sweep()
	c.sweep()
	get()
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections: an idle one survived two sweeps", n)
	}
	c.CloseIdle()
}

// resetStream is a client's body that breaks off as a connection does.
type resetStream struct{}

func (resetStream) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestClientsResetIsNotTheBackends(t *testing.T) {
	addr, _ := backend(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	_, _, err := do(t, &Client{}, &Request{Addr: addr, Host: "h", Method: "POST", Target: "/", Stream: resetStream{}, Length: 5})
	if !errors.Is(err, syscall.ECONNRESET) || errors.Is(err, errStale) {
		t.Errorf("got %v", err)
	}
}

func TestNothingIsSmuggled(t *testing.T) {
	addr, _ := backend(t, func(http.ResponseWriter, *http.Request) {})
	const evil = "h\r\nX-Evil: 1"
	for _, req := range []Request{
		{Host: evil, Method: "GET", Target: "/"},
		{Host: "h", Method: "GET", Target: "/" + evil},
		{Host: "h", Method: "GET /x HTTP/1.1\r\nHost: h\r\n\r\nGET", Target: "/"},
		{Host: "h", Method: "GET", Target: "/", Header: http.Header{"X-A": {evil}}},
		{Host: "h", Method: "GET", Target: "/", Header: http.Header{"X-A: b\r\nX-Evil": {"1"}}},
	} {
		req.Addr = addr
		if status, _, err := do(t, &Client{}, &req); err == nil {
			t.Errorf("%q %q %q %v: %d", req.Method, req.Target, req.Host, req.Header, status)
		}
	}
}
