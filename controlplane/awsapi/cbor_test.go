package awsapi_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/wire/logs"
	"github.com/postern/postern/controlplane/internal/wire/sts"
)

const cborHeader = "smithy-protocol: rpc-v2-cbor"

// Any service that is not REST is reached in CBOR by its path.
func TestRPCv2CBOR(t *testing.T) {
	expires := time.Date(2026, 1, 15, 12, 0, 0, 500e6, time.UTC)
	var put *logs.PutLogEventsInput
	var assume *sts.AssumeRoleInput
	l := awsapi.NewMux(&logs.Service, map[string]awsapi.Handler{
		"PutLogEvents":   echo(&put, &logs.PutLogEventsOutput{NextSequenceToken: p("t"), RejectedLogEventsInfo: &logs.RejectedLogEventsInfo{TooNewLogEventStartIndex: p(300)}}),
		"DeleteLogGroup": fails(&logs.DeleteLogGroupInput{}, awsapi.Errorf("ResourceNotFoundException", "gone")),
	}, awsapi.Options{})
	s := awsapi.NewMux(&sts.Service, map[string]awsapi.Handler{
		"AssumeRole": echo(&assume, &sts.AssumeRoleOutput{Credentials: &sts.Credentials{Expiration: &expires}, PackedPolicySize: p(-7)}),
	}, awsapi.Options{})
	call := func(m *awsapi.Mux, op string, body []byte) (answer, string) {
		t.Helper()
		got := send(t, m, "POST", "/service/X/operation/"+op, string(body), cborHeader, "Content-Type: application/cbor", "X-Amzn-Query-Mode: true")
		got.header1(t, "Smithy-Protocol", "rpc-v2-cbor")
		got.header1(t, "Content-Type", "application/cbor")
		return got, hex.EncodeToString([]byte(got.body))
	}

	// {_ "logGroupName": "g", "logStreamName": (_ "s", "t"), "logEvents": [{"timestamp": 1.5, "message": "m"}], "more": null}
	body := unhex("bf" + text("logGroupName") + text("g") + text("logStreamName") + "7f" + text("s") + text("t") + "ff" +
		text("logEvents") + "81a2" + text("timestamp") + "fb3ff8000000000000" + text("message") + text("m") + text("more") + "f6" + "ff")
	got, out := call(l, "PutLogEvents", body)
	if want := "bf" + text("nextSequenceToken") + text("t") + text("rejectedLogEventsInfo") + "bf" + text("tooNewLogEventStartIndex") + "19012c" + "ffff"; got.status != 200 || out != want {
		t.Errorf("got %d %s\nwant %s", got.status, out, want)
	}
	want := &logs.PutLogEventsInput{LogGroupName: p("g"), LogStreamName: p("st"), LogEvents: []logs.InputLogEvent{{Timestamp: p(int64(1)), Message: p("m")}}}
	if diff := cmp.Diff(want, put); diff != "" {
		t.Error(diff)
	}

	_, out = call(s, "AssumeRole", unhex("a2"+text("RoleArn")+text("arn:aws:iam::123456789012:role/r")+text("RoleSessionName")+text("abc")))
	// 1768478400.5 as tag 1 and a double; -7.
	if want := "bf" + text("Credentials") + "bf" + text("Expiration") + "c1fb41da5a35b0200000" + "ff" + text("PackedPolicySize") + "26ff"; out != want {
		t.Errorf("got %s\nwant %s", out, want)
	}

	got, out = call(l, "DeleteLogGroup", unhex("a1"+text("logGroupName")+text("g")))
	if want := "a2" + text("__type") + text("ResourceNotFoundException") + text("message") + text("gone"); got.status != 400 || out != want {
		t.Errorf("got %d %s\nwant %s", got.status, out, want)
	}
	got.header1(t, "X-Amzn-Query-Error", "ResourceNotFoundException;Sender")
	if got, _ := call(l, "DeleteLogGroup", nil); got.status != 400 || !strings.Contains(got.body, "InvalidParameterException") {
		t.Errorf("no body: %d %q", got.status, got.body)
	}
	if got, _ := call(l, "StartLiveTail", nil); got.status != 501 || !strings.Contains(got.body, "does not implement logs StartLiveTail") {
		t.Errorf("not built: %d %q", got.status, got.body)
	}
	for name, bad := range map[string]string{
		"a list": "80", "cut": "a1", "two": "a0a0", "break alone": "ff", "key is no text": "a10102", "break for a value": "bf6161ff",
		"integer of no length": "1f", "tag of no length": "df01", "tagged break": "9fc1ffff", "break in a list of known length": "81ff",
		"chunks of another kind": "7f01ff", "text that is no UTF-8": "a16161" + "61ff", "reserved length": "1c", "unassigned simple value": "a16161f0",
		"too deep": strings.Repeat("81", 100) + "80", "huge": "bb7fffffffffffffff",
	} {
		got, _ := call(l, "DeleteLogGroup", unhex(bad))
		if got.status != 400 || !strings.Contains(got.body, "SerializationException") {
			t.Errorf("%s: got %d %q", name, got.status, got.body)
		}
	}
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// text is the CBOR of a short text, in hexadecimal.
func text(s string) string {
	head := []byte{0x60 | byte(len(s))}
	if len(s) >= 24 {
		head = []byte{0x78, byte(len(s))}
	}
	return hex.EncodeToString(append(bytes.Clone(head), s...))
}
