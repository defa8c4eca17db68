// Package socket reads and writes TCP sockets at what the system charges for it.
//
// Go tells its scheduler of every system call, lest one that waits holds a processor
// up. Those on a socket that does not block never wait, but take long enough on a
// loopback, where a write does the receiver's work too, that the scheduler takes the
// processor away all the same, and the goroutine stands in line for another. A gateway
// does several such calls per request; untold they cost 5 to 10 % less of all its time.
package socket

import (
	"errors"
	"net"
)

// Stream is a connection of which the sending side may be closed alone.
type Stream interface {
	net.Conn
	CloseWrite() error
	// Silent tells, without waiting, whether the connection is open and nothing has
	// come that is to be read.
	Silent() bool
	// Exchange writes out and reads the first of what comes after, with less looking
	// at the socket than Silent, Write and Read need. It reads nothing where the
	// socket does not take all of out at once. A reset while it writes is no error:
	// the answer may have come before. ErrNotSilent: nothing was written.
	Exchange(out, in []byte) (written, n int, err error)
}

// ErrNotSilent says that the other end of a connection has said something, or has ended it.
var ErrNotSilent = errors.New("connection is not silent")
