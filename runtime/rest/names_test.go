package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern/postern/runtime"
)

// spelledAs serves the API to clients who write header names in a way of their own.
func (a *api) spelledAs(spell func(string) string) {
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.gateway.ServeAPI(w, r, runtime.Target{APIID: "abcdef0123", Path: r.URL.EscapedPath(), SentAs: spell})
	}))
	a.Cleanup(a.server.Close)
}

// Names stay as the client wrote them, and are looked up so; those that everybody
// knows have AWS's letters.
func TestHeaderNamesKeepTheirLetters(t *testing.T) {
	a := newAPI(t)
	mock := mockMethod("GET", "$input.params('tEsT-HEADeR')|$input.params('Test-Header')|$input.params('Authorization')")
	mock.ValidateParameters, mock.RequestParameters = true, map[string]bool{"method.request.header.tEsT-HEADeR": true}
	strict := mockMethod("GET", "ok")
	strict.ValidateParameters, strict.RequestParameters = true, map[string]bool{"method.request.header.Test-Header": true}
	b := newBackend(t)
	mapped := httpMethod("HTTP_PROXY", "GET", b.URL, map[string]string{
		"integration.request.header.found": "method.request.header.tEsT-HEADeR", "integration.request.header.lost": "method.request.header.test-header",
	})
	a.publish(deployment(resource("/function", proxyMethod("GET")), resource("/mock", mock), resource("/strict", strict), resource("/http", mapped)))
	a.spelledAs(strings.NewReplacer("Test-Header", "tEsT-HEADeR", "Authorization", "aUThorization").Replace)
	sent := []string{"Test-Header: aValUE", "Authorization: Bearer x"}
	a.send("GET", "/stage/function", "", sent...)
	for _, member := range []string{"headers", "multiValueHeaders"} {
		h := a.event()[member].(map[string]any)
		if v := strings.Trim(fmt.Sprint(h["tEsT-HEADeR"]), "[]"); v != "aValUE" || h["Test-Header"] != nil {
			t.Errorf("%s: %v", member, h)
		}
		if v := strings.Trim(fmt.Sprint(h["Authorization"]), "[]"); v != "Bearer x" {
			t.Errorf("%s: %v", member, h)
		}
	}
	a.send("GET", "/stage/mock", "", sent...).is(t, 200, "aValUE||Bearer x", "")
	a.send("GET", "/stage/strict", "", sent...).is(t, 400, `{"message":"Missing required request parameters: [Test-Header]"}`, "BadRequestException")
	a.send("GET", "/stage/http", "", sent...)
	if h := b.got.Header; h.Get("found") != "aValUE" || h.Get("lost") != "" || h.Get("Test-Header") != "aValUE" {
		t.Errorf("the backend got %v", h)
	}
}

// However a client spells the header that names the API, a backend gets the gateway's
// own and no other.
func TestClientsNameNoAPI(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	a.publish(deployment(resource("/", httpMethod("HTTP_PROXY", "GET", b.URL, nil))))
	a.spelledAs(strings.ToLower)
	a.send("GET", "/stage", "", "x-amzn-apigateway-api-id: fake")
	if got := b.got.Header["X-Amzn-Apigateway-Api-Id"]; len(got) != 1 || got[0] != "abcdef0123" {
		t.Errorf("the backend got %q", got)
	}
}

// A client may say in a header which verb it means. Nobody behind the API sees that
// unless it is mapped.
func TestMethodOverrideIsNotForwarded(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	put := httpMethod("HTTP_PROXY", "PUT", b.URL, nil)
	patch := httpMethod("HTTP_PROXY", "PATCH", b.URL, map[string]string{"integration.request.header.Verb": "method.request.header.X-HTTP-Method-Override"})
	a.publish(deployment(resource("/", put, patch, proxyMethod("GET"))))
	for verb, mapped := range map[string]string{"PUT": "", "PATCH": "PATCH"} {
		a.send("POST", "/stage", "x", "X-HTTP-Method-Override: "+verb)
		if b.got.Method != verb || b.got.Header.Get("X-HTTP-Method-Override") != "" || b.got.Header.Get("Verb") != mapped {
			t.Errorf("%s: the backend got %s %v", verb, b.got.Method, b.got.Header)
		}
	}
	a.send("POST", "/stage", "x", "X-HTTP-Method-Override: GET")
	if e := a.event(); e["httpMethod"] != "GET" || e["headers"].(map[string]any)["X-Http-Method-Override"] != nil {
		t.Errorf("event %v", e)
	}
}
