package apigateway_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func TestPutIntegration(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.method(api, root, "GET")
	lambda := "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:MyLambda/invocations"
	role := "arn:aws:iam::111111111111:role/service-role/r"
	for _, tc := range []struct {
		name, kind, method, uri, credentials string
		code, want                           string // code empty: the body's members
	}{
		{"HTTP without method", "HTTP", "", "http://example.com", "", "BadRequestException", "Enumeration value for HttpMethod must be non-empty"},
		{"AWS without method", "AWS", "", lambda, "", "BadRequestException", "Enumeration value for HttpMethod must be non-empty"},
		{"HTTP to an ARN", "HTTP_PROXY", "POST", lambda, "", "BadRequestException", "Invalid HTTP endpoint specified for URI"},
		{"no ARN", "AWS", "POST", "http://example.com", role, "BadRequestException", "Invalid ARN specified in the request"},
		{"no path or action", "AWS", "POST", "arn:aws:iam::0000000000:role/service-role/asdf", role, "BadRequestException", "AWS ARN for integration must contain path or action"},
		{"bare function", "AWS_PROXY", "POST", "arn:aws:lambda:us-east-1:111111111111:function:MyLambda", "", "BadRequestException", "AWS ARN for integration must contain path or action"},
		{"wrong kind", "AWS_PROXY", "POST", "arn:aws:apigateway:us-east-1:lambda:test/2015-03-31/functions/x/invocations", "", "BadRequestException", "AWS ARN for integration must contain path or action"},
		{"proxy to S3", "AWS_PROXY", "POST", "arn:aws:apigateway:us-east-1:s3:path/b/k", role, "BadRequestException", "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."},
		{"proxy to no function", "AWS_PROXY", "POST", "arn:aws:apigateway:us-east-1:lambda:path/x", "", "BadRequestException", "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."},
		{"no role", "AWS", "POST", "arn:aws:apigateway:us-east-1:s3:path/b/k", "", "BadRequestException", "Role ARN must be specified for AWS integrations"},
		{"wrong type", "HTTPS_PROXY", "POST", "http://example.com", "", "ValidationException", "1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"},
		{"mock", "MOCK", "POST", "http://example.com", role, "", `{"type":"MOCK","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":29000,"cacheNamespace":"ROOT","cacheKeyParameters":[]}`},
		{"http", "HTTP", "POST", "http://example.com", "", "", `{"type":"HTTP","httpMethod":"POST","uri":"http://example.com","connectionType":"INTERNET","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":29000,"cacheNamespace":"ROOT","cacheKeyParameters":[]}`},
		{"stage variables", "HTTP_PROXY", "ANY", "https://${stageVariables.host}/{proxy}", "", "", `{"type":"HTTP_PROXY","httpMethod":"ANY","uri":"https://${stageVariables.host}/{proxy}","connectionType":"INTERNET","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":29000,"cacheNamespace":"ROOT","cacheKeyParameters":[]}`},
		{"lambda", "AWS_PROXY", "POST", lambda, "", "", `{"type":"AWS_PROXY","httpMethod":"POST","uri":"` + lambda + `","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":29000,"cacheNamespace":"ROOT","cacheKeyParameters":[]}`},
	} {
		t.Run(tc.name, func(*testing.T) {
			in := &sdk.PutIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), Type: types.IntegrationType(tc.kind), Uri: &tc.uri}
			if tc.method != "" {
				in.IntegrationHttpMethod = &tc.method
			}
			if tc.credentials != "" {
				in.Credentials = &tc.credentials
			}
			_, err := f.c.PutIntegration(f.Context(), in)
			if tc.code != "" {
				f.refused(err, tc.code, tc.want)
				return
			}
			if err != nil {
				f.Fatal(err)
			}
			want := strings.Replace(tc.want, "ROOT", root, 1)
			if _, got := f.raw("GET", "/restapis/"+api+"/resources/"+root+"/methods/GET/integration", ""); got != want {
				f.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Terraform sends tls_config { insecure_skip_verification = false } as an empty object
// and expects it back.
func TestIntegrationTLSConfig(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.method(api, root, "GET")
	put := must[sdk.PutIntegrationOutput](f)(f.c.PutIntegration(f.Context(), &sdk.PutIntegrationInput{
		RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), Type: types.IntegrationTypeHttp, IntegrationHttpMethod: aws.String("GET"),
		Uri: aws.String("https://example.com"), TlsConfig: &types.TlsConfig{},
	}))
	if put.TlsConfig == nil || put.TlsConfig.InsecureSkipVerification {
		t.Errorf("put: %+v", put.TlsConfig)
	}
	for _, value := range []string{"true", "false"} {
		updated := must[sdk.UpdateIntegrationOutput](f)(f.c.UpdateIntegration(f.Context(), &sdk.UpdateIntegrationInput{
			RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), PatchOperations: ops("replace", "/tlsConfig/insecureSkipVerification", value),
		}))
		if updated.TlsConfig == nil || updated.TlsConfig.InsecureSkipVerification != (value == "true") {
			t.Errorf("%s: %+v", value, updated.TlsConfig)
		}
	}
}

func TestIntegrationNotFound(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	get := func(apiID, resource string) error {
		_, err := f.c.GetIntegration(t.Context(), &sdk.GetIntegrationInput{RestApiId: &apiID, ResourceId: &resource, HttpMethod: aws.String("GET")})
		return err
	}
	f.refused(get("nosuch", root), "NotFoundException", "Invalid Resource identifier specified")
	f.refused(get(api, "nosuch"), "NotFoundException", "Invalid Resource identifier specified")
	f.refused(get(api, root), "NotFoundException", "Invalid Method identifier specified")
	f.method(api, root, "GET")
	f.refused(get(api, root), "NotFoundException", "Invalid Integration identifier specified")
	response := func(verb, status string) error {
		_, err := f.c.DeleteIntegrationResponse(t.Context(), &sdk.DeleteIntegrationResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: &verb, StatusCode: &status})
		return err
	}
	f.refused(response("POST", "200"), "NotFoundException", "Invalid Integration identifier specified")
	f.mock(api, root, "POST")
	f.refused(response("POST", "200"), "NotFoundException", "Invalid Response status code specified")
	f.refused(response("POST", "wrong"), "ValidationException", `1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`)
}

func TestIntegrationResponseTemplates(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "POST")
	path := "/restapis/" + api + "/resources/" + root + "/methods/POST/integration/responses/200"
	for body, want := range map[string]string{
		`{"selectionPattern": "", "responseTemplates": {"application/json": null}}`: `{"statusCode":"200","selectionPattern":"","responseTemplates":{"application/json":null}}`,
		`{"selectionPattern": "", "responseTemplates": {"application/json": ""}}`:   `{"statusCode":"200","selectionPattern":"","responseTemplates":{"application/json":null}}`,
		`{"responseTemplates": {}}`:          `{"statusCode":"200","responseTemplates":{}}`,
		`{}`:                                 `{"statusCode":"200"}`,
		`{"responseTemplates": {"123": ""}}`: `{"message":"Validation Result: warnings : [], errors : [Invalid content type specified: 123]"}`,
	} {
		if _, got := f.raw("PUT", path, body); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
		}
	}
}

func TestMethodResponse(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.method(api, root, "GET")
	path := "/restapis/" + api + "/resources/" + root + "/methods/GET/responses/200"
	if status, got := f.raw("PUT", path, `{"responseParameters": {}, "responseModels": {}}`); status != 201 || got != `{"statusCode":"200","responseParameters":{},"responseModels":{}}` {
		t.Errorf("put: %d %s", status, got)
	}
	update := func(status string, list ...string) (*sdk.UpdateMethodResponseOutput, error) {
		return f.c.UpdateMethodResponse(t.Context(), &sdk.UpdateMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), StatusCode: &status, PatchOperations: ops(list...)})
	}
	must[sdk.UpdateMethodResponseOutput](f)(update("200", "add", "/responseParameters/method.response.header.h", "true", "add", "/responseModels/application~1json", "Empty"))
	must[sdk.UpdateMethodResponseOutput](f)(update("200", "remove", "/responseParameters/method.response.header.h", "-", "remove", "/responseModels/application~1json", "-"))
	if _, got := f.raw("GET", path, ""); got != `{"statusCode":"200"}` {
		t.Errorf("emptied: %s", got)
	}
	_, err := update("200", "replace", "/responseParameters/method.response.header.x", "true")
	f.refused(err, "NotFoundException", "Invalid parameter name specified")
	_, err = update("200", "remove", "/responseModels/application~1json", "-")
	f.refused(err, "NotFoundException", "Content-Type specified was not found")
	_, err = update("200", "add", "/wrong/x", "-")
	f.refused(err, "BadRequestException", "Invalid patch path /wrong/x")
	_, err = update("201", "add", "/responseParameters/x", "true")
	f.refused(err, "NotFoundException", "Invalid Response status code specified")
	_, err = update("wrong", "wrong_op", "/x", "-")
	f.refused(err, "ValidationException", `2 validation errors detected: Value 'wrong_op' at 'updateMethodResponseInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]; Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`)
}

func TestGatewayResponses(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	put := func(kind, status string, parameters map[string]string) {
		in := &sdk.PutGatewayResponseInput{RestApiId: &api, ResponseType: types.GatewayResponseType(kind), ResponseParameters: parameters}
		if status != "" {
			in.StatusCode = &status
		}
		must[sdk.PutGatewayResponseOutput](f)(f.c.PutGatewayResponse(t.Context(), in))
	}
	put("DEFAULT_5XX", "599", map[string]string{"gatewayresponse.header.a": "'b'"})
	put("AUTHORIZER_FAILURE", "", map[string]string{"gatewayresponse.header.foo": "'bar'"})
	base := "/restapis/" + api + "/gatewayresponses/"
	const template = `"responseTemplates":{"application/json":"{\"message\":$context.error.messageString}"}`
	for kind, want := range map[string]string{
		"INTEGRATION_FAILURE":          `{"responseType":"INTEGRATION_FAILURE","statusCode":"599","responseParameters":{"gatewayresponse.header.a":"'b'"},` + template + `,"defaultResponse":true}`,
		"AUTHORIZER_FAILURE":           `{"responseType":"AUTHORIZER_FAILURE","statusCode":"500","responseParameters":{"gatewayresponse.header.foo":"'bar'"},` + template + `,"defaultResponse":false}`,
		"MISSING_AUTHENTICATION_TOKEN": `{"responseType":"MISSING_AUTHENTICATION_TOKEN","statusCode":"403","responseParameters":{},` + template + `,"defaultResponse":true}`,
		"DEFAULT_4XX":                  `{"responseType":"DEFAULT_4XX","responseParameters":{},` + template + `,"defaultResponse":true}`,
	} {
		if _, got := f.raw("GET", base+kind, ""); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	update := func(list ...string) error {
		_, err := f.c.UpdateGatewayResponse(t.Context(), &sdk.UpdateGatewayResponseInput{RestApiId: &api, ResponseType: "DEFAULT_4XX", PatchOperations: ops(list...)})
		return err
	}
	if err := update("replace", "/statusCode", "444"); err != nil {
		t.Fatal(err)
	}
	f.refused(update("add", "/statusCode", "444"), "BadRequestException", "Invalid patch path /statusCode")
	f.refused(update("replace", "/responseParameters/gatewayresponse.header.x", "'y'"), "NotFoundException", "Invalid parameter name specified")
	f.refused(update("add", "/responseParameters/gatewayresponse.header.x", "-"), "BadRequestException", "Invalid null or empty value in responseParameters")
	f.refused(update("replace", "/responseTemplates/application~1json", "-"), "BadRequestException", "Invalid null or empty value in responseTemplates")
	f.refused(update("replace", "/wrongPath", "-"), "BadRequestException", "Invalid patch path /wrongPath")
	if status, got := f.raw("PATCH", base+"DEFAULT_4XX", `{"patchOperations":[{"op":"add"}]}`); status != 400 || got != `{"message":"Invalid patch path null"}` {
		t.Errorf("no path: %d %s", status, got)
	}
	_, err := f.c.DeleteGatewayResponse(t.Context(), &sdk.DeleteGatewayResponseInput{RestApiId: &api, ResponseType: "THROTTLED"})
	f.refused(err, "NotFoundException", "Gateway response type not defined on api")
}

func TestModels(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	create := func(apiID, name, schema string) error {
		in := &sdk.CreateModelInput{RestApiId: &apiID, Name: &name, ContentType: aws.String("application/json")}
		if schema != "-" {
			in.Schema = &schema
		}
		_, err := f.c.CreateModel(t.Context(), in)
		return err
	}
	const noSchema = "Model schema must have at least 1 property or array items defined"
	f.refused(create("nosuch", "M", "{}"), "NotFoundException", "Invalid API identifier specified "+account+":nosuch")
	f.refused(create(api, "", "{}"), "BadRequestException", "Model name must be non-empty")
	f.refused(create(api, "M", ""), "BadRequestException", noSchema)
	f.refused(create(api, "M", "-"), "BadRequestException", noSchema)
	f.refused(create(api, "Empty", "{}"), "ConflictException", "Model name already exists for this REST API")
	if err := create(api, "MySchema", `{"type":"object"}`); err != nil {
		t.Fatal(err)
	}
	_, err := f.c.PutMethod(t.Context(), &sdk.PutMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("ANY"), AuthorizationType: aws.String("NONE"), RequestModels: map[string]string{"application/json": "MySchema"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.c.DeleteModel(t.Context(), &sdk.DeleteModelInput{RestApiId: &api, ModelName: aws.String("MySchema")})
	f.refused(err, "ConflictException", "Cannot delete model 'MySchema', is referenced in method request: //ANY")
	_, err = f.c.GetModel(t.Context(), &sdk.GetModelInput{RestApiId: &api, ModelName: aws.String("nosuch")})
	f.refused(err, "NotFoundException", "Invalid model name specified: nosuch")
	if err := create(api, "Two", `{"type":"object","properties":{"one":{"$ref":"https://apigateway.amazonaws.com/restapis/`+api+`/models/MySchema"},"self":{"$ref":"https://apigateway.amazonaws.com/restapis/`+api+`/models/Two"}}}`); err != nil {
		t.Fatal(err)
	}
	flat := must[sdk.GetModelOutput](f)(f.c.GetModel(t.Context(), &sdk.GetModelInput{RestApiId: &api, ModelName: aws.String("Two"), Flatten: true}))
	if !strings.Contains(*flat.Schema, `"definitions"`) || strings.Contains(*flat.Schema, "amazonaws") {
		t.Errorf("flattened %s", *flat.Schema)
	}
}
