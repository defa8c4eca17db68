package recorder

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// account is somebody who uses queues, by the clock that now is.
type account struct {
	*testing.T
	*Recorder
	now time.Time
}

func newAccount(t *testing.T) *account {
	a := &account{T: t, now: testNow}
	a.Recorder = New(1, func() time.Time { return a.now })
	return a
}

// answered is what a call of the query protocol may give.
type answered struct {
	MessageID              string `xml:"SendMessageResult>MessageId"`
	MD5OfMessageBody       string `xml:"SendMessageResult>MD5OfMessageBody"`
	MD5OfMessageAttributes string `xml:"SendMessageResult>MD5OfMessageAttributes"`
	SequenceNumber         string `xml:"SendMessageResult>SequenceNumber"`
	Messages               []struct {
		MessageID              string `xml:"MessageId"`
		ReceiptHandle          string
		MD5OfBody              string
		Body                   string
		Attribute              []systemAttribute
		MD5OfMessageAttributes string
		MessageAttribute       []messageAttribute
	} `xml:"ReceiveMessageResult>Message"`
	Code    string `xml:"Error>Code"`
	Message string `xml:"Error>Message"`
}

// queue makes a call about a queue; fields are names and values in turn.
func (a *account) queue(name, action string, fields ...string) (int, answered) {
	a.Helper()
	status, _, body, _ := a.Answer(a.Context(), formCall("sqs", "/123456789012/"+name, append([]string{"Action", action}, fields...)...))
	var out answered
	if err := xml.Unmarshal(body, &out); err != nil {
		a.Fatalf("%s: %v in %s", action, err, body)
	}
	return status, out
}

// bodies receives what a queue has.
func (a *account) bodies(name string, fields ...string) []string {
	a.Helper()
	_, got := a.queue(name, "ReceiveMessage", append([]string{"MaxNumberOfMessages", "10"}, fields...)...)
	out := []string{}
	for _, m := range got.Messages {
		out = append(out, m.Body)
	}
	return out
}

func (a *account) want(what string, got []string, want ...string) {
	a.Helper()
	if !slices.Equal(got, want) {
		a.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestQueue(t *testing.T) {
	a := newAccount(t)
	_, first := a.queue("q", "SendMessage", "MessageBody", "1 < 2\r\n", "MessageAttribute.1.Name", "color", "MessageAttribute.1.Value.DataType", "String", "MessageAttribute.1.Value.StringValue", "red",
		"MessageAttribute.2.Name", "raw", "MessageAttribute.2.Value.DataType", "Binary", "MessageAttribute.2.Value.BinaryValue", "AP8=")
	a.queue("q", "SendMessage", "MessageBody", "2")
	a.queue("q", "SendMessage", "MessageBody", "late", "DelaySeconds", "60")
	a.queue("other", "SendMessage", "MessageBody", "other")

	_, got := a.queue("q", "ReceiveMessage", "AttributeName.1", "All", "MessageAttributeName.1", "col.*", "MessageAttributeName.2", "color", "VisibilityTimeout", "10")
	if len(got.Messages) != 1 {
		t.Fatalf("%d messages", len(got.Messages))
	}
	m := got.Messages[0]
	if m.MessageID != first.MessageID || m.Body != "1 < 2\r\n" || m.MD5OfBody != first.MD5OfMessageBody || m.MD5OfBody != digest([]byte(m.Body)) {
		t.Errorf("received %+v, sent %+v", m, first)
	}
	if want := "[{ApproximateFirstReceiveTimestamp 1775675145123} {ApproximateReceiveCount 1} {SentTimestamp 1775675145123}]"; fmt.Sprint(m.Attribute) != want {
		t.Errorf("attributes %v, want %s", m.Attribute, want)
	}
	// The digest is of what was asked for, as the SDKs check it.
	red := attribute{StringValue: "red", DataType: "String"}
	if len(m.MessageAttribute) != 1 || m.MessageAttribute[0] != (messageAttribute{"color", red}) || m.MD5OfMessageAttributes != attributesDigest(map[string]attribute{"color": red}) ||
		first.MD5OfMessageAttributes == m.MD5OfMessageAttributes {
		t.Errorf("message attributes %+v, %s", m.MessageAttribute, m.MD5OfMessageAttributes)
	}

	a.want("while the first is in flight", a.bodies("q", "VisibilityTimeout", "60"), "2")
	a.want("while both are", a.bodies("q"))
	a.now = a.now.Add(10 * time.Second)
	a.want("when its time is over", a.bodies("q", "VisibilityTimeout", "0"), "1 < 2\r\n")
	if status, got := a.queue("q", "DeleteMessage", "ReceiptHandle", m.ReceiptHandle); status != 200 {
		t.Errorf("delete: %d %s", status, got.Message)
	}
	if status, _ := a.queue("q", "DeleteMessage", "ReceiptHandle", m.ReceiptHandle); status != 200 {
		t.Errorf("delete again: %d", status)
	}
	a.now = a.now.Add(time.Minute)
	a.want("after a minute", a.bodies("q"), "2", "late")
	a.want("of the other queue", a.bodies("other", "VisibilityTimeout", "0"), "other")

	if status, _ := a.queue("q", "PurgeQueue"); status != 200 {
		t.Errorf("purge: %d", status)
	}
	a.now = a.now.Add(50 * time.Second)
	a.want("after the purge", a.bodies("q"))
	if status, got := a.queue("q", "PurgeQueue"); status != 403 || got.Code != "AWS.SimpleQueueService.PurgeQueueInProgress" || got.Message != "Only one PurgeQueue operation on q is allowed every 60 seconds." {
		t.Errorf("purge too soon: %d %s %s", status, got.Code, got.Message)
	}
	a.want("of the other queue", a.bodies("other", "VisibilityTimeout", "0"), "other")
	a.now = a.now.Add(retention)
	a.want("after four days", a.bodies("other"))
}

func TestFIFOQueue(t *testing.T) {
	a := newAccount(t)
	send := func(group, body string, fields ...string) answered {
		_, got := a.queue("q.fifo", "SendMessage", append([]string{"MessageBody", body, "MessageGroupId", group}, fields...)...)
		return got
	}
	one, two := send("g", "1"), send("g", "2")
	if len(one.SequenceNumber) != 20 || one.SequenceNumber >= two.SequenceNumber {
		t.Errorf("sequence numbers %s and %s", one.SequenceNumber, two.SequenceNumber)
	}
	if again := send("g", "1"); again.MessageID != one.MessageID || again.SequenceNumber != one.SequenceNumber {
		t.Errorf("sent again: %+v, was %+v", again, one)
	}
	send("h", "3", "MessageDeduplicationId", "x")
	if again := send("h", "4", "MessageDeduplicationId", "x"); again.MD5OfMessageBody != digest([]byte("4")) {
		t.Errorf("a digest of another body: %+v", again)
	}
	_, got := a.queue("q.fifo", "ReceiveMessage", "AttributeName.1", "MessageGroupId", "AttributeName.2", "SequenceNumber")
	if m := got.Messages[0]; fmt.Sprint(m.Attribute) != "[{MessageGroupId g} {SequenceNumber "+one.SequenceNumber+"}]" {
		t.Errorf("attributes %v", m.Attribute)
	}
	a.want("while the group's first is in flight", a.bodies("q.fifo"), "3")
	a.queue("q.fifo", "DeleteMessage", "ReceiptHandle", got.Messages[0].ReceiptHandle)
	a.want("after it", a.bodies("q.fifo"), "2")
	if again := send("g", "1"); again.MessageID != one.MessageID {
		t.Error("a deleted message is not known again")
	}
	a.now = a.now.Add(deduplicated)
	if again := send("g", "1"); again.MessageID == one.MessageID {
		t.Error("a deleted message is known for ever")
	}
}

// However much is sent, no more than the bounds is kept.
func TestQueuesAreBounded(t *testing.T) {
	a := newAccount(t)
	for i := range maxMessages + 2 {
		a.state.queues.send(&message{queue: "us-east-1/123456789012/q", body: fmt.Sprint(i), sent: a.now}, 0)
	}
	if n := len(a.state.queues.messages); n != maxMessages {
		t.Errorf("%d messages", n)
	}
	a.want("the oldest that is left", a.bodies("q")[:1], "2")
	large := strings.Repeat("x", maxMessage)
	for range 70 {
		a.state.queues.send(&message{queue: "q", body: large, sent: a.now}, 0)
	}
	if n := a.state.queues.bytes; n > maxBytes {
		t.Errorf("%d bytes", n)
	}
	a.Reset()
	a.want("after a reset", a.bodies("q"))
	if a.state.queues.bytes != 0 {
		t.Errorf("%d bytes of nothing", a.state.queues.bytes)
	}
}

func TestQueueRefuses(t *testing.T) {
	a := newAccount(t)
	a.queue("q", "SendMessage", "MessageBody", "b")
	_, got := a.queue("q", "ReceiveMessage")
	handle := got.Messages[0].ReceiptHandle
	for _, tc := range []struct {
		queue, action string
		fields        []string
		want          string
	}{
		{"q", "ReceiveMessage", []string{"MaxNumberOfMessages", "11"}, "400 InvalidParameterValue Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."},
		{"q", "ReceiveMessage", []string{"VisibilityTimeout", "x"}, "400 InvalidParameterValue Value x for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided."},
		{"q", "ReceiveMessage", []string{"WaitTimeSeconds", "21"}, "400 InvalidParameterValue Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."},
		{"q", "SendMessage", []string{"MessageBody", "b", "DelaySeconds", "901"}, "400 InvalidParameterValue Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."},
		{"q", "SendMessage", []string{"MessageBody", "\x01"}, "400 InvalidMessageContents Message contains characters outside the allowed set."},
		{"q", "SendMessage", []string{"MessageBody", strings.Repeat("x", maxMessage+1)}, "400 InvalidParameterValue One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
		{"q.fifo", "SendMessage", []string{"MessageBody", "b"}, "400 MissingParameter The request must contain the parameter MessageGroupId."},
		{"q.fifo", "SendMessage", []string{"MessageBody", "b", "MessageGroupId", "g", "DelaySeconds", "1"}, "400 InvalidParameterValue Value 1 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type."},
		{"q", "DeleteMessage", nil, "400 MissingParameter The request must contain the parameter ReceiptHandle."},
		{"q", "DeleteMessage", []string{"ReceiptHandle", "x"}, "404 ReceiptHandleIsInvalid The input receipt handle is invalid."},
		{"other", "DeleteMessage", []string{"ReceiptHandle", handle}, `404 ReceiptHandleIsInvalid The receipt handle "` + handle + `" is not valid for this queue.`},
		{"q", "PurgeQueue", []string{"QueueUrl", "https://sqs.us-east-1.amazonaws.com/"}, "400 MissingParameter The request must contain the parameter QueueUrl."},
	} {
		status, got := a.queue(tc.queue, tc.action, tc.fields...)
		if answer := fmt.Sprint(status, " ", got.Code, " ", got.Message); answer != tc.want {
			t.Errorf("%s %.80v: %s, want %s", tc.action, tc.fields, answer, tc.want)
		}
	}
}

// The JSON protocol, which REST APIs may speak, sees the same queue.
func TestQueueInJSON(t *testing.T) {
	a := newAccount(t)
	a.Answer(a.Context(), jsonCall("sqs", "AmazonSQS.SendMessage", `{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q","MessageBody":"hello","DelaySeconds":0,"MessageAttributes":{"k":{"DataType":"Number","StringValue":"1"}}}`))
	_, _, body, _ := a.Answer(a.Context(), jsonCall("sqs", "AmazonSQS.ReceiveMessage", `{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q","AttributeNames":["ApproximateReceiveCount"],"MessageAttributeNames":["All"],"MaxNumberOfMessages":10}`))
	for _, part := range []string{`{"Messages":[{"MessageId":"`, `"MD5OfBody":"5d41402abc4b2a76b9719d911017c592","Body":"hello","Attributes":{"ApproximateReceiveCount":"1"},"MD5OfMessageAttributes":"`, `"MessageAttributes":{"k":{"StringValue":"1","DataType":"Number"}}}]}`} {
		if !strings.Contains(string(body), part) {
			t.Errorf("%s has no %s", body, part)
		}
	}
	a.want("for the other protocol", a.bodies("q"))
	purge := jsonCall("sqs", "AmazonSQS.PurgeQueue", `{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q"}`)
	if status, _, body, _ := a.Answer(a.Context(), purge); status != 200 || string(body) != "{}" {
		t.Errorf("purge: %d %s", status, body)
	}
	status, header, body, _ := a.Answer(a.Context(), purge)
	if want := `{"__type":"com.amazonaws.sqs#PurgeQueueInProgress","message":"Only one PurgeQueue operation on q is allowed every 60 seconds."}`; status != 400 || string(body) != want ||
		header.Get("X-Amzn-Query-Error") != "AWS.SimpleQueueService.PurgeQueueInProgress;Sender" {
		t.Errorf("purge too soon: %d %s %v", status, body, header)
	}
}
