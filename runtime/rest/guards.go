package rest

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// A guard that cannot run denies. deny is the authorizer of a method whose
// authorization type is not served here.
type deny struct{ err *gwerr.Error }

func (d deny) Authorize(context.Context, *call) error { return d.err }

func (c *compiler) authorizer(m *snapshot.RESTMethod) authorizer {
	switch {
	case c.api.Policy != "":
		// A policy nobody judged must not let anybody in.
		return deny{&gwerr.Error{
			Type: gwerr.AccessDenied, Message: "User: anonymous is not authorized to perform: execute-api:Invoke",
			Err: errors.New("resource policies are not judged"),
		}}
	case m.AuthorizationType == "" || m.AuthorizationType == "NONE":
		return open{}
	case m.AuthorizationType == "AWS_IAM":
		return deny{gwerr.New(gwerr.MissingAuthenticationToken, errors.New("signatures are not verified"))}
	}
	return deny{gwerr.New(gwerr.AuthorizerConfigurationError, fmt.Errorf("authorizers of type %s are not run", m.AuthorizationType))}
}

// emptyRequest goes to an integration that will not make use of it.
type emptyRequest struct{}

func (emptyRequest) Build(_ context.Context, c *call) (*integration.Request, error) {
	return &integration.Request{Context: c.rc}, nil
}
