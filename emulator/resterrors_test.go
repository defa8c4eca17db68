package emulator_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// key makes an API key with a usage plan of its own for the stage.
func (a *restAPI) key(value string, plan apigateway.CreateUsagePlanInput) {
	a.Helper()
	key, err := a.sdk.CreateApiKey(a.Context(), &apigateway.CreateApiKeyInput{Name: &value, Value: &value, Enabled: true})
	if err != nil {
		a.Fatal(err)
	}
	plan.Name, plan.ApiStages = &value, []v1types.ApiStage{{ApiId: &a.id, Stage: aws.String("prod")}}
	out, err := a.sdk.CreateUsagePlan(a.Context(), &plan)
	if err != nil {
		a.Fatal(err)
	}
	if _, err := a.sdk.CreateUsagePlanKey(a.Context(), &apigateway.CreateUsagePlanKeyInput{UsagePlanId: out.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")}); err != nil {
		a.Fatal(err)
	}
}

// failing is the document of an API that answers with every error there is; the
// backend never answers.
func failing(backend, gone string) string {
	ok := mocked("ok")
	secured := func(name string) string { return `"security":[{"` + name + `":[]}]` }
	function := `"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:none/invocations"`
	httpProxy := func(uri, more string) string {
		return method(`{"type":"http_proxy","httpMethod":"GET","uri":"` + uri + `"` + more + `}`)
	}
	return `"securityDefinitions":{
		"token":{"type":"apiKey","name":"Authorization","in":"header","x-amazon-apigateway-authtype":"custom","x-amazon-apigateway-authorizer":{"type":"token","authorizerUri":` + function + `}},
		"iam":{"type":"apiKey","name":"Authorization","in":"header","x-amazon-apigateway-authtype":"awsSigv4"},
		"api_key":{"type":"apiKey","name":"x-api-key","in":"header"}},
	"x-amazon-apigateway-policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"},
		{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*/*/denied"}]},
	"x-amazon-apigateway-request-validators":{"all":{"validateRequestBody":true,"validateRequestParameters":true}},"x-amazon-apigateway-request-validator":"all",
	"definitions":{"Pet":{"type":"object","required":["name"]}},
	"paths":{
		"/token":{"get":` + method(ok, secured("token")) + `},"/iam":{"get":` + method(ok, secured("iam")) + `},"/key":{"get":` + method(ok, secured("api_key")) + `},
		"/denied":{"get":` + method(ok) + `},"/throttled":{"get":` + method(ok) + `},
		"/parameters":{"get":` + method(ok, `"parameters":[{"name":"must","in":"query","required":true,"type":"string"}]`) + `},
		"/body":{"get":` + method(ok, `"parameters":[{"name":"Pet","in":"body","required":true,"schema":{"$ref":"#/definitions/Pet"}}]`) + `},
		"/slow":{"get":` + httpProxy(backend, `,"timeoutInMillis":50`) + `},"/gone":{"get":` + httpProxy(gone, "") + `},"/nowhere":{"get":` + httpProxy("http://${stageVariables.none}/", "") + `},
		"/function":{"get":` + method(`{"type":"aws_proxy","httpMethod":"POST","uri":`+function+`}`) + `},
		"/type":{"get":` + method(strings.Replace(ok, `"type":"mock"`, `"type":"mock","passthroughBehavior":"never"`, 1)) + `},
		"/template":{"get":` + method(mocked("#if(")) + `},
		"/unmatched":{"get":` + method(strings.Replace(ok, `"default"`, `"5.."`, 1)) + `}}`
}

// Every error that the gateway answers with, by what leads to it.
func TestRESTErrors(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	gone := httptest.NewServer(nil)
	gone.Close()

	type refusal struct {
		name, path string
		sign       func(*http.Request)
		header     []string
		status     int
		body, kind string
		errorType  string
	}
	session, err := p.STS().AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(createRole(t, p, "caller", "lambda.amazonaws.com", "", "")), RoleSessionName: aws.String("session")})
	if err != nil {
		t.Fatal(err)
	}
	cred := session.Credentials
	const later = 2 * time.Hour // than the session lasts
	const failed, forbidden = `{"message": "Internal server error"}`, `{"message":"Forbidden"}`
	cases := []refusal{
		{"no token", "/token", nil, nil, 401, `{"message":"Unauthorized"}`, "UNAUTHORIZED", "UnauthorizedException"},
		{"no function", "/token", nil, []string{"Authorization", "x"}, 500, `{"message":null}`, "AUTHORIZER_CONFIGURATION_ERROR", "AuthorizerConfigurationException"},
		{"unsigned", "/iam", nil, nil, 403, `{"message":"Missing Authentication Token"}`, "MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException"},
		{"no signature", "/iam", nil, []string{"Authorization", "Bearer x"}, 403, `{"message":"'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'."}`, "MISSING_AUTHENTICATION_TOKEN", "IncompleteSignatureException"},
		{"wrong secret", "/iam", signed(t, "test", "wrong", ""), nil, 403, `{"message":"The request signature we calculated does not match`, "INVALID_SIGNATURE", "InvalidSignatureException"},
		{"policy", "/denied", nil, nil, 403, `{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:{api}/prod/GET/denied with an explicit deny"}`, "ACCESS_DENIED", "AccessDeniedException"},
		{"no key", "/key", nil, nil, 403, forbidden, "INVALID_API_KEY", "ForbiddenException"},
		{"unknown key", "/key", nil, []string{"X-Api-Key", "nobody-has-this-key-000"}, 403, forbidden, "INVALID_API_KEY", "ForbiddenException"},
		{"quota", "/key", nil, []string{"X-Api-Key", "quota-of-a-single-call"}, 429, `{"message":"Limit Exceeded"}`, "QUOTA_EXCEEDED", "LimitExceededException"},
		{"throttled key", "/key", nil, []string{"X-Api-Key", "burst-of-a-single-call"}, 429, `{"message":"Too Many Requests"}`, "THROTTLED", "TooManyRequestsException"},
		{"throttled method", "/throttled", nil, nil, 429, `{"message":"Too Many Requests"}`, "THROTTLED", "TooManyRequestsException"},
		{"parameters", "/parameters", nil, nil, 400, `{"message":"Missing required request parameters: [must]"}`, "BAD_REQUEST_PARAMETERS", "BadRequestException"},
		{"body", "/body", nil, nil, 400, `{"message":"Invalid request body"}`, "BAD_REQUEST_BODY", "BadRequestException"},
		{"slow backend", "/slow", nil, nil, 504, `{"message": "Endpoint request timed out"}`, "INTEGRATION_TIMEOUT", "InternalServerErrorException"},
		{"no backend", "/gone", nil, nil, 504, `{"message": "Network error communicating with endpoint"}`, "INTEGRATION_FAILURE", "InternalServerErrorException"},
		{"no address", "/nowhere", nil, nil, 500, failed, "API_CONFIGURATION_ERROR", "InternalServerErrorException"},
		{"function missing", "/function", nil, nil, 500, failed, "API_CONFIGURATION_ERROR", "InternalServerErrorException"},
		{"no template for the type", "/type", nil, []string{"Content-Type", "a/b"}, 415, `{"message":"Unsupported Media Type"}`, "UNSUPPORTED_MEDIA_TYPE", "BadRequestException"},
		{"broken template", "/template", nil, nil, 500, failed, "API_CONFIGURATION_ERROR", "InternalServerErrorException"},
		{"no integration response", "/unmatched", nil, nil, 500, failed, "API_CONFIGURATION_ERROR", "InternalServerErrorException"},
		{"no method", "/none", nil, nil, 403, `{"message":"Missing Authentication Token"}`, "MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException"},
		{"long URL", "/" + strings.Repeat("x", 10300), nil, nil, 414, `{"message":"Request URI too long"}`, "DEFAULT_4XX", "BadRequestException"},
		{"expired session", "/iam", signedAt(t, *cred.AccessKeyId, *cred.SecretAccessKey, *cred.SessionToken, later), nil, 403, `{"message":"The security token included in the request is expired"}`, "EXPIRED_TOKEN", "ExpiredTokenException"},
	}
	setUp := func(more string) (*restAPI, string) {
		a, address := importAPI(t, p, failing(slow.URL, gone.URL)+more)
		a.stage("/throttled/GET/throttling/rateLimit=0", "/throttled/GET/throttling/burstLimit=0", "/variables/v=stage")
		return a, address
	}
	// Each kind of error has an answer of its own: status 418, template and headers.
	kinds := map[string]bool{}
	for _, tc := range cases {
		kinds[tc.kind] = true
	}
	var own []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		own = append(own, `"`+kind+`":{"statusCode":"418","responseParameters":{"gatewayresponse.header.Access-Control-Allow-Origin":"'*'","gatewayresponse.header.X-Q":"method.request.querystring.q",
			"gatewayresponse.header.X-Stage":"stageVariables.v","gatewayresponse.header.X-Path":"context.resourcePath"},
			"responseTemplates":{"application/json":"$context.error.responseType $context.stage $stageVariables.v $method.request.querystring.q $method.request.header.X-None $context.error.messageString"}}`)
	}
	plain, address := setUp("")
	custom, customAddress := setUp(`,"x-amazon-apigateway-gateway-responses":{` + strings.Join(own, ",") + `}`)
	for _, a := range []*restAPI{plain, custom} {
		prefix := a.id + "-"
		a.key(prefix+"quota-of-a-single-call", apigateway.CreateUsagePlanInput{Quota: &v1types.QuotaSettings{Limit: 1, Period: v1types.QuotaPeriodTypeDay}})
		a.key(prefix+"burst-of-a-single-call", apigateway.CreateUsagePlanInput{Throttle: &v1types.ThrottleSettings{BurstLimit: 1, RateLimit: 0.0001}})
		for _, key := range []string{"quota-of-a-single-call", "burst-of-a-single-call"} {
			if status, body, _ := call(t, p, "http://"+a.id+".execute-api.localhost/prod/key", nil, "X-Api-Key", prefix+key); status != 200 {
				t.Fatalf("%s: got %d %s", key, status, body)
			}
		}
	}
	for _, tc := range cases {
		if tc.name == "expired session" {
			advance(t, p, later)
		}
		header := func(a *restAPI) []string {
			out := slices.Clone(tc.header)
			for i, v := range out {
				if strings.HasSuffix(v, "-of-a-single-call") {
					out[i] = a.id + "-" + v
				}
			}
			return out
		}
		status, body, h := call(t, p, address+tc.path, tc.sign, header(plain)...)
		want := strings.ReplaceAll(tc.body, "{api}", plain.id)
		if status != tc.status || !strings.HasPrefix(body, want) || h.Get("x-amzn-ErrorType") != tc.errorType || h.Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s %s", tc.name, status, h.Get("x-amzn-ErrorType"), body)
		}
		if h.Get("X-Amzn-Trace-Id") != "" || h.Get("x-amzn-RequestId") == "" {
			t.Errorf("%s: header %v", tc.name, h)
		}
		status, body, h = call(t, p, customAddress+tc.path+"?q=Q", tc.sign, header(custom)...)
		if status != 418 || !strings.HasPrefix(body, tc.kind+" prod stage Q  ") || strings.HasSuffix(body, " ") {
			t.Errorf("%s, customised: got %d %s", tc.name, status, body)
		}
		path := tc.path
		if tc.name == "no method" || tc.name == "long URL" {
			path = ""
		}
		if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("X-Q") != "Q" || h.Get("X-Stage") != "stage" || h.Get("X-Path") != path || h.Get("x-amzn-ErrorType") != tc.errorType {
			t.Errorf("%s, customised: header %v", tc.name, h)
		}
	}
	// Those without an answer of their own have that of their kind.
	fallback, address := setUp(`,"x-amazon-apigateway-gateway-responses":{"DEFAULT_4XX":{"responseParameters":{"gatewayresponse.header.X-Four":"'4'"}},"DEFAULT_5XX":{"statusCode":"599","responseTemplates":{"application/json":"five"}}}`)
	for path, want := range map[string]string{"/parameters": `400 4 {"message":"Missing required request parameters: [must]"}`, "/denied": `403 4 {"Message":"User: anonymous is not`, "/gone": "599  five", "/none": `403 4 {"message":"Missing Authentication Token"}`} {
		status, body, h := call(t, p, address+path, nil)
		if got := fmt.Sprint(status, " ", h.Get("X-Four"), " ", body); !strings.HasPrefix(got, want) {
			t.Errorf("%s of %s: got %s", path, fallback.id, got)
		}
	}
}
