package apigateway_test

import (
	"encoding/json"
	"slices"
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
	untitled := must[sdk.PutRestApiOutput](f)(f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: api.Id, Body: []byte(`{"swagger": "2.0", "paths": {}}`)}))
	if *untitled.Name != "other" {
		t.Errorf("a document without a title took the name: %q", *untitled.Name)
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
		{document(integration(`"responseParameters":{"method.response.header.X":"'x'"}`), ""), nil, "Errors found during import:\n\tUnable to put integration response on 'GET' for resource at path '/a': Invalid mapping expression specified: Validation Result: warnings : [], errors : [No method response exists for method.]"},
		{document(`,"x-amazon-apigateway-integration":{"type":"http","httpMethod":"GET","uri":"http://example.com","requestParameters":{"integration.request.header.X":"method.request.header.X"}}`, ""), nil, "Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/a': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.header.X]"},
		{document("", `,"x-amazon-apigateway-gateway-responses":{"NO_SUCH":{}}`), nil, "Errors found during import:\n\tUnable to put gateway response 'NO_SUCH': Invalid gateway response type specified"},
		{document("", `,"x-amazon-apigateway-gateway-responses":{"THROTTLED":{"statusCode":"4xx"}}`), nil, "Errors found during import:\n\tUnable to put gateway response 'THROTTLED': Invalid status code specified: 4xx"},
		{document("", `,"x-amazon-apigateway-gateway-responses":{"THROTTLED":{"responseParameters":{"gatewayresponse.header.X":"x"}}}`), nil, "Errors found during import:\n\tUnable to put gateway response 'THROTTLED': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: x]"},
		{document("", `,"x-amazon-apigateway-api-key-source":"QUERY"`), nil, "Invalid API key source specified. Valid options are HEADER,AUTHORIZER"},
		{document("", `,"x-amazon-apigateway-minimum-compression-size":-1`), nil, "Invalid minimum compression size, must be between 0 and 10485760"},
		{document("", `,"x-amazon-apigateway-policy":[]`), nil, "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."},
		{document("", `,"x-amazon-apigateway-security-policy":"TLS_9"`), nil, "Invalid value specified for securityPolicy: TLS_9"},
		{document("", `,"x-amazon-apigateway-endpoint-access-mode":"OPEN"`), nil, "Invalid value specified for endpointAccessMode: OPEN"},
		{document(`,"x-amazon-apigateway-integration":{"type":"vpc_link","httpMethod":"POST","uri":"`+functionURI+`"}`, ""), nil, "Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/a': Invalid value specified for type: VPC_LINK"},
		{document(`,"x-amazon-apigateway-integration":{"httpMethod":"POST","uri":"`+functionURI+`"}`, ""), nil, "Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/a': Enumeration value for IntegrationType must be non-empty"},
		{document(`,"x-amazon-apigateway-integration":{"type":"mock","contentHandling":"guess"}`, ""), nil, "Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/a': Invalid value specified for contentHandling: GUESS"},
		{document(`,"x-amazon-apigateway-integration":{"type":"http_proxy","httpMethod":"ANY","uri":"http://example.com","connectionType":"TUNNEL"}`, ""), nil, "Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/a': Invalid value specified for connectionType: TUNNEL"},
		{document(`,"x-amazon-apigateway-integration":{"type":"mock","responses":{"default":{"statusCode":"2XX"}}}`, ""), nil, "Errors found during import:\n\tUnable to put integration response on 'GET' for resource at path '/a': Invalid status code specified: 2XX"},
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

// What is not in the document stays under merge and goes under overwrite; what is in
// both is the document's, methods as a whole.
func TestPutModes(t *testing.T) {
	f := newFixture(t)
	const scheme = `{"type":"apiKey","in":"header","name":"Authorization","x-amazon-apigateway-authtype":"custom","x-amazon-apigateway-authorizer":{"type":"token","authorizerUri":"` + functionURI + `"}}`
	const mock = `"x-amazon-apigateway-integration":{"type":"mock"}`
	document := func(title, name, more string) []byte {
		return []byte(`{"openapi":"3.0.1","info":{"title":"` + title + `","version":"` + title + `"},"paths":{"/both":{"get":{` + more + mock + `}},"/` + name + `":{"get":{` + mock + `}}},
			"components":{"schemas":{"` + name + `":{"type":"object"}},"securitySchemes":{"` + name + `":` + scheme + `}},
			"x-amazon-apigateway-request-validators":{"` + name + `":{"validateRequestBody":true}},
			"x-amazon-apigateway-gateway-responses":{"` + map[string]string{"old": "THROTTLED", "new": "UNAUTHORIZED"}[name] + `":{"statusCode":"400"}}}`)
	}
	imported := must[sdk.ImportRestApiOutput](f)(f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{
		Body: document("one", "old", `"operationId":"first","responses":{"200":{"description":"ok"},"404":{"description":"none"}},`)}))
	both := f.paths(*imported.Id)["/both"]
	for _, tc := range []struct {
		mode types.PutMode
		want string
	}{
		{"merge", "authorizers new, authorizers old, gatewayresponses THROTTLED, gatewayresponses UNAUTHORIZED, models new, models old, requestvalidators new, requestvalidators old, resources /both, resources /new, resources /old"},
		{"overwrite", "authorizers new, gatewayresponses UNAUTHORIZED, models new, requestvalidators new, resources /both, resources /new"},
	} {
		put := must[sdk.PutRestApiOutput](f)(f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: imported.Id, Mode: tc.mode, Body: document("two", "new", `"responses":{"201":{"description":"made"}},`)}))
		if *put.Name != "two" || *put.Version != "two" {
			t.Errorf("%s: %s %s", tc.mode, *put.Name, *put.Version)
		}
		var have []string
		for name, item := range f.contents(*imported.Id) {
			if item.(map[string]any)["defaultResponse"] != true {
				have = append(have, name)
			}
		}
		slices.Sort(have)
		if got := strings.Join(have, ", "); got != tc.want {
			t.Errorf("%s\ngot  %s\nwant %s", tc.mode, got, tc.want)
		}
		m := must[sdk.GetMethodOutput](f)(f.c.GetMethod(t.Context(), &sdk.GetMethodInput{RestApiId: imported.Id, ResourceId: &both, HttpMethod: aws.String("GET")}))
		if _, made := m.MethodResponses["201"]; len(m.MethodResponses) != 1 || !made || m.OperationName != nil {
			t.Errorf("%s: the method is %+v", tc.mode, m)
		}
	}
}

// Warnings are shown, and fail an import that wants none, which then changes nothing.
func TestWarnings(t *testing.T) {
	f := newFixture(t)
	body := []byte(`{"openapi":"3.0.1","info":{"title":"x","version":"1"},"servers":[{"url":"https://a.example.com/v1"}],"paths":{"/test":{"get":{"x-amazon-apigateway-integration":
		{"type":"http","httpMethod":"GET","uri":"http://example.com","requestParameters":{"integration.request.header.nothing":true,"integration.request.header.x":"'x'"}}}}}}`)
	text := func(path string) string {
		return "Invalid format for 'requestParameters'. Expected type string for property 'integration.request.header.nothing' of resource '" + path + "' and method 'GET' but got 'true'"
	}
	_, err := f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: body, FailOnWarnings: true})
	f.refused(err, "BadRequestException", "Warnings found during import:\n\t"+text("/test"))
	out := must[sdk.ImportRestApiOutput](f)(f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: body, Parameters: map[string]string{"basepath": "prepend"}}))
	if strings.Join(out.Warnings, "\n") != text("/v1/test") {
		t.Errorf("warnings %q", out.Warnings)
	}
	if got := must[sdk.GetRestApiOutput](f)(f.c.GetRestApi(t.Context(), &sdk.GetRestApiInput{RestApiId: out.Id})); len(got.Warnings) != 0 {
		t.Errorf("later still warned: %q", got.Warnings)
	}
	_, err = f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: out.Id, Body: body, Mode: "overwrite", FailOnWarnings: true})
	f.refused(err, "BadRequestException", "Warnings found during import:\n\t"+text("/test"))
	if f.paths(*out.Id)["/v1/test"] == "" {
		t.Error("a refused PutRestApi changed the API")
	}
}
