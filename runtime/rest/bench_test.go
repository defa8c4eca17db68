package rest_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
)

func benchmarkStage(methods int) *snapshot.Stage {
	d := &snapshot.RESTDeployment{}
	for i := range methods {
		d.Resources = append(d.Resources, snapshot.RESTResource{ID: fmt.Sprint("r", i), Path: fmt.Sprintf("/service%d/items/{id}", i), Methods: []snapshot.RESTMethod{mockMethod("GET", `{"ok": true}`)}})
	}
	return &snapshot.Stage{API: identity, Name: "stage", DeploymentID: "d", REST: &snapshot.REST{Deployment: d}}
}

// BenchmarkCompile compiles a deployment of 300 methods.
func BenchmarkCompile(b *testing.B) {
	s, kind := benchmarkStage(300), rest.New(rest.Deps{Now: time.Now})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := kind.Compile(s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMock serves a mock among few and many resources: the cost is the same.
func BenchmarkMock(b *testing.B) {
	for _, n := range []int{10, 1000, 30000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			g := runtime.New(runtime.Config{Now: time.Now, Types: map[snapshot.Kind]runtime.APIType{snapshot.KindREST: rest.New(rest.Deps{Now: time.Now})}})
			if err := g.Publish(benchmarkStage(n)); err != nil {
				b.Fatal(err)
			}
			path := fmt.Sprintf("/stage/service%d/items/7", n/2)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				g.ServeAPI(w, httptest.NewRequest("GET", path, nil), runtime.Target{APIID: identity.ID, Path: path})
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
