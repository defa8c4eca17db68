package emulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// parrot returns what it is sent.
const parrot = `
import json

def handler(event, context):
    return json.loads(event["body"])
`

// TestWrongAnswersOfFunctions sends a function's answers of every shape through both
// payload formats, and sees them as a client does: status, headers and body.
func TestWrongAnswersOfFunctions(t *testing.T) {
	p := emulatortest.Start(t)
	arn := function(t, p, "parrot", "python3.11", "index.py", parrot)
	api := newHTTPAPI(t, p, arn)
	api.route("POST /v2", v2types.AuthorizationTypeNone, nil)
	v1, err := api.sdk.CreateIntegration(t.Context(), &apigatewayv2.CreateIntegrationInput{ApiId: &api.id, IntegrationType: v2types.IntegrationTypeAwsProxy,
		IntegrationUri: &arn, PayloadFormatVersion: aws.String("1.0")})
	if err != nil {
		t.Fatal(err)
	}
	api.target = "integrations/" + *v1.IntegrationId
	api.route("POST /v1", v2types.AuthorizationTypeNone, nil)

	const wrong, text, document = `500 application/json {"message":"Internal Server Error"}`, "200 text/plain; charset=utf-8 ", "200 application/json "
	for _, tc := range []struct{ payload, v1, v2 string }{
		{`{"statusCode":200,"body":"ok"}`, text + "ok", text + "ok"},
		{`{"statusCode":"200","body":"ok"}`, text + "ok", text + "ok"},
		{`{"body":"ok"}`, wrong, document + `{"body": "ok"}`},
		{`"ok"`, wrong, document + "ok"},
		{`[1, 2]`, wrong, document + "[1, 2]"},
		{`null`, wrong, document + "null"},
		{`42`, wrong, document + "42"},
		{`true`, wrong, document + "true"},
		{`{"statusCode":0}`, wrong, wrong},
		{`{"statusCode":200.5}`, wrong, wrong},
		{`{"statusCode":"many"}`, wrong, wrong},
		{`{"statusCode":null}`, wrong, wrong},
		{`{"statusCode":200,"body":{"a":1}}`, wrong, wrong},
		{`{"statusCode":200,"headers":["a"]}`, wrong, wrong},
		{`{"statusCode":200,"headers":{"a":{"b":1}}}`, wrong, wrong},
		{`{"statusCode":200,"headers":{"a":"b\r\nc: d"}}`, wrong, wrong},
		{`{"statusCode":200,"body":"%","isBase64Encoded":true}`, wrong, wrong},
		{`{"statusCode":200,"body":"b2s=","isBase64Encoded":"true"}`, wrong, wrong},
		{`{"statusCode":200,"cookies":"a=b"}`, text, wrong},
		{`{"statusCode":200,"multiValueHeaders":"a"}`, wrong, text},
	} {
		for path, want := range map[string]string{"/v1": tc.v1, "/v2": tc.v2} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api.url+path, strings.NewReader(tc.payload))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			res, err := p.HTTP().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Status[:3] + " " + res.Header.Get("Content-Type") + " " + string(body); got != want {
				t.Errorf("%s of %s: %s\nwant %s", path, tc.payload, got, want)
			}
			if res.ContentLength != int64(len(body)) || res.Header.Get("Apigw-Requestid") == "" || res.Header.Get("Date") == "" || res.Header.Get("X-Amzn-Requestid") != "" || res.Header.Get("X-Amzn-Errortype") != "" {
				t.Errorf("%s of %s: headers %v", path, tc.payload, res.Header)
			}
		}
	}
}
