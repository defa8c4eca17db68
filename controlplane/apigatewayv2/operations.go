package apigatewayv2

import "github.com/postern/postern/controlplane/awsapi"

// operations lists what this package implements.
func (s *Service) operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"CreateApi":               awsapi.Op(s.createApi),
		"GetApi":                  awsapi.Op(s.getApi),
		"GetApis":                 awsapi.Op(s.getApis),
		"UpdateApi":               awsapi.Op(s.updateApi),
		"DeleteApi":               awsapi.Op(s.deleteApi),
		"DeleteCorsConfiguration": awsapi.Op(s.deleteCorsConfiguration),

		"ImportApi":   awsapi.Op(s.importApi),
		"ReimportApi": awsapi.Op(s.reimportApi),
		"ExportApi":   awsapi.Stream(s.exportApi),

		"CreateRoute": awsapi.Op(s.createRoute),
		"GetRoute":    awsapi.Op(s.getRoute),
		"GetRoutes":   awsapi.Op(s.getRoutes),
		"UpdateRoute": awsapi.Op(s.updateRoute),
		"DeleteRoute": awsapi.Op(s.deleteRoute),

		"CreateIntegration": awsapi.Op(s.createIntegration),
		"GetIntegration":    awsapi.Op(s.getIntegration),
		"GetIntegrations":   awsapi.Op(s.getIntegrations),
		"UpdateIntegration": awsapi.Op(s.updateIntegration),
		"DeleteIntegration": awsapi.Op(s.deleteIntegration),

		"CreateAuthorizer": awsapi.Op(s.createAuthorizer),
		"GetAuthorizer":    awsapi.Op(s.getAuthorizer),
		"GetAuthorizers":   awsapi.Op(s.getAuthorizers),
		"UpdateAuthorizer": awsapi.Op(s.updateAuthorizer),
		"DeleteAuthorizer": awsapi.Op(s.deleteAuthorizer),

		"ResetAuthorizersCache": awsapi.Op(s.resetAuthorizersCache),

		"CreateDeployment": awsapi.Op(s.createDeployment),
		"GetDeployment":    awsapi.Op(s.getDeployment),
		"GetDeployments":   awsapi.Op(s.getDeployments),
		"UpdateDeployment": awsapi.Op(s.updateDeployment),
		"DeleteDeployment": awsapi.Op(s.deleteDeployment),

		"CreateStage":             awsapi.Op(s.createStage),
		"GetStage":                awsapi.Op(s.getStage),
		"GetStages":               awsapi.Op(s.getStages),
		"UpdateStage":             awsapi.Op(s.updateStage),
		"DeleteStage":             awsapi.Op(s.deleteStage),
		"DeleteAccessLogSettings": awsapi.Op(s.deleteAccessLogSettings),
		"DeleteRouteSettings":     awsapi.Op(s.deleteRouteSettings),

		"CreateVpcLink": awsapi.Op(s.createVpcLink),
		"GetVpcLink":    awsapi.Op(s.getVpcLink),
		"GetVpcLinks":   awsapi.Op(s.getVpcLinks),
		"UpdateVpcLink": awsapi.Op(s.updateVpcLink),
		"DeleteVpcLink": awsapi.Op(s.deleteVpcLink),

		"CreateModel":                 awsapi.Op(s.createModel),
		"GetModel":                    awsapi.Op(s.getModel),
		"GetModels":                   awsapi.Op(s.getModels),
		"GetModelTemplate":            awsapi.Op(s.getModelTemplate),
		"UpdateModel":                 awsapi.Op(s.updateModel),
		"DeleteModel":                 awsapi.Op(s.deleteModel),
		"CreateRouteResponse":         awsapi.Op(s.createRouteResponse),
		"GetRouteResponse":            awsapi.Op(s.getRouteResponse),
		"GetRouteResponses":           awsapi.Op(s.getRouteResponses),
		"UpdateRouteResponse":         awsapi.Op(s.updateRouteResponse),
		"DeleteRouteResponse":         awsapi.Op(s.deleteRouteResponse),
		"DeleteRouteRequestParameter": awsapi.Op(s.deleteRouteRequestParameter),
		"CreateIntegrationResponse":   awsapi.Op(s.createIntegrationResponse),
		"GetIntegrationResponse":      awsapi.Op(s.getIntegrationResponse),
		"GetIntegrationResponses":     awsapi.Op(s.getIntegrationResponses),
		"UpdateIntegrationResponse":   awsapi.Op(s.updateIntegrationResponse),
		"DeleteIntegrationResponse":   awsapi.Op(s.deleteIntegrationResponse),

		"GetTags":       awsapi.Op(s.getTags),
		"TagResource":   awsapi.Op(s.tagResource),
		"UntagResource": awsapi.Op(s.untagResource),
	}
}
