package socket

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// exchange is a look, a write, a wait and a read. The look is the read that would have
// come before the wait anyway: whatever comes after it, be it before the write, ends the
// wait.
type exchange struct {
	mu      sync.Mutex
	call    func(fd uintptr) bool
	out, in []byte
	looked  bool
	silent  bool // there was nothing to be seen
	written int
	n       int
	err     error
}

// Exchange implements Stream.
func (c *conn) Exchange(out, in []byte) (written, n int, err error) {
	e := &c.both
	e.mu.Lock()
	defer e.mu.Unlock()
	e.out, e.in = out, in[:min(len(in), most)]
	e.looked, e.silent, e.written, e.n, e.err = false, false, 0, 0, nil
	err = c.raw.Read(e.call)
	e.out, e.in = nil, nil // a connection that is idle keeps nobody's bytes
	switch {
	case err != nil:
		return e.written, 0, c.wrap("read", err)
	case !e.silent:
		return 0, 0, ErrNotSilent
	case e.written < len(out):
		return e.written, 0, nil
	case e.n == 0 && e.err == nil:
		return e.written, 0, io.EOF
	}
	return e.written, e.n, c.wrap("read", e.err)
}

func (e *exchange) step(fd uintptr) bool {
	if !e.looked {
		e.looked = true
		if e.silent = silent(fd); !e.silent {
			return true
		}
		n, err := again(write, fd, e.out[:min(len(e.out), most)])
		if err != nil && !IsReset(err) { // full, or an error that the next write meets too
			return true
		}
		if e.written = n; err != nil {
			e.written = len(e.out)
		}
		return e.written < len(e.out)
	}
	n, err := again(read, fd, e.in)
	if err == syscall.EAGAIN { //nolint:errorlint // a bare number
		return false
	}
	e.n, e.err = n, err
	return true
}

// Silent implements Stream.
func (c *conn) Silent() bool {
	quiet := false
	err := c.raw.Control(func(fd uintptr) { quiet = silent(fd) })
	return err == nil && quiet
}

// silent tells whether nothing has come, not even the end.
func silent(fd uintptr) bool {
	var b [1]byte
	_, err := again(read, fd, b[:])
	return err == syscall.EAGAIN //nolint:errorlint // a bare number
}

// IsReset tells whether the other end has closed the connection.
func IsReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
