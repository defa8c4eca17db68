package lambdatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// Event is what a handler gets.
type Event struct {
	Spec      *executor.Spec // of the version that runs
	RequestID string
	ARN       string // as invoked
	Client    string // client context
	Payload   []byte
	Context   context.Context // ends with the environment
}

// Handler is a function's code. An error becomes a function error of type Error with its text.
type Handler func(Event) ([]byte, error)

// Executor runs functions by the name of their handler. Set Handlers, and the hooks, before its first use.
type Executor struct {
	Handlers map[string]Handler
	// Preparing is called in Prepare, if set; its error becomes Prepare's.
	Preparing func(context.Context, *executor.Spec) error

	mu      sync.Mutex
	running sync.WaitGroup
	started int
	open    int // prepared versions that are not closed
}

var _ executor.Executor = (*Executor)(nil)

// Name implements executor.Executor.
func (x *Executor) Name() string { return "test" }

// Started is how many environments there have been.
func (x *Executor) Started() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.started
}

// Prepared is how many versions are prepared at the moment.
func (x *Executor) Prepared() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.open
}

// Prepare implements executor.Executor.
func (x *Executor) Prepare(ctx context.Context, spec *executor.Spec) (executor.Prepared, error) {
	if x.Preparing != nil {
		if err := x.Preparing(ctx, spec); err != nil {
			return nil, err
		}
	}
	h := x.Handlers[spec.Handler]
	if h == nil {
		return nil, fmt.Errorf("no handler %q", spec.Handler)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.open++
	return &prepared{x: x, spec: spec, handle: h}, nil
}

// Close implements executor.Executor.
func (x *Executor) Close(context.Context) error {
	x.running.Wait()
	return nil
}

type prepared struct {
	x      *Executor
	spec   *executor.Spec
	handle Handler
	once   sync.Once
}

func (p *prepared) Close() error {
	p.once.Do(func() {
		p.x.mu.Lock()
		defer p.x.mu.Unlock()
		p.x.open--
	})
	return nil
}

func (p *prepared) Start(_ context.Context, start executor.Start) (executor.Environment, error) {
	e := &environment{spec: p.spec, start: start, exited: make(chan struct{})}
	e.ctx, e.kill = context.WithCancel(context.Background())
	p.x.mu.Lock()
	p.x.started++
	p.x.mu.Unlock()
	p.x.running.Go(func() {
		defer close(e.exited)
		e.run(p.handle)
	})
	return e, nil
}

// environment polls its Runtime API until it is killed.
type environment struct {
	spec   *executor.Spec
	start  executor.Start
	ctx    context.Context
	kill   context.CancelFunc
	exited chan struct{}
}

const api = "http://runtime/2018-06-01/runtime/invocation/"

func (e *environment) run(handle Handler) {
	for {
		next := e.call(http.MethodGet, "next", nil)
		if e.ctx.Err() != nil || next.Code != http.StatusOK {
			return
		}
		h := next.Header()
		id := h.Get("Lambda-Runtime-Aws-Request-Id")
		result, err := handle(Event{
			Spec: e.spec, RequestID: id, ARN: h.Get("Lambda-Runtime-Invoked-Function-Arn"),
			Client: h.Get("Lambda-Runtime-Client-Context"), Payload: next.Body.Bytes(), Context: e.ctx,
		})
		if e.ctx.Err() != nil || errors.Is(err, ErrExit) {
			return
		}
		if err != nil {
			e.call(http.MethodPost, id+"/error", fmt.Appendf(nil, `{"errorMessage":%q,"errorType":"Error"}`, err.Error()))
			continue
		}
		e.call(http.MethodPost, id+"/response", result)
	}
}

// ErrExit is what a handler returns to end its process.
var ErrExit = errors.New("exit")

func (e *environment) call(method, path string, body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, api+path, bytes.NewReader(body)).WithContext(e.ctx)
	e.start.API.ServeHTTP(w, r)
	return w
}

func (e *environment) Flush(done func())       { done() }
func (e *environment) MemoryUsed() int64       { return 64 << 20 }
func (e *environment) Kill()                   { e.kill() }
func (e *environment) Exited() <-chan struct{} { return e.exited }
func (e *environment) Exit() executor.Exit     { return executor.Exit{Code: 1} }

func (e *environment) Shutdown(time.Duration) {
	e.kill()
	<-e.exited
}
