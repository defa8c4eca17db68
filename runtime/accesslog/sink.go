package accesslog

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"time"

	"github.com/postern/postern/runtime/exchange"
)

// Writer takes one line for a log group.
type Writer func(account, region, group, stream string, at time.Time, line string)

// Sink hands the access log lines of exchange records to a writer.
func Sink(write Writer) exchange.Sink {
	return exchange.SinkFunc(func(batch []*exchange.Record) {
		for _, r := range batch {
			if r.AccessLog.Line == "" {
				continue
			}
			if group, ok := logGroup(r.AccessLog.Destination); ok {
				write(r.Account, r.Region, group, streamName(r), r.Start.Add(r.Latency), r.AccessLog.Line)
			}
		}
	})
}

// logGroup finds the group's name in arn:aws:logs:{region}:{account}:log-group:{name}.
func logGroup(arn string) (string, bool) {
	parts := strings.SplitN(arn, ":", 8)
	if len(parts) < 7 || parts[2] != "logs" || parts[5] != "log-group" || parts[6] == "" {
		return "", false
	}
	return parts[6], true
}

// streamName is one stream per stage. AWS's names are hexadecimal digests too.
//
// unverified against AWS: of what, and how requests spread over several.
func streamName(r *exchange.Record) string {
	sum := md5.Sum([]byte(r.APIID + "/" + r.Stage))
	return hex.EncodeToString(sum[:])
}
