package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/limits"
	"github.com/postern/postern/runtime/reqcontext"
)

const maxPayload = limits.Payload

var errTooLarge = errors.New("payload is over 10 MB")

// checkSize refuses what is too large before anything else is looked at.
//
// unverified against AWS: which of 414 and 431 answers which excess.
func checkSize(r *http.Request, rc *reqcontext.Context) error {
	line := len(rc.Method) + len(rc.Path) + len(rc.RawQuery) + len(" ? HTTP/1.1")
	if line > limits.Head {
		return &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusRequestURITooLong}
	}
	head := line + len(rc.Host)
	for _, values := range r.Header {
		for _, v := range values {
			head += len(v)
		}
	}
	if head > limits.Head {
		return &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusRequestHeaderFieldsTooLarge}
	}
	if r.ContentLength > maxPayload {
		return gwerr.New(gwerr.RequestTooLarge, errTooLarge)
	}
	return nil
}

// readBody reads the request's body whole.
func readBody(r *http.Request, rc *reqcontext.Context) error {
	if r.ContentLength == 0 || r.Body == nil {
		return nil
	}
	var body []byte
	var err error
	if r.ContentLength > 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	}
	if err != nil {
		return &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusBadRequest, Err: fmt.Errorf("read body: %w", err)}
	}
	if len(body) > maxPayload {
		return gwerr.New(gwerr.RequestTooLarge, errTooLarge)
	}
	rc.Body, rc.BodySize = body, int64(len(body))
	return nil
}
