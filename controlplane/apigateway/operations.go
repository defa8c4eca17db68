package apigateway

import "github.com/postern/postern/controlplane/awsapi"

// operations lists what this package implements.
func (s *Service) operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"GetAccount":    awsapi.Op(s.getAccount),
		"UpdateAccount": awsapi.Op(s.updateAccount),

		"CreateRestApi": awsapi.Op(s.createRestApi),
		"GetRestApi":    awsapi.Op(s.getRestApi),
		"GetRestApis":   awsapi.Op(s.getRestApis),
		"UpdateRestApi": awsapi.Op(s.updateRestApi),
		"DeleteRestApi": awsapi.Op(s.deleteRestApi),

		"ImportRestApi":            awsapi.Op(s.importRestApi),
		"PutRestApi":               awsapi.Op(s.putRestApi),
		"ImportDocumentationParts": awsapi.Op(s.importDocumentationParts),

		"CreateResource": awsapi.Op(s.createResource),
		"GetResource":    awsapi.Op(s.getResource),
		"GetResources":   awsapi.Op(s.getResources),
		"UpdateResource": awsapi.Op(s.updateResource),
		"DeleteResource": awsapi.Op(s.deleteResource),

		"PutMethod":    awsapi.Op(s.putMethod),
		"GetMethod":    awsapi.Op(s.getMethod),
		"UpdateMethod": awsapi.Op(s.updateMethod),
		"DeleteMethod": awsapi.Op(s.deleteMethod),

		"PutMethodResponse":    awsapi.Op(s.putMethodResponse),
		"GetMethodResponse":    awsapi.Op(s.getMethodResponse),
		"UpdateMethodResponse": awsapi.Op(s.updateMethodResponse),
		"DeleteMethodResponse": awsapi.Op(s.deleteMethodResponse),

		"PutIntegration":    awsapi.Op(s.putIntegration),
		"GetIntegration":    awsapi.Op(s.getIntegration),
		"UpdateIntegration": awsapi.Op(s.updateIntegration),
		"DeleteIntegration": awsapi.Op(s.deleteIntegration),

		"PutIntegrationResponse":    awsapi.Op(s.putIntegrationResponse),
		"GetIntegrationResponse":    awsapi.Op(s.getIntegrationResponse),
		"UpdateIntegrationResponse": awsapi.Op(s.updateIntegrationResponse),
		"DeleteIntegrationResponse": awsapi.Op(s.deleteIntegrationResponse),

		"CreateModel":      awsapi.Op(s.createModel),
		"GetModel":         awsapi.Op(s.getModel),
		"GetModels":        awsapi.Op(s.getModels),
		"GetModelTemplate": awsapi.Op(s.getModelTemplate),
		"UpdateModel":      awsapi.Op(s.updateModel),
		"DeleteModel":      awsapi.Op(s.deleteModel),

		"CreateRequestValidator": awsapi.Op(s.createRequestValidator),
		"GetRequestValidator":    awsapi.Op(s.getRequestValidator),
		"GetRequestValidators":   awsapi.Op(s.getRequestValidators),
		"UpdateRequestValidator": awsapi.Op(s.updateRequestValidator),
		"DeleteRequestValidator": awsapi.Op(s.deleteRequestValidator),

		"CreateAuthorizer": awsapi.Op(s.createAuthorizer),
		"GetAuthorizer":    awsapi.Op(s.getAuthorizer),
		"GetAuthorizers":   awsapi.Op(s.getAuthorizers),
		"UpdateAuthorizer": awsapi.Op(s.updateAuthorizer),
		"DeleteAuthorizer": awsapi.Op(s.deleteAuthorizer),

		"PutGatewayResponse":    awsapi.Op(s.putGatewayResponse),
		"GetGatewayResponse":    awsapi.Op(s.getGatewayResponse),
		"GetGatewayResponses":   awsapi.Op(s.getGatewayResponses),
		"UpdateGatewayResponse": awsapi.Op(s.updateGatewayResponse),
		"DeleteGatewayResponse": awsapi.Op(s.deleteGatewayResponse),

		"CreateDeployment": awsapi.Op(s.createDeployment),
		"GetDeployment":    awsapi.Op(s.getDeployment),
		"GetDeployments":   awsapi.Op(s.getDeployments),
		"UpdateDeployment": awsapi.Op(s.updateDeployment),
		"DeleteDeployment": awsapi.Op(s.deleteDeployment),

		"CreateStage": awsapi.Op(s.createStage),
		"GetStage":    awsapi.Op(s.getStage),
		"GetStages":   awsapi.Op(s.getStages),
		"UpdateStage": awsapi.Op(s.updateStage),
		"DeleteStage": awsapi.Op(s.deleteStage),

		"CreateDocumentationPart":    awsapi.Op(s.createDocumentationPart),
		"GetDocumentationPart":       awsapi.Op(s.getDocumentationPart),
		"GetDocumentationParts":      awsapi.Op(s.getDocumentationParts),
		"UpdateDocumentationPart":    awsapi.Op(s.updateDocumentationPart),
		"DeleteDocumentationPart":    awsapi.Op(s.deleteDocumentationPart),
		"CreateDocumentationVersion": awsapi.Op(s.createDocumentationVersion),
		"GetDocumentationVersion":    awsapi.Op(s.getDocumentationVersion),
		"GetDocumentationVersions":   awsapi.Op(s.getDocumentationVersions),
		"UpdateDocumentationVersion": awsapi.Op(s.updateDocumentationVersion),
		"DeleteDocumentationVersion": awsapi.Op(s.deleteDocumentationVersion),

		"GenerateClientCertificate": awsapi.Op(s.generateClientCertificate),
		"GetClientCertificate":      awsapi.Op(s.getClientCertificate),
		"GetClientCertificates":     awsapi.Op(s.getClientCertificates),
		"UpdateClientCertificate":   awsapi.Op(s.updateClientCertificate),
		"DeleteClientCertificate":   awsapi.Op(s.deleteClientCertificate),

		"CreateVpcLink": awsapi.Op(s.createVpcLink),
		"GetVpcLink":    awsapi.Op(s.getVpcLink),
		"GetVpcLinks":   awsapi.Op(s.getVpcLinks),
		"UpdateVpcLink": awsapi.Op(s.updateVpcLink),
		"DeleteVpcLink": awsapi.Op(s.deleteVpcLink),

		"GetSdkType":  awsapi.Op(s.getSdkType),
		"GetSdkTypes": awsapi.Op(s.getSdkTypes),

		"FlushStageAuthorizersCache": awsapi.Op(s.flushStageAuthorizersCache),
		"FlushStageCache":            awsapi.Op(s.flushStageCache),

		"GetExport": awsapi.Op(s.getExport),

		"GetTags":       awsapi.Op(s.getTags),
		"TagResource":   awsapi.Op(s.tagResource),
		"UntagResource": awsapi.Op(s.untagResource),
	}
}
