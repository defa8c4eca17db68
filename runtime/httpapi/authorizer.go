package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/event"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// deny stands for an authorizer that cannot run here: the request never passes.
type deny struct{ err error }

func (d deny) Authorize(context.Context, *reqcontext.Context, *http.Request) error { return d.err }

// bounded refuses requests with too long an ARN and asks the authorizer about others.
type bounded struct{ authorizer }

func (b bounded) Authorize(ctx context.Context, rc *reqcontext.Context, r *http.Request) error {
	if auth.TooLong(rc) {
		return &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusRequestURITooLong}
	}
	return b.authorizer.Authorize(ctx, rc, r)
}

// authorizer compiles what stands before a route.
func (c *compiler) authorizer(r *snapshot.HTTPRoute) authorizer {
	if r.AuthorizationType == "" || r.AuthorizationType == "NONE" {
		return open{}
	}
	return bounded{c.guard(r)}
}

func (c *compiler) guard(r *snapshot.HTTPRoute) authorizer {
	if r.AuthorizationType == "AWS_IAM" {
		return &auth.IAM{Keys: c.deps.AccessKeys, Now: c.deps.Now}
	}
	a, err := c.byID(r)
	if err != nil {
		return deny{gwerr.New(gwerr.AuthorizerConfigurationError, fmt.Errorf("authorizer %s: %w", r.AuthorizerID, err))}
	}
	return a
}

func (c *compiler) byID(r *snapshot.HTTPRoute) (authorizer, error) {
	list := c.stage.HTTP.Deployment.Authorizers
	for i := range list {
		a := &list[i]
		if a.ID != r.AuthorizerID {
			continue
		}
		sources, err := auth.CompileSources(a.IdentitySources)
		if err != nil {
			return nil, err
		}
		if a.Type == "JWT" {
			return &auth.JWT{
				ID: a.ID, Issuer: a.Issuer, Audience: a.Audience, Sources: sources, Scopes: r.Scopes, Keys: c.deps.Keys, Now: c.deps.Now,
			}, nil
		}
		return c.lambdaAuthorizer(a, sources)
	}
	return nil, errors.New("not deployed")
}

func (c *compiler) lambdaAuthorizer(a *snapshot.HTTPAuthorizer, sources auth.Sources) (authorizer, error) {
	uri := c.substitute(a.URI)
	arn, ok := integration.FunctionARN(uri)
	if !ok {
		return nil, fmt.Errorf("%s names no Lambda function", uri)
	}
	encode := event.AppendAuthorizerV1
	if a.PayloadFormat == "2.0" {
		encode = event.AppendAuthorizerV2
	}
	f := auth.Function{
		ID: a.ID, ARN: arn, CredentialsARN: c.substitute(a.CredentialsARN), TTL: time.Duration(a.TTLSeconds) * time.Second,
		Form:    fmt.Sprint(a.PayloadFormat, a.SimpleResponses, a.IdentitySources, arn),
		Invoker: c.deps.Lambda, Cache: c.results, Now: c.deps.Now,
		Event: func(rc *reqcontext.Context, arn string, identity []string) []byte {
			in := event.Input{Header: eventHeader(rc), Query: rc.Query(), RawQuery: rc.RawQuery, Path: eventPath(rc, a.PayloadFormat == "2.0", "")}
			return encode(nil, rc, &in, arn, identity)
		},
	}
	return auth.NewLambda(f, sources, a.SimpleResponses), nil
}
