package apigatewayv2

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
)

// Models, route responses and integration responses are parts of WebSocket APIs
// alone. An HTTP API refuses to have one, lists none, and finds none.

func (s *Service) createModel(ctx context.Context, in *wire.CreateModelInput) (*wire.CreateModelOutput, error) {
	return inAPI[wire.CreateModelOutput](ctx, s, in.ApiId, errModels())
}

func errModels() error {
	return awsapi.BadRequest("Currently, Models are not permitted for APIs with a protocol type of HTTP")
}

func (s *Service) getModel(ctx context.Context, in *wire.GetModelInput) (*wire.GetModelOutput, error) {
	return inAPI[wire.GetModelOutput](ctx, s, in.ApiId, errModel(in.ModelId))
}

func (s *Service) getModelTemplate(ctx context.Context, in *wire.GetModelTemplateInput) (*wire.GetModelTemplateOutput, error) {
	return inAPI[wire.GetModelTemplateOutput](ctx, s, in.ApiId, errModel(in.ModelId))
}

func (s *Service) updateModel(ctx context.Context, in *wire.UpdateModelInput) (*wire.UpdateModelOutput, error) {
	return inAPI[wire.UpdateModelOutput](ctx, s, in.ApiId, errModel(in.ModelId))
}

func (s *Service) deleteModel(ctx context.Context, in *wire.DeleteModelInput) (*awsapi.Empty, error) {
	return inAPI[awsapi.Empty](ctx, s, in.ApiId, errModel(in.ModelId))
}

func errModel(id *string) error {
	return awsapi.NotFound("Invalid Model identifier specified %s", awsapi.Val(id))
}

func (s *Service) getModels(ctx context.Context, in *wire.GetModelsInput) (*wire.GetModelsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetModelsOutput, error) {
		if _, err := tx.api(in.ApiId); err != nil {
			return nil, err
		}
		items, next, err := paging.V2[*wire.Model, wire.Model](nil, in.MaxResults, in.NextToken, nil)
		return &wire.GetModelsOutput{Items: items, NextToken: next}, err
	})
}

// inAPI answers with the refusal, unless the API is not there at all.
func inAPI[Out any](ctx context.Context, s *Service, apiID *string, refusal error) (*Out, error) {
	return read(ctx, s, func(tx *txn) (*Out, error) {
		if _, err := tx.api(apiID); err != nil {
			return nil, err
		}
		return nil, refusal
	})
}

func (s *Service) createRouteResponse(ctx context.Context, in *wire.CreateRouteResponseInput) (*wire.CreateRouteResponseOutput, error) {
	return inRoute[wire.CreateRouteResponseOutput](ctx, s, in.ApiId, in.RouteId, errRouteResponses())
}

func errRouteResponses() error {
	return awsapi.BadRequest("RouteResponses are currently not supported for this API protocol type. This is because the API may only be configured with proxy integration at this time.")
}

func (s *Service) getRouteResponse(ctx context.Context, in *wire.GetRouteResponseInput) (*wire.GetRouteResponseOutput, error) {
	return inRoute[wire.GetRouteResponseOutput](ctx, s, in.ApiId, in.RouteId, errRouteResponse(in.RouteResponseId))
}

func (s *Service) updateRouteResponse(ctx context.Context, in *wire.UpdateRouteResponseInput) (*wire.UpdateRouteResponseOutput, error) {
	return inRoute[wire.UpdateRouteResponseOutput](ctx, s, in.ApiId, in.RouteId, errRouteResponse(in.RouteResponseId))
}

func (s *Service) deleteRouteResponse(ctx context.Context, in *wire.DeleteRouteResponseInput) (*awsapi.Empty, error) {
	return inRoute[awsapi.Empty](ctx, s, in.ApiId, in.RouteId, errRouteResponse(in.RouteResponseId))
}

func errRouteResponse(id *string) error {
	return awsapi.NotFound("Invalid RouteResponse identifier specified %s", awsapi.Val(id))
}

func (s *Service) getRouteResponses(ctx context.Context, in *wire.GetRouteResponsesInput) (*wire.GetRouteResponsesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetRouteResponsesOutput, error) {
		if _, _, err := tx.route(in.ApiId, in.RouteId); err != nil {
			return nil, err
		}
		items, next, err := paging.V2[*wire.RouteResponse, wire.RouteResponse](nil, in.MaxResults, in.NextToken, nil)
		return &wire.GetRouteResponsesOutput{Items: items, NextToken: next}, err
	})
}

// inRoute answers with the refusal, unless the route is not there at all.
func inRoute[Out any](ctx context.Context, s *Service, apiID, routeID *string, refusal error) (*Out, error) {
	return read(ctx, s, func(tx *txn) (*Out, error) {
		if _, _, err := tx.route(apiID, routeID); err != nil {
			return nil, err
		}
		return nil, refusal
	})
}

func (s *Service) createIntegrationResponse(ctx context.Context, in *wire.CreateIntegrationResponseInput) (*wire.CreateIntegrationResponseOutput, error) {
	return inIntegration[wire.CreateIntegrationResponseOutput](ctx, s, in.ApiId, in.IntegrationId,
		awsapi.BadRequest("IntegrationResponses are currently not supported for this API protocol type. This is because the API may only be configured with proxy integration at this time."))
}

func (s *Service) getIntegrationResponse(ctx context.Context, in *wire.GetIntegrationResponseInput) (*wire.GetIntegrationResponseOutput, error) {
	return inIntegration[wire.GetIntegrationResponseOutput](ctx, s, in.ApiId, in.IntegrationId, errIntegrationResponse(in.IntegrationResponseId))
}

func (s *Service) updateIntegrationResponse(ctx context.Context, in *wire.UpdateIntegrationResponseInput) (*wire.UpdateIntegrationResponseOutput, error) {
	return inIntegration[wire.UpdateIntegrationResponseOutput](ctx, s, in.ApiId, in.IntegrationId, errIntegrationResponse(in.IntegrationResponseId))
}

func (s *Service) deleteIntegrationResponse(ctx context.Context, in *wire.DeleteIntegrationResponseInput) (*awsapi.Empty, error) {
	return inIntegration[awsapi.Empty](ctx, s, in.ApiId, in.IntegrationId, errIntegrationResponse(in.IntegrationResponseId))
}

func errIntegrationResponse(id *string) error {
	return awsapi.NotFound("Invalid IntegrationResponse identifier specified %s", awsapi.Val(id))
}

func (s *Service) getIntegrationResponses(ctx context.Context, in *wire.GetIntegrationResponsesInput) (*wire.GetIntegrationResponsesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetIntegrationResponsesOutput, error) {
		if _, _, err := tx.integration(in.ApiId, in.IntegrationId); err != nil {
			return nil, err
		}
		items, next, err := paging.V2[*wire.IntegrationResponse, wire.IntegrationResponse](nil, in.MaxResults, in.NextToken, nil)
		return &wire.GetIntegrationResponsesOutput{Items: items, NextToken: next}, err
	})
}

// inIntegration answers with the refusal, unless the integration is not there at all.
func inIntegration[Out any](ctx context.Context, s *Service, apiID, integrationID *string, refusal error) (*Out, error) {
	return read(ctx, s, func(tx *txn) (*Out, error) {
		if _, _, err := tx.integration(apiID, integrationID); err != nil {
			return nil, err
		}
		return nil, refusal
	})
}
