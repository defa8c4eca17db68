package rest

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
)

var errPayload = errors.New("payload is over 10 MB")

// body reads the request's body, once.
func (c *call) body() ([]byte, error) {
	if c.bodyRead {
		return c.rc.Body, nil
	}
	c.bodyRead = true
	if c.r.Body == nil || c.r.ContentLength == 0 {
		return nil, nil
	}
	var b []byte
	var err error
	if n := c.r.ContentLength; n > 0 {
		b = make([]byte, n)
		_, err = io.ReadFull(c.r.Body, b)
	} else {
		b, err = io.ReadAll(io.LimitReader(c.r.Body, maxPayload+1))
	}
	if err != nil {
		return nil, &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusBadRequest, Message: "Bad Request", Err: fmt.Errorf("read request body: %w", err)}
	}
	if len(b) > maxPayload {
		return nil, gwerr.New(gwerr.RequestTooLarge, errPayload)
	}
	c.rc.BodySize = int64(len(b))
	if b, err = c.deployment.compress.request(c.r, b); err != nil {
		return nil, err
	}
	c.rc.Body = b
	return b, nil
}

// buffer reads an integration's body whole: what an API does with it, if only to
// make text of it, needs all of it.
func buffer(c *call, res *integration.Response) error {
	if res.Stream == nil {
		return nil
	}
	defer res.Close()
	if res.Length > maxPayload {
		return internal(errPayload) // unverified against AWS: the status
	}
	var b []byte
	var err error
	if res.Length >= 0 {
		b = make([]byte, res.Length)
		_, err = io.ReadFull(res.Stream, b)
	} else {
		b, err = io.ReadAll(io.LimitReader(res.Stream, maxPayload+1))
	}
	if err != nil {
		c.rc.Integration.Error = err.Error()
		return integration.Failure(c.r.Context(), fmt.Errorf("read the backend's answer: %w", err))
	}
	if len(b) > maxPayload {
		return internal(errPayload)
	}
	res.Body, res.Stream, res.Length = b, nil, int64(len(b))
	return nil
}

// internal is the 500 for what makes no sense: a faulty configuration, or an answer
// that cannot be used.
func internal(err error) error { return gwerr.New(gwerr.APIConfigurationError, err) }
