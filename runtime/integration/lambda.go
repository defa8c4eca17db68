package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/gwerr"
)

// Lambda invokes a function. The request's Body is its event, the response's Body
// is its result.
type Lambda struct {
	Invoker        LambdaInvoker
	FunctionARN    string // see FunctionARN
	CredentialsARN string
	Timeout        time.Duration
	// Streaming gives the answer as it comes. It is given up when it stands still for
	// as long as Idle says.
	Streaming bool
	Idle      time.Duration
}

var _ Integration = (*Lambda)(nil)

var errUnsigned = errors.New("the caller did not sign the request")

// permissionText is what AWS writes to access logs when a function may not be
// invoked.
const permissionText = "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again."

// Invoke calls the function.
func (l *Lambda) Invoke(ctx context.Context, req *Request) (*Response, error) {
	in := &req.Context.Integration
	in.Called, in.FunctionARN = true, l.FunctionARN
	kind := req.InvocationType
	if kind == "" {
		kind = RequestResponse
	}
	call := LambdaRequest{
		FunctionARN:    l.FunctionARN,
		Payload:        req.Body,
		InvocationType: kind,
		Principal:      Principal,
		SourceARN:      req.SourceARN,
		CredentialsARN: l.CredentialsARN,
		TraceID:        req.Context.TraceID,
	}
	if l.CredentialsARN == CallerCredentials {
		if call.CredentialsARN = req.Context.Identity.UserARN; call.CredentialsARN == "" {
			return nil, l.failed(ctx, req, &RoleError{Role: CallerCredentials, Why: errUnsigned})
		}
	}
	if l.Streaming {
		return l.stream(ctx, req, call)
	}
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	out, err := l.Invoker.Invoke(ctx, call)
	return l.response(ctx, req, out, err)
}

// response is the answer of an invocation that is over.
func (l *Lambda) response(ctx context.Context, req *Request, out LambdaResponse, err error) (*Response, error) {
	in := &req.Context.Integration
	in.ServiceStatus, in.RequestID = out.StatusCode, out.RequestID
	if err != nil {
		return nil, l.failed(ctx, req, err)
	}
	if out.FunctionError != "" {
		in.Error = "The function returned an error: " + out.FunctionError
	}
	return &Response{Status: out.StatusCode, Body: out.Payload, FunctionError: out.FunctionError}, nil
}

// failed gives a refusal of the Lambda service the type that a REST API answers it
// with; the reason stays in the chain for API types that tell them apart.
func (l *Lambda) failed(ctx context.Context, req *Request, err error) error {
	in := &req.Context.Integration
	in.Error = err.Error()
	err = fmt.Errorf("invoke %s: %w", l.FunctionARN, err)
	var payload *PayloadError
	switch {
	case errors.Is(err, ErrAssumeRole):
		return gwerr.New(gwerr.APIConfigurationError, err)
	case errors.Is(err, ErrNoPermission):
		in.ServiceStatus, in.Error = http.StatusForbidden, permissionText
		return gwerr.New(gwerr.APIConfigurationError, err)
	case errors.Is(err, ErrFunctionMissing):
		in.ServiceStatus = http.StatusNotFound
		return gwerr.New(gwerr.APIConfigurationError, err)
	case errors.Is(err, ErrThrottled):
		in.ServiceStatus = http.StatusTooManyRequests
		return gwerr.New(gwerr.APIConfigurationError, err)
	case errors.Is(err, ErrPayloadTooLarge):
		in.ServiceStatus = http.StatusRequestEntityTooLarge
		return gwerr.New(gwerr.RequestTooLarge, err)
	case errors.As(err, &payload):
		// AWS: a template that makes no JSON is the client's fault, who is told where.
		in.ServiceStatus = http.StatusBadRequest
		return &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusBadRequest, Message: payload.Message, Err: err}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return gwerr.New(gwerr.IntegrationTimeout, err)
	}
	return gwerr.New(gwerr.Default5XX, err)
}

var invocationPath = lazyregexp.New(`^arn:[^:]+:apigateway:[^:]*:lambda:path/[^/]+/functions/(.+)/(?:invocations|response-streaming-invocations)$`)

// FunctionARN finds the function's ARN in an integration URI: the plain ARN, or
// API Gateway's own form arn:aws:apigateway:{region}:lambda:path/…/functions/{ARN}/invocations.
func FunctionARN(uri string) (string, bool) {
	if m := invocationPath().FindStringSubmatch(uri); m != nil {
		return m[1], true
	}
	if parts := strings.SplitN(uri, ":", 7); len(parts) == 7 && parts[0] == "arn" && parts[2] == "lambda" {
		return uri, true
	}
	return "", false
}
