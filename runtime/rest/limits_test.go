package rest_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/snapshot"
)

func TestSizes(t *testing.T) {
	a := newAPI(t)
	d := deployment(resource("/{proxy+}", mockMethod("ANY", "ok")))
	d.GatewayResponses = []snapshot.RESTGatewayResponse{{Type: "REQUEST_TOO_LARGE", StatusCode: "400", ResponseTemplates: map[string]string{"application/json": "own"}}}
	long := func(n int) string { return "/stage/" + strings.Repeat("x", n-len("/stage/")) }
	for _, tc := range []struct {
		name, endpoint, path, header string
		status                       int
		body                         string
	}{
		{"a long URL", "REGIONAL", long(10000), "", 200, "ok"},
		{"a URL that is too long", "REGIONAL", long(10241), "", 414, `{"message":"Request URI too long"}`},
		{"a long query", "PRIVATE", "/stage/x?" + strings.Repeat("x", 10240), "", 414, `{"message":"Request URI too long"}`},
		{"an edge API's URL", "EDGE", long(8192), "", 200, "ok"},
		{"too long for an edge API", "EDGE", long(8193), "", 414, `{"message":"Request URI too long"}`},
		{"headers", "REGIONAL", "/stage/x", strings.Repeat("x", 10000), 200, "ok"},
		{"headers that are too long", "REGIONAL", "/stage/x", strings.Repeat("x", 10240), 431, `{"message":"HTTP header is larger than 10240 bytes."}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d.EndpointType = tc.endpoint
			a.publish(d)
			if got := a.send("GET", tc.path, "", "X-Long: "+tc.header); got.status != tc.status || got.body != tc.body {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
	a.publish(deployment(resource("/", proxyMethod("POST"))))
	for what, body := range map[string]io.Reader{"with a length": bytes.NewReader(make([]byte, 10<<20+1)), "in chunks": io.MultiReader(bytes.NewReader(make([]byte, 10<<20+1)))} {
		res, err := http.Post(a.server.URL+"/stage", "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		_ = res.Body.Close() // it is read
		if err != nil || res.StatusCode != 413 || string(got) != `{"message":"Request Too Long"}` || res.Header.Get("x-amzn-ErrorType") != "RequestTooLargeException" {
			t.Errorf("%s: got %d %s, %v", what, res.StatusCode, got, err)
		}
	}
}

// What is too large is refused in AWS's words, whatever the API says.
func TestTooLargeIsNotCustomised(t *testing.T) {
	a := newAPI(t)
	d := deployment(resource("/", proxyMethod("POST")))
	for _, kind := range []string{"REQUEST_TOO_LARGE", "DEFAULT_4XX"} {
		d.GatewayResponses = append(d.GatewayResponses, snapshot.RESTGatewayResponse{Type: kind, StatusCode: "400", ResponseTemplates: map[string]string{"application/json": "own"}})
	}
	a.publish(d)
	a.send("POST", "/stage", strings.Repeat("x", 10<<20+1)).is(t, 413, `{"message":"Request Too Long"}`, "RequestTooLargeException")
}
