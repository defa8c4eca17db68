package h1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Request is what goes to a backend.
type Request struct {
	Addr   string // host:port to connect to
	Host   string // Host header
	Method string
	Target string // path and query as they go on the wire
	Header http.Header
	// Body, or Stream with exactly Length bytes.
	Body   []byte
	Stream io.Reader
	Length int64
	// Timeout bounds the whole exchange, the response's body included; 0: the
	// context's deadline does. It costs less than a context of its own.
	Timeout time.Duration
}

// Response is an answer.
type Response struct {
	Status int
	Header http.Header
	// Body is the whole body, unless Stream is set: then it comes from there, Length
	// bytes or -1 if unknown, and has to be closed.
	Body   []byte
	Stream io.ReadCloser
	Length int64

	ends bool // the connection, with this answer
}

// Client keeps idle connections by address. Its zero value is ready to use.
type Client struct {
	Dialer net.Dialer

	mu         sync.Mutex
	idle       map[string][]*conn // the last used one last
	generation uint64             // of the sweep that comes next
	sweeping   bool
}

// The pool's limits: enough idle connections that concurrent requests need not dial
// anew, and none that was unused for longer than two sweeps.
const (
	maxIdlePerAddr = 256
	sweepEvery     = 30 * time.Second
)

var (
	// errStale is a connection that the backend had closed before it answered.
	errStale = errors.New("connection was closed")
	// errUnsent is one that was found closed before anything was sent.
	errUnsent = errors.New("connection was closed meanwhile")
)

// Do sends the request and reads the response's head. The response's body must be
// closed; read to its end, it gives the connection back.
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	var until time.Time // zero: for ever
	if req.Timeout > 0 {
		until = time.Now().Add(req.Timeout) //nolint:forbidigo // sockets have the system's clock
	}
	if at, ok := ctx.Deadline(); ok && (until.IsZero() || at.Before(until)) {
		until = at
	}
	for {
		cn, err := c.take(ctx, req.Addr, until)
		if err != nil {
			return nil, deadline(ctx, err)
		}
		res, err := cn.exchange(ctx, req, until)
		if err == nil {
			return res, nil
		}
		cn.close()
		again := errors.Is(err, errUnsent) || cn.used && errors.Is(err, errStale) && repeatable(req)
		if !again {
			return nil, deadline(ctx, err)
		}
	}
}

// repeatable tells whether a request may be sent again when a connection broke
// before the answer: it might have been carried out all the same.
func repeatable(req *Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return req.Stream == nil
	}
	return false
}

// deadline makes the connection's deadline, which is the context's, look like it.
func deadline(ctx context.Context, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	return err
}

// take gives an idle connection, which may have been closed meanwhile, or a new one.
func (c *Client) take(ctx context.Context, addr string, until time.Time) (*conn, error) {
	if cn := c.pop(addr); cn != nil {
		return cn, nil
	}
	dialer := c.Dialer
	dialer.Deadline = until
	nc, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nil, fmt.Errorf("a connection to %s is no TCP connection", addr)
	}
	return newConn(c, addr, tcp), nil
}

func (c *Client) pop(addr string) *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.idle[addr]
	if len(list) == 0 {
		return nil
	}
	cn := list[len(list)-1]
	list[len(list)-1] = nil
	c.idle[addr] = list[:len(list)-1]
	return cn
}

func (c *Client) put(cn *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle[cn.addr]) >= maxIdlePerAddr {
		cn.close()
		return
	}
	if c.idle == nil {
		c.idle = map[string][]*conn{}
	}
	cn.used, cn.generation = true, c.generation
	c.idle[cn.addr] = append(c.idle[cn.addr], cn)
	if !c.sweeping {
		c.sweeping = true
		time.AfterFunc(sweepEvery, c.sweep)
	}
}

// sweep closes the connections that nobody used since the sweep before.
func (c *Client) sweep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := 0
	for addr, list := range c.idle {
		kept := list[:0]
		for _, cn := range list {
			if cn.generation < c.generation {
				cn.close()
			} else {
				kept = append(kept, cn)
			}
		}
		clear(list[len(kept):])
		if left += len(kept); len(kept) == 0 {
			delete(c.idle, addr)
		} else {
			c.idle[addr] = kept
		}
	}
	c.generation++
	if c.sweeping = left > 0; c.sweeping {
		time.AfterFunc(sweepEvery, c.sweep)
	}
}

// CloseIdle closes every idle connection.
func (c *Client) CloseIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, list := range c.idle {
		for _, cn := range list {
			cn.close()
		}
	}
	c.idle = nil
}
