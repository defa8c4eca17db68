package listen

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
)

// SentAs tells how a request's client spelled the names of its headers, which net/http
// does not keep and some who are behind an API see. It gives a function that turns a
// canonical name into the client's, to be used while the request is served and by one
// goroutine; nil: not known.
func SentAs(r *http.Request) func(name string) string {
	if r.ProtoMajor > 1 {
		return strings.ToLower // HTTP/2 has no other letters
	}
	h, ok := r.Context().Value(headKey{}).(*requestHead)
	if !ok {
		return nil
	}
	var names map[string]string
	asked := false
	return func(name string) string {
		if !asked {
			asked, names = true, h.names()
		}
		if own, ok := names[name]; ok {
			return own
		}
		return name
	}
}

// requestHead is what was read of a connection since the last request ended, up to the end
// of the next one's headers. Where requests come before their turn it may miss one,
// whose names are then taken for canonical.
type requestHead struct {
	mu    sync.Mutex // net/http reads a byte ahead while it serves
	text  []byte
	whole bool
}

type headKey struct{}

// keptHead is how much memory a connection keeps between requests.
const keptHead = 4 << 10

var headEnd = []byte("\r\n\r\n")

func (h *requestHead) heard(p []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.whole {
		return
	}
	from := max(len(h.text)-len(headEnd)+1, 0)
	h.text = append(h.text, p...)
	if i := bytes.Index(h.text[from:], headEnd); i >= 0 {
		h.text, h.whole = h.text[:from+i], true
	}
	if len(h.text) > headerBytes {
		h.whole = true
	}
}

func (h *requestHead) next() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.text, h.whole = h.text[:0], false; cap(h.text) > keptHead {
		h.text = nil
	}
}

// names gives the names that are not canonical, by those that are; nil: there are none.
func (h *requestHead) names() map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out map[string]string
	for line := range bytes.SplitSeq(h.text, []byte("\r\n")) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || isCanonical(name) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[textproto.CanonicalMIMEHeaderKey(string(name))] = string(name)
	}
	return out
}

// isCanonical tells whether a name is written as net/http writes it: a capital letter
// in front and behind each hyphen, and no others.
func isCanonical(name []byte) bool {
	upper := true
	for _, c := range name {
		if upper && 'a' <= c && c <= 'z' || !upper && 'A' <= c && c <= 'Z' {
			return false
		}
		upper = c == '-'
	}
	return true
}

// heardConn is a connection that speaks HTTP/1 and whose requests' heads are heard.
type heardConn interface{ sent() *requestHead }

func (c *conn) sent() *requestHead { return &c.request }

// secured is a TLS connection after its handshake, when HTTP/1 was agreed on.
type secured struct {
	*tls.Conn
	request requestHead
}

func (c *secured) sent() *requestHead { return &c.request }

// Read implements net.Conn.
func (c *secured) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.request.heard(p[:n])
	return n, err
}

// withHead lets handlers find the head of their request.
func withHead(ctx context.Context, c net.Conn) context.Context {
	if h, ok := c.(heardConn); ok {
		return context.WithValue(ctx, headKey{}, h.sent())
	}
	return ctx
}

func betweenRequests(c net.Conn, state http.ConnState) {
	if h, ok := c.(heardConn); ok && state == http.StateIdle {
		h.sent().next()
	}
}
