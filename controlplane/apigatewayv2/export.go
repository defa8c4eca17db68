package apigatewayv2

import (
	"context"
	"net/http"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/openapi"
	"github.com/postern/postern/runtime/snapshot"
)

// exportApi writes an API as an OpenAPI document: what a stage serves, or without a
// stage what was configured last.
func (s *Service) exportApi(ctx context.Context, in *wire.ExportApiInput, w http.ResponseWriter) error {
	yaml := awsapi.Val(in.OutputType) == "YAML"
	body, err := read(ctx, s, func(tx *txn) (*[]byte, error) {
		a, d, err := tx.exported(in)
		if err != nil {
			return nil, err
		}
		opts := openapi.ExportOptions{
			Protocol: openapi.HTTP, YAML: yaml, Host: a.ID + ".execute-api." + tx.scope.Region + ".amazonaws.com",
			Region: tx.scope.Region, Created: a.Created,
		}
		if stage := awsapi.Val(in.StageName); stage != defaultKey {
			opts.Stage = stage
		}
		// AWS: extensions are there unless they are not wanted.
		if in.IncludeExtensions == nil || *in.IncludeExtensions {
			opts.Extensions = []string{openapi.ExtensionAPIGateway}
		}
		out, err := openapi.Export(exportDocument(a, d), opts)
		return &out, err
	})
	if err != nil {
		return err
	}
	// unverified against AWS: the content types.
	w.Header().Set("Content-Type", "application/json")
	if yaml {
		w.Header().Set("Content-Type", "application/yaml")
	}
	_, err = w.Write(*body)
	return err
}

func (tx *txn) exported(in *wire.ExportApiInput) (*API, *snapshot.HTTPDeployment, error) {
	a, err := tx.api(in.ApiId)
	if err != nil {
		return nil, nil, err
	}
	// unverified against AWS: the texts of the refusals.
	switch {
	case awsapi.Val(in.Specification) != "OAS30":
		return nil, nil, awsapi.BadRequest("Invalid specification specified. Must be one of [OAS30]")
	case awsapi.Val(in.OutputType) != "JSON" && awsapi.Val(in.OutputType) != "YAML":
		return nil, nil, awsapi.BadRequest("Invalid outputType specified. Must be one of [JSON, YAML]")
	case in.ExportVersion != nil && *in.ExportVersion != "1.0":
		return nil, nil, awsapi.BadRequest("Invalid exportVersion specified. Must be 1.0")
	}
	d := tx.freeze(a)
	if in.StageName != nil {
		_, st, err := tx.stage(in.ApiId, in.StageName)
		if err != nil {
			return nil, nil, err
		}
		deployed, ok := tx.frozen(a.ID, st.DeploymentID)
		if !ok {
			return nil, nil, awsapi.NotFound("Invalid deployment identifier specified")
		}
		d = deployed
	}
	if len(d.Routes) == 0 {
		return nil, nil, awsapi.BadRequest("Unable to export API because no routes exist in this API")
	}
	return a, d, nil
}

// exportDocument turns a frozen API back into a document.
func exportDocument(a *API, d *snapshot.HTTPDeployment) *openapi.Document {
	doc := &openapi.Document{Name: a.Name, Description: a.Description, Version: a.Version, Tags: a.Tags}
	if d.DisableDefaultEndpoint {
		doc.Endpoint.DisableExecuteAPIEndpoint = &d.DisableDefaultEndpoint
	}
	if c := d.CORS; c != nil {
		doc.CORS = &openapi.CORS{
			AllowCredentials: awsapi.Val(c.AllowCredentials), AllowHeaders: c.AllowHeaders, AllowMethods: c.AllowMethods,
			AllowOrigins: c.AllowOrigins, ExposeHeaders: c.ExposeHeaders, MaxAge: c.MaxAge,
		}
	}
	authorizerNames := map[string]string{}
	for i := range d.Authorizers {
		from := &d.Authorizers[i]
		authorizerNames[from.ID] = from.Name
		doc.Authorizers = append(doc.Authorizers, exportAuthorizer(from))
	}
	byID := map[string]*snapshot.HTTPIntegration{}
	for i := range d.Integrations {
		byID[d.Integrations[i].ID] = &d.Integrations[i]
	}
	byPath := map[string]*openapi.Resource{}
	for i := range d.Routes {
		r := &d.Routes[i]
		method, path, found := strings.Cut(r.Key, " ")
		if !found {
			method, path = "ANY", "/"+defaultKey
		}
		resource := byPath[path]
		if resource == nil {
			resource = &openapi.Resource{Path: path}
			byPath[path] = resource
			doc.Resources = append(doc.Resources, resource)
		}
		m := &openapi.Method{
			HTTPMethod: method, DefaultRoute: !found, OperationName: r.OperationName, AuthorizationType: r.AuthorizationType,
			Authorizer: authorizerNames[r.AuthorizerID], AuthorizationScopes: r.Scopes,
		}
		if target := byID[r.IntegrationID]; target != nil {
			m.Integration = exportIntegration(target)
		}
		resource.Methods = append(resource.Methods, m)
	}
	return doc
}

func exportIntegration(from *snapshot.HTTPIntegration) *openapi.Integration {
	return &openapi.Integration{
		Type: from.Type, HTTPMethod: from.Method, URI: from.URI, Credentials: from.CredentialsARN, ConnectionType: from.ConnectionType,
		ConnectionID: from.ConnectionID, TimeoutMillis: &from.TimeoutMillis, RequestParameters: from.RequestParameters, Subtype: from.Subtype,
		PayloadFormatVersion: from.PayloadFormat, ServerNameToVerify: from.ServerName, ResponseParameters: from.ResponseParameters,
	}
}

func exportAuthorizer(from *snapshot.HTTPAuthorizer) openapi.Authorizer {
	out := openapi.Authorizer{Name: from.Name, Type: from.Type, IdentitySource: strings.Join(from.IdentitySources, ",")}
	if from.Type == jwtAuthorizer {
		out.JWTIssuer, out.JWTAudience = from.Issuer, from.Audience
		return out
	}
	out.URI, out.Credentials, out.PayloadFormatVersion = from.URI, from.CredentialsARN, from.PayloadFormat
	out.TTLSeconds = &from.TTLSeconds
	if from.PayloadFormat == "2.0" {
		out.EnableSimpleResponses = &from.SimpleResponses
	}
	return out
}
