//go:build !linux

package socket

import "net"

// conn is a connection as it is: other systems have calls made by a library of theirs.
type conn struct{ *net.TCPConn }

// Quick gives the connection with plain reads and writes.
func Quick(tcp *net.TCPConn) Stream { return conn{tcp} }

// Exchange implements Stream.
func (c conn) Exchange(out, in []byte) (written, n int, err error) {
	if !c.Silent() {
		return 0, 0, ErrNotSilent
	}
	if written, err := c.Write(out); err != nil && !IsReset(err) {
		return written, 0, err
	}
	n, err = c.Read(in)
	return len(out), n, err
}
