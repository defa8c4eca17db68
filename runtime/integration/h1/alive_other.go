//go:build !unix

package h1

import (
	"errors"
	"net"
	"syscall"
)

// alive cannot be told here; a request on a connection that was closed is sent again
// where that is safe.
func alive(net.Conn) bool { return true }

// The codes of Windows sockets.
const (
	connReset   = syscall.Errno(10054)
	connAborted = syscall.Errno(10053)
)

// isReset tells whether the backend had closed the connection.
func isReset(err error) bool { return errors.Is(err, connReset) || errors.Is(err, connAborted) }

// sent tells whether a write failed only because the backend stopped reading.
func sent(err error) bool { return isReset(err) }
