package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/throttle"
)

// route is a compiled route with the steps of its pipeline.
type route struct {
	key           string
	path          string // "/pets/{id}"; "$default" for the default route
	operationName string
	parts         []part
	variables     int // number of path variables

	limits     throttle.Limit
	authorizer authorizer
	target     *target
	now        func() time.Time
}

// authorizer says whether a request may go on, and notes in rc who it comes from.
type authorizer interface {
	Authorize(ctx context.Context, rc *reqcontext.Context, r *http.Request) error
}

// target is a compiled integration with what goes before and comes after the call.
type target struct {
	kind        string // integration type
	uri, method string
	request     requestBuilder
	integration integration.Integration
	response    responder
}

// requestBuilder makes the integration's request, parameter mapping included.
type requestBuilder interface {
	Build(rc *reqcontext.Context, r *http.Request, route *route) (*integration.Request, error)
}

// responder makes the client's response of what the integration answered.
type responder interface {
	Select(rc *reqcontext.Context, res *integration.Response) (*integration.Response, error)
}

// open is the step of a route that has no authorizer.
type open struct{}

func (open) Authorize(context.Context, *reqcontext.Context, *http.Request) error {
	return nil
}

var errNoTarget = errors.New("route has no integration")

func (rt *route) serve(ctx context.Context, rc *reqcontext.Context, r *http.Request) (*integration.Response, error) {
	if err := rt.limits.Allow(rc); err != nil {
		return nil, err
	}
	if err := rt.authorizer.Authorize(ctx, rc, r); err != nil {
		return nil, err
	}
	if rt.target == nil {
		return nil, internal(errNoTarget) // unverified against AWS: a route without target is legal, its answer unrecorded
	}
	rc.Integration.Type, rc.Integration.URI, rc.Integration.Method = rt.target.kind, rt.target.uri, rt.target.method
	req, err := rt.target.request.Build(rc, r, rt)
	if err != nil {
		return nil, err
	}
	start := rt.now()
	res, err := rt.target.integration.Invoke(ctx, req)
	rc.Integration.Latency = rt.now().Sub(start)
	if err != nil {
		return nil, err
	}
	return rt.target.response.Select(rc, res)
}

// compiler compiles one snapshot.
type compiler struct {
	*Type
	stage        *snapshot.Stage
	integrations map[string]*target
}

func (c *compiler) route(r *snapshot.HTTPRoute, key routeKey) *route {
	out := &route{
		key:           r.Key,
		path:          defaultKey,
		operationName: r.OperationName,
		parts:         key.parts,
		limits:        c.limits(r),
		authorizer:    c.authorizer(r),
		target:        c.integrations[r.IntegrationID],
		now:           c.deps.Now,
	}
	if key.parts != nil {
		_, out.path, _ = strings.Cut(r.Key, " ")
	}
	for _, p := range key.parts {
		if p.kind != literalPart {
			out.variables++
		}
	}
	return out
}

// limits gives a route its own bucket if the stage has settings for it, else the
// one that the stage's other routes share.
func (c *compiler) limits(r *snapshot.HTTPRoute) throttle.Limit {
	key := c.stage.API.ID + "/" + c.stage.Name
	settings, own := c.stage.HTTP.RouteSettings[r.Key]
	if own {
		key += "/" + r.Key
	} else {
		settings = c.stage.HTTP.Default
	}
	limit := throttle.Limit{Account: c.deps.Accounts.Of(c.stage.API.AccountID, c.stage.API.Region)}
	if t := settings.Throttle; t != nil {
		limit.Bucket = c.buckets.Bucket(key, t.Rate, t.Burst)
	}
	return limit
}

// sourceARN is what the policy of a function behind the route is asked about.
//
// AWS: the path is the route's own, variables and all, the method the request's.
func (rt *route) sourceARN(rc *reqcontext.Context) string {
	arn := "arn:aws:execute-api:" + rc.Region + ":" + rc.AccountID + ":" + rc.APIID + "/" + rc.Stage + "/"
	if rt.key == defaultKey {
		return arn + defaultKey
	}
	return arn + rc.Method + rt.path
}
