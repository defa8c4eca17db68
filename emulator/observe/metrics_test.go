package observe_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/emulator/observe"
	"github.com/postern/postern/runtime/exchange"
)

// measured collects "namespace name{dimensions} value×count unit".
type measured []string

func (m *measured) Record(scope store.Scope, namespace string, data []cloudwatch.Datum) {
	for _, d := range data {
		var dims []string
		for _, dim := range d.Dimensions {
			dims = append(dims, dim.Name+"="+dim.Value)
		}
		for _, v := range d.Values {
			*m = append(*m, fmt.Sprintf("%s %s{%s} %v×%v %s %s", namespace, d.Name, strings.Join(dims, ","), v.Value, v.Count, d.Unit, d.Time.Format("15:04")))
		}
	}
}

func metricsOf(records ...exchange.Record) []string {
	var got measured
	var batch []*exchange.Record
	for i := range records {
		batch = append(batch, &records[i])
	}
	observe.NewMetrics(nopStream(), &got).Consume(batch)
	slices.Sort(got)
	return got
}

func nopStream() *exchange.Stream {
	s := new(exchange.Stream)
	_ = s.Close(context.Background()) // nothing is attached, nothing waits
	return s
}

func TestRESTMetrics(t *testing.T) {
	base := exchange.Record{Kind: exchange.REST, APIName: "api", APIID: "id", Stage: "s", ResourcePath: "/pets/{id}", Method: "GET", Start: start, Latency: 7 * time.Millisecond, Status: 200}
	integrated := base
	integrated.Integration = exchange.Integration{Called: true, CacheMiss: true, Latency: 5 * time.Millisecond}
	hit, failed, throttled := base, base, base
	hit.Integration.CacheHit = true
	failed.Status, throttled.Status = 502, 429
	got := metricsOf(integrated, hit, failed, throttled)
	var want []string
	for _, dims := range []string{"{ApiName=api,Stage=s}", "{ApiName=api}"} {
		for _, m := range []string{
			"4XXError%s 0×3 Count", "4XXError%s 1×1 Count", "5XXError%s 0×3 Count", "5XXError%s 1×1 Count", "CacheHitCount%s 0×1 Count", "CacheHitCount%s 1×1 Count",
			"CacheMissCount%s 0×1 Count", "CacheMissCount%s 1×1 Count", "Count%s 1×4 Count", "IntegrationLatency%s 5×1 Milliseconds", "Latency%s 7×4 Milliseconds",
		} {
			want = append(want, "AWS/ApiGateway "+fmt.Sprintf(m, dims)+" 12:30")
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}

	detailed := base
	detailed.DetailedMetrics = true
	want = nil
	for _, dims := range []string{"{ApiName=api}", "{ApiName=api,Stage=s}", "{ApiName=api,Method=GET,Resource=/pets/{id},Stage=s}"} {
		for _, m := range []string{"4XXError%s 0×1 Count", "5XXError%s 0×1 Count", "Count%s 1×1 Count", "Latency%s 7×1 Milliseconds"} {
			want = append(want, "AWS/ApiGateway "+fmt.Sprintf(m, dims)+" 12:30")
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(metricsOf(detailed), want); diff != "" {
		t.Errorf("detailed (-got +want):\n%s", diff)
	}
}

func TestHTTPMetrics(t *testing.T) {
	r := exchange.Record{
		Kind: exchange.HTTP, APIName: "api", APIID: "id", Stage: "$default", RouteKey: "GET /pets", Start: start, Latency: 7 * time.Millisecond, Status: 404,
		RequestSize: 10, ResponseSize: 20, DetailedMetrics: true,
	}
	var want []string
	for _, dims := range []string{"{ApiId=id}", "{ApiId=id,Stage=$default}", "{ApiId=id,Route=GET /pets,Stage=$default}"} {
		for _, m := range []string{"4xx%s 1×1 Count", "5xx%s 0×1 Count", "Count%s 1×1 Count", "DataProcessed%s 30×1 Bytes", "Latency%s 7×1 Milliseconds"} {
			want = append(want, "AWS/ApiGateway "+fmt.Sprintf(m, dims)+" 12:30")
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(metricsOf(r, exchange.Record{Kind: exchange.HTTP, APIID: "id", Status: 404}), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestLambdaMetrics(t *testing.T) {
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:f:live"
	ran := exchange.Record{Kind: exchange.Lambda, Start: start, Status: 200, Function: &exchange.Function{ARN: arn, Version: "3", Duration: 9 * time.Millisecond, InvocationType: "Event", Attempt: 1}}
	failed, throttled := ran, ran
	again, direct := *ran.Function, *ran.Function
	again.Attempt, direct.InvocationType = 2, "RequestResponse"
	failed.ErrorType, failed.Function = "Runtime.ExitError", &again
	throttled.Status, throttled.ErrorType, throttled.Function = 429, "TooManyRequestsException", &direct
	var want []string
	for _, dims := range []string{"{}", "{FunctionName=f}", "{FunctionName=f,Resource=f:live}", "{ExecutedVersion=3,FunctionName=f,Resource=f:live}"} {
		for _, m := range []string{
			"AsyncEventsReceived%s 1×1 Count", "Duration%s 9×2 Milliseconds", "Errors%s 0×1 Count", "Errors%s 1×1 Count", "Invocations%s 1×2 Count",
			"Throttles%s 0×2 Count", "Throttles%s 1×1 Count",
		} {
			want = append(want, "AWS/Lambda "+fmt.Sprintf(m, dims)+" 12:30")
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(metricsOf(ran, failed, throttled), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func BenchmarkMetrics(b *testing.B) {
	s := cloudwatch.New(cloudwatch.Config{Now: func() time.Time { return start }})
	sink := observe.NewMetrics(nopStream(), s)
	batch := make([]*exchange.Record, 100)
	for i := range batch {
		batch[i] = &exchange.Record{Kind: exchange.REST, APIName: "api", Stage: "s", Start: start, Status: 200, Latency: time.Duration(i%5) * time.Millisecond, Integration: exchange.Integration{Called: true}}
	}
	b.ReportAllocs()
	for b.Loop() {
		sink.Consume(batch)
	}
}
