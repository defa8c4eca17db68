package domains

import "github.com/postern/postern/controlplane/awsapi"

// OperationsV1 are the handlers of this package for the mux of API Gateway v1.
func (s *Service) OperationsV1() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"CreateDomainName": awsapi.Op(s.createDomainName),
		"GetDomainName":    awsapi.Op(s.getDomainName),
		"GetDomainNames":   awsapi.Op(s.getDomainNames),
		"UpdateDomainName": awsapi.Op(s.updateDomainName),
		"DeleteDomainName": awsapi.Op(s.deleteDomainName),

		"CreateBasePathMapping": awsapi.Op(s.createBasePathMapping),
		"GetBasePathMapping":    awsapi.Op(s.getBasePathMapping),
		"GetBasePathMappings":   awsapi.Op(s.getBasePathMappings),
		"UpdateBasePathMapping": awsapi.Op(s.updateBasePathMapping),
		"DeleteBasePathMapping": awsapi.Op(s.deleteBasePathMapping),

		"CreateDomainNameAccessAssociation": awsapi.Op(s.createAssociation),
		"GetDomainNameAccessAssociations":   awsapi.Op(s.getAssociations),
		"DeleteDomainNameAccessAssociation": awsapi.Op(s.deleteAssociation),
		"RejectDomainNameAccessAssociation": awsapi.Op(s.rejectAssociation),
	}
}

// OperationsV2 are the handlers of this package for the mux of API Gateway v2.
func (s *Service) OperationsV2() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"CreateDomainName": awsapi.Op(s.createDomainNameV2),
		"GetDomainName":    awsapi.Op(s.getDomainNameV2),
		"GetDomainNames":   awsapi.Op(s.getDomainNamesV2),
		"UpdateDomainName": awsapi.Op(s.updateDomainNameV2),
		"DeleteDomainName": awsapi.Op(s.deleteDomainNameV2),

		"CreateApiMapping": awsapi.Op(s.createApiMapping),
		"GetApiMapping":    awsapi.Op(s.getApiMapping),
		"GetApiMappings":   awsapi.Op(s.getApiMappings),
		"UpdateApiMapping": awsapi.Op(s.updateApiMapping),
		"DeleteApiMapping": awsapi.Op(s.deleteApiMapping),

		"CreateRoutingRule": awsapi.Op(s.createRoutingRule),
		"GetRoutingRule":    awsapi.Op(s.getRoutingRule),
		"ListRoutingRules":  awsapi.Op(s.listRoutingRules),
		"PutRoutingRule":    awsapi.Op(s.putRoutingRule),
		"DeleteRoutingRule": awsapi.Op(s.deleteRoutingRule),
	}
}
