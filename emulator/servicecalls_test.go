package emulator_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// serviceRoutes are a route for each subtype of AWS service integrations.
var serviceRoutes = map[string]struct {
	subtype    string
	parameters map[string]string
}{
	"POST /events":          {"EventBridge-PutEvents", map[string]string{"Source": "shop", "DetailType": "order", "Detail": "$request.body"}},
	"POST /messages":        {"SQS-SendMessage", map[string]string{"MessageBody": "$request.body.text", "MessageAttributes": "$request.body.attributes"}},
	"GET /messages":         {"SQS-ReceiveMessage", map[string]string{"AttributeNames": "All", "MessageAttributeNames": "All", "MaxNumberOfMessages": "10", "VisibilityTimeout": "$request.querystring.hide", "WaitTimeSeconds": "$request.querystring.wait"}},
	"DELETE /messages":      {"SQS-DeleteMessage", map[string]string{"ReceiptHandle": "$request.querystring.receipt"}},
	"DELETE /queue":         {"SQS-PurgeQueue", map[string]string{}},
	"GET /configuration":    {"AppConfig-GetConfiguration", map[string]string{"Application": "a", "Environment": "e", "Configuration": "c", "ClientId": "$context.requestId", "ClientConfigurationVersion": "$request.querystring.have"}},
	"POST /records":         {"Kinesis-PutRecord", map[string]string{"StreamName": "s", "PartitionKey": "$request.body.key", "Data": "$request.body"}},
	"POST /executions":      {"StepFunctions-StartExecution", map[string]string{"StateMachineArn": stateMachine, "Name": "$request.querystring.name", "Input": "$request.body"}},
	"POST /sync-executions": {"StepFunctions-StartSyncExecution", map[string]string{"StateMachineArn": stateMachine, "Input": "$request.body"}},
	"DELETE /executions":    {"StepFunctions-StopExecution", map[string]string{"ExecutionArn": "$request.querystring.arn", "Cause": "enough"}},
}

const (
	stateMachine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
	execution    = "arn:aws:states:us-east-1:000000000000:execution:m:n"
	queueURL     = "https://sqs.us-east-1.amazonaws.com/000000000000/q"
)

// anyValues are what an answer has anew each time.
var anyValues = []struct{ pattern, name string }{
	{`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`, "UUID"},
	{`:1[0-9]{9}\.[0-9]{3}\b`, ":TIME"},
	{`"[0-9]{56}"`, `"NUMBER"`},
}

// serviceAPI makes an API of those routes and gives its address.
func serviceAPI(t *testing.T, p *emulatortest.Postern) string {
	t.Helper()
	v2, ctx := p.APIGatewayV2(), t.Context()
	api, err := v2.CreateApi(ctx, &apigatewayv2.CreateApiInput{Name: aws.String("services"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	for key, r := range serviceRoutes {
		parameters := map[string]string{}
		for name, v := range r.parameters {
			parameters[name] = v
		}
		if strings.HasPrefix(r.subtype, "SQS-") {
			parameters["QueueUrl"] = queueURL
		}
		integration, err := v2.CreateIntegration(ctx, &apigatewayv2.CreateIntegrationInput{ApiId: api.ApiId, IntegrationType: v2types.IntegrationTypeAwsProxy,
			IntegrationSubtype: &r.subtype, PayloadFormatVersion: aws.String("1.0"), CredentialsArn: aws.String("arn:aws:iam::000000000000:role/services"), RequestParameters: parameters})
		if err != nil {
			t.Fatalf("%s: %v", r.subtype, err)
		}
		if _, err := v2.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{ApiId: api.ApiId, RouteKey: &key, Target: aws.String("integrations/" + *integration.IntegrationId)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v2.CreateStage(ctx, &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	return "http://" + *api.ApiId + ".execute-api.localhost"
}

// request makes a request and shows the answer on one line.
func request(t *testing.T, p *emulatortest.Postern, method, address, body string, header ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := p.HTTP().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", res.Header.Get("Content-Type"), " ", string(b))
}

// Each subtype gets what its service would answer.
func TestServiceAnswers(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	address := serviceAPI(t, p)
	for _, tc := range []struct{ method, path, body, want string }{
		{"POST", "/events", `{"n":1}`, `200 application/x-amz-json-1.1 {"Entries":[{"EventId":"UUID"}],"FailedEntryCount":0}`},
		{"POST", "/events", `[1]`, `200 application/x-amz-json-1.1 {"Entries":[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}`},
		{"GET", "/configuration", "", `200 application/json {}`},
		{"GET", "/configuration?have=1", "", `200 application/json `},
		{"POST", "/records", `{"key":"k"}`, `200 application/x-amz-json-1.1 {"SequenceNumber":"NUMBER","ShardId":"shardId-000000000000"}`},
		{"POST", "/executions?name=n", `{"a":1}`, `200 application/x-amz-json-1.0 {"executionArn":"` + execution + `","startDate":TIME}`},
		{"POST", "/executions?name=a%20b", `{}`, `400 application/x-amz-json-1.0 {"__type":"InvalidName","message":"Invalid Name: 'a b'"}`},
		{"POST", "/sync-executions", `{"a":1}`, `200 application/x-amz-json-1.0 {"billingDetails":{"billedDurationInMilliseconds":100,"billedMemoryUsedInMB":64},` +
			`"executionArn":"arn:aws:states:us-east-1:000000000000:express:m:UUID:UUID","input":"{\"a\":1}","inputDetails":{"included":true},"name":"UUID",` +
			`"output":"{\"a\":1}","outputDetails":{"included":true},"startDate":TIME,"stateMachineArn":"` + stateMachine + `","status":"SUCCEEDED","stopDate":TIME}`},
		{"DELETE", "/executions?arn=" + execution, "", `200 application/x-amz-json-1.0 {"stopDate":TIME}`},
	} {
		got := request(t, p, tc.method, address+tc.path, tc.body)
		for _, v := range anyValues {
			got = regexp.MustCompile(v.pattern).ReplaceAllString(got, v.name)
		}
		if got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.method, tc.path, got, tc.want)
		}
	}
}

// One route sends, another receives, a third deletes.
func TestQueueBehindAPI(t *testing.T) {
	p := emulatortest.Start(t)
	address := serviceAPI(t, p)
	const sent = `{"text":"Grüße <1>","attributes":{"color":{"DataType":"String","StringValue":"red"}}}`
	if got := request(t, p, "POST", address+"/messages", sent); !strings.HasPrefix(got, "200 text/xml ") {
		t.Fatalf("send: %s", got)
	}
	type received struct {
		Messages []struct {
			Body, ReceiptHandle, MD5OfBody, MD5OfMessageAttributes string
			Attribute                                              []struct{ Name, Value string }
			MessageAttribute                                       []struct {
				Name  string
				Value struct{ DataType, StringValue string }
			}
		} `xml:"ReceiveMessageResult>Message"`
	}
	receive := func(hide string) received {
		t.Helper()
		got := request(t, p, "GET", address+"/messages?hide="+hide, "")
		text, ok := strings.CutPrefix(got, "200 text/xml ")
		var out received
		if err := xml.Unmarshal([]byte(text), &out); err != nil || !ok {
			t.Fatalf("receive: %s", got)
		}
		return out
	}
	first := receive("60")
	if len(first.Messages) != 1 {
		t.Fatalf("received %+v", first)
	}
	m := first.Messages[0]
	// The digests are those of an independent program.
	if m.Body != "Grüße <1>" || m.MD5OfBody != "540d7aa210fc8ae91dffdcdf9ad32d30" || m.MD5OfMessageAttributes != "20ca9041878c8c65d5a4bf6eaf446c21" || fmt.Sprint(m.MessageAttribute) != "[{color {String red}}]" {
		t.Errorf("received %+v", m)
	}
	if again := receive("60"); len(again.Messages) != 0 {
		t.Errorf("received in flight: %+v", again)
	}
	advance(t, p, 61*time.Second)
	if again := receive("60"); len(again.Messages) != 1 || !strings.Contains(fmt.Sprint(again.Messages[0].Attribute), "{ApproximateReceiveCount 2}") {
		t.Errorf("received after a minute: %+v", again)
	}
	if got := request(t, p, "DELETE", address+"/messages?receipt=x", ""); !strings.HasPrefix(got, "404 text/xml ") || !strings.Contains(got, "<Code>ReceiptHandleIsInvalid</Code>") {
		t.Errorf("delete by no receipt: %s", got)
	}
	if got := request(t, p, "DELETE", address+"/messages?receipt="+url.QueryEscape(m.ReceiptHandle), ""); !strings.HasPrefix(got, "200 text/xml ") || !strings.Contains(got, "<DeleteMessageResponse ") {
		t.Errorf("delete: %s", got)
	}
	request(t, p, "POST", address+"/messages", sent)
	if got := request(t, p, "DELETE", address+"/queue", ""); !strings.HasPrefix(got, "200 text/xml ") || !strings.Contains(got, "<PurgeQueueResponse ") {
		t.Errorf("purge: %s", got)
	}
	advance(t, p, 2*time.Minute)
	if after := receive("0"); len(after.Messages) != 0 {
		t.Errorf("received after deletion and purge: %+v", after)
	}
	if got := request(t, p, "GET", p.URL()+"/_postern/calls?action=SendMessage", "", "Accept", "text/html,*/*"); !strings.HasPrefix(got, "200 text/html; charset=utf-8 <!doctype html>") ||
		!strings.Contains(got, "Grüße &lt;1&gt;") || strings.Contains(got, "ReceiveMessage") {
		t.Errorf("page: %s", got)
	}
}

// A receiver that waits is answered when a message comes, or its time by Postern's
// clock is over.
func TestQueueIsWaitedFor(t *testing.T) {
	p := emulatortest.Start(t)
	address := serviceAPI(t, p)
	waiting := make(chan string)
	receive := func() { waiting <- request(t, p, "GET", address+"/messages?wait=20", "") }
	start := time.Now()

	go receive()
	if got := request(t, p, "POST", address+"/messages", `{"text":"at last"}`); !strings.HasPrefix(got, "200 ") {
		t.Fatalf("send: %s", got)
	}
	if got := <-waiting; !strings.Contains(got, "<Body>at last</Body>") {
		t.Errorf("received %s", got)
	}
	if got := request(t, p, "DELETE", address+"/queue", ""); !strings.HasPrefix(got, "200 ") {
		t.Fatalf("purge: %s", got)
	}
	go receive()
	for answered := false; !answered; {
		select {
		case got := <-waiting:
			if answered = true; !strings.Contains(got, "<ReceiveMessageResult></ReceiveMessageResult>") {
				t.Errorf("received %s", got)
			}
		default: // it may not have begun to wait yet
			advance(t, p, 10*time.Second)
		}
	}
	if waited := time.Since(start); waited > 15*time.Second {
		t.Errorf("answered after %s", waited)
	}
}
