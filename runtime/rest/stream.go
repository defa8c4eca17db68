package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// AWS: the limits of streamed responses.
const (
	streamIdle      = 5 * time.Minute
	edgeStreamIdle  = 30 * time.Second
	streamUnbridled = 10 << 20 // bytes that pass at any speed
	streamRate      = 2 << 20  // bytes a second behind them
)

// streamIdle is for how long a streamed answer may stand still.
func (c *compiler) streamIdle() time.Duration {
	if c.api.EndpointType == edge {
		return edgeStreamIdle
	}
	return streamIdle
}

// httpProxyStream passes a backend's answer on as it comes.
type httpProxyStream struct{}

func (httpProxyStream) Select(_ context.Context, c *call, res *integration.Response) (*integration.Response, error) {
	c.rc.Integration.Status = res.Status
	out := &integration.Response{Status: res.Status, Header: proxiedHeader(res.Header), Stream: res.Stream, Length: res.Length}
	if out.Stream == nil { // it came at once, which makes it no answer of the other mode
		out.Stream = io.NopCloser(bytes.NewReader(res.Body))
	}
	c.timed(out)
	return out, nil
}

// timed notes when the parts of an answer are there.
func (c *call) timed(res *integration.Response) {
	in := &c.rc.Integration
	since := func() time.Duration { return c.deployment.now().Sub(c.invoked) }
	in.TimeToHeaders = since()
	if len(res.Body) > 0 || res.Stream == nil {
		in.TimeToContent = in.TimeToHeaders
		return
	}
	res.Stream = &firstRead{ReadCloser: res.Stream, note: func() { in.TimeToContent = since() }}
}

// firstRead tells when the first of a body is there.
type firstRead struct {
	io.ReadCloser
	note func()
}

func (f *firstRead) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if n > 0 && f.note != nil {
		f.note()
		f.note = nil
	}
	return n, err
}

// lambdaStream reads the answer of a function that streams: its metadata as JSON,
// eight NUL bytes, and the body.
type lambdaStream struct{}

var (
	streamDelimiter = make([]byte, 8)

	errNoDelimiter = errors.New("no metadata in the first 16 KB of the function's answer")
)

const maxMetadata = 16 << 10

func (lambdaStream) Select(_ context.Context, c *call, res *integration.Response) (*integration.Response, error) {
	if res.FunctionError != "" {
		return nil, badGateway(&functionError{res.FunctionError, res.Body, c.rc.Integration.RequestID})
	}
	metadata, rest, err := splitMetadata(res)
	if err == nil {
		var out *integration.Response
		if out, err = metadataResponse(metadata); err == nil {
			c.rc.Integration.Status = out.Status
			out.Header["X-Amzn-Trace-Id"] = []string{c.rc.TraceID}
			out.Body, out.Stream = rest, res.Stream
			c.timed(out)
			return out, nil
		}
	}
	res.Close()
	c.rc.Integration.Error = err.Error()
	return nil, internal(fmt.Errorf("%w: %w", errMalformed, err))
}

// splitMetadata reads up to the delimiter; rest is what was read behind it.
func splitMetadata(res *integration.Response) (metadata, rest []byte, err error) {
	head := res.Body
	buf := make([]byte, 4<<10)
	for {
		searched := head[:min(len(head), maxMetadata+len(streamDelimiter))]
		if i := bytes.Index(searched, streamDelimiter); i >= 0 {
			return head[:i], head[i+len(streamDelimiter):], nil
		}
		if len(head) >= maxMetadata+len(streamDelimiter) || res.Stream == nil || err != nil {
			return nil, nil, errors.Join(errNoDelimiter, unlessEOF(err))
		}
		var n int
		n, err = res.Stream.Read(buf)
		head = append(head, buf[:n]...)
	}
}

func unlessEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// metadataResponse makes a response of a function's metadata. AWS: unlike in a
// buffered answer, of a header that is in both maps only the list counts.
func metadataResponse(metadata []byte) (*integration.Response, error) {
	var raw struct {
		StatusCode        json.RawMessage `json:"statusCode"`
		Headers           json.RawMessage `json:"headers"`
		MultiValueHeaders json.RawMessage `json:"multiValueHeaders"`
		Cookies           []string        `json:"cookies"`
	}
	if err := json.Unmarshal(metadata, &raw); err != nil {
		return nil, err
	}
	given := func(member json.RawMessage) bool { return len(member) > 0 && string(member) != "null" }
	var o proxyOutput
	var err error
	o.status = http.StatusOK
	if given(raw.StatusCode) {
		if o.status, err = statusCode(raw.StatusCode); err != nil {
			return nil, err
		}
	}
	if given(raw.Headers) {
		if o.headers, err = headerTexts(raw.Headers); err != nil {
			return nil, err
		}
	}
	if given(raw.MultiValueHeaders) {
		if o.multi, err = headerLists(raw.MultiValueHeaders); err != nil {
			return nil, err
		}
	}
	lists := map[string]bool{}
	for name := range o.multi {
		lists[http.CanonicalHeaderKey(name)] = true
	}
	for name := range o.headers {
		if lists[http.CanonicalHeaderKey(name)] {
			delete(o.headers, name)
		}
	}
	length := o.takeLength()
	out := &integration.Response{Status: o.status, Header: o.responseHeader(), Length: length}
	if len(raw.Cookies) > 0 {
		setResponseHeader(out.Header, "Set-Cookie", raw.Cookies, proxiedNames)
	}
	return out, nil
}

// takeLength takes the length that a function gives its streamed body out of its
// headers; -1: it gives none.
func (o *proxyOutput) takeLength() int64 {
	length := int64(-1)
	for name, value := range o.headers {
		if !strings.EqualFold(name, "Content-Length") {
			continue
		}
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
			length = n
			delete(o.headers, name)
		}
	}
	return length
}

// bufferedStream answers for a function that streams where nothing is streamed. AWS:
// its body is lost.
func bufferedStream(c *call, metadata []byte) (*integration.Response, error) {
	out, err := metadataResponse(metadata)
	if err != nil {
		return nil, badGateway(fmt.Errorf("%w: %w", errMalformed, err))
	}
	c.rc.Integration.Status = out.Status
	out.Header["X-Amzn-Trace-Id"] = []string{c.rc.TraceID}
	return out, nil
}

// writeStream sends a body as it comes, each piece at once.
func writeStream(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context, res *integration.Response) {
	defer res.Close()
	if res.Length >= 0 {
		w.Header()["Content-Length"] = []string{strconv.FormatInt(res.Length, 10)}
	}
	w.WriteHeader(res.Status)
	flusher := http.NewResponseController(w)
	if send(w, flusher, rc, res.Body) != nil {
		return
	}
	limit := rate.NewLimiter(streamRate, streamRate)
	buf := make([]byte, 32<<10)
	for {
		n, err := res.Stream.Read(buf)
		if n > 0 && send(w, flusher, rc, buf[:n]) != nil {
			return // the client went away
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			// What the client has got must not look whole.
			rc.Integration.Error, rc.Truncated = err.Error(), true
			return
		}
		if rc.ResponseLength > streamUnbridled && limit.WaitN(r.Context(), n) != nil {
			return
		}
	}
}

func send(w io.Writer, flusher *http.ResponseController, rc *reqcontext.Context, b []byte) error {
	n, err := w.Write(b)
	rc.ResponseLength += int64(n)
	if err != nil {
		return err
	}
	return flusher.Flush()
}
