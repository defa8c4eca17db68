package http1

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/postern/postern/internal/socket"
)

// Server serves connections. Its fields must be set before the first of them.
type Server struct {
	Handler http.Handler
	// HeaderTime bounds the time from a request's first byte to the end of its
	// headers; 0: nothing does.
	HeaderTime time.Duration
	// IdleTime is, give or take a minute, how long a connection may wait for its
	// next request; 0: for ever.
	IdleTime time.Duration
	// HeaderBytes bounds the size of a request's line and headers.
	HeaderBytes int
	// ErrorLog hears of handlers that panic.
	ErrorLog *log.Logger

	date    date
	closing atomic.Bool
	mu      sync.Mutex
	conns   map[*conn]struct{}
	ports   []net.Listener
	drained chan struct{} // while shutting down: closed with the last connection
}

// Serve serves the connections of a listener until it, or the server, is closed.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	if s.closing.Load() {
		s.mu.Unlock()
		return errors.Join(http.ErrServerClosed, l.Close())
	}
	s.ports = append(s.ports, l)
	s.mu.Unlock()
	for {
		c, err := Accept(l)
		if err != nil {
			return err
		}
		go s.ServeConn(c)
	}
}

// Accept takes a connection off a listener, even if it must wait until the system has
// resources for one.
func Accept(l net.Listener) (net.Conn, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		c, err := l.Accept()
		if err == nil || !passes(err) {
			return c, err
		}
		time.Sleep(pause) //nolint:forbidigo // nothing tells when the system has resources again
	}
}

// passes tells whether others will come: too many files are open, or a client is gone.
func passes(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && !errors.Is(err, net.ErrClosed) && ne.Timeout() ||
		errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED)
}

// ServeConn serves one connection until it ends, and closes it. A TLS connection has
// its handshake behind it.
func (s *Server) ServeConn(nc net.Conn) {
	if tcp, ok := nc.(*net.TCPConn); ok {
		nc = socket.Quick(tcp)
	}
	c := &conn{server: s, net: nc, remote: nc.RemoteAddr().String()}
	if t, ok := nc.(*tls.Conn); ok {
		state := t.ConnectionState()
		c.tls = &state
	}
	c.r = bufio.NewReaderSize(&c.in, readBuffer)
	c.w = bufio.NewWriterSize(nc, writeBuffer)
	c.in.net, c.res.c = nc, c
	c.in.head.sentAs = c.in.head.spelled
	if !s.add(c) {
		_ = nc.Close()
		return
	}
	defer s.remove(c)
	c.serve()
}

func (s *Server) add(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return false
	}
	if s.conns == nil {
		s.conns = map[*conn]struct{}{}
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if len(s.conns) == 0 && s.drained != nil {
		close(s.drained)
		s.drained = nil
	}
}

// Shutdown closes the connections that wait for a request, and each of the others
// once it has been answered. It returns when all are closed or ctx ends. Hijacked
// connections are their owner's.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	_ = s.closePorts() // who waits on them is told
	var drained chan struct{}
	if len(s.conns) > 0 {
		if s.drained == nil {
			s.drained = make(chan struct{})
		}
		drained = s.drained
	}
	for c := range s.conns {
		if c.state.CompareAndSwap(idle, ended) {
			_ = c.net.Close()
		}
	}
	s.mu.Unlock()
	if drained == nil {
		return nil
	}
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close breaks every connection off.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := []error{s.closePorts()}
	for c := range s.conns {
		if err := c.net.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// closePorts ends Serve. The caller holds the lock.
func (s *Server) closePorts() error {
	s.closing.Store(true)
	var errs []error
	for _, l := range s.ports {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	s.ports = nil
	return errors.Join(errs...)
}
