package runtime

import (
	"testing"
	"time"

	"github.com/postern/postern/runtime/accesslog"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// BenchmarkRecord makes the record of a request that an HTTP API passed on, with its
// access log line.
func BenchmarkRecord(b *testing.B) {
	s := &snapshot.Stage{
		API:  snapshot.API{ID: "a1b2c3d4e5", Name: "bench", Kind: snapshot.KindHTTP, AccountID: "000000000000", Region: "us-east-1"},
		Name: "bench", DeploymentID: "d1e2f3", HTTP: &snapshot.HTTP{Default: snapshot.HTTPRouteSettings{DetailedMetrics: true}},
		AccessLog: &snapshot.AccessLog{
			DestinationARN: "arn:aws:logs:us-east-1:000000000000:log-group:bench",
			Format:         `$context.identity.sourceIp $context.requestTime "$context.httpMethod $context.path $context.protocol" $context.status $context.responseLength $context.requestId`,
		},
	}
	p := &published{snapshot: s, detail: detailedMetrics(s), accessLog: accesslog.Compile(s.AccessLog.Format, s.API.Kind)}
	a := &api{API: s.API}
	rc := &reqcontext.Context{
		RequestID: "JKJaXmPLvHcESHA=", ExtendedRequestID: "JKJaXmPLvHcESHA=", TraceID: "Root=1-3152b799-8954dae64eda91bc9a23a7e8", AccountID: s.API.AccountID, Region: s.API.Region,
		APIID: s.API.ID, Stage: s.Name, DeploymentID: s.DeploymentID, RouteKey: "GET /bench/{id}", Method: "GET", Host: "a1b2c3d4e5.execute-api.localhost:4566",
		Path: "/bench/bench/1", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "bench", Start: time.Date(2026, 1, 15, 12, 30, 1, 234e6, time.UTC),
		Status: 200, Latency: 300 * time.Microsecond, ResponseLength: 1024,
		Integration: reqcontext.Integration{Type: "HTTP_PROXY", URI: "http://127.0.0.1:9999/", Method: "GET", Called: true, Status: 200, Latency: 200 * time.Microsecond},
	}
	b.ReportAllocs()
	for b.Loop() {
		if record(rc, a, p).AccessLog.Line == "" {
			b.Fatal("no line")
		}
	}
}
