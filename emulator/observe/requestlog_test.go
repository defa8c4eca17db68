package observe_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator/observe"
	"github.com/postern/postern/runtime/exchange"
)

var start = time.Date(2026, 1, 15, 12, 30, 1, 234e6, time.UTC)

var records = []struct {
	name string
	r    exchange.Record
	want string
}{
	{"http api to a function", exchange.Record{
		Kind: exchange.HTTP, RequestID: "JKJaXmPLvHcESHA=", Start: start, Method: "GET", Path: "/prod/pets/1", Status: 200, Latency: 12300 * time.Microsecond,
		APIID: "a1b2c3", Stage: "prod", RouteKey: "GET /pets/{id}",
		Integration: exchange.Integration{Type: "AWS_PROXY", Latency: 10100 * time.Microsecond},
		Function:    &exchange.Function{ARN: "arn:aws:lambda:us-east-1:000000000000:function:my-function", ColdStart: true, Init: 93 * time.Millisecond},
	}, "12:30:01.234  200  GET /prod/pets/1  12.3ms  http a1b2c3/prod GET /pets/{id} → my-function 10.1ms cold start 93.0ms  JKJaXmPLvHcESHA=\n"},
	{"rest api refused", exchange.Record{
		Kind: exchange.REST, RequestID: "r1", Start: start, Method: "POST", Path: "/dev/x", Status: 403, Latency: 400 * time.Microsecond,
		APIID: "abc", Stage: "dev", ResourcePath: "/x", ErrorType: "ACCESS_DENIED", ErrorMessage: "not\nallowed \x1b[31m",
	}, "12:30:01.234  403  POST /dev/x  400µs  rest abc/dev /x  ACCESS_DENIED: not\\x0aallowed \\x1b[31m  r1\n"},
	{"http integration down", exchange.Record{
		Kind: exchange.REST, RequestID: "r2", Start: start, Method: "GET", Path: "/dev/", Status: 504, Latency: 29 * time.Second,
		APIID: "abc", Stage: "dev", ResourcePath: "/", Integration: exchange.Integration{Type: "HTTP_PROXY", URI: "http://backend/", Latency: 29 * time.Second, Error: "timeout"},
	}, "12:30:01.234  504  GET /dev/  29.0s  rest abc/dev / → http://backend/ 29.0s timeout  r2\n"},
	{"mock", exchange.Record{
		Kind: exchange.REST, RequestID: "r3", Start: start, Method: "GET", Path: "/dev/m", Status: 200, Latency: 1500 * time.Millisecond,
		APIID: "abc", Stage: "dev", ResourcePath: "/m", Integration: exchange.Integration{Type: "MOCK"},
	}, "12:30:01.234  200  GET /dev/m  1500ms  rest abc/dev /m → MOCK 0µs  r3\n"},
	{"invocation", exchange.Record{
		Kind: exchange.Lambda, RequestID: "i1", Start: start, Latency: 3 * time.Millisecond, Function: &exchange.Function{ARN: "arn:aws:lambda:us-east-1:000000000000:function:f:live"},
	}, "12:30:01.234   ok  INVOKE f:live  3.0ms  lambda  i1\n"},
	{"invocation that failed", exchange.Record{
		Kind: exchange.Lambda, RequestID: "i2", Start: start, Latency: 3 * time.Millisecond, Function: &exchange.Function{ARN: "arn:aws:lambda:us-east-1:000000000000:function:f"}, ErrorType: "Runtime.ExitError",
	}, "12:30:01.234  err  INVOKE f  3.0ms  lambda  Runtime.ExitError  i2\n"},
	{"websocket message", exchange.Record{
		Kind: exchange.WebSocket, RequestID: "w1", Start: start, Latency: 3 * time.Millisecond, Status: 200, APIID: "ws1", Stage: "prod", RouteKey: "sendMessage",
		Connection: &exchange.Connection{ID: "AbC="},
	}, "12:30:01.234  200  WS sendMessage AbC=  3.0ms  websocket ws1/prod  w1\n"},
}

func TestTextLine(t *testing.T) {
	for _, tc := range records {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			observe.NewRequestLog(&out, observe.Text).Consume([]*exchange.Record{&tc.r})
			if diff := cmp.Diff(out.String(), tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestColorIsTextWithColors(t *testing.T) {
	var out bytes.Buffer
	observe.NewRequestLog(&out, observe.Color).Consume([]*exchange.Record{&records[0].r})
	want := "\x1b[2m12:30:01.234\x1b[0m  \x1b[32m200\x1b[0m  GET /prod/pets/1  12.3ms  http \x1b[36ma1b2c3/prod\x1b[0m GET /pets/{id} → my-function 10.1ms" +
		"\x1b[33m cold start \x1b[0m93.0ms  \x1b[2mJKJaXmPLvHcESHA=\x1b[0m\n"
	if diff := cmp.Diff(out.String(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestJSONIsOneObjectALine(t *testing.T) {
	var batch []*exchange.Record
	for i := range records {
		batch = append(batch, &records[i].r)
	}
	var out bytes.Buffer
	observe.NewRequestLog(&out, observe.JSON).Consume(batch)
	lines := bytes.Split(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n"))
	if len(lines) != len(batch) {
		t.Fatalf("%d lines for %d records", len(lines), len(batch))
	}
	for i, line := range lines {
		var got struct {
			RequestID string  `json:"requestId"`
			LatencyMs float64 `json:"latencyMs"`
		}
		if err := json.Unmarshal(line, &got); err != nil || got.RequestID != batch[i].RequestID || got.LatencyMs == 0 {
			t.Errorf("line %d: %v in %s", i, err, line)
		}
	}
}

// The clock and the durations of lines are written by hand.
func TestClockAndDurations(t *testing.T) {
	zone := time.FixedZone("east", 5*3600+1800)
	for _, tc := range []struct {
		at       time.Time
		duration time.Duration
		want     string
	}{
		{time.Date(2026, 1, 2, 3, 4, 5, 67e6, zone), 999999 * time.Nanosecond, "03:04:05.067  999µs"},
		{time.Date(2026, 1, 2, 23, 59, 59, 999999999, time.UTC), time.Millisecond, "23:59:59.999  1.0ms"},
		{time.Time{}, 1949999 * time.Nanosecond, "00:00:00.000  1.9ms"},
		{start, 1951 * time.Microsecond, "12:30:01.234  2.0ms"},
		{start, 99999 * time.Microsecond, "12:30:01.234  100.0ms"},
		{start, 100 * time.Millisecond, "12:30:01.234  100ms"},
		{start, 9999 * time.Millisecond, "12:30:01.234  9999ms"},
		{start, 10*time.Second + 260*time.Millisecond, "12:30:01.234  10.3s"},
		{start, 3 * time.Minute, "12:30:01.234  180.0s"},
	} {
		var out bytes.Buffer
		observe.NewRequestLog(&out, observe.Text).Consume([]*exchange.Record{{Kind: exchange.Lambda, Start: tc.at, Latency: tc.duration}})
		got := strings.Replace(out.String(), "   ok  INVOKE ", "", 1)
		if got = strings.TrimSuffix(got, "  lambda  \n"); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

type countingWriter int

func (w *countingWriter) Write(p []byte) (int, error) { *w++; return len(p), nil }

func TestBatchIsOneWrite(t *testing.T) {
	var w countingWriter
	log := observe.NewRequestLog(&w, observe.Text)
	log.Consume([]*exchange.Record{&records[0].r, &records[1].r, &records[2].r})
	if w != 1 {
		t.Errorf("%d writes", w)
	}
}

func BenchmarkTextLine(b *testing.B) {
	var w countingWriter
	log := observe.NewRequestLog(&w, observe.Color)
	batch := []*exchange.Record{&records[0].r}
	b.ReportAllocs()
	for b.Loop() {
		log.Consume(batch)
	}
}
