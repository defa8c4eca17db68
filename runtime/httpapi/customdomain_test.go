package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/reqcontext"
)

// TestCustomDomainEvents: format 2.0 hides a mapping's key and shows the stage in its
// place, format 1.0 shows the key. Both name the domain and the client's certificate.
func TestCustomDomainEvents(t *testing.T) {
	cert := &reqcontext.ClientCert{PEM: "pem", SubjectDN: "CN=friend", IssuerDN: "CN=root", SerialNumber: "07", NotBefore: "May 28 12:30:02 2019 GMT", NotAfter: "Aug  5 09:36:04 2021 GMT"}
	for _, tc := range []struct{ format, stage, pathMember, path string }{
		{"2.0", "prod", "rawPath", "/prod/foo"},
		{"2.0", "$default", "rawPath", "/foo"},
		{"1.0", "prod", "path", "/v1/foo"},
		{"1.0", "$default", "path", "/v1/foo"},
	} {
		f := &invoker{payload: `{"statusCode":200}`}
		s := serve(t, httpapi.Deps{Lambda: f}, lambdaAPI(tc.format, "GET /foo"), stageName(tc.stage))
		w := httptest.NewRecorder()
		s.gateway.ServeAPI(w, httptest.NewRequest(http.MethodGet, "https://api.example.com/v1/foo", nil), runtime.Target{
			APIID: apiID, Path: "/v1/foo", Host: "api.example.com", ClientCert: cert,
			Mapping: &runtime.Mapping{Stage: tc.stage, BasePath: "v1", Rest: "/foo"},
		})
		if w.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", tc.format, tc.stage, w.Code, w.Body)
		}
		var event struct {
			RawPath, Path  string
			RequestContext map[string]any
		}
		if err := json.Unmarshal(f.request.Payload, &event); err != nil {
			t.Fatal(err)
		}
		if got := map[string]string{"rawPath": event.RawPath, "path": event.Path}[tc.pathMember]; got != tc.path {
			t.Errorf("%s %s: %s is %s, want %s", tc.format, tc.stage, tc.pathMember, got, tc.path)
		}
		rc := event.RequestContext
		if rc["domainName"] != "api.example.com" || rc["domainPrefix"] != "api" || rc["stage"] != tc.stage {
			t.Errorf("%s %s: %v", tc.format, tc.stage, rc)
		}
		if !strings.Contains(string(f.request.Payload), `"clientCert":{"clientCertPem":"pem","subjectDN":"CN=friend","issuerDN":"CN=root","serialNumber":"07","validity":{"notBefore":"May 28 12:30:02 2019 GMT","notAfter":"Aug  5 09:36:04 2021 GMT"}}`) {
			t.Errorf("%s: no certificate in %s", tc.format, f.request.Payload)
		}
	}
}
