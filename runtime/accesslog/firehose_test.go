package accesslog

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/exchange"
)

func TestFirehoseSink(t *testing.T) {
	var got []string
	sink := FirehoseSink(func(account, region, stream string, lines []string) {
		got = append(got, fmt.Sprintf("%s %s %s %d %s", account, region, stream, len(lines), lines[0]))
	})
	var batch []*exchange.Record
	add := func(destination, line string) {
		batch = append(batch, &exchange.Record{Account: "1", Region: "r", AccessLog: exchange.AccessLog{Destination: destination, Line: line}})
	}
	add("arn:aws:logs:r:1:log-group:g", "not this one")
	for i := range 502 {
		add("arn:aws:firehose:r:1:deliverystream/amazon-apigateway-a", fmt.Sprint("a", i))
	}
	add("arn:aws:firehose:r:1:deliverystream/amazon-apigateway-b", "b0")
	sink.Consume(batch)
	want := []string{"1 r amazon-apigateway-a 500 a0", "1 r amazon-apigateway-a 2 a500", "1 r amazon-apigateway-b 1 b0"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}
