package http1

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern/postern/internal/httphead"
	"golang.org/x/net/http/httpguts"
)

// usualFields is how many fields most answers have at most.
const usualFields = 16

// unknown is the length of a body for which no handler gave one.
const unknown = -1

// maxPending is how long a body may grow before it is sent without a length.
const maxPending = 2 << 10

// response is an http.ResponseWriter. The header goes into the connection's buffer
// with WriteHeader; what depends on the body follows with its first bytes.
type response struct {
	c      *conn
	req    *http.Request
	body   *requestBody // nil: the request has none
	watch  *watch
	header http.Header

	status  int
	length  int64 // Content-Length, or unknown
	written int64
	pending []byte // the body as long as it may be given a length
	names   []string

	typed   bool // Content-Type is set, if only to nothing
	dated   bool
	encoded bool // Content-Encoding is set
	sent    bool // the head is complete
	chunked bool
	close   bool // the connection ends with this answer
	bye     bool // and the handler says so itself
}

var (
	_ http.Flusher  = (*response)(nil)
	_ http.Hijacker = (*response)(nil)
)

// begin makes it ready for another request.
func (w *response) begin(r *http.Request, body *requestBody, watch *watch) {
	*w = response{c: w.c, req: r, body: body, watch: watch, length: unknown, header: w.header, pending: w.pending[:0], names: w.names[:0]}
	if w.header == nil {
		w.header = make(http.Header, usualFields)
	}
}

// forget drops what an idle connection need not keep.
func (w *response) forget() {
	header := w.header
	if clear(header); len(w.names) > 2*usualFields {
		header = nil
	}
	clear(w.names)
	*w = response{c: w.c, header: header, pending: w.pending, names: w.names}
}

// Header implements http.ResponseWriter.
func (w *response) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	switch {
	case w.c.hijacked || w.status != 0:
		return
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	case status < 200 && status != http.StatusSwitchingProtocols:
		w.interim(status)
		return
	}
	if w.body != nil {
		w.body.answer()
	}
	w.status = status
	w.close = w.req.Close || w.c.server.closing.Load()
	w.statusLine(status)
	w.writeHeader()
}

func (w *response) statusLine(status int) {
	proto := "HTTP/1.1 "
	if !w.req.ProtoAtLeast(1, 1) {
		proto = "HTTP/1.0 "
	}
	text := http.StatusText(status)
	if text == "" {
		text = "status code " + strconv.Itoa(status)
	}
	w.put(proto)
	w.number(int64(status))
	w.put(" ", text, "\r\n")
}

// interim sends an answer before the answer.
func (w *response) interim(status int) {
	if !w.req.ProtoAtLeast(1, 1) {
		return
	}
	if w.body != nil {
		w.body.mu.Lock()
		defer w.body.mu.Unlock()
		w.body.waiting = w.body.waiting && status != http.StatusContinue
	}
	w.statusLine(status)
	for _, name := range w.sorted() {
		if name != "Content-Length" && name != "Transfer-Encoding" {
			w.field(name, w.header[name])
		}
	}
	w.put("\r\n")
	_ = w.c.w.Flush() // what follows will tell
}

// sorted gives the header's names in an order that stays.
func (w *response) sorted() []string {
	w.names = w.names[:0]
	for name := range w.header {
		w.names = append(w.names, name)
	}
	slices.Sort(w.names)
	return w.names
}

// writeHeader writes the fields that handlers set, but for those that are the
// connection's.
func (w *response) writeHeader() {
	for _, name := range w.sorted() {
		values := w.header[name]
		switch name {
		case "Connection":
			if httpguts.HeaderValuesContainsToken(values, "close") {
				w.close, w.bye = true, true
			}
			continue // written in the end: the body decides too
		case "Transfer-Encoding", "Trailer":
			continue // trailers are not sent
		case "Content-Length":
			if len(values) > 0 {
				if n, err := strconv.ParseInt(values[0], 10, 64); err == nil && n >= 0 {
					w.length = n
				}
			}
			continue
		case "Content-Type":
			w.typed = true
			if w.status == http.StatusNotModified {
				continue
			}
		case "Content-Encoding":
			w.encoded = len(values) > 0 && values[0] != ""
		case "Date":
			w.dated = true
		}
		if strings.HasPrefix(name, http.TrailerPrefix) {
			continue
		}
		w.field(name, values)
	}
}

var lineBreaks = strings.NewReplacer("\n", " ", "\r", " ")

func (w *response) field(name string, values []string) {
	if !httpguts.ValidHeaderFieldName(name) {
		return
	}
	for _, v := range values {
		if httphead.BreaksLine(v) {
			v = lineBreaks.Replace(v)
		}
		w.put(name, ": ", strings.Trim(v, " \t"), "\r\n")
	}
}

// put needs no error: the buffer keeps it for Flush.
func (w *response) put(parts ...string) {
	for _, s := range parts {
		_, _ = w.c.w.WriteString(s)
	}
}

func (w *response) number(n int64) {
	_, _ = w.c.w.Write(strconv.AppendInt(w.c.w.AvailableBuffer(), n, 10))
}

// Write implements http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	if w.c.hijacked {
		return 0, http.ErrHijacked
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	w.written += int64(len(p))
	if w.length != unknown && w.written > w.length {
		return 0, http.ErrContentLength
	}
	if !w.sent {
		if w.length == unknown && len(w.pending)+len(p) <= maxPending {
			w.pending = append(w.pending, p...)
			return len(p), nil
		}
		first := p
		if len(w.pending) > 0 {
			first = w.pending
		}
		if err := w.send(first, false); err != nil {
			return 0, err
		}
	}
	return w.write(p)
}

func (w *response) write(p []byte) (int, error) {
	if len(p) == 0 || w.req.Method == http.MethodHead {
		return len(p), nil
	}
	if !w.chunked {
		return w.c.w.Write(p)
	}
	w.put(strconv.FormatInt(int64(len(p)), 16), "\r\n")
	n, err := w.c.w.Write(p)
	w.put("\r\n")
	return n, err
}

// send completes the head and writes what was kept of the body; first is how the body
// begins, whole is true when that is all of it.
func (w *response) send(first []byte, whole bool) error {
	w.sent = true
	if w.body != nil && !w.close && !w.body.discard() {
		w.close = true
	}
	head := w.req.Method == http.MethodHead
	if bodyAllowed(w.status) {
		if !w.typed && !w.encoded && len(first) > 0 {
			w.put("Content-Type: ", http.DetectContentType(first), "\r\n")
		}
		if w.length == unknown && whole && (!head || len(first) > 0) {
			w.length = int64(len(first))
		}
		switch {
		case w.length != unknown:
			w.put("Content-Length: ")
			w.number(w.length)
			w.put("\r\n")
		case head:
		case w.req.ProtoAtLeast(1, 1):
			w.chunked = true
			w.put("Transfer-Encoding: chunked\r\n")
		default:
			w.close = true
		}
	}
	if !w.dated {
		w.put("Date: ", w.c.server.date.text(), "\r\n")
	}
	w.connection()
	w.put("\r\n")
	_, err := w.write(w.pending)
	return err
}

// connection writes what becomes of the connection.
func (w *response) connection() {
	switch {
	case w.status == http.StatusSwitchingProtocols:
		w.field("Connection", w.header["Connection"])
	case w.close && (w.bye || w.req.ProtoAtLeast(1, 1)):
		w.put("Connection: close\r\n")
	case w.close:
	case !w.req.ProtoAtLeast(1, 1):
		w.put("Connection: keep-alive\r\n")
	default:
		w.field("Connection", w.header["Connection"])
	}
}

// bodyAllowed tells whether an answer of a status has a body.
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// finish sends what is left once the handler has returned.
func (w *response) finish() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.sent {
		w.close = w.send(w.pending, true) != nil || w.close
	}
	if w.chunked {
		w.put("0\r\n\r\n")
	}
	broken := bodyAllowed(w.status) && w.req.Method != http.MethodHead && w.length != unknown && w.written != w.length
	if err := w.c.w.Flush(); err != nil || broken {
		w.close = true
	}
	if cap(w.pending) > 2*maxPending {
		w.pending = nil
	}
}

// Flush implements http.Flusher.
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *response) FlushError() error {
	if w.c.hijacked {
		return http.ErrHijacked
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.sent {
		if err := w.send(w.pending, false); err != nil {
			return err
		}
	}
	return w.c.w.Flush()
}

// SetReadDeadline is what http.ResponseController calls.
func (w *response) SetReadDeadline(t time.Time) error {
	w.c.until = t
	return w.c.net.SetReadDeadline(t)
}

// SetWriteDeadline is what http.ResponseController calls.
func (w *response) SetWriteDeadline(t time.Time) error { return w.c.net.SetWriteDeadline(t) }

// Hijack implements http.Hijacker.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.c.hijacked {
		return nil, nil, http.ErrHijacked
	}
	if w.sent || len(w.pending) > 0 {
		return nil, nil, errors.New("the answer has begun")
	}
	if w.status != 0 { // as 101, which belongs to the client
		if err := w.FlushError(); err != nil {
			return nil, nil, err
		}
	}
	w.c.hijacked = true
	w.c.server.remove(w.c)
	w.watch.stop()
	if w.c.in.ready { // what was read ahead belongs to the new owner
		if _, err := w.c.r.Peek(1); err != nil {
			return nil, nil, err
		}
	}
	if err := w.c.net.SetDeadline(time.Time{}); err != nil {
		return nil, nil, err
	}
	return w.c.net, bufio.NewReadWriter(w.c.r, w.c.w), nil
}
