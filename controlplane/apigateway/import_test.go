package apigateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

const petStore = `{
  "swagger": "2.0", "info": {"title": "Simple PetStore (Swagger)", "version": "1.0.0"}, "basePath": "/base",
  "x-amazon-apigateway-binary-media-types": ["image/png", "image/jpg"],
  "paths": {
    "/pets": {"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": {"type": "http", "httpMethod": "GET", "uri": "http://example.com/pets", "responses": {"default": {"statusCode": "200"}}}}},
    "/pets/{petId}": {"get": {"parameters": [{"name": "petId", "in": "path", "required": true, "type": "string"}], "responses": {"200": {"description": "ok"}},
      "x-amazon-apigateway-integration": {"type": "http", "httpMethod": "GET", "uri": "http://example.com/pets/{id}", "responses": {"default": {"statusCode": "200"}}, "requestParameters": {"integration.request.path.id": "method.request.path.petId"}}}}
  }
}`

func (f *fixture) paths(api string) map[string]string {
	f.Helper()
	out := map[string]string{}
	for _, r := range must[sdk.GetResourcesOutput](f)(f.c.GetResources(f.Context(), &sdk.GetResourcesInput{RestApiId: &api})).Items {
		out[*r.Path] = *r.Id
	}
	return out
}

func TestImportAndPut(t *testing.T) {
	f := newFixture(t)
	api := must[sdk.ImportRestApiOutput](f)(f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: []byte(petStore), Parameters: map[string]string{"basepath": "prepend"}}))
	if *api.Name != "Simple PetStore (Swagger)" || *api.Version != "1.0.0" || strings.Join(api.BinaryMediaTypes, " ") != "image/png image/jpg" {
		t.Errorf("imported %+v", api)
	}
	paths := f.paths(*api.Id)
	for _, path := range []string{"/", "/base", "/base/pets", "/base/pets/{petId}"} {
		if paths[path] == "" {
			t.Errorf("no %s in %v", path, paths)
		}
	}
	if models := must[sdk.GetModelsOutput](f)(f.c.GetModels(t.Context(), &sdk.GetModelsInput{RestApiId: api.Id})); len(models.Items) != 0 {
		t.Errorf("models %+v", models.Items)
	}
	pet := paths["/base/pets/{petId}"]
	m := must[sdk.GetIntegrationOutput](f)(f.c.GetIntegration(t.Context(), &sdk.GetIntegrationInput{RestApiId: api.Id, ResourceId: &pet, HttpMethod: aws.String("GET")}))
	if m.ConnectionType != "INTERNET" || *m.CacheNamespace != pet || m.IntegrationResponses["200"].SelectionPattern != nil || m.RequestParameters["integration.request.path.id"] != "method.request.path.petId" {
		t.Errorf("integration %+v", m)
	}
	f.deploy(*api.Id, "local")

	const other = `{"openapi": "3.0.1", "info": {"title": "other", "version": "2"}, "x-amazon-apigateway-binary-media-types": ["image/heif"], "paths": {"/base/pets": {}, "/new": {}}}`
	merged := must[sdk.PutRestApiOutput](f)(f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: api.Id, Mode: "merge", Body: []byte(other)}))
	if *merged.Name != "other" || strings.Join(merged.BinaryMediaTypes, " ") != "image/png image/jpg image/heif" {
		t.Errorf("merged %+v", merged)
	}
	if after := f.paths(*api.Id); after["/base/pets/{petId}"] != pet || after["/new"] == "" {
		t.Errorf("merged %v", after)
	}
	written := must[sdk.PutRestApiOutput](f)(f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: api.Id, Mode: "overwrite", Body: []byte(other)}))
	after := f.paths(*api.Id)
	if strings.Join(written.BinaryMediaTypes, " ") != "image/heif" || after["/base/pets/{petId}"] != "" || after["/base/pets"] != paths["/base/pets"] {
		t.Errorf("overwritten %+v %v", written, after)
	}

	// The stage still serves, and exports, what was deployed.
	export := must[sdk.GetExportOutput](f)(f.c.GetExport(t.Context(), &sdk.GetExportInput{RestApiId: api.Id, StageName: aws.String("local"), ExportType: aws.String("swagger"), Parameters: map[string]string{"extensions": "apigateway"}}))
	var doc map[string]any
	if err := json.Unmarshal(export.Body, &doc); err != nil {
		t.Fatal(err)
	}
	exported, _ := doc["paths"].(map[string]any)
	if *export.ContentDisposition != `attachment; filename="swagger_1.0.0.json"` || exported["/base/pets/{petId}"] == nil || doc["basePath"] != "/local" {
		t.Errorf("export %s: %s", *export.ContentDisposition, export.Body)
	}
}

func TestImportRefusals(t *testing.T) {
	f := newFixture(t)
	for _, body := range []string{"{", "a: [", `{"swagger": "1.2"}`, "[]"} {
		_, err := f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: []byte(body)})
		f.refused(err, "BadRequestException", "Invalid OpenAPI input.")
		_, err = f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: aws.String("nosuch"), Body: []byte(body)})
		f.refused(err, "BadRequestException", "Invalid OpenAPI input.")
	}
	_, err := f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: aws.String("nosuch"), Body: []byte(petStore)})
	f.refused(err, "NotFoundException", "Invalid API identifier specified "+account+":nosuch")
	api, _ := f.api()
	_, err = f.c.ImportDocumentationParts(t.Context(), &sdk.ImportDocumentationPartsInput{RestApiId: &api, Body: []byte("{")})
	f.refused(err, "BadRequestException", "Unable to build importer with provided input.")
	if list := must[sdk.GetRestApisOutput](f)(f.c.GetRestApis(t.Context(), &sdk.GetRestApisInput{})); len(list.Items) != 1 {
		t.Errorf("a refused import left %d APIs", len(list.Items)-1)
	}
}

// What a document says of the endpoint is taken by an API that is there, too; its type
// stays.
func TestPutEndpoint(t *testing.T) {
	f := newFixture(t)
	api := must[sdk.CreateRestApiOutput](f)(f.c.CreateRestApi(t.Context(), &sdk.CreateRestApiInput{Name: aws.String("private"), EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{"PRIVATE"}}})).Id
	put := func(endpoint string) *sdk.PutRestApiOutput {
		t.Helper()
		return must[sdk.PutRestApiOutput](f)(f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: api, Mode: "overwrite", Parameters: map[string]string{"endpointConfigurationTypes": "EDGE"},
			Body: []byte(`{"openapi":"3.0.1","info":{"title":"x","version":"1"},"paths":{},"servers":[{"url":"/","x-amazon-apigateway-endpoint-configuration":` + endpoint + `}]}`)}))
	}
	got := put(`{"disableExecuteApiEndpoint":true,"vpcEndpointIds":["vpce-1"]}`)
	if c := got.EndpointConfiguration; !got.DisableExecuteApiEndpoint || c.Types[0] != "PRIVATE" || strings.Join(c.VpcEndpointIds, " ") != "vpce-1" {
		t.Errorf("%t %+v", got.DisableExecuteApiEndpoint, c)
	}
	if got = put(`{}`); !got.DisableExecuteApiEndpoint || len(got.EndpointConfiguration.VpcEndpointIds) != 1 {
		t.Errorf("a document without them: %t %+v", got.DisableExecuteApiEndpoint, got.EndpointConfiguration)
	}
}

func TestPutDocumentation(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	must[sdk.CreateDocumentationPartOutput](f)(f.c.CreateDocumentationPart(t.Context(), apiPart(api)))
	put := func(mode, ignore string) string {
		t.Helper()
		must[sdk.PutRestApiOutput](f)(f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: &api, Mode: types.PutMode(mode), Parameters: map[string]string{"ignore": ignore},
			Body: []byte(`{"openapi":"3.0.1","info":{"title":"x","version":"1"},"paths":{"/a":{"description":"an a"}}}`)}))
		var kinds []string
		for _, p := range must[sdk.GetDocumentationPartsOutput](f)(f.c.GetDocumentationParts(t.Context(), &sdk.GetDocumentationPartsInput{RestApiId: &api})).Items {
			kinds = append(kinds, string(p.Location.Type))
		}
		return strings.Join(kinds, " ")
	}
	for _, tc := range []struct{ mode, ignore, want string }{{"overwrite", "documentation", "API"}, {"merge", "", "API RESOURCE"}, {"overwrite", "", "RESOURCE"}} {
		if got := put(tc.mode, tc.ignore); got != tc.want {
			t.Errorf("%s, ignore=%s: %s", tc.mode, tc.ignore, got)
		}
	}
}

// A document that asks for what cannot be is refused whole.
func TestImportErrors(t *testing.T) {
	f := newFixture(t)
	document := func(operation, root string) string {
		return `{"openapi":"3.0.1","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{}` + operation + `}}}` + root + `}`
	}
	integration := func(members string) string {
		return `,"x-amazon-apigateway-integration":{"type":"mock","responses":{"default":{"statusCode":"200",` + members + `}}}`
	}
	for _, tc := range []struct {
		body       string
		parameters map[string]string
		want       string
	}{
		{document(`,"x-amazon-apigateway-request-validator":"nosuch"`, ""), nil, "Errors found during import:\n\tUnable to put method 'GET' on resource at path '/a': Invalid Request Validator identifier specified"},
		{document(integration(`"responseParameters":{"method.response.header.X":"'x'"}`), ""), nil, "Errors found during import:\n\tUnable to put integration response on 'GET' for resource at path '/a': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.X]"},
		{document(`,"x-amazon-apigateway-integration":{"type":"http","httpMethod":"GET","uri":"http://example.com","requestParameters":{"integration.request.header.X":"method.request.header.X"}}`, ""), nil, "Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/a': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.header.X]"},
		{document("", `,"x-amazon-apigateway-gateway-responses":{"NO_SUCH":{}}`), nil, "Errors found during import:\n\tUnable to put gateway response 'NO_SUCH': Invalid gateway response type specified"},
		{document("", `,"x-amazon-apigateway-gateway-responses":{"THROTTLED":{"statusCode":"4xx"}}`), nil, "Errors found during import:\n\tUnable to put gateway response 'THROTTLED': Invalid status code specified: 4xx"},
		{document("", `,"x-amazon-apigateway-api-key-source":"QUERY"`), nil, "Invalid API key source specified. Valid options are HEADER,AUTHORIZER"},
		{document("", `,"x-amazon-apigateway-minimum-compression-size":-1`), nil, "Invalid minimum compression size, must be between 0 and 10485760"},
		{document("", `,"x-amazon-apigateway-policy":{"Statement":[]}`), nil, "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."},
		{document("", ""), map[string]string{"endpointConfigurationTypes": "NEARBY"}, "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"},
		{document("", ""), map[string]string{"basepath": "nowhere"}, "Invalid basepath mode specified: nowhere. Must be one of: [ignore, prepend, split]"},
	} {
		_, err := f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: []byte(tc.body), Parameters: tc.parameters})
		f.refused(err, "BadRequestException", tc.want)
	}
	if list := must[sdk.GetRestApisOutput](f)(f.c.GetRestApis(t.Context(), &sdk.GetRestApisInput{})); len(list.Items) != 0 {
		t.Errorf("refused imports left %d APIs", len(list.Items))
	}
}
