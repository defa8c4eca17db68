package emulator_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// misbehaving is a Python handler that does what the path names.
const misbehaving = `
import os, time

def handler(event, context):
    what = event["rawPath"].strip("/")
    if what == "throw":
        raise ValueError("on purpose")
    if what == "exit":
        os._exit(3)
    if what == "hang":
        time.sleep(60)
    if what == "print":
        print("x" * (1 << 20))
    if what == "status":
        return {"statusCode": "many", "body": "x"}
    if what == "text":
        return "just text"
    if what == "none":
        return None
    if what == "large":
        return {"statusCode": 200, "body": "x" * (7 << 20)}
    if what == "unjson":
        return {"statusCode": 200, "body": {1, 2}}
    return {"statusCode": 200, "body": what}
`

// TestMisbehavingFunctions sees each failure of a handler from the client of an HTTP
// API in front of it: AWS's answer, and the next request is served again.
func TestMisbehavingFunctions(t *testing.T) {
	p := emulatortest.Start(t)
	arn := createFunction(t, p, "bad", "python3.11", "index.handler", map[string]string{"index.py": misbehaving})
	_, err := p.Lambda().AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: aws.String("bad"), StatementId: aws.String("gw"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")})
	if err != nil {
		t.Fatal(err)
	}
	api := quickCreate(t, p, arn)
	for _, tc := range []struct {
		path   string
		status int
		body   string
	}{
		{"ok", 200, "ok"},
		{"throw", 500, `{"message":"Internal Server Error"}`},
		{"exit", 500, `{"message":"Internal Server Error"}`},
		{"hang", 500, `{"message":"Internal Server Error"}`},
		{"print", 200, "print"},
		{"status", 500, `{"message":"Internal Server Error"}`},
		{"text", 200, "just text"},
		{"none", 200, "null"},
		{"large", 500, `{"message":"Internal Server Error"}`},
		{"unjson", 500, `{"message":"Internal Server Error"}`},
	} {
		t.Run(tc.path, func(t *testing.T) {
			res, body := get(t, p, api+"/"+tc.path)
			if res.StatusCode != tc.status || body != tc.body {
				t.Errorf("got %d %.200q, want %d %q", res.StatusCode, body, tc.status, tc.body)
			}
			if res, body := get(t, p, api+"/again"); res.StatusCode != 200 || body != "again" {
				t.Errorf("after that: %d %q", res.StatusCode, body)
			}
		})
	}
}

// TestMalformedManagementCalls sends what no SDK would send.
func TestMalformedManagementCalls(t *testing.T) {
	p := emulatortest.Start(t)
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		errorType                string
	}{
		{"v1 malformed JSON", "POST", "/restapis", `{"name":`, 400, "SerializationException"},
		{"v1 wrong type", "POST", "/restapis", `{"name":"x","binaryMediaTypes":{}}`, 400, "SerializationException"},
		{"v1 unknown field", "POST", "/restapis", `{"name":"x","colour":"blue"}`, 201, ""},
		{"v1 no such path", "GET", "/restapis/a/b/c/d", "", 403, "MissingAuthenticationTokenException"},
		{"v2 malformed JSON", "POST", "/v2/apis", `{`, 400, "SerializationException"},
		{"v2 no such path", "GET", "/v2/nothing", "", 403, "MissingAuthenticationTokenException"},
		{"v2 unknown field", "POST", "/v2/apis", `{"name":"x","protocolType":"HTTP","colour":"blue"}`, 201, ""},
		{"lambda malformed JSON", "POST", "/2015-03-31/functions", `{"FunctionName":`, 400, "InvalidRequestContentException"},
		{"lambda wrong type", "POST", "/2015-03-31/functions", `{"FunctionName":{}}`, 400, "InvalidRequestContentException"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, err := http.NewRequest(tc.method, p.URL()+tc.path, strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tc.status || res.Header.Get("x-amzn-ErrorType") != tc.errorType {
				t.Errorf("got %d %q %s, want %d %q", res.StatusCode, res.Header.Get("x-amzn-ErrorType"), body, tc.status, tc.errorType)
			}
		})
	}
}

// TestBodyAboveTenMegabytes is refused before any integration sees it.
func TestBodyAboveTenMegabytes(t *testing.T) {
	p := emulatortest.Start(t)
	api := quickCreate(t, p, backendURL(t))
	res, err := http.Post(api+"/x", "application/octet-stream", bytes.NewReader(make([]byte, 10<<20+1)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 413 || string(body) != `{"message":"Request Entity Too Large"}` {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
}

func backendURL(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "from the backend")
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func createFunction(t *testing.T, p *emulatortest.Postern, name, runtime, handler string, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	zw := zip.NewWriter(&b)
	for file, text := range files {
		w, err := zw.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := p.Lambda().CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String(name), Runtime: lambdatypes.Runtime(runtime), Handler: aws.String(handler), Timeout: aws.Int32(2),
		Role: aws.String("arn:aws:iam::000000000000:role/r"), Code: &lambdatypes.FunctionCode{ZipFile: b.Bytes()}})
	if err != nil {
		t.Fatal(err)
	}
	waiter := lambda.NewFunctionActiveV2Waiter(p.Lambda(), func(o *lambda.FunctionActiveV2WaiterOptions) { o.MinDelay = 20 * time.Millisecond })
	if err := waiter.Wait(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(name)}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return *out.FunctionArn
}
