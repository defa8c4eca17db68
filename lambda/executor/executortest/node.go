package executortest

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// nodeHandlers answer "ok" in every way that a Node handler may be written.
var nodeHandlers = []struct {
	name, handler string
	files         map[string]string
}{
	{"callback", "index.handler", map[string]string{"index.js": `exports.handler = (event, context, callback) => callback(null, 'ok');`}},
	{"context.succeed", "index.handler", map[string]string{"index.js": `exports.handler = (event, context) => context.succeed('ok');`}},
	{"promise", "index.handler", map[string]string{"index.js": `exports.handler = () => Promise.resolve('ok');`}},
	{"cjs", "index.handler", map[string]string{"index.cjs": `exports.handler = async () => 'ok';`}},
	{"mjs", "index.handler", map[string]string{"index.mjs": `export const handler = async () => 'ok';`}},
	{"type module and top-level await", "index.handler", map[string]string{
		"package.json": `{"type":"module"}`, "index.js": `const ok = await Promise.resolve('ok'); export const handler = async () => ok;`,
	}},
	{"type module, other directory", "src/index.handler", map[string]string{
		"package.json": `{"type":"module"}`, "src/index.js": `export const handler = async () => 'ok';`,
	}},
	{"type commonjs below type module", "src/index.handler", map[string]string{
		"package.json": `{"type":"module"}`, "src/package.json": `{}`, "src/index.js": `exports.handler = async () => 'ok';`,
	}},
	{"nested export", "index.api.get", map[string]string{"index.js": `exports.api = { get: async () => 'ok' };`}},
	{"package in node_modules", "index.handler", map[string]string{
		"index.js": `exports.handler = async () => require('said');`, "node_modules/said/index.js": `module.exports = 'ok';`,
	}},
}

var nodeCases = append(nodeHandlerCases(), []plainCase{
	{name: "nothing returned is null", run: func(t *testing.T, f *fixture) {
		f.want(f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": `exports.handler = async () => {};`})), ``), `null`)
	}},
	{name: "a handler that never answers is null", run: func(t *testing.T, f *fixture) {
		f.want(f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": `exports.handler = () => {};`})), `{}`), `null`)
	}},
	{name: "a promise that cannot settle is an error", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": `exports.handler = () => new Promise(() => {});`})), `{}`)
		if res.ErrorType != "Runtime.NodeJsExit" || res.FunctionError != executor.Unhandled {
			t.Errorf("got %s", res.Payload)
		}
	}},
	{name: "a callback waits for the event loop", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(node(t, "index.handler", map[string]string{"index.js": `
			exports.handler = (event, context, callback) => {
				context.callbackWaitsForEmptyEventLoop = event.wait;
				setTimeout(() => {}, 300);
				callback(null, 'ok');
			};`}))
		f.invoke(fn, `{"wait":false}`)
		for _, wait := range []bool{true, false} {
			began := time.Now()
			f.want(f.do(fn, executor.Invocation{Payload: []byte(`{"wait":` + map[bool]string{true: "true", false: "false"}[wait] + `}`)}), `"ok"`)
			if took := time.Since(began); (took > 250*time.Millisecond) != wait {
				t.Errorf("wait %v: took %v", wait, took)
			}
		}
	}},
	{name: "error payload and log", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": "exports.handler = async () => {\n  throw new TypeError('no');\n};\n"})), `{}`)
		var got struct {
			ErrorType, ErrorMessage string
			Trace                   []string
		}
		decode(t, res.Payload, &got)
		if got.ErrorType != "TypeError" || got.ErrorMessage != "no" || len(got.Trace) < 2 || got.Trace[0] != "TypeError: no" ||
			!strings.Contains(got.Trace[1], "/var/task/index.js:2:9") {
			t.Errorf("got %s", res.Payload)
		}
		if !strings.Contains(string(res.LogTail), "Z\t"+requestID+"\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\",\"errorMessage\":\"no\",\"stack\":[\"TypeError: no\"") {
			t.Errorf("log is %q", res.LogTail)
		}
	}},
	{name: "rejection with something that is no error", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": `exports.handler = async () => { throw 'text'; };`})), `{}`)
		f.wantError(res, `{"errorType":"string","errorMessage":"text","trace":[]}`)
	}},
	{name: "result that cannot be serialised", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": `exports.handler = async () => { const a = {}; a.a = a; return a; };`})), `{}`)
		if !strings.Contains(string(res.Payload), `"errorMessage":"Unable to stringify response body"`) {
			t.Errorf("got %s", res.Payload)
		}
	}},
	{name: "uncaught exception", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(node(t, "index.handler", map[string]string{"index.js": `
			exports.handler = async (event) => { if (event.ok) return 'ok'; setTimeout(() => { throw new Error('later'); }, 1); await new Promise((r) => setTimeout(r, 5000)); };`}))
		res := f.invoke(fn, `{}`)
		if !strings.Contains(string(res.Payload), `{"errorType":"Error","errorMessage":"later","trace":["Error: later"`) {
			t.Errorf("got %s", res.Payload)
		}
		f.want(f.invoke(fn, `{"ok":true}`), `"ok"`)
	}},
	{name: "unhandled rejection", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": `
			exports.handler = async () => { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 5000)); };`})), `{}`)
		if !strings.HasPrefix(string(res.Payload), `{"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Error: lost","trace":["Runtime.UnhandledPromiseRejection: Error: lost"`) {
			t.Errorf("got %s", res.Payload)
		}
	}},
	{name: "console", run: func(t *testing.T, f *fixture) {
		res := f.invoke(f.prepare(node(t, "index.handler", map[string]string{"index.js": `
			exports.handler = async () => { console.log('a %s', 'b', {c: 1}); console.error('two\nlines'); console.warn('w'); console.debug('d'); };`})), `{}`)
		pattern := regexp.MustCompile(`START [^\n]*\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t` + requestID + `\tINFO\ta b \{ c: 1 \}\n[^\t]*\t` + requestID +
			`\tERROR\ttwo\nlines\n[^\t]*\t` + requestID + `\tWARN\tw\n[^\t]*\t` + requestID + `\tDEBUG\td\nEND`)
		if !pattern.Match(res.LogTail) {
			t.Errorf("log is %q", res.LogTail)
		}
	}},
	{name: "console in JSON", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(node(t, "index.handler", map[string]string{"index.js": `
			exports.handler = async () => { console.log('a', 1); console.debug('hidden'); console.warn({ b: 2 }); };`}), jsonLogging)
		f.invoke(fn, `{}`)
		all := f.logs.All()
		for _, want := range []string{
			`"level":"INFO","requestId":"` + requestID + `","message":"a 1"}` + "\n", `"level":"WARN","requestId":"` + requestID + `","message":{"b":2}}` + "\n",
			`"type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"nodejs:20.v`,
			`"type":"platform.start","record":{"requestId":"` + requestID + `","version":"$LATEST"}}` + "\n",
			`"type":"platform.report","record":{"requestId":"` + requestID + `","metrics":{"durationMs":`,
		} {
			if !strings.Contains(all, want) {
				t.Errorf("no %s in %s", want, all)
			}
		}
		if strings.Contains(all, "hidden") || strings.Contains(all, "REPORT") || strings.Contains(all, "runtimeDone") {
			t.Errorf("log is %s", all)
		}
	}},
	{name: "streamed response", run: runStreamed},
	{name: "streamed response that fails", run: runStreamFails},
	{name: "streaming handler, buffered caller", run: func(t *testing.T, f *fixture) {
		fn := f.prepare(node(t, "index.handler", map[string]string{"index.js": streamHandler}))
		res := f.invoke(fn, `{}`)
		if want := `{"statusCode":201,"headers":{"x-a":"b"},"cookies":["a=b"]}` + strings.Repeat("\x00", 8) + "chunk;chunk;chunk;"; string(res.Payload) != want {
			t.Errorf("got %q", res.Payload)
		}
		f.invoke(fn, `{}`)
	}},
}...)

func nodeHandlerCases() []plainCase {
	var cases []plainCase
	for _, c := range nodeHandlers {
		cases = append(cases, plainCase{name: c.name, run: func(t *testing.T, f *fixture) {
			fn := f.prepare(node(t, c.handler, c.files))
			f.want(f.invoke(fn, `{}`), `"ok"`)
			f.want(f.invoke(fn, `{}`), `"ok"`)
		}})
	}
	return cases
}

func jsonLogging(s *executor.Spec) {
	s.Logging = executor.Logging{Group: "/aws/lambda/fn", Format: executor.LogJSON, ApplicationLevel: "INFO", SystemLevel: "INFO"}
}
