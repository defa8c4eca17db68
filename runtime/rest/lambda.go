package rest

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern/postern/runtime/event"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
)

// lambdaProxy makes the event of an AWS_PROXY integration.
type lambdaProxy struct {
	parameters requestParameters // for the check only: their values go nowhere
}

func (b *lambdaProxy) Build(_ context.Context, c *call) (*integration.Request, error) {
	if err := b.parameters.check(); err != nil {
		return nil, err
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	binary := c.deployment.binary.matches(c.r.Header.Get("Content-Type"))
	if !binary {
		body = validText(body)
	}
	header := eventHeader(c)
	if signed(c, header) {
		delete(header, "Authorization")
	}
	in := event.Input{
		Header: header, Query: c.rc.Query(), RawQuery: c.rc.RawQuery, Path: c.eventPath(),
		Body: body, Base64: binary && len(body) > 0,
	}
	buf := make([]byte, 0, 3072+len(body)*4/3)
	buf = event.AppendREST(buf, c.rc, &in)
	return &integration.Request{Context: c.rc, Body: buf, SourceARN: c.m.sourceARN(c.rc)}, nil
}

// misconfigured stands for an integration that can never be called.
type misconfigured struct {
	kind gwerr.Type
	err  error
}

// Invoke implements integration.Integration.
func (m misconfigured) Invoke(_ context.Context, req *integration.Request) (*integration.Response, error) {
	req.Context.Integration.Error = m.err.Error()
	// AWS: all of these are a 500, whatever the type's own status.
	return nil, &gwerr.Error{Type: m.kind, Status: 500, Message: "Internal server error", Err: m.err}
}

var errNotPost = errors.New("functions are invoked with POST only")

// lambdaIntegration makes the call of a function. A URI that names none is found out
// by whoever calls, not at deployment.
func (c *compiler) lambdaIntegration(uri, method, credentials string, timeoutMillis int) integration.Integration {
	arn, ok := integration.FunctionARN(uri)
	switch {
	case !ok:
		return misconfigured{gwerr.APIConfigurationError, fmt.Errorf("%w: %s", errEndpoint, uri)}
	case method != "POST":
		return misconfigured{gwerr.IntegrationFailure, errNotPost}
	}
	return &integration.Lambda{Invoker: c.deps.Lambda, FunctionARN: arn, CredentialsARN: credentials, Timeout: millis(timeoutMillis)}
}
