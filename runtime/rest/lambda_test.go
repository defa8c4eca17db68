package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// The whole event, member by member, of a request without a body.
func TestEvent(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/{proxy+}", proxyMethod("ANY"))))
	got := a.send("GET", "/stage/proxy-value", "", "Accept: */*", "User-Agent: test", "X-Custom: aValUE", "Connection: close", "X-Forwarded-For: 203.0.113.9")
	got.is(t, 200, "ok", "")
	e := a.event()
	trace := got.header.Get("X-Amzn-Trace-Id")
	if !strings.HasPrefix(trace, "Root=1-669ee2ae-") {
		t.Errorf("trace id %q", trace)
	}
	rc := e["requestContext"].(map[string]any)
	if rc["requestId"] != got.header.Get("x-amzn-RequestId") || rc["extendedRequestId"] != got.header.Get("x-amz-apigw-id") {
		t.Errorf("request ids %v, header %v", rc, got.header)
	}
	if id := got.header.Get("x-amz-apigw-id"); len(id) != 16 || !strings.HasSuffix(id, "=") {
		t.Errorf("x-amz-apigw-id %q", id)
	}
	host := "abcdef0123.execute-api.us-east-1.amazonaws.com"
	headers := map[string]any{
		"Accept": "*/*", "User-Agent": "test", "X-Custom": "aValUE", "Host": host, "X-Amzn-Trace-Id": trace,
		"X-Forwarded-For": "203.0.113.9, 127.0.0.1", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https",
	}
	multi := map[string]any{}
	for name, v := range headers {
		multi[name] = []any{v}
	}
	want := map[string]any{
		"resource": "/{proxy+}", "path": "/proxy-value", "httpMethod": "GET", "headers": headers, "multiValueHeaders": multi,
		"queryStringParameters": nil, "multiValueQueryStringParameters": nil, "pathParameters": map[string]any{"proxy": "proxy-value"},
		"stageVariables": nil, "body": nil, "isBase64Encoded": false,
		"requestContext": map[string]any{
			"accountId": "111111111111", "apiId": "abcdef0123", "deploymentId": "dep1", "domainName": host, "domainPrefix": "abcdef0123",
			"extendedRequestId": rc["extendedRequestId"], "httpMethod": "GET", "path": "/stage/proxy-value", "protocol": "HTTP/1.1",
			"requestId": rc["requestId"], "requestTime": "22/Jul/2024:22:52:30 +0000", "requestTimeEpoch": float64(1721688750000),
			"resourceId": "resproxy", "resourcePath": "/{proxy+}", "stage": "stage",
			"identity": map[string]any{
				"accessKey": nil, "accountId": nil, "caller": nil, "cognitoAuthenticationProvider": nil, "cognitoAuthenticationType": nil,
				"cognitoIdentityId": nil, "cognitoIdentityPoolId": nil, "principalOrgId": nil, "sourceIp": "127.0.0.1", "user": nil,
				"userAgent": "test", "userArn": nil,
			},
		},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	call := a.events[0]
	if call.FunctionARN != "arn:aws:lambda:us-east-1:111111111111:function:f" || call.Principal != "apigateway.amazonaws.com" ||
		call.SourceARN != "arn:aws:execute-api:us-east-1:111111111111:abcdef0123/stage/ANY/{proxy+}" {
		t.Errorf("invoked with %+v", call)
	}
}

// A signature stays with the gateway; any other authorization goes on.
func TestSignatureInEvents(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", proxyMethod("GET"))))
	for sent, goesOn := range map[string]bool{"AWS4-HMAC-SHA256 Credential=a/b": false, "Bearer t": true} {
		a.send("GET", "/stage", "", "Authorization: "+sent)
		e := a.event()
		_, one := e["headers"].(map[string]any)["Authorization"]
		_, several := e["multiValueHeaders"].(map[string]any)["Authorization"]
		if one != goesOn || several != goesOn {
			t.Errorf("%s: in headers %t, in multiValueHeaders %t", sent, one, several)
		}
	}
}

func TestProxyResponses(t *testing.T) {
	const failed = `{"message": "Internal server error"}`
	for _, tc := range []struct {
		name, payload string
		status        int
		body          string
		header        map[string]string
	}{
		{"status only", `{"statusCode":200}`, 200, "", map[string]string{"Content-Type": "application/json", "Content-Length": "0"}},
		{"empty object", `{}`, 200, "", nil},
		{"header only", `{"headers":{"test-header":"value"}}`, 200, "", map[string]string{"Test-Header": "value"}},
		{"null headers", `{"statusCode":200,"headers":null}`, 200, "", nil},
		{"header of other types", `{"headers":{"a":true,"b":1.5}}`, 200, "", map[string]string{"A": "true", "B": "1.5"}},
		{"unknown member", `{"statusCode":200,"wrongValue":1}`, 502, failed, nil},
		{"string", `"ok"`, 502, failed, nil},
		{"list", `[]`, 502, failed, nil},
		{"number", `3`, 502, failed, nil},
		{"null", `null`, 502, failed, nil},
		{"no JSON", `ok`, 502, failed, nil},
		{"status in a string", `{"statusCode":"201"}`, 201, "", nil},
		{"status of letters", `{"statusCode":"test"}`, 502, failed, nil},
		{"multi value is no list", `{"multiValueHeaders":{"a":"b"}}`, 502, failed, nil},
		{"both maps", `{"headers":{"test-multi":"value-solo"},"multiValueHeaders":{"tesT-Multi":["value-multi"]}}`, 200, "",
			map[string]string{"Test-Multi": "value-multi,value-solo"}},
		{"the same in both maps", `{"headers":{"a":"1","b":"x"},"multiValueHeaders":{"A":["2","1"],"B":["x"]}}`, 200, "", map[string]string{"A": "2,1", "B": "x"}},
		{"body is no text", `{"statusCode":200,"body":{"a":1}}`, 502, failed, nil},
		{"body is a list", `{"statusCode":200,"body":[1]}`, 502, failed, nil},
		{"body is a number", `{"statusCode":200,"body":42}`, 200, "42", nil},
		{"body is a boolean", `{"statusCode":200,"body":true}`, 200, "true", nil},
		{"base64 in no boolean", `{"statusCode":200,"body":"a","isBase64Encoded":"yes"}`, 502, failed, nil},
		{"base64 for a client that takes text", `{"statusCode":200,"body":"dGVzdA==","isBase64Encoded":true}`, 200, "dGVzdA==", nil},
		{"remapped headers", `{"headers":{"Date":"d","Server":"s","Content-Length":"1","Connection":"close","x-amzn-RequestId":"r"}}`, 200, "",
			map[string]string{"x-amzn-Remapped-Date": "d", "x-amzn-Remapped-Server": "s", "x-amzn-Remapped-Content-Length": "1",
				"x-amzn-Remapped-Connection": "close", "x-amzn-Remapped-x-amzn-RequestId": "r"}},
		{"injected header", `{"headers":{"a":"b\r\nc: d","e f":"g"}}`, 200, "", map[string]string{"A": "", "C": ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAPI(t)
			a.publish(deployment(resource("/", proxyMethod("GET"))))
			a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
				return integration.LambdaResponse{StatusCode: 200, Payload: []byte(tc.payload)}, nil
			}
			got := a.send("GET", "/stage", "")
			errorType := ""
			if tc.status == 502 {
				errorType = "InternalServerErrorException"
			}
			got.is(t, tc.status, tc.body, errorType)
			for name, want := range tc.header {
				if v := strings.Join(got.header.Values(name), ","); v != want {
					t.Errorf("%s: got %q, want %q", name, v, want)
				}
			}
		})
	}
}

func TestFunctionFailures(t *testing.T) {
	const failed = `{"message": "Internal server error"}`
	for _, tc := range []struct {
		name   string
		reply  integration.LambdaResponse
		err    error
		status int
		body   string
	}{
		{"function error", integration.LambdaResponse{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"x"}`)}, nil, 502, failed},
		{"no permission", integration.LambdaResponse{}, integration.ErrNoPermission, 500, failed},
		{"missing", integration.LambdaResponse{}, integration.ErrFunctionMissing, 500, failed},
		{"throttled", integration.LambdaResponse{}, integration.ErrThrottled, 500, failed},
		{"something else", integration.LambdaResponse{}, fmt.Errorf("broken"), 500, failed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAPI(t)
			a.publish(deployment(resource("/", proxyMethod("GET"))))
			a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) { return tc.reply, tc.err }
			got := a.send("GET", "/stage", "")
			got.is(t, tc.status, tc.body, "InternalServerErrorException")
			if got.header.Get("Content-Length") != "36" || got.header.Get("X-Amzn-Trace-Id") != "" {
				t.Errorf("header %v", got.header)
			}
		})
	}
}

func TestFunctionNeedsPost(t *testing.T) {
	a := newAPI(t)
	m := proxyMethod("GET")
	m.Integration.HTTPMethod = "GET"
	a.publish(deployment(resource("/", m)))
	a.send("GET", "/stage", "").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
}

func TestStageVariableInFunction(t *testing.T) {
	a := newAPI(t)
	m := proxyMethod("GET")
	m.Integration.URI = strings.Replace(functionURI, "function:f/", "function:${stageVariables.fn}/", 1)
	a.publish(deployment(resource("/", m)), func(s *snapshot.Stage) { s.Variables = map[string]string{"fn": "g:live"} })
	a.send("GET", "/stage", "").is(t, 200, "ok", "")
	if got := a.events[0].FunctionARN; got != "arn:aws:lambda:us-east-1:111111111111:function:g:live" {
		t.Errorf("invoked %s", got)
	}
	if got := a.event()["stageVariables"]; !cmp.Equal(got, map[string]any{"fn": "g:live"}) {
		t.Errorf("stage variables %v", got)
	}
}

// AWS_PROXY with an API's binary types: only the first type of Accept counts, and it
// is compared literally.
func TestBinaryProxyResponse(t *testing.T) {
	a := newAPI(t)
	d := deployment(resource("/", proxyMethod("ANY")))
	d.BinaryMediaTypes = []string{"image/png", "*/test", "application/*"}
	a.publish(d)
	reply := func(encoded string, isBase64 bool) {
		payload, err := json.Marshal(map[string]any{"statusCode": 200, "body": encoded, "isBase64Encoded": isBase64})
		if err != nil {
			t.Fatal(err)
		}
		a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
			return integration.LambdaResponse{StatusCode: 200, Payload: payload}, nil
		}
	}
	reply("dGVzdA==", true)
	for accept, want := range map[string]string{
		"image/png": "test", "image/jpg": "dGVzdA==", "image/*": "dGVzdA==", "*/test": "dGVzdA==", "random/test": "dGVzdA==", "*/*": "dGVzdA==",
		"image/webp,image/png,*/*;q=0.8": "dGVzdA==", "image/png,image/*,*/*;q=0.8": "test",
		"application/whatever": "test", "application/*": "test", "application": "dGVzdA==",
	} {
		if got := a.send("GET", "/stage", "", "Accept: "+accept); got.body != want {
			t.Errorf("%s: got %s", accept, got.body)
		}
	}
	reply("test", false)
	a.send("GET", "/stage", "", "Accept: image/png").is(t, 200, "test", "")
	reply("no base64!", true)
	a.send("GET", "/stage", "", "Accept: image/png").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")

	a.send("POST", "/stage", "\x00\xff", "Content-Type: image/png")
	if e := a.event(); e["body"] != "AP8=" || e["isBase64Encoded"] != true {
		t.Errorf("binary body %v, base64 %v", e["body"], e["isBase64Encoded"])
	}
	a.send("POST", "/stage", "a\xffb", "Content-Type: text/plain")
	if e := a.event(); e["body"] != "a\uFFFDb" || e["isBase64Encoded"] != false {
		t.Errorf("text body %q, base64 %v", e["body"], e["isBase64Encoded"])
	}
}

// The name that Java's serializers give to isBase64Encoded counts too, and counts first.
func TestBinaryProxyResponseByJavaName(t *testing.T) {
	a := newAPI(t)
	d := deployment(resource("/", proxyMethod("ANY")))
	d.BinaryMediaTypes = []string{"image/png"}
	a.publish(d)
	for members, want := range map[string]string{
		`"base64Encoded":true`:                           "test",
		`"base64Encoded":false`:                          "dGVzdA==",
		`"base64Encoded":null,"isBase64Encoded":true`:    "test",
		`"base64Encoded":false,"isBase64Encoded":true`:   "dGVzdA==",
		`"base64Encoded":"True","isBase64Encoded":false`: "test",
		`"isBase64Encoded":"true"`:                       "test",
	} {
		a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
			return integration.LambdaResponse{StatusCode: 200, Payload: []byte(`{"body":"dGVzdA==",` + members + `}`)}, nil
		}
		if got := a.send("GET", "/stage", "", "Accept: image/png"); got.status != 200 || got.body != want {
			t.Errorf("%s: got %d %s, want %s", members, got.status, got.body, want)
		}
	}
}

func TestTraceID(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", proxyMethod("GET"), mockMethod("POST", "mock"))))
	const full = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
	if got := a.send("GET", "/stage", "", "X-Amzn-Trace-Id: "+full).header.Get("X-Amzn-Trace-Id"); got != full {
		t.Errorf("got %q", got)
	}
	const root = "Root=1-3152b799-8954dae64eda91bc9a23a7e8"
	if got := a.send("GET", "/stage", "", "X-Amzn-Trace-Id: "+root).header.Get("X-Amzn-Trace-Id"); !strings.HasPrefix(got, root+";Parent=") {
		t.Errorf("got %q", got)
	}
	if got := a.send("POST", "/stage", "", "X-Amzn-Trace-Id: "+full).header.Get("X-Amzn-Trace-Id"); got != "" {
		t.Errorf("a mock answers with trace id %q", got)
	}
}

func TestPayloadTooLarge(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", proxyMethod("POST"))))
	a.send("POST", "/stage", strings.Repeat("x", 10<<20+1)).is(t, http.StatusRequestEntityTooLarge, `{"message":"Request Too Long"}`, "RequestTooLargeException")
	if len(a.events) != 0 {
		t.Error("the function was invoked")
	}
}

// A template that makes no event of the request: the client is told what is wrong.
func TestPayloadIsNoJSON(t *testing.T) {
	a := newAPI(t)
	m := proxyMethod("POST")
	m.Integration.Type, m.Integration.PassthroughBehavior = "AWS", "WHEN_NO_MATCH"
	m.Integration.Responses = []snapshot.RESTIntegrationResponse{{StatusCode: "200"}}
	a.publish(deployment(resource("/", m)))
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return integration.LambdaResponse{}, &integration.PayloadError{Message: "Could not parse request body into json: line 1"}
	}
	a.send("POST", "/stage", "{bad").is(t, 400, `{"message":"Could not parse request body into json: line 1"}`, "BadRequestException")
}

// What of a function's headers the client does not get, and what it gets by another
// name.
func TestHeadersOfProxiedFunctions(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", proxyMethod("GET"))))
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return integration.LambdaResponse{StatusCode: 200, Payload: []byte(`{"headers": {"Via": "v", "Host": "h", "Expect": "e", "TE": "t", "Upgrade": "u", "Trailer": "t", "Proxy-Authenticate": "p",
			"Transfer-Encoding": "chunked", "Content-Encoding": "own", "Server": "s", "X-Own": "o", "Age": "1"}, "multiValueHeaders": {"via": ["v"], "WWW-Authenticate": ["w"]}}`)}, nil
	}
	got := a.send("GET", "/stage", "")
	for name, want := range map[string]string{
		"Via": "", "Host": "", "Expect": "", "Te": "", "Upgrade": "", "Trailer": "", "Proxy-Authenticate": "", "Transfer-Encoding": "", "Content-Encoding": "own",
		"x-amzn-Remapped-Server": "s", "x-amzn-Remapped-WWW-Authenticate": "w", "x-amzn-Remapped-Host": "", "X-Own": "o", "Age": "1",
	} {
		if v := got.header.Get(name); v != want {
			t.Errorf("%s: got %q, want %q", name, v, want)
		}
	}
}

func TestTracedStagesSample(t *testing.T) {
	a := newAPI(t)
	for traced, want := range map[bool]string{true: ";Sampled=1", false: ";Sampled=0"} {
		a.publish(deployment(resource("/", proxyMethod("GET"))), func(s *snapshot.Stage) { s.REST.TracingEnabled = traced })
		if got := a.send("GET", "/stage", "").header.Get("X-Amzn-Trace-Id"); !strings.HasSuffix(got, want) {
			t.Errorf("traced %t: %s", traced, got)
		}
		const own = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=0"
		if got := a.send("GET", "/stage", "", "X-Amzn-Trace-Id: "+own).header.Get("X-Amzn-Trace-Id"); got != own {
			t.Errorf("traced %t, by the client: %s", traced, got)
		}
	}
}
