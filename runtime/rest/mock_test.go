package rest_test

import (
	"testing"

	"github.com/postern/postern/runtime/snapshot"
)

func mockWith(request string, responses ...snapshot.RESTIntegrationResponse) snapshot.RESTMethod {
	m := mockMethod("POST", "")
	m.Integration.RequestTemplates = map[string]string{"application/json": request}
	m.Integration.Responses = responses
	return m
}

func TestMockStatus(t *testing.T) {
	for _, tc := range []struct {
		request string
		ok      bool
	}{
		{`{"statusCode": 200}`, true},
		{`{statusCode: 200}`, true},
		{`{'statusCode': '200'}`, true},
		{`{"statusCode": 200,}`, true},
		{"{\n  \"a\": {\"b\": 1},\n  \"statusCode\" : 200\n}\n", true},
		{`{"statusCode": "200"}`, true},
		{`{"statusCode": 7}`, true},
		{`{"statusCode": 200} and more`, true},
		{"{\n  \"statusCode\": 200\n  \"other\": 1}", false},
		{`{"when": 12:30, "statusCode": 200}`, true},
		{`{"a": "{", statusCode: 200, b: [1,]}`, true},
		{`{"statusCode": "abc"}`, false},
		{`{"statusCode": 200`, false},
		{`{"statusCode: 200}`, false},
		{`statusCode: 200`, false},
		{`{}`, false},
		{`{"otherstatusCode": 200}`, false},
		{`{"body": {"statusCode": 500}, "statusCode": 200}`, true},
		{`{"body": {"statusCode": 200}}`, false},
		{`{"body": "{ statusCode: 500 }", "statusCode": 200}`, true},
	} {
		t.Run(tc.request, func(t *testing.T) {
			a := newAPI(t)
			a.publish(deployment(resource("/", mockWith(tc.request,
				snapshot.RESTIntegrationResponse{StatusCode: "200"}, snapshot.RESTIntegrationResponse{StatusCode: "500", SelectionPattern: "500"},
			))))
			got := a.send("POST", "/stage", "")
			if tc.ok {
				got.is(t, 200, "", "")
			} else {
				got.is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
			}
		})
	}
}

// AWS: an API whose */* makes every payload binary fails templates of requests without
// a body too, until they are converted to text.
func TestTemplateOfEmptyBinaryBody(t *testing.T) {
	for handling, ok := range map[string]bool{"": false, "CONVERT_TO_BINARY": false, "CONVERT_TO_TEXT": true} {
		t.Run(handling, func(t *testing.T) {
			a := newAPI(t)
			m := mockWith(`{"statusCode": 200}`, snapshot.RESTIntegrationResponse{
				StatusCode: "200", ResponseTemplates: map[string]string{"application/json": "made"},
			})
			m.Integration.ContentHandling = handling
			d := deployment(resource("/", m))
			d.BinaryMediaTypes = []string{"*/*"}
			a.publish(d)
			got := a.send("POST", "/stage", "")
			if ok {
				got.is(t, 200, "made", "")
			} else {
				got.is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
			}
		})
	}
}

func TestMockSelection(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/{status}", mockWith(`{"statusCode": $input.params('status')}`,
		snapshot.RESTIntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{"application/json": "default"}},
		snapshot.RESTIntegrationResponse{StatusCode: "400", SelectionPattern: `4\d{2}`, ResponseTemplates: map[string]string{"application/json": "four"}},
		snapshot.RESTIntegrationResponse{StatusCode: "503", SelectionPattern: `50`, ResponseTemplates: map[string]string{"application/json": "never"}},
	))))
	a.send("POST", "/stage/404", "").is(t, 400, "four", "")
	a.send("POST", "/stage/201", "").is(t, 200, "default", "")
	a.send("POST", "/stage/500", "").is(t, 200, "default", "")
}

// An integration response needs the method response of its status.
func TestUndeclaredStatus(t *testing.T) {
	a := newAPI(t)
	m := mockWith(`{"statusCode": $input.params('status')}`,
		snapshot.RESTIntegrationResponse{StatusCode: "200"}, snapshot.RESTIntegrationResponse{StatusCode: "404", SelectionPattern: `4\d{2}`})
	m.Responses = []snapshot.RESTMethodResponse{{StatusCode: "200"}}
	a.publish(deployment(resource("/{status}", m)))
	a.send("POST", "/stage/200", "").is(t, 200, "", "")
	a.send("POST", "/stage/404", "").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
}

// AWS deploys a template that does not parse; only its own requests fail.
func TestBrokenTemplate(t *testing.T) {
	ok := snapshot.RESTIntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{"application/json": "fine"}}
	a := newAPI(t)
	a.publish(deployment(
		resource("/broken", mockWith(`{"x": $input.params(\"data\"), "statusCode": 200}`, ok)),
		resource("/fine", mockWith(`{"statusCode": 200}`, ok)),
	))
	a.send("POST", "/stage/broken", "").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
	a.send("POST", "/stage/fine", "").is(t, 200, "fine", "")
}

func TestNoIntegrationResponse(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/", mockWith(`{"statusCode": 200}`))))
	a.send("POST", "/stage", "").is(t, 500, `{"message": "Internal server error"}`, "InternalServerErrorException")
}

// What the request template overrides counts, with and without a response template.
func TestOverrideInRequestTemplate(t *testing.T) {
	const request = `#set($context.responseOverride.status = 444)#set($context.responseOverride.header.foo = "bar"){"statusCode": 200}`
	for _, templates := range []map[string]string{nil, {"application/json": "$context.responseOverride.status"}} {
		a := newAPI(t)
		a.publish(deployment(resource("/", mockWith(request, snapshot.RESTIntegrationResponse{StatusCode: "200", ResponseTemplates: templates}))))
		got := a.send("POST", "/stage", "")
		want := ""
		if templates != nil {
			want = "444"
		}
		got.is(t, 444, want, "")
		if got.header.Get("Foo") != "bar" {
			t.Errorf("header %v", got.header)
		}
	}
}

func TestTemplateSeesTheRequest(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/pets/{petId}", mockWith(`{"statusCode": 200}`, snapshot.RESTIntegrationResponse{
		StatusCode: "200",
		ResponseParameters: map[string]string{
			"method.response.header.X-Literal": "'a value'", "method.response.header.X-Stage": "stageVariables.env",
			"method.response.header.X-Context": "context.httpMethod", "method.response.header.Date": "'d'", "method.response.header.Content-Type": "'text/plain'",
		},
		ResponseTemplates: map[string]string{"application/json": `$input.params('petId') $input.params('q') $input.params('x-head') $stageVariables.env $context.resourcePath [$input.json('$')]`},
	}))), func(s *snapshot.Stage) { s.Variables = map[string]string{"env": "prod"} })
	got := a.send("POST", "/stage/pets/7?q=a+b", `{"hidden": true}`, "X-Head: h")
	got.is(t, 200, "7 a b h prod /pets/{petId} [{}]", "")
	for name, want := range map[string]string{
		"X-Literal": "a value", "X-Stage": "prod", "X-Context": "POST", "x-amzn-Remapped-Date": "d", "Content-Type": "text/plain",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q", name, got.header.Get(name))
		}
	}
}

// Parameters that are no UTF-8 do not make a template's text none.
func TestTemplateOfIllegibleParameters(t *testing.T) {
	a := newAPI(t)
	a.publish(deployment(resource("/{id}", mockMethod("GET", "$input.params('id') $input.params('q') $input.params('X-H')"))))
	a.send("GET", "/stage/a?q=%ff%fea", "", "X-H: \xe9").is(t, 200, "a \ufffda \ufffd", "")
}

func TestPassthrough(t *testing.T) {
	const unsupported = `{"message":"Unsupported Media Type"}`
	for _, tc := range []struct {
		behavior  string
		templates map[string]string
		want      int
	}{
		{"WHEN_NO_MATCH", nil, 200}, {"WHEN_NO_TEMPLATES", nil, 200}, {"NEVER", nil, 415},
		{"WHEN_NO_MATCH", map[string]string{"text/csv": "x"}, 200}, {"WHEN_NO_TEMPLATES", map[string]string{"text/csv": "x"}, 415},
		{"NEVER", map[string]string{"text/csv": "x"}, 415},
		{"NEVER", map[string]string{"$default": `{"statusCode": 200}`}, 200},
		{"NEVER", map[string]string{"application/json": `{"statusCode": 200}`}, 200},
	} {
		a := newAPI(t)
		m := mockWith("", snapshot.RESTIntegrationResponse{StatusCode: "200"})
		m.Integration.RequestTemplates, m.Integration.PassthroughBehavior = tc.templates, tc.behavior
		a.publish(deployment(resource("/", m)))
		got := a.send("POST", "/stage", `{"statusCode": 200}`, "Content-Type: application/json; charset=utf-8")
		if tc.want == 200 {
			got.is(t, 200, "", "")
		} else {
			got.is(t, 415, unsupported, "BadRequestException")
		}
	}
}

func TestCanary(t *testing.T) {
	text := `{"isCanary": "$context.isCanaryRequest", "variable": "$stageVariables.testVar", "nonExistingDefault": "$stageVariables.noStageVar", "nonOverridden": "$stageVariables.defaultVar"}`
	for percent, want := range map[float64]string{
		100: `{"isCanary": "true", "variable": "canary", "nonExistingDefault": "canary", "nonOverridden": "default"}`,
		0:   `{"isCanary": "false", "variable": "default", "nonExistingDefault": "", "nonOverridden": "default"}`,
	} {
		a := newAPI(t)
		d := deployment(resource("/", mockMethod("GET", text)))
		a.publish(d, func(s *snapshot.Stage) {
			s.Variables = map[string]string{"testVar": "default", "defaultVar": "default"}
			s.REST.Canary = &snapshot.RESTCanary{DeploymentID: "dep2", Deployment: d, PercentTraffic: percent,
				VariableOverrides: map[string]string{"testVar": "canary", "noStageVar": "canary"}}
		})
		a.send("GET", "/stage", "").is(t, 200, want, "")
	}
}
