package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// lambdaAuthorizer is a TOKEN or REQUEST authorizer.
type lambdaAuthorizer struct {
	id         string
	token      bool
	sources    []source
	expression *regexp.Regexp // of a TOKEN's value; nil: any
	function   integration.Lambda
	sourceARN  string
	ttl        time.Duration
	results    *results
	now        func() time.Time
}

// results keeps what Lambda authorizers returned. It outlives stages.
type results struct {
	cache *otter.Cache[string, *authorization]
}

const maxResults = 10_000

// FlushAuthorizers forgets what a stage's authorizers returned.
func (t *Type) FlushAuthorizers(apiID, stage string) {
	prefix := resultKey(apiID, stage)
	for key := range t.results.cache.Keys() {
		if strings.HasPrefix(key, prefix) {
			t.results.cache.Invalidate(key)
		}
	}
}

func resultKey(apiID, stage string, rest ...string) string {
	return apiID + "\x00" + stage + "\x00" + strings.Join(rest, "\x00")
}

func newResults() *results {
	return &results{otter.Must(&otter.Options[string, *authorization]{MaximumSize: maxResults})}
}

// authorizerTimeout is how long AWS waits for a Lambda authorizer, unverified
// against AWS for REST APIs.
const authorizerTimeout = 10 * time.Second

func (c *compiler) lambdaAuthorizer(a *snapshot.RESTAuthorizer) (authorizer, error) {
	uri := expandStageVariables(a.URI, c.variables)
	arn, ok := integration.FunctionARN(uri)
	if !ok {
		return nil, fmt.Errorf("%s names no Lambda function", uri)
	}
	api := &c.stage.API
	out := &lambdaAuthorizer{
		id: a.ID, token: a.Type == "TOKEN", ttl: time.Duration(a.TTLSeconds) * time.Second, results: c.results, now: c.deps.Now,
		sourceARN: "arn:aws:execute-api:" + api.Region + ":" + api.AccountID + ":" + api.ID + "/authorizers/" + a.ID,
		function:  integration.Lambda{Invoker: c.deps.Lambda, FunctionARN: arn, CredentialsARN: expandStageVariables(a.Credentials, c.variables), Timeout: authorizerTimeout},
	}
	for expr := range strings.SplitSeq(a.IdentitySource, ",") {
		if expr = strings.TrimSpace(expr); expr == "" {
			continue
		}
		from, err := compileSource(expr)
		if err != nil {
			return nil, err
		}
		out.sources = append(out.sources, from)
	}
	if out.token && len(out.sources) != 1 {
		return nil, errors.New("a TOKEN authorizer has one identity source")
	}
	if a.ValidationExpression != "" {
		var err error
		if out.expression, err = regexp.Compile(`\A(?:` + a.ValidationExpression + `)\z`); err != nil {
			return nil, fmt.Errorf("identity validation expression: %w", err)
		}
	}
	return out, nil
}

// authorization is what a function said, before it is held against a request.
type authorization struct {
	policy    *policy.Policy
	principal string
	context   map[string]any
	usageKey  string
	expires   time.Time
}

var (
	errIdentity     = errors.New("an identity source is missing")
	errExpression   = errors.New("the token does not match the identity validation expression")
	errUnauthorized = errors.New("the function answered Unauthorized")
	errRefused      = errors.New("the authorizer's policy refuses")
)

// Authorize lets the request pass, or refuses it with 401, 403 or 500.
func (l *lambdaAuthorizer) Authorize(ctx context.Context, c *call) error {
	a := &c.rc.Authorizer
	a.Kind, a.ID = reqcontext.LambdaAuthorizer, l.id
	identity, err := l.identity(c)
	if err != nil {
		a.Decision = string(exchange.Unauthorized)
		return gwerr.New(gwerr.Unauthorized, err)
	}
	arn := c.methodARN()
	r, err := l.result(ctx, c, arn, identity)
	switch {
	case errors.Is(err, errUnauthorized):
		a.Decision = string(exchange.Unauthorized)
		return gwerr.New(gwerr.Unauthorized, err)
	case err != nil:
		a.Decision, a.Error = string(exchange.Failed), err.Error()
		return gwerr.New(gwerr.AuthorizerConfigurationError, fmt.Errorf("authorizer %s: %w", l.id, err))
	}
	a.PrincipalID, a.Context, c.usageKey = r.principal, r.context, r.usageKey
	outcome := r.policy.Evaluate(&policy.Request{Resource: arn, Values: auth.Conditions(c.rc)})
	if outcome == policy.Allow {
		a.Decision = string(exchange.Allow)
		return nil
	}
	a.Decision = string(exchange.Deny)
	text := "User is not authorized to access this resource"
	if outcome == policy.Deny {
		text += " with an explicit deny"
	}
	return &gwerr.Error{Type: gwerr.AccessDenied, Message: text, Err: errRefused}
}

func (l *lambdaAuthorizer) identity(c *call) ([]string, error) {
	values := make([]string, len(l.sources))
	for i, from := range l.sources {
		v, err := from(c, nil)
		if err != nil || len(v) == 0 || v[0] == "" {
			return nil, errIdentity
		}
		values[i] = v[0]
	}
	if l.expression != nil && l.token && !l.expression.MatchString(values[0]) {
		return nil, errExpression
	}
	return values, nil
}

// result asks the cache, then the function. AWS: refusals are kept like permissions,
// errors are not; and a result is kept whole, so that its policy is judged anew for
// every method.
func (l *lambdaAuthorizer) result(ctx context.Context, c *call, arn string, identity []string) (*authorization, error) {
	key := ""
	if l.ttl > 0 {
		key = resultKey(c.rc.APIID, c.rc.Stage, append([]string{l.id}, identity...)...)
		if r, ok := l.results.cache.GetIfPresent(key); ok && l.now().Before(r.expires) {
			c.rc.Authorizer.Cached = true
			return r, nil
		}
	}
	r, err := l.invoke(ctx, c, arn, identity)
	if err == nil && key != "" {
		r.expires = l.now().Add(l.ttl)
		l.results.cache.Set(key, r)
	}
	return r, err
}

func (l *lambdaAuthorizer) invoke(ctx context.Context, c *call, arn string, identity []string) (*authorization, error) {
	ctx, cancel := context.WithTimeout(ctx, l.function.Timeout)
	defer cancel()
	payload, err := l.event(c, arn, identity)
	if err != nil {
		return nil, err
	}
	start := l.now()
	out, err := l.function.Invoker.Invoke(ctx, integration.LambdaRequest{
		FunctionARN: l.function.FunctionARN, Payload: payload, InvocationType: integration.RequestResponse,
		Principal: integration.Principal, SourceARN: l.sourceARN, CredentialsARN: l.function.CredentialsARN, TraceID: c.rc.TraceID,
	})
	a := &c.rc.Authorizer
	a.Latency, a.Status, a.RequestID = l.now().Sub(start), out.StatusCode, out.RequestID
	switch {
	case err != nil:
		return nil, err
	case out.FunctionError != "" && errorMessage(out.Payload) == "Unauthorized":
		return nil, errUnauthorized
	case out.FunctionError != "":
		return nil, fmt.Errorf("function error: %s", out.FunctionError)
	}
	return readAuthorization(out.Payload)
}

// readAuthorization takes a function's answer. AWS: members that it does not know,
// and context values with parts, make the answer unusable.
func readAuthorization(payload []byte) (*authorization, error) {
	var answer struct {
		PrincipalID        *string         `json:"principalId"`
		PolicyDocument     json.RawMessage `json:"policyDocument"`
		Context            map[string]any  `json:"context"`
		UsageIdentifierKey string          `json:"usageIdentifierKey"`
	}
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	if err := dec.Decode(&answer); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if answer.PrincipalID == nil || len(answer.PolicyDocument) == 0 || string(answer.PolicyDocument) == "null" {
		return nil, errors.New("answer lacks principalId or policyDocument")
	}
	for name, v := range answer.Context {
		switch v.(type) {
		case map[string]any, []any:
			return nil, fmt.Errorf("context.%s is no text, number or boolean", name)
		}
	}
	p, err := policy.Parse(answer.PolicyDocument)
	if err != nil {
		return nil, err
	}
	return &authorization{policy: p, principal: *answer.PrincipalID, context: answer.Context, usageKey: answer.UsageIdentifierKey}, nil
}
