package executor

import (
	"strings"
	"testing"
	"time"
)

var at = time.Date(2024, 4, 14, 1, 17, 35, 426e6, time.UTC)

func lineSpec(format, level string) *Spec {
	return &Spec{
		FunctionName: "fn", Version: "$LATEST", Runtime: "python3.12", RuntimeVersionARN: "ARN", MemoryMB: 128, Timeout: 3 * time.Second,
		Logging: Logging{Format: format, SystemLevel: level},
	}
}

func TestTextLines(t *testing.T) {
	l := platformLogOf(lineSpec(LogText, ""))
	const ms = time.Millisecond
	for _, tc := range []struct {
		name, want string
		got        []string
	}{
		{"init start", "INIT_START Runtime Version: python:3.12.v1\tRuntime Version ARN: ARN\n", l.initStart(at, phaseInit)},
		{"init", "", l.initEnd(at, phaseInit, ms, failure{})},
		{"init timeout", "INIT_REPORT Init Duration: 9999.96 ms\tPhase: init\tStatus: timeout\n",
			l.initEnd(at, phaseInit, 9999960*time.Microsecond, failure{kind: errorTimedOut, timeout: true})},
		{"init error", "INIT_REPORT Init Duration: 1.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError\n",
			l.initEnd(at, phaseInvoke, ms, failure{kind: "Runtime.ImportModuleError"})},
		{"start", "START RequestId: id Version: $LATEST\n", l.start(at, "id")},
		{"cold", "END RequestId: id\nREPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n",
			l.end(at, report{requestID: "id", duration: 3010 * time.Microsecond, initDuration: 110100 * time.Microsecond, memoryUsed: 36 << 20})},
		{"warm", "END RequestId: id\nREPORT RequestId: id\tDuration: 3.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 1 MB\t\n",
			l.end(at, report{requestID: "id", duration: 3 * ms, memoryUsed: 1})},
		{"function error", "END RequestId: id\nREPORT RequestId: id\tDuration: 3.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 0 MB\t\n",
			l.end(at, report{requestID: "id", duration: 3 * ms, errorType: "Runtime.Unknown"})},
		{"timeout", "2024-04-14T01:17:35.426Z id Task timed out after 3.00 seconds\n\nEND RequestId: id\nREPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3403 ms\tMemory Size: 128 MB\tMax Memory Used: 73 MB\tInit Duration: 402.04 ms\tStatus: timeout\n",
			l.end(at, report{requestID: "id", duration: 3000 * ms, initDuration: 402040 * time.Microsecond, memoryUsed: 73 << 20, failure: timedOut(3 * time.Second)})},
		{"crash", "RequestId: id Error: Runtime exited with error: exit status 1\nRuntime.ExitError\nEND RequestId: id\nREPORT RequestId: id\tDuration: 3.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 0 MB\tStatus: error\tError Type: Runtime.ExitError\n",
			l.end(at, report{requestID: "id", duration: 3 * ms, failure: exited(Exit{Code: 1})})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(tc.got, ""); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestJSONLines(t *testing.T) {
	const ms = time.Millisecond
	const head = `{"time":"2024-04-14T01:17:35.426Z","type":"platform.`
	failed := report{requestID: "id", duration: 3000 * ms, memoryUsed: 1 << 20, failure: timedOut(3 * time.Second)}
	success := report{requestID: "id", duration: 3 * ms, initDuration: 2 * ms, produced: 4}
	report := head + `report","record":{"requestId":"id","metrics":{"durationMs":3,"billedDurationMs":5,"memorySizeMB":128,"maxMemoryUsedMB":0,"initDurationMs":2},"status":"success"}}` + "\n"
	done := head + `runtimeDone","record":{"requestId":"id","status":"success","metrics":{"durationMs":3,"producedBytes":4}}}` + "\n"
	start := head + `start","record":{"requestId":"id","version":"$LATEST"}}` + "\n"
	bad := head + `runtimeDone","record":{"requestId":"id","status":"timeout","errorType":"Sandbox.Timedout","metrics":{"durationMs":3000,"producedBytes":0}}}` + "\n" +
		head + `report","record":{"requestId":"id","metrics":{"durationMs":3000,"billedDurationMs":3000,"memorySizeMB":128,"maxMemoryUsedMB":1},"status":"timeout","errorType":"Sandbox.Timedout"}}` + "\n"
	initDone := head + `initRuntimeDone","record":{"initializationType":"on-demand","phase":"init","status":"success"}}` + "\n" +
		head + `initReport","record":{"initializationType":"on-demand","phase":"init","status":"success","metrics":{"durationMs":1}}}` + "\n"
	for _, tc := range []struct{ level, init, start, success, failed string }{
		{"DEBUG", initDone, start, done + report, bad},
		{"INFO", "", start, report, bad},
		{"WARN", "", "", "", bad},
	} {
		l := platformLogOf(lineSpec(LogJSON, tc.level))
		for _, check := range []struct {
			name, want string
			got        []string
		}{
			{"init", tc.init, l.initEnd(at, phaseInit, ms, failure{})}, {"start", tc.start, l.start(at, "id")},
			{"success", tc.success, l.end(at, success)}, {"failed", tc.failed, l.end(at, failed)},
		} {
			t.Run(tc.level+" "+check.name, func(t *testing.T) {
				if got := strings.Join(check.got, ""); got != check.want {
					t.Errorf("got  %s\nwant %s", got, check.want)
				}
			})
		}
	}
}

func TestExitMessages(t *testing.T) {
	for _, tc := range []struct {
		exit       Exit
		kind, want string
	}{
		{Exit{}, "Runtime.ExitError", "Runtime exited without providing a reason"},
		{Exit{Code: 127}, "Runtime.ExitError", "Runtime exited with error: exit status 127"},
		{Exit{Signal: "killed"}, "Runtime.ExitError", "Runtime exited with error: signal: killed"},
		{Exit{Signal: "segmentation fault", CoreDumped: true}, "Runtime.ExitError", "Runtime exited with error: signal: segmentation fault (core dumped)"},
		{Exit{Signal: "killed", OutOfMemory: true}, "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"},
	} {
		res := exited(tc.exit).result("R")
		want := `{"errorType":"` + tc.kind + `","errorMessage":"RequestId: R Error: ` + tc.want + `"}`
		if string(res.Payload) != want || res.FunctionError != Unhandled {
			t.Errorf("got %s, want %s", res.Payload, want)
		}
	}
}

func TestRuntimeVersions(t *testing.T) {
	for runtime, want := range map[string]string{
		"python3.12": "python:3.12.v1", "nodejs20.x": "nodejs:20.v1", "provided.al2023": "provided:al2023.v1", "java21": "java:21.v1",
		"java8.al2": "java:8.al2.v1", "ruby3.3": "ruby:3.3.v1", "dotnet8": "dotnet:8.v1",
	} {
		if got := (&Spec{Runtime: runtime}).runtimeVersion(); got != want {
			t.Errorf("%s: got %s, want %s", runtime, got, want)
		}
	}
}
