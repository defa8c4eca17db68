package rest

import (
	"context"
	"errors"
	"fmt"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// deny is the guard of a method whose own cannot run here: nobody passes.
type deny struct{ err *gwerr.Error }

func (d deny) Authorize(context.Context, *call) error { return d.err }

// authorizer compiles what stands before a method: the API's resource policy and
// the method's authorization.
func (c *compiler) authorizer(m *snapshot.RESTMethod) authorizer {
	inner := c.methodAuthorizer(m)
	if c.api.Policy == "" {
		return inner
	}
	api := &c.stage.API
	p, err := policy.ParseResource([]byte(c.api.Policy), "arn:aws:execute-api:"+api.Region+":"+api.AccountID+":"+api.ID)
	if err != nil {
		return deny{&gwerr.Error{Type: gwerr.AccessDenied, Message: "User: anonymous is not authorized to perform: execute-api:Invoke", Err: err}}
	}
	_, isOpen := inner.(open)
	return &resourcePolicy{policy: p, inner: inner, alone: isOpen}
}

func (c *compiler) methodAuthorizer(m *snapshot.RESTMethod) authorizer {
	switch m.AuthorizationType {
	case "", "NONE":
		return open{}
	case "AWS_IAM":
		return deny{gwerr.New(gwerr.MissingAuthenticationToken, errors.New("signatures are not verified"))}
	case "CUSTOM":
		for i := range c.api.Authorizers {
			if a := &c.api.Authorizers[i]; a.ID == m.AuthorizerID && a.Type != "COGNITO_USER_POOLS" {
				l, err := c.lambdaAuthorizer(a)
				if err == nil {
					return l
				}
				return deny{gwerr.New(gwerr.AuthorizerConfigurationError, fmt.Errorf("authorizer %s: %w", a.ID, err))}
			}
		}
	}
	return deny{gwerr.New(gwerr.AuthorizerConfigurationError, fmt.Errorf("authorization of type %s does not run here", m.AuthorizationType))}
}

// resourcePolicy is an API's resource policy before a method's own authorization.
//
// AWS: an explicit Deny refuses before an authorizer is asked. Without one the
// policy has to allow; with one that allows, a policy that is silent is enough.
type resourcePolicy struct {
	policy *policy.Policy
	inner  authorizer
	alone  bool // the method has no authorization of its own
}

var errPolicy = errors.New("the resource policy refuses")

func (p *resourcePolicy) Authorize(ctx context.Context, c *call) error {
	outcome := p.policy.Evaluate(&policy.Request{Resource: c.methodARN(), Values: auth.Conditions(c.rc)})
	if outcome == policy.Deny || p.alone && outcome != policy.Allow {
		return policyRefusal(c, outcome)
	}
	return p.inner.Authorize(ctx, c)
}

func policyRefusal(c *call, outcome policy.Outcome) error {
	masked := *c.rc
	if n := len(masked.AccountID); n > 4 {
		masked.AccountID = "********" + masked.AccountID[n-4:]
	}
	text := "User: anonymous is not authorized to perform: execute-api:Invoke on resource: " + (&call{rc: &masked}).methodARN()
	if outcome == policy.Deny {
		text += " with an explicit deny"
	}
	return &gwerr.Error{Type: gwerr.AccessDenied, Message: text, Err: errPolicy}
}

// emptyRequest goes to an integration that will not make use of it.
type emptyRequest struct{}

func (emptyRequest) Build(_ context.Context, c *call) (*integration.Request, error) {
	return &integration.Request{Context: c.rc}, nil
}
