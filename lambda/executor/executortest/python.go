package executortest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/postern/postern/lambda/executor"
)

// pythonResults are what handlers return and what the caller gets.
var pythonResults = []struct{ name, code, want string }{
	{"nothing", "def handler(event, context): pass", `null`},
	{"an object", "def handler(event, context): return {'a': [1, 2.5, None, True]}", `{"a": [1, 2.5, null, true]}`},
	{"characters beyond ASCII", "def handler(event, context): return 'ü'", `"\u00fc"`},
	{"a Decimal", "from decimal import Decimal\ndef handler(event, context): return {'n': Decimal('5'), 'f': Decimal('1.5')}", `{"n": 5, "f": 1.5}`},
	{"NaN", "def handler(event, context): return float('nan')", `NaN`},
	{"bytes", "def handler(event, context): return b'raw'", `raw`},
	{"client context", "def handler(event, context): return [context.client_context.custom['k'], context.client_context.client.app_title, context.client_context.env, context.identity.cognito_identity_id]", `["v", "t", {"e": "1"}, "id"]`},
	{"no trace id left over", "import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID'][:7]", `"Root=1-"`},
}

var pythonCases = append(pythonResultCases(), []plainCase{
	{name: "error payload and log", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(python(t, "pkg/app.handler", map[string]string{"pkg/app.py": "def handler(event, context):\n    inner()\ndef inner():\n    raise ValueError('no')\n"})), `{}`)
		f.wantError(res, `{"errorMessage": "no", "errorType": "ValueError", "requestId": "`+requestID+`", "stackTrace": [`+
			`"  File \"/var/task/pkg/app.py\", line 2, in handler\n    inner()\n", "  File \"/var/task/pkg/app.py\", line 4, in inner\n    raise ValueError('no')\n"]}`)
		if !strings.Contains(string(res.LogTail), "\n[ERROR] ValueError: no\nTraceback (most recent call last):\n  File \"/var/task/pkg/app.py\", line 2, in handler\n") {
			t.Errorf("log is %q", res.LogTail)
		}
	}},
	{name: "handler missing", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(python(t, "app.missing", map[string]string{"app.py": ""})), `{}`)
		f.wantError(res, `{"errorMessage": "Handler 'missing' missing on module 'app'", "errorType": "Runtime.HandlerNotFound", "requestId": "", "stackTrace": []}`)
	}},
	{name: "result that cannot be serialised", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(python(t, "app.handler", map[string]string{"app.py": "def handler(event, context): return {1, 2}"})), `{}`)
		if !strings.HasPrefix(string(res.Payload), `{"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable", "errorType": "Runtime.MarshalError", "requestId": "`) {
			t.Errorf("got %s", res.Payload)
		}
	}},
	{name: "sys.exit", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(python(t, "app.handler", map[string]string{"app.py": "import sys\ndef handler(event, context): sys.exit(4)"})), `{}`)
		f.wantError(res, exitPayload("with error: exit status 4"))
	}},
	{name: "signal", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(python(t, "app.handler", map[string]string{"app.py": "import os, signal\ndef handler(event, context): os.kill(os.getpid(), signal.SIGKILL)"})), `{}`)
		f.wantError(res, exitPayload("with error: signal: killed"))
	}},
	{name: "print and logging", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(python(t, "app.handler", map[string]string{"app.py": `
import logging
logging.basicConfig(format="unused")
log = logging.getLogger()
log.setLevel("INFO")
def handler(event, context):
    print("one\ntwo ü")
    print("unfinished", end="")
    log.info("three\nfour %s", "five")
    log.debug("hidden")
`})), `{}`)
		pattern := regexp.MustCompile(`START [^\n]*\none\ntwo ü\nunfinished\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t` + requestID + `\tthree\nfour five\nEND`)
		if !pattern.Match(res.LogTail) {
			t.Errorf("log is %q", res.LogTail)
		}
	}},
	{name: "logging in JSON", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": `
import logging
def handler(event, context):
    logging.getLogger("here").info("one %d", 1)
    logging.debug("hidden")
    raise KeyError("k")
`}), jsonLogging)
		f.invoke(fn, `{}`)
		all := f.logs.All()
		for _, want := range []string{
			`"level": "INFO", "message": "one 1", "logger": "here", "requestId": "` + requestID + `"}` + "\n", `"errorType": "KeyError"`,
			`"type":"platform.report","record":{"requestId":"` + requestID + `"`,
		} {
			if !strings.Contains(all, want) {
				t.Errorf("no %s in %s", want, all)
			}
		}
		if strings.Contains(all, "hidden") {
			t.Errorf("log is %s", all)
		}
	}},
	{name: "layers", run: func(t *testing.T, f *fixture) {
		spec := python(t, "app.handler", map[string]string{"app.py": "import shared, first\ndef handler(event, context): return [shared.name, first.name]"})
		spec.Layers = append(spec.Layers,
			Archive(t, map[string]string{"python/shared.py": "name = 'one'", "python/first.py": "name = 'first'"}),
			Archive(t, map[string]string{"python/shared.py": "name = 'two'"}))
		f.want(f.invoke(f.prepare(spec), `{}`), `["two", "first"]`)
	}},
	{name: "internal extension", run: runExtension},
	{name: "a truncated response", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": `
import os, socket
def handler(event, context):
    if not event: return "ok"
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    s = socket.create_connection((host, int(port)))
    s.sendall(b"POST /2018-06-01/runtime/invocation/" + context.aws_request_id.encode() + b"/response HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
    s.close()
    import time; time.sleep(0.2)
`}))
		res := f.invoke(fn, `{"truncate":true}`)
		if res.ErrorType != "Runtime.TruncatedResponse" || res.FunctionError != executor.Unhandled {
			t.Errorf("got %s", res.Payload)
		}
		f.want(f.invoke(fn, `{}`), `"ok"`)
	}},
	{name: "a runtime that speaks no sense", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": `
import os, socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
for nonsense in (b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"POST /2018-06-01/runtime/invocation//response HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"):
    s = socket.create_connection((host, int(port)))
    s.sendall(nonsense)
    while s.recv(4096): pass
    s.close()
def handler(event, context): return "ok"
`}))
		f.want(f.invoke(fn, `{}`), `"ok"`)
	}},
}...)

func pythonResultCases() []plainCase {
	var cases []plainCase
	for _, c := range pythonResults {
		cases = append(cases, plainCase{name: "returns " + c.name, run: func(t *testing.T, f *fixture) {
			fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": c.code}))
			f.want(f.do(fn, executor.Invocation{
				ClientContext:   `{"custom":{"k":"v"},"client":{"app_title":"t"},"env":{"e":"1"}}`,
				CognitoIdentity: `{"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}`,
			}), c.want)
		}})
	}
	return cases
}

// runExtension registers an extension from the handler's module: an invocation is complete when it has heard of it.
func runExtension(t *testing.T, f *fixture) {
	fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": `
import http.client, json, os, threading
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
def call(method, path, headers, body=None):
    c = http.client.HTTPConnection(api)
    c.request(method, path, body, headers)
    r = c.getresponse()
    return r, json.loads(r.read())
r, told = call("POST", "/2020-01-01/extension/register", {"Lambda-Extension-Name": "inside"}, json.dumps({"events": ["INVOKE"]}))
me = {"Lambda-Extension-Identifier": r.headers["Lambda-Extension-Identifier"]}
print("registered", r.status, json.dumps(told))
r, told = call("PUT", "/2022-07-01/telemetry", me, "{}")
print("telemetry", r.status, told["errorType"])
def loop():
    while True:
        r, event = call("GET", "/2020-01-01/extension/event/next", me)
        print("heard of", event["eventType"], event["requestId"], flush=True)
threading.Thread(target=loop, daemon=True).start()
def handler(event, context): return "ok"
`}))
	for range 2 {
		res := f.invoke(fn, `{}`)
		f.want(res, `"ok"`)
		if !strings.Contains(string(res.LogTail), "heard of INVOKE "+requestID) {
			t.Errorf("log is %q", res.LogTail)
		}
	}
	all := f.logs.All()
	for _, want := range []string{
		`registered 200 {"functionName": "fn", "functionVersion": "$LATEST", "handler": "app.handler"}`, "telemetry 202 Telemetry.NotSupported",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
}
