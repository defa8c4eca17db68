//go:build unix

package h1

import (
	"errors"
	"net"
	"syscall"
)

// probe looks at idle connections without waiting.
type probe struct {
	raw    syscall.RawConn // nil: the connection has no descriptor to look at
	look   func(fd uintptr)
	silent *bool
}

func newProbe(c net.Conn) probe {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return probe{}
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return probe{}
	}
	p := probe{raw: raw, silent: new(bool)}
	p.look = func(fd uintptr) {
		var b [1]byte
		_, err := syscall.Read(int(fd), b[:])
		*p.silent = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK)
	}
	return p
}

// alive tells whether an idle connection is still open and silent: one that has
// something to read was closed, or says what nobody asked for.
func (p *probe) alive() bool {
	return p.raw == nil || p.raw.Control(p.look) == nil && *p.silent
}

// isReset tells whether the backend had closed the connection.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// sent tells whether a write failed only because the backend stopped reading: it
// may have answered before.
func sent(err error) bool { return isReset(err) }
