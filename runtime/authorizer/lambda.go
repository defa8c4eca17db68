package authorizer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// lambdaTimeout is how long AWS waits for a Lambda authorizer.
const lambdaTimeout = 10 * time.Second

// Lambda is a REQUEST authorizer of an HTTP API.
type Lambda struct {
	ID             string
	FunctionARN    string
	CredentialsARN string
	Sources        Sources
	Simple         bool // answers isAuthorized in place of a policy
	TTL            time.Duration
	Invoker        integration.LambdaInvoker
	Cache          *Cache
	Now            func() time.Time
	// Event builds the function's event.
	Event func(rc *reqcontext.Context, arn string, identity []string) []byte
}

// result is what a function said, before it is held against a request.
type result struct {
	allowed     bool           // simple
	policy      *policy.Policy // not simple
	principalID string
	context     map[string]any
	expires     time.Time
}

// Authorize lets the request pass, or refuses it with 401, 403 or 500.
func (l *Lambda) Authorize(ctx context.Context, rc *reqcontext.Context) error {
	a := &rc.Authorizer
	a.Kind, a.ID = reqcontext.LambdaAuthorizer, l.ID
	identity, ok := l.Sources.Values(rc)
	if !ok {
		a.Decision = string(exchange.Unauthorized)
		return gwerr.New(gwerr.Unauthorized, errors.New("an identity source is missing"))
	}
	arn := MethodARN(rc)
	r, err := l.result(ctx, rc, arn, identity)
	if err != nil {
		a.Decision, a.Error = string(exchange.Failed), err.Error()
		return gwerr.New(gwerr.AuthorizerFailure, fmt.Errorf("authorizer %s: %w", l.ID, err))
	}
	a.PrincipalID, a.Context = r.principalID, r.context
	if l.Simple && !r.allowed || !l.Simple && r.policy.Evaluate(&policy.Request{Resource: arn, Values: Conditions(rc)}) != policy.Allow {
		a.Decision = string(exchange.Deny)
		return gwerr.New(gwerr.AccessDenied, errors.New("the authorizer refused"))
	}
	a.Decision = string(exchange.Allow)
	return nil
}

func (l *Lambda) result(ctx context.Context, rc *reqcontext.Context, arn string, identity []string) (*result, error) {
	key := ""
	if l.TTL > 0 {
		key = cacheKey(rc.APIID, rc.Stage, l.ID, identity)
		if r := l.Cache.get(key); r != nil {
			rc.Authorizer.Cached = true
			return r, nil
		}
	}
	r, err := l.call(ctx, rc, arn, identity)
	// AWS: refusals are kept like permissions, errors are not.
	if err == nil && key != "" {
		l.Cache.put(key, r, l.TTL)
	}
	return r, err
}

func (l *Lambda) call(ctx context.Context, rc *reqcontext.Context, arn string, identity []string) (*result, error) {
	ctx, cancel := context.WithTimeout(ctx, lambdaTimeout)
	defer cancel()
	start := l.Now()
	out, err := l.Invoker.Invoke(ctx, integration.LambdaRequest{
		FunctionARN:    l.FunctionARN,
		Payload:        l.Event(rc, arn, identity),
		InvocationType: integration.RequestResponse,
		Principal:      integration.Principal,
		SourceARN:      "arn:aws:execute-api:" + rc.Region + ":" + rc.AccountID + ":" + rc.APIID + "/authorizers/" + l.ID,
		CredentialsARN: l.CredentialsARN,
		TraceID:        rc.TraceID,
	})
	a := &rc.Authorizer
	a.Latency, a.Status, a.RequestID = l.Now().Sub(start), out.StatusCode, out.RequestID
	switch {
	case err != nil:
		return nil, err
	case out.FunctionError != "":
		return nil, fmt.Errorf("function error: %s", out.FunctionError)
	}
	return l.read(out.Payload)
}

// read takes the function's answer.
//
// AWS: an answer of the form that is not configured is an error and no refusal.
func (l *Lambda) read(payload []byte) (*result, error) {
	var answer struct {
		IsAuthorized   *bool           `json:"isAuthorized"`
		PrincipalID    string          `json:"principalId"`
		PolicyDocument json.RawMessage `json:"policyDocument"`
		Context        map[string]any  `json:"context"`
	}
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber() // numbers reach the integration as they were written
	if err := dec.Decode(&answer); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	r := &result{principalID: answer.PrincipalID, context: answer.Context}
	if l.Simple {
		if answer.IsAuthorized == nil {
			return nil, errors.New("answer has no isAuthorized")
		}
		r.allowed = *answer.IsAuthorized
		return r, nil
	}
	if len(answer.PolicyDocument) == 0 || string(answer.PolicyDocument) == "null" {
		return nil, errors.New("answer has no policyDocument")
	}
	var err error
	r.policy, err = policy.Parse(answer.PolicyDocument)
	return r, err
}

// MethodARN names the request for policies: its own method and path, not the
// route's.
func MethodARN(rc *reqcontext.Context) string {
	return "arn:aws:execute-api:" + rc.Region + ":" + rc.AccountID + ":" + rc.APIID + "/" + rc.Stage + "/" + rc.Method + rc.RoutePath
}
