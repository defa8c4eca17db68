package apigateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func apiPart(api string) *sdk.CreateDocumentationPartInput {
	return &sdk.CreateDocumentationPartInput{RestApiId: &api, Location: &types.DocumentationPartLocation{Type: "API"}, Properties: aws.String(`{"description":"d"}`)}
}

const (
	functionURI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:f/invocations"
	noMapping   = "400 Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: "
	undeclared  = "400 Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: "
)

func TestPatchMethod(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.method(api, root, "GET")
	guard := *must[sdk.CreateAuthorizerOutput](f)(f.c.CreateAuthorizer(t.Context(), &sdk.CreateAuthorizerInput{RestApiId: &api, Name: aws.String("a"), Type: "TOKEN", AuthorizerUri: aws.String(functionURI)})).Id
	validator := *must[sdk.CreateRequestValidatorOutput](f)(f.c.CreateRequestValidator(t.Context(), &sdk.CreateRequestValidatorInput{RestApiId: &api, Name: aws.String("v")})).Id
	const authorizer = "400 Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
	const query = "/requestParameters/method.request.querystring.q"
	var unsupported []patchRow
	for _, path := range []string{"/authorizationType", "/authorizerId", "/apiKeyRequired", "/operationName", "/requestValidatorId"} {
		unsupported = append(unsupported, every(path, "x", onlyReplace, "add", "remove", "copy")...)
	}
	path := "/restapis/" + api + "/resources/" + root + "/methods/GET"
	f.patch(path, join(unsupported, []patchRow{
		{"replace", "/authorizationType", "aws_iam", `"authorizationType":"AWS_IAM"`},
		{"replace", "/authorizationType", "CUSTOM", authorizer},
		{"replace", "/authorizationType", "none", `"authorizationType":"NONE"`},
		{"replace", "/authorizerId", guard, `!"authorizerId"`},
		{"replace", "/apiKeyRequired", "true", `"apiKeyRequired":true`},
		{"replace", "/apiKeyRequired", "whatever", `"apiKeyRequired":false`},
		{"replace", "/operationName", "list", `"operationName":"list"`},
		{"replace", "/operationName", "", `!"operationName"`},
		{"replace", "/requestValidatorId", validator, `"requestValidatorId":"` + validator + `"`},
		{"replace", "/requestValidatorId", "nosuch", "400 Invalid Request Validator identifier specified"},
		{"replace", "/requestValidatorId", "", `!"requestValidatorId"`},
		{"add", query, "true", `"requestParameters":{"method.request.querystring.q":true}`},
		{"replace", query, "no", `"requestParameters":{"method.request.querystring.q":false}`},
		{"add", "/requestParameters/method.request.header.q", "true", "400 Parameter names must be unique across querystring, header and path"},
		{"add", "/requestParameters/wrong", "true", noMapping + "wrong]"},
		{"remove", query, "-", `!"requestParameters"`},
		{"replace", "/requestParameters", "x", noPath + "/requestParameters"},
		{"add", "/requestModels/application~1json", "Empty", `"requestModels":{"application/json":"Empty"}`},
		{"replace", "/requestModels/application~1json", "nosuch", "400 Invalid model identifier specified: nosuch"},
		{"remove", "/requestModels/application~1json", "-", `!"requestModels"`},
		{"add", "/requestModels/application/json", "Empty", noPath + "/requestModels/application/json"},
		{"add", "/authorizationScopes", "a/read", `"authorizationScopes":["a/read"]`},
		{"remove", "/authorizationScopes", "a/read", `!"authorizationScopes"`},
		{"replace", "/authorizationScopes", "x", "400 Invalid patch operation specified. Must be one of: [add, remove]"},
		{"replace", "/httpMethod", "PUT", noPath + "/httpMethod"}, {"replace", "-", "x", noPath + "null"},
	}))
	// Type and authorizer are judged together, whichever comes first.
	both := must[sdk.UpdateMethodOutput](f)(f.c.UpdateMethod(t.Context(), &sdk.UpdateMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"),
		PatchOperations: ops("replace", "/authorizerId", guard, "replace", "/authorizationType", "CUSTOM")}))
	if *both.AuthorizerId != guard || *both.AuthorizationType != "CUSTOM" {
		t.Errorf("guarded by %+v", both)
	}
}

func TestPatchMethodResponse(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.method(api, root, "GET")
	path := "/restapis/" + api + "/resources/" + root + "/methods/GET/responses/200"
	f.raw("PUT", path, "{}")
	const header, model = "/responseParameters/method.response.header.h", "/responseModels/application~1json"
	f.patch(path, []patchRow{
		{"replace", header, "true", "404 Invalid parameter name specified"}, {"remove", header, "-", "404 Invalid parameter name specified"},
		{"add", header, "true", `"responseParameters":{"method.response.header.h":true}`}, {"replace", header, "false", `{"method.response.header.h":false}`},
		{"remove", header, "-", `!"responseParameters"`},
		{"replace", model, "Empty", "404 Content-Type specified was not found"}, {"remove", model, "-", "404 Content-Type specified was not found"},
		{"add", model, "Empty", `"responseModels":{"application/json":"Empty"}`}, {"replace", model, "Error", `{"application/json":"Error"}`},
		{"replace", model, "nosuch", "400 Invalid model identifier specified: nosuch"}, {"remove", model, "-", `!"responseModels"`},
		{"add", "/responseParameters/wrong", "true", noMapping + "wrong]"},
		{"add", "/wrong", "x", noPath + "/wrong"}, {"replace", "/statusCode", "201", noPath + "/statusCode"}, {"add", "/responseModels/application/json", "Empty", noPath + "/responseModels/application/json"},
	})
}

func TestPatchIntegration(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	must[sdk.PutMethodOutput](f)(f.c.PutMethod(t.Context(), &sdk.PutMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE"),
		RequestParameters: map[string]bool{"method.request.querystring.q": false}}))
	must[sdk.PutIntegrationOutput](f)(f.c.PutIntegration(t.Context(), &sdk.PutIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), Type: "HTTP", IntegrationHttpMethod: aws.String("GET"), Uri: aws.String("http://example.com")}))
	var unsupported []patchRow
	for _, path := range []string{"/cacheNamespace", "/connectionId", "/connectionType", "/contentHandling", "/integrationTarget", "/passthroughBehavior", "/responseTransferMode", "/timeoutInMillis", "/httpMethod", "/uri", "/credentials"} {
		unsupported = append(unsupported, every(path, "x", onlyReplace, "add", "remove", "copy")...)
	}
	const parameter, template = "/requestParameters/integration.request.header.h", "/requestTemplates/application~1json"
	path := "/restapis/" + api + "/resources/" + root + "/methods/GET/integration"
	f.patch(path, join(unsupported, []patchRow{
		{"replace", "/cacheNamespace", "n", `"cacheNamespace":"n"`}, {"replace", "/cacheNamespace", "", `"cacheNamespace":"` + root + `"`},
		{"replace", "/connectionType", "VPC_LINK", "400 ConnectionId should be set to the vpcLinkId or stage variable on connection type VPC_LINK"},
		{"replace", "/connectionId", "${stageVariables.link}", `"connectionId":"${stageVariables.link}"`},
		{"replace", "/connectionType", "VPC_LINK", `"connectionType":"VPC_LINK"`},
		{"replace", "/connectionType", "wrong", "400 Invalid value specified for connectionType: wrong"},
		{"replace", "/connectionType", "INTERNET", `"connectionType":"INTERNET"`},
		{"replace", "/contentHandling", "CONVERT_TO_TEXT", `"contentHandling":"CONVERT_TO_TEXT"`}, {"replace", "/contentHandling", "", `!"contentHandling"`},
		{"replace", "/contentHandling", "wrong", "400 Invalid value specified for contentHandling: wrong"},
		{"replace", "/integrationTarget", "arn:x", `"integrationTarget":"arn:x"`},
		{"replace", "/passthroughBehavior", "NEVER", `"passthroughBehavior":"NEVER"`}, {"replace", "/passthroughBehavior", "wrong", "400 Invalid value specified for passthroughBehavior: wrong"},
		{"replace", "/responseTransferMode", "BUFFERED", `"responseTransferMode":"BUFFERED"`},
		{"replace", "/responseTransferMode", "STREAM", "400 Response transfer mode STREAM is supported for integrations of type HTTP_PROXY and AWS_PROXY only"},
		{"replace", "/timeoutInMillis", "50", `"timeoutInMillis":50`}, {"replace", "/timeoutInMillis", "49", "400 Timeout should be between 50 ms and 29000 ms"},
		{"replace", "/timeoutInMillis", "29001", "400 Timeout should be between 50 ms and 29000 ms"}, {"replace", "/timeoutInMillis", "x", "400 Timeout should be between 50 ms and 29000 ms"},
		{"replace", "/tlsConfig/insecureSkipVerification", "true", `"tlsConfig":{"insecureSkipVerification":true}`},
		{"replace", "/httpMethod", "POST", `"httpMethod":"POST"`}, {"replace", "/httpMethod", "", "400 Enumeration value for HttpMethod must be non-empty"},
		{"replace", "/uri", "https://example.com/{x}", `"uri":"https://example.com/{x}"`}, {"replace", "/uri", "arn:x", "400 Invalid HTTP endpoint specified for URI"},
		{"add", "/cacheKeyParameters/method.request.querystring.q", "", `"cacheKeyParameters":["method.request.querystring.q"]`},
		{"remove", "/cacheKeyParameters/method.request.querystring.q", "", `"cacheKeyParameters":[]`},
		{"add", "/cacheKeyParameters", "method.request.querystring.q", `"cacheKeyParameters":["method.request.querystring.q"]`},
		{"add", "/cacheKeyParameters", "method.request.header.x", "400 Invalid cache key parameter specified"},
		{"add", "/cacheKeyParameters/integration.request.header.h", "", `"cacheKeyParameters":["method.request.querystring.q","integration.request.header.h"]`},
		{"add", "/cacheKeyParameters", "integration.request.body.x", "400 Invalid cache key parameter specified"},
		{"add", parameter, "method.request.querystring.q", `"integration.request.header.h":"method.request.querystring.q"`},
		{"replace", parameter, "method.request.multivaluequerystring.q", `"method.request.multivaluequerystring.q"`},
		{"replace", parameter, "method.request.path.undeclared", undeclared + "method.request.path.undeclared]"},
		{"replace", parameter, "wrong", noMapping + "wrong]"}, {"replace", parameter, "'static'", `"'static'"`}, {"remove", parameter, "-", `!"requestParameters"`},
		{"add", "/requestParameters/wrong", "'x'", noMapping + "wrong]"},
		{"add", template, "{}", `"requestTemplates":{"application/json":"{}"}`}, {"add", template, "[]", `"requestTemplates":{"application/json":"[]"}`},
		{"replace", template, "", `"requestTemplates":{"application/json":null}`}, {"remove", template, "-", `!"requestTemplates"`},
		{"add", "/requestTemplates/123", "x", "400 Validation Result: warnings : [], errors : [Invalid content type specified: 123]"},
		{"replace", "/type", "AWS", noPath + "/type"}, {"replace", "/requestTemplates", "x", noPath + "/requestTemplates"},
	}))
	f.mock(api, root, "POST")
	f.patch("/restapis/"+api+"/resources/"+root+"/methods/POST/integration", []patchRow{
		{"replace", "/uri", "http://example.com", noPath + "/uri"}, {"replace", "/httpMethod", "GET", noPath + "/httpMethod"},
	})
}

// A parameter may leave the method before it leaves the keys of the cache: tools change
// the one resource after the other.
func TestCacheKeysOutliveParameters(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	must[sdk.PutMethodOutput](f)(f.c.PutMethod(t.Context(), &sdk.PutMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE"),
		RequestParameters: map[string]bool{"method.request.querystring.q": false}}))
	must[sdk.PutIntegrationOutput](f)(f.c.PutIntegration(t.Context(), &sdk.PutIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), Type: "HTTP", IntegrationHttpMethod: aws.String("GET"), Uri: aws.String("http://example.com"),
		CacheKeyParameters: []string{"method.request.querystring.q"}}))
	method := "/restapis/" + api + "/resources/" + root + "/methods/GET"
	f.patch(method, []patchRow{{"remove", "/requestParameters/method.request.querystring.q", "-", `!"requestParameters"`}})
	f.patch(method+"/integration", []patchRow{
		{"replace", "/cacheNamespace", "n", `"cacheNamespace":"n"`},
		{"remove", "/cacheKeyParameters/method.request.querystring.q", "", `"cacheKeyParameters":[]`},
		{"add", "/cacheKeyParameters/method.request.querystring.q", "", "400 Invalid cache key parameter specified"},
	})
}

func TestPatchIntegrationResponse(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	method := "/restapis/" + api + "/resources/" + root + "/methods/GET"
	f.raw("PUT", method+"/responses/200", `{"responseParameters":{"method.response.header.h":false}}`)
	f.raw("PUT", method+"/integration/responses/200", "{}")
	const header, template = "/responseParameters/method.response.header.h", "/responseTemplates/application~1json"
	f.patch(method+"/integration/responses/200", join(
		every("/selectionPattern", "x", onlyReplace, "add", "remove"), every("/contentHandling", "x", onlyReplace, "add", "remove"),
		[]patchRow{
			{"replace", "/selectionPattern", "2..", `"selectionPattern":"2.."`}, {"replace", "/selectionPattern", "2(", "400 Invalid regex pattern specified"}, {"replace", "/selectionPattern", "", `"selectionPattern":""`},
			{"replace", "/contentHandling", "CONVERT_TO_BINARY", `"contentHandling":"CONVERT_TO_BINARY"`}, {"replace", "/contentHandling", "wrong", "400 Invalid value specified for contentHandling: wrong"},
			{"add", header, "'x'", `"responseParameters":{"method.response.header.h":"'x'"}`}, {"replace", header, "integration.response.header.a", `"integration.response.header.a"`},
			{"replace", header, "wrong", noMapping + "wrong]"}, {"remove", header, "-", `!"responseParameters"`},
			{"add", "/responseParameters/method.response.header.other", "'x'", undeclared + "method.response.header.other]"},
			{"add", template, "{}", `"responseTemplates":{"application/json":"{}"}`}, {"replace", template, "", `{"application/json":null}`}, {"remove", template, "-", `!"responseTemplates"`},
			{"replace", "/statusCode", "201", noPath + "/statusCode"},
		}))
}

func TestPatchGatewayResponse(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	const header, template = "/responseParameters/gatewayresponse.header.h", "/responseTemplates/application~1json"
	f.patch("/restapis/"+api+"/gatewayresponses/THROTTLED", join(
		every("/statusCode", "400", noPath+"/statusCode", "add", "remove"),
		[]patchRow{
			{"replace", header, "'x'", "404 Invalid parameter name specified"},
			{"replace", "/statusCode", "420", `"statusCode":"420"`}, {"replace", "/statusCode", "wrong", "400 Invalid status code specified: wrong"},
			{"add", header, "'x'", `"responseParameters":{"gatewayresponse.header.h":"'x'"}`}, {"add", header, "", "400 Invalid null or empty value in responseParameters"},
			{"remove", header, "-", `"responseParameters":{}`},
			{"add", template, "x", `"responseTemplates":{"application/json":"x"}`}, {"replace", template, "-", "400 Invalid null or empty value in responseTemplates"},
			{"remove", template, "-", `$context.error.messageString`},
			{"replace", "/responseType", "x", noPath + "/responseType"}, {"replace", "-", "x", noPath + "null"},
		}))
	f.patch("/restapis/nosuch/gatewayresponses/THROTTLED", []patchRow{{"replace", "/statusCode", "420", "404 Invalid API identifier specified " + account + ":nosuch"}})
}

func TestPatchAuthorizer(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	create := func(name string, kind types.AuthorizerType, change func(*sdk.CreateAuthorizerInput)) string {
		in := &sdk.CreateAuthorizerInput{RestApiId: &api, Name: &name, Type: kind}
		change(in)
		return "/restapis/" + api + "/authorizers/" + *must[sdk.CreateAuthorizerOutput](f)(f.c.CreateAuthorizer(t.Context(), in)).Id
	}
	lambda := create("l", "TOKEN", func(in *sdk.CreateAuthorizerInput) { in.AuthorizerUri = aws.String(functionURI) })
	const pool = "arn:aws:cognito-idp:us-east-1:111111111111:userpool/us-east-1_"
	cognito := create("c", "COGNITO_USER_POOLS", func(in *sdk.CreateAuthorizerInput) { in.ProviderARNs = []string{pool + "a"} })
	var unsupported []patchRow
	for _, path := range []string{"/authorizerUri", "/authorizerCredentials", "/authorizerResultTtlInSeconds", "/authType", "/identityValidationExpression", "/name", "/type"} {
		unsupported = append(unsupported, every(path, "x", onlyReplace, "add", "remove")...)
	}
	const ttl = "400 Authorizer result TTL outside allowable range. TTL must be between 0 and 3600 seconds."
	f.patch(lambda, join(unsupported, []patchRow{
		{"replace", "/authorizerUri", functionURI, functionURI},
		{"replace", "/authorizerUri", "x", "400 Invalid Authorizer URI: x. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."},
		{"replace", "/authorizerCredentials", "arn:aws:iam::111111111111:role/r", `"authorizerCredentials":"arn:aws:iam::111111111111:role/r"`},
		{"replace", "/authorizerResultTtlInSeconds", "60", `"authorizerResultTtlInSeconds":60`}, {"replace", "/authorizerResultTtlInSeconds", "3601", ttl}, {"replace", "/authorizerResultTtlInSeconds", "x", ttl},
		{"replace", "/authType", "oauth2", `"authType":"oauth2"`}, {"replace", "/identityValidationExpression", "^x-[a-z]+", `"identityValidationExpression":"^x-[a-z]+"`},
		{"replace", "/name", "n", `"name":"n"`}, {"replace", "/name", "c", "400 Authorizer name must be unique. Authorizer c already exists in this RestApi."},
		{"replace", "/type", "wrong", "400 Invalid value specified for type: wrong"}, {"replace", "/type", "REQUEST", `"type":"REQUEST"`},
		{"replace", "/identitySource", "method.request.querystring.a, stageVariables.b", `"identitySource":"method.request.querystring.a, stageVariables.b"`},
		{"add", "/identitySource", "$request.header.a", "400 Invalid request identity source expression: $request.header.a. The sources must be separated by comma, and each source must be either a method request parameter, " +
			"matching 'method.request.querystring|header.[a-zA-Z0-9._-]+', or a stage variable, matching 'stageVariables.[a-zA-Z0-9._-]+', or a context parameter, matching 'context.[a-zA-Z0-9._-]+'"},
		{"remove", "/identitySource", "-", "400 Identity source is required when caching is enabled for a REQUEST authorizer."},
		{"replace", "/nosuch", "x", noPath + "/nosuch"},
	}))
	f.patch(cognito, []patchRow{
		{"add", "/providerARNs", pool + "b", `"providerARNs":["` + pool + `a","` + pool + `b"]`}, {"remove", "/providerARNs", pool + "a", `"providerARNs":["` + pool + `b"]`},
		{"remove", "/providerARNs", pool + "b", "400 ProviderARNs cannot be empty"},
		{"replace", "/providerARNs", "x", "400 Invalid patch operation specified. Must be one of: [add, remove]"},
	})
}
