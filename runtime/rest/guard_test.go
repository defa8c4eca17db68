package rest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/usage"
)

// with serves the API by a type with further dependencies.
func (a *api) with(deps rest.Deps) *api {
	deps.Now = func() time.Time { return start }
	a.kind = rest.New(deps)
	a.gateway = runtime.New(runtime.Config{Types: map[snapshot.Kind]runtime.APIType{snapshot.KindREST: a.kind}, Now: deps.Now})
	return a
}

// An API key that the authorizer gives is the one that is judged, whatever was sent.
func TestKeyOfAuthorizer(t *testing.T) {
	meter := usage.NewMeter(func() time.Time { return start })
	meter.Set(&snapshot.Usage{Keys: []snapshot.APIKey{{ID: "k", Value: "secret", Enabled: true}}, Plans: []snapshot.UsagePlan{{
		ID: "p", KeyIDs: []string{"k"}, Stages: []snapshot.UsagePlanStage{{APIID: identity.ID, Stage: "stage"}},
	}}})
	for key, want := range map[string]answer{`"secret"`: {status: 200, body: "k"}, `"other"`: {status: 403, body: `{"message":"Forbidden"}`}, `null`: {status: 403, body: `{"message":"Forbidden"}`}} {
		m := mockMethod("GET", "$context.identity.apiKeyId")
		m.AuthorizationType, m.AuthorizerID, m.APIKeyRequired = "CUSTOM", "auth1", true
		d := deployment(resource("/", m))
		d.APIKeySource = "AUTHORIZER"
		d.Authorizers = []snapshot.RESTAuthorizer{{ID: "auth1", Type: "TOKEN", URI: authorizerURI, IdentitySource: "method.request.header.Authorization"}}
		payload := strings.Replace(policyAnswer("Allow", "*"), `"context"`, `"usageIdentifierKey":`+key+`,"context"`, 1)
		a := newAPI(t).with(rest.Deps{Usage: meter, Lambda: integration.InvokerFunc(func(context.Context, integration.LambdaRequest) (integration.LambdaResponse, error) {
			return *answered(payload), nil
		})})
		a.publish(d)
		if got := a.send("GET", "/stage", "", "Authorization: x", "x-api-key: secret"); got.status != want.status || got.body != want.body {
			t.Errorf("key %s: %d %s", key, got.status, got.body)
		}
	}
}

// A REQUEST authorizer sees an API key that was sent, before anybody judges it.
func TestRequestSeesKey(t *testing.T) {
	meter := usage.NewMeter(func() time.Time { return start })
	meter.Set(&snapshot.Usage{Keys: []snapshot.APIKey{{ID: "k", Value: "secret", Enabled: true}}, Plans: []snapshot.UsagePlan{{
		ID: "p", KeyIDs: []string{"k"}, Stages: []snapshot.UsagePlanStage{{APIID: identity.ID, Stage: "stage"}},
	}}})
	for key, want := range map[string]string{"secret": `"apiKey":"secret","apiKeyId":"k",`, "other": `"apiKey":"other","apiKeyId":null,`} {
		m := mockMethod("GET", "in, $context.identity.apiKey")
		m.AuthorizationType, m.AuthorizerID = "CUSTOM", "auth1"
		d := deployment(resource("/", m))
		d.Authorizers = []snapshot.RESTAuthorizer{{ID: "auth1", Type: "REQUEST", URI: authorizerURI}}
		var payload string
		a := newAPI(t).with(rest.Deps{Usage: meter, Lambda: integration.InvokerFunc(func(_ context.Context, r integration.LambdaRequest) (integration.LambdaResponse, error) {
			payload = string(r.Payload)
			return *answered(policyAnswer("Allow", "*")), nil
		})})
		a.publish(d)
		a.send("GET", "/stage", "", "x-api-key: "+key).is(t, 200, "in, ", "")
		if strings.Contains(payload, `"authorizer"`) {
			t.Errorf("the authorizer's own event has an authorizer: %s", payload)
		}
		if !strings.Contains(payload, want) {
			t.Errorf("event %s has no %s", payload, want)
		}
	}
}

// Whatever cannot be compiled or run lets nobody in.
func TestBrokenGuards(t *testing.T) {
	function := snapshot.RESTAuthorizer{ID: "auth1", Type: "TOKEN", URI: authorizerURI, IdentitySource: "method.request.header.Authorization"}
	change := func(f func(*snapshot.RESTAuthorizer)) snapshot.RESTAuthorizer {
		a := function
		f(&a)
		return a
	}
	for _, tc := range []struct {
		name string
		kind string
		auth snapshot.RESTAuthorizer
	}{
		{"unknown type of authorization", "OTHER", function},
		{"authorizer of another id", "CUSTOM", change(func(a *snapshot.RESTAuthorizer) { a.ID = "x" })},
		{"no function", "CUSTOM", change(func(a *snapshot.RESTAuthorizer) { a.URI = "https://example.com" })},
		{"a stage variable that is not set", "CUSTOM", change(func(a *snapshot.RESTAuthorizer) { a.URI = "${stageVariables.none}" })},
		{"an identity source that is none", "CUSTOM", change(func(a *snapshot.RESTAuthorizer) { a.IdentitySource = "header.x" })},
		{"a token from two places", "CUSTOM", change(func(a *snapshot.RESTAuthorizer) { a.IdentitySource += ",method.request.header.B" })},
		{"an expression that is none", "CUSTOM", change(func(a *snapshot.RESTAuthorizer) { a.ValidationExpression = "(" })},
		{"a pool that is none", "COGNITO_USER_POOLS", snapshot.RESTAuthorizer{ID: "auth1", Type: "COGNITO_USER_POOLS", ProviderARNs: []string{"x"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAPI(t)
			m := mockMethod("GET", "in")
			m.AuthorizationType, m.AuthorizerID = tc.kind, "auth1"
			d := deployment(resource("/", m))
			d.Authorizers = []snapshot.RESTAuthorizer{tc.auth}
			if tc.kind == "OTHER" {
				d.Authorizers[0].URI = ""
			}
			a.publish(d)
			a.send("GET", "/stage", "", "Authorization: x").is(t, 500, `{"message":null}`, "AuthorizerConfigurationException")
		})
	}
	for name, change := range map[string]func(*snapshot.RESTDeployment){
		"a policy that is none": func(d *snapshot.RESTDeployment) { d.Policy = `{"Statement":` },
		"a policy with an unknown condition": func(d *snapshot.RESTDeployment) {
			d.Policy = `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"X":{"a":"b"}}}}`
		},
		"a private API by the public endpoint": func(d *snapshot.RESTDeployment) { d.EndpointType = "PRIVATE" },
	} {
		a := newAPI(t)
		d := deployment(resource("/", mockMethod("GET", "in")))
		change(d)
		a.publish(d)
		if got := a.send("GET", "/stage", ""); got.status != 403 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// Refusals are gateway responses that the API can shape.
func TestRefusalsAreCustomised(t *testing.T) {
	a := newAPI(t).with(rest.Deps{AccessKeys: func(string) (authorizer.AccessKey, bool) { return authorizer.AccessKey{}, false }})
	m := mockMethod("GET", "in")
	m.AuthorizationType = "AWS_IAM"
	d := deployment(resource("/", m))
	a.publish(d)
	const unsigned = `{"message":"Missing Authentication Token"}`
	a.send("GET", "/stage", "").is(t, 403, unsigned, "MissingAuthenticationTokenException")
	signature := "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20240722/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=x"
	a.send("GET", "/stage", "", signature, "X-Amz-Date: 20240722T225230Z").is(t, 403, `{"message":"The security token included in the request is invalid."}`, "UnrecognizedClientException")
	a.send("GET", "/stage", "", "Authorization: Bearer abc").is(t, 403,
		`{"message":"'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'."}`, "IncompleteSignatureException")
	a.send("GET", "/stage/none", "", "Authorization: Bearer abc").is(t, 403,
		`{"message":"'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'."}`, "IncompleteSignatureException")

	d.GatewayResponses = []snapshot.RESTGatewayResponse{{Type: "INVALID_SIGNATURE", StatusCode: "401", ResponseTemplates: map[string]string{"application/json": `{"why":$context.error.messageString,"type":"${context.error.responseType}"}`}}}
	a.publish(d)
	a.send("GET", "/stage", "", signature, "X-Amz-Date: 20240722T225230Z").is(t, 401, `{"why":"The security token included in the request is invalid.","type":"INVALID_SIGNATURE"}`, "UnrecognizedClientException")
}
