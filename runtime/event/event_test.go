package event

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postern/postern/runtime/reqcontext"
)

func baseContext() *reqcontext.Context {
	return &reqcontext.Context{
		RequestID: "LV7fzho-PHcEJPw=", ExtendedRequestID: "LV7fzho-PHcEJPw=", Start: time.UnixMilli(1587481701067),
		Method: "GET", Path: "/", RoutePath: "/", Protocol: "HTTP/1.1", SourceIP: "1.2.3.4", UserAgent: "curl/7.58.0",
		DomainName: "aaaaaaaaaa.execute-api.us-west-2.amazonaws.com", DomainPrefix: "aaaaaaaaaa",
		AccountID: "123456789012", Region: "us-west-2", APIID: "aaaaaaaaaa", Stage: "$default", RouteKey: "$default", ResourcePath: "$default",
	}
}

// AWS's own recorded event of a request without anything special.
const recordedV2 = `{"version":"2.0","routeKey":"$default","rawPath":"/","rawQueryString":"","headers":{"accept":"*/*","content-length":"0","host":"aaaaaaaaaa.execute-api.us-west-2.amazonaws.com","user-agent":"curl/7.58.0","x-amzn-trace-id":"Root=1-5e9f0c65-1de4d666d4dd26aced652b6c","x-forwarded-for":"1.2.3.4","x-forwarded-port":"443","x-forwarded-proto":"https"},"requestContext":{"accountId":"123456789012","apiId":"aaaaaaaaaa","domainName":"aaaaaaaaaa.execute-api.us-west-2.amazonaws.com","domainPrefix":"aaaaaaaaaa","http":{"method":"GET","path":"/","protocol":"HTTP/1.1","sourceIp":"1.2.3.4","userAgent":"curl/7.58.0"},"requestId":"LV7fzho-PHcEJPw=","routeKey":"$default","stage":"$default","time":"21/Apr/2020:15:08:21 +0000","timeEpoch":1587481701067},"isBase64Encoded":false}`

func TestV2Recorded(t *testing.T) {
	in := &Input{Path: "/", Header: http.Header{
		"Accept": {"*/*"}, "Content-Length": {"0"}, "Host": {"aaaaaaaaaa.execute-api.us-west-2.amazonaws.com"}, "User-Agent": {"curl/7.58.0"},
		"X-Amzn-Trace-Id": {"Root=1-5e9f0c65-1de4d666d4dd26aced652b6c"}, "X-Forwarded-For": {"1.2.3.4"}, "X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"},
	}}
	if diff := cmp.Diff(string(AppendV2(nil, baseContext(), in)), recordedV2); diff != "" {
		t.Error(diff)
	}
}

// decode reads an event for comparisons that do not ask for the members' order.
func decode(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return m
}

func at(m map[string]any, path ...string) any {
	var v any = m
	for _, p := range path {
		o, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = o[p]
	}
	return v
}

func TestV2QueryAndCookies(t *testing.T) {
	const raw = "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty="
	c := baseContext()
	c.StageVariables = map[string]string{"k": "v"}
	got := decode(t, AppendV2(nil, c, &Input{
		Path: "/capture/space%20value", RawQuery: raw, Query: reqcontext.ParseQuery(raw), Body: []byte(`{"a":"\u003c"}`),
		Header: http.Header{"Cookie": {"session=abc123; theme=dark"}, "X-Voker-Probe": {"first", "second"}},
	}))
	for _, tc := range []struct {
		path []string
		want any
	}{
		{[]string{"rawPath"}, "/capture/space value"},
		{[]string{"requestContext", "http", "path"}, "/capture/space value"},
		{[]string{"rawQueryString"}, raw},
		{[]string{"cookies"}, []any{"session=abc123", "theme=dark"}},
		{[]string{"headers"}, map[string]any{"x-voker-probe": "first,second"}},
		{[]string{"queryStringParameters"}, map[string]any{"empty": "", "encodedPlus": "a+b", "literalPlus": "a b", "redirect": "https://example.com/a/b", "repeat": "one,two"}},
		{[]string{"stageVariables"}, map[string]any{"k": "v"}},
		{[]string{"body"}, `{"a":"\u003c"}`},
		{[]string{"pathParameters"}, nil},
	} {
		if diff := cmp.Diff(at(got, tc.path...), tc.want); diff != "" {
			t.Errorf("%v (-got +want):\n%s", tc.path, diff)
		}
	}
}

func TestRawPath(t *testing.T) {
	for escaped, want := range map[string]string{
		"/RSC/%40id%2Fassets%2Frsf0.js%23save.txt": "/RSC/@id/assets/rsf0.js#save.txt",
		"/a%3Fb/c":   "/a",
		"/my/path/":  "/my/path/",
		"/%zz/%4":    "/%zz/%4",
		"/plus+sign": "/plus+sign",
	} {
		if got := rawPath(escaped); got != want {
			t.Errorf("%s: %q, want %q", escaped, got, want)
		}
	}
}

func TestV1(t *testing.T) {
	c := baseContext()
	c.Method, c.RouteKey, c.ResourcePath = "POST", "POST /test1/api/users/{userId}/orders", "/test1/api/users/{userId}/orders"
	c.Path = "/test1/api/users/1%202/orders"
	c.PathParameters = []reqcontext.Param{{Name: "userId", Value: "1 2"}}
	got := decode(t, AppendV1(nil, c, &Input{
		Path: c.Path, Query: reqcontext.ParseQuery("status=pending&tag=important&tag=urgent"),
		Header: http.Header{"Cookie": {"session=abc123; theme=dark"}, "X-Multi": {"a", "b"}},
	}))
	for _, tc := range []struct {
		path []string
		want any
	}{
		{[]string{"version"}, "1.0"},
		{[]string{"resource"}, "/test1/api/users/{userId}/orders"},
		{[]string{"path"}, "/test1/api/users/1%202/orders"},
		{[]string{"requestContext", "path"}, "/test1/api/users/1 2/orders"},
		{[]string{"headers"}, map[string]any{"Cookie": "session=abc123; theme=dark", "X-Multi": "b"}},
		{[]string{"multiValueHeaders", "X-Multi"}, []any{"a", "b"}},
		{[]string{"queryStringParameters"}, map[string]any{"status": "pending", "tag": "urgent"}},
		{[]string{"multiValueQueryStringParameters", "tag"}, []any{"important", "urgent"}},
		{[]string{"pathParameters"}, map[string]any{"userId": "1 2"}},
		{[]string{"requestContext", "resourceId"}, "POST /test1/api/users/{userId}/orders"},
		{[]string{"requestContext", "extendedRequestId"}, "LV7fzho-PHcEJPw="},
		{[]string{"requestContext", "identity", "accessKey"}, nil},
		{[]string{"requestContext", "identity", "sourceIp"}, "1.2.3.4"},
		{[]string{"body"}, nil},
		{[]string{"isBase64Encoded"}, false},
	} {
		if diff := cmp.Diff(at(got, tc.path...), tc.want); diff != "" {
			t.Errorf("%v (-got +want):\n%s", tc.path, diff)
		}
	}
	for _, member := range []string{"stageVariables", "body"} {
		if v, ok := got[member]; !ok || v != nil {
			t.Errorf("%s is %v, want null", member, v)
		}
	}
	if _, ok := got["requestContext"].(map[string]any)["authorizer"]; ok {
		t.Error("an open route has an authorizer")
	}
}

func TestAuthorizers(t *testing.T) {
	lambda := reqcontext.Authorizer{Kind: reqcontext.LambdaAuthorizer, PrincipalID: "user", Context: map[string]any{"n": json.Number("1"), "b": true, "l": []any{"<a>"}, "null": nil}}
	jwt := reqcontext.Authorizer{Kind: reqcontext.JWTAuthorizer, Claims: map[string]string{"sub": "1", "cognito:groups": "[admin user]"}}
	for _, tc := range []struct {
		name   string
		auth   reqcontext.Authorizer
		append func([]byte, *reqcontext.Context, *Input) []byte
		want   string
	}{
		{"lambda 2.0", lambda, AppendV2, `{"lambda":{"b":true,"l":["<a>"],"n":1,"null":null}}`},
		{"lambda 2.0 without context", reqcontext.Authorizer{Kind: reqcontext.LambdaAuthorizer}, AppendV2, `{"lambda":null}`},
		{"lambda 1.0", lambda, AppendV1, `{"b":true,"l":["<a>"],"n":1,"principalId":"user","integrationLatency":0}`},
		{"lambda REST: every value is text", lambda, AppendREST, `{"b":"true","l":"[\"<a>\"]","n":"1","principalId":"user","integrationLatency":0}`},
		{"lambda REST: each name once", reqcontext.Authorizer{Kind: reqcontext.LambdaAuthorizer, PrincipalID: "user", Context: map[string]any{"principalId": "other", "integrationLatency": json.Number("7"), "z": "z"}},
			AppendREST, `{"z":"z","principalId":"user","integrationLatency":0}`},
		{"lambda 1.0: each name once, without a principal", reqcontext.Authorizer{Kind: reqcontext.LambdaAuthorizer, Context: map[string]any{"principalId": "other"}},
			AppendV1, `{"principalId":"other","integrationLatency":0}`},
		{"jwt 2.0", jwt, AppendV2, `{"jwt":{"claims":{"cognito:groups":"[admin user]","sub":"1"},"scopes":null}}`},
		{"jwt 1.0", jwt, AppendV1, `{"claims":{"cognito:groups":"[admin user]","sub":"1"},"scopes":null}`},
		{"iam 2.0", reqcontext.Authorizer{Kind: reqcontext.IAMAuthorizer}, AppendV2,
			`{"iam":{"accessKey":"AKIA","accountId":null,"callerId":null,"cognitoIdentity":null,"principalOrgId":null,"userArn":null,"userId":null}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := baseContext()
			c.Authorizer, c.Identity.AccessKey = tc.auth, "AKIA"
			var ev struct {
				RequestContext struct{ Authorizer json.RawMessage }
			}
			if err := json.Unmarshal(tc.append(nil, c, &Input{Path: "/"}), &ev); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(ev.RequestContext.Authorizer), tc.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTextBody(t *testing.T) {
	for contentType, want := range map[string]bool{
		"application/json": true, "application/json;charset=utf-8": true, "text/csv": true, "Application/XML": true, "application/javascript": true,
		"application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false, "application/vnd.api+json": false, "": false,
	} {
		h := http.Header{}
		if contentType != "" {
			h.Set("Content-Type", contentType)
		}
		if got := TextBody(h); got != want {
			t.Errorf("%q: %t", contentType, got)
		}
	}
	if TextBody(http.Header{"Content-Type": {"text/plain"}, "Content-Encoding": {"gzip"}}) {
		t.Error("a compressed body is sent as text")
	}
	got := decode(t, AppendV2(nil, baseContext(), &Input{Path: "/", Body: []byte{1, 2, 3, 4, 5}, Base64: true}))
	if got["body"] != "AQIDBAU=" || got["isBase64Encoded"] != true {
		t.Errorf("%v %v", got["body"], got["isBase64Encoded"])
	}
}

func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c\n\x00\x1f", "☕ Coffee", "\xff\xfe", "a\xc3", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := string([]rune(s)); got != want {
			t.Fatalf("%q became %q, want %q", s, got, want)
		}
	})
}

func BenchmarkAppendV2(b *testing.B) {
	c := baseContext()
	in := &Input{Path: "/pets/1", RawQuery: "a=1&b=2", Query: reqcontext.ParseQuery("a=1&b=2"), Header: http.Header{
		"Accept": {"*/*"}, "Content-Length": {"0"}, "Host": {"h"}, "User-Agent": {"curl/7.58.0"}, "X-Amzn-Trace-Id": {"Root=1-5e9f0c65-1de4d666d4dd26aced652b6c"},
		"X-Forwarded-For": {"1.2.3.4"}, "X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"},
	}}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		AppendV2(buf, c, in)
	}
}
