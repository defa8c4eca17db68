package executortest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
)

func seconds(n int) func(*executor.Spec) {
	return func(s *executor.Spec) { s.Timeout = time.Duration(n) * time.Second }
}

// exitPayload is the payload of a runtime that ended.
func exitPayload(how string) string {
	return fmt.Sprintf(`{"errorType":"Runtime.ExitError","errorMessage":"RequestId: %s Error: Runtime exited %s"}`, requestID, how)
}

var reportLine = regexp.MustCompile(`^REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d{2} ms\tBilled Duration: \d+ ms\tMemory Size: \d+ MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d{2} ms\t\n$`)

// languageCases run with the actions handler of each language.
var languageCases = []languageCase{
	{name: "answers with what the handler returns", run: func(t *testing.T, f *fixture, language Language) {
		fn := f.actions(language)
		for _, value := range []string{`{"a":1}`, `"text ü €"`, `null`, `[1,2,3]`, `true`, `1.5`} {
			res := f.do(fn, executor.Invocation{Payload: []byte(`{"do":"echo","value":` + value + `}`)})
			var got, want any
			if err := json.Unmarshal(res.Payload, &got); err != nil {
				t.Fatalf("payload %q: %v", res.Payload, err)
			}
			json.Unmarshal([]byte(value), &want)
			if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w || res.FunctionError != "" {
				t.Errorf("got %s, want %s", g, w)
			}
			if res.Version != "$LATEST" {
				t.Errorf("version %q", res.Version)
			}
		}
	}},
	{name: "logs START, output, END, REPORT", run: func(t *testing.T, f *fixture, language Language) {
		res := f.invoke(f.actions(language), `{"do":"print","count":2}`)
		f.want(res, `"printed"`)
		lines := strings.SplitAfter(string(res.LogTail), "\n")
		if len(lines) != 6 {
			t.Fatalf("tail has %d lines: %q", len(lines), lines)
		}
		if want := "START RequestId: " + requestID + " Version: $LATEST\n"; lines[0] != want {
			t.Errorf("got %q, want %q", lines[0], want)
		}
		if !strings.Contains(lines[1], "line 0 xxx") || !strings.Contains(lines[2], "line 1 xxx") {
			t.Errorf("output is %q", lines[1:3])
		}
		if want := "END RequestId: " + requestID + "\n"; lines[3] != want {
			t.Errorf("got %q, want %q", lines[3], want)
		}
		if !reportLine.MatchString(lines[4]) {
			t.Errorf("got %q", lines[4])
		}
		if all := f.logs.All(); !strings.HasPrefix(all, "INIT_START Runtime Version: ") || !strings.HasSuffix(all, string(res.LogTail)) {
			t.Errorf("log is %q", all)
		}
		streams := f.logs.Streams()
		if len(streams) != 1 || !regexp.MustCompile(`^\d{4}/\d{2}/\d{2}/\[\$LATEST\][0-9a-f]{32}$`).MatchString(streams[0]) {
			t.Errorf("streams are %q", streams)
		}
	}},
	{name: "gives the handler its context", run: func(t *testing.T, f *fixture, language Language) {
		res := f.invoke(f.actions(language), `{"do":"context"}`)
		var got struct {
			RequestID, ARN, Name, Version, Memory, Group, Stream string
			Remaining                                            int
		}
		if err := json.Unmarshal(res.Payload, &got); err != nil {
			t.Fatalf("%s: %v", res.Payload, err)
		}
		if got.Remaining < 5000 || got.Remaining > 10000 {
			t.Errorf("remaining time is %d ms", got.Remaining)
		}
		list := []string{got.RequestID, got.ARN, got.Name, got.Version, got.Memory, got.Group, got.Stream}
		want := []string{
			requestID, "arn:aws:lambda:us-east-1:000000000000:function:fn", "fn", "$LATEST", "128", "/aws/lambda/fn", f.logs.Streams()[0],
		}
		if !slices.Equal(list, want) {
			t.Errorf("got %q, want %q", list, want)
		}
	}},
	{name: "reports an error and keeps the environment", run: func(t *testing.T, f *fixture, language Language) {
		fn := f.actions(language)
		res := f.invoke(fn, `{"do":"throw"}`)
		var got struct{ ErrorMessage, ErrorType string }
		if err := json.Unmarshal(res.Payload, &got); err != nil {
			t.Fatalf("%s: %v", res.Payload, err)
		}
		want := map[string]string{"Go": "errorString", "Node": "Error", "Python": "ValueError"}[language.Name]
		if res.FunctionError != executor.Unhandled || got.ErrorMessage != "bad thing" || got.ErrorType != want {
			t.Errorf("got %s, function error %q", res.Payload, res.FunctionError)
		}
		f.want(f.invoke(fn, `{"do":"count"}`), "2")
	}},
	{name: "reports an exit", run: func(t *testing.T, f *fixture, language Language) {
		fn := f.actions(language)
		f.wantError(f.invoke(fn, `{"do":"exit","count":0}`), exitPayload("without providing a reason"))
		res := f.invoke(fn, `{"do":"exit","count":3}`)
		f.wantError(res, exitPayload("with error: exit status 3"))
		crash := "RequestId: " + requestID + " Error: Runtime exited with error: exit status 3\nRuntime.ExitError\nEND RequestId: " + requestID + "\n"
		if !strings.Contains(string(res.LogTail), crash) || !strings.HasSuffix(string(res.LogTail), "\tStatus: error\tError Type: Runtime.ExitError\n") {
			t.Errorf("log is %q", res.LogTail)
		}
		f.want(f.invoke(fn, `{"do":"count"}`), "1")
	}},
	{name: "ends a handler that hangs", run: func(t *testing.T, f *fixture, language Language) {
		fn := f.actions(language, seconds(1))
		f.want(f.invoke(fn, `{"do":"count"}`), "1")
		began := time.Now()
		res := f.invoke(fn, `{"do":"hang"}`)
		if took := time.Since(began); took < time.Second || took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		f.wantError(res, `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: `+requestID+` Error: Task timed out after 1.00 seconds"}`)
		tail := string(res.LogTail)
		for _, want := range []string{"hanging\n", "Z " + requestID + " Task timed out after 1.00 seconds\n\nEND", "Duration: 1000.00 ms\tBilled Duration: 1000 ms\t", "Status: timeout\n"} {
			if !strings.Contains(tail, want) {
				t.Errorf("no %q in %q", want, tail)
			}
		}
		f.want(f.invoke(fn, `{"do":"count"}`), "1")
	}},
	{name: "takes a megabyte of output", run: func(t *testing.T, f *fixture, language Language) {
		res := f.invoke(f.actions(language), `{"do":"print","count":1024}`)
		f.want(res, `"printed"`)
		if len(res.LogTail) != 4096 || !strings.Contains(string(res.LogTail), "line 1023 xxx") {
			t.Errorf("tail of %d bytes: %q", len(res.LogTail), res.LogTail)
		}
		if n := strings.Count(f.logs.All(), "xxx\n"); n != 1024 {
			t.Errorf("%d lines in the log", n)
		}
	}},
	{name: "refuses an answer that is too large", run: func(t *testing.T, f *fixture, language Language) {
		fn := f.actions(language)
		const limit = 6<<20 + 100
		res := f.invoke(fn, fmt.Sprintf(`{"do":"large","count":%d}`, limit-2))
		if len(res.Payload) != limit || res.FunctionError != "" {
			t.Errorf("largest: %d bytes, function error %q", len(res.Payload), res.FunctionError)
		}
		f.wantError(f.invoke(fn, fmt.Sprintf(`{"do":"large","count":%d}`, limit-1)),
			`{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`)
		f.do(fn, executor.Invocation{Payload: []byte(`{"do":"count"}`)})
	}},
	{name: "shows Lambda's environment and nothing of the host's", run: func(t *testing.T, f *fixture, language Language) {
		res := f.invoke(f.actions(language, func(s *executor.Spec) { s.Variables = map[string]string{"MINE": "a=b", "TZ": "Europe/Zurich"} }),
			`{"do":"environment"}`)
		var list []string
		if err := json.Unmarshal(res.Payload, &list); err != nil {
			t.Fatalf("%s: %v", res.Payload, err)
		}
		for _, want := range []string{
			"MINE=a=b", "TZ=Europe/Zurich", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKID",
			"AWS_SESSION_TOKEN=TOKEN", "AWS_LAMBDA_FUNCTION_NAME=fn", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
			"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "_HANDLER=" + language.Handler,
		} {
			if !slices.Contains(list, want) {
				t.Errorf("no %s", want)
			}
		}
		inEnv := slices.Contains(list, "AWS_EXECUTION_ENV=AWS_Lambda_"+language.Runtime)
		if inEnv != (language.Name != "Go") {
			t.Errorf("AWS_EXECUTION_ENV set: %v", inEnv)
		}
		if all := strings.Join(list, "\n"); strings.Contains(all, "POSTERN_SECRET") || strings.Contains(all, "NODE_EXTRA_CA_CERTS") {
			t.Error("the host's environment shows")
		}
	}},
	{name: "keeps /tmp while the environment lives", run: func(t *testing.T, f *fixture, language Language) {
		fn := f.actions(language)
		f.want(f.invoke(fn, `{"do":"append"}`), `"x"`)
		f.want(f.invoke(fn, `{"do":"append"}`), `"xx"`)
		other := f.actions(language)
		f.want(f.invoke(other, `{"do":"append"}`), `"x"`)
	}},
	{name: "runs concurrent invocations side by side and reuses", run: func(t *testing.T, f *fixture, language Language) {
		fn := f.actions(language)
		type got struct {
			res *executor.Result
			err error
		}
		results := make(chan got)
		for range 3 {
			go func() {
				res, err := fn.Invoke(t.Context(), executor.Invocation{Payload: []byte(`{"do":"sleep","count":500}`), LogTail: true})
				results <- got{res, err}
			}()
		}
		for range 3 {
			g := <-results
			if g.err != nil {
				t.Fatal(g.err)
			}
			f.want(g.res, "1")
		}
		if n := len(f.logs.Streams()); n != 3 {
			t.Errorf("%d environments", n)
		}
		for range 3 {
			// Which of the three is not certain: the last one used may not have asked for its next event yet.
			if res := f.invoke(fn, `{"do":"count"}`); string(res.Payload) == "1" {
				t.Error("a fresh environment")
			}
		}
		if n := len(f.logs.Streams()); n != 3 {
			t.Errorf("%d environments after reuse", n)
		}
	}},
}
