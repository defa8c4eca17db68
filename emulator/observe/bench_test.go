package observe_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/controlplane/supporting/logs"
	"github.com/postern/postern/emulator/observe"
	"github.com/postern/postern/runtime/accesslog"
	"github.com/postern/postern/runtime/exchange"
)

// proxied is what an HTTP API that passes a request on leaves behind, with detailed
// metrics and an access log: the i-th of many, 256 of them within 20 ms.
func proxied(i int) *exchange.Record {
	latency := time.Duration(300+i*37%2000) * time.Microsecond
	return &exchange.Record{
		RequestID: "JKJaXmPLvHcESHA=", ExtendedRequestID: "JKJaXmPLvHcESHA=", TraceID: "Root=1-3152b799-8954dae64eda91bc9a23a7e8", Kind: exchange.HTTP,
		Account: "000000000000", Region: "us-east-1", APIID: "a1b2c3d4e5", APIName: "bench", Stage: "bench", DeploymentID: "d1e2f3", RouteKey: "GET /bench/{id}",
		Method: "GET", Host: "a1b2c3d4e5.execute-api.localhost:4566", Path: "/bench/bench/1", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "bench",
		Start: start.Add(time.Duration(i)*78*time.Microsecond - latency), Status: 200, Latency: latency, ResponseSize: 1024, DetailedMetrics: true,
		AccessLog: exchange.AccessLog{
			Destination: "arn:aws:logs:us-east-1:000000000000:log-group:bench",
			Line:        strings.Clone(`127.0.0.1 15/Jan/2026:12:30:01 +0000 "GET /bench/bench/1 HTTP/1.1" 200 1024 JKJaXmPLvHcESHA=`),
		},
		Integration: exchange.Integration{Type: "HTTP_PROXY", URI: "http://127.0.0.1:9999/", Method: "GET", Called: true, Status: 200, Latency: latency - 100*time.Microsecond},
	}
}

// BenchmarkSinks tells what a record costs each sink, and all of them behind the
// stream, what the writer of the logs does included. One operation is one record.
func BenchmarkSinks(b *testing.B) {
	requests := func(s *exchange.Stream) {
		s.Attach("request log", 0, observe.NewRequestLog(io.Discard, observe.Text))
	}
	traces := func(s *exchange.Stream) { observe.NewTraces(s, 1000) }
	metrics := func(s *exchange.Stream) {
		observe.NewMetrics(s, cloudwatch.New(cloudwatch.Config{Now: func() time.Time { return start }}))
	}
	for name, attach := range map[string][]func(*exchange.Stream){
		"request log": {requests}, "traces": {traces}, "metrics": {metrics}, "access log": {}, "none": {}, "all": {requests, traces, metrics},
	} {
		b.Run(name, func(b *testing.B) {
			var s exchange.Stream
			for _, a := range attach {
				a(&s)
			}
			settle := func() {}
			if name == "all" || name == "access log" {
				l := newLogs(b)
				var out []logs.Event
				s.Attach("access log", 0, accesslog.Sink(func(account, region, group, stream string, lines []accesslog.Line) {
					out = out[:0]
					for _, line := range lines {
						out = append(out, logs.Event{Time: line.At, Message: line.Text})
					}
					l.Put(store.Scope{Account: account, Region: region}, group, stream, out)
				}))
				settle = l.Close
			}
			b.ReportAllocs()
			for i := range b.N {
				s.Publish(proxied(i))
				if i%256 == 255 {
					if err := s.Flush(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			}
			if err := s.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
			settle()
		})
	}
}

func newLogs(b *testing.B) *logs.Service {
	db, err := store.Open("")
	if err != nil {
		b.Fatal(err)
	}
	return logs.New(logs.Config{DB: db, Now: func() time.Time { return start }})
}
