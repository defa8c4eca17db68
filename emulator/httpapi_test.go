package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// echoServer is a backend that answers with the request's method and path.
func echoServer(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", r.Method, r.URL.Path)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// integrate makes an API with one integration behind $default, on stage $default.
func integrate(t *testing.T, p *emulatortest.Postern, in *apigatewayv2.CreateIntegrationInput) (id string) {
	t.Helper()
	v2, ctx := p.APIGatewayV2(), t.Context()
	api, err := v2.CreateApi(ctx, &apigatewayv2.CreateApiInput{Name: aws.String("a"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	in.ApiId, in.PayloadFormatVersion = api.ApiId, aws.String("1.0")
	integration, err := v2.CreateIntegration(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v2.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String("$default"), Target: aws.String("integrations/" + *integration.IntegrationId)}); err != nil {
		t.Fatal(err)
	}
	if _, err := v2.CreateStage(ctx, &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	return *api.ApiId
}

func TestPrivateIntegrations(t *testing.T) {
	const listener = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/a/b/c"
	backend := echoServer(t)
	p := emulatortest.Start(t, func(c *emulator.Config) { c.VPCLinks = map[string]string{listener: backend} })
	link, err := p.APIGatewayV2().CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: aws.String("l"), SubnetIds: []string{"subnet-1"}})
	if err != nil {
		t.Fatal(err)
	}
	for uri, want := range map[string]string{
		listener: "200 GET /some/path",
		// Nobody said where this one is.
		"arn:aws:servicediscovery:us-east-1:000000000000:service/srv-1": `503 {"message":"Service Unavailable"}`,
	} {
		id := integrate(t, p, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"),
			ConnectionType: v2types.ConnectionTypeVpcLink, ConnectionId: link.VpcLinkId, IntegrationUri: &uri})
		res, body := get(t, p, "http://"+id+".execute-api.localhost/some/path")
		if got := fmt.Sprint(res.StatusCode, " ", body); got != want {
			t.Errorf("%s: %s, want %s", uri, got, want)
		}
	}
}

func TestServiceCalls(t *testing.T) {
	p := emulatortest.Start(t)
	queue := &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("SQS-SendMessage"),
		CredentialsArn:    aws.String("arn:aws:iam::000000000000:role/queue"),
		RequestParameters: map[string]string{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/q", "MessageBody": "$request.body.message"}}
	id := integrate(t, p, queue)
	events := integrate(t, p, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("EventBridge-PutEvents"),
		CredentialsArn:    aws.String("arn:aws:iam::000000000000:role/events"),
		RequestParameters: map[string]string{"Source": "app", "DetailType": "order", "Detail": "$request.body"}})
	invoke := func(id, body string) *http.Response {
		return post(t, p.URL()+"/_aws/execute-api/"+id+"/$default/x", body)
	}
	res := invoke(id, `{"message":"hello"}`)
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/xml" {
		t.Errorf("SendMessage: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if res := invoke(events, `{"n":1}`); res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/x-amz-json") {
		t.Errorf("PutEvents: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	type call struct {
		APIID, Service, Action, Role string
		Parameters                   map[string]any
	}
	calls := func(query string) []call {
		_, body := get(t, p, p.URL()+"/_postern/calls"+query)
		var got struct{ Calls []call }
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		return got.Calls
	}
	want := []call{{id, "sqs", "SendMessage", "arn:aws:iam::000000000000:role/queue", map[string]any{
		"Action": "SendMessage", "Version": "2012-11-05", "QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/q", "MessageBody": "hello"}}}
	if diff := cmp.Diff(calls("?service=sqs"), want); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
	if got := calls("?api=" + events); len(got) != 1 || got[0].Action != "PutEvents" {
		t.Errorf("calls of the other API: %+v", got)
	}
	if strings.Contains(fmt.Sprint(calls("")), "Signature=") {
		t.Error("a signature is shown")
	}
	if err := p.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := calls(""); len(got) != 0 {
		t.Errorf("%d calls outlive a reset", len(got))
	}
}

// With an upstream the recorder stands aside.
func TestServiceCallsGoUpstream(t *testing.T) {
	var got url.Values
	sqs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got = r.PostForm
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "<ErrorResponse/>")
	}))
	defer sqs.Close()
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Upstreams = map[string]string{"sqs": sqs.URL} })
	id := integrate(t, p, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("SQS-PurgeQueue"),
		CredentialsArn: aws.String("arn:aws:iam::000000000000:role/queue"), RequestParameters: map[string]string{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/q"}})
	res, body := get(t, p, "http://"+id+".execute-api.localhost/")
	if res.StatusCode != 400 || body != "<ErrorResponse/>" || got.Get("Action") != "PurgeQueue" {
		t.Errorf("%d %s; upstream got %v", res.StatusCode, body, got)
	}
}

func TestAPICoverage(t *testing.T) {
	p := emulatortest.Start(t)
	api, err := p.APIGatewayV2().CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("a"), ProtocolType: v2types.ProtocolTypeHttp, IpAddressType: v2types.IpAddressTypeDualstack})
	if err != nil {
		t.Fatal(err)
	}
	rest := newRestAPI(t, p, "")
	for id, want := range map[string]string{
		*api.ApiId: `{"apiId":"` + *api.ApiId + `","unenforced":{"Api.ipAddressType":"the listener's address family is the emulator's"}}`,
		rest.id:    `{"apiId":"` + rest.id + `","unenforced":{}}`,
		"nope":     `{"message":"there is no API nope"}`,
	} {
		_, body := get(t, p, p.URL()+"/_postern/apis/"+id+"/coverage")
		if got := compact(t, body); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func compact(t *testing.T, body string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
