package rest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

const authorizerURI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:auth/invocations"

// guarded is an API whose root asks an authorizer; answer is what that returns.
func guarded(t *testing.T, a snapshot.RESTAuthorizer, answer *integration.LambdaResponse) *api {
	t.Helper()
	out := newAPI(t)
	a.ID, a.URI = "auth1", authorizerURI
	m := mockMethod("GET", "principal $context.authorizer.principalId, n $context.authorizer.n")
	m.AuthorizationType, m.AuthorizerID = "CUSTOM", "auth1"
	d := deployment(resource("/", m), resource("/pets/{id}", m))
	d.Authorizers = []snapshot.RESTAuthorizer{a}
	out.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) { return *answer, nil }
	out.publish(d)
	return out
}

func answered(payload string) *integration.LambdaResponse {
	return &integration.LambdaResponse{StatusCode: 200, Payload: []byte(payload)}
}

func policyAnswer(effect, arn string) string {
	return `{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"` + effect + `","Resource":"` + arn + `"}]},"context":{"n":1,"nothing":null}}`
}

func TestTokenAuthorizer(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:111111111111:abcdef0123/stage/GET/"
	token := snapshot.RESTAuthorizer{Type: "TOKEN", IdentitySource: "method.request.header.Authorization", ValidationExpression: "tok.*"}
	for _, tc := range []struct {
		name, token     string
		answer          *integration.LambdaResponse
		status          int
		body, errorType string
		called          bool
	}{
		{"allowed", "token", answered(policyAnswer("Allow", arn)), 200, "principal me, n 1", "", true},
		{"no token", "", answered(policyAnswer("Allow", "*")), 401, `{"message":"Unauthorized"}`, "UnauthorizedException", false},
		{"wrong form", "other", answered(policyAnswer("Allow", "*")), 401, `{"message":"Unauthorized"}`, "UnauthorizedException", false},
		{"denied", "token", answered(policyAnswer("Deny", "*")), 403, `{"Message":"User is not authorized to access this resource with an explicit deny"}`, "AccessDeniedException", true},
		{"another method", "token", answered(policyAnswer("Allow", arn+"pets")), 403, `{"Message":"User is not authorized to access this resource"}`, "AccessDeniedException", true},
		{"thrown Unauthorized", "token", &integration.LambdaResponse{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"Unauthorized"}`)}, 401, `{"message":"Unauthorized"}`, "UnauthorizedException", true},
		{"thrown", "token", &integration.LambdaResponse{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"x"}`)}, 500, `{"message":null}`, "AuthorizerConfigurationException", true},
		{"no policy", "token", answered(`{"principalId":"me"}`), 500, `{"message":null}`, "AuthorizerConfigurationException", true},
		{"no principal", "token", answered(strings.Replace(policyAnswer("Allow", "*"), `"principalId":"me",`, "", 1)), 500, `{"message":null}`, "AuthorizerConfigurationException", true},
		{"unknown member", "token", answered(strings.Replace(policyAnswer("Allow", "*"), `"principalId"`, `"x":1,"principalId"`, 1)), 500, `{"message":null}`, "AuthorizerConfigurationException", true},
		{"nested context", "token", answered(strings.Replace(policyAnswer("Allow", "*"), `"n":1`, `"n":{}`, 1)), 500, `{"message":null}`, "AuthorizerConfigurationException", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := guarded(t, token, tc.answer)
			var head []string
			if tc.token != "" {
				head = []string{"Authorization: " + tc.token}
			}
			a.send("GET", "/stage", "", head...).is(t, tc.status, tc.body, tc.errorType)
			if called := len(a.events) > 0; called != tc.called {
				t.Fatalf("function called: %t", called)
			}
			if tc.called {
				want := `{"type":"TOKEN","authorizationToken":"token","methodArn":"` + arn + `"}`
				if got := string(a.events[0].Payload); got != want || !strings.HasSuffix(a.events[0].SourceARN, "abcdef0123/authorizers/auth1") {
					t.Errorf("event %s from %s", got, a.events[0].SourceARN)
				}
			}
		})
	}
}

func TestRequestAuthorizer(t *testing.T) {
	a := guarded(t, snapshot.RESTAuthorizer{Type: "REQUEST", IdentitySource: "method.request.header.X-Who, method.request.querystring.q"}, answered(policyAnswer("Allow", "*")))
	a.send("GET", "/stage/pets/7?q=1", "").is(t, 401, `{"message":"Unauthorized"}`, "UnauthorizedException")
	a.send("GET", "/stage/pets/7?q=1", "", "X-Who: me").is(t, 200, "principal me, n 1", "")
	var e map[string]any
	if err := json.Unmarshal(a.events[0].Payload, &e); err != nil {
		t.Fatal(err)
	}
	if _, ok := e["body"]; ok || e["type"] != "REQUEST" || e["methodArn"] != "arn:aws:execute-api:us-east-1:111111111111:abcdef0123/stage/GET/pets/7" ||
		e["resource"] != "/pets/{id}" || e["stageVariables"] == nil || e["requestContext"].(map[string]any)["resourcePath"] != "/pets/{id}" {
		t.Errorf("event %v", e)
	}
}

// A kept result is judged anew for every method: a policy for one refuses the next.
func TestAuthorizerCache(t *testing.T) {
	a := guarded(t, snapshot.RESTAuthorizer{Type: "TOKEN", IdentitySource: "method.request.header.Authorization", TTLSeconds: 300},
		answered(policyAnswer("Allow", "arn:aws:execute-api:us-east-1:111111111111:abcdef0123/stage/GET/pets/1")))
	a.send("GET", "/stage/pets/1", "", "Authorization: a").is(t, 200, "principal me, n 1", "")
	a.send("GET", "/stage/pets/1", "", "Authorization: a").is(t, 200, "principal me, n 1", "")
	a.send("GET", "/stage/pets/2", "", "Authorization: a").is(t, 403, `{"Message":"User is not authorized to access this resource"}`, "AccessDeniedException")
	if len(a.events) != 1 {
		t.Errorf("the function was called %d times", len(a.events))
	}
	a.send("GET", "/stage/pets/1", "", "Authorization: b").is(t, 200, "principal me, n 1", "")
	a.kind.FlushAuthorizers(identity.ID, "other")
	a.send("GET", "/stage/pets/1", "", "Authorization: b").is(t, 200, "principal me, n 1", "")
	if len(a.events) != 2 {
		t.Errorf("the function was called %d times", len(a.events))
	}
	a.kind.FlushAuthorizers(identity.ID, "stage")
	a.send("GET", "/stage/pets/1", "", "Authorization: b").is(t, 200, "principal me, n 1", "")
	if len(a.events) != 3 {
		t.Errorf("the function was called %d times after a flush", len(a.events))
	}
}

func TestResourcePolicy(t *testing.T) {
	const refused = `{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********1111:abcdef0123/stage/GET/`
	for _, tc := range []struct {
		name, policy string
		root, secret string // what GET / and GET /secret answer
	}{
		{"allows all", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`, "root", "secret"},
		{"allows one", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/stage/GET/"}]}`, "root", refused + `secret"}`},
		{"denies one", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*/GET/secret"}]}`, "root", refused + `secret with an explicit deny"}`},
		{"another address", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}`, refused + `"}`, refused + `secret"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAPI(t)
			d := deployment(resource("/", mockMethod("GET", "root")), resource("/secret", mockMethod("GET", "secret")))
			d.Policy = tc.policy
			a.publish(d)
			if got := a.send("GET", "/stage/", ""); got.body != tc.root {
				t.Errorf("root: got  %s\nwant %s", got.body, tc.root)
			}
			if got := a.send("GET", "/stage/secret", ""); got.body != tc.secret {
				t.Errorf("secret: got  %s\nwant %s", got.body, tc.secret)
			}
		})
	}
}
