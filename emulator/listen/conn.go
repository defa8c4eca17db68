package listen

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/postern/postern/internal/socket"
)

// conn is a connection whose first bytes have been read already.
type conn struct {
	socket.Stream
	head   [3]byte
	unread []byte // the part of head that is still to be given back
}

// speech is what the first bytes of a connection say.
type speech int

const (
	http1Speech speech = iota
	http2Speech
	encrypted
)

// tlsHandshake is the type of the first record of a TLS connection; no HTTP
// method and no HTTP/2 preface begins with it.
const tlsHandshake = 0x16

// http2Preface is how HTTP/2's connection preface begins; HTTP has no such
// method. net/http would wait for all 24 bytes of the preface, which a short
// HTTP/1 request does not have.
const http2Preface = "PRI"

// sniff waits for the first byte of a connection, and where that may be
// HTTP/2's for two more, and puts them back.
func sniff(tcp *net.TCPConn) (*conn, speech, error) {
	if err := tcp.SetReadDeadline(time.Now().Add(headerTime)); err != nil {
		return nil, 0, err
	}
	c := &conn{Stream: socket.Quick(tcp)}
	c.unread = c.head[:1]
	if _, err := io.ReadFull(tcp, c.unread); err != nil {
		return nil, 0, err
	}
	says := http1Speech
	switch c.head[0] {
	case tlsHandshake:
		says = encrypted
	case http2Preface[0]:
		c.unread = c.head[:]
		if _, err := io.ReadFull(tcp, c.unread[1:]); err != nil {
			return nil, 0, err
		}
		if string(c.unread) == http2Preface {
			says = http2Speech
		}
	}
	return c, says, tcp.SetReadDeadline(time.Time{})
}

// Read gives the first bytes together with what follows them. It may wait for
// that: they alone are of no use to any protocol.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.unread) == 0 {
		return c.Stream.Read(p)
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	if n == len(p) {
		return n, nil
	}
	more, err := c.Stream.Read(p[n:])
	return n + more, err
}

// handoff is a net.Listener of connections that were accepted elsewhere.
type handoff struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newHandoff(addr net.Addr) *handoff {
	return &handoff{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

// give hands a connection on, or closes it if nobody accepts any longer.
func (h *handoff) give(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.done:
		_ = c.Close()
	}
}

func (h *handoff) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *handoff) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

func (h *handoff) Addr() net.Addr { return h.addr }
