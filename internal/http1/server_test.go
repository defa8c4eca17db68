package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/internal/http1"
)

// client is one connection that asks and reads what it is told.
type client struct {
	*testing.T
	c net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &client{t, c, bufio.NewReader(c)}
}

func (c *client) send(text string) {
	c.Helper()
	if _, err := io.WriteString(c.c, text); err != nil {
		c.Fatal(err)
	}
}

func (c *client) want(status int, body string) {
	c.Helper()
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status || string(b) != body {
		c.Fatalf("%s %q %v, want %d %q", res.Status, b, err, status, body)
	}
}

func (c *client) wantEnd() {
	c.Helper()
	if b, err := io.ReadAll(c.r); len(b) > 0 || err != nil && !isReset(err) {
		c.Fatalf("%q %v, want the end", b, err)
	}
}

func TestContextEndsWhenClientLeaves(t *testing.T) {
	waits, left := make(chan struct{}), make(chan error, 1)
	addr, _ := ours(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		close(waits)
		<-r.Context().Done()
		left <- r.Context().Err()
	}))
	c := dial(t, addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
	<-waits
	_ = c.c.Close()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestContextEndsWithRequest(t *testing.T) {
	contexts := make(chan context.Context, 1)
	addr, _ := ours(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { contexts <- r.Context() }))
	c := dial(t, addr)
	c.send(get("/"))
	c.want(200, "")
	<-(<-contexts).Done()
}

// TestWatchedConnectionGoesOn has somebody wait for the client to leave who stays, and
// sends its next request meanwhile, or only later.
func TestWatchedConnectionGoesOn(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		_, _ = io.Copy(io.Discard, r.Body)
		entered <- struct{}{}
		<-release
		fmt.Fprint(w, r.URL.Path, ctx.Err())
	}))
	c := dial(t, addr)
	for i := range 3 {
		path := fmt.Sprintf("/%d", i)
		c.send("POST " + path + "a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
		<-entered
		c.send(get(path + "b")) // before the answer
		release <- struct{}{}
		c.want(200, path+"a<nil>")
		<-entered
		release <- struct{}{}
		c.want(200, path+"b<nil>")
	}
}

func TestHijack(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.Context().Done() // somebody looks ahead
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		line, err := rw.ReadString('\n')
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(rw, "heard %s", line)
		_ = rw.Flush()
		if _, err := w.Write(nil); !errors.Is(err, http.ErrHijacked) {
			t.Errorf("write after hijack: %v", err)
		}
	}))
	for _, text := range []string{get("/") + "hello\n", get("/")} {
		c := dial(t, addr)
		c.send(text)
		if !strings.HasSuffix(text, "hello\n") {
			c.send("hello\n")
		}
		if line, err := c.r.ReadString('\n'); line != "heard hello\n" {
			t.Errorf("%q %v", line, err)
		}
		c.wantEnd()
	}
}

// TestAnswerBeforeBody has a server answer while the client still sends.
func TestAnswerBeforeBody(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) }))
	const size = 64 << 20
	c := dial(t, addr)
	go func() {
		_, _ = fmt.Fprintf(c.c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", size)
		_, _ = io.Copy(c.c, io.LimitReader(zeros{}, size)) // the server closes in between
	}()
	c.want(http.StatusRequestEntityTooLarge, "")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestContinueIsSentOnceWanted(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %v", b, err)
	}))
	const head = "POST %s HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n"
	c := dial(t, addr)
	c.send(fmt.Sprintf(head, "/yes"))
	c.want(http.StatusContinue, "")
	c.send("hello")
	c.want(200, "hello <nil>")
	c.send(fmt.Sprintf(head, "/no"))
	c.want(http.StatusForbidden, "")
	c.wantEnd()
	c = dial(t, addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: a miracle\r\nContent-Length: 5\r\n\r\n")
	c.want(http.StatusExpectationFailed, "")
}

func TestTimes(t *testing.T) {
	l := listen(t)
	defer l.Close()
	serve := func(t *testing.T, s *http1.Server) *client {
		s.Handler, s.HeaderBytes = http.HandlerFunc(handler), headerBytes
		go func() {
			if c, err := l.Accept(); err == nil {
				s.ServeConn(c)
			}
		}()
		return dial(t, l.Addr().String())
	}
	for name, text := range map[string]string{"no request": "", "half a head": "GET / HTTP/1.1\r\nHost: h\r\n"} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, &http1.Server{HeaderTime: 10 * time.Millisecond, IdleTime: time.Hour})
			c.send(text)
			c.wantEnd()
			c = serve(t, &http1.Server{HeaderTime: 300 * time.Millisecond, IdleTime: time.Hour})
			c.send(get("/nothing"))
			c.want(200, "")
			c.send(text)
			if text != "" {
				c.wantEnd()
			}
		})
	}
	c := serve(t, &http1.Server{HeaderTime: time.Hour, IdleTime: 10 * time.Millisecond})
	c.send(get("/nothing"))
	c.want(200, "")
	c.wantEnd()
}

func TestPanicIsLoggedAndEndsTheConnection(t *testing.T) {
	var said bytes.Buffer
	addr, s := ours(t, http.HandlerFunc(handler))
	s.ErrorLog = log.New(&said, "", 0)
	c := dial(t, addr)
	c.send(get("/abort"))
	if _, err := io.ReadAll(c.r); err != nil {
		t.Fatal(err)
	}
	c = dial(t, addr)
	c.send(get("/panic"))
	c.wantEnd()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := said.String(); strings.Count(got, "panic serving") != 1 || !strings.Contains(got, "on purpose") {
		t.Errorf("logged %q", got)
	}
}

func TestShutdown(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	addr, s := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(entered)
			<-release
		}
		_, _ = io.WriteString(w, "done")
	}))
	waiting, busy := dial(t, addr), dial(t, addr)
	waiting.send(get("/"))
	waiting.want(200, "done")
	busy.send(get("/slow"))
	<-entered
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown that may not wait: %v", err)
	}
	waiting.wantEnd()
	drained := make(chan error)
	go func() { drained <- s.Shutdown(context.Background()) }()
	release <- struct{}{}
	busy.want(200, "done")
	busy.wantEnd()
	if err := <-drained; err != nil {
		t.Error(err)
	}
	late, end := net.Pipe()
	s.ServeConn(end)
	if _, err := late.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a connection after Shutdown: %v", err)
	}
}

func BenchmarkServe(b *testing.B) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	own, _ := ours(b, h)
	for name, addr := range map[string]string{"ours": own, "net/http": theirs(b, h)} {
		b.Run(name, func(b *testing.B) {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			ask, buf := []byte(get("/")), make([]byte, 4<<10)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = c.Write(ask)
				if _, err := c.Read(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
