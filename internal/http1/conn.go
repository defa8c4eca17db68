package http1

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"
)

const (
	readBuffer  = 4 << 10
	writeBuffer = 4 << 10
	// idleSlack is how much of the idle time may have passed before its deadline is
	// set anew, which costs more than to look at the clock.
	idleSlack = time.Minute
	// lingerTime is for how long an unwanted body is read off a connection that
	// closes: closed at once, the client might lose the answer.
	lingerTime = 500 * time.Millisecond
)

// What a connection is doing, for Shutdown.
const (
	active int32 = iota
	idle
	ended
)

// conn is one connection. All of it belongs to the goroutine that serves it, but for
// the look ahead of a watch.
type conn struct {
	server *Server
	net    net.Conn
	in     input
	r      *bufio.Reader
	w      *bufio.Writer
	tls    *tls.ConnectionState
	remote string
	state  atomic.Int32

	until    time.Time // the deadline that reads have; zero: none
	res      response  // of the request that is served
	hijacked bool
}

var past = time.Unix(1, 0)

// now is the system's time, which sockets have and answers tell.
func now() time.Time { return time.Now() } //nolint:forbidigo // whatever the emulator's clock says

func (c *conn) serve() {
	defer func() {
		if what := recover(); what != nil { // no connection may end the others
			c.server.ErrorLog.Printf("panic on the connection of %s: %v\n%s", c.remote, what, debug.Stack())
		}
		if !c.hijacked {
			_ = c.net.Close()
		}
	}()
	for first := true; c.await(first); first = false {
		r, err := c.readRequest()
		if err != nil {
			c.refuse(err)
			return
		}
		if !c.handle(r) {
			return
		}
	}
}

// await waits for a request. It says false when none will come.
func (c *conn) await(first bool) bool {
	if first { // its first bytes are there, or will be soon
		c.within(c.server.HeaderTime)
	} else if c.r.Buffered() == 0 {
		c.state.Store(idle)
		if c.server.closing.Load() {
			return false
		}
		if c.server.IdleTime > 0 {
			left := c.until.Sub(now())
			if left > c.server.IdleTime || left < c.server.IdleTime-idleSlack {
				c.within(c.server.IdleTime)
			}
		} else if !c.until.IsZero() {
			c.deadline(time.Time{})
		}
	}
	if _, err := c.r.Peek(1); err != nil {
		return false
	}
	return first || c.state.CompareAndSwap(idle, active) || c.state.Load() == active
}

// handle has a request answered. It says whether another may follow.
func (c *conn) handle(r *http.Request) (more bool) {
	watch := &watch{c: c}
	served := r.WithContext(watch)
	body := c.body(r, served, watch)
	if watch.read = body == nil; !watch.read {
		served.Body = body
	}
	c.res.begin(served, body, watch)
	whole := c.run(&c.res, served)
	watch.answered()
	if whole && !c.hijacked {
		c.res.finish()
	}
	watch.stop()
	if !whole || c.hijacked {
		return false
	}
	if c.res.close && body != nil && !body.wasRead() {
		c.linger()
	}
	more = !c.res.close && !c.server.closing.Load()
	c.res.forget()
	return more
}

// run calls the handler. It says false when that broke the request off.
func (c *conn) run(w *response, r *http.Request) (ok bool) {
	defer func() {
		what := recover()
		if ok = what == nil; !ok && what != http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is thrown
			c.server.ErrorLog.Printf("panic serving %s: %v\n%s", c.remote, what, debug.Stack())
		}
	}()
	switch {
	case expectsTooMuch(r):
		w.Header()["Connection"] = []string{"close"}
		w.WriteHeader(http.StatusExpectationFailed)
	case r.Method == http.MethodOptions && r.RequestURI == "*": // asks the server, not the handler
		w.WriteHeader(http.StatusOK)
	default:
		c.server.Handler.ServeHTTP(w, r)
	}
	return true
}

// within bounds the time that reads may take from now on, if it is bounded at all.
func (c *conn) within(d time.Duration) {
	if d > 0 {
		c.deadline(now().Add(d))
	}
}

// deadline sets until when reads may wait; zero: for ever.
func (c *conn) deadline(t time.Time) {
	c.until = t
	// A connection that takes no deadline has ended, as the next read will say.
	_ = c.net.SetReadDeadline(t)
}

// linger ends the sending side and reads for a while what nobody wants.
func (c *conn) linger() {
	if half, ok := c.net.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		c.deadline(now().Add(lingerTime))
		_, _ = io.Copy(io.Discard, c.net)
	}
}

// input is where a connection's bytes come from. It bounds those of a request's head
// and keeps them.
type input struct {
	net    net.Conn
	head   head
	left   int  // bytes that a head may still have
	inHead bool // bounded
	over   bool // the bound was met
	ahead  [1]byte
	ready  bool // ahead holds a byte
}

var errTooLarge = errors.New("headers are too large")

// Read implements io.Reader.
func (in *input) Read(p []byte) (n int, err error) {
	if in.inHead {
		if in.left <= 0 {
			in.over = true
			return 0, errTooLarge
		}
		p = p[:min(len(p), in.left)]
	}
	if in.ready {
		in.ready = false
		p[0], n = in.ahead[0], 1
	} else {
		n, err = in.net.Read(p)
	}
	if in.inHead {
		in.left -= n
		in.head.heard(p[:n])
	}
	return n, err
}
