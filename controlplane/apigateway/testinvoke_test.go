package apigateway_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern/postern/runtime/snapshot"
)

// A test invocation gets the draft, of which only its own resource has to be
// complete.
func TestTestInvokeMethod(t *testing.T) {
	f := newFixture(t)
	var stage *snapshot.Stage
	var asked snapshot.RESTTestRequest
	f.plane.test = func(_ context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTTestResult, error) {
		stage, asked = s, in
		return snapshot.RESTTestResult{Status: 201, Header: http.Header{"A": {"1", "2"}}, Body: []byte("b"), Log: "l\n", Latency: 5 * time.Millisecond}, nil
	}
	api, root := f.api()
	f.mock(api, root, "GET")
	pets := f.resource(api, root, "pets")
	f.method(api, pets, "GET")
	invoke := func(resource, verb string) (*sdk.TestInvokeMethodOutput, error) {
		return f.c.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{
			RestApiId: &api, ResourceId: &resource, HttpMethod: &verb, PathWithQueryString: aws.String("/x?q=1"), Body: aws.String("in"),
			Headers: map[string]string{"x-a": "1"}, StageVariables: map[string]string{"v": "1"},
		})
	}
	out := must[sdk.TestInvokeMethodOutput](f)(invoke(root, "GET"))
	if out.Status != 201 || *out.Body != "b" || *out.Log != "l\n" || out.Latency != 5 || out.Headers["A"] != "2" || len(out.MultiValueHeaders["A"]) != 2 {
		t.Errorf("answer %+v", out)
	}
	if stage.Name != "test-invoke-stage" || len(stage.REST.Deployment.Resources) != 1 || stage.Variables["v"] != "1" {
		t.Errorf("stage %+v", stage)
	}
	if asked.Path != "/x" || asked.RawQuery != "q=1" || asked.Header.Get("X-A") != "1" || string(asked.Body) != "in" {
		t.Errorf("request %+v", asked)
	}
	_, err := invoke(root, "HEAD")
	f.refused(err, "NotFoundException", "Invalid Method identifier specified")
	_, err = invoke("nosuch", "GET")
	f.refused(err, "NotFoundException", "Invalid Resource identifier specified")
	_, err = invoke(pets, "GET")
	f.refused(err, "NotFoundException", "Invalid Integration identifier specified")
}
