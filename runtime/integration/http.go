package integration

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/postern/postern/runtime/gwerr"
)

// HTTP calls an HTTP backend. Redirects are answers like any other. The timeout
// covers the whole exchange, the response's body included.
type HTTP struct {
	Backends *Backends
	Timeout  time.Duration
	// ServerName, where set, is the name that TLS asks for and verifies.
	ServerName string
}

var _ Integration = (*HTTP)(nil)

// Invoke sends the request and gives the answer as soon as its head is there.
func (h *HTTP) Invoke(ctx context.Context, req *Request) (*Response, error) {
	in := &req.Context.Integration
	in.Called = true
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	out := &http.Request{
		Method:        req.Method,
		URL:           req.URL,
		Host:          req.URL.Host,
		Header:        req.Header,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		ContentLength: req.Length,
	}
	switch {
	case req.Stream != nil:
		out.Body = io.NopCloser(req.Stream)
	case len(req.Body) > 0:
		body := req.Body
		out.ContentLength = int64(len(body))
		out.Body = io.NopCloser(bytes.NewReader(body))
		// A connection that the backend closed meanwhile can be tried anew.
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	res, err := h.Backends.transport(h.ServerName).RoundTrip(out.WithContext(ctx))
	if err != nil {
		cancel()
		in.Error = err.Error()
		return nil, failure(ctx, req, err)
	}
	return &Response{
		Status: res.StatusCode,
		Header: res.Header,
		Stream: &stream{res.Body, cancel},
		Length: res.ContentLength,
	}, nil
}

func failure(ctx context.Context, req *Request, err error) error {
	err = fmt.Errorf("call %s: %w", req.URL.Redacted(), err)
	var tooLong net.Error
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &tooLong) && tooLong.Timeout() {
		return gwerr.New(gwerr.IntegrationTimeout, err)
	}
	return &gwerr.Error{Type: gwerr.IntegrationFailure, Message: "Network error communicating with endpoint", Err: err}
}

// stream ends the exchange's context with its body.
type stream struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (s *stream) Close() error {
	err := s.ReadCloser.Close()
	s.cancel()
	return err
}

// Backends keeps the connections to HTTP backends. They outlive the stages that
// call through them.
type Backends struct {
	plain  *http.Transport
	mu     sync.Mutex
	byName map[string]*http.Transport // TLS server names of private integrations
	dialer net.Dialer
}

// Idle connections: enough that concurrent requests need not dial anew, which
// doubles their cost.
const (
	maxIdle        = 1024
	maxIdlePerHost = 256
	idleTimeout    = 60 * time.Second
	dialTimeout    = 10 * time.Second
)

// NewBackends makes an empty pool.
func NewBackends() *Backends {
	b := &Backends{byName: map[string]*http.Transport{}, dialer: net.Dialer{Timeout: dialTimeout}}
	b.plain = b.newTransport(&tls.Config{MinVersion: tls.VersionTLS12})
	return b
}

// AWS calls backends with HTTP/1.1 only, and unlike a browser it neither asks for
// compression nor undoes it.
func (b *Backends) newTransport(c *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext:         b.dialer.DialContext,
		TLSClientConfig:     c,
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConns:        maxIdle,
		MaxIdleConnsPerHost: maxIdlePerHost,
		IdleConnTimeout:     idleTimeout,
		DisableCompression:  true,
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
		WriteBufferSize:     4 << 10,
		ReadBufferSize:      8 << 10,
	}
}

func (b *Backends) transport(serverName string) *http.Transport {
	if serverName == "" {
		return b.plain
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byName[serverName]
	if t == nil {
		t = b.newTransport(&tls.Config{MinVersion: tls.VersionTLS12, ServerName: serverName})
		b.byName[serverName] = t
	}
	return t
}

// Close drops the idle connections.
func (b *Backends) Close() {
	b.plain.CloseIdleConnections()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.byName {
		t.CloseIdleConnections()
	}
}
