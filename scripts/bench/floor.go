package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/postern/postern/internal/http1"
	"github.com/postern/postern/runtime/integration/h1"
)

// The floors are servers of this same program, each in a process of its own
// (bench -serve NAME …), so that their CPU time can be told from the load's.

// payload is what the proxied backend answers: 1 KiB.
var payload = bytes.Repeat([]byte("0123456789abcdef"), 64)

func serveFloor(name string, args []string) error {
	var h http.Handler
	serve := func(l net.Listener) error { return http.Serve(l, h) }
	addr := "127.0.0.1:0"
	switch name {
	case "bare":
		addr = "127.0.0.1:" + args[0]
		h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "ok") })
	case "backend":
		h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write(payload)
		})
	case "proxy":
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(300) // as Postern does, or the floor would stand above it
		}
		h = &bareProxy{backend: args[0]}
		serve = (&http1.Server{Handler: h, HeaderBytes: 1 << 20, ErrorLog: log.Default()}).Serve
	case "gateway":
		g, err := newBareGateway(args)
		if err != nil {
			return err
		}
		defer g.stop()
		h = g
	default:
		return fmt.Errorf("no floor %q", name)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Println("listening", l.Addr())
	return serve(l)
}

// bareProxy is the least that a proxy of Postern's server in front and its client of
// backends behind does.
type bareProxy struct {
	backend string
	client  h1.Client
}

const bareTimeout = 29 * time.Second

func (p *bareProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := &h1.Request{Addr: p.backend, Host: p.backend, Method: r.Method, Target: r.URL.RequestURI(), Header: r.Header, Timeout: bareTimeout}
	res, err := p.client.Do(context.WithoutCancel(r.Context()), req)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	maps.Copy(w.Header(), res.Header)
	w.WriteHeader(res.Status)
	if res.Stream == nil {
		_, _ = w.Write(res.Body)
		return
	}
	defer res.Stream.Close()
	_, _ = io.CopyBuffer(w, res.Stream, make([]byte, len(payload)))
}

// bareGateway is the least that can stand between a client and a function: a
// net/http server in front, a Runtime API behind, one event per environment.
type bareGateway struct {
	events chan *bareEvent
	mu     sync.Mutex
	open   map[string]*bareEvent
	next   int
	procs  []*exec.Cmd
}

type bareEvent struct {
	id      string
	payload []byte
	done    chan []byte
}

const bareEnvironments = 8

func newBareGateway(command []string) (*bareGateway, error) {
	g := &bareGateway{events: make(chan *bareEvent), open: map[string]*bareEvent{}}
	for range bareEnvironments {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		go func() { _ = http.Serve(l, http.HandlerFunc(g.runtimeAPI)) }()
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + l.Addr().String(), "_HANDLER=index.handler", "PATH=" + os.Getenv("PATH"), "LAMBDA_TASK_ROOT=."}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		g.procs = append(g.procs, cmd)
	}
	return g, nil
}

func (g *bareGateway) stop() {
	for _, p := range g.procs {
		_ = p.Process.Kill()
		_ = p.Wait()
	}
}

// httpEvent is a payload 2.0 event with nothing in it that varies.
const httpEvent = `{"version":"2.0","routeKey":"$default","rawPath":"/bench","rawQueryString":"","headers":{"host":"bench"},` +
	`"requestContext":{"accountId":"000000000000","apiId":"bench","http":{"method":"GET","path":"/bench","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"bench"},"requestId":"x","routeKey":"$default","stage":"$default"},"isBase64Encoded":false}`

func (g *bareGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.next++
	e := &bareEvent{id: fmt.Sprintf("00000000-0000-0000-0000-%012d", g.next), payload: []byte(httpEvent), done: make(chan []byte, 1)}
	g.open[e.id] = e
	g.mu.Unlock()
	g.events <- e
	_, _ = w.Write(<-e.done)
}

func (g *bareGateway) runtimeAPI(w http.ResponseWriter, r *http.Request) {
	const prefix = "/2018-06-01/runtime/invocation/"
	rest := strings.TrimPrefix(r.URL.Path, prefix)
	if rest == "next" {
		e := <-g.events
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", e.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(e.payload)
		return
	}
	id, _, _ := strings.Cut(rest, "/")
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	e := g.open[id]
	delete(g.open, id)
	g.mu.Unlock()
	if e == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
	e.done <- body
}
