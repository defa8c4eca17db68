package accesslog

import (
	"strings"

	"github.com/postern/postern/runtime/exchange"
)

// maxBatch is how many records Firehose takes in one call.
const maxBatch = 500

// DeliveryWriter takes lines for a Firehose delivery stream, in their order.
type DeliveryWriter func(account, region, stream string, lines []string)

// FirehoseSink hands the lines of stages that log to Firehose to a writer, which may
// take its time: it has this sink for itself.
func FirehoseSink(write DeliveryWriter) exchange.Sink {
	type target struct{ account, region, stream string }
	return exchange.SinkFunc(func(batch []*exchange.Record) {
		lines := map[target][]string{}
		var order []target
		for _, r := range batch {
			stream, ok := deliveryStream(r.AccessLog.Destination)
			if !ok {
				continue
			}
			to := target{r.Account, r.Region, stream}
			if lines[to] == nil {
				order = append(order, to)
			}
			if lines[to] = append(lines[to], r.AccessLog.Line); len(lines[to]) == maxBatch {
				write(to.account, to.region, to.stream, lines[to])
				lines[to] = []string{}
			}
		}
		for _, to := range order {
			if len(lines[to]) > 0 {
				write(to.account, to.region, to.stream, lines[to])
			}
		}
	})
}

// deliveryStream finds the name in arn:aws:firehose:{region}:{account}:deliverystream/{name}.
func deliveryStream(arn string) (string, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "firehose" {
		return "", false
	}
	return strings.CutPrefix(parts[5], "deliverystream/")
}
