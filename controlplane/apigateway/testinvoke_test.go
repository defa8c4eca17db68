package apigateway_test

import (
	"context"
	"errors"
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
	if asked.Path != "/x" || asked.RawQuery != "q=1" || sent(asked.Header, "x-a") != "1" || string(asked.Body) != "in" {
		t.Errorf("request %+v", asked)
	}
	_, err := invoke(root, "HEAD")
	f.refused(err, "NotFoundException", "Invalid Method identifier specified")
	_, err = invoke("nosuch", "GET")
	f.refused(err, "NotFoundException", "Invalid Resource identifier specified")
	_, err = invoke(pets, "GET")
	f.refused(err, "NotFoundException", "Invalid Integration identifier specified")
}

// Backends are shown the client certificate that a test invocation names.
func TestTestInvokeMethodWithCertificate(t *testing.T) {
	f := newFixture(t)
	var stage *snapshot.Stage
	f.plane.test = func(_ context.Context, s *snapshot.Stage, _ snapshot.RESTTestRequest) (snapshot.RESTTestResult, error) {
		stage = s
		return snapshot.RESTTestResult{Status: 200}, nil
	}
	api, root := f.api()
	f.mock(api, root, "GET")
	invoke := func(certificate string) error {
		_, err := f.c.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), ClientCertificateId: &certificate})
		return err
	}
	f.refused(invoke("nosuch"), "NotFoundException", "Invalid Client Certificate identifier specified")
	c := must[sdk.GenerateClientCertificateOutput](f)(f.c.GenerateClientCertificate(t.Context(), &sdk.GenerateClientCertificateInput{}))
	if err := invoke(*c.ClientCertificateId); err != nil {
		t.Fatal(err)
	}
	if shown := stage.REST.ClientCertificate; stage.REST.ClientCertificateID != *c.ClientCertificateId || shown == nil || shown.CertificatePEM != *c.PemEncodedCertificate || shown.KeyPEM == "" {
		t.Errorf("backends are shown %+v", stage.REST)
	}
}

// A method that does not compile is refused with the reason.
func TestTestInvokeMethodThatDoesNotCompile(t *testing.T) {
	f := newFixture(t)
	f.plane.test = func(context.Context, *snapshot.Stage, snapshot.RESTTestRequest) (snapshot.RESTTestResult, error) {
		return snapshot.RESTTestResult{}, errors.New("method GET /: no such path")
	}
	api, root := f.api()
	f.mock(api, root, "GET")
	_, err := f.c.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET")})
	f.refused(err, "BadRequestException", "Unable to test the method: method GET /: no such path")
}

// An ANY method is tried with any verb.
func TestTestInvokeMethodOfAny(t *testing.T) {
	f := newFixture(t)
	verb := ""
	f.plane.test = func(_ context.Context, _ *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTTestResult, error) {
		verb = in.HTTPMethod
		return snapshot.RESTTestResult{Status: 200}, nil
	}
	api, root := f.api()
	f.mock(api, root, "ANY")
	must[sdk.TestInvokeMethodOutput](f)(f.c.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET")}))
	if verb != "GET" {
		t.Errorf("tried with %q", verb)
	}
}

func TestTestInvokeAuthorizer(t *testing.T) {
	f := newFixture(t)
	var stage *snapshot.Stage
	var asked snapshot.RESTTestRequest
	var fails error
	f.plane.ask = func(s *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTAuthorizerResult, error) {
		stage, asked = s, in
		return snapshot.RESTAuthorizerResult{ClientStatus: 401, PrincipalID: "p", Policy: "{}", Claims: map[string]string{"sub": "1"}, Log: "l\n", Latency: 5 * time.Millisecond}, fails
	}
	api, _ := f.api()
	uri := "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:a/invocations"
	a := must[sdk.CreateAuthorizerOutput](f)(f.c.CreateAuthorizer(t.Context(), &sdk.CreateAuthorizerInput{RestApiId: &api, Name: aws.String("a"), Type: "TOKEN", AuthorizerUri: &uri}))
	invoke := func(api, id string) (*sdk.TestInvokeAuthorizerOutput, error) {
		return f.c.TestInvokeAuthorizer(t.Context(), &sdk.TestInvokeAuthorizerInput{
			RestApiId: &api, AuthorizerId: &id, PathWithQueryString: aws.String("/x?q=1"), Body: aws.String("in"),
			Headers: map[string]string{"x-a": "1"}, StageVariables: map[string]string{"v": "1"}, AdditionalContext: map[string]string{"path": "/y"},
		})
	}
	out := must[sdk.TestInvokeAuthorizerOutput](f)(invoke(api, *a.Id))
	if out.ClientStatus != 401 || *out.Log != "l\n" || out.Latency != 5 || *out.PrincipalId != "p" || *out.Policy != "{}" || out.Claims["sub"] != "1" {
		t.Errorf("answer %+v", out)
	}
	if frozen := stage.REST.Deployment.Authorizers; stage.Name != "ESTestInvoke-stage" || len(frozen) != 1 || frozen[0].ID != *a.Id || stage.Variables["v"] != "1" {
		t.Errorf("stage %+v", stage)
	}
	if asked.Path != "/x" || asked.RawQuery != "q=1" || sent(asked.Header, "x-a") != "1" || string(asked.Body) != "in" || asked.Context["path"] != "/y" {
		t.Errorf("request %+v", asked)
	}
	_, err := invoke(api, "nosuch")
	f.refused(err, "NotFoundException", "Invalid Authorizer identifier specified")
	_, err = invoke("nosuch", *a.Id)
	f.refused(err, "NotFoundException", "Invalid Authorizer identifier specified")
	fails = &snapshot.UnknownContextError{Name: "nosuch"}
	_, err = invoke(api, *a.Id)
	f.refused(err, "BadRequestException", "Invalid additional context specified: nosuch")
}

// sent gives the first value of a header that keeps the caller's spelling.
func sent(h map[string][]string, name string) string {
	if len(h[name]) == 0 {
		return ""
	}
	return h[name][0]
}
