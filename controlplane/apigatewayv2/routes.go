package apigatewayv2

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
)

// Route is the record of a route.
type Route struct {
	ID            string
	Key           string
	Target        string // integrations/{id}; empty: none
	OperationName string

	AuthorizationType string
	AuthorizerID      string
	Scopes            []string

	// RequestParameters says of each key whether it is required. Kept and shown only:
	// see Unenforced.
	RequestParameters map[string]bool

	Managed bool // made by quick create
}

var routes = store.NewTable[Route]("apigatewayv2.route")

const noAuthorization = "NONE"

func (tx *txn) route(apiID, id *string) (*API, *Route, error) {
	a, err := tx.api(apiID)
	if err != nil {
		return nil, nil, err
	}
	r, ok := routes.Get(tx.Tx, tx.scope, a.ID+"/"+awsapi.Val(id))
	if !ok {
		return nil, nil, awsapi.NotFound("Invalid Route identifier specified %s", awsapi.Val(id))
	}
	return a, r, nil
}

func (s *Service) createRoute(ctx context.Context, in *wire.CreateRouteInput) (*wire.CreateRouteOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.CreateRouteOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		r := &Route{ID: tx.newID(7), Key: awsapi.Val(in.RouteKey), AuthorizationType: noAuthorization}
		if err := httpOnlyRoute(newRoute, in.ApiKeyRequired, in.ModelSelectionExpression, in.RouteResponseSelectionExpression, in.RequestModels); err != nil {
			return nil, err
		}
		r.setParameters(in.RequestParameters)
		r.set(nil, in.Target, in.OperationName, in.AuthorizationType, in.AuthorizerId, in.AuthorizationScopes)
		if err := tx.checkRoute(a, r); err != nil {
			return nil, err
		}
		if err := model("CreateRoute", in); err != nil {
			return nil, err
		}
		if len(routes.List(tx.Tx, tx.scope, a.ID+"/")) >= maxPerAPI {
			return nil, tooMany("routes")
		}
		routes.Put(tx.Tx, tx.scope, a.ID+"/"+r.ID, r)
		return (*wire.CreateRouteOutput)(r.wire()), tx.autoDeploy(a)
	})
}

// maxPerAPI is AWS's quota of routes and of integrations.
const maxPerAPI = 300

// unverified against AWS: the text.
func tooMany(what string) error {
	return &awsapi.Error{Code: "TooManyRequestsException", Message: "Maximum number of " + what + " for this API has been reached. Please contact AWS if you need additional " + what + "."}
}

// set applies the members of a create or PATCH that were sent.
func (r *Route) set(key, target, operationName, authorizationType, authorizerID *string, scopes []string) {
	set(&r.Key, key)
	set(&r.Target, target)
	set(&r.OperationName, operationName)
	set(&r.AuthorizationType, authorizationType)
	set(&r.AuthorizerID, authorizerID)
	// AWS: NONE is how a PATCH takes the authorizer off a route.
	if r.AuthorizationType == noAuthorization {
		r.AuthorizerID, r.Scopes = "", nil
	}
	if scopes != nil {
		r.Scopes = scopes
	}
}

// setParameters lays request parameters over those that are there.
// unverified against AWS: that a route of an HTTP API takes them at all.
func (r *Route) setParameters(in map[string]wire.ParameterConstraints) {
	for key, constraints := range in {
		if r.RequestParameters == nil {
			r.RequestParameters = map[string]bool{}
		}
		r.RequestParameters[key] = awsapi.Val(constraints.Required)
	}
}

func (s *Service) deleteRouteRequestParameter(ctx context.Context, in *wire.DeleteRouteRequestParameterInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, have, err := tx.route(in.ApiId, in.RouteId)
		if err != nil {
			return nil, err
		}
		key := awsapi.Val(in.RequestParameterKey)
		if _, ok := have.RequestParameters[key]; !ok {
			// unverified against AWS: the text.
			return nil, awsapi.NotFound("Invalid request parameter key specified %s", key)
		}
		r, _ := routes.Edit(tx.Tx, tx.scope, a.ID+"/"+have.ID)
		delete(r.RequestParameters, key)
		return nil, tx.autoDeploy(a)
	})
}

func (s *Service) getRoute(ctx context.Context, in *wire.GetRouteInput) (*wire.GetRouteOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetRouteOutput, error) {
		_, r, err := tx.route(in.ApiId, in.RouteId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetRouteOutput)(r.wire()), nil
	})
}

func (s *Service) getRoutes(ctx context.Context, in *wire.GetRoutesInput) (*wire.GetRoutesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetRoutesOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V2(routes.List(tx.Tx, tx.scope, a.ID+"/"), in.MaxResults, in.NextToken, (*Route).wire)
		return &wire.GetRoutesOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateRoute(ctx context.Context, in *wire.UpdateRouteInput) (*wire.UpdateRouteOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateRouteOutput, error) {
		a, have, err := tx.route(in.ApiId, in.RouteId)
		if err != nil {
			return nil, err
		}
		if have.Managed && in.RouteKey != nil && *in.RouteKey != have.Key {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("The route key of a route managed by API Gateway cannot be changed")
		}
		if err := httpOnlyRoute(have.ID, in.ApiKeyRequired, in.ModelSelectionExpression, in.RouteResponseSelectionExpression, in.RequestModels); err != nil {
			return nil, err
		}
		r, _ := routes.Edit(tx.Tx, tx.scope, a.ID+"/"+have.ID)
		r.setParameters(in.RequestParameters)
		r.set(in.RouteKey, in.Target, in.OperationName, in.AuthorizationType, in.AuthorizerId, in.AuthorizationScopes)
		if err := tx.checkRoute(a, r); err != nil {
			return nil, err
		}
		if err := model("UpdateRoute", in); err != nil {
			return nil, err
		}
		return (*wire.UpdateRouteOutput)(r.wire()), tx.autoDeploy(a)
	})
}

func (s *Service) deleteRoute(ctx context.Context, in *wire.DeleteRouteInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, r, err := tx.route(in.ApiId, in.RouteId)
		if err != nil {
			return nil, err
		}
		routes.Delete(tx.Tx, tx.scope, a.ID+"/"+r.ID)
		return nil, tx.autoDeploy(a)
	})
}

func (r *Route) integrationID() string {
	return strings.TrimPrefix(r.Target, targetPrefix)
}

func (r *Route) wire() *wire.Route {
	out := &wire.Route{
		ApiKeyRequired:      awsapi.Ptr(false),
		AuthorizationScopes: noneIfEmpty(r.Scopes),
		AuthorizationType:   &r.AuthorizationType,
		AuthorizerId:        awsapi.NonEmpty(r.AuthorizerID),
		OperationName:       awsapi.NonEmpty(r.OperationName),
		RouteId:             &r.ID,
		RouteKey:            &r.Key,
		Target:              awsapi.NonEmpty(r.Target),
	}
	out.ApiGatewayManaged = awsapi.NonEmpty(r.Managed)
	for key, required := range r.RequestParameters {
		if out.RequestParameters == nil {
			out.RequestParameters = map[string]wire.ParameterConstraints{}
		}
		out.RequestParameters[key] = wire.ParameterConstraints{Required: &required}
	}
	return out
}
