package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

const (
	apiID     = "a1b2c3d4e5"
	host      = apiID + ".execute-api.us-east-1.amazonaws.com"
	function  = "arn:aws:lambda:us-east-1:123456789012:function:f"
	testEpoch = 1587481701067
)

// invoker is a function that returns the payload it is given and keeps the event.
type invoker struct {
	payload string
	err     error
	failed  string
	request integration.LambdaRequest
}

func (f *invoker) Invoke(_ context.Context, req integration.LambdaRequest) (integration.LambdaResponse, error) {
	f.request = req
	return integration.LambdaResponse{Payload: []byte(f.payload), FunctionError: f.failed, StatusCode: 200, RequestID: "lambda-1"}, f.err
}

type server struct {
	*httptest.Server
	gateway *runtime.Gateway
	records []*exchange.Record
	stream  *exchange.Stream
}

type option func(*snapshot.Stage)

func stageName(name string) option { return func(s *snapshot.Stage) { s.Name = name } }
func variables(m map[string]string) option {
	return func(s *snapshot.Stage) { s.Variables = m }
}

// serve publishes one stage and serves it under its execute-api name.
func serve(t testing.TB, deps httpapi.Deps, h *snapshot.HTTPDeployment, opts ...option) *server {
	t.Helper()
	deps.Now = func() time.Time { return time.UnixMilli(testEpoch) }
	s := &server{stream: &exchange.Stream{}}
	s.stream.Attach("test", 0, exchange.SinkFunc(func(batch []*exchange.Record) { s.records = append(s.records, batch...) }))
	s.gateway = runtime.New(runtime.Config{
		Types:     map[snapshot.Kind]runtime.APIType{snapshot.KindHTTP: httpapi.New(deps)},
		Now:       deps.Now,
		Exchanges: s.stream,
	})
	st := &snapshot.Stage{
		API:  snapshot.API{ID: apiID, Kind: snapshot.KindHTTP, AccountID: "123456789012", Region: "us-east-1"},
		Name: "$default", DeploymentID: "dep001", Version: 1, HTTP: &snapshot.HTTP{Deployment: h},
	}
	for _, o := range opts {
		o(st)
	}
	if err := s.gateway.Publish(st); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = host
		s.gateway.ServeAPI(w, r, runtime.Target{APIID: apiID, Path: r.URL.EscapedPath(), Host: host})
	}))
	t.Cleanup(func() {
		s.Close()
		if err := s.stream.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (s *server) do(t testing.TB, method, path, body string, header ...string) answer {
	t.Helper()
	var rd io.Reader
	if body != "" {
		rd = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, s.URL+path, rd)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

func lambdaAPI(format string, keys ...string) *snapshot.HTTPDeployment {
	h := &snapshot.HTTPDeployment{Integrations: []snapshot.HTTPIntegration{{
		ID: "int0001", Type: "AWS_PROXY", Method: "POST", URI: function, PayloadFormat: format, TimeoutMillis: 30000,
	}}}
	for _, k := range keys {
		h.Routes = append(h.Routes, snapshot.HTTPRoute{ID: "r", Key: k, IntegrationID: "int0001", AuthorizationType: "NONE"})
	}
	return h
}

func TestLambdaResponses(t *testing.T) {
	const ise = `{"message":"Internal Server Error"}`
	for _, tc := range []struct {
		name, format, payload string
		status                int
		contentType, body     string
	}{
		{"object", "2.0", `{"message":"Hello, World!"}`, 200, "application/json", `{"message":"Hello, World!"}`},
		{"array", "2.0", `[1, 2, 3, 4, 5]`, 200, "application/json", `[1, 2, 3, 4, 5]`},
		{"number", "2.0", `42`, 200, "application/json", `42`},
		{"boolean", "2.0", `true`, 200, "application/json", `true`},
		{"string", "2.0", `"Hello, World!"`, 200, "application/json", `Hello, World!`},
		{"empty string", "2.0", `""`, 200, "application/json", ``},
		{"null", "2.0", `null`, 200, "application/json", `null`},
		{"broken JSON", "2.0", `{"name": "John Doe", "age":`, 200, "application/json", `{"name": "John Doe", "age":`},
		{"default type", "2.0", `{"statusCode":200,"body":"Hello, World!"}`, 200, "text/plain; charset=utf-8", "Hello, World!"},
		{"default type 1.0", "1.0", `{"statusCode":200,"body":"Hello, World!"}`, 200, "text/plain; charset=utf-8", "Hello, World!"},
		{"own type", "2.0", `{"statusCode":201,"headers":{"content-type":"text/html"},"body":"<p>"}`, 201, "text/html", "<p>"},
		{"status in a string", "2.0", `{"statusCode":"202","body":"x"}`, 202, "text/plain; charset=utf-8", "x"},
		{"status 0", "2.0", `{"statusCode":0,"body":"x"}`, 500, "application/json", ise},
		{"status 200.5", "2.0", `{"statusCode":200.5,"body":"x"}`, 500, "application/json", ise},
		{"status 0 in 1.0", "1.0", `{"statusCode":0}`, 500, "application/json", ise},
		{"no status in 1.0", "1.0", `{"body":"x"}`, 500, "application/json", ise},
		{"string in 1.0", "1.0", `"x"`, 500, "application/json", ise},
		{"base64", "2.0", `{"statusCode":200,"body":"eyJtZXNzYWdlIjoiSGVsbG8sIEFQSSBHYXRld2F5IHYyISJ9","isBase64Encoded":true}`, 200, "text/plain; charset=utf-8", `{"message":"Hello, API Gateway v2!"}`},
		{"bad base64", "2.0", `{"statusCode":200,"body":"%%","isBase64Encoded":true}`, 500, "application/json", ise},
		{"isBase64Encoded of the wrong type", "2.0", `{"statusCode":200,"body":"x","isBase64Encoded":"true"}`, 500, "application/json", ise},
		{"body is an object", "2.0", `{"statusCode":200,"body":{}}`, 500, "application/json", ise},
		{"header is a list", "2.0", `{"statusCode":200,"headers":{"a":[]}}`, 500, "application/json", ise},
		{"unknown members", "1.0", `{"statusCode":200,"body":"x","extra":1}`, 200, "text/plain; charset=utf-8", "x"},
		{"member names are exact", "2.0", `{"StatusCode":404}`, 200, "application/json", `{"StatusCode":404}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, httpapi.Deps{Lambda: &invoker{payload: tc.payload}}, lambdaAPI(tc.format, "$default"))
			got := s.do(t, "GET", "/", "")
			if got.status != tc.status || got.body != tc.body || got.header.Get("Content-Type") != tc.contentType {
				t.Errorf("%d %q %q, want %d %q %q", got.status, got.header.Get("Content-Type"), got.body, tc.status, tc.contentType, tc.body)
			}
			if id := got.header.Get("Apigw-Requestid"); len(id) != 16 || !strings.HasSuffix(id, "=") {
				t.Errorf("Apigw-Requestid %q", id)
			}
			if got.header.Get("Content-Length") == "" || got.header.Get("Date") == "" {
				t.Errorf("no length or date: %v", got.header)
			}
			for _, h := range []string{"X-Amzn-Requestid", "X-Amz-Apigw-Id", "X-Amzn-Trace-Id", "X-Amzn-Errortype"} {
				if got.header.Get(h) != "" {
					t.Errorf("REST API header %s", h)
				}
			}
		})
	}
}

func TestLambdaResponseHeaders(t *testing.T) {
	v2 := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{"statusCode":200,"cookies":["a=1","b=2"],
		"headers":{"set-cookie":"c=3","myheader":"x, y","n":7,"b":true,"connection":"close","apigw-requestid":"mine","content-length":"99"},
		"multiValueHeaders":{"ignored":["1"]},"body":"ok"}`}}, lambdaAPI("2.0", "$default"))
	got := v2.do(t, "GET", "/", "")
	if c := got.header["Set-Cookie"]; strings.Join(c, "|") != "a=1|b=2|c=3" {
		t.Errorf("cookies %q", c)
	}
	for name, want := range map[string]string{"Myheader": "x, y", "N": "7", "B": "true", "Ignored": "", "Content-Length": "2"} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
	if got.header.Get("Apigw-Requestid") == "mine" {
		t.Error("the function set a reserved header")
	}

	v1 := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{"statusCode":200,
		"headers":{"X-Custom-Header":"single-value","Combined-Header":"single-value"},
		"multiValueHeaders":{"X-Multi-Header":["multi-value1","multi-value2"],"Combined-Header":["multi-value1","multi-value2"]}}`}}, lambdaAPI("1.0", "$default"))
	got = v1.do(t, "GET", "/", "")
	if c := strings.Join(got.header["Combined-Header"], ", "); c != "single-value, multi-value1, multi-value2" {
		t.Errorf("Combined-Header %q", c)
	}
}

func TestLambdaFailures(t *testing.T) {
	for _, tc := range []struct {
		name   string
		f      *invoker
		status int
		body   string
	}{
		{"function error", &invoker{payload: `{"errorMessage":"x"}`, failed: "Unhandled"}, 500, `{"message":"Internal Server Error"}`},
		{"no permission", &invoker{err: integration.ErrNoPermission}, 500, `{"message":"Internal Server Error"}`},
		{"no function", &invoker{err: integration.ErrFunctionMissing}, 500, `{"message":"Internal Server Error"}`},
		{"throttled", &invoker{err: integration.ErrThrottled}, 503, `{"message":"Service Unavailable"}`},
		{"too large", &invoker{err: integration.ErrPayloadTooLarge}, 413, `{"message":"Request Entity Too Large"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, httpapi.Deps{Lambda: tc.f}, lambdaAPI("2.0", "$default"))
			got := s.do(t, "GET", "/", "")
			if got.status != tc.status || got.body != tc.body || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestLambdaTimeout(t *testing.T) {
	api := lambdaAPI("2.0", "$default")
	api.Integrations[0].TimeoutMillis = 50
	hang := integration.InvokerFunc(func(ctx context.Context, _ integration.LambdaRequest) (integration.LambdaResponse, error) {
		<-ctx.Done()
		return integration.LambdaResponse{}, ctx.Err()
	})
	got := serve(t, httpapi.Deps{Lambda: hang}, api).do(t, "GET", "/", "")
	if got.status != 503 || got.body != `{"message":"Service Unavailable"}` {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestInvocation(t *testing.T) {
	f := &invoker{payload: `{}`}
	h := lambdaAPI("2.0", "GET /pets/{id}", "$default")
	h.Integrations[0].URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + function + ":${stageVariables.alias}/invocations"
	s := serve(t, httpapi.Deps{Lambda: f}, h, stageName("prod"), variables(map[string]string{"alias": "live"}))
	s.do(t, "GET", "/prod/pets/7", "")
	if f.request.SourceARN != "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/pets/{id}" {
		t.Errorf("source ARN %s", f.request.SourceARN)
	}
	if f.request.FunctionARN != function+":live" || f.request.InvocationType != "RequestResponse" || f.request.Principal != "apigateway.amazonaws.com" {
		t.Errorf("%+v", f.request)
	}
	s.do(t, "GET", "/prod/other", "")
	if f.request.SourceARN != "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/$default" {
		t.Errorf("source ARN %s", f.request.SourceARN)
	}
}

func TestStages(t *testing.T) {
	f := &invoker{payload: `"ok"`}
	s := serve(t, httpapi.Deps{Lambda: f}, lambdaAPI("2.0", "$default"), stageName("dev"))
	for path, want := range map[string]int{"/dev/pets": 200, "/dev": 200, "/dev/": 200, "/devil": 404, "/": 404} {
		if got := s.do(t, "GET", path, ""); got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
	def := &snapshot.Stage{API: snapshot.API{ID: apiID, Kind: snapshot.KindHTTP}, Name: "$default", HTTP: &snapshot.HTTP{Deployment: lambdaAPI("2.0", "GET /dev/pets")}}
	if err := s.gateway.Publish(def); err != nil {
		t.Fatal(err)
	}
	s.do(t, "GET", "/dev/pets", "")
	var ev struct{ RequestContext struct{ Stage string } }
	if err := json.Unmarshal(f.request.Payload, &ev); err != nil || ev.RequestContext.Stage != "dev" {
		t.Errorf("stage %q, %v: a named stage wins over a route of $default", ev.RequestContext.Stage, err)
	}
	s.gateway.Withdraw(apiID, "dev")
	if got := s.do(t, "GET", "/dev/pets", ""); got.status != 200 {
		t.Errorf("%d: the $default stage has that route", got.status)
	}
	if got := s.do(t, "GET", "/dev/other", ""); got.status != 404 || got.body != `{"message":"Not Found"}` || got.header.Get("Content-Length") != "23" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestLimits(t *testing.T) {
	s := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{}`}}, lambdaAPI("2.0", "$default"))
	for _, tc := range []struct {
		name   string
		got    answer
		status int
		body   string
	}{
		{"body over 10 MB", s.do(t, "POST", "/", strings.Repeat("x", 10<<20+1)), 413, `{"message":"Request Entity Too Large"}`},
		{"event over 6 MB", s.do(t, "POST", "/", strings.Repeat("x", 6<<20)), 413, `{"message":"Request Entity Too Large"}`},
		{"headers over 10240", s.do(t, "GET", "/", "", "X-Long", strings.Repeat("x", 10240)), 431, `{"message":"Request Header Fields Too Large"}`},
		{"line over 10240", s.do(t, "GET", "/"+strings.Repeat("x", 10240), ""), 414, `{"message":"Request URI too long"}`},
	} {
		if tc.got.status != tc.status || tc.got.body != tc.body {
			t.Errorf("%s: %d %s", tc.name, tc.got.status, tc.got.body)
		}
	}
}

func TestRecord(t *testing.T) {
	s := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{"statusCode":418,"body":"tea"}`}}, lambdaAPI("2.0", "GET /tea"))
	got := s.do(t, "GET", "/tea?x=1", "")
	if err := s.stream.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	r := s.records[0]
	if r.Kind != exchange.HTTP || r.Status != 418 || r.RouteKey != "GET /tea" || r.ResponseSize != 3 || r.Path != "/tea" ||
		r.RequestID != got.header.Get("Apigw-Requestid") || r.Integration.Status != 418 || r.Integration.ServiceStatus != 200 || r.Function.ARN != function {
		t.Errorf("%+v", r)
	}
}

func TestThrottle(t *testing.T) {
	api := lambdaAPI("2.0", "GET /a", "GET /b", "GET /own")
	s := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{}`}}, api, func(st *snapshot.Stage) {
		st.HTTP.Default.Throttle = &snapshot.Throttle{Rate: 1, Burst: 2}
		st.HTTP.RouteSettings = map[string]snapshot.HTTPRouteSettings{"GET /own": {Throttle: &snapshot.Throttle{}}}
	})
	for i, want := range []struct {
		path   string
		status int
	}{{"/a", 200}, {"/b", 200}, {"/a", 429}, {"/own", 429}} {
		got := s.do(t, "GET", want.path, "")
		if got.status != want.status || want.status == 429 && got.body != `{"message":"Too Many Requests"}` {
			t.Errorf("request %d: %d %s", i, got.status, got.body)
		}
	}
}

// AWS: an answer tells its length, whether or not its body is sent.
func TestLengthToldToHEAD(t *testing.T) {
	s := serve(t, httpapi.Deps{Lambda: &invoker{payload: `{"statusCode":200,"body":"twelve bytes"}`}}, lambdaAPI("2.0", "HEAD /there"))
	for path, want := range map[string]string{"/there": "200 12", "/not-there": "404 23"} {
		got := s.do(t, "HEAD", path, "")
		if answer := fmt.Sprint(got.status, " ", got.header.Get("Content-Length")); answer != want || got.body != "" {
			t.Errorf("%s: %s %q, want %s", path, answer, got.body, want)
		}
	}
}

// TestHeadersThatDifferInCase has a function send several cookies as adapters once did.
func TestHeadersThatDifferInCase(t *testing.T) {
	f := &invoker{payload: `{"statusCode":200,"headers":{"set-cookie":"c=3","Set-Cookie":"a=1","sEt-cookie":"d=4","Set-cookie":"b=2"}}`}
	s := serve(t, httpapi.Deps{Lambda: f}, lambdaAPI("1.0", "GET /pets/{id}"))
	for range 8 {
		if got := strings.Join(s.do(t, "GET", "/pets/7", "").header["Set-Cookie"], " "); got != "a=1 b=2 d=4 c=3" {
			t.Fatalf("got %q", got)
		}
	}
}
