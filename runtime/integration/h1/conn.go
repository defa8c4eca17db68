package h1

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/postern/postern/internal/httphead"
	"github.com/postern/postern/internal/socket"
)

const (
	readBuffer  = 8 << 10
	writeBuffer = 4 << 10
	// maxInterim bounds the 1xx answers before the real one.
	maxInterim = 8
)

// conn is one connection. It belongs to one exchange or to the pool.
type conn struct {
	client     *Client
	addr       string
	net        *wire
	r          *bufio.Reader
	out        []byte // a request's text as it is made
	used       bool   // it has been in the pool
	generation uint64
}

func newConn(c *Client, addr string, tcp *net.TCPConn) *conn {
	s := &wire{Stream: socket.Quick(tcp)}
	return &conn{client: c, addr: addr, net: s, r: bufio.NewReaderSize(s, readBuffer), out: make([]byte, 0, writeBuffer)}
}

func (cn *conn) close() {
	// Nothing can be done about a connection that does not close.
	_ = cn.net.Close()
}

var (
	// What net/http asks of a request to tell how its response ends.
	anyRequest  = &http.Request{Method: http.MethodGet}
	headRequest = &http.Request{Method: http.MethodHead}
)

// never is how to stop what never happens.
func never() bool { return true }

// exchange sends the request and reads the answer's head, and the rest where it is there.
func (cn *conn) exchange(ctx context.Context, req *Request, until time.Time) (*Response, error) {
	if err := cn.net.bound(until); err != nil {
		return nil, err
	}
	stop := never
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, cn.net.wake)
	}
	res, err := cn.ask(req)
	if err != nil {
		stop()
		return nil, err
	}
	if res.Stream == nil {
		cn.release(stop() && !res.ends)
		return res, nil
	}
	body := &body{ReadCloser: res.Stream, conn: cn, stop: stop, keep: !res.ends}
	if res.Stream == http.NoBody {
		body.finish(true)
	}
	res.Stream = body
	return res, nil
}

func (cn *conn) ask(req *Request) (*Response, error) {
	if err := cn.write(req); err != nil {
		return nil, err
	}
	if _, err := cn.r.Peek(1); err != nil {
		switch {
		case errors.Is(err, socket.ErrNotSilent):
			err = errUnsent
		case errors.Is(err, io.EOF) || socket.IsReset(err):
			err = fmt.Errorf("%w: %w", errStale, err)
		}
		return nil, err
	}
	if res := cn.plain(req); res != nil {
		return res, nil
	}
	return cn.readHead(req)
}

// plain gives an answer that the buffer holds from end to end, if its head says nothing
// that needs a second thought. net/http reads all others; nothing has been taken off the
// buffer then.
func (cn *conn) plain(req *Request) *Response {
	there, err := cn.r.Peek(cn.r.Buffered())
	if err != nil || req.Method == http.MethodHead {
		return nil
	}
	head, ok := httphead.Plain(there)
	if !ok || !head.Stays() || !head.Without("Transfer-Encoding", "Trailer", "Pragma") {
		return nil
	}
	code, ours := strings.CutPrefix(head.Line, "HTTP/1.1 ")
	code, _, _ = strings.Cut(code, " ")
	status, err := strconv.ParseUint(code, 10, 16)
	if !ours || err != nil || len(code) != 3 || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified {
		return nil
	}
	lengths := head.Fields["Content-Length"]
	if len(lengths) != 1 {
		return nil
	}
	length, err := strconv.ParseUint(lengths[0], 10, 31)
	if err != nil || len(there)-head.Size < int(length) {
		return nil
	}
	body := append(make([]byte, 0, length), there[head.Size:head.Size+int(length)]...)
	_, _ = cn.r.Discard(head.Size + len(body)) // it is there
	return &Response{Status: int(status), Header: head.Fields, Length: int64(length), Body: body}
}

func (cn *conn) readHead(req *Request) (*Response, error) {
	asked := anyRequest
	if req.Method == http.MethodHead {
		asked = headRequest
	}
	for range maxInterim {
		res, err := http.ReadResponse(cn.r, asked)
		if err != nil {
			return nil, err
		}
		switch {
		case res.StatusCode == http.StatusSwitchingProtocols:
			return nil, errors.New("backend switches protocols")
		case res.StatusCode >= http.StatusOK:
			return &Response{Status: res.StatusCode, Header: res.Header, Length: res.ContentLength, Stream: res.Body, ends: res.Close}, nil
		}
	}
	return nil, errors.New("backend sends no final answer")
}

// write sends head and body, or leaves them to the read that follows where they are
// small. A backend may answer before it has read all of a body and close: what it said is
// then still to be read.
func (cn *conn) write(req *Request) error {
	length := req.Length
	if req.Stream == nil {
		length = int64(len(req.Body))
	}
	if err := cn.head(req, length); err != nil {
		return err
	}
	small := length <= int64(writeBuffer-len(cn.out))
	if small {
		if err := cn.append(req, int(length)); err != nil {
			return err
		}
	}
	switch {
	case cn.used && small:
		cn.net.unsent = cn.out
		return nil
	case cn.used && !cn.net.Silent():
		return errUnsent
	}
	_, err := cn.net.Write(cn.out)
	if err == nil && !small {
		if req.Stream != nil {
			return cn.copy(req.Stream, length)
		}
		_, err = cn.net.Write(req.Body)
	}
	return ifNotReset(err)
}

// ifNotReset leaves out that the backend reads no further.
func ifNotReset(err error) error {
	if socket.IsReset(err) {
		return nil
	}
	return err
}

// head makes the text of a request's head.
func (cn *conn) head(req *Request, length int64) error {
	for _, s := range []string{req.Method, req.Target, req.Host} {
		if httphead.BreaksLine(s) {
			return fmt.Errorf("%q can not be sent", s)
		}
	}
	out := appendStrings(cn.out[:0], req.Method, " ", req.Target, " HTTP/1.1\r\nHost: ", req.Host, "\r\n")
	for name, values := range req.Header {
		ok := httpguts.ValidHeaderFieldName(name)
		for _, v := range values {
			if !ok || httphead.BreaksLine(v) {
				return fmt.Errorf("header %q can not be sent", name)
			}
			out = appendStrings(out, name, ": ", v, "\r\n")
		}
	}
	if length > 0 || sendsLength(req.Method) {
		out = append(strconv.AppendInt(append(out, "Content-Length: "...), length, 10), "\r\n"...)
	}
	cn.out = append(out, "\r\n"...)
	return nil
}

// append puts the body behind the head. One that comes from a stream is kept, so that it
// can be sent again.
func (cn *conn) append(req *Request, length int) error {
	if req.Stream != nil {
		body := make([]byte, length)
		if n, err := io.ReadFull(req.Stream, body); err != nil {
			return fmt.Errorf("body ended after %d of %d bytes: %w", n, length, err)
		}
		req.Stream, req.Body = nil, body
	}
	cn.out = append(cn.out, req.Body...)
	return nil
}

// copy sends a body as it comes.
func (cn *conn) copy(from io.Reader, length int64) error {
	for left := length; left > 0; {
		n, err := from.Read(cn.out[:min(left, int64(cap(cn.out)))])
		if left -= int64(n); n > 0 {
			if _, err := cn.net.Write(cn.out[:n]); err != nil {
				return ifNotReset(err)
			}
		}
		if err != nil && left > 0 {
			return fmt.Errorf("body ended after %d of %d bytes: %w", length-left, length, err)
		}
	}
	return nil
}

// release ends the exchange. One whose context has ended meanwhile has spoilt the
// deadline, and bytes behind the answer belong to none.
func (cn *conn) release(keep bool) {
	if keep && cn.r.Buffered() == 0 {
		cn.client.put(cn)
	} else {
		cn.close()
	}
}

func appendStrings(out []byte, parts ...string) []byte {
	for _, s := range parts {
		out = append(out, s...)
	}
	return out
}

func sendsLength(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// body gives the connection back at its end.
type body struct {
	io.ReadCloser
	conn *conn
	stop func() bool
	keep bool
	done bool
}

func (b *body) Read(p []byte) (int, error) {
	if b.done {
		return 0, io.EOF
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.finish(errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF))
	}
	return n, err
}

func (b *body) Close() error {
	if !b.done {
		b.finish(false)
	}
	return nil
}

func (b *body) finish(complete bool) {
	b.done = true
	b.conn.release(b.stop() && complete && b.keep)
}
