package runtimeapi_test

import (
	"net/http"
	"testing"

	"github.com/postern/postern/lambda/runtimeapi"
)

const extension = "/2020-01-01/extension"

func TestExtensionRegistration(t *testing.T) {
	e := newEnvironment(t)
	for _, tc := range []struct {
		name, path, body string
		header           []string
		status           int
		answer           string
	}{
		{"no name", "/register", `{}`, nil, 403, `{"errorMessage":"Empty extension name","errorType":"Extension.InvalidExtensionName"}`},
		{"SHUTDOWN from inside", "/register", `{"events":["SHUTDOWN"]}`, []string{"Lambda-Extension-Name", "e"}, 403,
			`{"errorMessage":"SHUTDOWN: Invalid event type","errorType":"Extension.InvalidEventType"}`},
		{"first", "/register", `{"events":["INVOKE"]}`, []string{"Lambda-Extension-Name", "e", "Lambda-Extension-Accept-Feature", "accountId"}, 200,
			"{\"accountId\":\"000000000000\",\"functionName\":\"fn\",\"functionVersion\":\"1\",\"handler\":\"h.h\"}\n"},
		{"same name again", "/register", `{"events":["INVOKE"]}`, []string{"Lambda-Extension-Name", "e"}, 403,
			`{"errorMessage":"Extension e already registered","errorType":"Extension.InvalidExtensionState"}`},
		{"exit error without an identifier", "/exit/error", ``, nil, 403,
			`{"errorMessage":"Missing Lambda-Extension-Identifier header","errorType":"Extension.MissingExtensionIdentifier"}`},
		{"exit error with a bad identifier", "/exit/error", ``, []string{"Lambda-Extension-Identifier", "x"}, 403,
			`{"errorMessage":"Invalid Lambda-Extension-Identifier","errorType":"Extension.InvalidExtensionIdentifier"}`},
		{"exit error with an unknown identifier", "/exit/error", ``, []string{"Lambda-Extension-Identifier", "00000000-0000-0000-0000-000000000099"}, 403,
			`{"errorMessage":"Unknown extension 00000000-0000-0000-0000-000000000099","errorType":"Extension.UnknownExtensionIdentifier"}`},
		{"exit error without a type", "/exit/error", ``, []string{"Lambda-Extension-Identifier", "00000000-0000-0000-0000-000000000001"}, 403,
			`{"errorMessage":"Lambda-Extension-Function-Error-Type not found","errorType":"Extension.MissingHeader"}`},
		{"exit error", "/exit/error", ``, []string{"Lambda-Extension-Identifier", "00000000-0000-0000-0000-000000000001", "Lambda-Extension-Function-Error-Type", "E.x"}, 202, ok},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, body, _ := e.do("POST", extension+tc.path, tc.body, tc.header...)
			if status != tc.status || body != tc.answer {
				t.Errorf("got %d %s, want %d %s", status, body, tc.status, tc.answer)
			}
		})
	}
}

func TestExtensionsCompleteAnInvocation(t *testing.T) {
	e := newEnvironment(t)
	_, _, header := e.do("POST", extension+"/register", `{"events":["INVOKE"]}`, "Lambda-Extension-Name", "e")
	id := header.Get("Lambda-Extension-Identifier")
	events := make(chan string, 2)
	poll := func() {
		_, body, _ := e.do("GET", extension+"/event/next", "", "Lambda-Extension-Identifier", id)
		events <- body
	}
	next := make(chan http.Header, 1)
	go func() {
		_, _, header := e.do("GET", "/2018-06-01/runtime/invocation/next", "")
		next <- header
	}()
	go poll()
	<-e.ready // only now do both wait
	e.api.Invoke(&runtimeapi.Invocation{RequestID: "a", FunctionARN: "arn", TraceID: "trace"})
	if got := (<-next).Get("Lambda-Runtime-Aws-Request-Id"); got != "a" {
		t.Errorf("request id %q", got)
	}
	want := `{"eventType":"INVOKE","deadlineMs":-62135596800000,"requestId":"a","invokedFunctionArn":"arn","tracing":{"type":"X-Amzn-Trace-Id","value":"trace"}}` + "\n"
	if got := <-events; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	e.want("POST", "/invocation/a/response", "1", 202, ok)
	<-e.out
	e.poll()
	select {
	case <-e.ready:
		t.Error("complete before the extension is")
	default:
	}
	go poll()
	<-e.ready
	e.api.Invoke(&runtimeapi.Invocation{RequestID: "b"})
	<-events
	if e.api.ShutdownGrace() == 0 {
		t.Error("no grace with an extension")
	}
	if status, body, _ := e.do("POST", extension+"/register", `{}`, "Lambda-Extension-Name", "late"); status != 403 ||
		body != `{"errorMessage":"Extension registration closed already","errorType":"Extension.RegistrationClosed"}` {
		t.Errorf("late: %d %s", status, body)
	}
}

func TestTelemetryIsNotSupported(t *testing.T) {
	e := newEnvironment(t)
	for path, want := range map[string]string{
		"/2022-07-01/telemetry": `{"errorMessage":"Telemetry API is not supported","errorType":"Telemetry.NotSupported"}`,
		"/2020-08-15/logs":      `{"errorMessage":"Logs API is not supported","errorType":"Logs.NotSupported"}`,
	} {
		if status, body, _ := e.do("PUT", path, `{}`); status != 202 || body != want {
			t.Errorf("%s: got %d %s", path, status, body)
		}
	}
}
