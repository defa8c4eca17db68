package httpapi

import (
	"testing"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// Every operation takes whatever clients make of its parameters.
func FuzzServiceOperations(f *testing.F) {
	f.Add("https://x/1/q", `{"k":{"DataType":"String","StringValue":"v"}}`, "2026-04-08T19:05:45Z")
	f.Add("http://[::1", `["a"]`, "1e3")
	f.Add("//x", `{`, "..")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for name, operation := range serviceOperations {
			p := serviceParameters{}
			for i, parameter := range append(snapshot.ServiceSubtypes[name].Required, snapshot.ServiceSubtypes[name].Optional...) {
				p[parameter] = []string{a, b, c}[i%3]
			}
			req := &integration.Request{}
			if err := operation.encode(p, req); err == nil && (req.URL == nil || req.Method == "" || req.Header == nil || req.URL.Host != "") {
				t.Errorf("%s: request %+v", name, req)
			}
		}
	})
}
