package accesslog

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"time"

	"github.com/postern/postern/runtime/exchange"
)

// Line is one line of an access log.
type Line struct {
	At   time.Time
	Text string
}

// Writer takes lines for a stream of a log group. It does not keep the slice.
type Writer func(account, region, group, stream string, lines []Line)

// stage is what the lines of one stream have in common.
type stage struct{ account, region, destination, api, name string }

// Sink hands the access log lines of exchange records to a writer, those of a batch
// that are for one stream at once.
func Sink(write Writer) exchange.Sink {
	// A stage's slice serves one batch after another, until there is nothing for it.
	stages := map[stage]*[]Line{}
	return exchange.SinkFunc(func(batch []*exchange.Record) {
		var to stage
		var lines *[]Line
		for _, r := range batch {
			if r.AccessLog.Line == "" {
				continue
			}
			// Mostly a record is of the stage of the one before.
			if s := (stage{r.Account, r.Region, r.AccessLog.Destination, r.APIID, r.Stage}); lines == nil || s != to {
				if to, lines = s, stages[s]; lines == nil {
					lines = new([]Line)
					stages[s] = lines
				}
			}
			*lines = append(*lines, Line{r.Start.Add(r.Latency), r.AccessLog.Line})
		}
		for to, lines := range stages {
			if len(*lines) == 0 {
				delete(stages, to)
				continue
			}
			if group, ok := logGroup(to.destination); ok {
				write(to.account, to.region, group, to.stream(), *lines)
			}
			clear(*lines)
			*lines = (*lines)[:0]
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

// stream is one stream per stage. AWS's names are hexadecimal digests too.
//
// unverified against AWS: of what, and how requests spread over several.
func (s stage) stream() string {
	sum := md5.Sum([]byte(s.api + "/" + s.name))
	return hex.EncodeToString(sum[:])
}
