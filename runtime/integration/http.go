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
	"net/url"
	"sync"
	"time"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration/h1"
)

// HTTP calls an HTTP backend. Redirects are answers like any other. The timeout
// covers the whole exchange, the response's body included.
type HTTP struct {
	Backends *Backends
	Timeout  time.Duration
	TLS      ClientTLS
	// Idle, where set, is for how long the answer may stand still.
	Idle time.Duration
	// To, where set, is where the request really goes: a private integration's
	// backend. The backend sees the Host of the request's URL.
	To *url.URL
}

var _ Integration = (*HTTP)(nil)

// Invoke sends the request and gives the answer as soon as its head is there.
func (h *HTTP) Invoke(ctx context.Context, req *Request) (*Response, error) {
	in := &req.Context.Integration
	in.Called = true
	if h.To != nil {
		if req.Header["Host"] == nil {
			req.Header["Host"] = []string{req.URL.Host}
		}
		req.URL = rebase(h.To, req.URL)
	}
	lean := req.URL.Scheme == "http" && (req.Stream == nil || req.Length >= 0)
	cancel := context.CancelFunc(func() {})
	if !lean || h.Idle > 0 {
		ctx, cancel = context.WithTimeout(ctx, h.Timeout)
	}
	res, err := h.send(ctx, req, lean)
	if err != nil {
		cancel()
		in.Error = err.Error()
		return nil, Failure(ctx, fmt.Errorf("call %s: %w", req.URL.Redacted(), err))
	}
	if res.Stream == nil {
		cancel()
	} else {
		res.Stream = newIdle(&stream{res.Stream, cancel}, h.Idle, cancel)
	}
	return res, nil
}

func (h *HTTP) send(ctx context.Context, req *Request, lean bool) (*Response, error) {
	if lean {
		res, err := h.Backends.lean.Do(ctx, h.leanRequest(req))
		if err != nil {
			return nil, err
		}
		return &Response{Status: res.Status, Header: res.Header, Body: res.Body, Stream: res.Stream, Length: res.Length}, nil
	}
	res, err := h.Backends.transport(&h.TLS).RoundTrip(standard(req).WithContext(ctx))
	if err != nil {
		return nil, err
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Stream: res.Body, Length: res.ContentLength}, nil
}

// leanRequest is the request as the lean client sends it.
func (h *HTTP) leanRequest(req *Request) *h1.Request {
	addr := req.URL.Host
	if req.URL.Port() == "" {
		addr = net.JoinHostPort(req.URL.Hostname(), "80")
	}
	return &h1.Request{
		Addr:    addr,
		Host:    host(req),
		Method:  req.Method,
		Target:  req.URL.RequestURI(),
		Header:  req.Header,
		Body:    req.Body,
		Stream:  req.Stream,
		Length:  req.Length,
		Timeout: h.Timeout,
	}
}

// host is the request's Host header: the URL's, or the one that a mapping set.
func host(req *Request) string {
	if v := req.Header["Host"]; len(v) > 0 {
		delete(req.Header, "Host")
		return v[0]
	}
	return req.URL.Host
}

// standard is the request as net/http sends it.
func standard(req *Request) *http.Request {
	if req.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = nil // or net/http adds its own
	}
	out := &http.Request{
		Method:        req.Method,
		URL:           req.URL,
		Host:          host(req),
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
	return out
}

// Failure is the gateway's error for a backend that did not answer, or not to the
// end: it took too long, or the connection failed.
func Failure(ctx context.Context, err error) error {
	var tooLong net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &tooLong) && tooLong.Timeout() {
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
	lean   h1.Client       // http://
	plain  *http.Transport // https://
	dialer net.Dialer

	mu     sync.Mutex
	others map[tlsKey]*http.Transport // https:// with settings of its own
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
	b := &Backends{others: map[tlsKey]*http.Transport{}, dialer: net.Dialer{Timeout: dialTimeout}}
	b.lean.Dialer = b.dialer
	b.plain = b.newTransport(&tls.Config{MinVersion: tls.VersionTLS12})
	return b
}

// AWS calls backends with HTTP/1.1 only, and unlike a browser it neither asks for
// compression nor undoes it.
func (b *Backends) newTransport(c *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
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

// Close drops the idle connections.
func (b *Backends) Close() {
	b.lean.CloseIdle()
	b.plain.CloseIdleConnections()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.others {
		t.CloseIdleConnections()
	}
}
