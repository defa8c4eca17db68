package apigateway_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// rawID makes a request and gives a member of its answer.
func (f *fixture) rawID(member, method, path, body string) string {
	f.Helper()
	status, text := f.raw(method, path, body)
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil || status >= 300 {
		f.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	id, _ := out[member].(string)
	return id
}

// Settings that AWS refuses however they come.
func TestRefusals(t *testing.T) {
	f := newFixture(t)
	api := f.rawID("id", "POST", "/restapis", `{"name":"x","endpointConfiguration":{"types":["PRIVATE"]}}`)
	base := "/restapis/" + api
	root := f.rawID("rootResourceId", "GET", base, "")
	method := base + "/resources/" + root + "/methods/GET"
	f.rawID("", "PUT", method, `{"authorizationType":"NONE"}`)
	f.rawID("", "PUT", method+"/integration", `{"type":"MOCK"}`)
	refused := func(verb, path, body, want string) {
		t.Helper()
		if status, text := f.raw(verb, path, body); status != 400 || !strings.Contains(text, `"message":"`+want+`"`) {
			t.Errorf("%s %s %s: got %d %s, want %s", verb, path, body, status, text, want)
		}
	}
	patch := func(path, op, member, value, want string) {
		t.Helper()
		refused("PATCH", path, `{"patchOperations":[{"op":"`+op+`","path":"`+member+`","value":"`+value+`"}]}`, want)
	}
	refused("POST", "/restapis", `{"name":"x","endpointConfiguration":{"types":["REGIONAL"],"vpcEndpointIds":["vpce-1"]}}`, "VPCEndpoints can only be specified with PRIVATE apis.")
	refused("POST", "/restapis?mode=import", `{"openapi":"3.0.1","info":{"title":"x","version":"1"},"servers":[{"x-amazon-apigateway-endpoint-configuration":{"vpcEndpointIds":["vpce-1"]}}],"paths":{}}`, "VPCEndpoints can only be specified with PRIVATE apis.")
	vpce := f.rawID("id", "POST", "/restapis", `{"name":"x","endpointConfiguration":{"types":["PRIVATE"],"vpcEndpointIds":["vpce-1"]}}`)
	patch("/restapis/"+vpce, "replace", "/endpointConfiguration/types/PRIVATE", "REGIONAL", "VPCEndpoints can only be specified with PRIVATE apis.")
	f.rawID("", "PATCH", "/restapis/"+vpce, `{"patchOperations":[{"op":"remove","path":"/endpointConfiguration/vpcEndpointIds","value":"vpce-1"},{"op":"replace","path":"/endpointConfiguration/types/PRIVATE","value":"REGIONAL"}]}`)
	refused("POST", base+"/deployments", `{}`, "Private REST API doesn't have a resource policy attached to it")
	f.rawID("", "PATCH", base, `{"patchOperations":[{"op":"replace","path":"/policy","value":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}]}`)
	deployment := f.rawID("id", "POST", base+"/deployments", `{"stageName":"dev"}`)

	const response = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
	refused("PUT", method+"/integration/responses/200", `{"responseParameters":{"method.response.header.a":"'x'"}}`, response+"[No method response exists for method.]")
	f.rawID("", "PUT", method+"/responses/200", `{}`)
	refused("PUT", method+"/integration/responses/200", `{"responseParameters":{"method.response.header.a":"'x'"}}`, response+"[Invalid mapping expression parameter specified: method.response.header.a]")
	refused("PUT", method+"/integration", `{"type":"MOCK","passthroughBehavior":"never"}`, "Invalid value specified for passthroughBehavior: never")

	for _, integration := range []string{`{"type":"HTTP_PROXY","httpMethod":"ANY","connectionType":"VPC_LINK","connectionId":"abc123"}`, `{"type":"HTTP","httpMethod":"GET","uri":""}`, `{"type":"AWS_PROXY","httpMethod":"POST"}`} {
		refused("PUT", method+"/integration", integration, "Invalid integration URI specified")
	}

	stage := base + "/stages/dev"
	const percent = "Invalid percentTraffic value, must be between 0.0 and 100.0"
	for _, share := range []string{"-1", "101"} {
		refused("POST", base+"/deployments", `{"stageName":"dev","canarySettings":{"percentTraffic":`+share+`}}`, percent)
		refused("POST", base+"/stages", `{"stageName":"new","deploymentId":"`+deployment+`","canarySettings":{"deploymentId":"`+deployment+`","percentTraffic":`+share+`}}`, percent)
	}
	patch(stage, "replace", "/canarySettings/percentTraffic", "NaN", percent)
	for _, rate := range []string{"NaN", "Infinity", "-Inf"} {
		patch(stage, "replace", "/*/*/throttling/rateLimit", rate, "Invalid method setting value: "+rate)
	}
	patch(stage, "replace", "/accessLogSettings/format", `a\nb $context.requestId`, "Access Log format must be single line, new line character is allowed only at end of the format: 'a\\nb $context.requestId'")
	patch(stage, "replace", "/accessLogSettings/destinationArn", "arn:aws:s3:::bucket", "Invalid ARN specified in the request. The ARN must be a valid CloudWatch Logs log group or Kinesis Data Firehose delivery stream ARN.")
	patch(stage, "replace", "/accessLogSettings/destinationArn", "arn:aws:firehose:us-east-1:123456789012:deliverystream/mine", "Kinesis Firehose delivery stream name must begin with the characters 'amazon-apigateway-'")
	refused("POST", base+"/models", `{"name":"m","contentType":"json","schema":"{}"}`, "Validation Result: warnings : [], errors : [Invalid content type specified: json]")
	refused("PUT", strings.TrimSuffix(method, "GET")+"POST", `{"authorizationType":"NONE","authorizationScopes":["a"]}`, "Invalid Method authorization type specified. Authorization Scopes are only valid for COGNITO_USER_POOLS authorization type")
	for _, format := range []string{"x", "$context.requestIdentity", "$context.requestId.x", "context.requestId"} {
		patch(stage, "replace", "/accessLogSettings/format", format, "Access Log format must include either $context.requestId or $context.extendedRequestId : '"+format+"'")
	}
	for _, format := range []string{`$context.requestId\n`, "$context.path $context.extendedRequestId", `{\"id\":\"$context.requestId\"}`, "${context.requestId}"} {
		f.rawID("", "PATCH", stage, `{"patchOperations":[{"op":"replace","path":"/accessLogSettings/format","value":"`+format+`"}]}`)
	}

	// Names that records are found by cannot be of any length.
	long := strings.Repeat("x", 1025)
	refused("POST", base+"/models", `{"name":"`+long+`","contentType":"application/json","schema":"{}"}`, "Model name can be at most 1024 characters")
	refused("POST", base+"/documentation/versions", `{"documentationVersion":"`+long+`"}`, "Documentation version must have 1 to 1024 characters")
	refused("POST", base+"/documentation/versions", `{"documentationVersion":""}`, "Documentation version must have 1 to 1024 characters")
	if status, text := f.raw("POST", "/restapis?mode=import", `{"swagger":"2.0","info":{"title":"x","version":"1"},"definitions":{"`+long+`":{"type":"object"}},"paths":{}}`); status != 400 {
		t.Errorf("imported: %d %s", status, text)
	}

	const uri = `"authorizerUri":"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"`
	for _, source := range []string{"method.request.querystring.a", "method.request.header.A,method.request.header.B", "context.httpMethod"} {
		refused("POST", base+"/authorizers", `{"name":"a","type":"TOKEN",`+uri+`,"identitySource":"`+source+`"}`, response+"[Invalid mapping expression specified: "+source+"]")
	}
	const pool = "arn:aws:cognito-idp:us-east-1:111111111111:userpool/us-east-1_a"
	refused("POST", base+"/authorizers", `{"name":"c","type":"COGNITO_USER_POOLS","providerARNs":["`+pool+`","arn:aws:iam::111111111111:role/r","x"]}`,
		"ProviderARNs need to be valid Cognito Userpools. Invalid ARNs- arn:aws:iam::111111111111:role/r, x")
	users := f.rawID("id", "POST", base+"/authorizers", `{"name":"c","type":"COGNITO_USER_POOLS","providerARNs":["`+pool+`"]}`)
	patch(base+"/authorizers/"+users, "add", "/providerARNs", "y", "ProviderARNs need to be valid Cognito Userpools. Invalid ARNs- y")
	id := f.rawID("id", "POST", base+"/authorizers", `{"name":"a","type":"REQUEST",`+uri+`,"identitySource":"method.request.querystring.a"}`)
	patch(base+"/authorizers/"+id, "replace", "/type", "TOKEN", response+"[Invalid mapping expression specified: method.request.querystring.a]")
}

// AWS: https://github.com/aws/aws-cli/issues/2879, https://github.com/aws/aws-cdk/issues/11306
func TestGatewayResponseMappings(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	path := "/restapis/" + api + "/gatewayresponses/THROTTLED"
	const invalid = `"message":"Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: `
	for _, tc := range []struct{ dest, source, refused string }{
		{"method.response.header.A", "'*'", "method.response.header.A"}, {"gatewayresponse.header.", "'*'", "gatewayresponse.header."}, {"gatewayresponse.cookie.a", "'*'", "gatewayresponse.cookie.a"},
		{"gatewayresponse.header.a", "test-value", "test-value"}, {"gatewayresponse.header.a", "*", "*"}, {"gatewayresponse.header.a", "method.request.cookie.a", "method.request.cookie.a"},
		{"gatewayresponse.header.a", "integration.response.header.a", "integration.response.header.a"},
	} {
		for verb, body := range map[string]string{
			"PUT": `{"responseParameters":{"` + tc.dest + `":"` + tc.source + `"}}`, "PATCH": `{"patchOperations":[{"op":"add","path":"/responseParameters/` + tc.dest + `","value":"` + tc.source + `"}]}`,
		} {
			if status, text := f.raw(verb, path, body); status != 400 || !strings.Contains(text, invalid+tc.refused+`]"`) {
				t.Errorf("%s %s=%s: got %d %s", verb, tc.dest, tc.source, status, text)
			}
		}
	}
	for _, source := range []string{"'*'", "''", "method.request.header.origin", "method.request.querystring.q", "method.request.path.id", "context.error.message", "stageVariables.a"} {
		f.rawID("", "PUT", path, `{"responseParameters":{"gatewayresponse.header.a":"`+source+`"}}`)
	}
}
