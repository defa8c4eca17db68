package authorizer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

// Lambda is a REQUEST authorizer of an HTTP API.
type Lambda struct {
	function Function
	sources  Sources
	simple   bool
}

// NewLambda makes an authorizer. Simple says that the function answers isAuthorized
// in place of a policy.
func NewLambda(f Function, sources Sources, simple bool) *Lambda {
	f.read = readPolicy
	if simple {
		f.read = readSimple
	}
	return &Lambda{function: f, sources: sources, simple: simple}
}

// Authorize lets the request pass, or refuses it with 401, 403 or 500.
func (l *Lambda) Authorize(ctx context.Context, rc *reqcontext.Context, _ *http.Request) error {
	a := &rc.Authorizer
	// Only now: the function's own event shows no authorizer.
	defer func() { a.Kind, a.ID = reqcontext.LambdaAuthorizer, l.function.ID }()
	identity, ok := l.sources.Values(rc)
	if !ok {
		a.Decision = string(exchange.Unauthorized)
		return gwerr.New(gwerr.Unauthorized, errIdentity)
	}
	arn := MethodARN(rc)
	r, err := l.function.result(ctx, rc, arn, identity)
	if err != nil {
		// AWS: any failure is a 500, a function that throws Unauthorized too.
		a.Decision, a.Error = string(exchange.Failed), err.Error()
		return gwerr.New(gwerr.AuthorizerFailure, fmt.Errorf("authorizer %s: %w", l.function.ID, err))
	}
	a.PrincipalID, a.Context = r.principalID, r.context
	if l.simple && !r.allowed || !l.simple && r.policy.Evaluate(request(rc, arn, nil)) != policy.Allow {
		a.Decision = string(exchange.Deny)
		return gwerr.New(gwerr.AccessDenied, errRefused)
	}
	a.Decision = string(exchange.Allow)
	return nil
}

var (
	errIdentity = errors.New("an identity source is missing")
	errRefused  = errors.New("the authorizer refused")
)

// answer is what functions of HTTP APIs return. Members that are not known are left
// aside.
type answer struct {
	IsAuthorized   *bool           `json:"isAuthorized"`
	PrincipalID    string          `json:"principalId"`
	PolicyDocument json.RawMessage `json:"policyDocument"`
	Context        map[string]any  `json:"context"`
}

// readAnswer keeps numbers as they were written: so they reach the integration.
func readAnswer(payload []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	return dec.Decode(into)
}

// AWS: an answer of the form that is not configured is an error and no refusal.
func readSimple(payload []byte) (*result, error) {
	var a answer
	if err := readAnswer(payload, &a); err != nil {
		return nil, err
	}
	if a.IsAuthorized == nil {
		return nil, errors.New("isAuthorized is missing")
	}
	return &result{allowed: *a.IsAuthorized, principalID: a.PrincipalID, context: a.Context}, nil
}

func readPolicy(payload []byte) (*result, error) {
	var a answer
	if err := readAnswer(payload, &a); err != nil {
		return nil, err
	}
	if len(a.PolicyDocument) == 0 {
		return nil, errNoPolicy
	}
	p, err := policy.Parse(a.PolicyDocument)
	return &result{policy: p, principalID: a.PrincipalID, context: a.Context}, err
}

var errNoPolicy = errors.New("policyDocument is missing")
