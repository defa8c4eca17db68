package apigatewayv2

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWire goes through the life of an API by requests as they stand: each has its
// status, and its answer is AWS's to the member. Ids are in the order of their making.
func TestWire(t *testing.T) {
	f := setup(t)
	const (
		now = "2026-04-08T19:05:45Z"
		fn  = `"arn:aws:lambda:us-west-2:123456789012:function:my-lambda-function"`
		api = "/v2/apis/0000000001"
	)
	apiBody := func(more string) string {
		return `{"apiEndpoint":"https://0000000001.execute-api.us-west-2.amazonaws.com","apiId":"0000000001","apiKeySelectionExpression":"$request.header.x-api-key","createdDate":"` + now + `",` +
			`"disableExecuteApiEndpoint":false,"ipAddressType":"ipv4","name":"my-http-api","protocolType":"HTTP","routeSelectionExpression":"$request.method $request.path","tags":{}` + more + `}`
	}
	stage := func(more string) string {
		return `{"createdDate":"` + now + `","defaultRouteSettings":{"detailedMetricsEnabled":false},"lastUpdatedDate":"` + now + `","stageName":"dev","stageVariables":{},"tags":{}` + more + `}`
	}
	for i, tc := range []struct {
		method, path, body string
		status             int
		want               string // empty: no body
	}{
		{"POST", "/v2/apis", `{"name":"my-http-api","protocolType":"HTTP","unknownMember":1}`, 201, apiBody("")},
		{"GET", api, "", 200, apiBody("")},
		{"GET", "/v2/apis", "", 200, `{"items":[` + apiBody("") + `]}`},
		{"PATCH", api, `{"description":"d","version":"1"}`, 200, apiBody(`,"description":"d","version":"1"`)},

		{"POST", api + "/integrations", `{"integrationType":"AWS_PROXY","integrationUri":` + fn + `,"payloadFormatVersion":"2.0"}`, 201,
			`{"connectionType":"INTERNET","integrationId":"0000002","integrationMethod":"POST","integrationType":"AWS_PROXY","integrationUri":` + fn + `,"payloadFormatVersion":"2.0","timeoutInMillis":30000}`},
		{"POST", api + "/routes", `{"routeKey":"POST /signup"}`, 201, `{"apiKeyRequired":false,"authorizationType":"NONE","routeId":"0000003","routeKey":"POST /signup"}`},
		{"POST", api + "/routes", `{"routeKey":"POST /signup"}`, 409, `{"message":"Route with key POST /signup already exists for this API"}`},
		{"PATCH", api + "/routes/0000003", `{"target":"integrations/0000002"}`, 200,
			`{"apiKeyRequired":false,"authorizationType":"NONE","routeId":"0000003","routeKey":"POST /signup","target":"integrations/0000002"}`},
		{"DELETE", api + "/integrations/0000002", "", 409, `{"message":"Cannot delete Integration because it is referenced by the following Routes with Ids: [0000003]"}`},

		{"POST", api + "/authorizers", `{"name":"my-jwt","authorizerType":"JWT","identitySource":["$request.header.Authorization"],"jwtConfiguration":{"audience":["a"],"issuer":"https://issuer.example.com"}}`, 201,
			`{"authorizerId":"000005","authorizerType":"JWT","identitySource":["$request.header.Authorization"],"jwtConfiguration":{"audience":["a"],"issuer":"https://issuer.example.com"},"name":"my-jwt"}`},
		{"POST", api + "/authorizers", `{"name":"req","authorizerType":"REQUEST","authorizerUri":` + fn + `,"authorizerPayloadFormatVersion":"2.0","identitySource":["$request.header.a"],"authorizerResultTtlInSeconds":0}`, 201,
			`{"authorizerId":"000006","authorizerPayloadFormatVersion":"2.0","authorizerResultTtlInSeconds":0,"authorizerType":"REQUEST","authorizerUri":` + fn + `,"identitySource":["$request.header.a"],"name":"req"}`},
		{"PATCH", api + "/authorizers/000006", `{"identityValidationExpression":"^a","authorizerResultTtlInSeconds":5,"enableSimpleResponses":true}`, 200,
			`{"authorizerId":"000006","authorizerPayloadFormatVersion":"2.0","authorizerResultTtlInSeconds":5,"authorizerType":"REQUEST","authorizerUri":` + fn + `,"enableSimpleResponses":true,"identitySource":["$request.header.a"],"identityValidationExpression":"^a","name":"req"}`},
		{"DELETE", api + "/authorizers/000006", "", 204, ""},

		{"POST", api + "/stages", `{"stageName":"dev"}`, 201, stage(`,"routeSettings":{}`)},
		{"POST", api + "/deployments", `{"stageName":"dev","description":"first"}`, 201, `{"autoDeployed":false,"createdDate":"` + now + `","deploymentId":"000007","deploymentStatus":"DEPLOYED","description":"first"}`},
		{"GET", api + "/stages/dev", "", 200, stage(`,"deploymentId":"000007","routeSettings":{}`)},
		{"PATCH", api + "/stages/dev", `{"routeSettings":{"POST /signup":{"throttlingBurstLimit":100,"throttlingRateLimit":2000}}}`, 200,
			stage(`,"deploymentId":"000007","routeSettings":{"POST /signup":{"throttlingBurstLimit":100,"throttlingRateLimit":2000}}`)},
		{"DELETE", api + "/stages/dev/routesettings/POST%20%2Fsignup", "", 204, ""},
		{"DELETE", api + "/stages/dev/routesettings/POST%20%2Fsignup", "", 404, `{"message":"Unable to find Route by key POST /signup within the provided RouteSettings"}`},
		{"DELETE", api + "/stages/dev/accesslogsettings", "", 204, ""},
		{"DELETE", api + "/stages/dev/cache/authorizers", "", 204, ""},
		{"DELETE", api + "/deployments/000007", "", 400, `{"message":"Active stages pointing to this deployment must be moved or deleted"}`},
		{"PATCH", api + "/deployments/000007", `{"description":"second"}`, 200, `{"autoDeployed":false,"createdDate":"` + now + `","deploymentId":"000007","deploymentStatus":"DEPLOYED","description":"second"}`},

		{"POST", "/v2/tags/arn:aws:apigateway:us-west-2::%2Fapis%2F0000000001", `{"tags":{"k":"v"}}`, 201, `{}`},
		{"GET", "/v2/tags/arn:aws:apigateway:us-west-2::%2Fapis%2F0000000001", "", 200, `{"tags":{"k":"v"}}`},
		{"DELETE", "/v2/tags/arn:aws:apigateway:us-west-2::%2Fapis%2F0000000001?tagKeys=k", "", 204, ""},

		{"POST", "/v2/vpclinks", `{"name":"l","subnetIds":["subnet-1"]}`, 201,
			`{"createdDate":"` + now + `","name":"l","securityGroupIds":[],"subnetIds":["subnet-1"],"tags":{},"vpcLinkId":"000008","vpcLinkStatus":"PENDING","vpcLinkStatusMessage":"VPC link is provisioning ENIs","vpcLinkVersion":"V2"}`},
		{"GET", "/v2/vpclinks/000008", "", 200,
			`{"createdDate":"` + now + `","name":"l","securityGroupIds":[],"subnetIds":["subnet-1"],"tags":{},"vpcLinkId":"000008","vpcLinkStatus":"AVAILABLE","vpcLinkStatusMessage":"VPC link is ready to route traffic","vpcLinkVersion":"V2"}`},
		{"DELETE", "/v2/vpclinks/000008", "", 202, `{}`},
		{"GET", "/v2/vpclinks/000008", "", 404, `{"message":"Invalid VpcLink identifier specified 000008"}`},

		{"DELETE", api + "/stages/dev", "", 204, ""},
		{"DELETE", api + "/deployments/000007", "", 204, ""},
		{"DELETE", api + "/routes/0000003", "", 204, ""},
		{"DELETE", api + "/integrations/0000002", "", 204, ""},
		{"DELETE", api + "/cors", "", 204, ""},
		{"DELETE", api, "", 204, ""},
		{"GET", api, "", 404, `{"message":"Invalid API identifier specified 123456789012:0000000001","resourceType":"Api"}`},
		{"PUT", "/v2/apis", `{"body":"{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"t\"},\"paths\":{}}"}`, 201, strings.NewReplacer("0000000001", "0000000009", "my-http-api", "t").Replace(apiBody(""))},
		{"PUT", "/v2/apis/0000000009", `{"body":"{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"u\"},\"paths\":{}}"}`, 201, strings.NewReplacer("0000000001", "0000000009", "my-http-api", "u").Replace(apiBody(""))},
	} {
		t.Run(fmt.Sprintf("%d %s %s", i, tc.method, tc.path), func(t *testing.T) {
			status, header, body := f.call(t, tc.method, tc.path, tc.body)
			if status != tc.status {
				t.Errorf("status %d, want %d: %s", status, tc.status, body)
			}
			if (status >= 400) != (header.Get("X-Amzn-Errortype") != "") || header.Get("X-Amzn-Requestid") == "" {
				t.Errorf("headers %v", header)
			}
			if tc.want == "" {
				if body != "" {
					t.Errorf("body %s, want none", body)
				}
				return
			}
			if header.Get("Content-Type") != "application/json" {
				t.Errorf("content type %q", header.Get("Content-Type"))
			}
			if diff := cmp.Diff(members(t, body), members(t, tc.want)); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func members(t *testing.T, s string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

// Every list refuses a token that it did not give, and pages.
func TestListsPage(t *testing.T) {
	f := setup(t)
	api := "/v2/apis/" + *newAPI(t, f)
	for _, list := range []string{"/v2/apis", "/v2/vpclinks", api + "/routes", api + "/integrations", api + "/authorizers", api + "/deployments", api + "/stages", api + "/models"} {
		if status, _, body := f.call(t, "GET", list+"?nextToken=nonsense", ""); status != 400 || body != `{"message":"Invalid nextToken specified"}` {
			t.Errorf("%s with a strange token: %d %s", list, status, body)
		}
		for _, max := range []string{"0", "-1", "many"} {
			if status, _, body := f.call(t, "GET", list+"?maxResults="+max, ""); status != 400 || body != `{"message":"Invalid maxResults specified"}` {
				t.Errorf("%s with maxResults %s: %d %s", list, max, status, body)
			}
		}
		if status, _, body := f.call(t, "GET", list+"?maxResults=1", ""); status != 200 || strings.Contains(body, "nextToken") || !strings.Contains(body, `"items":[`) {
			t.Errorf("%s: %d %s", list, status, body)
		}
	}
}
