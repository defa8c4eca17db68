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

	"github.com/postern/postern/internal/httphead"
	quick "github.com/postern/postern/internal/socket"
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
	net        *socket
	r          *bufio.Reader
	w          *bufio.Writer
	generation uint64
	probe      probe
}

func newConn(c *Client, addr string, nc net.Conn) *conn {
	s := &socket{Conn: nc}
	if tcp, ok := nc.(*net.TCPConn); ok {
		s.Conn = quick.Quick(tcp)
	}
	return &conn{client: c, addr: addr, net: s, probe: newProbe(nc), r: bufio.NewReaderSize(s, readBuffer), w: bufio.NewWriterSize(s, writeBuffer)}
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
		if errors.Is(err, io.EOF) || isReset(err) {
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

// write sends head and body. A backend may answer before it has read all of the
// body and close: what it said is then still to be read.
func (cn *conn) write(req *Request) error {
	w := cn.w
	w.Reset(cn.net)
	for _, s := range []string{req.Method, req.Target, req.Host} {
		if strings.ContainsAny(s, "\r\n") {
			return fmt.Errorf("%q can not be sent", s)
		}
	}
	writeStrings(w, req.Method, " ", req.Target, " HTTP/1.1\r\nHost: ", req.Host, "\r\n")
	for name, values := range req.Header {
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n") || strings.ContainsAny(name, "\r\n: ") {
				return fmt.Errorf("header %q can not be sent", name)
			}
			writeStrings(w, name, ": ", v, "\r\n")
		}
	}
	length := req.Length
	if req.Stream == nil {
		length = int64(len(req.Body))
	}
	if length > 0 || sendsLength(req.Method) {
		writeStrings(w, "Content-Length: ", strconv.FormatInt(length, 10), "\r\n")
	}
	writeStrings(w, "\r\n")
	if req.Stream != nil {
		n, err := io.CopyN(w, req.Stream, length)
		if _, broken := w.Write(nil); err != nil && (broken == nil || !sent(broken)) { // it is the stream that ended, or no reset
			return fmt.Errorf("body ended after %d of %d bytes: %w", n, length, err)
		}
	} else if _, err := w.Write(req.Body); err != nil && !sent(err) {
		return err
	}
	if err := w.Flush(); err != nil && !sent(err) {
		return err
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

// writeStrings needs no error: a bufio.Writer keeps it for Flush.
func writeStrings(w *bufio.Writer, parts ...string) {
	for _, s := range parts {
		_, _ = w.WriteString(s)
	}
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
