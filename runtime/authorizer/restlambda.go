package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/regex"
	"github.com/postern/postern/runtime/reqcontext"
)

// RESTLambda is a TOKEN or REQUEST authorizer of a REST API. It is judged by REST.
type RESTLambda struct {
	function Function
	sources  Sources
	token    bool
	valid    *regex.Regexp // what a token has to look like; nil: anyhow
}

// NewToken makes a TOKEN authorizer. Validation is what the token has to match before
// the function is asked; empty: anything.
func NewToken(f Function, sources Sources, validation string) (*RESTLambda, error) {
	if len(sources) != 1 {
		return nil, errors.New("a TOKEN authorizer has one identity source")
	}
	out := NewRequest(f, sources)
	out.token = true
	var err error
	out.valid, err = compileValidation(validation)
	return out, err
}

// NewRequest makes a REQUEST authorizer.
func NewRequest(f Function, sources Sources) *RESTLambda {
	f.read = readREST
	return &RESTLambda{function: f, sources: sources}
}

// compileValidation compiles an identity validation expression.
//
// unverified against AWS: the whole text has to match, as it has to elsewhere.
func compileValidation(expression string) (*regex.Regexp, error) {
	if expression == "" {
		return nil, nil
	}
	return regex.CompileWhole(expression)
}

func (l *RESTLambda) kind() (reqcontext.AuthorizerKind, string) {
	return reqcontext.LambdaAuthorizer, l.function.ID
}

// identify asks the function.
func (l *RESTLambda) identify(ctx context.Context, rc *reqcontext.Context, _ *http.Request, arn string) (verdict, error) {
	rc.Authorizer.Token = l.token
	identity, ok := l.sources.Values(rc)
	if !ok {
		return verdict{}, gwerr.New(gwerr.Unauthorized, errIdentity)
	}
	if l.valid != nil && !l.valid.MatchString(identity[0]) {
		return verdict{}, gwerr.New(gwerr.Unauthorized, errors.New("the token does not match the validation expression"))
	}
	r, err := l.function.result(ctx, rc, arn, identity)
	var failed *thrown
	switch {
	case errors.As(err, &failed) && failed.message == "Unauthorized":
		return verdict{}, gwerr.New(gwerr.Unauthorized, err)
	case err != nil:
		return verdict{}, gwerr.New(gwerr.AuthorizerConfigurationError, fmt.Errorf("authorizer %s: %w", l.function.ID, err))
	}
	a := &rc.Authorizer
	a.PrincipalID, a.Context, a.UsageKey = r.principalID, r.context, r.usageKey
	return verdict{outcome: r.policy.Evaluate(request(rc, arn, nil)), rule: either}, nil
}

// maxResult is the largest answer that AWS takes.
const maxResult = 8 << 10

var restMembers = []string{"principalId", "policyDocument", "context", "usageIdentifierKey"}

// readREST takes the function's answer.
//
// AWS: principalId and policyDocument are required, members that are not known are
// errors, and so are lists and objects in context; a null there is left out.
func readREST(payload []byte) (*result, error) {
	if len(payload) > maxResult {
		return nil, fmt.Errorf("answer is over %d bytes", maxResult)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(payload, &members); err != nil {
		return nil, err
	}
	for name := range members {
		if !slices.Contains(restMembers, name) {
			return nil, fmt.Errorf("unrecognized field %q", name)
		}
	}
	var a struct {
		PrincipalID        any            `json:"principalId"`
		Context            map[string]any `json:"context"`
		UsageIdentifierKey *string        `json:"usageIdentifierKey"`
	}
	if err := readAnswer(payload, &a); err != nil {
		return nil, err
	}
	r := &result{context: a.Context}
	if a.UsageIdentifierKey != nil {
		r.usageKey = *a.UsageIdentifierKey
	}
	switch a.PrincipalID.(type) {
	case string, json.Number, bool:
		r.principalID = reqcontext.Text(a.PrincipalID)
	default:
		return nil, errors.New("principalId is missing")
	}
	for name, v := range a.Context {
		switch v.(type) {
		case nil:
			delete(a.Context, name)
		case string, json.Number, bool:
		default:
			return nil, fmt.Errorf("context value %q is neither text nor a number nor a truth value", name)
		}
	}
	if members["policyDocument"] == nil {
		return nil, errNoPolicy
	}
	var err error
	r.policy, err = policy.ParseReturned(members["policyDocument"])
	return r, err
}
