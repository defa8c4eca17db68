package apigatewayv2

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
)

const petStore = `
openapi: 3.0.1
info: {title: Pet Store, description: A store., version: '1.0'}
tags:
- {name: owner, x-amazon-apigateway-tag-value: pets}
servers:
- {url: 'https://example.com/base', x-amazon-apigateway-endpoint-configuration: {disableExecuteApiEndpoint: true}}
paths:
  /pets:
    get:
      operationId: list
      security: [{jwt: [read]}]
      responses: {'200': {description: OK}}
      x-amazon-apigateway-integration: {type: HTTP_PROXY, httpMethod: GET, uri: 'https://backend.example.com/pets', payloadFormatVersion: 1.0}
    post:
      security: [{lambda: []}]
      responses: {'200': {description: OK}}
      x-amazon-apigateway-integration: {type: HTTP_PROXY, httpMethod: POST, uri: 'https://backend.example.com/pets', payloadFormatVersion: '1.0', timeoutInMillis: 5000}
  /secret:
    get:
      x-amazon-apigateway-auth: {type: aws_iam}
      responses: {default: {description: any}}
  /$default:
    x-amazon-apigateway-any-method:
      isDefaultRoute: true
      responses: {default: {description: any}}
      x-amazon-apigateway-integration: {type: aws_proxy, uri: 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:f', payloadFormatVersion: 2}
x-amazon-apigateway-cors: {allowOrigins: ['https://a.example.com'], maxAge: 300}
components:
  securitySchemes:
    jwt:
      type: openIdConnect
      openIdConnectUrl: https://issuer.example.com/.well-known/openid-configuration
      x-amazon-apigateway-authorizer: {type: jwt, identitySource: $request.header.Authorization, jwtConfiguration: {audience: [pets]}}
    lambda:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authorizer: {type: request, identitySource: $request.header.Authorization, authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:auth/invocations', authorizerPayloadFormatVersion: '2.0'}
`

func importAPI(t *testing.T, f *fixture, body string) *sdk.ImportApiOutput {
	t.Helper()
	return must(f.ImportApi(ctx, &sdk.ImportApiInput{Body: &body}))(t)
}

func routeKeys(t *testing.T, f *fixture, api *string) []string {
	t.Helper()
	var keys []string
	for _, r := range must(f.GetRoutes(ctx, &sdk.GetRoutesInput{ApiId: api}))(t).Items {
		keys = append(keys, *r.RouteKey)
	}
	return keys
}

func TestImport(t *testing.T) {
	f := setup(t)
	got := importAPI(t, f, petStore)
	if *got.Name != "Pet Store" || *got.Description != "A store." || *got.Version != "1.0" || !*got.DisableExecuteApiEndpoint || got.Tags["owner"] != "pets" ||
		!slices.Equal(got.CorsConfiguration.AllowOrigins, []string{"https://a.example.com"}) || *got.CorsConfiguration.MaxAge != 300 || len(got.Warnings) != 0 {
		t.Errorf("imported %+v", got)
	}
	routes := map[string]types.Route{}
	for _, r := range must(f.GetRoutes(ctx, &sdk.GetRoutesInput{ApiId: got.ApiId}))(t).Items {
		routes[*r.RouteKey] = r
	}
	if len(routes) != 4 {
		t.Fatalf("routes %v", routes)
	}
	if r := routes["GET /pets"]; r.AuthorizationType != types.AuthorizationTypeJwt || !slices.Equal(r.AuthorizationScopes, []string{"read"}) || *r.OperationName != "list" {
		t.Errorf("GET /pets: %+v", r)
	}
	if r := routes["POST /pets"]; r.AuthorizationType != types.AuthorizationTypeCustom || r.AuthorizerId == nil {
		t.Errorf("POST /pets: %+v", r)
	}
	if r := routes["GET /secret"]; r.AuthorizationType != types.AuthorizationTypeAwsIam || r.Target != nil {
		t.Errorf("GET /secret: %+v", r)
	}
	integration := func(key string) *sdk.GetIntegrationOutput {
		id := strings.TrimPrefix(*routes[key].Target, "integrations/")
		return must(f.GetIntegration(ctx, &sdk.GetIntegrationInput{ApiId: got.ApiId, IntegrationId: &id}))(t)
	}
	if i := integration("$default"); *i.IntegrationUri != "arn:aws:lambda:us-west-2:123456789012:function:f" || *i.IntegrationMethod != "POST" ||
		*i.PayloadFormatVersion != "2.0" || *i.TimeoutInMillis != 30000 || *i.Description != "AutoCreate from OpenAPI Import" {
		t.Errorf("$default: %+v", i)
	}
	if i := integration("POST /pets"); *i.TimeoutInMillis != 5000 || i.ConnectionType != types.ConnectionTypeInternet {
		t.Errorf("POST /pets: %+v", i)
	}
	auths := must(f.GetAuthorizers(ctx, &sdk.GetAuthorizersInput{ApiId: got.ApiId}))(t).Items
	if len(auths) != 2 || *auths[0].Name != "jwt" || *auths[0].JwtConfiguration.Issuer != "https://issuer.example.com" || *auths[1].AuthorizerResultTtlInSeconds != 300 {
		t.Errorf("authorizers %+v", auths)
	}
}

func TestImportBasePath(t *testing.T) {
	f := setup(t)
	const doc = `{"openapi":"3.0.1","info":{"title":"a"},"servers":[{"url":"https://x.y/first/second"}],"paths":{"/pets":{"get":{}},"/$default":{"x-amazon-apigateway-any-method":{"isDefaultRoute":true}}}}`
	for mode, want := range map[string][]string{
		"":        {"GET /pets", "$default"},
		"ignore":  {"GET /pets", "$default"},
		"prepend": {"GET /first/second/pets", "$default"},
		"split":   {"GET /second/pets", "$default"},
	} {
		in := &sdk.ImportApiInput{Body: aws.String(doc)}
		if mode != "" {
			in.Basepath = &mode
		}
		got := must(f.ImportApi(ctx, in))(t)
		if diff := cmp.Diff(routeKeys(t, f, got.ApiId), want); diff != "" {
			t.Errorf("basepath %q (-got +want):\n%s", mode, diff)
		}
	}
}

func TestReimport(t *testing.T) {
	f := setup(t)
	api := importAPI(t, f, petStore).ApiId
	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true), StageVariables: map[string]string{"k": "v"}}))(t)
	const doc = `{"openapi":"3.0.1","info":{"title":"Second","version":"2"},"paths":{"/dogs":{"get":{"responses":{}}}}}`
	got := must(f.ReimportApi(ctx, &sdk.ReimportApiInput{ApiId: api, Body: aws.String(doc)}))(t)
	if *got.ApiId != *api || *got.Name != "Second" || *got.Version != "2" || got.Description != nil || got.CorsConfiguration != nil {
		t.Errorf("reimported %+v", got)
	}
	if diff := cmp.Diff(routeKeys(t, f, api), []string{"GET /dogs"}); diff != "" {
		t.Error(diff)
	}
	if n := len(must(f.GetIntegrations(ctx, &sdk.GetIntegrationsInput{ApiId: api}))(t).Items); n != 0 {
		t.Errorf("%d integrations are left", n)
	}
	if n := len(must(f.GetAuthorizers(ctx, &sdk.GetAuthorizersInput{ApiId: api}))(t).Items); n != 0 {
		t.Errorf("%d authorizers are left", n)
	}
	if st := must(f.GetStage(ctx, &sdk.GetStageInput{ApiId: api, StageName: aws.String("$default")}))(t); st.StageVariables["k"] != "v" {
		t.Errorf("the stage is %+v", st)
	}
	if diff := cmp.Diff(f.plane.routeKeys(*api, "$default"), []string{"GET /dogs"}); diff != "" {
		t.Errorf("served: %s", diff)
	}
}

func TestImportRefusals(t *testing.T) {
	f := setup(t)
	const danglingReference = `{"openapi":"3.0.1","info":{"title":"Renamed","version":"1"},"paths":{"/update":{"get":{"responses":{"200":{"description":"d","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ModelThatDoesNotExist"}}}}}}}}}`
	const warning = "Parse issue: attribute paths.'/update'(get).responses.200.content.schema.#/components/schemas/ModelThatDoesNotExist is missing"
	api := newAPI(t, f)
	_, err := f.ReimportApi(ctx, &sdk.ReimportApiInput{ApiId: api, Body: aws.String(danglingReference), FailOnWarnings: aws.Bool(true)})
	wantError(t, err, badRequest, "Warnings found during import:\n\t"+warning)
	if got := must(f.GetApi(ctx, &sdk.GetApiInput{ApiId: api}))(t); *got.Name != "api" {
		t.Errorf("a refused import renamed the API to %s", *got.Name)
	}
	got := must(f.ReimportApi(ctx, &sdk.ReimportApiInput{ApiId: api, Body: aws.String(danglingReference)}))(t)
	if *got.Name != "Renamed" || !slices.Equal(got.Warnings, []string{warning}) {
		t.Errorf("reimported %s with %q", *got.Name, got.Warnings)
	}
	if again := must(f.GetApi(ctx, &sdk.GetApiInput{ApiId: api}))(t); len(again.Warnings) != 0 {
		t.Errorf("warnings outlive their answer: %q", again.Warnings)
	}

	_, err = f.ReimportApi(ctx, &sdk.ReimportApiInput{ApiId: aws.String("nope"), Body: aws.String(danglingReference)})
	wantError(t, err, notFound, "Invalid API identifier specified 123456789012:nope")
	for name, tc := range map[string]struct{ body, message string }{
		"no document":   {"{", "Invalid OpenAPI input."},
		"Swagger":       {`{"swagger":"2.0","info":{"title":"a"},"paths":{}}`, "Invalid OpenAPI input."},
		"no title":      {`{"openapi":"3.0.1","info":{},"paths":{}}`, "Invalid API name specified"},
		"integration":   {`{"openapi":"3.0.1","info":{"title":"a"},"paths":{"/a":{"get":{"x-amazon-apigateway-integration":{"type":"MOCK","payloadFormatVersion":"1.0"}}}}}`, "Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/a': Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)"},
		"any origin":    {`{"openapi":"3.0.1","info":{"title":"a"},"paths":{},"x-amazon-apigateway-cors":{"allowOrigins":["*"],"allowCredentials":true}}`, "allow-credentials is not supported if 'allow-origin' is *"},
		"variable path": {`{"openapi":"3.0.1","info":{"title":"a"},"paths":{"/a/{x+}/b":{"get":{}}}}`, `Errors found during import:` + "\n\t" + `Unable to put method 'GET' on resource at path '/a/{x+}/b': The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.ImportApi(ctx, &sdk.ImportApiInput{Body: &tc.body})
			wantError(t, err, badRequest, tc.message)
		})
	}
	if n := len(must(f.GetApis(ctx, &sdk.GetApisInput{}))(t).Items); n != 1 {
		t.Errorf("%d APIs after refused imports, want 1", n)
	}
}

// A guard that cannot be made takes its routes with it: none ends up open.
func TestImportDropsRoutesOfBrokenAuthorizers(t *testing.T) {
	f := setup(t)
	got := importAPI(t, f, `
openapi: 3.0.1
info: {title: a}
paths:
  /closed: {get: {security: [{bad: []}], responses: {}}}
  /open: {get: {responses: {}}}
components:
  securitySchemes:
    bad: {type: oauth2, x-amazon-apigateway-authorizer: {type: jwt, identitySource: $request.header.Authorization, jwtConfiguration: {issuer: 'ftp://x', audience: [a]}}}
`)
	if diff := cmp.Diff(routeKeys(t, f, got.ApiId), []string{"GET /open"}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(got.Warnings, []string{"Unable to create Authorizer 'bad': Invalid issuer: Issuer is not a valid URL for JWT Authorizer"}); diff != "" {
		t.Error(diff)
	}
}

func TestExport(t *testing.T) {
	f := setup(t)
	api := importAPI(t, f, petStore).ApiId
	export := func(change func(*sdk.ExportApiInput)) (string, error) {
		in := &sdk.ExportApiInput{ApiId: api, Specification: aws.String("OAS30"), OutputType: aws.String("JSON")}
		change(in)
		out, err := f.ExportApi(ctx, in)
		if err != nil {
			return "", err
		}
		return string(out.Body), nil
	}
	whole := must(export(func(*sdk.ExportApiInput) {}))(t)
	again := importAPI(t, f, whole)
	if diff := cmp.Diff(routeKeys(t, f, again.ApiId), []string{"$default", "GET /pets", "POST /pets", "GET /secret"}, sorted); diff != "" {
		t.Errorf("an export, imported (-got +want):\n%s", diff)
	}
	reexported := must(export(func(in *sdk.ExportApiInput) { in.ApiId = again.ApiId }))(t)
	if diff := cmp.Diff(decode(t, strings.ReplaceAll(reexported, *again.ApiId, *api)), decode(t, whole)); diff != "" {
		t.Errorf("an export, imported and exported (-got +want):\n%s", diff)
	}

	plain := must(export(func(in *sdk.ExportApiInput) {
		in.IncludeExtensions = aws.Bool(false)
		in.OutputType = aws.String("YAML")
	}))(t)
	if strings.Contains(plain, "x-amazon-apigateway-integration") || !strings.HasPrefix(plain, "---\nopenapi:") {
		t.Errorf("without extensions:\n%s", plain)
	}

	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("dev")}))(t)
	must(f.CreateDeployment(ctx, &sdk.CreateDeploymentInput{ApiId: api, StageName: aws.String("dev")}))(t)
	must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /new")}))(t)
	if staged := must(export(func(in *sdk.ExportApiInput) { in.StageName = aws.String("dev") }))(t); strings.Contains(staged, "/new") || !strings.Contains(staged, `"default" : "dev"`) {
		t.Errorf("the stage's export:\n%s", staged)
	}
	if latest := must(export(func(*sdk.ExportApiInput) {}))(t); !strings.Contains(latest, "/new") {
		t.Errorf("the latest configuration's export:\n%s", latest)
	}

	status, header, _ := f.call(t, "GET", "/v2/apis/"+*api+"/exports/OAS30?outputType=JSON", "")
	if status != 200 || header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", status, header.Get("Content-Type"))
	}
	_, err := export(func(in *sdk.ExportApiInput) { in.StageName = aws.String("nope") })
	wantError(t, err, notFound, "Invalid stage identifier specified")
	_, err = export(func(in *sdk.ExportApiInput) { in.ApiId = newAPI(t, f) })
	wantError(t, err, badRequest, "Unable to export API because no routes exist in this API")
	_, err = export(func(in *sdk.ExportApiInput) { in.Specification = aws.String("RAML") })
	wantError(t, err, badRequest, "Invalid specification specified. Must be one of [OAS30]")
}

var sorted = cmp.Transformer("sorted", func(l []string) []string { return slices.Sorted(slices.Values(l)) })

func decode(t *testing.T, doc string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		t.Fatalf("%v in\n%s", err, doc)
	}
	return v
}
