package authorizer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// functionTimeout is how long AWS waits for a Lambda authorizer.
//
// unverified against AWS: that of REST APIs waits no longer than that of HTTP APIs.
const functionTimeout = 10 * time.Second

// Function is the Lambda function behind an authorizer.
type Function struct {
	ID             string // of the authorizer
	ARN            string
	CredentialsARN string
	// Form tells how the function is asked and its answer read: what is kept in one
	// form is of no use in another.
	Form    string
	TTL     time.Duration // 0: nothing is kept
	Invoker integration.LambdaInvoker
	Cache   *Cache
	Now     func() time.Time
	// Event builds the function's event.
	Event func(rc *reqcontext.Context, arn string, identity []string) []byte
	// read makes a result of the function's answer.
	read func(payload []byte) (*result, error)
}

// result is what a function said, before it is held against a request.
type result struct {
	allowed     bool           // of a simple answer
	policy      *policy.Policy // of any other
	principalID string
	context     map[string]any
	usageKey    string
	expires     time.Time
}

// thrown is an error that the function returned.
type thrown struct{ kind, message string }

func (t *thrown) Error() string { return t.kind + " function error: " + t.message }

// result finds what the function says of an identity: kept, or asked for now.
func (f *Function) result(ctx context.Context, rc *reqcontext.Context, arn string, identity []string) (*result, error) {
	ask := func(ctx context.Context) (*result, error) { return f.call(ctx, rc, arn, identity) }
	if f.TTL <= 0 || len(identity) == 0 {
		return ask(ctx)
	}
	r, asked, err := f.Cache.result(ctx, cacheKey(rc.APIID, rc.Stage, f.ID, f.Form, identity), f.TTL, ask)
	rc.Authorizer.Cached = err == nil && !asked
	return r, err
}

func (f *Function) call(ctx context.Context, rc *reqcontext.Context, arn string, identity []string) (*result, error) {
	ctx, cancel := context.WithTimeout(ctx, functionTimeout)
	defer cancel()
	start, payload := f.Now(), f.Event(rc, arn, identity)
	out, err := f.Invoker.Invoke(ctx, integration.LambdaRequest{
		FunctionARN:    f.ARN,
		Payload:        payload,
		InvocationType: integration.RequestResponse,
		Principal:      integration.Principal,
		SourceARN:      apiARN(rc) + "/authorizers/" + f.ID,
		CredentialsARN: f.CredentialsARN,
		TraceID:        rc.TraceID,
	})
	a := &rc.Authorizer
	a.Latency, a.Status, a.RequestID = f.Now().Sub(start), out.StatusCode, out.RequestID
	a.Asked, a.Answered = payload, out.Payload
	switch {
	case err != nil:
		return nil, err
	case out.FunctionError != "":
		var e struct{ ErrorMessage string }
		// An error without a message has none to compare with.
		_ = json.Unmarshal(out.Payload, &e)
		return nil, &thrown{out.FunctionError, e.ErrorMessage}
	}
	r, err := f.read(out.Payload)
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return r, nil
}
