//go:build unix

package h1

import (
	"errors"
	"net"
	"syscall"
)

// alive tells whether an idle connection is still open and silent: one that has
// something to read was closed, or says what nobody asked for.
func alive(c net.Conn) bool {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, err := syscall.Read(int(fd), b[:])
		silent = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK)
		return true
	})
	return err == nil && silent
}

// isReset tells whether the backend had closed the connection.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// sent tells whether a write failed only because the backend stopped reading: it
// may have answered before.
func sent(err error) bool { return isReset(err) }
