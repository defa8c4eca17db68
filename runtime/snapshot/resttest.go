package snapshot

import (
	"net/http"
	"time"
)

// RESTTestRequest is a made-up request to one method, as TestInvokeMethod sends it.
type RESTTestRequest struct {
	ResourceID string
	HTTPMethod string // as it is configured: ANY for an ANY method
	Path       string // escaped, without a query; empty: the resource's own
	RawQuery   string
	Header     http.Header
	Body       []byte
}

// RESTTestResult is what came of it.
type RESTTestResult struct {
	Status  int
	Header  http.Header
	Body    []byte
	Log     string
	Latency time.Duration
}
