package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/postern/postern/internal/http1"
)

const (
	// headerTime bounds the time from a connection's first byte, and from a
	// request's, to the end of its headers.
	headerTime = 10 * time.Second
	// idleTime is longer than clients keep unused connections, so that they
	// and not Postern end them; the other way round a request may get lost.
	idleTime = 5 * time.Minute
	// headerBytes leaves room for presigned URLs and session tokens. The data
	// plane has smaller limits of its own, with AWS's answers.
	headerBytes = 64 << 10
)

// Listen opens the port. The error says what to do where the reason is known.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case inUse(err):
		return nil, fmt.Errorf("%s is in use by another program; end it, or listen elsewhere with --listen", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be listened on by this user; choose a port above 1023 with --listen", addr)
	}
	return nil, fmt.Errorf("listen on %s: %w", addr, err)
}

// inUse knows the errno of Windows' sockets too, which package syscall does
// not take for EADDRINUSE.
func inUse(err error) bool {
	const wsaEADDRINUSE = syscall.Errno(10048)
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaEADDRINUSE)
}

// Server serves a handler on one listener.
type Server struct {
	listener net.Listener
	one      http1.Server
	two      http.Server // HTTP/2, with TLS and without
	hand     *handoff    // connections for it
	tls      *tls.Config
	log      *slog.Logger
	// own gives the certificate that belongs to a name, nil: the authority issues one.
	own func(serverName string) *tls.Certificate
}

// New makes a server; Serve starts it. The authority issues certificates.
func New(ln net.Listener, handler http.Handler, authority *Authority, log *slog.Logger) *Server {
	s := &Server{
		listener: ln, hand: newHandoff(ln.Addr()), log: log.With("component", "listen"),
		own: func(string) *tls.Certificate { return nil },
	}
	// Clients that break off and handshakes that fail are no concern of the user's
	// unless asked for.
	errors := slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)
	s.one = http1.Server{Handler: handler, HeaderTime: headerTime, IdleTime: idleTime, HeaderBytes: headerBytes, ErrorLog: errors}
	s.two = http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes, ErrorLog: errors,
		Protocols: new(http.Protocols),
	}
	s.two.Protocols.SetHTTP2(true)
	s.two.Protocols.SetUnencryptedHTTP2(true)
	s.tls = &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if cert := s.own(hello.ServerName); cert != nil {
				return cert, nil
			}
			return authority.certificate(hello)
		},
	}
	return s
}

// Present has TLS clients that ask for a name shown the certificate that own gives for
// it; where it gives nil the authority issues one. Call it before Serve.
func (s *Server) Present(own func(serverName string) *tls.Certificate) { s.own = own }

// AskForCertificates has TLS clients that ask for a name asked for a certificate of
// their own, where wanted says so; whether what they show will do is for the handler
// to judge. Call it before Serve.
func (s *Server) AskForCertificates(wanted func(serverName string) bool) {
	base := s.tls
	asking := base.Clone()
	asking.ClientAuth = tls.RequestClientCert
	// A session from before the name wanted certificates would bring none.
	asking.SessionTicketsDisabled = true
	base.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if wanted(hello.ServerName) {
			return asking, nil
		}
		return nil, nil // base
	}
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve accepts connections until Shutdown, and then returns nil.
func (s *Server) Serve() error {
	parts := []func() error{s.accept, func() error { return s.two.Serve(s.hand) }}
	done := make(chan error)
	for _, part := range parts {
		go func() { done <- part() }()
	}
	var errs []error
	for range parts {
		if err := <-done; err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
		// One that ends ends all: a port that is served in part is worse.
		s.close()
	}
	return errors.Join(errs...)
}

// Shutdown stops accepting and waits until every request has been answered, or
// ctx ends; then it breaks off the rest. Hijacked connections, as WebSockets,
// are their owner's to close.
func (s *Server) Shutdown(ctx context.Context) error {
	s.close()
	if err := errors.Join(s.one.Shutdown(ctx), s.two.Shutdown(ctx)); err != nil {
		_ = s.one.Close()
		_ = s.two.Close()
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

func (s *Server) close() {
	_ = s.listener.Close()
	_ = s.hand.Close()
}

// accept takes connections off the port and has each handed to whoever speaks
// what it begins with.
func (s *Server) accept() error {
	for {
		c, err := http1.Accept(s.listener)
		if err != nil {
			return err
		}
		go s.sort(c)
	}
}

func (s *Server) sort(c net.Conn) {
	defer func() {
		if what := recover(); what != nil { // no handshake may end the process
			s.log.Error("panic on a connection", "client", c.RemoteAddr().String(), "panic", what, "stack", string(debug.Stack()))
			_ = c.Close()
		}
	}()
	tcp, ok := c.(*net.TCPConn)
	if !ok { // New was given a listener of something else
		_ = c.Close()
		return
	}
	conn, says, err := sniff(tcp)
	if err != nil {
		_ = c.Close()
		return
	}
	switch says {
	case http1Speech:
		s.one.ServeConn(conn)
	case http2Speech:
		s.hand.give(conn)
	case encrypted:
		s.secure(conn)
	}
}

// secure agrees with a client on TLS and the protocol within, and has it served.
func (s *Server) secure(c *conn) {
	safe := tls.Server(c, s.tls)
	ctx, cancel := context.WithTimeout(context.Background(), headerTime)
	err := safe.HandshakeContext(ctx)
	cancel()
	switch {
	case err != nil:
		s.log.Debug("TLS handshake failed", "client", c.RemoteAddr().String(), "error", err)
		_ = c.Close()
	case safe.ConnectionState().NegotiatedProtocol == "h2":
		s.hand.give(safe)
	default:
		s.one.ServeConn(safe)
	}
}
