package rest_test

import (
	"strings"
	"testing"

	"github.com/postern/postern/runtime/snapshot"
)

func TestRouting(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(
		resource("/{proxy+}", mockMethod("OPTIONS", "root proxy")),
		resource("/test", mockMethod("POST", "test")),
		resource("/test/any", mockMethod("ANY", "any")),
		resource("/pets", mockMethod("GET", "pets")),
		resource("/pets/{id}", mockMethod("GET", "pet"), mockMethod("ANY", "any pet")),
		resource("/pets/mine", mockMethod("GET", "mine")),
		resource("/pets/{id}/toys/{rest+}", mockMethod("GET", "toys")),
		resource("/parent/{child+}", mockMethod("GET", "child")),
	))
	const missing = `{"message":"Missing Authentication Token"}`
	for _, tc := range []struct{ verb, path, want string }{
		{"OPTIONS", "/stage/test", "root proxy"},
		{"OPTIONS", "/stage/test/any", "any"},
		{"POST", "/stage/test", "test"},
		{"GET", "/stage/pets/mine", "mine"},
		{"POST", "/stage/pets/mine", "any pet"},
		{"GET", "/stage/pets/7", "pet"},
		{"GET", "/stage/pets/7/", "pet"},
		{"HEAD", "/stage/pets/7", ""},
		{"GET", "//stage/pets/", "pets"},
		{"GET", "/stage//pets", "pets"},
		{"GET", "/stage/pets//toys", missing},
		{"GET", "/stage/pets/7/toys/a/b", "toys"},
		{"GET", "/stage/pets/7/toys", missing},
		{"GET", "/stage/parent", missing},
		{"GET", "/stage/parent/x", "child"},
		{"GET", "/stage/parent//x", "child"},
		{"GET", "/stage/parent//", missing},
		{"GET", "/stage/unknown", missing},
		{"GET", "/stage", missing},
		{"TRACE", "/stage/test/any", missing},
	} {
		t.Run(tc.verb+" "+tc.path, func(t *testing.T) {
			got := a.send(tc.verb, tc.path, "")
			if got.body != tc.want {
				t.Errorf("got %d %s, want %s", got.status, got.body, tc.want)
			}
			if tc.want == missing && (got.status != 403 || got.header.Get("x-amzn-ErrorType") != "MissingAuthenticationTokenException") {
				t.Errorf("got %d %v", got.status, got.header)
			}
		})
	}
}

func TestNoStage(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", mockMethod("GET", "root"))))
	for _, path := range []string{"/", "/other", "/other/x", "/Stage"} {
		a.send("GET", path, "").is(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
	}
	a.send("GET", "/stage", "").is(t, 200, "root", "")
	a.publish(deployment(resource("/", mockMethod("GET", "root"))), func(s *snapshot.Stage) { s.DisableDefaultEndpoint = true })
	a.send("GET", "/stage", "").is(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
}

func TestMethodOverrideHeader(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", mockMethod("GET", "get"), mockMethod("PATCH", "patch"))))
	a.send("GET", "/stage", "", "X-HTTP-Method-Override: PATCH").is(t, 200, "patch", "")
}

func TestPathsInEvents(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/{proxy+}", proxyMethod("ANY")), resource("/hardcoded", proxyMethod("ANY"))))
	for _, tc := range []struct {
		path, event, context string
		proxy                any
	}{
		{"/stage/proxy-value", "/proxy-value", "/stage/proxy-value", "proxy-value"},
		{"/stage/proxy-value/", "/proxy-value/", "/stage/proxy-value/", "proxy-value"},
		{"/stage/proxy-value//double-slash", "/proxy-value//double-slash", "/stage/proxy-value//double-slash", "proxy-value//double-slash"},
		{"//stage/proxy-value", "/proxy-value", "/stage/proxy-value", "proxy-value"},
		{"/stage//proxy-value", "/proxy-value", "/stage//proxy-value", "proxy-value"},
		{"/stage//hardcoded", "/hardcoded", "/stage//hardcoded", nil},
		{"/stage/user/test%2Balias@gmail.com/plus/test+alias@gmail.com", "/user/test%2Balias@gmail.com/plus/test+alias@gmail.com",
			"/stage/user/test%2Balias@gmail.com/plus/test+alias@gmail.com", "user/test%2Balias@gmail.com/plus/test+alias@gmail.com"},
	} {
		t.Run(tc.path, func(t *testing.T) {
			a.send("GET", tc.path, "").is(t, 200, "ok", "")
			e := a.event()
			params, _ := e["pathParameters"].(map[string]any)
			rc := e["requestContext"].(map[string]any)
			if e["path"] != tc.event || rc["path"] != tc.context || params["proxy"] != tc.proxy {
				t.Errorf("path %v, context %v, proxy %v", e["path"], rc["path"], params["proxy"])
			}
		})
	}
}

func TestQueryInEvents(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", proxyMethod("GET"))))
	a.send("GET", "/stage?dateTimeOffset=2023-06-12T18:05:10.123456+00:00&email=test%2Balias@gmail.com&category=electronics&category=books&price=10&price=20&price=30", "")
	e := a.event()
	single, multi := e["queryStringParameters"].(map[string]any), e["multiValueQueryStringParameters"].(map[string]any)
	for name, want := range map[string]string{
		"dateTimeOffset": "2023-06-12T18:05:10.123456 00:00", "email": "test+alias@gmail.com", "category": "books", "price": "30",
	} {
		if single[name] != want {
			t.Errorf("%s: got %v, want %s", name, single[name], want)
		}
	}
	if got := len(multi["price"].([]any)); got != 3 {
		t.Errorf("price has %d values", got)
	}
}

// Paths cost by their length: a deep path in a wide tree ends.
func TestMatcherBacktracks(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(
		resource("/a/{x}/c", mockMethod("GET", "variable")),
		resource("/a/b/d", mockMethod("GET", "literal")),
		resource("/{all+}", mockMethod("GET", "greedy")),
	))
	a.send("GET", "/stage/a/b/c", "").is(t, 200, "variable", "")
	a.send("GET", "/stage/a/b/e", "").is(t, 200, "greedy", "")
	a.send("GET", "/stage/"+strings.Repeat("a/", 500), "").is(t, 200, "greedy", "")
}
