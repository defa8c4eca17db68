package apigateway

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/openapi"
	"github.com/postern/postern/runtime/snapshot"
)

// getExport writes what a stage serves as an OpenAPI document.
func (s *Service) getExport(ctx context.Context, in *wire.GetExportInput) (*wire.GetExportOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetExportOutput, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, errStage // AWS: an unknown API has no such stage
		}
		st, ok := stages.Get(tx.Tx, tx.scope, api.ID+"/"+*in.StageName)
		if !ok {
			return nil, errStage
		}
		frozen, served := frozenAPIs.Get(tx.Tx, tx.scope, api.ID+"/"+st.DeploymentID)
		parts, kept := frozenParts.Get(tx.Tx, tx.scope, api.ID+"/"+st.DeploymentID)
		if !served || !kept {
			return nil, errDeployment
		}
		if *in.ExportType != openapi.FormatSwagger && *in.ExportType != openapi.FormatOAS30 {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Invalid export type specified: %s", *in.ExportType)
		}
		opts := openapi.ExportOptions{
			Protocol: openapi.REST, Format: *in.ExportType, YAML: strings.Contains(awsapi.Val(in.Accepts), "yaml"),
			Host:   api.ID + ".execute-api." + tx.scope.Region + ".amazonaws.com",
			Region: tx.scope.Region, Stage: st.StageName, Created: api.CreatedDate,
		}
		opts.SetParameters(in.Parameters)
		doc := exportDocument(frozen, parts)
		if v, ok := documentationVersions.Get(tx.Tx, tx.scope, api.ID+"/"+st.DocumentationVersion); ok {
			doc.DocumentationVersion, doc.DocumentationCreated = v.Version, v.CreatedDate
			doc.DocumentationParts = exportParts(v.Parts)
		}
		body, err := openapi.Export(doc, opts)
		if err != nil {
			return nil, err
		}
		return &wire.GetExportOutput{
			ContentType: awsapi.Ptr("application/octet-stream"), ContentDisposition: awsapi.Ptr(opts.ContentDisposition(doc)), Body: body,
		}, nil
	})
}

func exportParts(parts []DocumentationPart) []openapi.DocumentationPart {
	out := make([]openapi.DocumentationPart, len(parts))
	for i := range parts {
		l := &parts[i].Location
		out[i] = openapi.DocumentationPart{
			Type: l.Type, Path: awsapi.Val(l.Path), Method: awsapi.Val(l.Method), StatusCode: awsapi.Val(l.StatusCode),
			Name: awsapi.Val(l.Name), Properties: parts[i].Properties,
		}
	}
	return out
}

// exportedParts are what an export of a deployment shows and serving it does not need.
type exportedParts struct {
	Validators         []RequestValidator
	Authorizers        []Authorizer
	SecurityPolicy     string
	EndpointAccessMode string
}

func (tx *txn) freezeParts(api *RestAPI) *exportedParts {
	out := &exportedParts{SecurityPolicy: api.SecurityPolicy, EndpointAccessMode: api.EndpointAccessMode}
	for _, v := range requestValidators.List(tx.Tx, tx.scope, api.ID+"/") {
		out.Validators = append(out.Validators, *v)
	}
	for _, a := range authorizers.List(tx.Tx, tx.scope, api.ID+"/") {
		out.Authorizers = append(out.Authorizers, *a)
	}
	return out
}

// exportDocument turns a frozen API back into a document. Defaults that AWS leaves
// out of an export are left empty.
func exportDocument(d *snapshot.RESTDeployment, parts *exportedParts) *openapi.Document {
	doc := &openapi.Document{
		Name: d.Name, Description: d.Description, Version: d.Version, BinaryMediaTypes: d.BinaryMediaTypes,
		MinimumCompressionSize: d.MinimumCompressionSize, Policy: d.Policy,
		SecurityPolicy: parts.SecurityPolicy, EndpointAccessMode: parts.EndpointAccessMode,
	}
	if d.APIKeySource != "HEADER" {
		doc.APIKeySource = d.APIKeySource
	}
	doc.Endpoint.VPCEndpointIDs = d.VPCEndpointIDs
	if d.DisableDefaultEndpoint {
		doc.Endpoint.DisableExecuteAPIEndpoint = &d.DisableDefaultEndpoint
	}
	for _, m := range d.Models {
		doc.Models = append(doc.Models, openapi.Model{Name: m.Name, Description: m.Description, ContentType: m.ContentType, Schema: m.Schema})
	}
	names := map[string]string{}
	for i := range parts.Authorizers {
		a := &parts.Authorizers[i]
		names[a.ID] = a.Name
		doc.Authorizers = append(doc.Authorizers, openapi.Authorizer{
			Name: a.Name, Type: a.Type, AuthType: a.AuthType, URI: a.URI, Credentials: a.Credentials, IdentitySource: a.IdentitySource,
			IdentityValidationExpression: a.ValidationExpression, TTLSeconds: a.TTLSeconds, ProviderARNs: a.ProviderARNs,
		})
	}
	for _, g := range d.GatewayResponses {
		doc.GatewayResponses = append(doc.GatewayResponses, openapi.GatewayResponse{
			Type: g.Type, StatusCode: g.StatusCode, ResponseParameters: g.ResponseParameters, ResponseTemplates: g.ResponseTemplates,
		})
	}
	for _, v := range parts.Validators {
		doc.RequestValidators = append(doc.RequestValidators, openapi.RequestValidator{
			Name: v.Name, ValidateRequestBody: v.ValidateRequestBody, ValidateRequestParameters: v.ValidateRequestParameters,
		})
	}
	for i := range d.Resources {
		r := &openapi.Resource{Path: d.Resources[i].Path}
		for j := range d.Resources[i].Methods {
			r.Methods = append(r.Methods, exportMethod(&d.Resources[i].Methods[j], names, d.Resources[i].ID))
		}
		doc.Resources = append(doc.Resources, r)
	}
	return doc
}

func exportMethod(m *snapshot.RESTMethod, authorizerNames map[string]string, resourceID string) *openapi.Method {
	out := &openapi.Method{
		HTTPMethod: m.HTTPMethod, OperationName: m.OperationName, AuthorizationType: m.AuthorizationType,
		Authorizer: authorizerNames[m.AuthorizerID], AuthorizationScopes: m.AuthorizationScopes, APIKeyRequired: m.APIKeyRequired,
		RequestValidator: m.RequestValidator, RequestParameters: m.RequestParameters, RequestModels: m.RequestModels,
	}
	for _, r := range m.Responses {
		out.Responses = append(out.Responses, openapi.MethodResponse{StatusCode: r.StatusCode, ResponseParameters: r.ResponseParameters, ResponseModels: r.ResponseModels})
	}
	i := &m.Integration
	if i.Type == "" {
		return out
	}
	out.Integration = &openapi.Integration{
		Type: i.Type, HTTPMethod: i.HTTPMethod, URI: i.URI, Credentials: i.Credentials, ConnectionType: i.ConnectionType, ConnectionID: i.ConnectionID,
		PassthroughBehavior: i.PassthroughBehavior, ContentHandling: i.ContentHandling, CacheNamespace: i.CacheNamespace,
		CacheKeyParameters: i.CacheKeyParameters, RequestParameters: i.RequestParameters, RequestTemplates: i.RequestTemplates,
		ResponseTransferMode: i.TransferMode, Target: i.Target,
	}
	if i.TimeoutMillis != defaultTimeoutMillis {
		out.Integration.TimeoutMillis = &i.TimeoutMillis
	}
	if i.CacheNamespace == resourceID {
		out.Integration.CacheNamespace = ""
	}
	if i.InsecureSkipVerify {
		out.Integration.InsecureSkipVerification = &i.InsecureSkipVerify
	}
	for j := range i.Responses {
		r := &i.Responses[j]
		out.Integration.Responses = append(out.Integration.Responses, openapi.IntegrationResponse{
			StatusCode: r.StatusCode, SelectionPattern: awsapi.NonEmpty(r.SelectionPattern), ResponseParameters: r.ResponseParameters,
			ResponseTemplates: r.ResponseTemplates, ContentHandling: r.ContentHandling,
		})
	}
	return out
}
