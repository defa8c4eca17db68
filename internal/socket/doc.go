// Package socket reads and writes TCP sockets at what the system charges for it.
//
// Go tells its scheduler of every system call, lest one that waits holds a processor
// up. Those on a socket that does not block never wait, but take long enough on a
// loopback, where a write does the receiver's work too, that the scheduler takes the
// processor away all the same, and the goroutine stands in line for another. A gateway
// does four such calls per request; untold they cost a tenth less of all its time.
package socket

import "net"

// Stream is a connection of which the sending side may be closed alone.
type Stream interface {
	net.Conn
	CloseWrite() error
}
