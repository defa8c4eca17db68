package apigatewayv2

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// call sends a request as it stands: SDKs refuse some of them before they are sent.
func (f *fixture) call(t *testing.T, method, path, body string) (status int, header http.Header, text string) {
	t.Helper()
	req, err := http.NewRequest(method, f.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestValidationMessages(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	integration := newIntegration(t, f, api)
	route := must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("POST /signup")}))(t)
	must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /a/{stage_id}")}))(t)
	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("dev")}))(t)
	a := "/v2/apis/" + *api
	r := a + "/routes/" + *route.RouteId

	const lambda = `"integrationType":"AWS_PROXY","integrationUri":"` + function + `"`
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		message                  string
	}{
		{"no name", "POST", "/v2/apis", `{"protocolType":"HTTP"}`, 400, "Invalid API name specified"},
		{"bad protocol", "POST", "/v2/apis", `{"name":"a","protocolType":"FTP"}`, 400, "Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]"},
		{"WebSocket without a selection expression", "POST", "/v2/apis", `{"name":"a","protocolType":"WEBSOCKET"}`, 400, "Invalid routeSelectionExpression"},
		{"WebSocket with CORS", "POST", "/v2/apis", `{"name":"a","protocolType":"WEBSOCKET","routeSelectionExpression":"$request.body.action","corsConfiguration":{}}`, 400, "Cors is not supported for WEBSOCKET protocolType"},
		{"other selection expression", "POST", "/v2/apis", `{"name":"a","protocolType":"HTTP","routeSelectionExpression":"$request.body.x"}`, 400, `Route selection expression is currently limited to "${request.method} ${request.path}"`},
		{"credentials with any origin", "POST", "/v2/apis", `{"name":"a","protocolType":"HTTP","corsConfiguration":{"allowCredentials":true,"allowOrigins":["*"]}}`, 400, "allow-credentials is not supported if 'allow-origin' is *"},
		{"unknown API", "GET", "/v2/apis/nope", "", 404, "Invalid API identifier specified 123456789012:nope"},
		{"no operation", "GET", "/v2/nothing", "", 403, "Missing Authentication Token"},

		{"route key", "POST", a + "/routes", `{"routeKey":"get /x"}`, 400, `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`},
		{"greedy in the middle", "POST", a + "/routes", `{"routeKey":"GET /{x+}/y"}`, 400, `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`},
		{"target", "POST", a + "/routes", `{"routeKey":"GET /x","target":"foo/x"}`, 400, "Unexpected or malformed target in route null. Correct format should be integrations/<integration_id>."},
		{"unknown target", "POST", a + "/routes", `{"routeKey":"GET /x","target":"integrations/zzz"}`, 404, "Invalid Integration identifier specified zzz"},
		{"duplicate", "POST", a + "/routes", `{"routeKey":"POST /signup"}`, 409, "Route with key POST /signup already exists for this API"},
		{"variable clash", "POST", a + "/routes", `{"routeKey":"GET /a/{stageId}"}`, 409, `The provided route key "GET /a/{stageId}" has a conflicting variable on the same hierarchical level as "GET /a/{stage_id}"`},
		{"API key", "POST", a + "/routes", `{"routeKey":"GET /x","apiKeyRequired":true}`, 400, "ApiKeyRequired is not currently supported for HTTP APIs. Please set ApiKeyRequired to false for route null"},
		{"JWT without an authorizer", "POST", a + "/routes", `{"routeKey":"GET /x","authorizationType":"JWT"}`, 400, "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer."},
		{"scopes without JWT", "POST", a + "/routes", `{"routeKey":"GET /x","authorizationScopes":["s"]}`, 400, "Invalid Route authorization type specified. Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization types"},
		{"unknown route", "GET", a + "/routes/zzz", "", 404, "Invalid Route identifier specified zzz"},

		{"integration type", "POST", a + "/integrations", `{"integrationType":"MOCK","payloadFormatVersion":"1.0"}`, 400, "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)"},
		{"no payload format", "POST", a + "/integrations", `{` + lambda + `}`, 400, "PayloadFormatVersion is a required parameter for integration"},
		{"payload format", "POST", a + "/integrations", `{` + lambda + `,"payloadFormatVersion":"3.0"}`, 400, "Unsupported PayloadFormatVersion: 3.0"},
		{"HTTP_PROXY with 2.0", "POST", a + "/integrations", `{"integrationType":"HTTP_PROXY","integrationMethod":"GET","integrationUri":"https://x.y","payloadFormatVersion":"2.0"}`, 400, "PayloadFormatVersion 2.0 is not supported for integration of type HTTP_PROXY"},
		{"HTTP_PROXY without a method", "POST", a + "/integrations", `{"integrationType":"HTTP_PROXY","integrationUri":"https://x.y","payloadFormatVersion":"1.0"}`, 400, "HttpMethod parameter method must be specified for integrationType HTTPPROXY"},
		{"timeout", "POST", a + "/integrations", `{` + lambda + `,"payloadFormatVersion":"2.0","timeoutInMillis":49}`, 400, "Timeout should be between 50 ms and 30000 ms"},
		{"VPC link without an id", "POST", a + "/integrations", `{"integrationType":"HTTP_PROXY","integrationMethod":"GET","integrationUri":"arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/a/b/c","payloadFormatVersion":"1.0","connectionType":"VPC_LINK"}`, 400, "ConnectionId must be set to vpcLinkId for ConnectionType VPC_LINK"},
		{"VPC link to a load balancer", "POST", a + "/integrations", `{"integrationType":"HTTP_PROXY","integrationMethod":"GET","integrationUri":"arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/a/b","payloadFormatVersion":"1.0","connectionType":"VPC_LINK","connectionId":"abc"}`, 400, "For VpcLink VPC_LINK, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN."},
		{"unknown subtype", "POST", a + "/integrations", `{"integrationType":"AWS_PROXY","integrationSubtype":"SNS-Publish","payloadFormatVersion":"1.0"}`, 400, "Operation: SNS-Publish is not supported."},
		{"subtype without a role", "POST", a + "/integrations", `{"integrationType":"AWS_PROXY","integrationSubtype":"SQS-SendMessage","payloadFormatVersion":"1.0"}`, 400, "Role ARN must be specified for AWS integration configuration with Subtype: SQS-SendMessage"},
		{"subtype without its parameters", "POST", a + "/integrations", `{"integrationType":"AWS_PROXY","integrationSubtype":"SQS-SendMessage","payloadFormatVersion":"1.0","credentialsArn":"arn:aws:iam::123456789012:role/r","requestParameters":{"QueueUrl":"q"}}`, 400, "Operation: SQS-SendMessage requires enabling passthrough, or defining all of the following parameters in the parameter mapping: [QueueUrl, MessageBody]"},
		{"subtype with a strange parameter", "POST", a + "/integrations", `{"integrationType":"AWS_PROXY","integrationSubtype":"SQS-PurgeQueue","payloadFormatVersion":"1.0","credentialsArn":"arn:aws:iam::123456789012:role/r","requestParameters":{"QueueUrl":"q","Body":"b"}}`, 400, "Parameter: Body does not fit schema for Operation: SQS-PurgeQueue."},
		{"subtype with format 2.0", "POST", a + "/integrations", `{"integrationType":"AWS_PROXY","integrationSubtype":"SQS-PurgeQueue","payloadFormatVersion":"2.0","credentialsArn":"arn:aws:iam::123456789012:role/r","requestParameters":{"QueueUrl":"q"}}`, 400, "Operation: SQS-PurgeQueue is not supported."},
		{"request parameter", "POST", a + "/integrations", `{` + lambda + `,"payloadFormatVersion":"2.0","requestParameters":{"integration.request.header.x":"1"}}`, 400, mappingError("Invalid Request Actioned Parameter destination specified: integration.request.header.x")},
		{"reserved header", "POST", a + "/integrations", `{` + lambda + `,"payloadFormatVersion":"2.0","requestParameters":{"append:header.Authorization":"1"}}`, 400, mappingError("Operations on header Authorization are restricted")},
		{"response destination", "POST", a + "/integrations", `{` + lambda + `,"payloadFormatVersion":"2.0","responseParameters":{"200":{"append:querystring.x":"1"}}}`, 400, mappingError("Invalid Response Actioned Parameter destination specified: append:querystring.x")},
		{"response status", "POST", a + "/integrations", `{` + lambda + `,"payloadFormatVersion":"2.0","responseParameters":{"199":{"append:header.x":"1"}}}`, 400, mappingError("Status Code 199 is not valid.")},
		{"unknown integration", "GET", a + "/integrations/zzz", "", 404, "Invalid Integration identifier specified zzz"},

		{"authorizer payload format", "POST", a + "/authorizers", `{"name":"x","authorizerType":"REQUEST","authorizerUri":"u"}`, 400, "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer"},
		{"authorizer URI", "POST", a + "/authorizers", `{"name":"x","authorizerType":"REQUEST","authorizerPayloadFormatVersion":"2.0"}`, 400, "AuthorizerUri is a required field in an Authorizer"},
		{"simple responses", "POST", a + "/authorizers", `{"name":"x","authorizerType":"REQUEST","authorizerUri":"u","authorizerPayloadFormatVersion":"1.0","enableSimpleResponses":true}`, 400, `EnableSimpleResponses can only be set for AuthorizerPayloadFormatVersion "2.0".`},
		{"TTL without a source", "POST", a + "/authorizers", `{"name":"x","authorizerType":"REQUEST","authorizerUri":"u","authorizerPayloadFormatVersion":"2.0","authorizerResultTtlInSeconds":5}`, 400, "Identity source must be set if authorizer caching is enabled (TTL is greater than 0)"},
		{"TTL range", "POST", a + "/authorizers", `{"name":"x","authorizerType":"REQUEST","authorizerUri":"u","authorizerPayloadFormatVersion":"2.0","identitySource":["$request.header.a"],"authorizerResultTtlInSeconds":3601}`, 400, "Authorizer result TTL outside allowable range. TTL must be between 0 and 3600 seconds."},
		{"identity source", "POST", a + "/authorizers", `{"name":"x","authorizerType":"REQUEST","authorizerUri":"u","authorizerPayloadFormatVersion":"2.0","identitySource":["method.request.header.a"]}`, 400, "Invalid identity source expression: method.request.header.a. The source must be a request header, request querystring, stage variable or context parameter"},
		{"JWT without a configuration", "POST", a + "/authorizers", `{"name":"x","authorizerType":"JWT","identitySource":["$request.header.a"]}`, 400, "JwtConfiguration must not be null for JWT Authorizer"},
		{"JWT issuer", "POST", a + "/authorizers", `{"name":"x","authorizerType":"JWT","identitySource":["$request.header.a"],"jwtConfiguration":{"issuer":"http://idp.example.com"}}`, 400, "Invalid issuer: Issuer is not a valid URL for JWT Authorizer"},

		{"stage name", "POST", a + "/stages", `{"stageName":"a b"}`, 400, "Stage name only allows a-zA-Z0-9_"},
		{"stage exists", "POST", a + "/stages", `{"stageName":"dev"}`, 409, "Stage already exists"},
		{"unknown route key", "PATCH", a + "/stages/dev", `{"routeSettings":{"GET /pets":{"throttlingBurstLimit":100}}}`, 404, "Unable to find Route by key GET /pets within the provided RouteSettings"},
		{"execution log", "PATCH", a + "/stages/dev", `{"defaultRouteSettings":{"loggingLevel":"INFO"}}`, 400, "Execution logs are not supported on protocolType HTTP"},
		{"access log without an id", "PATCH", a + "/stages/dev", `{"accessLogSettings":{"destinationArn":"arn:aws:logs:us-west-2:123456789012:log-group:g","format":"$context.path"}}`, 400, "The following errors are found in Access Log Format: Access Log format must include either $context.requestId or $context.extendedRequestId : '$context.path'"},
		{"access log in a stream", "PATCH", a + "/stages/dev", `{"accessLogSettings":{"destinationArn":"arn:aws:firehose:us-west-2:123456789012:deliverystream/amazon-apigateway-x","format":"$context.requestId"}}`, 400, "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': 'deliverystream/amazon-apigateway-x'"},
		{"JWT for nobody", "POST", a + "/authorizers", `{"name":"x","authorizerType":"JWT","identitySource":["$request.header.a"],"jwtConfiguration":{"issuer":"https://idp.example.com"}}`, 400, "Audience list must have at least 1 item for JWT Authorizer"},
		{"integration in use", "PATCH", a + "/integrations/" + *integration, `{"integrationType":"HTTP"}`, 400, "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)"},
		{"unknown VPC link", "POST", a + "/integrations", `{"integrationType":"HTTP_PROXY","integrationMethod":"GET","integrationUri":"arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/a/b/c","payloadFormatVersion":"1.0","connectionType":"VPC_LINK","connectionId":"abc"}`, 404, "Invalid VpcLink identifier specified abc"},
		{"VPC link without subnets", "POST", "/v2/vpclinks", `{"name":"x","subnetIds":[]}`, 400, "SubnetIds for a vpc link cannot be empty"},

		{"model", "POST", a + "/models", `{"name":"Pet","schema":"{}"}`, 400, "Currently, Models are not permitted for APIs with a protocol type of HTTP"},
		{"unknown model", "GET", a + "/models/zzz", "", 404, "Invalid Model identifier specified zzz"},
		{"template of an unknown model", "GET", a + "/models/zzz/template", "", 404, "Invalid Model identifier specified zzz"},
		{"model of an unknown API", "POST", "/v2/apis/nope/models", `{"name":"Pet","schema":"{}"}`, 404, "Invalid API identifier specified 123456789012:nope"},
		{"route response", "POST", r + "/routeresponses", `{"routeResponseKey":"$default"}`, 400, "RouteResponses are currently not supported for this API protocol type. This is because the API may only be configured with proxy integration at this time."},
		{"unknown route response", "DELETE", r + "/routeresponses/zzz", "", 404, "Invalid RouteResponse identifier specified zzz"},
		{"request parameter", "DELETE", r + "/requestparameters/route.request.header.x", "", 404, "Invalid request parameter key specified route.request.header.x"},
		{"integration response", "POST", a + "/integrations/" + *integration + "/integrationresponses", `{"integrationResponseKey":"$default"}`, 400, "IntegrationResponses are currently not supported for this API protocol type. This is because the API may only be configured with proxy integration at this time."},
		{"unknown integration response", "GET", a + "/integrations/" + *integration + "/integrationresponses/zzz", "", 404, "Invalid IntegrationResponse identifier specified zzz"},

		{"not built", "POST", "/v2/portals", `{}`, 501, "Postern does not implement apigatewayv2 CreatePortal; GET /_postern/coverage lists what it does"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, header, body := f.call(t, tc.method, tc.path, tc.body)
			if status != tc.status || !strings.Contains(unquote(body), `"message":"`+tc.message+`"`) {
				t.Errorf("%d %s\nwant %d %s", status, body, tc.status, tc.message)
			}
			if header.Get("X-Amzn-Errortype") == "" || header.Get("X-Amzn-Requestid") != "req-1" {
				t.Errorf("headers %v", header)
			}
		})
	}
}

func mappingError(problem string) string {
	return "Invalid mapping expression specified: Validation Result: warnings : [], errors : [" + problem + "]"
}

func unquote(body string) string { return strings.ReplaceAll(body, `\"`, `"`) }

func TestResourcesInUse(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	integration := newIntegration(t, f, api)
	auth := must(f.CreateAuthorizer(ctx, &sdk.CreateAuthorizerInput{ApiId: api, Name: aws.String("my-auth"), AuthorizerType: types.AuthorizerTypeRequest,
		AuthorizerUri: aws.String("arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/" + function + "/invocations"), AuthorizerPayloadFormatVersion: aws.String("2.0"),
		IdentitySource: []string{"$request.header.Authorization"}}))(t)
	if *auth.AuthorizerResultTtlInSeconds != 300 {
		t.Errorf("TTL %d, want 300 where there is an identity source", *auth.AuthorizerResultTtlInSeconds)
	}
	route := must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("POST /pdf/generate"), Target: aws.String("integrations/" + *integration),
		AuthorizationType: types.AuthorizationTypeCustom, AuthorizerId: auth.AuthorizerId}))(t)

	_, err := f.DeleteIntegration(ctx, &sdk.DeleteIntegrationInput{ApiId: api, IntegrationId: integration})
	wantError(t, err, conflict, "Cannot delete Integration because it is referenced by the following Routes with Ids: ["+*route.RouteId+"]")
	_, err = f.DeleteAuthorizer(ctx, &sdk.DeleteAuthorizerInput{ApiId: api, AuthorizerId: auth.AuthorizerId})
	wantError(t, err, conflict, "Cannot delete authorizer 'my-auth', is referenced in route: POST /pdf/generate")

	got := must(f.UpdateRoute(ctx, &sdk.UpdateRouteInput{ApiId: api, RouteId: route.RouteId, OperationName: aws.String("op")}))(t)
	if aws.ToString(got.AuthorizerId) != *auth.AuthorizerId {
		t.Error("leaving the authorizer out of a PATCH took it off")
	}
	got = must(f.UpdateRoute(ctx, &sdk.UpdateRouteInput{ApiId: api, RouteId: route.RouteId, AuthorizationType: types.AuthorizationTypeNone}))(t)
	if got.AuthorizerId != nil {
		t.Error("NONE keeps the authorizer")
	}
	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("dev")}))(t)
	must(f.ResetAuthorizersCache(ctx, &sdk.ResetAuthorizersCacheInput{ApiId: api, StageName: aws.String("dev")}))(t)
	if len(f.plane.reset) != 1 || f.plane.reset[0] != *api+"/dev" {
		t.Errorf("reset %v", f.plane.reset)
	}
	must(f.DeleteAuthorizer(ctx, &sdk.DeleteAuthorizerInput{ApiId: api, AuthorizerId: auth.AuthorizerId}))(t)
	must(f.DeleteRoute(ctx, &sdk.DeleteRouteInput{ApiId: api, RouteId: route.RouteId}))(t)
	must(f.DeleteIntegration(ctx, &sdk.DeleteIntegrationInput{ApiId: api, IntegrationId: integration}))(t)
}
