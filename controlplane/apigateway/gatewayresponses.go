package apigateway

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
)

// GatewayResponse is a customised error answer of an API. What it leaves empty is
// the type's default.
type GatewayResponse struct {
	Type               string
	StatusCode         string
	ResponseParameters map[string]string
	ResponseTemplates  map[string]string
}

var gatewayResponses = store.NewTable[GatewayResponse]("apigateway.gatewayresponse")

type gatewayResponseType struct{ name, status string }

// gatewayResponseTypes in the order of AWS's list, with their own status.
var gatewayResponseTypes = []gatewayResponseType{
	{"ACCESS_DENIED", "403"}, {"API_CONFIGURATION_ERROR", "500"}, {"AUTHORIZER_CONFIGURATION_ERROR", "500"},
	{"AUTHORIZER_FAILURE", "500"}, {"BAD_REQUEST_BODY", "400"}, {"BAD_REQUEST_PARAMETERS", "400"},
	{"DEFAULT_4XX", ""}, {"DEFAULT_5XX", ""}, {"EXPIRED_TOKEN", "403"}, {"INTEGRATION_FAILURE", "504"},
	{"INTEGRATION_TIMEOUT", "504"}, {"INVALID_API_KEY", "403"}, {"INVALID_SIGNATURE", "403"},
	{"MISSING_AUTHENTICATION_TOKEN", "403"}, {"QUOTA_EXCEEDED", "429"}, {"REQUEST_TOO_LARGE", "413"},
	{"RESOURCE_NOT_FOUND", "404"}, {"THROTTLED", "429"}, {"UNAUTHORIZED", "401"},
	{"UNSUPPORTED_MEDIA_TYPE", "415"}, {"WAF_FILTERED", "403"},
}

const defaultGatewayTemplate = `{"message":$context.error.messageString}`

func typeStatus(name string) string {
	for _, t := range gatewayResponseTypes {
		if t.name == name {
			return t.status
		}
	}
	return ""
}

// fallback names the type that stands in for one that is not customised.
func fallback(name string) string {
	if strings.HasPrefix(typeStatus(name), "5") {
		return "DEFAULT_5XX"
	}
	return "DEFAULT_4XX"
}

// shownGatewayResponse is a type's answer as AWS reports it. AWS: a customised
// DEFAULT_4XX or DEFAULT_5XX shows through the types that are not customised, which
// still count as default.
func (tx *txn) shownGatewayResponse(apiID, name string) wire.GetGatewayResponseOutput {
	g, own := gatewayResponses.Get(tx.Tx, tx.scope, apiID+"/"+name)
	if !own {
		var ok bool
		if g, ok = gatewayResponses.Get(tx.Tx, tx.scope, apiID+"/"+fallback(name)); !ok {
			g = &GatewayResponse{}
		}
	}
	out := wire.GetGatewayResponseOutput{
		ResponseType: awsapi.Ptr(name), StatusCode: awsapi.NonEmpty(g.StatusCode), DefaultResponse: awsapi.Ptr(!own),
		ResponseParameters: g.ResponseParameters, ResponseTemplates: g.ResponseTemplates,
	}
	if g.StatusCode == "" {
		out.StatusCode = awsapi.NonEmpty(typeStatus(name))
	}
	if out.ResponseParameters == nil {
		out.ResponseParameters = map[string]string{}
	}
	if len(out.ResponseTemplates) == 0 {
		out.ResponseTemplates = map[string]string{"application/json": defaultGatewayTemplate}
	}
	return out
}

func (s *Service) getGatewayResponse(ctx context.Context, in *wire.GetGatewayResponseInput) (*wire.GetGatewayResponseOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetGatewayResponseOutput, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		out := tx.shownGatewayResponse(api.ID, *in.ResponseType)
		return &out, nil
	})
}

func (s *Service) getGatewayResponses(ctx context.Context, in *wire.GetGatewayResponsesInput) (*wire.GatewayResponses, error) {
	return read(ctx, s, func(tx *txn) (*wire.GatewayResponses, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		var all []wire.GetGatewayResponseOutput
		for _, t := range gatewayResponseTypes {
			all = append(all, tx.shownGatewayResponse(api.ID, t.name))
		}
		items, next, err := paging.V1(all, in.Position, in.Limit, func(g wire.GetGatewayResponseOutput) *wire.GetGatewayResponseOutput { return &g })
		return &wire.GatewayResponses{Items: items, Position: next}, err
	})
}

func (s *Service) putGatewayResponse(ctx context.Context, in *wire.PutGatewayResponseInput) (*wire.GetGatewayResponseOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.GetGatewayResponseOutput, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		if err := checkGatewayParameters(in.ResponseParameters); err != nil {
			return nil, err
		}
		gatewayResponses.Put(tx.Tx, tx.scope, api.ID+"/"+*in.ResponseType, &GatewayResponse{
			Type: *in.ResponseType, StatusCode: awsapi.Val(in.StatusCode),
			ResponseParameters: in.ResponseParameters, ResponseTemplates: in.ResponseTemplates,
		})
		out := tx.shownGatewayResponse(api.ID, *in.ResponseType)
		return &out, nil
	})
}

func (s *Service) updateGatewayResponse(ctx context.Context, in *wire.UpdateGatewayResponseInput) (*wire.GetGatewayResponseOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.GetGatewayResponseOutput, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		key := api.ID + "/" + *in.ResponseType
		g, ok := gatewayResponses.Edit(tx.Tx, tx.scope, key)
		if !ok {
			g = &GatewayResponse{Type: *in.ResponseType}
			gatewayResponses.Put(tx.Tx, tx.scope, key, g)
		}
		if err := gatewayResponsePatches.Apply(g, in.PatchOperations); err != nil {
			return nil, err
		}
		if err := checkGatewayParameters(g.ResponseParameters); err != nil {
			return nil, err
		}
		out := tx.shownGatewayResponse(api.ID, *in.ResponseType)
		return &out, nil
	})
}

func (s *Service) deleteGatewayResponse(ctx context.Context, in *wire.DeleteGatewayResponseInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		if !gatewayResponses.Delete(tx.Tx, tx.scope, api.ID+"/"+*in.ResponseType) {
			return nil, awsapi.NotFound("Gateway response type not defined on api")
		}
		return nil, nil
	})
}

var gatewayDestination = lazyregexp.New(`^gatewayresponse\.(?:header|querystring|path)\.[a-zA-Z0-9._$:-]+$`)

// checkGatewayParameters judges mappings as those of integrations are judged. AWS: all
// parameters of the request will do, since no method may have been found.
func checkGatewayParameters(parameters map[string]string) error {
	for _, dest := range sortedNames(parameters) {
		source := parameters[dest]
		if !gatewayDestination().MatchString(dest) {
			return errMapping(dest)
		}
		if !requestSource().MatchString(source) {
			return errMapping(source)
		}
	}
	return nil
}

var gatewayResponsePatches = patch.Table[*GatewayResponse]{Family: patch.Bare, Rules: []patch.Rule[*GatewayResponse]{
	{Path: "/statusCode", Ops: patch.Replace, Hidden: true, Apply: func(g *GatewayResponse, p patch.Op) error {
		if !validStatusCode().MatchString(p.Value) {
			// unverified against AWS: the text.
			return awsapi.BadRequest("Invalid status code specified: %s", p.Value)
		}
		g.StatusCode = p.Value
		return nil
	}},
	patch.MustExist(errParameterName, patch.Map("/responseParameters", func(g *GatewayResponse) *map[string]string { return &g.ResponseParameters }, valueRequired[*GatewayResponse]("responseParameters")),
		func(g *GatewayResponse) map[string]string { return g.ResponseParameters }),
	patch.Map("/responseTemplates", func(g *GatewayResponse) *map[string]string { return &g.ResponseTemplates }, valueRequired[*GatewayResponse]("responseTemplates")),
}}

var validStatusCode = lazyregexp.New(`^[1-5]\d\d$`)

func valueRequired[R any](member string) func(rec R, p patch.Op) error {
	return func(_ R, p patch.Op) error {
		if p.Value == "" {
			return awsapi.BadRequest("Invalid null or empty value in %s", member)
		}
		return nil
	}
}
