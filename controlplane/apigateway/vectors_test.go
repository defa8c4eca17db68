package apigateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
)

// What AWS's model refuses before anything is looked for, whatever the API id.
func TestModelConstraints(t *testing.T) {
	f := newFixture(t)
	enum := func(value, at, values string) string {
		return "1 validation error detected: Value '" + value + "' at '" + at + "' failed to satisfy constraint: Member must satisfy enum value set: [" + values + "]"
	}
	const op = "add, remove, move, test, replace, copy"
	for _, tc := range []struct{ verb, path, body, want string }{
		{"GET", "/restapis/nosuch/gatewayresponses/FAKE_RESPONSE_TYPE", "", enum("FAKE_RESPONSE_TYPE", "responseType", "REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN")},
		{"PUT", "/restapis/nosuch/resources/x/methods/GET/integration", `{"type":"HTTPS_PROXY"}`, enum("HTTPS_PROXY", "putIntegrationInput.type", "HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS")},
		{"PATCH", "/restapis/nosuch/gatewayresponses/THROTTLED", `{"patchOperations":[{"op":"wrong-op","path":"/x"}]}`, enum("wrong-op", "updateGatewayResponseInput.patchOperations.1.member.op", op)},
		{"GET", "/restapis/nosuch/resources/x/methods/GET/responses/wrong", "", `1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d`},
	} {
		code, body := f.raw(tc.verb, tc.path, tc.body)
		if want := `{"message":"` + tc.want + `"}`; code != 400 || body != want {
			t.Errorf("%s %s\ngot  %d %s\nwant 400 %s", tc.verb, tc.path, code, body, want)
		}
	}
}

func TestDefaultModels(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	got := map[string][2]any{}
	for _, m := range must[sdk.GetModelsOutput](f)(f.c.GetModels(t.Context(), &sdk.GetModelsInput{RestApiId: &api})).Items {
		var schema any
		if err := json.Unmarshal([]byte(*m.Schema), &schema); err != nil {
			t.Fatal(err)
		}
		got[*m.Name] = [2]any{*m.Description, schema}
	}
	const draft = "http://json-schema.org/draft-04/schema#"
	want := map[string][2]any{
		"Empty": {"This is a default empty schema model", map[string]any{"$schema": draft, "title": "Empty Schema", "type": "object"}},
		"Error": {"This is a default error schema model", map[string]any{"$schema": draft, "title": "Error Schema", "type": "object", "properties": map[string]any{"message": map[string]any{"type": "string"}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is there already.
func TestDuplicates(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	f.deploy(api, "dev")
	base := "/restapis/" + api
	method := base + "/resources/" + root + "/methods/GET"
	for _, tc := range []struct{ verb, path, body, want string }{
		{"PUT", method + "/responses/200", "{}", "409 Response already exists for this resource"},
		{"PUT", method + "/integration/responses/200", "{}", "201"}, // takes the place of the other
		{"PUT", method + "/integration", `{"type":"MOCK"}`, "201"},
		{"POST", base + "/models", `{"name":"M","contentType":"application/json","schema":"{}","description":""}`, "409 Model name already exists for this REST API"},
		{"POST", base + "/documentation/parts", `{"location":{"type":"METHOD","path":"/","method":"GET"},"properties":"{}"}`, "409 Documentation part already exists for the specified location: METHOD / GET * "},
		{"POST", base + "/documentation/versions", `{"documentationVersion":"1"}`, "409 Documentation version already exists"},
		{"POST", base + "/resources/" + root, `{"pathPart":"a"}`, "409 Another resource with the same parent already has this name: a"},
	} {
		if code, body := f.raw(tc.verb, tc.path, tc.body); code != 201 {
			t.Fatalf("%s %s: %d %s", tc.verb, tc.path, code, body)
		}
		code, body := f.raw(tc.verb, tc.path, tc.body)
		got := fmt.Sprint(code)
		if code != 201 {
			got = fmt.Sprintf("%d %s", code, strings.TrimSuffix(strings.TrimPrefix(body, `{"message":"`), `"}`))
		}
		if got != tc.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", tc.verb, tc.path, got, tc.want)
		}
	}
}

// A greedy variable may stand beside anything, and makes room when it is deleted.
func TestProxyResources(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.resource(api, root, "{proxy+}")
	parent := f.resource(api, root, "parent")
	greedy := f.resource(api, parent, "{proxy+}")
	child := f.resource(api, parent, "child")
	f.resource(api, child, "{proxy+}")
	must[sdk.DeleteResourceOutput](f)(f.c.DeleteResource(t.Context(), &sdk.DeleteResourceInput{RestApiId: &api, ResourceId: &greedy}))
	f.resource(api, f.resource(api, parent, "{child}"), "{proxy+}")
	if f.paths(api)["/parent/{child}/{proxy+}"] == "" {
		t.Error(f.paths(api))
	}
}

// A customised default shows through the types that are not customised, and only
// through those.
func TestGatewayResponseDefaults(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	must[sdk.PutGatewayResponseOutput](f)(f.c.PutGatewayResponse(t.Context(), &sdk.PutGatewayResponseInput{RestApiId: &api, ResponseType: "DEFAULT_5XX", StatusCode: aws.String("599"), ResponseTemplates: map[string]string{"application/json": "{}"}}))
	must[sdk.PutGatewayResponseOutput](f)(f.c.PutGatewayResponse(t.Context(), &sdk.PutGatewayResponseInput{RestApiId: &api, ResponseType: "AUTHORIZER_FAILURE", ResponseParameters: map[string]string{"gatewayresponse.header.x": "'y'"}}))
	got := map[types.GatewayResponseType]types.GatewayResponse{}
	for _, g := range must[sdk.GetGatewayResponsesOutput](f)(f.c.GetGatewayResponses(t.Context(), &sdk.GetGatewayResponsesInput{RestApiId: &api})).Items {
		got[g.ResponseType] = g
	}
	const template = `{"message":$context.error.messageString}`
	for kind, want := range map[types.GatewayResponseType]struct {
		status, template string
		isDefault        bool
	}{
		"INTEGRATION_FAILURE": {"599", "{}", true}, "DEFAULT_5XX": {"599", "{}", false}, "AUTHORIZER_FAILURE": {"500", template, false}, "THROTTLED": {"429", template, true},
	} {
		if g := got[kind]; aws.ToString(g.StatusCode) != want.status || g.ResponseTemplates["application/json"] != want.template || g.DefaultResponse != want.isDefault {
			t.Errorf("%s: %+v", kind, g)
		}
	}
	if len(got) != 21 || got["DEFAULT_4XX"].StatusCode != nil || got["DEFAULT_4XX"].ResponseParameters == nil {
		t.Errorf("%d types, DEFAULT_4XX %+v", len(got), got["DEFAULT_4XX"])
	}
}

// The whole of a stage's refusal, which lacks commas where AWS's does.
func TestStagePathText(t *testing.T) {
	f, api, _, _ := staged(t)
	method := func(path string) string {
		return path + "/metrics/enabled, " + path + "/logging/dataTrace, " + path + "/logging/loglevel, "
	}
	caching := func(path string) string {
		return path + "/caching/enabled, " + path + "/caching/dataEncrypted, " + path + "/caching/requireAuthorizationForCacheControl, " + path + "/caching/unauthorizedCacheControlHeaderStrategy, "
	}
	const one, all = "/{resourcePath}/{httpMethod}", "/*/*"
	want := "Invalid method setting path: /wrong. Must be one of: [/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, " +
		method(one) + one + "/throttling/burstLimit" + one + "/throttling/rateLimit" + one + "/caching/ttlInSeconds, " + caching(one) +
		method(all) + all + "/throttling/burstLimit " + all + "/throttling/rateLimit " + all + "/caching/ttlInSeconds, " + caching(all) +
		"/variables/{variable_name}, /tracingEnabled]"
	_, err := f.updateStage(api, ops("replace", "/wrong", "x")...)
	f.refused(err, "BadRequestException", want)
}
