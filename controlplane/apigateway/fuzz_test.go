package apigateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// patched is an API with one of each record that a PATCH changes.
const patched = `{
  "swagger": "2.0", "info": {"title": "pets", "version": "1"},
  "definitions": {"Pet": {"type": "object"}},
  "securityDefinitions": {"auth": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:f/invocations"}}},
  "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": true, "validateRequestParameters": true}},
  "paths": {"/pets/{id}": {"get": {
    "security": [{"auth": []}], "x-amazon-apigateway-request-validator": "all",
    "parameters": [{"name": "id", "in": "path", "required": true, "type": "string"}],
    "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/Pet"}}},
    "x-amazon-apigateway-integration": {"type": "mock", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}, "responses": {"default": {"statusCode": "200"}}}
  }}}
}`

// management serves a fresh control plane, whose ids are the same each time.
func management(f testing.TB) func(method, path, body string) *httptest.ResponseRecorder {
	db, err := store.Open("")
	if err != nil {
		f.Fatal(err)
	}
	last := 0
	mux := apigateway.New(apigateway.Config{
		DB: db, DataPlane: newPlane(), Now: func() time.Time { return epoch },
		NewID: func(n int) string { last++; return fmt.Sprintf("%0*d", n, last) },
	}).Mux()
	return func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: account, Region: "us-east-1"})))
		return w
	}
}

// records makes the API and gives the paths of what can be changed.
func records(f testing.TB, send func(method, path, body string) *httptest.ResponseRecorder) []string {
	made := func(method, path, body string) map[string]any {
		w := send(method, path, body)
		var out map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
			f.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return out
	}
	api := "/restapis/" + made("POST", "/restapis?mode=import", patched)["id"].(string)
	first := func(path string) string {
		items := made("GET", api+path, "")["item"].([]any)
		return fmt.Sprint(api, path, "/", items[len(items)-1].(map[string]any)["id"])
	}
	deployment := made("POST", api+"/deployments", `{"stageName": "prod"}`)["id"].(string)
	part := made("POST", api+"/documentation/parts", `{"location": {"type": "API"}, "properties": "{}"}`)["id"].(string)
	made("POST", api+"/documentation/versions", `{"documentationVersion": "1"}`)
	resource := first("/resources")
	method := resource + "/methods/GET"
	return []string{
		"/account", api, resource, method, method + "/responses/200", method + "/integration", method + "/integration/responses/200",
		api + "/stages/prod", api + "/deployments/" + deployment, api + "/models/Pet", first("/requestvalidators"), first("/authorizers"),
		api + "/gatewayresponses/DEFAULT_4XX", api + "/documentation/parts/" + part, api + "/documentation/versions/1",
	}
}

// FuzzPatch sends one patch operation to one record. It is made or refused, and the
// record can be read after it.
func FuzzPatch(f *testing.F) {
	for i, path := range []string{
		"/cloudwatchRoleArn", "/binaryMediaTypes/image~1png", "/pathPart", "/requestParameters/method.request.header.a", "/responseModels/application~1json",
		"/requestTemplates/application~1json", "/responseParameters/method.response.header.a", "/*/*/throttling/rateLimit", "/description", "/schema",
		"/validateRequestBody", "/providerARNs", "/responseTemplates/application~1json", "/properties", "/description",
	} {
		f.Add(byte(i), "replace", path, "", "text")
	}
	f.Add(byte(7), "add", "/variables/a", "", "1")
	f.Add(byte(7), "copy", "/deploymentId", "/canarySettings/deploymentId", "")
	f.Add(byte(7), "replace", "/~1pets~1{id}/GET/caching/ttlInSeconds", "", "60")
	f.Add(byte(7), "remove", "/canarySettings/stageVariableOverrides/a", "", "")
	f.Add(byte(1), "move", "//", "/name", "\x00")
	send := management(f)
	paths := records(f, send)
	f.Fuzz(func(t *testing.T, record byte, op, path, from, value string) {
		target := paths[int(record)%len(paths)]
		type operation struct {
			Op    string `json:"op,omitempty"`
			Path  string `json:"path"`
			From  string `json:"from,omitempty"`
			Value string `json:"value"`
		}
		body, err := json.Marshal(map[string][]operation{"patchOperations": {{op, path, from, value}}})
		if err != nil {
			t.Fatal(err)
		}
		patch := send("PATCH", target, string(body))
		if patch.Code >= http.StatusInternalServerError {
			t.Errorf("PATCH %s %s: %d %s", target, body, patch.Code, patch.Body)
		}
		if w := send("GET", target, ""); w.Code != http.StatusOK {
			t.Errorf("after PATCH %s %s: %d %s", target, body, w.Code, w.Body)
		}
		if patch.Code < 300 { // so that one input says what it does by itself
			send = management(t)
			records(t, send)
		}
	})
}
