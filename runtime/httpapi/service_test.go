package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

const role = "arn:aws:iam::123456789012:role/r"

func credentials(context.Context, string, *reqcontext.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}, nil
}

func serviceAPI(subtype string, parameters map[string]string) *snapshot.HTTPDeployment {
	return &snapshot.HTTPDeployment{
		Integrations: []snapshot.HTTPIntegration{{
			ID: "i", Type: "AWS_PROXY", Subtype: subtype, PayloadFormat: "1.0", TimeoutMillis: 30000, CredentialsARN: role, RequestParameters: parameters,
			ResponseParameters: map[string]map[string]string{
				"200": {"append:header.x-id": "$response.header.x-amzn-requestid"},
				"400": {"overwrite:statuscode": "422"},
			},
		}},
		Routes: []snapshot.HTTPRoute{{ID: "r", Key: "POST /call/{name}", IntegrationID: "i"}},
	}
}

// standIn keeps the call and answers.
type standIn struct {
	call   *integration.ServiceCall
	status int
}

func (s *standIn) services() integration.AWSServices {
	return integration.AWSServices{Credentials: credentials, StandIn: func(_ context.Context, c *integration.ServiceCall) (*integration.Response, bool) {
		s.call = c
		body := "<Answer/>"
		return &integration.Response{
			Status: s.status, Header: http.Header{"Content-Type": {"text/xml"}, "X-Amzn-Requestid": {"req-9"}, "Date": {"now"}}, Body: []byte(body), Length: int64(len(body)),
		}, true
	}}
}

func TestServiceIntegrations(t *testing.T) {
	const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m"
	for _, tc := range []struct {
		name, subtype string
		parameters    map[string]string
		host, path    string
		target        string
		body          string // of a form: sorted
	}{
		{"event", "EventBridge-PutEvents", map[string]string{"Source": "app", "DetailType": "$request.path.name", "Detail": "$request.body", "Time": "2026-04-08T19:05:45Z", "Resources": `["a","b"]`, "EventBusName": "bus"},
			"events.us-east-1.amazonaws.com", "/", "AWSEvents.PutEvents", `{"Entries":[{"Detail":"{\"message\":\"hi there\",\"n\":7}","DetailType":"pets","EventBusName":"bus","Resources":["a","b"],"Source":"app","Time":1775675145}]}`},
		{"message", "SQS-SendMessage", map[string]string{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "$request.body.message", "DelaySeconds": "$request.querystring.none",
			"MessageAttributes": `{"k":{"DataType":"String","StringValue":"$request.header.x-one"}}`},
			"sqs.us-east-1.amazonaws.com", "/123456789012/q", "", "Action=SendMessage&MessageAttribute.1.Name=k&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=1&MessageBody=hi+there&QueueUrl=https%3A%2F%2Fsqs.us-east-1.amazonaws.com%2F123456789012%2Fq&Version=2012-11-05"},
		{"receive in another region", "SQS-ReceiveMessage", map[string]string{"QueueUrl": "http://localhost:9324/queue/q", "AttributeNames": "All, SentTimestamp", "MaxNumberOfMessages": "3", "Region": "eu-west-1"},
			"sqs.eu-west-1.amazonaws.com", "/queue/q", "", "Action=ReceiveMessage&AttributeName.1=All&AttributeName.2=SentTimestamp&MaxNumberOfMessages=3&QueueUrl=http%3A%2F%2Flocalhost%3A9324%2Fqueue%2Fq&Version=2012-11-05"},
		{"delete", "SQS-DeleteMessage", map[string]string{"QueueUrl": "https://x/1/q", "ReceiptHandle": "h"},
			"sqs.us-east-1.amazonaws.com", "/1/q", "", "Action=DeleteMessage&QueueUrl=https%3A%2F%2Fx%2F1%2Fq&ReceiptHandle=h&Version=2012-11-05"},
		{"purge", "SQS-PurgeQueue", map[string]string{"QueueUrl": "https://x/1/q"},
			"sqs.us-east-1.amazonaws.com", "/1/q", "", "Action=PurgeQueue&QueueUrl=https%3A%2F%2Fx%2F1%2Fq&Version=2012-11-05"},
		{"record", "Kinesis-PutRecord", map[string]string{"StreamName": "s", "Data": "$request.body.n", "PartitionKey": "$context.requestId.none"},
			"", "", "", ""},
		{"record with its key", "Kinesis-PutRecord", map[string]string{"StreamName": "s", "Data": "$request.body.n", "PartitionKey": "k"},
			"kinesis.us-east-1.amazonaws.com", "/", "Kinesis_20131202.PutRecord", `{"Data":"Nw==","PartitionKey":"k","StreamName":"s"}`},
		{"execution", "StepFunctions-StartExecution", map[string]string{"StateMachineArn": machine, "Input": "$request.body"},
			"states.us-east-1.amazonaws.com", "/", "AWSStepFunctions.StartExecution", `{"input":"{\"message\":\"hi there\",\"n\":7}","stateMachineArn":"` + machine + `"}`},
		{"express execution", "StepFunctions-StartSyncExecution", map[string]string{"StateMachineArn": machine, "TraceHeader": "t"},
			"sync-states.us-east-1.amazonaws.com", "/", "AWSStepFunctions.StartSyncExecution", `{"stateMachineArn":"` + machine + `","traceHeader":"t"}`},
		{"stop", "StepFunctions-StopExecution", map[string]string{"ExecutionArn": "e", "Cause": "c", "Error": "E"},
			"states.us-east-1.amazonaws.com", "/", "AWSStepFunctions.StopExecution", `{"cause":"c","error":"E","executionArn":"e"}`},
		{"configuration", "AppConfig-GetConfiguration", map[string]string{"Application": "a b", "Environment": "prod", "Configuration": "$request.path.name", "ClientId": "me", "ClientConfigurationVersion": "2"},
			"appconfig.us-east-1.amazonaws.com", "/applications/a%20b/environments/prod/configurations/pets?client_configuration_version=2&client_id=me", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			stand := &standIn{status: 200}
			s := serve(t, httpapi.Deps{Services: stand.services()}, serviceAPI(tc.subtype, tc.parameters))
			a := s.do(t, "POST", "/call/pets", `{"message":"hi there","n":7}`, "Content-Type", "application/json", "X-One", "1")
			if tc.host == "" {
				if stand.call != nil || a.status == 200 {
					t.Errorf("called without a required parameter: %d", a.status)
				}
				return
			}
			if a.status != 200 || a.body != "<Answer/>" || a.header.Get("Content-Type") != "text/xml" || a.header.Get("X-Amzn-Requestid") != "" || a.header.Get("X-Id") != "req-9" {
				t.Errorf("answer %d %s %v", a.status, a.body, a.header)
			}
			c := stand.call
			if c == nil {
				t.Fatal("not called")
			}
			body := string(c.Body)
			if form, err := url.ParseQuery(body); err == nil && form.Get("Action") != "" {
				body = form.Encode()
			}
			got := []string{c.URL.Host, c.URL.RequestURI(), c.Header.Get("X-Amz-Target"), body, c.Role}
			if diff := cmp.Diff(got, []string{tc.host, tc.path, tc.target, tc.body, role}); diff != "" {
				t.Errorf("call (-got +want):\n%s", diff)
			}
			region := strings.Split(tc.host, ".")[1]
			if scope := "/" + region + "/" + c.Service + "/aws4_request"; !strings.Contains(c.Header.Get("Authorization"), scope) || c.Header.Get("X-Amz-Security-Token") != "token" {
				t.Errorf("signature %s, want the scope %s", c.Header.Get("Authorization"), scope)
			}
		})
	}
}

func TestServiceIntegrationFailures(t *testing.T) {
	queue := map[string]string{"QueueUrl": "https://x/1/q", "MessageBody": "$request.body.message"}
	gone := httptest.NewServer(nil)
	gone.Close()
	refused := func(context.Context, string, *reqcontext.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no")
	}
	stand := &standIn{status: 400}
	for _, tc := range []struct {
		name       string
		services   integration.AWSServices
		parameters map[string]string
		body       string
		status     int
		answer     string
	}{
		{"required value resolves to nothing", stand.services(), queue, `{}`, 400, `{"message":"Bad Request"}`},
		{"queue is no URL", stand.services(), map[string]string{"QueueUrl": "q", "MessageBody": "b"}, "", 400, `{"message":"Bad Request"}`},
		{"region is none", stand.services(), map[string]string{"QueueUrl": "https://x/1/q", "MessageBody": "b", "Region": "evil.example.com/"}, "", 400, `{"message":"Bad Request"}`},
		{"attributes are no JSON", stand.services(), map[string]string{"QueueUrl": "https://x/1/q", "MessageBody": "b", "MessageAttributes": "{"}, "", 400, `{"message":"Bad Request"}`},
		{"the service's error, mapped", stand.services(), map[string]string{"QueueUrl": "https://x/1/q", "MessageBody": "b"}, "", 422, "<Answer/>"},
		{"service is nowhere", integration.AWSServices{Credentials: credentials}, queue, `{"message":"m"}`, 500, `{"message":"Internal Server Error"}`},
		{"role is refused", integration.AWSServices{Credentials: refused, StandIn: stand.services().StandIn}, queue, `{"message":"m"}`, 500, `{"message":"Internal Server Error"}`},
		{"service is unreachable", integration.AWSServices{Credentials: credentials, Upstream: func(string) (string, bool) { return gone.URL, true }}, queue, `{"message":"m"}`, 503, `{"message":"Service Unavailable"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, httpapi.Deps{Services: tc.services}, serviceAPI("SQS-SendMessage", tc.parameters))
			if a := s.do(t, "POST", "/call/x", tc.body, "Content-Type", "application/json"); a.status != tc.status || a.body != tc.answer {
				t.Errorf("%d %s, want %d %s", a.status, a.body, tc.status, tc.answer)
			}
		})
	}
}

func TestServiceUpstream(t *testing.T) {
	var got *http.Request
	var body string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, "<SendMessageResponse/>")
	}))
	defer upstream.Close()
	services := integration.AWSServices{Credentials: credentials, Upstream: func(service string) (string, bool) { return upstream.URL, service == "sqs" }}
	s := serve(t, httpapi.Deps{Services: services}, serviceAPI("SQS-SendMessage", map[string]string{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/q", "MessageBody": "$request.body"}))
	if a := s.do(t, "POST", "/call/x", "text", "Accept", "application/json"); a.status != 200 || a.body != "<SendMessageResponse/>" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got == nil || got.Host != "sqs.us-east-1.amazonaws.com" || got.URL.Path != "/1/q" || !strings.Contains(body, "MessageBody=text") || got.Header.Get("Authorization") == "" {
		t.Errorf("upstream got %+v %s", got, body)
	}
}
