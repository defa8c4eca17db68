package frontdoor_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/postern/postern/emulator/frontdoor"
)

func TestRefusalSpeaksTheClientsProtocol(t *testing.T) {
	anyID := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	for _, tc := range []struct {
		name        string
		row         row
		contentType string
		header      string // "Name: value" that must be there
		body        string
	}{
		{"rest-json", row{url: "localhost/x", headers: []string{scope("pipes")}}, "application/json",
			"X-Amzn-Errortype: Nope", `{"message":"a \u003cb\u003e \u0026"}`},
		{"json 1.0", row{url: "POST localhost/", headers: []string{scope("sqs"), json10, "X-Amz-Target: AmazonSQS.X"}}, "application/x-amz-json-1.0",
			"X-Amzn-Errortype: Nope", `{"__type":"Nope","message":"a \u003cb\u003e \u0026"}`},
		{"json 1.1", row{url: "POST localhost/", headers: []string{"X-Amz-Target: AmazonSSM.X"}}, "application/x-amz-json-1.1",
			"X-Amzn-Errortype: Nope", `{"__type":"Nope","message":"a \u003cb\u003e \u0026"}`},
		{"query", row{url: "POST localhost/", headers: []string{scope("sns"), form}}, "text/xml", "",
			`<ErrorResponse><Error><Type>Receiver</Type><Code>Nope</Code><Message>a &lt;b&gt; &amp;</Message></Error><RequestId>ID</RequestId></ErrorResponse>`},
		{"ec2", row{url: "POST localhost/", headers: []string{scope("ec2"), form}}, "text/xml;charset=UTF-8", "",
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>Nope</Code><Message>a &lt;b&gt; &amp;</Message></Error></Errors><RequestID>ID</RequestID></Response>"},
		{"s3", row{url: "localhost/b/k", headers: []string{scope("s3")}}, "application/xml", "",
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>Nope</Code><Message>a &lt;b&gt; &amp;</Message><RequestId>ID</RequestId><HostId>ID</HostId></Error>"},
		{"cbor", row{url: "POST localhost/service/GraniteServiceVersion20100801/operation/X"}, "application/cbor",
			"Smithy-Protocol: rpc-v2-cbor", "\xa2\x66__type\x64Nope\x67message\x67a <b> &"},
		{"no service", row{url: "localhost/"}, "application/json", "", `{"message":"a \u003cb\u003e \u0026"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := newDoor().Classify(tc.row.request())
			w := httptest.NewRecorder()
			r := httptest.NewRequest("POST", "/", nil)
			r.Header = tc.row.request().Header
			target.Refuse(w, r, frontdoor.Refusal{Status: 501, Code: "Nope", Message: "a <b> &"})
			if w.Code != 501 || w.Header().Get("Content-Type") != tc.contentType {
				t.Errorf("got %d %s", w.Code, w.Header().Get("Content-Type"))
			}
			if tc.header != "" {
				name, value, _ := strings.Cut(tc.header, ": ")
				if got := w.Header().Get(name); got != value {
					t.Errorf("%s is %q, want %q", name, got, value)
				}
			}
			if got := anyID.ReplaceAllString(w.Body.String(), "ID"); got != tc.body {
				t.Errorf("got  %q\nwant %q", got, tc.body)
			}
		})
	}
}
