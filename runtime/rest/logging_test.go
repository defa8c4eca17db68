package rest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/execlog"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/usage"
)

// logged is an API whose execution logs arrive on a channel, ids masked.
func logged(t *testing.T) (*api, <-chan []string) {
	t.Helper()
	logs := make(chan []string, 1)
	return newAPI(t, func(d *rest.Deps) {
		d.ExecutionLogs = func(account, region, group, stream string, events []execlog.Event) {
			out := []string{account + " " + region + " " + group + " " + fmt.Sprint(len(stream))}
			for _, e := range events {
				out = append(out, e.Text)
			}
			logs <- out
		}
	}), logs
}

func settings(level string, trace bool) func(*snapshot.Stage) {
	return func(s *snapshot.Stage) {
		s.REST.MethodSettings = map[string]snapshot.RESTMethodSettings{"*/*": {LoggingLevel: level, DataTraceEnabled: trace, ThrottlingBurstLimit: -1, ThrottlingRateLimit: -1}}
	}
}

var (
	uuid       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	extendedID = regexp.MustCompile(` [\w-]{15}=$`)
)

// mask hides what differs from run to run.
func mask(lines []string) []string {
	for i, line := range lines {
		lines[i] = extendedID.ReplaceAllString(uuid.ReplaceAllString(line, "ID"), " XID")
		if j := strings.Index(lines[i], "Method request headers: {"); j >= 0 {
			lines[i] = lines[i][:j] + "Method request headers"
		}
	}
	return lines
}

const (
	inGroup  = "111111111111 us-east-1 API-Gateway-Execution-Logs_abcdef0123/stage 32"
	needless = "does not require API Key. Request will not contribute to throttle or quota limits"
)

func TestExecutionLog(t *testing.T) {
	m := mockMethod("GET", "hello")
	for _, tc := range []struct {
		name  string
		trace bool
		want  []string
	}{
		{"INFO", false, []string{
			inGroup, "(ID) Extended Request Id: XID", "(ID) Verifying Usage Plan for request: ID. API Key:  API Stage: abcdef0123/stage",
			"(ID) API Key  authorized because method 'GET /pets/{id}' " + needless, "(ID) Usage Plan check succeeded for API Key  and API Stage abcdef0123/stage",
			"(ID) Starting execution for request: ID", "(ID) HTTP Method: GET, Resource Path: /pets/1", "(ID) Method request path: {id=1}",
			"(ID) Method request query string: {a=b}", "(ID) Method request headers", "(ID) Method response headers: {Content-Type=application/json}",
			"(ID) Successfully completed execution", "(ID) Method completed with status: 200",
		}},
		{"INFO with data trace", true, []string{
			inGroup, "(ID) Extended Request Id: XID", "(ID) Verifying Usage Plan for request: ID. API Key:  API Stage: abcdef0123/stage",
			"(ID) API Key  authorized because method 'GET /pets/{id}' " + needless, "(ID) Usage Plan check succeeded for API Key  and API Stage abcdef0123/stage",
			"(ID) Starting execution for request: ID", "(ID) HTTP Method: GET, Resource Path: /pets/1", "(ID) Method request path: {id=1}",
			"(ID) Method request query string: {a=b}", "(ID) Method request headers", "(ID) Method request body before transformations: ",
			"(ID) Method response body after transformations: hello", "(ID) Method response headers: {Content-Type=application/json}",
			"(ID) Successfully completed execution", "(ID) Method completed with status: 200",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, logs := logged(t)
			a.publish(deployment(resource("/pets/{id}", m)), settings("INFO", tc.trace))
			a.send("GET", "/stage/pets/1?a=b", "")
			if diff := cmp.Diff(mask(<-logs), tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// What is binary is not shown, and neither is an empty payload of such a type.
func TestBinaryBodyInExecutionLog(t *testing.T) {
	a, logs := logged(t)
	m := mockWith(`{"statusCode": 200}`, snapshot.RESTIntegrationResponse{StatusCode: "200"})
	m.Integration.ContentHandling = "CONVERT_TO_TEXT"
	d := deployment(resource("/", m))
	d.BinaryMediaTypes = []string{"image/png"}
	a.publish(d, settings("INFO", true))
	for contentType, want := range map[string]string{"image/png": "[Binary Data]", "text/plain": "text"} {
		a.send("POST", "/stage/", "text", "Content-Type: "+contentType)
		if lines := <-logs; !slices.ContainsFunc(lines, func(l string) bool {
			return strings.HasSuffix(l, ") Method request body before transformations: "+want)
		}) {
			t.Errorf("%s: %q", contentType, lines)
		}
	}
}

// At level ERROR only what failed is logged, and nothing of what went well.
func TestExecutionLogOfFailures(t *testing.T) {
	a, logs := logged(t)
	a.publish(deployment(resource("/", proxyMethod("GET"))), settings("ERROR", true))
	a.send("GET", "/stage/", "")
	for _, tc := range []struct {
		name, want string
		reply      func(integration.LambdaRequest) (integration.LambdaResponse, error)
	}{
		{"malformed", "Execution failed due to configuration error: Malformed Lambda proxy response", func(integration.LambdaRequest) (integration.LambdaResponse, error) {
			return integration.LambdaResponse{StatusCode: 200, Payload: []byte(`"text"`)}, nil
		}},
		{"function error", "Lambda execution failed with status 200 due to customer function error: boom. Lambda request id: r1", func(integration.LambdaRequest) (integration.LambdaResponse, error) {
			return integration.LambdaResponse{StatusCode: 200, FunctionError: "Unhandled", RequestID: "r1", Payload: []byte(`{"errorMessage":"boom"}`)}, nil
		}},
		{"permission", "Execution failed due to configuration error: Invalid permissions on Lambda function", func(integration.LambdaRequest) (integration.LambdaResponse, error) {
			return integration.LambdaResponse{}, integration.ErrNoPermission
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a.mu.Lock()
			a.reply = tc.reply
			a.mu.Unlock()
			a.send("GET", "/stage/", "")
			if diff := cmp.Diff(mask(<-logs), []string{inGroup, "(ID) " + tc.want}); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// A method without a level of its own, or with OFF, writes nothing.
func TestNoExecutionLog(t *testing.T) {
	a, logs := logged(t)
	a.publish(deployment(resource("/", mockMethod("GET", "x")), resource("/loud", mockMethod("GET", "x"))), func(s *snapshot.Stage) {
		s.REST.MethodSettings = map[string]snapshot.RESTMethodSettings{
			"*/*": {LoggingLevel: "OFF", ThrottlingBurstLimit: -1}, "loud/GET": {LoggingLevel: "INFO", ThrottlingBurstLimit: -1},
		}
	})
	a.send("GET", "/stage/", "")
	a.send("GET", "/stage/nothing", "")
	a.send("GET", "/stage/loud", "")
	if got := <-logs; !strings.Contains(strings.Join(got, "\n"), "Resource Path: /loud") {
		t.Errorf("another method has logged: %q", got)
	}
}

func TestExecutionLogOfRefusals(t *testing.T) {
	a, logs := logged(t)
	m := mockMethod("POST", "x")
	m.ValidateBody, m.RequestModels = true, map[string]string{"application/json": "M"}
	d := deployment(resource("/", m))
	d.Models = []snapshot.RESTModel{{Name: "M", Schema: `{"type":"object","required":["b"]}`}}
	a.publish(d, settings("INFO", true))
	a.send("POST", "/stage/", `{"a":1}`)
	got := strings.Join(mask(<-logs), "\n")
	for _, want := range []string{
		"(ID) Method request body before transformations: {\"a\":1}\n",
		`(ID) Request body does not match model schema for content type application/json: [object has missing required properties (["b"])]` + "\n",
		"(ID) Gateway response type: BAD_REQUEST_BODY with status code: 400\n(ID) Gateway response body: {\"message\":\"Invalid request body\"}\n(ID) Gateway response headers: {x-amzn-ErrorType=BadRequestException}\n",
		"(ID) Method completed with status: 400",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestExecutionLogOfCanary(t *testing.T) {
	a, logs := logged(t)
	d := deployment(resource("/", mockMethod("GET", "x")))
	a.publish(d, settings("INFO", false), func(s *snapshot.Stage) {
		s.REST.Canary = &snapshot.RESTCanary{DeploymentID: "c", Deployment: d, PercentTraffic: 100}
	})
	a.send("GET", "/stage/", "")
	if got := <-logs; got[0] != "111111111111 us-east-1 API-Gateway-Execution-Logs_abcdef0123/stage/Canary 32" {
		t.Error(got[0])
	}
}

var authorizerHeaders = regexp.MustCompile(`(Endpoint request headers: ).*`)

// What an authorizer is asked and says stands in the log, unless it was kept.
func TestExecutionLogOfAuthorizers(t *testing.T) {
	a, logs := logged(t)
	m := mockMethod("GET", "x")
	m.AuthorizationType, m.AuthorizerID = "CUSTOM", "auth1"
	d := deployment(resource("/", m))
	d.Authorizers = []snapshot.RESTAuthorizer{{ID: "auth1", Type: "TOKEN", URI: authorizerURI, IdentitySource: "method.request.header.Authorization", TTLSeconds: 60}}
	a.publish(d, settings("INFO", true), func(s *snapshot.Stage) { s.REST.TracingEnabled = true })
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return *answered(policyAnswer("Allow", "*")), nil
	}
	const (
		function = "arn:aws:lambda:us-east-1:111111111111:function:auth"
		url      = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/" + function + "/invocations"
	)
	asked := []string{
		"(ID) Endpoint request URI: " + url, "(ID) Endpoint request headers: ",
		`(ID) Endpoint request body after transformations: {"type":"TOKEN","authorizationToken":"Bearer abcdef","methodArn":"arn:aws:execute-api:us-east-1:111111111111:abcdef0123/stage/GET/"}`,
		"(ID) Sending request to " + url, "(ID) Authorizer result body before parsing: " + policyAnswer("Allow", "*"),
	}
	for _, between := range [][]string{asked, nil} {
		a.send("GET", "/stage", "", "Authorization: Bearer abcdef")
		got := mask(<-logs)
		for i := range got {
			got[i] = authorizerHeaders.ReplaceAllString(got[i], "$1")
		}
		want := append([]string{inGroup, "(ID) Extended Request Id: XID", "(ID) Starting authorizer: auth1 for request: ID", "(ID) Incoming identity: *******abcdef"}, between...)
		want = append(want, "(ID) Using valid authorizer policy for principal: **", "(ID) Successfully completed authorizer execution")
		if diff := cmp.Diff(got[:min(len(want), len(got))], want); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
		if last := got[len(got)-1]; !strings.HasPrefix(last, "(ID) X-ray Tracing ID : Root=1-") || strings.Contains(last, ";") {
			t.Errorf("the last line is %s", last)
		}
	}
}

// A key whose plan throttles it is named at every level.
func TestExecutionLogOfThrottledKeys(t *testing.T) {
	logs := make(chan []string, 1)
	meter := usage.NewMeter(func() time.Time { return start })
	meter.Set(&snapshot.Usage{Keys: []snapshot.APIKey{{ID: "k1", Value: "secret", Enabled: true}}, Plans: []snapshot.UsagePlan{{
		ID: "p", KeyIDs: []string{"k1"}, Throttle: &snapshot.Throttle{}, Stages: []snapshot.UsagePlanStage{{APIID: identity.ID, Stage: "stage"}},
	}}})
	a := newAPI(t, func(d *rest.Deps) {
		d.Usage = meter
		d.ExecutionLogs = func(_, _, _, _ string, events []execlog.Event) {
			var out []string
			for _, e := range events {
				out = append(out, e.Text)
			}
			logs <- out
		}
	})
	m := mockMethod("GET", "x")
	m.APIKeyRequired = true
	a.publish(deployment(resource("/", m)), settings("ERROR", false))
	a.send("GET", "/stage", "", "X-Api-Key: secret").is(t, 429, `{"message":"Too Many Requests"}`, "TooManyRequestsException")
	if diff := cmp.Diff(mask(<-logs), []string{"(ID) Key throttle limit exceeded for key k1"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	a, logs := logged(t)
	m := mockMethod("GET", strings.Repeat("x", 2000))
	a.publish(deployment(resource("/", m)), settings("INFO", true))
	a.send("GET", "/stage/", "")
	if got := strings.Join(<-logs, "\n"); !strings.Contains(got, "xxx [TRUNCATED]\n") {
		t.Error(got)
	}
}
