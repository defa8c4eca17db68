package apigateway

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/openapi"
)

// method puts a document's method in place of what the resource had for its verb.
func (a *applier) method(r *Resource, in *openapi.Method) {
	m := &Method{
		HTTPMethod: in.HTTPMethod, AuthorizationType: in.AuthorizationType, AuthorizerID: a.authorizers[in.Authorizer],
		APIKeyRequired: in.APIKeyRequired, OperationName: in.OperationName, RequestValidatorID: a.validators[in.RequestValidator],
		RequestParameters: in.RequestParameters, RequestModels: in.RequestModels, AuthorizationScopes: in.AuthorizationScopes,
	}
	if in.RequestValidator != "" && m.RequestValidatorID == "" {
		// A method whose validator is missing would let everything through.
		a.failed(openapi.MethodFailed, m.HTTPMethod, r.Path, errRequestValidator.Message)
		return
	}
	if m.AuthorizationType == "" {
		m.AuthorizationType = "NONE"
	}
	if err := a.tx.checkMethod(a.api.ID, m); err != nil {
		a.failed(openapi.MethodFailed, m.HTTPMethod, r.Path, awsapi.MessageOf(err))
		return
	}
	for _, mr := range in.Responses {
		if m.Responses == nil {
			m.Responses = map[string]*MethodResponse{}
		}
		m.Responses[mr.StatusCode] = &MethodResponse{StatusCode: mr.StatusCode, ResponseParameters: mr.ResponseParameters, ResponseModels: mr.ResponseModels}
	}
	if in.Integration != nil {
		a.integration(r, m, in.Integration)
	}
	if r.Methods == nil {
		r.Methods = map[string]*Method{}
	}
	r.Methods[m.HTTPMethod] = m
}

func (a *applier) integration(r *Resource, m *Method, in *openapi.Integration) {
	i := &Integration{
		Type: in.Type, HTTPMethod: in.HTTPMethod, URI: in.URI, Credentials: in.Credentials, ConnectionType: in.ConnectionType,
		ConnectionID: in.ConnectionID, PassthroughBehavior: in.PassthroughBehavior, ContentHandling: in.ContentHandling,
		TimeoutMillis: defaultTimeoutMillis, CacheNamespace: in.CacheNamespace, CacheKeyParameters: in.CacheKeyParameters,
		RequestParameters: in.RequestParameters, RequestTemplates: in.RequestTemplates, InsecureSkipVerify: in.InsecureSkipVerification,
		TransferMode: in.ResponseTransferMode, Target: in.Target,
	}
	if in.TimeoutMillis != nil {
		i.TimeoutMillis = *in.TimeoutMillis
	}
	i.fillDefaults(r.ID)
	if err := a.checkIntegration(m, i); err != nil {
		a.failed(openapi.IntegrationFailed, m.HTTPMethod, r.Path, awsapi.MessageOf(err))
		return
	}
	for _, in := range in.Responses {
		ir := &IntegrationResponse{
			StatusCode: in.StatusCode, SelectionPattern: in.SelectionPattern, ResponseParameters: in.ResponseParameters,
			ResponseTemplates: in.ResponseTemplates, ContentHandling: in.ContentHandling,
		}
		if err := a.checkIntegrationResponse(m, ir); err != nil {
			a.failed(openapi.IntegrationResponseFailed, m.HTTPMethod, r.Path, awsapi.MessageOf(err))
			continue
		}
		if i.Responses == nil {
			i.Responses = map[string]*IntegrationResponse{}
		}
		i.Responses[ir.StatusCode] = ir
	}
	m.Integration = i
}

// checkValue judges a member of a document by the values that the model of an
// operation has for it.
//
// unverified against AWS: the text, which is that of a PATCH.
func checkValue(operation awsapi.Shaped, member, value string) error {
	if value != "" && !slices.Contains(patch.Values(operation, member), value) {
		return awsapi.BadRequest("Invalid value specified for %s: %s", strings.ToLower(member[:1])+member[1:], value)
	}
	return nil
}

// checkIntegration judges what the model judges where an operation has it, too.
func (a *applier) checkIntegration(m *Method, i *Integration) error {
	if i.Type == "" {
		// unverified against AWS: the text, which is that of a missing httpMethod.
		return awsapi.BadRequest("Enumeration value for IntegrationType must be non-empty")
	}
	for _, s := range [...]struct{ member, value string }{{"Type", i.Type}, {"ConnectionType", i.ConnectionType}, {"ContentHandling", i.ContentHandling}, {"ResponseTransferMode", i.TransferMode}} {
		if err := checkValue(&wire.PutIntegrationInput{}, s.member, s.value); err != nil {
			return err
		}
	}
	return a.tx.checkIntegration(m, i, nil)
}

func (a *applier) checkIntegrationResponse(m *Method, ir *IntegrationResponse) error {
	if !validStatusCode().MatchString(ir.StatusCode) {
		// unverified against AWS: the text, which is that of gateway responses.
		return awsapi.BadRequest("Invalid status code specified: %s", ir.StatusCode)
	}
	if err := checkValue(&wire.PutIntegrationResponseInput{}, "ContentHandling", ir.ContentHandling); err != nil {
		return err
	}
	return a.tx.checkIntegrationResponse(m, ir)
}
