package openapi_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/openapi"
)

// TestBounds holds that a small body cannot become a large tree or an endless walk.
func TestBounds(t *testing.T) {
	aliases := "swagger: '2.0'\na: &a0 [x, x, x, x, x, x, x, x]\n"
	references := `{"swagger": "2.0", "paths": {}, "definitions": {"Bomb": {"$ref": "#/x0"}}`
	for i := range 30 {
		aliases += fmt.Sprintf("b%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 8), ", "))
		references += fmt.Sprintf(`, "x%d": {"allOf": [{"$ref": "#/x%d"}, {"$ref": "#/x%d"}]}`, i, i+1, i+1)
	}
	long := strings.Repeat("x", 1<<20)
	for _, tc := range []struct{ name, body string }{
		{"yaml aliases", aliases},
		{"references", references + `, "x30": {"type": "string"}}`},
		{"text by references", `{"swagger": "2.0", "paths": {}, "x-long": {"title": "` + long + `"}, "definitions": {"A": {"allOf": [` + strings.TrimSuffix(strings.Repeat(`{"$ref": "#/x-long"},`, 200), ",") + `]}}}`},
		{"yaml alias in itself", "swagger: '2.0'\na: &a {b: *a}\n"},
		{"path by base path", `{"swagger": "2.0", "basePath": "` + strings.Repeat("/a", 1<<19) + `", "paths": {"/b": {}}}`},
		{"warnings by the root", `{"swagger": "2.0", "security": [{"` + long + `": []}], "paths": {"/x": {"get": {}}` + manyPaths() + `}}`},
		{"deep json", `{"swagger": "2.0", "x": ` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + "}"},
		{"deep yaml", "swagger: '2.0'\nx: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000)},
		{"large", `{"swagger": "2.0", "x": "` + strings.Repeat("x", 6<<20) + `"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if doc, _, err := openapi.Parse([]byte(tc.body), openapi.Options{BasePath: "prepend"}); err == nil {
				t.Errorf("accepted, %d models", len(doc.Models))
			}
		})
	}
}

func manyPaths() string {
	var b strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&b, `, "/x%d": {"get": {}}`, i)
	}
	return b.String()
}

func TestParameters(t *testing.T) {
	var got openapi.Options
	if err := got.SetParameters(map[string]string{"basepath": "Split", "failonwarnings": "true", "ignore": "documentation", "endpointConfigurationTypes": "regional", "other": "x"}); err != nil {
		t.Fatal(err)
	}
	want := openapi.Options{BasePath: "split", FailOnWarnings: true, IgnoreDocumentation: true, EndpointTypes: []string{"REGIONAL"}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error("(-got +want)", diff)
	}
	if err := got.SetParameters(map[string]string{"basepath": "elsewhere"}); err == nil {
		t.Error("a wrong basepath is accepted")
	}
}

func TestCheckAuthorizer(t *testing.T) {
	body := []byte(`{"openapi": "3.0.1", "info": {"title": "a", "version": "1"},
		"paths": {"/guarded": {"get": {"security": [{"MyJwtAuthorizer": []}]}}, "/open": {"get": {}}},
		"components": {"securitySchemes": {"MyJwtAuthorizer": {"type": "oauth2", "x-amazon-apigateway-authorizer":
			{"type": "jwt", "jwtConfiguration": {"issuer": "https://oidc.example.com", "audience": "a"}}}}}}`)
	text := "Caught exception when connecting to https://oidc.example.com/.well-known/openid-configuration for issuer https://oidc.example.com. Please try again later."
	doc, warnings, err := openapi.Parse(body, openapi.Options{Protocol: openapi.HTTP, CheckAuthorizer: func(a openapi.Authorizer) error {
		if a.JWTIssuer != "https://oidc.example.com" {
			t.Errorf("issuer %q", a.JWTIssuer)
		}
		return errors.New(text)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(warnings, []string{"Unable to create Authorizer 'MyJwtAuthorizer': " + text}); diff != "" {
		t.Error("(-got +want)", diff)
	}
	var keys []string
	for _, r := range doc.Resources {
		for _, m := range r.Methods {
			keys = append(keys, m.RouteKey(r.Path))
		}
	}
	if diff := cmp.Diff(keys, []string{"GET /open"}); diff != "" || len(doc.Authorizers) > 0 {
		t.Error("(-got +want)", diff, doc.Authorizers)
	}
}

func TestParseDocumentation(t *testing.T) {
	parts, err := openapi.ParseDocumentation([]byte(`{"openapi": "3.0.0", "info": {"title": "doc", "description": "description"},
		"paths": {"/": {"get": {"description": "Method description."}}},
		"x-amazon-apigateway-documentation": {"documentationParts": [
			{"location": {"type": "API"}, "properties": {"description": "API description"}},
			{"location": {"type": "METHOD", "method": "GET"}, "properties": {"description": "Method description."}}]}}`), openapi.Options{})
	want := []openapi.DocumentationPart{
		{Type: "API", Properties: `{"description":"API description"}`},
		{Type: "METHOD", Path: "/", Method: "GET", Properties: `{"description":"Method description."}`},
	}
	if diff := cmp.Diff(parts, want); diff != "" || err != nil {
		t.Error("(-got +want)", diff, err)
	}
	for _, body := range []string{"", "{'key:value}", "a: b: c", "just a text"} {
		if _, err := openapi.ParseDocumentation([]byte(body), openapi.Options{}); err == nil || err.Error() != "Unable to build importer with provided input." {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// Parts without an API around them are taken too.
func TestParseBareDocumentation(t *testing.T) {
	parts, err := openapi.ParseDocumentation([]byte(`{"documentationParts": [{"location": {"type": "RESOURCE", "path": "/"}, "properties": {"description": "z"}}]}`), openapi.Options{})
	if err != nil || len(parts) != 1 || parts[0].Type != "RESOURCE" || parts[0].Path != "/" {
		t.Errorf("got %+v, %v", parts, err)
	}
}

// A method's guards that cannot be read leave the method out; null stands for nothing.
func TestMalformedSecurity(t *testing.T) {
	const scheme = `"components":{"securitySchemes":{"key":{"type":"apiKey","name":"x-api-key","in":"header"}}}`
	for _, tc := range []struct{ operation, root, warning string }{
		{`{"security":null}`, `[{"key":[]}]`, ""},
		{`{}`, `[{"key":[]}]`, ""},
		{`{"security":[{"key":[]}]}`, `null`, ""},
		{`{"security":{"key":[]}}`, `null`, "Parse issue: attribute paths.'/a'(get).security is not of type `array`"},
		{`{"security":["key"]}`, `null`, "Parse issue: attribute paths.'/a'(get).security is not of type `object`"},
		{`{}`, `{"key":[]}`, "Parse issue: attribute paths.'/a'(get).security is not of type `array`"},
		{`{}`, `5`, "Parse issue: attribute paths.'/a'(get).security is not of type `array`"},
	} {
		doc, warnings, err := openapi.Parse([]byte(`{"openapi":"3.0.1","paths":{"/a":{"get":`+tc.operation+`}},"security":`+tc.root+`,`+scheme+`}`), openapi.Options{})
		if err != nil {
			t.Fatal(err)
		}
		methods := 0
		for _, r := range doc.Resources {
			for _, m := range r.Methods {
				methods++
				if !m.APIKeyRequired {
					t.Errorf("%s under %s is open", tc.operation, tc.root)
				}
			}
		}
		if got := strings.Join(warnings, "\n"); got != tc.warning || (methods == 0) != (tc.warning != "") {
			t.Errorf("%s under %s: %d methods, warnings %q, want %q", tc.operation, tc.root, methods, got, tc.warning)
		}
	}
}
