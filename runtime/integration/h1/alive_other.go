//go:build !unix

package h1

import (
	"errors"
	"net"
	"syscall"
)

// probe cannot look at connections here; a request on one that was closed is sent
// again where that is safe.
type probe struct{}

func newProbe(net.Conn) probe { return probe{} }

func (*probe) alive() bool { return true }

// The codes of Windows sockets.
const (
	connReset   = syscall.Errno(10054)
	connAborted = syscall.Errno(10053)
)

// isReset tells whether the backend had closed the connection.
func isReset(err error) bool { return errors.Is(err, connReset) || errors.Is(err, connAborted) }

// sent tells whether a write failed only because the backend stopped reading.
func sent(err error) bool { return isReset(err) }
