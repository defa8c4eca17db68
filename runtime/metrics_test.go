package runtime

import (
	"testing"

	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

func TestDetailedMetrics(t *testing.T) {
	on, off := snapshot.RESTMethodSettings{MetricsEnabled: true}, snapshot.RESTMethodSettings{}
	rest := detailedMetrics(&snapshot.Stage{REST: &snapshot.REST{MethodSettings: map[string]snapshot.RESTMethodSettings{
		"*/*": on, "pets/{id}/GET": off, "pets/ANY": off, "pets/POST": on, "/GET": off,
	}}})
	http := detailedMetrics(&snapshot.Stage{HTTP: &snapshot.HTTP{RouteSettings: map[string]snapshot.HTTPRouteSettings{"GET /pets": {DetailedMetrics: true}}}})
	plain := detailedMetrics(&snapshot.Stage{REST: &snapshot.REST{MethodSettings: map[string]snapshot.RESTMethodSettings{"*/*": on}}})
	for _, tc := range []struct {
		name string
		of   detail
		rc   reqcontext.Context
		want bool
	}{
		{"no setting of its own", rest, reqcontext.Context{ResourcePath: "/pets/{id}", Method: "PUT"}, true},
		{"its own", rest, reqcontext.Context{ResourcePath: "/pets/{id}", Method: "GET"}, false},
		{"the method ANY's", rest, reqcontext.Context{ResourcePath: "/pets", Method: "GET"}, false},
		{"its own before ANY's", rest, reqcontext.Context{ResourcePath: "/pets", Method: "POST"}, true},
		{"the root's", rest, reqcontext.Context{ResourcePath: "/", Method: "GET"}, false},
		{"all", plain, reqcontext.Context{ResourcePath: "/pets", Method: "GET"}, true},
		{"route", http, reqcontext.Context{RouteKey: "GET /pets"}, true},
		{"another route", http, reqcontext.Context{RouteKey: "PUT /pets"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.of.wanted(&tc.rc); got != tc.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
