package apigatewayv2

import (
	"encoding/json"
	"testing"

	"github.com/postern/postern/runtime/httpapi"
)

// What the data plane could not read is refused when it is configured.
func TestMalformedMappings(t *testing.T) {
	f := setup(t, func(c *Config) { c.CheckMapping = httpapi.CheckMapping })
	path := "/v2/apis/" + *newAPI(t, f) + "/integrations"
	create := func(t *testing.T, change map[string]any) (int, string) {
		t.Helper()
		in := map[string]any{"integrationType": "HTTP_PROXY", "integrationMethod": "GET", "integrationUri": "https://example.com", "payloadFormatVersion": "1.0"}
		for k, v := range change {
			in[k] = v
		}
		body, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		status, _, answer := f.call(t, "POST", path, string(body))
		var got struct{ Message string }
		if err := json.Unmarshal([]byte(answer), &got); err != nil {
			t.Fatalf("%v in %s", err, answer)
		}
		return status, got.Message
	}
	source := func(s string) string { return mappingError("Invalid mapping expression parameter specified: " + s) }
	request := func(s string) string {
		return mappingError("Invalid Request Actioned Parameter destination specified: " + s)
	}
	response := func(s string) string {
		return mappingError("Invalid Response Actioned Parameter destination specified: " + s)
	}
	for _, tc := range []struct{ key, value, message string }{
		{"append:header.a", "$request.foo", source("$request.foo")},
		{"append:header.a", "$response.header.b", source("$response.header.b")},
		{"append:header.a", "${request.path.id", source("${request.path.id")},
		{"overwrite:header.a", "$request.header", source("$request.header")},
		{"append:querystring.a", "$request.body.a[", source("$request.body.a[")},
		{"append:querystring.a", "$request.body..a", source("$request.body..a")},
		{"overwrite:path", "$context.nope", source("$context.nope")},
		{"append:header.a b", "x", request("append:header.a b")},
		{"append:header.", "x", request("append:header.")},
		{"append:header", "x", request("append:header")},
		{"append:path", "x", request("append:path")},
		{"overwrite:path.a", "x", request("overwrite:path.a")},
		{"overwrite:statuscode", "200", request("overwrite:statuscode")},
		{"replace:header.a", "x", request("replace:header.a")},
		{"", "x", request("")},
		{"append:header.X-Amz-Date", "x", mappingError("Operations on header X-Amz-Date are restricted")},
		{"remove:header.host", "''", ""},
		{"overwrite:header.a", "${request.path.id}-${context.requestId}", ""},
		{"overwrite:header.a", "plain $text", ""},
	} {
		status, message := create(t, map[string]any{"requestParameters": map[string]string{tc.key: tc.value}})
		if message != tc.message || (status == 201) != (tc.message == "") {
			t.Errorf("request %s=%s: %d %s\nwant %s", tc.key, tc.value, status, message, tc.message)
		}
	}
	for _, tc := range []struct{ code, key, value, message string }{
		{"200", "append:header.a", "$request.header.b", source("$request.header.b")},
		{"200", "append:header.a", "$response.path", source("$response.path")},
		{"200", "append:overwrite.static", "x", response("append:overwrite.static")},
		{"200", "append:statuscode", "201", response("append:statuscode")},
		{"200", "overwrite:path", "/x", response("overwrite:path")},
		{"200", "overwrite:statuscode", "abc", mappingError("Status Code abc is not valid.")},
		{"200", "overwrite:statuscode", "999", mappingError("Status Code 999 is not valid.")},
		{"200", "remove:header.via", "", mappingError("Operations on header via are restricted")},
		{"600", "append:header.a", "x", mappingError("Status Code 600 is not valid.")},
		{"2xx", "append:header.a", "x", mappingError("Status Code 2xx is not valid.")},
		{"200", "overwrite:statuscode", "201", ""},
		{"599", "append:header.a", "$response.body.a", ""},
	} {
		status, message := create(t, map[string]any{"responseParameters": map[string]any{tc.code: map[string]string{tc.key: tc.value}}})
		if message != tc.message || (status == 201) != (tc.message == "") {
			t.Errorf("response %s %s=%s: %d %s\nwant %s", tc.code, tc.key, tc.value, status, message, tc.message)
		}
	}
	for uri, want := range map[string]string{
		"ftp://x":                         "Invalid HTTP endpoint specified for URI",
		"no url":                          "Invalid HTTP endpoint specified for URI",
		"http://":                         "Invalid HTTP endpoint specified for URI",
		"":                                "Invalid integration URI specified",
		"https://${stageVariables.host}/": "",
		"${stageVariables.base}/x":        "",
		"http://localhost:3000/{proxy}":   "",
	} {
		if status, message := create(t, map[string]any{"integrationUri": uri}); message != want || (status == 201) != (want == "") {
			t.Errorf("URI %q: %d %s, want %s", uri, status, message, want)
		}
	}
	if status, message := create(t, map[string]any{"integrationMethod": "FETCH"}); status != 400 || message != "Invalid HTTP method specified: FETCH" {
		t.Errorf("method: %d %s", status, message)
	}
	for uri, want := range map[string]string{
		"https://example.com": "Invalid integration URI specified",
		"arn:aws:s3:::bucket": "Invalid integration URI specified",
		function:              "",
		function + ":live":    "",
		"arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/" + function + "/invocations": "",
		"arn:aws:lambda:us-west-2:123456789012:function:${stageVariables.name}":                      "",
	} {
		if status, message := create(t, map[string]any{"integrationType": "AWS_PROXY", "integrationUri": uri}); message != want || (status == 201) != (want == "") {
			t.Errorf("function %q: %d %s, want %s", uri, status, message, want)
		}
	}
}
