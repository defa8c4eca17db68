package rest_test

import (
	"testing"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// Patterns of a function's integration look at errorMessage and at nothing else.
func TestLambdaSelection(t *testing.T) {
	for _, tc := range []struct {
		name, payload string
		status        int
	}{
		{"success", `{"statusCode": 200}`, 200},
		{"text result", `"four hundred"`, 200},
		{"four hundred", `{"errorMessage": "Error: Raising four hundred from the function", "errorType": "Exception"}`, 405},
		{"five hundred", `{"errorMessage": "Error: Raising five hundred from the function", "errorType": "Exception"}`, 502},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAPI(t)
			m := proxyMethod("GET")
			m.Integration.Type, m.Integration.PassthroughBehavior = "AWS", "WHEN_NO_MATCH"
			m.Integration.Responses = []snapshot.RESTIntegrationResponse{
				{StatusCode: "200"}, {StatusCode: "405", SelectionPattern: ".*four hundred.*"},
				{StatusCode: "502", SelectionPattern: ".+"}, {StatusCode: "504", SelectionPattern: "200"},
			}
			a.publish(deployment(resource("/", m)))
			a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
				return integration.LambdaResponse{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(tc.payload)}, nil
			}
			a.send("GET", "/stage", "").is(t, tc.status, tc.payload, "")
		})
	}
}

// A function's text is JSON: what CONVERT_TO_BINARY decodes stands between quotes.
func TestFunctionTextToBinary(t *testing.T) {
	a := newAPI(t)
	m := proxyMethod("GET")
	m.Integration.Type, m.Integration.PassthroughBehavior = "AWS", "WHEN_NO_MATCH"
	m.Integration.Responses = []snapshot.RESTIntegrationResponse{{
		StatusCode: "200", ContentHandling: "CONVERT_TO_BINARY", ResponseParameters: map[string]string{"method.response.header.Content-Type": "'image/png'"},
	}}
	a.publish(deployment(resource("/", m)))
	for result, want := range map[string]string{`"aGVsbG8="`: "hello", `"hel lo"`: "", `"`: "", `{"a":1}`: ""} {
		a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
			return integration.LambdaResponse{StatusCode: 200, Payload: []byte(result)}, nil
		}
		if got := a.send("GET", "/stage", ""); want == "" {
			got.is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
		} else if got.is(t, 200, want, ""); got.header.Get("Content-Type") != "image/png" {
			t.Errorf("header %v", got.header)
		}
	}
}

func TestLambdaCustomRequest(t *testing.T) {
	a := newAPI(t)
	m := proxyMethod("POST")
	m.Integration.Type, m.Integration.PassthroughBehavior = "AWS", "WHEN_NO_MATCH"
	m.Integration.RequestParameters = map[string]string{"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
	m.Integration.RequestTemplates = map[string]string{"application/json": `{"name": $input.json('$.name'), "q": "$input.params('q')"}`}
	m.Integration.Responses = []snapshot.RESTIntegrationResponse{{StatusCode: "202"}}
	a.publish(deployment(resource("/", m)))
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return integration.LambdaResponse{StatusCode: 202}, nil
	}
	got := a.send("POST", "/stage?q=1", `{"name": "Rex"}`)
	got.is(t, 202, "", "")
	if got.header.Get("X-Amzn-Trace-Id") == "" {
		t.Error("no trace id")
	}
	if call := a.events[0]; string(call.Payload) != `{"name": "Rex", "q": "1"}` || call.InvocationType != integration.Event {
		t.Errorf("invoked with %s, %s", call.Payload, call.InvocationType)
	}
}

func TestRequestValidator(t *testing.T) {
	a := newAPI(t)
	m := mockMethod("POST", "ok")
	m.ValidateParameters, m.ValidateBody = true, true
	m.RequestParameters = map[string]bool{
		"method.request.path.issuer": true, "method.request.querystring.qs1": true, "method.request.header.x-header-param": true,
		"method.request.querystring.optional": false,
	}
	m.RequestModels = map[string]string{"application/json": "Pet"}
	d := deployment(resource("/{id}", m), resource("/{issuer}/pets", m))
	d.Models = []snapshot.RESTModel{
		{Name: "Pet", Schema: `{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["a", "b"],
			"properties": {"a": {"type": "number", "exclusiveMinimum": true, "minimum": 1}, "b": {"$ref": "https://apigateway.amazonaws.com/restapis/abcdef0123/models/Toy"}}}`},
		{Name: "Toy", Schema: `{"oneOf": [{"type": "null"}, {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "format": "date"}}}]}`},
	}
	a.publish(d)
	const pet = `{"a": 1, "b": {"name": "ball"}}`
	a.send("POST", "/stage/x", pet).is(t, 400, `{"message":"Missing required request parameters: [x-header-param, issuer, qs1]"}`, "BadRequestException")
	a.send("POST", "/stage/x/pets?qs1=1", pet).is(t, 400, `{"message":"Missing required request parameters: [x-header-param]"}`, "BadRequestException")
	for body, ok := range map[string]bool{
		pet: true, `{"a": 1, "b": null}`: true, `{"a": 1}`: false, `{"a": 1, "b": {}}`: false, `{"a": "1", "b": null}`: false, "": false, "no": false, `[]`: false,
	} {
		got := a.send("POST", "/stage/x/pets?qs1=1", body, "x-header-param: h")
		if ok {
			got.is(t, 200, "ok", "")
		} else {
			got.is(t, 400, `{"message":"Invalid request body"}`, "BadRequestException")
		}
	}
	a.send("POST", "/stage/x/pets?qs1=1", "no", "x-header-param: h", "Content-Type: text/csv").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
}

func TestGatewayResponses(t *testing.T) {
	a := newAPI(t)
	m := mockMethod("GET", "x")
	m.AuthorizationType = "CUSTOM"
	key := mockMethod("POST", "x")
	key.APIKeyRequired = true
	d := deployment(resource("/{petId}", m, key))
	d.GatewayResponses = []snapshot.RESTGatewayResponse{
		{Type: "MISSING_AUTHENTICATION_TOKEN", StatusCode: "404", ResponseParameters: map[string]string{
			"gatewayresponse.header.Access-Control-Allow-Origin": "'a.b.c'", "gatewayresponse.header.x-request-header": "method.request.header.Accept",
			"gatewayresponse.header.x-request-query": "method.request.querystring.q",
		}, ResponseTemplates: map[string]string{
			"application/json": `{"message": $context.error.messageString, "bare": "$context.error.message", "type": "$context.error.responseType", "stage": "$context.stage", "none": "$stageVariables.a", "q": "$method.request.querystring.q"}`,
			"application/xml":  `<m>$context.error.message</m>`,
		}},
		{Type: "DEFAULT_5XX", ResponseParameters: map[string]string{"gatewayresponse.header.X-Five": "'5'"}},
		{Type: "INVALID_API_KEY", ResponseParameters: map[string]string{
			"gatewayresponse.header.Content-Type": "'application/problem+json'", "gatewayresponse.header.x-amzn-errortype": "'Mine'",
		}, ResponseTemplates: map[string]string{"application/json": `{"title":$context.error.messageString}`}},
	}
	a.publish(d)
	got := a.send("GET", "/stage/a/b?q=Q", "", "Accept: application/json")
	got.is(t, 404, `{"message": "Missing Authentication Token", "bare": "Missing Authentication Token", "type": "MISSING_AUTHENTICATION_TOKEN", "stage": "stage", "none": "", "q": "Q"}`, "MissingAuthenticationTokenException")
	if got.header.Get("Access-Control-Allow-Origin") != "a.b.c" || got.header.Get("x-request-header") != "application/json" || got.header.Get("x-request-query") != "Q" {
		t.Errorf("header %v", got.header)
	}
	got = a.send("GET", "/stage/a/b", "", "Accept: application/xml")
	got.is(t, 404, `<m>Missing Authentication Token</m>`, "MissingAuthenticationTokenException")
	if got.header.Get("Content-Type") != "application/xml" {
		t.Errorf("header %v", got.header)
	}
	got = a.send("GET", "/stage/a", "")
	got.is(t, 500, `{"message":null}`, "AuthorizerConfigurationException")
	if got.header.Get("X-Five") != "5" {
		t.Errorf("header %v", got.header)
	}
	for _, accept := range []string{"", "application/json"} {
		got = a.send("POST", "/stage/a", "", "Accept: "+accept)
		got.is(t, 403, `{"title":"Forbidden"}`, "Mine")
		if got.header.Get("Content-Type") != "application/problem+json" || len(got.header.Values("x-amzn-ErrorType")) != 1 {
			t.Errorf("header %v", got.header)
		}
	}
}

// A guard that is not served denies.
func TestGuardsDeny(t *testing.T) {
	for auth, want := range map[string]struct {
		status          int
		body, errorType string
	}{
		"AWS_IAM":            {403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		"CUSTOM":             {500, `{"message":null}`, "AuthorizerConfigurationException"},
		"COGNITO_USER_POOLS": {500, `{"message":null}`, "AuthorizerConfigurationException"},
	} {
		a := newAPI(t)
		m := mockMethod("GET", "secret")
		m.AuthorizationType = auth
		a.publish(deployment(resource("/", m)))
		a.send("GET", "/stage", "").is(t, want.status, want.body, want.errorType)
	}
	a := newAPI(t)
	d := deployment(resource("/", mockMethod("GET", "secret")))
	d.Policy = `{"Statement":[{"Effect":"Allow","Nosuch":"*"}]}`
	a.publish(d)
	if got := a.send("GET", "/stage", ""); got.status != 403 || got.header.Get("x-amzn-ErrorType") != "AccessDeniedException" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
