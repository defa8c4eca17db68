//go:build !unix

package socket

import (
	"errors"
	"syscall"
)

// Silent implements Stream. Here nothing can be looked at without waiting: what was closed
// is found by using it.
func (conn) Silent() bool { return true }

// The codes of Windows sockets.
const (
	connReset   = syscall.Errno(10054)
	connAborted = syscall.Errno(10053)
)

// IsReset tells whether the other end has closed the connection.
func IsReset(err error) bool { return errors.Is(err, connReset) || errors.Is(err, connAborted) }
