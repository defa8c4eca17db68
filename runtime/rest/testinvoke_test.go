package rest_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// lines gives a log without its dates and with the request's id masked.
func lines(t *testing.T, log string) []string {
	t.Helper()
	first, _, _ := strings.Cut(log, "\n")
	id := strings.TrimPrefix(first, "Execution log for request ")
	if len(id) != 36 || !strings.HasSuffix(log, "\n") {
		t.Fatalf("log %q", log)
	}
	var out []string
	for line := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(log, id, "ID"), "\n"), "\n") {
		out = append(out, strings.TrimPrefix(line, "Mon Jul 22 22:52:30 UTC 2024 : "))
	}
	return out
}

func draft(resources ...snapshot.RESTResource) *snapshot.Stage {
	return &snapshot.Stage{API: identity, Name: "test-invoke-stage", REST: &snapshot.REST{Deployment: deployment(resources...)}}
}

func TestTestInvokeMock(t *testing.T) {
	m := mockMethod("GET", `{"petId": "$input.params('petId')"}`)
	m.AuthorizationType, m.APIKeyRequired = "AWS_IAM", true // guards are left out
	for _, tc := range []struct{ path, query, logged, params, petID string }{
		{"/pets/123", "foo=bar", "/pets/123", "{petId=123}", "123"},
		{"", "", "/pets/{petId}", "{petId={petId}}", "{petId}"},
		{"/random/test", "", "/random/test", "{}", ""},
	} {
		t.Run(tc.path, func(t *testing.T) {
			got, err := newAPI(t).kind.TestInvoke(t.Context(), draft(resource("/pets/{petId}", m)), snapshot.RESTTestRequest{
				ResourceID: "respets/{petId", HTTPMethod: "GET", Path: tc.path, RawQuery: tc.query,
			})
			if err != nil {
				t.Fatal(err)
			}
			body := `{"petId": "` + tc.petID + `"}`
			query := "{}"
			if tc.query != "" {
				query = "{" + tc.query + "}"
			}
			want := []string{
				"Execution log for request ID", "Starting execution for request: ID", "HTTP Method: GET, Resource Path: " + tc.logged,
				"Method request path: " + tc.params, "Method request query string: " + query, "Method request headers: {}",
				"Method request body before transformations: ", "Method response body after transformations: " + body,
				"Method response headers: {Content-Type=application/json}", "Successfully completed execution", "Method completed with status: 200",
			}
			if diff := cmp.Diff(want, lines(t, got.Log)); diff != "" || string(got.Body) != body || got.Status != 200 {
				t.Errorf("%d %s %s", got.Status, got.Body, diff)
			}
		})
	}
}

// An ANY method is tried with any verb; headers are logged as they were written.
// AWS: an API's binary types do not count when a method is tried.
func TestTestInvokeKnowsNoBinary(t *testing.T) {
	s := draft(resource("/", mockMethod("OPTIONS", "made")))
	s.REST.Deployment.BinaryMediaTypes = []string{"*/*"}
	got, err := newAPI(t).kind.TestInvoke(t.Context(), s, snapshot.RESTTestRequest{ResourceID: "res", HTTPMethod: "OPTIONS", Path: "/"})
	if err != nil || got.Status != 200 || string(got.Body) != "made" {
		t.Errorf("got %d %s, error %v", got.Status, got.Body, err)
	}
}

func TestTestInvokeAny(t *testing.T) {
	got, err := newAPI(t).kind.TestInvoke(t.Context(), draft(resource("/", mockMethod("ANY", "$context.httpMethod"))), snapshot.RESTTestRequest{
		ResourceID: "res", HTTPMethod: "PATCH", Path: "/", Header: http.Header{"content-type": {"application/json"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	log := lines(t, got.Log)
	if log[2] != "HTTP Method: PATCH, Resource Path: /" || log[5] != "Method request headers: {content-type=application/json}" || string(got.Body) != "PATCH" {
		t.Errorf("%s\n%s", got.Body, got.Log)
	}
}

func TestTestInvokeFailure(t *testing.T) {
	got, err := newAPI(t).kind.TestInvoke(t.Context(), draft(resource("/", httpMethod("HTTP", "GET", "http://${stageVariables.host}/", nil))), snapshot.RESTTestRequest{ResourceID: "res", HTTPMethod: "GET", Path: "/"})
	if err != nil {
		t.Fatal(err)
	}
	log := lines(t, got.Log)
	want := []string{"Execution failed due to configuration error: Invalid endpoint address", "Method completed with status: 500"}
	if diff := cmp.Diff(want, log[7:]); diff != "" || got.Status != 500 || len(got.Header) != 1 {
		t.Errorf("%d %v %s", got.Status, got.Header, diff)
	}
}

// A template's error is told in AWS's words, and then with its line and column.
func TestTestInvokeTemplateErrors(t *testing.T) {
	for _, tc := range []struct{ name, request, response, what, detail string }{
		{"request does not parse", "{\n  #if($x)\n}", "", "request", "Template for application/json: mapping template: 2:3: #if has no #end"},
		{"request does not run", "{}\n $util.parseJson('{')", "", "request", "Mapping template: 2:7: parseJson: not valid JSON"},
		{"response does not parse", `{"statusCode": 200}`, "\n\n$", "response", "Template for application/json: mapping template: 3:1: template ends in a bare $"},
		{"response runs away", `{"statusCode": 200}`, "#set($l = [1])#set($x = $l.add($l))\n $l", "response",
			"Mapping template: 2:2: value is nested too deeply to print"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := mockMethod("GET", tc.response)
			m.Integration.RequestTemplates = map[string]string{"application/json": tc.request}
			got, err := newAPI(t).kind.TestInvoke(t.Context(), draft(resource("/", m)), snapshot.RESTTestRequest{ResourceID: "res", HTTPMethod: "GET", Path: "/"})
			if err != nil {
				t.Fatal(err)
			}
			log := lines(t, got.Log)
			want := []string{"Execution failed due to configuration error: Unable to transform " + tc.what, tc.detail, "Method completed with status: 500"}
			if diff := cmp.Diff(want, log[len(log)-3:]); diff != "" || got.Status != 500 || string(got.Body) != `{"message": "Internal server error"}` {
				t.Errorf("%d %s %s", got.Status, got.Body, diff)
			}
		})
	}
}

func TestTestInvokeLambda(t *testing.T) {
	a := newAPI(t)
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return integration.LambdaResponse{StatusCode: 200, Payload: []byte(`{"a":1}`), RequestID: "r-1", ExecutedVersion: "$LATEST"}, nil
	}
	m := proxyMethod("POST")
	m.Integration.Type, m.Integration.PassthroughBehavior = "AWS", "WHEN_NO_MATCH"
	m.Integration.Responses = []snapshot.RESTIntegrationResponse{{StatusCode: "200"}}
	got, err := a.kind.TestInvoke(t.Context(), draft(resource("/", m)), snapshot.RESTTestRequest{ResourceID: "res", HTTPMethod: "POST", Path: "/", Body: []byte(`{"x":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	const uri = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:f/invocations"
	want := []string{
		"Method request body before transformations: {\"x\":1}", "Endpoint request URI: " + uri,
		"Endpoint request headers: {x-amzn-lambda-integration-tag=ID, Authorization=" + strings.Repeat("*", 26) + "LAST, X-Amz-Date=20240722T225230Z, x-amzn-apigateway-api-id=abcdef0123, Accept=application/json, User-Agent=AmazonAPIGateway_abcdef0123, X-Amz-Security-Token=*** [TRUNCATED]",
		"Endpoint request body after transformations: {\"x\":1}", "Sending request to " + uri, "Received response. Status: 200, Integration latency: 0 ms",
		"Endpoint response headers: {Date=Mon, 22 Jul 2024 22:52:30 GMT, Content-Type=application/json, Content-Length=7, Connection=keep-alive, x-amzn-RequestId=r-1, x-amzn-Remapped-Content-Length=0, X-Amz-Executed-Version=$LATEST, X-Amzn-Trace-Id=TRACE}", "Endpoint response body before transformations: {\"a\":1}", "Method response body after transformations: {\"a\":1}",
	}
	trace := got.Header.Get("X-Amzn-Trace-Id")
	log := lines(t, strings.ReplaceAll(got.Log, trace, "TRACE"))
	log[8] = regexp.MustCompile(`\*[0-9a-f]{6},`).ReplaceAllString(log[8], "*LAST,")
	log[8] = regexp.MustCompile(`\*{9,} \[`).ReplaceAllString(log[8], "*** [")
	if log[15] != "Method response headers: {X-Amzn-Trace-Id=TRACE, Content-Type=application/json}" {
		t.Errorf("got %s", log[15])
	}
	if diff := cmp.Diff(want, log[6:15]); diff != "" || string(got.Body) != `{"a":1}` {
		t.Errorf("%s %s", got.Body, diff)
	}
}

func TestTestAuthorize(t *testing.T) {
	const (
		function = "arn:aws:lambda:us-east-1:111111111111:function:auth"
		uri      = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/" + function + "/invocations"
		deny     = `{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"*"}]}`
		answer   = `{"principalId": "somebody", "policyDocument": ` + deny + `}`
		arn      = "arn:aws:execute-api:us-east-1:111111111111:abcdef0123/ESTestInvoke-stage/GET/"
	)
	token := snapshot.RESTAuthorizer{
		ID: "auth01", Type: "TOKEN", TTLSeconds: 300, IdentitySource: "method.request.header.Authorization",
		URI: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + function + "/invocations",
	}
	request := token
	request.Type, request.IdentitySource = "REQUEST", "method.request.header.X, context.identity.sourceIp"
	sent := http.Header{"Authorization": {"secret-token"}, "X": {"0123456789"}}
	for _, tc := range []struct {
		name       string
		authorizer snapshot.RESTAuthorizer
		header     http.Header
		reply      integration.LambdaResponse
		err        error
		status     int
		identity   string
		tail       []string
	}{
		{name: "a policy that denies is shown", authorizer: token, header: sent, reply: integration.LambdaResponse{Payload: []byte(answer)}, identity: "******-token",
			tail: []string{"Authorizer result body before parsing: " + answer, "Using valid authorizer policy for principal: **mebody", "Successfully completed authorizer execution"}},
		{name: "several sources", authorizer: request, header: sent, reply: integration.LambdaResponse{Payload: []byte(answer)}, identity: "{method.request.header.X=****456789, context.identity.sourceIp=***.0.0.9}",
			tail: []string{"Authorizer result body before parsing: " + answer, "Using valid authorizer policy for principal: **mebody", "Successfully completed authorizer execution"}},
		{name: "no token", authorizer: token, status: 401, tail: []string{"Unauthorized request: ID"}},
		{name: "thrown Unauthorized", authorizer: token, header: sent, identity: "******-token", status: 401,
			reply: integration.LambdaResponse{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"Unauthorized"}`)},
			tail:  []string{`Authorizer result body before parsing: {"errorMessage":"Unauthorized"}`, "Unauthorized request: ID"}},
		{name: "thrown otherwise", authorizer: token, header: sent, identity: "******-token", status: 500,
			reply: integration.LambdaResponse{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no"}`)},
			tail: []string{`Authorizer result body before parsing: {"errorMessage":"no"}`,
				`Execution failed due to configuration error: Authorizer function failed with response body: {"errorMessage":"no"}`, "AuthorizerConfigurationException"}},
		{name: "no JSON", authorizer: token, header: sent, reply: integration.LambdaResponse{Payload: []byte(`x`)}, identity: "******-token", status: 500,
			tail: []string{"Authorizer result body before parsing: x",
				"Execution failed due to configuration error: Invalid JSON in response: invalid character 'x' looking for beginning of value", "AuthorizerConfigurationException"}},
		{name: "no permission", authorizer: token, header: sent, err: integration.ErrNoPermission, identity: "******-token", status: 500,
			tail: []string{"Execution failed due to configuration error: Invalid permissions on Lambda function", "AuthorizerConfigurationException"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAPI(t)
			a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) { return tc.reply, tc.err }
			stage := &snapshot.Stage{API: identity, Name: "ESTestInvoke-stage", REST: &snapshot.REST{Deployment: &snapshot.RESTDeployment{Authorizers: []snapshot.RESTAuthorizer{tc.authorizer}}}}
			for range 2 { // nothing is kept
				got, err := a.kind.TestAuthorize(t.Context(), stage, snapshot.RESTTestRequest{Path: "/", Header: tc.header, Context: map[string]string{"identity.sourceIp": "127.0.0.9"}})
				if err != nil {
					t.Fatal(err)
				}
				log := lines(t, got.Log)
				want := []string{"Execution log for request ID", "Starting authorizer: auth01 for request: ID", "Incoming identity: " + tc.identity}
				if len(a.events) > 0 {
					payload := string(a.events[len(a.events)-1].Payload)
					if tc.authorizer.Type == "TOKEN" && payload != `{"type":"TOKEN","authorizationToken":"secret-token","methodArn":"`+arn+`"}` {
						t.Errorf("event %s", payload)
					}
					want = append(want, "Endpoint request URI: "+uri, log[4], "Endpoint request body after transformations: "+strings.ReplaceAll(payload, log[0], ""), "Sending request to "+uri)
					log[5] = want[5]
				}
				if diff := cmp.Diff(append(want, tc.tail...), log); diff != "" || got.ClientStatus != tc.status {
					t.Errorf("%d %s", got.ClientStatus, diff)
				}
				if tc.status == 0 && (got.PrincipalID != "somebody" || got.Policy != deny) {
					t.Errorf("got %+v", got)
				}
			}
			if n := len(a.events); n == 1 {
				t.Error("the second answer came from a cache")
			}
		})
	}
	_, err := newAPI(t).kind.TestAuthorize(t.Context(), &snapshot.Stage{API: identity, REST: &snapshot.REST{Deployment: &snapshot.RESTDeployment{Authorizers: []snapshot.RESTAuthorizer{token}}}},
		snapshot.RESTTestRequest{Path: "/", Context: map[string]string{"nosuch": "1"}})
	var unknown *snapshot.UnknownContextError
	if !errors.As(err, &unknown) || unknown.Name != "nosuch" {
		t.Errorf("got %v", err)
	}
}
