package http1

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"time"
)

// watch notices that a client leaves while its request is served. It looks only once
// somebody asks for the request context's Done, and only when the request has been
// read: its body, and what may come behind it, are others' to read until then.
type watch struct {
	mu     sync.Mutex
	cancel context.CancelFunc
	read   bool          // the request has been read whole
	wanted bool          // somebody waits
	over   bool          // the request has been answered
	done   chan struct{} // the look ahead ends; nil: there is none
}

// requestContext is the context of a request.
type requestContext struct {
	context.Context
	c *conn
}

// serverKnown is what http.ServerContextKey leads to, where some look whether a panic
// with http.ErrAbortHandler will be understood.
var serverKnown = &http.Server{} //nolint:gosec // it never serves

func (c *conn) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	return &requestContext{ctx, c}, cancel
}

// Done implements context.Context.
func (x *requestContext) Done() <-chan struct{} {
	x.c.watch.want(x.c)
	return x.Context.Done()
}

// Value implements context.Context.
func (x *requestContext) Value(key any) any {
	switch key {
	case headKey{}:
		return &x.c.in.head
	case http.ServerContextKey:
		return serverKnown
	case http.LocalAddrContextKey:
		return x.c.net.LocalAddr()
	}
	return x.Context.Value(key)
}

func (w *watch) begin(cancel context.CancelFunc, read bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel, w.read, w.wanted, w.over, w.done = cancel, read, false, false, nil
}

func (w *watch) want(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.wanted && !w.over {
		w.wanted = true
		w.look(c)
	}
}

func (w *watch) bodyEnded(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.read {
		w.read = true
		w.look(c)
	}
}

// look reads one byte ahead, unless there is one already. The caller holds the lock.
func (w *watch) look(c *conn) {
	if !w.wanted || !w.read || w.over || c.in.ready || c.r.Buffered() > 0 {
		return
	}
	_ = c.net.SetReadDeadline(time.Time{}) // the read will tell
	done, cancel := make(chan struct{}), w.cancel
	w.done = done
	go func() {
		defer close(done)
		n, err := c.net.Read(c.in.ahead[:])
		c.in.ready = n == 1
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			cancel()
		}
	}()
}

// end stops looking.
func (w *watch) end(c *conn) {
	w.mu.Lock()
	w.over = true
	done := w.done
	w.done = nil // a hijacked connection's deadlines are its owner's afterwards
	w.mu.Unlock()
	if done != nil {
		_ = c.net.SetReadDeadline(past)
		<-done
		c.deadline(time.Time{})
	}
}
