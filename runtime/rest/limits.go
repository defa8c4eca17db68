package rest

import (
	"fmt"
	"net/http"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/limits"
)

// AWS's limits of what comes in.
const (
	maxPayload = limits.Payload
	maxURL     = 10240 // characters
	maxEdgeURL = 8192  // those of edge-optimized APIs
	edge       = "EDGE"
)

// checkSize refuses what is too large before anything else is looked at.
//
// unverified against AWS: the status and the text for headers, and that the text for
// a URL is that for a method's ARN.
func (c *call) checkSize() *gwerr.Error {
	rc := c.rc
	url, most := len(rc.Path), maxURL
	if rc.RawQuery != "" {
		url += len("?") + len(rc.RawQuery)
	}
	if rc.EndpointType == edge {
		most = maxEdgeURL
	}
	if url > most {
		return &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusRequestURITooLong, Message: "Request URI too long"}
	}
	head := len(rc.Method) + len("  HTTP/1.1") + url + len(rc.Host)
	for _, values := range rc.Header {
		for _, v := range values {
			head += len(v)
		}
	}
	if head > limits.Head {
		return &gwerr.Error{
			Type: gwerr.Default4XX, Status: http.StatusRequestHeaderFieldsTooLarge,
			Message: fmt.Sprintf("HTTP header is larger than %d bytes.", limits.Head),
		}
	}
	if c.r.ContentLength > maxPayload {
		return gwerr.New(gwerr.RequestTooLarge, errPayload)
	}
	return nil
}
