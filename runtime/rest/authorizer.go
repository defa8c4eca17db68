package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/event"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// FlushAuthorizers forgets what a stage's authorizers returned.
func (t *Type) FlushAuthorizers(apiID, stage string) { t.results.Reset(apiID, stage) }

// Forget drops what is kept for a stage that is gone.
func (t *Type) Forget(apiID, stage string) {
	t.results.Reset(apiID, stage)
	t.clusters.Close(apiID, stage)
}

// Reset forgets what authorizers returned, the keys of issuers, and cached answers.
func (t *Type) Reset() {
	t.results.ResetAll()
	t.clusters.Reset()
	t.deps.Keys.Reset()
}

// guard is a method's authorizer joined with the API's resource policy.
type guard struct{ auth.REST }

func (g *guard) Authorize(ctx context.Context, c *call) error {
	return g.REST.Authorize(ctx, c.rc, c.r)
}

// deny is the guard of a method whose own cannot run: nobody passes.
type deny struct{ err *gwerr.Error }

func (d deny) Authorize(context.Context, *call) error { return d.err }

// authorizer compiles what stands before a method.
func (c *compiler) authorizer(m *snapshot.RESTMethod) authorizer {
	g := &guard{auth.REST{Private: c.api.EndpointType == "PRIVATE"}}
	var err error
	if g.Identity, err = c.identity(m); err != nil {
		return deny{gwerr.New(gwerr.AuthorizerConfigurationError, fmt.Errorf("authorizer %s: %w", m.AuthorizerID, err))}
	}
	if c.api.Policy != "" {
		if g.Policy, err = c.resourcePolicy(); err != nil {
			return deny{&gwerr.Error{Type: gwerr.AccessDenied, Message: "User: anonymous is not authorized to perform: " + policy.Invoke, Err: err}}
		}
	}
	if g.REST == (auth.REST{}) {
		return open{}
	}
	return g
}

// resourcePolicy compiles the API's policy for the first method that asks.
func (c *compiler) resourcePolicy() (*policy.Policy, error) {
	if c.policy == nil {
		api := &c.stage.API
		var err error
		if c.policy, err = policy.ParseResource([]byte(c.api.Policy), "arn:aws:execute-api:"+api.Region+":"+api.AccountID+":"+api.ID); err != nil {
			return nil, err
		}
	}
	return c.policy, nil
}

// identity compiles a method's authorizer; nil: it has none.
func (c *compiler) identity(m *snapshot.RESTMethod) (auth.Identity, error) {
	switch m.AuthorizationType {
	case "", "NONE":
		return nil, nil
	case "AWS_IAM":
		return &auth.IAM{Keys: c.deps.AccessKeys, Now: c.deps.Now}, nil
	}
	for i := range c.api.Authorizers {
		if a := &c.api.Authorizers[i]; a.ID == m.AuthorizerID {
			if a.Type == "COGNITO_USER_POOLS" {
				return c.cognito(a, m.AuthorizationScopes)
			}
			return c.lambdaAuthorizer(a)
		}
	}
	return nil, errors.New("not deployed")
}

func (c *compiler) cognito(a *snapshot.RESTAuthorizer, scopes []string) (auth.Identity, error) {
	source := a.IdentitySource
	if source == "" {
		source = "method.request.header.Authorization"
	}
	sources, err := auth.CompileRESTSources(source)
	if err != nil {
		return nil, err
	}
	pools := make([]string, len(a.ProviderARNs))
	for i, arn := range a.ProviderARNs {
		pools[i] = expandStageVariables(arn, c.variables)
	}
	return identityOrError(auth.NewCognito(auth.CognitoConfig{
		ID: a.ID, Sources: sources, PoolARNs: pools, Validation: a.ValidationExpression, Scopes: scopes, Keys: c.deps.Keys, Now: c.deps.Now,
	}))
}

func (c *compiler) lambdaAuthorizer(a *snapshot.RESTAuthorizer) (auth.Identity, error) {
	uri := expandStageVariables(a.URI, c.variables)
	arn, ok := integration.FunctionARN(uri)
	if !ok {
		return nil, fmt.Errorf("%s names no Lambda function", uri)
	}
	sources, err := auth.CompileRESTSources(a.IdentitySource)
	if err != nil {
		return nil, err
	}
	f := auth.Function{
		ID: a.ID, ARN: arn, CredentialsARN: expandStageVariables(a.Credentials, c.variables), TTL: time.Duration(a.TTLSeconds) * time.Second,
		Invoker: c.deps.Lambda, Cache: c.results, Now: c.deps.Now, Event: c.requestEvent,
	}
	if a.Type == "TOKEN" {
		f.Event = tokenEvent
		return identityOrError(auth.NewToken(f, sources, a.ValidationExpression))
	}
	return auth.NewRequest(f, sources), nil
}

// identityOrError keeps a nil pointer from looking like an authorizer.
func identityOrError[T auth.Identity](a T, err error) (auth.Identity, error) {
	if err != nil {
		return nil, err
	}
	return a, nil
}

func tokenEvent(_ *reqcontext.Context, arn string, identity []string) []byte {
	return event.AppendToken(nil, arn, identity[0])
}

// requestEvent shows an API key that was sent, though nobody has judged it yet.
func (c *compiler) requestEvent(rc *reqcontext.Context, arn string, _ []string) []byte {
	shown := *rc
	if key := rc.Header.Get("X-Api-Key"); key != "" {
		shown.Identity.APIKey = key
		if c.deps.Usage != nil {
			shown.Identity.APIKeyID = c.deps.Usage.KeyID(key, rc.APIID, rc.Stage)
		}
	}
	asked := &call{rc: &shown}
	in := event.Input{Header: eventHeader(asked), Query: shown.Query(), Path: asked.eventPath()}
	return event.AppendAuthorizerREST(nil, &shown, &in, arn)
}
