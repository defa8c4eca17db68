package http1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
)

var headEnd = []byte("\r\n\r\n")

// readRequest reads a request up to its body. Its first byte is there.
func (c *conn) readRequest() (*http.Request, error) {
	c.skipEmptyLines()
	c.in.head.begin()
	if r := c.plain(); r != nil {
		r.RemoteAddr, r.TLS = c.remote, c.tls
		return r, nil
	}
	there, err := c.r.Peek(c.r.Buffered())
	if err != nil {
		return nil, err
	}
	c.in.head.heard(there)
	c.in.inHead, c.in.over, c.in.left = true, false, c.server.HeaderBytes-len(there)
	defer func() { c.in.inHead = false }()
	if !bytes.Contains(there, headEnd) {
		c.within(c.server.HeaderTime)
	}
	r, err := http.ReadRequest(c.r)
	if err != nil {
		if c.in.over {
			err = errTooLarge
		}
		return nil, err
	}
	if err := check(r); err != nil {
		return nil, err
	}
	r.RemoteAddr, r.TLS = c.remote, c.tls
	return r, nil
}

// skipEmptyLines drops line ends that some old clients send behind a body.
func (c *conn) skipEmptyLines() {
	for c.r.Buffered() > 0 {
		if b, err := c.r.Peek(1); err != nil || b[0] != '\r' && b[0] != '\n' {
			return
		}
		_, _ = c.r.Discard(1) // it is there
	}
}

// refusal is a request that is answered before any handler hears of it.
type refusal struct {
	status int
	reason string
}

func (e *refusal) Error() string { return e.reason }

// check is what http.ReadRequest leaves to servers.
func check(r *http.Request) error {
	switch {
	case r.ProtoMajor != 1:
		return &refusal{http.StatusHTTPVersionNotSupported, "unsupported protocol version"}
	case r.Host == "" && r.ProtoAtLeast(1, 1) && r.Method != http.MethodConnect:
		return &refusal{http.StatusBadRequest, "missing required Host header"}
	case !httpguts.ValidHostHeader(r.Host):
		return &refusal{http.StatusBadRequest, "malformed Host header"}
	}
	for name, values := range r.Header {
		if !httpguts.ValidHeaderFieldName(name) {
			return &refusal{http.StatusBadRequest, "invalid header name"}
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return &refusal{http.StatusBadRequest, "invalid header value"}
			}
		}
	}
	return nil
}

// expectsTooMuch tells whether a client expects what no server here does.
func expectsTooMuch(r *http.Request) bool { return r.Header.Get("Expect") != "" && !expectsContinue(r) }

func expectsContinue(r *http.Request) bool {
	return httpguts.HeaderValuesContainsToken(r.Header["Expect"], "100-continue")
}

// unsupported begins the errors about transfer encodings, to which net/http gives no type
// that can be named.
var unsupported = []string{"unsupported transfer encoding", "too many transfer encodings"}

// refuse answers what is no request, and has the connection closed. Who broke off or
// did not go on gets no answer.
func (c *conn) refuse(err error) {
	status, text := http.StatusBadRequest, ""
	var own *refusal
	var op *net.OpError
	switch {
	case errors.As(err, &own):
		status, text = own.status, own.reason
	case errors.Is(err, errTooLarge):
		status = http.StatusRequestHeaderFieldsTooLarge
	case slices.ContainsFunc(unsupported, func(s string) bool { return strings.HasPrefix(err.Error(), s) }):
		status, text = http.StatusNotImplemented, "unsupported transfer encoding"
	case errors.Is(err, io.EOF), errors.As(err, &op), errors.Is(err, os.ErrDeadlineExceeded):
		return
	}
	line := fmt.Sprintf("%d %s", status, http.StatusText(status))
	if text != "" {
		text = ": " + text
	}
	// Nobody is there to tell when this fails.
	_, _ = fmt.Fprintf(c.w, "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n%s%s", line, line, text)
	_ = c.w.Flush()
	c.linger()
}

// requestBody is a request's body. It tells a client that waits for that to send it.
type requestBody struct {
	io.Reader
	c     *conn
	watch *watch
	// What net/http read, which is told of trailers, and the copy that is served.
	parsed, served *http.Request

	// Proxies read in a goroutine of their own, which may outlive the handler; net/http's
	// reader beneath orders the reads themselves.
	mu       sync.Mutex
	waiting  bool // the client waits for 100 Continue
	answered bool // too late to send it
	ended    bool // read to its end
	closed   bool
	got      int64
}

// body is what handlers read, nil for a request without one.
func (c *conn) body(r, served *http.Request, w *watch) *requestBody {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if !c.until.IsZero() {
		c.deadline(time.Time{})
	}
	return &requestBody{Reader: r.Body, c: c, watch: w, parsed: r, served: served, waiting: r.ProtoAtLeast(1, 1) && expectsContinue(r)}
}

// Read implements io.Reader.
func (b *requestBody) Read(p []byte) (int, error) {
	if !b.ask() {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.read(p)
}

// ask has a client that waits for that send the body. It says false when that was closed.
func (b *requestBody) ask() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting && !b.answered && !b.closed {
		b.waiting = false
		_, _ = b.c.w.WriteString("HTTP/1.1 100 Continue\r\n\r\n")
		_ = b.c.w.Flush() // the read will tell
	}
	return !b.closed
}

// answer ends the time in which 100 Continue may be sent.
func (b *requestBody) answer() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answered = true
}

func (b *requestBody) read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got += int64(n)
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !b.ended {
		b.ended = true
		b.served.Trailer = b.parsed.Trailer
		b.watch.bodyEnded()
	}
	return n, err
}

// Close implements io.Closer. What is left is read at the request's end.
func (b *requestBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

// wasRead says whether it was read to its end.
func (b *requestBody) wasRead() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended
}

// maxUnread is how much of a body is read although no handler wanted it, to keep the
// connection; a client may send all of it before it looks for the answer.
const maxUnread = 256 << 10

// discard reads what is left of a body, unless that is too much or may never come. It
// says whether it came to the end.
func (b *requestBody) discard() bool {
	b.mu.Lock()
	ended, hopeless := b.ended, b.waiting || b.parsed.ContentLength-b.got > maxUnread
	b.mu.Unlock()
	if ended || hopeless {
		return ended
	}
	_, _ = io.CopyN(io.Discard, readerFunc(b.read), maxUnread+1)
	return b.wasRead()
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
