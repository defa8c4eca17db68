package http1

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"time"
)

// watch is the context of a request, which notices that the client leaves while it is
// served. It looks only once somebody asks for Done, and only when the request has been
// read: its body, and what may come behind it, are others' to read until then.
type watch struct {
	c *conn

	mu   sync.Mutex
	read bool          // the request has been read whole
	over bool          // the request has been answered
	off  bool          // nobody may look
	left bool          // the client has left
	done chan struct{} // closed when either holds; nil: nobody has asked
	look chan struct{} // closed when the look ahead ends; nil: there is none
}

var _ context.Context = (*watch)(nil)

// Deadline implements context.Context.
func (*watch) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (w *watch) Done() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done == nil {
		w.done = make(chan struct{})
		if w.over {
			close(w.done)
		}
		w.start()
	}
	return w.done
}

// Err implements context.Context.
func (w *watch) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || w.left {
		return context.Canceled
	}
	return nil
}

// serverKnown is what http.ServerContextKey leads to, where some look whether a panic
// with http.ErrAbortHandler will be understood.
var serverKnown = &http.Server{} //nolint:gosec // it never serves

// Value implements context.Context.
func (w *watch) Value(key any) any {
	switch key {
	case headKey{}:
		return &w.c.in.head
	case http.ServerContextKey:
		return serverKnown
	case http.LocalAddrContextKey:
		return w.c.net.LocalAddr()
	}
	return nil
}

// bodyEnded says that nothing of the request is left to be read.
func (w *watch) bodyEnded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.read {
		w.read = true
		w.start()
	}
}

// start reads one byte ahead, unless there is one already. The caller holds the lock.
func (w *watch) start() {
	c := w.c
	if w.done == nil || !w.read || w.over || w.off || w.look != nil || c.in.ready || c.r.Buffered() > 0 {
		return
	}
	_ = c.net.SetReadDeadline(time.Time{}) // the read will tell
	look := make(chan struct{})
	w.look = look
	go func() {
		defer close(look)
		n, err := c.net.Read(c.in.ahead[:])
		c.in.ready = n == 1
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			w.leave()
		}
	}()
}

// leave ends the context because the client has gone.
func (w *watch) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over && !w.left {
		w.left = true
		close(w.done)
	}
}

// answered ends the context: the handler has returned, or has taken the connection.
func (w *watch) answered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over && !w.left && w.done != nil {
		close(w.done)
	}
	w.over = true
}

// stop ends the look ahead, and lets none begin.
func (w *watch) stop() {
	w.mu.Lock()
	w.off = true
	look := w.look
	w.look = nil // a hijacked connection's deadlines are its owner's afterwards
	w.mu.Unlock()
	if look != nil {
		_ = w.c.net.SetReadDeadline(past)
		<-look
		w.c.deadline(time.Time{})
	}
}
