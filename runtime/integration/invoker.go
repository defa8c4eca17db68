package integration

import (
	"context"
	"errors"
	"io"
)

// LambdaInvoker invokes Lambda functions on behalf of an API. The request's context
// bounds the call; when it ends the caller is answered, and the function runs on as
// it does on AWS.
//
// A function that failed is no error: it is a LambdaResponse with FunctionError.
// Errors wrap one of ErrNoPermission, ErrFunctionMissing, ErrThrottled,
// ErrPayloadTooLarge and a *PayloadError where one of them is the reason.
type LambdaInvoker interface {
	Invoke(ctx context.Context, req LambdaRequest) (LambdaResponse, error)
}

// InvokerFunc is a function that serves as a LambdaInvoker.
type InvokerFunc func(ctx context.Context, req LambdaRequest) (LambdaResponse, error)

// Invoke calls f.
func (f InvokerFunc) Invoke(ctx context.Context, req LambdaRequest) (LambdaResponse, error) {
	return f(ctx, req)
}

// Invocation types.
const (
	RequestResponse = "RequestResponse"
	Event           = "Event"
)

// Principal is who invokes functions for an API, as their policies name it.
const Principal = "apigateway.amazonaws.com"

// LambdaRequest is one call of a function.
type LambdaRequest struct {
	// FunctionARN is the function's ARN as the integration has it, with its
	// version or alias if it names one.
	FunctionARN    string
	Payload        []byte
	InvocationType string
	// Principal and SourceARN are what the function's resource policy is asked
	// about. CredentialsARN, where set, is a role whose policies decide instead.
	Principal      string
	SourceARN      string
	CredentialsARN string
	TraceID        string
	// Stream, where set, takes the function's answer as it comes: it is called once,
	// with the answer's content type, when the function begins to answer, and gets
	// every piece at once. It is not called for a function that fails before.
	Stream func(contentType string) io.Writer
}

// LambdaResponse is what came of a call.
type LambdaResponse struct {
	Payload         []byte
	FunctionError   string // Handled, Unhandled; empty: none
	StatusCode      int    // of the Lambda service: 200, 202 for Event
	RequestID       string
	ExecutedVersion string
}

// What keeps a function from being invoked.
var (
	ErrNoPermission    = errors.New("not permitted to invoke the function")
	ErrFunctionMissing = errors.New("function not found")
	ErrThrottled       = errors.New("function is throttled")
	ErrPayloadTooLarge = errors.New("payload is too large for the function")
)

// PayloadError is a payload that is no event for a function, in the service's words.
type PayloadError struct{ Message string }

func (e *PayloadError) Error() string { return e.Message }
