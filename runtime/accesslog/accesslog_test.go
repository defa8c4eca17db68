package accesslog

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

func TestLine(t *testing.T) {
	rc := &reqcontext.Context{
		RequestID: "AZzecgvEPHcEPew=", Start: time.Date(2023, 2, 15, 23, 8, 37, 0, time.UTC), SourceIP: "64.136.145.109",
		Method: "GET", RouteKey: "$default", Protocol: "HTTP/1.1", Status: 500, ResponseLength: 35,
		Integration: reqcontext.Integration{Error: "The IAM role configured ..."},
		Authorizer:  reqcontext.Authorizer{Context: map[string]any{"numKey": 1, "boolKey": true}},
	}
	for format, want := range map[string]string{
		`$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey $context.protocol" $context.status $context.responseLength $context.requestId $context.integrationErrorMessage`:
		// As recorded.
		`64.136.145.109 - - [15/Feb/2023:23:08:37 +0000] "GET $default HTTP/1.1" 500 35 AZzecgvEPHcEPew= The IAM role configured ...`,
		`{"n":$context.authorizer.numKey,"b":$context.authorizer.boolKey,"p":"$context.authorizer.principalId"}`: `{"n":1,"b":true,"p":"-"}`,
		`Status $context.status. $context.nonsense $context`: `Status 500. - $context`,
		``: ``,
	} {
		if got := Compile(format, snapshot.KindHTTP).Line(rc); got != want {
			t.Errorf("%s\ngives %s\nwant  %s", format, got, want)
		}
	}
}

func TestSink(t *testing.T) {
	stream := &exchange.Stream{}
	var got []string
	stream.Attach("access", 0, Sink(func(account, region, group, name string, lines []Line) {
		for _, line := range lines {
			got = append(got, account+" "+region+" "+group+" "+line.Text)
		}
		if len(name) != 32 {
			t.Errorf("stream %s", name)
		}
	}))
	for _, log := range []exchange.AccessLog{
		{Destination: "arn:aws:logs:us-east-1:123456789012:log-group:my/group", Line: "one"},
		{Destination: "arn:aws:logs:us-east-1:123456789012:log-group:my/group", Line: "three"},
		{},
		{Destination: "arn:aws:firehose:us-east-1:123456789012:deliverystream/x", Line: "two"},
	} {
		stream.Publish(&exchange.Record{Account: "1", Region: "r", APIID: "a", Stage: "s", AccessLog: log})
	}
	if err := stream.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []string{"1 r my/group one", "1 r my/group three"}) {
		t.Errorf("%q", got)
	}
}
