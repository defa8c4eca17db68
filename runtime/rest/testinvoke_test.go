package rest_test

import (
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

func TestTestInvokeLambda(t *testing.T) {
	a := newAPI(t)
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return integration.LambdaResponse{StatusCode: 200, Payload: []byte(`{"a":1}`)}, nil
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
		"Endpoint request headers: {Accept=application/json, User-Agent=AmazonAPIGateway_abcdef0123, x-amzn-apigateway-api-id=abcdef0123, x-amzn-lambda-integration-tag=ID}",
		"Endpoint request body after transformations: {\"x\":1}", "Sending request to " + uri, "Received response. Status: 200, Integration latency: 0 ms",
		"Endpoint response headers: {}", "Endpoint response body before transformations: {\"a\":1}", "Method response body after transformations: {\"a\":1}",
	}
	if diff := cmp.Diff(want, lines(t, got.Log)[6:15]); diff != "" || string(got.Body) != `{"a":1}` {
		t.Errorf("%s %s", got.Body, diff)
	}
}
