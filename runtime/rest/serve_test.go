package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
)

var start = time.Date(2024, 7, 22, 22, 52, 30, 0, time.UTC)

// api is a REST API behind HTTP.
type api struct {
	*testing.T
	gateway *runtime.Gateway
	kind    *rest.Type
	server  *httptest.Server
	later   atomic.Int64 // how far the clock is ahead of start
	mu      sync.Mutex
	events  []integration.LambdaRequest
	reply   func(integration.LambdaRequest) (integration.LambdaResponse, error)
}

func newAPI(t *testing.T, change ...func(*rest.Deps)) *api {
	t.Helper()
	a := &api{T: t}
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return integration.LambdaResponse{StatusCode: 200, Payload: []byte(`{"statusCode":200,"body":"ok"}`)}, nil
	}
	now := func() time.Time { return start.Add(time.Duration(a.later.Load())) }
	deps := rest.Deps{
		Now: now,
		Lambda: integration.InvokerFunc(func(_ context.Context, r integration.LambdaRequest) (integration.LambdaResponse, error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.events = append(a.events, r)
			return a.reply(r)
		}),
	}
	for _, c := range change {
		c(&deps)
	}
	a.kind = rest.New(deps)
	a.gateway = runtime.New(runtime.Config{Types: map[snapshot.Kind]runtime.APIType{snapshot.KindREST: a.kind}, Now: now})
	if err := a.gateway.Register(identity); err != nil {
		t.Fatal(err)
	}
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.gateway.ServeAPI(w, r, runtime.Target{APIID: "abcdef0123", Path: sentPath(r)})
	}))
	t.Cleanup(a.server.Close)
	return a
}

// sentPath is the path as send wrote it, which URL.EscapedPath may change.
func sentPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if rest, absolute := strings.CutPrefix(path, "http://"); absolute {
		_, rest, _ = strings.Cut(rest, "/")
		return "/" + rest
	}
	return path
}

var identity = snapshot.API{ID: "abcdef0123", Kind: snapshot.KindREST, Name: "pets", AccountID: "111111111111", Region: "us-east-1"}

// publish serves a deployment as the stage "stage".
func (a *api) publish(d *snapshot.RESTDeployment, change ...func(*snapshot.Stage)) {
	a.Helper()
	s := &snapshot.Stage{API: identity, Name: "stage", DeploymentID: "dep1", Version: 1, REST: &snapshot.REST{Deployment: d}}
	for _, c := range change {
		c(s)
	}
	if err := a.gateway.Publish(s); err != nil {
		a.Fatal(err)
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// send makes one request; head is "Name: value" lines.
func (a *api) send(method, path, body string, head ...string) answer {
	a.Helper()
	req, err := http.NewRequestWithContext(a.Context(), method, a.server.URL, strings.NewReader(body))
	if err != nil {
		a.Fatal(err)
	}
	if body == "" {
		req.Body, req.ContentLength = nil, 0
	}
	path, req.URL.RawQuery, _ = strings.Cut(path, "?")
	req.URL.Opaque = "//" + req.URL.Host + path
	for _, line := range head {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		a.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

// event gives the last event a function got.
func (a *api) event() map[string]any {
	a.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.events) == 0 {
		a.Fatal("no function was invoked")
	}
	var e map[string]any
	if err := json.Unmarshal(a.events[len(a.events)-1].Payload, &e); err != nil {
		a.Fatal(err)
	}
	return e
}

// is checks an answer's status, body and error type.
func (got answer) is(t *testing.T, status int, body, errorType string) {
	t.Helper()
	if got.status != status || got.body != body || got.header.Get("x-amzn-ErrorType") != errorType {
		t.Errorf("got  %d %s %s\nwant %d %s %s", got.status, got.body, got.header.Get("x-amzn-ErrorType"), status, body, errorType)
	}
}

const functionURI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:f/invocations"

func proxyMethod(verb string) snapshot.RESTMethod {
	return snapshot.RESTMethod{HTTPMethod: verb, AuthorizationType: "NONE", Integration: snapshot.RESTIntegration{
		Type: "AWS_PROXY", HTTPMethod: "POST", URI: functionURI, TimeoutMillis: 29000,
	}}
}

// mockMethod answers with its own name.
func mockMethod(verb, name string) snapshot.RESTMethod {
	return snapshot.RESTMethod{HTTPMethod: verb, AuthorizationType: "NONE", Integration: snapshot.RESTIntegration{
		Type: "MOCK", PassthroughBehavior: "WHEN_NO_MATCH", TimeoutMillis: 29000,
		RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
		Responses: []snapshot.RESTIntegrationResponse{{
			StatusCode: "200", ResponseTemplates: map[string]string{"application/json": name},
		}},
	}}
}

func resource(path string, methods ...snapshot.RESTMethod) snapshot.RESTResource {
	return snapshot.RESTResource{ID: "res" + strings.Trim(path, "/{}+"), Path: path, Methods: methods}
}

func deployment(resources ...snapshot.RESTResource) *snapshot.RESTDeployment {
	return &snapshot.RESTDeployment{Resources: resources}
}
