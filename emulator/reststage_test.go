package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// Stage variables stand wherever AWS takes them, and are found out when they miss.
func TestRESTStageVariables(t *testing.T) {
	l := newListener(t)
	p := emulatortest.Start(t, func(c *emulator.Config) {
		c.Strict, c.Upstreams, c.VPCLinks = true, map[string]string{"dynamodb": l.URL}, map[string]string{"link01": l.URL}
	})
	l.answer = func(w http.ResponseWriter) { fmt.Fprint(w, "{}") }
	arn := function(t, p, "echo", "python3.11", "index.py", echo)
	if _, err := p.Lambda().PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: aws.String("echo")}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Lambda().CreateAlias(t.Context(), &lambda.CreateAliasInput{FunctionName: aws.String("echo"), Name: aws.String("live"), FunctionVersion: aws.String("1")}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Lambda().AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: aws.String("echo"), Qualifier: aws.String("live"), StatementId: aws.String("gw"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	role := createRole(t, p, "gateway", "apigateway.amazonaws.com", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, "")
	prefix, _, _ := strings.Cut(arn, "echo")
	invoke := `"uri":"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/` + prefix + `${stageVariables.function}/invocations"`
	token := `"security":[{"token":[]}]`
	a, address := importAPI(t, p, `"securityDefinitions":{"token":{"type":"apiKey","name":"Authorization","in":"header","x-amazon-apigateway-authtype":"custom","x-amazon-apigateway-authorizer":{"type":"token",
			"authorizerUri":"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/`+prefix+`${stageVariables.authorizer}/invocations"}}},"paths":{
		"/http":{"get":`+method(`{"type":"http_proxy","httpMethod":"GET","uri":"http://${stageVariables.host}/${stageVariables.path}?${stageVariables.query}","requestParameters":{"integration.request.header.X-Mapped":"stageVariables.mapped"}}`)+`},
		"/function":{"get":`+method(`{"type":"aws_proxy","httpMethod":"POST",`+invoke+`}`)+`},
		"/role":{"get":`+method(`{"type":"aws_proxy","httpMethod":"POST",`+invoke+`,"credentials":"arn:aws:iam::000000000000:role/${stageVariables.role}"}`)+`},
		"/service":{"get":`+method(`{"type":"aws","httpMethod":"POST","uri":"arn:aws:apigateway:us-east-1:${stageVariables.service}:action/${stageVariables.action}","credentials":"`+role+`","responses":{"default":{"statusCode":"200"}}}`)+`},
		"/link":{"get":`+method(`{"type":"http_proxy","httpMethod":"GET","uri":"http://inside.internal/x","connectionType":"VPC_LINK","connectionId":"${stageVariables.link}"}`)+`},
		"/template":{"get":`+method(mocked(`$stageVariables.mapped $stageVariables['mapped'] $!stageVariables.none`))+`},
		"/guarded":{"get":`+method(mocked("in"), token)+`}}`)
	for path, status := range map[string]int{"/http": 500, "/function": 500, "/role": 500, "/service": 500, "/guarded": 500} {
		if got, body, _ := call(t, p, address+path, nil, "Authorization", "x"); got != status {
			t.Errorf("%s without variables: got %d %s", path, got, body)
		}
	}
	function(t, p, "guard", "python3.11", "index.py", tokenAuthorizer)
	a.stage("/variables/host="+strings.TrimPrefix(l.URL, "http://"), "/variables/path=a/b", "/variables/query=q=1", "/variables/mapped=value", "/variables/function=echo:live", "/variables/role=gateway",
		"/variables/service=dynamodb", "/variables/action=Scan", "/variables/link=link01", "/variables/authorizer=guard")
	for path, want := range map[string]string{
		"/http": "/a/b?q=1", "/function": "", "/role": "", "/service": "/", "/link": "/x", "/template": "value value ", "/guarded": "in",
	} {
		l.uri = ""
		status, body, _ := call(t, p, address+path, nil, "Authorization", "x")
		if got := l.uri + strings.TrimSpace(strings.TrimLeft(body, "{}")); status != 200 || want != "" && got != strings.TrimSpace(want) {
			t.Errorf("%s: got %d %s %s", path, status, body, l.uri)
		}
		switch path {
		case "/http":
			if l.header.Get("X-Mapped") != "value" {
				t.Errorf("mapped %v", l.header)
			}
		case "/service":
			if !strings.HasSuffix(l.header.Get("X-Amz-Target"), ".Scan") || !strings.Contains(l.header.Get("Authorization"), "/us-east-1/dynamodb/aws4_request") {
				t.Errorf("the service got %v", l.header)
			}
		}
	}
}

// waiting ends when there is a file of the name it is told, and says so in its log.
const waiting = `
import os, time

def handler(event, context):
    while not os.path.exists(event["file"]):
        time.sleep(0.01)
    print("went on")
`

// A function that is invoked asynchronously does not keep the client waiting.
func TestRESTAsynchronousInvocation(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	arn := function(t, p, "waiting", "python3.11", "index.py", waiting)
	a, address := importAPI(t, p, `"paths":{"/":{"post":`+method(`{"type":"aws","httpMethod":"POST","uri":"`+*invocations(arn)+`","requestParameters":{"integration.request.header.X-Amz-Invocation-Type":"'Event'"},"responses":{"default":{"statusCode":"200"}}}`)+`}}`)
	file := filepath.Join(t.TempDir(), "go-on")
	status, body, _ := a.posted(address, []byte(`{"file":`+quoted(file)+`}`))
	if status != 200 || body != "" {
		t.Errorf("got %d %s", status, body)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	logLines(t, p, "/aws/lambda/waiting", 4) // START, its own, END and REPORT
}

// What is cached, by which key and for how long, and who may have it replaced.
func TestRESTCacheOnTheWire(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	l := newListener(t)
	var calls atomic.Int64
	l.answer = func(w http.ResponseWriter) { fmt.Fprint(w, calls.Add(1)) }
	backend := func(key string) string {
		return `{"type":"http_proxy","httpMethod":"ANY","uri":"` + l.URL + `","requestParameters":{"integration.request.path.id":"method.request.path.id"},"cacheKeyParameters":[` + key + `]}`
	}
	param := `"parameters":[{"name":"id","in":"path","required":true,"type":"string"},{"name":"q","in":"query","type":"string"}]`
	a, address := importAPI(t, p, `"paths":{
		"/keyed/{id}":{"get":`+method(backend(`"method.request.path.id","method.request.querystring.q"`), param)+`,"post":`+method(backend(""), param)+`},
		"/same/{id}":{"get":`+method(backend(""), param)+`}}`)
	a.stage("/cacheClusterEnabled=true", "/cacheClusterSize=0.5", "/*/*/caching/enabled=true", "/*/*/caching/ttlInSeconds=60")
	want := func(what, path, want string, header ...string) http.Header {
		t.Helper()
		status, body, h := call(t, p, address+path, nil, header...)
		if got := fmt.Sprint(status, " ", body); got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
		return h
	}
	want("first", "/keyed/1", "200 1")
	want("again", "/keyed/1?other=x", "200 1")
	want("another path", "/keyed/2", "200 2")
	want("another query", "/keyed/1?q=x", "200 3")
	want("without keys", "/same/1", "200 4")
	want("any path without keys", "/same/2", "200 4")
	for i := range 2 {
		if _, body, _ := a.posted(address+"/keyed/1", nil); body != fmt.Sprint(5+i) {
			t.Errorf("POST is cached: %s", body)
		}
	}
	advance(t, p, 61*time.Second)
	want("later", "/keyed/1", "200 7")
	want("kept anew", "/keyed/1", "200 7")
	for strategy, answer := range map[string]string{"FAIL_WITH_403": `403 {"message":"Forbidden"}`, "SUCCEED_WITH_RESPONSE_HEADER": "200 7", "SUCCEED_WITHOUT_RESPONSE_HEADER": "200 7"} {
		a.stage("/*/*/caching/unauthorizedCacheControlHeaderStrategy=" + strategy)
		h := want(strategy, "/keyed/1", answer, "Cache-Control", "max-age=0")
		if warned := h.Get("Warning") == "199 Cache-control headers were ignored because the caller was unauthorized."; warned != (strategy == "SUCCEED_WITH_RESPONSE_HEADER") {
			t.Errorf("%s: Warning %q", strategy, h.Get("Warning"))
		}
	}
	a.stage("/*/*/caching/requireAuthorizationForCacheControl=false")
	want("replaced", "/keyed/1", "200 8", "Cache-Control", "no-transform, max-age=0")
	want("and kept", "/keyed/1", "200 8")
}

// Throttles of a method and of all others fill up again as the clock goes on.
func TestRESTThrottlesOnTheWire(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	a, address := importAPI(t, p, `"paths":{"/a":{"get":`+method(mocked("a"))+`},"/b":{"get":`+method(mocked("b"))+`},"/own":{"get":`+method(mocked("own"))+`}}`)
	a.stage("/*/*/throttling/rateLimit=0.001", "/*/*/throttling/burstLimit=2", "/~1own/GET/throttling/rateLimit=0.001", "/~1own/GET/throttling/burstLimit=1")
	for i, tc := range []struct {
		path   string
		status int
	}{{"/a", 200}, {"/b", 200}, {"/a", 429}, {"/own", 200}, {"/own", 429}} {
		status, body, h := call(t, p, address+tc.path, nil)
		if status != tc.status || status == 429 && (body != `{"message":"Too Many Requests"}` || h.Get("x-amzn-ErrorType") != "TooManyRequestsException") {
			t.Errorf("call %d of %s: got %d %s", i, tc.path, status, body)
		}
	}
	advance(t, p, 1001*time.Second)
	if status, _, _ := call(t, p, address+"/b", nil); status != 200 {
		t.Errorf("later: got %d", status)
	}
}

// One condition key after the other decides who may call.
func TestRESTPolicyConditions(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	year := time.Now().UTC().Year()
	for _, tc := range []struct {
		condition string
		allowed   bool
	}{
		{`"IpAddress":{"aws:SourceIp":["127.0.0.0/8","::1/128"]}`, true},
		{`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, false},
		{`"IpAddress":{"aws:VpcSourceIp":"127.0.0.0/8"}`, false},
		{`"StringEquals":{"aws:SourceVpce":"vpce-1"}`, false},
		{`"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`, true},
		{`"StringEquals":{"aws:SourceVpc":"vpc-1"}`, false},
		{fmt.Sprintf(`"DateGreaterThan":{"aws:CurrentTime":"%d-01-01T00:00:00Z"}`, year), true},
		{fmt.Sprintf(`"DateLessThan":{"aws:CurrentTime":"%d-01-01T00:00:00Z"}`, year), false},
		{`"NumericGreaterThan":{"aws:EpochTime":"1700000000"}`, true},
		{`"StringLike":{"aws:Referer":"https://example.com/*"}`, true},
		{`"StringEquals":{"aws:Referer":"https://example.org/"}`, false},
		{`"StringLike":{"aws:UserAgent":"tester/*"}`, true},
		{`"Bool":{"aws:SecureTransport":"true"}`, true},
		{`"StringEquals":{"aws:PrincipalType":"Anonymous"}`, true},
		{`"StringEquals":{"aws:PrincipalAccount":"000000000000"}`, false},
		{`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:*"}`, false},
		{`"StringEquals":{"aws:PrincipalOrgID":"o-1"}`, false},
		{`"StringEquals":{"aws:PrincipalTag/team":"pets"}`, false},
		{`"Null":{"aws:PrincipalOrgPaths":"true","aws:username":"true","aws:userid":"true","aws:RequestTag/x":"true"}`, true},
		{`"StringLike":{"aws:UserAgent":"tester/*"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, false},
	} {
		var policy json.RawMessage = []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/*","Condition":{` + tc.condition + `}}]}`)
		_, address := importAPI(t, p, `"x-amazon-apigateway-policy":`+string(policy)+`,"paths":{"/":{"get":`+method(mocked("in"))+`}}`)
		status, body, _ := call(t, p, address, nil, "Referer", "https://example.com/page", "User-Agent", "tester/1")
		if (status == 200) != tc.allowed || status != 200 && !strings.Contains(body, "is not authorized to perform: execute-api:Invoke on resource") {
			t.Errorf("%s: got %d %s", tc.condition, status, body)
		}
	}
}
