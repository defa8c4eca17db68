package rest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// TestCustomDomainEvents: under a custom domain an event's path is the client's, base
// path and all, while the resource is found without it.
func TestCustomDomainEvents(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/orders/{id}", proxyMethod("GET"))))
	for _, m := range []runtime.Mapping{
		{Stage: "stage", BasePath: "v1", Rest: "/orders/1"},
		{BasePath: "v1", Rest: "/stage/orders/1"}, // the path names the stage
	} {
		path := "/v1" + m.Rest
		w := httptest.NewRecorder()
		a.gateway.ServeAPI(w, httptest.NewRequest(http.MethodGet, "https://api.example.com"+path, nil), runtime.Target{
			APIID: "abcdef0123", Path: path, Host: "api.example.com", Mapping: &m,
			ClientCert: &reqcontext.ClientCert{PEM: "pem", SubjectDN: "CN=friend", IssuerDN: "CN=root", SerialNumber: "07", NotBefore: "a", NotAfter: "b"},
		})
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		event := a.event()
		rc := event["requestContext"].(map[string]any)
		got := []any{event["path"], event["resource"], event["pathParameters"], rc["path"], rc["domainName"], rc["domainPrefix"], rc["stage"]}
		want := []any{path, "/orders/{id}", map[string]any{"id": "1"}, path, "api.example.com", "api", "stage"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		cert, err := json.Marshal(rc["identity"].(map[string]any)["clientCert"])
		if err != nil || string(cert) != `{"clientCertPem":"pem","issuerDN":"CN=root","serialNumber":"07","subjectDN":"CN=friend","validity":{"notAfter":"b","notBefore":"a"}}` {
			t.Errorf("%s: %s (%v)", path, cert, err)
		}
	}
}

// TestNoMappingIsForbidden: a domain that leads nowhere answers as REST APIs do, and
// before any API could have a say.
func TestNoMappingIsForbidden(t *testing.T) {
	a := newAPI(t)
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.gateway.Refuse(w, r, runtime.Target{Path: "/", Host: "api.example.com"}, snapshot.KindREST)
	}))
	t.Cleanup(a.server.Close)
	a.send("GET", "/", "").is(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
}
