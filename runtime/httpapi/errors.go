package httpapi

import (
	"errors"
	"net/http"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// errorTexts are the messages of the errors that an HTTP API makes itself. Their
// bodies cannot be customised.
var errorTexts = map[int]string{
	http.StatusBadRequest:                  "Bad Request",
	http.StatusUnauthorized:                "Unauthorized",
	http.StatusForbidden:                   "Forbidden",
	http.StatusNotFound:                    "Not Found",
	http.StatusRequestEntityTooLarge:       "Request Entity Too Large",
	http.StatusRequestURITooLong:           "Request URI too long",
	http.StatusRequestHeaderFieldsTooLarge: "Request Header Fields Too Large", // unverified against AWS: the text
	http.StatusTooManyRequests:             "Too Many Requests",
	http.StatusInternalServerError:         "Internal Server Error",
	http.StatusServiceUnavailable:          "Service Unavailable",
}

// statusOf gives an error the status that an HTTP API answers it with.
//
// AWS: there is no 502 and no 504. An integration that cannot be reached in time,
// or a throttled function, is 503; everything else that fails behind is 500.
func statusOf(e *gwerr.Error) int {
	switch {
	case e.Status != 0:
		return e.Status
	case errors.Is(e, integration.ErrThrottled):
		return http.StatusServiceUnavailable
	}
	switch e.Type {
	case gwerr.IntegrationTimeout, gwerr.IntegrationFailure:
		return http.StatusServiceUnavailable
	}
	if status := e.Type.Status(); errorTexts[status] != "" {
		return status
	}
	return http.StatusInternalServerError
}

// internal is the 500 for an integration's answer that makes no sense.
func internal(err error) error { return gwerr.New(gwerr.Default5XX, err) }

// errorResponse turns what a step returned into the answer, and notes it for logs.
func errorResponse(rc *reqcontext.Context, err error) *integration.Response {
	e := gwerr.From(err)
	status := statusOf(e)
	rc.Error = reqcontext.Error{Message: errorTexts[status], ResponseType: string(e.Type), Err: err}
	res := &integration.Response{Status: status, Header: http.Header{}}
	for name, values := range e.Header {
		res.Header[name] = values
	}
	res.Header["Content-Type"] = jsonType
	res.Body = []byte(`{"message":"` + errorTexts[status] + `"}`)
	return res
}

var jsonType = []string{"application/json"}
