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
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern/postern/internal/http1"
)

// TestBodyWantedAfterHead has a handler read a body that the client holds back, when it
// has already said how it will answer.
func TestBodyWantedAfterHead(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%q %v", b, err)
	}))
	c := dial(t, addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi")
	c.want(http.StatusAccepted, `"hi" <nil>`)
}

// TestBodyReadAside has another goroutine read the body while the handler answers, as
// proxies do.
func TestBodyReadAside(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var reader sync.WaitGroup
		reader.Go(func() {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		})
		_ = r.Context().Done()
		_, _ = io.WriteString(w, "early")
		_ = http.NewResponseController(w).Flush()
		reader.Wait()
	}))
	for _, expect := range []string{"", "Expect: 100-continue\r\n"} {
		for range 50 {
			c := dial(t, addr)
			c.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + expect + "Content-Length: 5000\r\n\r\n" + strings.Repeat("x", 5000))
			res, err := http.ReadResponse(c.r, nil)
			if err == nil && res.StatusCode == http.StatusContinue {
				res, err = http.ReadResponse(c.r, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(res.Body); string(b) != "early" {
				t.Fatalf("%q %v", b, err)
			}
			_ = c.c.Close()
		}
	}
}

// TestLargeBodyIsNotAwaited has a client announce more than is read for nothing, and
// look for the answer first.
func TestLargeBodyIsNotAwaited(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	c := dial(t, addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n")
	c.want(http.StatusForbidden, "")
}

func TestHijackAfterHead(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "x")
		w.WriteHeader(http.StatusSwitchingProtocols)
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(c, "other")
		_ = c.Close()
	}))
	c := dial(t, addr)
	c.send(get("/"))
	res, err := http.ReadResponse(c.r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Upgrade") != "x" {
		t.Fatal(res, err)
	}
	if b, err := io.ReadAll(c.r); string(b) != "other" {
		t.Errorf("%q %v", b, err)
	}
}

// TestHijackedIsNotTheServers has a server end while somebody else owns a connection.
func TestHijackedIsNotTheServers(t *testing.T) {
	hijacked, release := make(chan net.Conn), make(chan struct{})
	defer close(release)
	addr, s := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.Context().Done()
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
		}
		hijacked <- c
		<-release
	}))
	c := dial(t, addr)
	c.send(get("/"))
	owned := <-hijacked
	defer owned.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := io.WriteString(owned, "still here\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := c.r.ReadString('\n'); line != "still here\n" {
		t.Errorf("%q %v", line, err)
	}
}

// odd is a connection that panics when it is read.
type odd struct{ net.Conn }

func (odd) Read([]byte) (int, error) { panic("odd") }

func TestNothingEndsTheProcess(t *testing.T) {
	var said bytes.Buffer
	s := &http1.Server{Handler: http.NotFoundHandler(), HeaderBytes: headerBytes, ErrorLog: log.New(&said, "", 0)}
	here, there := net.Pipe()
	s.ServeConn(odd{there})
	if _, err := here.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the connection: %v", err)
	}
	if !strings.Contains(said.String(), "odd") {
		t.Errorf("logged %q", said.String())
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// poor is a listener that once lacks descriptors.
type poor struct {
	net.Listener
	once sync.Once
}

func (p *poor) Accept() (c net.Conn, err error) {
	p.once.Do(func() { err = &net.OpError{Op: "accept", Err: syscall.EMFILE} })
	if err != nil {
		return nil, err
	}
	return p.Listener.Accept()
}

func TestServeOutlivesWantOfDescriptors(t *testing.T) {
	l := listen(t)
	s := &http1.Server{Handler: http.HandlerFunc(handler), HeaderBytes: headerBytes, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan error, 1)
	go func() { served <- s.Serve(&poor{Listener: l}) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, end)
	if res, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil {
		t.Error(err)
	} else {
		_ = res.Body.Close()
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	_ = l.Close()
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// TestCrowd has many connections do everything at once, half of them through a proxy;
// what that says depends on the connections that other clients' requests broke.
func TestCrowd(t *testing.T) {
	addr, _ := ours(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context()) // looks ahead
		defer cancel()
		go func() { <-ctx.Done() }()
		handler(w, r)
	}))
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: addr}) },
		Transport: &http.Transport{MaxIdleConnsPerHost: 100},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	t.Cleanup(proxy.Transport.(*http.Transport).CloseIdleConnections)
	front, _ := ours(t, proxy)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			to := []string{addr, front}[i%2]
			for j := range 10 {
				if text := twins[(i*37+j*101)%len(twins)]; len(text) < 20_000 {
					_ = say(t, to, text+end)
				}
			}
			if got := say(t, to, get("/sized")+"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"+end); to == addr && (strings.Count(got, "HTTP/1.1 200") != 2 || !strings.Contains(got, "0123456789")) {
				t.Errorf("%s", got)
			}
		})
	}
	all.Wait()
}
