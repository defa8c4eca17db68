package integration

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/postern/postern/runtime/reqcontext"
)

// Integration is one compiled integration. Invoke may be called concurrently. The
// request is the integration's from then on: it may change and keep its parts until
// it returns.
type Integration interface {
	Invoke(ctx context.Context, req *Request) (*Response, error)
}

// Request is what goes to the integration, with every mapping applied.
type Request struct {
	Context *reqcontext.Context

	// URL, Method and Header are for HTTP backends and AWS services.
	URL    *url.URL
	Method string
	Header http.Header

	// Body is the event of a Lambda function or the body for a backend. Stream,
	// where set, is sent instead of Body; Length is its size, -1 if unknown.
	Body   []byte
	Stream io.Reader
	Length int64

	// Region is for AWS services where it is not the integration's own.
	Region string

	// InvocationType is for Lambda functions: empty is RequestResponse.
	InvocationType string
	// SourceARN is what a function's policy is asked about:
	// arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path}.
	SourceARN string
}

// Response is what the integration answered, untouched.
type Response struct {
	Status int
	Header http.Header

	// Body is the whole body, unless Stream is set: then the body comes from
	// there, Length bytes or -1 if unknown, and whoever gets the Response closes it.
	Body   []byte
	Stream io.ReadCloser
	Length int64

	// FunctionError is Lambda's X-Amz-Function-Error; the body is then its error
	// object.
	FunctionError string
}

// Close releases a response whose stream is not wanted any more.
func (r *Response) Close() {
	if r.Stream != nil {
		// Only the connection is given up: there is nobody to tell.
		_ = r.Stream.Close()
	}
}
