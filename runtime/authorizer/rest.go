package authorizer

import (
	"context"
	"errors"
	"net/http"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

// REST guards one method of a REST API: its authorizer, joined with the API's
// resource policy. The zero value lets everybody pass.
type REST struct {
	// Policy is the resource policy; nil: the API has none.
	Policy *policy.Policy
	// Private says that the API is reached through VPC endpoints only.
	Private bool
	// Identity is the method's authorizer; nil: none.
	Identity Identity
}

// Identity finds out who calls, for a guard: *RESTLambda, *Cognito or *IAM.
type Identity interface {
	kind() (reqcontext.AuthorizerKind, string)
	// identify refuses with a *gwerr.Error who cannot be identified.
	identify(ctx context.Context, rc *reqcontext.Context, r *http.Request, arn string) (verdict, error)
}

// verdict is what an authorizer says of a caller it identified.
type verdict struct {
	outcome policy.Outcome
	caller  *AccessKey // nil: nobody who signs
	rule    rule
}

// rule says how a verdict and the resource policy make a decision.
type rule uint8

const (
	// either has to allow, and none of both to deny. AWS: callers of the API's own
	// account, Lambda authorizers.
	either rule = iota
	// both have to allow. AWS: callers of other accounts.
	both
	// policyToo: the policy has to allow where there is one. AWS: Cognito, and
	// methods without an authorizer.
	policyToo
)

var errPrivate = errors.New("a private API is called without a VPC endpoint")

// Authorize lets the request pass or refuses it with AWS's error.
func (g *REST) Authorize(ctx context.Context, rc *reqcontext.Context, r *http.Request) error {
	if g.Policy == nil && g.Identity == nil && !g.Private {
		return nil
	}
	arn := MethodARN(rc)
	err := g.authorize(ctx, rc, r, arn)
	a := &rc.Authorizer
	a.Decision = string(decision(err))
	if g.Identity == nil {
		return err
	}
	a.Kind, a.ID = g.Identity.kind()
	if err != nil {
		if why := gwerr.From(err).Err; why != nil {
			a.Error = why.Error()
		}
	}
	return err
}

func decision(err error) exchange.Decision {
	if err == nil {
		return exchange.Allow
	}
	e := gwerr.From(err)
	switch e.Type {
	case gwerr.Unauthorized, gwerr.InvalidSignature, gwerr.ExpiredToken, gwerr.MissingAuthenticationToken:
		return exchange.Unauthorized
	}
	if e.StatusCode() >= http.StatusInternalServerError {
		return exchange.Failed
	}
	return exchange.Deny
}

func (g *REST) authorize(ctx context.Context, rc *reqcontext.Context, r *http.Request, arn string) error {
	switch {
	case TooLong(rc):
		return &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusRequestURITooLong, Message: "Request URI too long"}
	case g.Private && rc.VPCEndpointID == "":
		return &gwerr.Error{Type: gwerr.ResourceNotFound, Status: http.StatusForbidden, Message: "Forbidden", Err: errPrivate}
	}
	v := verdict{rule: policyToo, outcome: policy.Allow}
	if g.Identity != nil {
		// AWS: what the policy forbids does not reach a Lambda authorizer. With
		// other authorizers the policy is judged once it is known who calls.
		if _, lambda := g.Identity.(*RESTLambda); lambda && g.Policy.Evaluate(request(rc, arn, nil)) == policy.Deny {
			return notAuthorized(nil, arn, true)
		}
		var err error
		if v, err = g.Identity.identify(ctx, rc, r, arn); err != nil {
			return err
		}
	}
	return g.decide(rc, arn, v)
}

// decide joins the authorizer's verdict and the resource policy.
func (g *REST) decide(rc *reqcontext.Context, arn string, v verdict) error {
	said := g.Policy.Evaluate(request(rc, arn, v.caller))
	if v.rule == policyToo && g.Policy == nil && !g.Private {
		said = policy.Allow // AWS: a private API is the one that needs a policy
	}
	switch outcome := v.rule.join(v.outcome, said); {
	case outcome == policy.Allow:
		return nil
	case v.rule == either && v.caller == nil && said != policy.Deny:
		return userRefused(outcome == policy.Deny)
	default:
		return notAuthorized(v.caller, arn, outcome == policy.Deny)
	}
}

// join is AWS's table of what an authorizer and a resource policy come to.
func (r rule) join(identity, resource policy.Outcome) policy.Outcome {
	switch {
	case identity == policy.Deny || resource == policy.Deny:
		return policy.Deny
	case identity == policy.Allow && resource == policy.Allow,
		r == either && (identity == policy.Allow || resource == policy.Allow):
		return policy.Allow
	}
	return policy.Silent
}

// userRefused is what a caller gets whom a Lambda authorizer's policy refuses.
func userRefused(explicit bool) error {
	text := "User is not authorized to access this resource"
	if explicit {
		text += " with an explicit deny"
	}
	return &gwerr.Error{Type: gwerr.AccessDenied, Message: text, Err: errRefused}
}

var errPolicy = errors.New("refused by policy")

// notAuthorized is what a caller gets whom a resource policy, or a policy of the
// caller's own, refuses.
func notAuthorized(caller *AccessKey, arn string, explicit bool) error {
	who := "anonymous"
	if caller != nil {
		who = caller.ARN
	}
	text := "User: " + who + " is not authorized to perform: " + policy.Invoke + " on resource: " + maskedARN(arn)
	if explicit {
		text += " with an explicit deny"
	}
	return &gwerr.Error{Type: gwerr.AccessDenied, Message: text, Err: errPolicy}
}
