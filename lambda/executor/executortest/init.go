package executortest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// initErrors are functions that cannot be loaded and the payload that says so.
var initErrors = []struct {
	name    string
	spec    func(t *testing.T) *executor.Spec
	kind    string
	message string
}{
	{"python module missing", func(t *testing.T) *executor.Spec {
		return python(t, "app.handler", map[string]string{"other.py": ""})
	}, "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'app'"},
	{"python import inside the module", func(t *testing.T) *executor.Spec {
		return python(t, "app.handler", map[string]string{"app.py": "import nowhere\n"})
	}, "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nowhere'"},
	{"python handler missing", func(t *testing.T) *executor.Spec {
		return python(t, "app.missing", map[string]string{"app.py": "x = 1\n"})
	}, "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'app'"},
	{"python handler name without a dot", func(t *testing.T) *executor.Spec {
		return python(t, "app", map[string]string{"app.py": ""})
	}, "Runtime.MalformedHandlerName", "Bad handler 'app': not enough values to unpack (expected 2, got 1)"},
	{"python syntax error", func(t *testing.T) *executor.Spec {
		return python(t, "app.handler", map[string]string{"app.py": "def handler(event, context)\n  return 1\n"})
	}, "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': expected ':' (app.py, line 1)"},
	{"python exception at import", func(t *testing.T) *executor.Spec {
		return python(t, "app.handler", map[string]string{"app.py": "raise KeyError('x')\n"})
	}, "KeyError", "'x'"},
	{"node module missing", func(t *testing.T) *executor.Spec {
		return node(t, "app.handler", map[string]string{"other.js": ""})
	}, "Runtime.ImportModuleError", "Error: Cannot find module 'app'\nRequire stack:\n- /var/runtime/index.mjs"},
	{"node handler missing", func(t *testing.T) *executor.Spec {
		return node(t, "app.missing", map[string]string{"app.js": "exports.handler = async () => 1;"})
	}, "Runtime.HandlerNotFound", "app.missing is undefined or not exported"},
	{"node handler name without a dot", func(t *testing.T) *executor.Spec {
		return node(t, "app", map[string]string{"app.js": ""})
	}, "Runtime.MalformedHandlerName", "Bad handler"},
	{"node exception at load", func(t *testing.T) *executor.Spec {
		return node(t, "app.handler", map[string]string{"app.js": "throw new RangeError('no');"})
	}, "RangeError", "no"},
	{"node syntax error", func(t *testing.T) *executor.Spec {
		return node(t, "app.handler", map[string]string{"app.js": "exports.handler = async () => {"})
	}, "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected end of input"},
}

var initTimeout = regexp.MustCompile(`INIT_REPORT Init Duration: ([0-9.]+) ms\tPhase: init\tStatus: timeout\n`)

var initCases = append(initErrorCases(), []plainCase{
	{name: "exit at load", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": "import os\nos._exit(7)\n"}))
		f.wantError(f.invoke(fn, `{}`), exitPayload("with error: exit status 7"))
	}},
	{name: "bootstrap missing", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(newSpec("provided.al2023", "x", Archive(t, map[string]string{"readme": ""})))
		f.wantError(f.invoke(fn, `{}`), fmt.Sprintf(
			`{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: %s Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"}`, requestID))
	}},
	{name: "an init that takes too long is repeated in the invocation", config: executor.Config{InitTimeout: 800 * time.Millisecond},
		run: func(t *testing.T, f *fixture) {
			fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": "import time\nprint('loading')\ntime.sleep(1.6)\ndef handler(event, context): return 'late'\n"}), seconds(10))
			res := f.invoke(fn, `{}`)
			f.want(res, `"late"`)
			all := f.logs.All()
			if n := strings.Count(all, "loading\n"); n != 2 {
				t.Errorf("loaded %d times: %s", n, all)
			}
			if took := initTimeout.FindStringSubmatch(all); took == nil {
				t.Errorf("log is %q", all)
			} else if ms, err := strconv.ParseFloat(took[1], 64); err != nil || ms < 800 {
				t.Errorf("an init of 800 ms at most took %s ms", took[1])
			}
		}},
	{name: "an init that never ends is ended by the function's timeout", config: executor.Config{InitTimeout: 200 * time.Millisecond},
		run: func(t *testing.T, f *fixture) {
			fn := f.prepare(node(t, "app.handler", map[string]string{"app.mjs": "await new Promise((r) => setTimeout(r, 3600000));"}), seconds(1))
			f.wantError(f.invoke(fn, `{}`), `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: `+requestID+` Error: Task timed out after 1.00 seconds"}`)
			if all := f.logs.All(); !strings.Contains(all, "\tPhase: invoke\tStatus: timeout\nSTART RequestId: ") {
				t.Errorf("log is %q", all)
			}
		}},
	{name: "a function that cannot be loaded fails every time", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(node(t, "app.handler", map[string]string{"app.js": "throw new Error('first');"}))
		for range 3 {
			if res := f.invoke(fn, `{}`); res.FunctionError != executor.Unhandled {
				t.Errorf("got %s", res.Payload)
			}
		}
	}},
	{name: "warm environments take the first invocations", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": "print('ready')\ndef handler(event, context): return 1\n"}))
		fn.Warm(2)
		if _, err := f.logs.Wait(t.Context(), func(all string) bool { return strings.Count(all, "ready\n") == 2 }); err != nil {
			t.Fatal(err)
		}
		f.want(f.invoke(fn, `{}`), "1")
		if n := len(f.logs.Streams()); n != 2 {
			t.Errorf("%d environments", n)
		}
	}},
}...)

func initErrorCases() []plainCase {
	var cases []plainCase
	for _, c := range initErrors {
		cases = append(cases, plainCase{name: c.name, run: func(t *testing.T, f *fixture) {
			res := f.invoke(f.prepare(c.spec(t)), `{}`)
			var got struct{ ErrorMessage, ErrorType string }
			decode(t, res.Payload, &got)
			if got.ErrorType != c.kind || got.ErrorMessage != c.message || res.FunctionError != executor.Unhandled {
				t.Errorf("got %s, want %s %q", res.Payload, c.kind, c.message)
			}
			all := f.logs.All()
			first, second := strings.Index(all, "\tPhase: init\tStatus: error\tError Type: "), strings.Index(all, "\tPhase: invoke\tStatus: error\tError Type: ")
			if first < 0 || second < first {
				t.Errorf("log is %q", all)
			}
		}})
	}
	return cases
}
