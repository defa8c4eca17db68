package apigateway_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestExportThenImport holds that an API which is exported with AWS's extensions and
// imported again is the same API, whatever the format.
func TestExportThenImport(t *testing.T) {
	documents := map[string][]byte{"large": largeDocument()}
	for _, name := range []string{"import_swagger_pets", "import_petstore_authorizers", "circular_models", "cognito_scopes", "references"} {
		archive, err := txtar.ParseFile(filepath.Join("..", "openapi", "testdata", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.HasPrefix(file.Name, "document") {
				documents[name] = file.Data
			}
		}
	}
	for name, body := range documents {
		t.Run(name, func(t *testing.T) { roundTrip(t, body) })
	}
}

func roundTrip(t *testing.T, body []byte) {
	f := newFixture(t)
	first := must[sdk.ImportRestApiOutput](f)(f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: body}))
	f.completeMethods(*first.Id)
	f.deploy(*first.Id, "local")
	want := f.contents(*first.Id)
	formats := []string{"oas30", "swagger"}
	if strings.Contains(string(body), "application/xml") {
		formats = formats[:1] // Swagger has one body for all content types
	}
	for _, format := range formats {
		for _, accept := range []string{"application/json", "application/yaml"} {
			exported := must[sdk.GetExportOutput](f)(f.c.GetExport(t.Context(), &sdk.GetExportInput{RestApiId: first.Id, StageName: aws.String("local"),
				ExportType: &format, Accepts: &accept, Parameters: map[string]string{"extensions": "apigateway"}}))
			again, err := f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: exported.Body, FailOnWarnings: true})
			if err != nil {
				t.Fatalf("%s as %s: %v\n%s", format, accept, err, exported.Body)
			}
			if diff := cmp.Diff(want, f.contents(*again.Id)); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", format, accept, diff)
			}
		}
	}
}

// completeMethods gives every method an integration, so that the API can be deployed.
func (f *fixture) completeMethods(api string) {
	f.Helper()
	all := must[sdk.GetResourcesOutput](f)(f.c.GetResources(f.Context(), &sdk.GetResourcesInput{RestApiId: &api, Limit: aws.Int32(500), Embed: []string{"methods"}}))
	for _, r := range all.Items {
		for verb, m := range r.ResourceMethods {
			if m.MethodIntegration == nil {
				must[sdk.PutIntegrationOutput](f)(f.c.PutIntegration(f.Context(), &sdk.PutIntegrationInput{RestApiId: &api, ResourceId: r.Id, HttpMethod: &verb, Type: "MOCK"}))
			}
		}
	}
}

// contents is all that an API holds, with names for ids. Paths without methods are
// left out, because no document has them.
func (f *fixture) contents(api string) map[string]any {
	f.Helper()
	names := []string{api, "API"}
	out := map[string]any{}
	get := func(path string) []any {
		code, body := f.raw("GET", "/restapis/"+api+path, "")
		if code != 200 {
			f.Fatalf("%s: %d %s", path, code, body)
		}
		var list struct{ Item []any }
		if err := json.Unmarshal([]byte(strings.NewReplacer(names...).Replace(body)), &list); err != nil {
			f.Fatal(err)
		}
		return list.Item
	}
	for _, kind := range []string{"authorizers", "requestvalidators", "models", "gatewayresponses", "resources"} {
		for _, v := range get("/" + kind + "?limit=500&embed=methods") {
			item := v.(map[string]any)
			key := ""
			for _, k := range []string{"name", "path", "responseType"} {
				if s, ok := item[k].(string); ok {
					key = s
				}
			}
			if id, ok := item["id"].(string); ok {
				names = append(names, id, kind+" "+key)
				delete(item, "id")
			}
			delete(item, "parentId")
			if text, ok := item["schema"].(string); ok {
				var schema any
				if err := json.Unmarshal([]byte(text), &schema); err != nil {
					f.Fatal(err)
				}
				item["schema"] = schema
			}
			if kind != "resources" || item["resourceMethods"] != nil {
				out[kind+" "+key] = item
			}
		}
	}
	// The ids of resources stand in those themselves, as cache namespaces.
	raw, err := json.Marshal(out)
	if err != nil {
		f.Fatal(err)
	}
	named := map[string]any{}
	if err := json.Unmarshal([]byte(strings.NewReplacer(names...).Replace(string(raw))), &named); err != nil {
		f.Fatal(err)
	}
	return named
}

// largeDocument has something of everything, on many paths.
func largeDocument() []byte {
	paths, schemas := map[string]any{}, map[string]any{"Error": map[string]any{"type": "object", "properties": map[string]any{"message": map[string]any{"type": "string"}}}}
	for i := range 60 {
		model := fmt.Sprintf("Thing%d", i)
		schemas[model] = map[string]any{"type": "object", "required": []any{"id"}, "properties": map[string]any{
			"id": map[string]any{"type": "integer"}, "next": map[string]any{"$ref": fmt.Sprintf("#/components/schemas/Thing%d", (i+1)%60)},
			"self": map[string]any{"type": "array", "items": map[string]any{"$ref": "#/components/schemas/" + model}},
		}}
		schema := map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/" + model}}}
		responses := map[string]any{
			"200": map[string]any{"description": "200 response", "headers": map[string]any{"X-Total": map[string]any{"schema": map[string]any{"type": "string"}}}, "content": schema},
			"404": map[string]any{"$ref": "#/components/responses/Missing"},
		}
		query := map[string]any{"name": "q", "in": "query", "required": i%2 == 0, "schema": map[string]any{"type": "string"}}
		paths[fmt.Sprintf("/things%d/{id}", i)] = map[string]any{
			"parameters": []any{map[string]any{"$ref": "#/components/parameters/Id"}},
			"get": map[string]any{
				"operationId": fmt.Sprintf("get%d", i), "parameters": []any{query}, "responses": responses, "security": []any{map[string]any{"token": []any{}, "api_key": []any{}}},
				"x-amazon-apigateway-request-validator": "parameters",
				"x-amazon-apigateway-integration": map[string]any{
					"type": "aws", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:dynamodb:action/GetItem", "credentials": "arn:aws:iam::" + account + ":role/r",
					"passthroughBehavior": "never", "timeoutInMillis": 1000 + i, "cacheNamespace": "shared", "cacheKeyParameters": []any{"method.request.path.id"}, "contentHandling": "CONVERT_TO_TEXT",
					"requestParameters": map[string]any{"integration.request.header.X": "method.request.querystring.q", "integration.request.header.Y": "'static'"},
					"requestTemplates":  map[string]any{"application/json": `{"Key": {"id": {"S": "$input.params('id')"}}}`},
					"responses": map[string]any{
						"default": map[string]any{"statusCode": "200", "responseParameters": map[string]any{"method.response.header.X-Total": "integration.response.header.Total"}, "responseTemplates": map[string]any{"application/json": "$input.json('$.Item')"}},
						"4\\d{2}": map[string]any{"statusCode": "404", "responseTemplates": map[string]any{"application/json": "__passthrough__"}, "contentHandling": "CONVERT_TO_BINARY"},
					},
				},
			},
			"post": map[string]any{
				"requestBody": map[string]any{"$ref": "#/components/requestBodies/Body"}, "responses": responses, "security": []any{map[string]any{"sigv4": []any{}}},
				"x-amazon-apigateway-integration": map[string]any{"type": "http_proxy", "httpMethod": "ANY", "uri": "https://example.com/{id}", "connectionType": "VPC_LINK", "connectionId": "${stageVariables.link}",
					"requestParameters": map[string]any{"integration.request.path.id": "method.request.path.id"}, "tlsConfig": map[string]any{"insecureSkipVerification": true}, "responseTransferMode": "STREAM"},
			},
			"x-amazon-apigateway-any-method": map[string]any{"responses": map[string]any{}, "x-amazon-apigateway-auth": map[string]any{"type": "NONE"},
				"x-amazon-apigateway-integration": map[string]any{"type": "mock", "requestTemplates": map[string]any{"application/json": `{"statusCode": 200}`}}},
		}
	}
	header := map[string]any{"type": "apiKey", "in": "header"}
	with := func(base map[string]any, more map[string]any) map[string]any {
		out := map[string]any{}
		for _, m := range []map[string]any{base, more} {
			for k, v := range m {
				out[k] = v
			}
		}
		return out
	}
	doc, _ := json.Marshal(map[string]any{ // of these types it always encodes
		"openapi": "3.0.1", "info": map[string]any{"title": "large", "version": "1"}, "paths": paths,
		"components": map[string]any{
			"schemas":       schemas,
			"parameters":    map[string]any{"Id": map[string]any{"name": "id", "in": "path", "required": true, "schema": map[string]any{"type": "string"}}},
			"responses":     map[string]any{"Missing": map[string]any{"description": "404 response", "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Error"}}}}},
			"requestBodies": map[string]any{"Body": map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Thing0"}}}}},
			"securitySchemes": map[string]any{
				"token": with(header, map[string]any{"name": "Authorization", "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": map[string]any{
					"type": "token", "authorizerUri": functionURI, "authorizerResultTtlInSeconds": 60, "identityValidationExpression": "^x-"}}),
				"api_key": with(header, map[string]any{"name": "x-api-key"}),
				"sigv4":   with(header, map[string]any{"name": "Authorization", "x-amazon-apigateway-authtype": "awsSigv4"}),
			},
		},
		"x-amazon-apigateway-request-validators": map[string]any{"parameters": map[string]any{"validateRequestParameters": true, "validateRequestBody": false}, "unused": map[string]any{"validateRequestParameters": true, "validateRequestBody": true}},
		"x-amazon-apigateway-gateway-responses":  map[string]any{"DEFAULT_4XX": map[string]any{"responseParameters": map[string]any{"gatewayresponse.header.X": "'1'"}, "responseTemplates": map[string]any{"application/json": "{}"}}, "THROTTLED": map[string]any{"statusCode": 420}},
		"x-amazon-apigateway-binary-media-types": []any{"image/png", "*/*"}, "x-amazon-apigateway-minimum-compression-size": 1024, "x-amazon-apigateway-api-key-source": "AUTHORIZER",
		"x-amazon-apigateway-policy": json.RawMessage(policyText),
	})
	return doc
}

// An export shows the documentation as it was when the stage's version was made.
func TestExportDocumentation(t *testing.T) {
	f, api, _, _ := staged(t)
	must[sdk.CreateDocumentationPartOutput](f)(f.c.CreateDocumentationPart(t.Context(), apiPart(api)))
	must[sdk.CreateDocumentationVersionOutput](f)(f.c.CreateDocumentationVersion(t.Context(), &sdk.CreateDocumentationVersionInput{RestApiId: &api, DocumentationVersion: aws.String("v1"), StageName: aws.String("dev")}))
	part := must[sdk.GetDocumentationPartsOutput](f)(f.c.GetDocumentationParts(t.Context(), &sdk.GetDocumentationPartsInput{RestApiId: &api})).Items[0].Id
	must[sdk.DeleteDocumentationPartOutput](f)(f.c.DeleteDocumentationPart(t.Context(), &sdk.DeleteDocumentationPartInput{RestApiId: &api, DocumentationPartId: part}))
	for extensions, want := range map[string]bool{"": false, "apigateway": false, "apigateway,documentation": true} {
		got := must[sdk.GetExportOutput](f)(f.c.GetExport(t.Context(), &sdk.GetExportInput{RestApiId: &api, StageName: aws.String("dev"), ExportType: aws.String("oas30"), Parameters: map[string]string{"extensions": extensions}}))
		var doc struct {
			Documentation *struct {
				Version, CreatedDate string
				DocumentationParts   []any
			} `json:"x-amazon-apigateway-documentation"`
		}
		if err := json.Unmarshal(got.Body, &doc); err != nil {
			t.Fatal(err)
		}
		if d := doc.Documentation; (d != nil) != want || want && (d.Version != "v1" || d.CreatedDate != "2026-03-04T05:06:07Z" || len(d.DocumentationParts) != 1) {
			t.Errorf("%q: %+v", extensions, d)
		}
	}
}
