package socket

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// most bounds the bytes of one call that the scheduler does not hear of, and so the
// time for which it may be in the dark.
const most = 64 << 10

// conn is a connection with quick reads and writes.
type conn struct {
	net.Conn
	tcp     *net.TCPConn
	raw     syscall.RawConn
	in, out transfer
	both    exchange
}

// transfer is the call that one direction of a connection is in. Its function is made
// once: a closure for each call would be garbage with each.
type transfer struct {
	mu   sync.Mutex // as for any net.Conn, callers may be several
	call func(fd uintptr) bool
	p    []byte
	n    int
	err  error
}

// Quick gives the connection with reads and writes that are not told to the scheduler.
func Quick(tcp *net.TCPConn) Stream {
	raw, err := tcp.SyscallConn()
	if err != nil {
		panic(err) // there is no connection at all
	}
	c := &conn{Conn: tcp, tcp: tcp, raw: raw}
	c.in.call, c.out.call, c.both.call = c.in.read, c.out.write, c.both.step
	return c
}

// CloseWrite implements Stream.
func (c *conn) CloseWrite() error { return c.tcp.CloseWrite() }

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return c.tcp.Read(p)
	}
	c.in.begin(p[:min(len(p), most)])
	n, err := c.in.end(c.raw.Read(c.in.call))
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return n, c.wrap("read", err)
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) == 0 || len(p) > most {
		return c.tcp.Write(p)
	}
	c.out.begin(p)
	n, err := c.out.end(c.raw.Write(c.out.call))
	return n, c.wrap("write", err)
}

// wrap gives an error the form that the connection's own have.
func (c *conn) wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if of, ok := errors.AsType[*net.OpError](err); ok { // closed, or its deadline has come
		err = of.Err
	} else {
		err = os.NewSyscallError(op, err)
	}
	return &net.OpError{Op: op, Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

func (t *transfer) begin(p []byte) {
	t.mu.Lock()
	t.p, t.n, t.err = p, 0, nil
}

// end gives the call's outcome; err is why the socket did not become ready.
func (t *transfer) end(err error) (int, error) {
	defer t.mu.Unlock()
	t.p = nil // a connection that waits keeps nobody's bytes
	if err == nil {
		err = t.err
	}
	return t.n, err
}

func (t *transfer) read(fd uintptr) bool {
	n, err := again(read, fd, t.p)
	if err == syscall.EAGAIN { //nolint:errorlint // a bare number
		return false
	}
	t.n, t.err = n, err
	return true
}

func (t *transfer) write(fd uintptr) bool {
	for t.n < len(t.p) {
		n, err := again(write, fd, t.p[t.n:])
		if err == syscall.EAGAIN { //nolint:errorlint // a bare number
			return false
		}
		if err != nil {
			t.err = err
			return true
		}
		t.n += n
	}
	return true
}

// again makes a call until no signal interrupts it.
func again(call func(fd uintptr, p []byte) (int, error), fd uintptr, p []byte) (int, error) {
	for {
		n, err := call(fd, p)
		if err != syscall.EINTR { //nolint:errorlint // a bare number
			return max(n, 0), err
		}
	}
}
