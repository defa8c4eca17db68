package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

var (
	_ runtime.APIType = (*Type)(nil)
	_ runtime.Stage   = (*stage)(nil)
)

// stage is a compiled stage.
type stage struct {
	router router
	cors   *cors
}

// Compile makes a snapshot ready to serve.
func (t *Type) Compile(s *snapshot.Stage) (runtime.Stage, error) {
	d := s.HTTP.Deployment
	out := &stage{cors: compileCORS(d.CORS)}
	c := compiler{Type: t, stage: s, integrations: map[string]*target{}}
	for i := range d.Integrations {
		c.integrations[d.Integrations[i].ID] = c.integration(&d.Integrations[i])
	}
	for i := range d.Routes {
		r := &d.Routes[i]
		key, err := parseRouteKey(r.Key)
		if err != nil {
			return nil, err
		}
		if err := out.router.add(key, c.route(r, key)); err != nil {
			return nil, fmt.Errorf("route %s: %w", r.Key, err)
		}
	}
	return out, nil
}

// Serve answers one request.
func (s *stage) Serve(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context) {
	res, err := s.respond(r, rc)
	if err != nil {
		res = errorResponse(rc, err)
	}
	s.cors.decorate(rc, res)
	write(w, r, rc, res)
}

func (s *stage) respond(r *http.Request, rc *reqcontext.Context) (*integration.Response, error) {
	// AWS: a client that leaves ends neither the authorizer's call nor the integration's.
	ctx := context.Background()
	if err := checkSize(r, rc); err != nil {
		return nil, err
	}
	rc.BodySize = max(0, r.ContentLength) // what authorizers are told, before the body is read
	route, params := s.router.find(rc.Method, rc.RoutePath)
	if s.cors.preflight(rc) {
		return s.preflight(ctx, r, rc, route)
	}
	if route == nil {
		return nil, gwerr.New(gwerr.ResourceNotFound, nil)
	}
	rc.RouteKey, rc.ResourcePath, rc.OperationName = route.key, route.path, route.operationName
	rc.PathParameters = params
	return route.serve(ctx, rc, r)
}

// preflight answers an OPTIONS request of a browser without asking the integration.
//
// AWS: where $default catches it and has an authorizer, that one is asked.
func (s *stage) preflight(ctx context.Context, r *http.Request, rc *reqcontext.Context, route *route) (*integration.Response, error) {
	if route != nil && route.key == defaultKey {
		rc.RouteKey, rc.ResourcePath = route.key, route.path
		if err := route.authorizer.Authorize(ctx, rc, r); err != nil {
			return nil, err
		}
	}
	return &integration.Response{Status: http.StatusNoContent, Header: http.Header{}}, nil
}
