package recorder

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testNow = time.Date(2026, 4, 8, 19, 5, 45, 123e6, time.UTC)

func newRecorder(size int) *Recorder { return New(size, func() time.Time { return testNow }) }

func jsonCall(service, target, body string) Call {
	return Call{
		Service: service, Region: "us-east-1", Method: "POST", Path: "/", Body: Text(body),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target}},
	}
}

func formCall(service, path string, fields ...string) Call {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return Call{
		Service: service, Region: "us-east-1", Method: "POST", Path: path, Body: Text(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
}

const (
	uuid     = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	metadata = `<ResponseMetadata><RequestId>` + uuid + `</RequestId></ResponseMetadata>`
)

func TestAnswers(t *testing.T) {
	for _, tc := range []struct {
		name   string
		call   Call
		status int
		want   string // a regular expression, whole
	}{
		{"event", jsonCall("events", "AWSEvents.PutEvents", `{"Entries":[{"Source":"s","DetailType":"t","Detail":"{}"}]}`), 200,
			`{"Entries":\[{"EventId":"` + uuid + `"}\],"FailedEntryCount":0}`},
		{"malformed event", jsonCall("events", "AWSEvents.PutEvents", `{"Entries":[{"Source":"s","DetailType":"t","Detail":"{"}]}`), 200,
			`{"Entries":\[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}\],"FailedEntryCount":1}`},
		{"event of AWS", jsonCall("events", "AWSEvents.PutEvents", `{"Entries":[{"Source":"aws.s3","DetailType":"t","Detail":"{}"}]}`), 200,
			`{"Entries":\[{"ErrorCode":"NotAuthorizedForSourceException","ErrorMessage":"Not authorized for the source."}\],"FailedEntryCount":1}`},
		{"message", formCall("sqs", "/123456789012/q", "Action", "SendMessage", "MessageBody", "hello"), 200,
			`<\?xml version="1.0"\?><SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><SendMessageResult><MessageId>` + uuid +
				`</MessageId><MD5OfMessageBody>5d41402abc4b2a76b9719d911017c592</MD5OfMessageBody></SendMessageResult>` + metadata + `</SendMessageResponse>`},
		{"message with attributes", jsonCall("sqs", "AmazonSQS.SendMessage", `{"QueueUrl":"https://x/q","MessageBody":"hello","MessageAttributes":{"a":{"DataType":"String","StringValue":"v"}}}`), 200,
			`{"MessageId":"` + uuid + `","MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592","MD5OfMessageAttributes":"a18cbb58171ebf4ce88d9fb787f9210b"}`},
		{"no body", formCall("sqs", "/1/q", "Action", "SendMessage"), 400,
			`<\?xml version="1.0"\?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>MissingParameter</Code><Message>The request must contain the parameter MessageBody.</Message><Detail/></Error><RequestId>` + uuid + `</RequestId></ErrorResponse>`},
		{"receive", formCall("sqs", "/1/q", "Action", "ReceiveMessage"), 200,
			`<\?xml version="1.0"\?><ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult></ReceiveMessageResult>` + metadata + `</ReceiveMessageResponse>`},
		{"purge", formCall("sqs", "/1/q", "Action", "PurgeQueue"), 200,
			`<\?xml version="1.0"\?><PurgeQueueResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">` + metadata + `</PurgeQueueResponse>`},
		{"topic", formCall("sns", "/", "Action", "Publish", "Message", "m"), 200,
			`<\?xml version="1.0"\?><PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>` + uuid + `</MessageId></PublishResult>` + metadata + `</PublishResponse>`},
		{"record", jsonCall("kinesis", "Kinesis_20131202.PutRecord", `{"Data":"eA==","PartitionKey":"k"}`), 200,
			`{"SequenceNumber":"[0-9]{56}","ShardId":"shardId-000000000000"}`},
		{"record without a key", jsonCall("kinesis", "Kinesis_20131202.PutRecord", `{"Data":"eA=="}`), 400,
			`{"__type":"ValidationException","message":"1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: Member must not be null"}`},
		{"execution", jsonCall("states", "AWSStepFunctions.StartExecution", `{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","name":"n"}`), 200,
			`{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:m:n","startDate":1775675145.123}`},
		{"express execution", jsonCall("states", "AWSStepFunctions.StartSyncExecution", `{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","name":"n","input":"{\"a\":1}"}`), 200,
			`{.*"executionArn":"arn:aws:states:us-east-1:123456789012:express:m:n:` + uuid + `".*"output":"{\\"a\\":1}".*"status":"SUCCEEDED".*}`},
		{"execution of nothing", jsonCall("states", "AWSStepFunctions.StartExecution", `{"stateMachineArn":"m"}`), 400,
			`{"__type":"InvalidArn","message":"Invalid Arn: 'Invalid ARN prefix: m'"}`},
		{"execution with bad input", jsonCall("states", "AWSStepFunctions.StartExecution", `{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","input":"{"}`), 400,
			`{"__type":"InvalidExecutionInput","message":"Invalid State Machine Execution Input: '{'"}`},
		{"stopped execution", jsonCall("states", "AWSStepFunctions.StopExecution", `{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:m:n"}`), 200, `{"stopDate":1775675145.123}`},
		{"configuration", Call{Service: "appconfig", Method: "GET", Path: "/applications/a/environments/e/configurations/c", Query: "client_id=x"}, 200, `{}`},
		{"configuration that is there", Call{Service: "appconfig", Method: "GET", Path: "/applications/a/environments/e/configurations/c", Query: "client_id=x&client_configuration_version=1"}, 200, ``},
		{"configuration for nobody", Call{Service: "appconfig", Method: "GET", Path: "/applications/a/environments/e/configurations/c"}, 400, `{"__type":"BadRequestException",.*clientId.*}`},
		{"execution of no name", jsonCall("states", "AWSStepFunctions.StartExecution", `{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","name":"a b"}`), 400,
			`{"__type":"InvalidName","message":"Invalid Name: 'a b'"}`},
		{"not JSON", jsonCall("events", "AWSEvents.PutEvents", `{`), 400, `{"__type":"SerializationException","message":""}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, header, body, known := newRecorder(1).Answer(t.Context(), tc.call)
			if !known {
				t.Fatal("nothing is known of the call")
			}
			if ok, err := regexp.Match("^(?:"+tc.want+")$", body); status != tc.status || !ok || err != nil {
				t.Errorf("%d %s\nwant %d %s (%v)", status, body, tc.status, tc.want, err)
			}
			if header.Get("X-Amzn-Requestid") == "" || header.Get("Content-Type") == "" {
				t.Errorf("headers %v", header)
			}
		})
	}
}

// The digest covers the name, the type and the value, each behind its length.
func TestAttributesDigest(t *testing.T) {
	a := map[string]attribute{"k": {DataType: "String", StringValue: "v"}}
	b := map[string]attribute{"k": {DataType: "Binary", BinaryValue: "dg=="}}
	if attributesDigest(a) == attributesDigest(b) || attributesDigest(a) != digest([]byte("\x00\x00\x00\x01k\x00\x00\x00\x06String\x01\x00\x00\x00\x01v")) {
		t.Errorf("digests %s and %s", attributesDigest(a), attributesDigest(b))
	}
}

func get(t *testing.T, r *Recorder, query string) (status int, bodies []string, message string) {
	t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/_postern/calls"+query, nil))
	var got struct {
		Calls []struct {
			Body       string
			Parameters map[string]any
		}
		Message string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, c := range got.Calls {
		bodies = append(bodies, c.Body)
	}
	return w.Code, bodies, got.Message
}

func TestCalls(t *testing.T) {
	r := newRecorder(3)
	for _, body := range []string{"0", "1", "2", "3"} {
		c := jsonCall("events", "AWSEvents.PutEvents", body)
		c.APIID = "api" + body
		r.Answer(t.Context(), c)
	}
	if _, _, _, known := r.Answer(t.Context(), Call{Service: "s3", Method: "PUT", Path: "/b/k", Body: Text{0xff}}); known {
		t.Error("an object was stored nowhere")
	}
	for query, want := range map[string][]string{
		"":                          {"0xff", "3", "2"},
		"?service=events":           {"3", "2"},
		"?api=api2":                 {"2"},
		"?action=putevents&limit=1": {"3"},
		"?api=nope":                 nil,
	} {
		if _, got, _ := get(t, r, query); !cmp.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	if status, _, message := get(t, r, "?color=red"); status != 400 || !strings.Contains(message, `no filter "color"`) {
		t.Errorf("%d %s", status, message)
	}
	if status, _, _ := get(t, r, "?limit=0"); status != 400 {
		t.Errorf("limit 0: %d", status)
	}
	r.Reset()
	if _, got, _ := get(t, r, ""); got != nil {
		t.Errorf("after a reset: %q", got)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("sqs", "", "Action=SendMessage&MessageBody=b&MessageAttribute.1.Name=n", "/1/q")
	f.Add("sqs", "", "Action=ReceiveMessage&MaxNumberOfMessages=10&AttributeName.1=All", "/1/q.fifo")
	f.Add("sqs", "AmazonSQS.DeleteMessage", `{"QueueUrl":"%","ReceiptHandle":"YQpiCmM="}`, "/")
	f.Add("events", "AWSEvents.PutEvents", `{"Entries":[{}, 1]}`, "/")
	f.Add("states", "AWSStepFunctions.StartExecution", `{"stateMachineArn":"a:b:states:d:e:stateMachine:g"}`, "/")
	f.Add("kinesis", "Kinesis_20131202.PutRecords", `{"Records":[null,{"Data":1}]}`, "/")
	f.Add("appconfig", "", "", "/applications/a/environments/e/configurations/c")
	f.Fuzz(func(t *testing.T, service, target, body, path string) {
		c := Call{Service: service, Method: "POST", Path: path, Body: Text(body), Header: http.Header{}}
		if target != "" {
			c.Header.Set("X-Amz-Target", target)
		}
		r := newRecorder(1)
		ctx, leave := context.WithCancel(t.Context())
		leave() // nobody waits for messages
		if status, _, _, known := r.Answer(ctx, c); known && (status < 200 || status > 599) {
			t.Errorf("status %d", status)
		}
		get(t, r, "")
	})
}
