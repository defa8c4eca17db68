package snapshot

import (
	"net/http"
	"time"
)

// RESTTestRequest is a made-up request to one method, as TestInvokeMethod sends it.
type RESTTestRequest struct {
	ResourceID string
	HTTPMethod string // ANY, or what an ANY method takes too; empty for an authorizer
	Path       string // escaped, without a query; empty: the resource's own
	RawQuery   string
	Header     http.Header // named as the caller wrote it
	Body       []byte
	// Context are $context variables that the test gives other values; unknown ones
	// are an error.
	Context map[string]string
}

// RESTTestResult is what came of it.
type RESTTestResult struct {
	Status  int
	Header  http.Header
	Body    []byte
	Log     string
	Latency time.Duration
}

// RESTAuthorizerResult is what came of asking an authorizer.
type RESTAuthorizerResult struct {
	ClientStatus int // 0: the caller would have been known
	PrincipalID  string
	Policy       string
	Claims       map[string]string
	Log          string
	Latency      time.Duration
}

// UnknownContextError says that a test sets a variable that it cannot.
type UnknownContextError struct{ Name string }

func (e *UnknownContextError) Error() string { return "no $context variable " + e.Name + " can be set" }
