package runtime_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// fakeType serves stages that answer with their deployment's id.
type fakeType struct{ fail error }

func (f fakeType) Compile(s *snapshot.Stage) (runtime.Stage, error) { return fakeStage{s}, f.fail }
func (fakeType) Begin(rc *reqcontext.Context)                       { rc.RequestID = "id" }
func (fakeType) SelectStage(path string, published func(string) bool) (string, string, bool) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return name, "/" + rest, published(name)
}
func (fakeType) Refuse(w http.ResponseWriter, _ *http.Request, rc *reqcontext.Context) {
	rc.Status = http.StatusForbidden
	w.WriteHeader(http.StatusForbidden)
}

type fakeStage struct{ s *snapshot.Stage }

func (f fakeStage) Serve(w http.ResponseWriter, _ *http.Request, rc *reqcontext.Context) {
	rc.Status = http.StatusOK
	_, _ = w.Write([]byte(f.s.DeploymentID + " " + rc.RoutePath + " " + rc.BasePathMatched))
}

func newGateway(t *testing.T, stream *exchange.Stream) *runtime.Gateway {
	t.Helper()
	return runtime.New(runtime.Config{
		Types:     map[snapshot.Kind]runtime.APIType{snapshot.KindHTTP: fakeType{}, snapshot.KindREST: fakeType{fail: errors.New("bad template")}},
		Now:       time.Now,
		Exchanges: stream,
	})
}

func stageOf(version uint64, deployment string) *snapshot.Stage {
	return &snapshot.Stage{
		API: snapshot.API{ID: "api1", Kind: snapshot.KindHTTP, AccountID: "1", Region: "r"}, Name: "dev", Version: version, DeploymentID: deployment,
		HTTP: &snapshot.HTTP{Deployment: &snapshot.HTTPDeployment{}},
	}
}

func get(g *runtime.Gateway, target runtime.Target) (int, string) {
	w := httptest.NewRecorder()
	g.ServeAPI(w, httptest.NewRequest("GET", "http://x/", nil), target)
	return w.Code, w.Body.String()
}

func TestPublish(t *testing.T) {
	g := newGateway(t, nil)
	at := runtime.Target{APIID: "api1", Path: "/dev/x", Host: "api1.execute-api.r.amazonaws.com"}
	if code, body := get(g, at); code != 404 || body != `{"message":"Not Found"}` {
		t.Errorf("unknown API: %d %s", code, body)
	}
	if err := g.Register(stageOf(0, "").API); err != nil || !g.Known("api1") {
		t.Fatal(err)
	}
	if code, _ := get(g, at); code != 403 {
		t.Errorf("no stage: %d, want the type's refusal", code)
	}
	for _, s := range []*snapshot.Stage{stageOf(1, "one"), stageOf(3, "three"), stageOf(2, "two")} {
		if err := g.Publish(s); err != nil {
			t.Fatal(err)
		}
	}
	if _, body := get(g, at); body != "three /x " {
		t.Errorf("serves %q: an older version replaced a newer one", body)
	}
	rest := &snapshot.Stage{API: snapshot.API{ID: "api1", Kind: snapshot.KindREST}, Name: "dev", Version: 4, REST: &snapshot.REST{Deployment: &snapshot.RESTDeployment{}}}
	if err := g.Publish(rest); err == nil || !strings.Contains(err.Error(), "compile stage api1/dev: bad template") {
		t.Errorf("error %v", err)
	}
	if _, body := get(g, at); body != "three /x " {
		t.Errorf("serves %q after a failed publish", body)
	}
	if got := g.Published("api1", "dev"); got == nil || got.DeploymentID != "three" {
		t.Errorf("published %+v", got)
	}

	mapped := runtime.Target{APIID: "api1", Path: "/v1/orders/x", Host: "example.com", Mapping: &runtime.Mapping{Stage: "dev", BasePath: "v1/orders", Rest: "/x"}}
	if _, body := get(g, mapped); body != "three /x v1/orders" {
		t.Errorf("under a custom domain: %q", body)
	}
	byPath := runtime.Target{APIID: "api1", Path: "/v1/dev/x", Host: "example.com", Mapping: &runtime.Mapping{BasePath: "v1", Rest: "/dev/x"}}
	if _, body := get(g, byPath); body != "three /x v1" {
		t.Errorf("under a mapping without a stage: %q", body)
	}
	byPath.Mapping.Rest = "/prod/x"
	if code, _ := get(g, byPath); code != 403 {
		t.Errorf("a missing stage under a mapping without one: %d", code)
	}
	closed := stageOf(5, "five")
	closed.DisableDefaultEndpoint = true
	if err := g.Publish(closed); err != nil {
		t.Fatal(err)
	}
	if code, _ := get(g, at); code != 403 {
		t.Errorf("disabled endpoint: %d", code)
	}
	if code, _ := get(g, mapped); code != 200 {
		t.Errorf("custom domain of a disabled endpoint: %d", code)
	}

	g.Withdraw("api1", "dev")
	if code, _ := get(g, mapped); code != 403 {
		t.Errorf("withdrawn: %d", code)
	}
	g.Unregister("api1")
	if code, _ := get(g, at); code != 404 {
		t.Errorf("unregistered: %d", code)
	}
}

func TestPathForm(t *testing.T) {
	g := newGateway(t, nil)
	s := stageOf(1, "one")
	if err := g.Publish(s); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/$default/dev/x": "one /x ", "/%24default/dev/x": "one /x ", "/dev/x": "one /x "} {
		if _, body := get(g, runtime.Target{APIID: "api1", Path: path}); body != want {
			t.Errorf("%s: %q", path, body)
		}
	}
}

func TestRecordsAreMade(t *testing.T) {
	stream := &exchange.Stream{}
	var records []*exchange.Record
	stream.Attach("test", 0, exchange.SinkFunc(func(batch []*exchange.Record) { records = append(records, batch...) }))
	g := newGateway(t, stream)
	s := stageOf(1, "one")
	s.AccessLog = &snapshot.AccessLog{DestinationARN: "arn", Format: "$context.requestId $context.status"}
	if err := g.Publish(s); err != nil {
		t.Fatal(err)
	}
	get(g, runtime.Target{APIID: "api1", Path: "/dev/x"})
	get(g, runtime.Target{APIID: "nope", Path: "/dev/x"})
	g.Refuse(httptest.NewRecorder(), httptest.NewRequest("GET", "http://x/", nil), runtime.Target{Host: "a.example.com", Path: "/x"}, snapshot.KindHTTP)
	if err := stream.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(records) == 2 && records[0].AccessLog != (exchange.AccessLog{Destination: "arn", Line: "id 200"}) {
		t.Errorf("access log %+v", records[0].AccessLog)
	}
	if len(records) != 3 || records[2].Status != 403 || records[2].Path != "/x" || records[0].Status != 200 || records[0].Stage != "dev" || records[0].Kind != exchange.HTTP || records[1].Status != 404 || records[1].APIID != "nope" {
		t.Errorf("%+v", records)
	}
}

func TestPublishWhileServing(t *testing.T) {
	g := newGateway(t, nil)
	if err := g.Publish(stageOf(1, "one")); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if code, _ := get(g, runtime.Target{APIID: "api1", Path: "/dev/x"}); code != 200 {
					t.Errorf("status %d", code)
				}
			}
		})
	}
	for v := range 200 {
		if err := g.Publish(stageOf(uint64(v+2), "next")); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}
