package emulator

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/controlplane/supporting/logs"
	"github.com/postern/postern/emulator/observe"
	"github.com/postern/postern/runtime/accesslog"
	"github.com/postern/postern/runtime/exchange"
)

// settleTime bounds how long a reader of metrics waits for the exchanges before it.
// The queue of the sink is empty within microseconds.
const settleTime = time.Second

// newCloudWatch makes the metrics' service and has it fed from the exchanges.
func (e *Emulator) newCloudWatch() *cloudwatch.Service {
	s := cloudwatch.New(cloudwatch.Config{
		DB: e.db, Now: e.clock.Now, Logger: e.log, Strict: e.cfg.Strict,
		Settle: func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(ctx, settleTime)
			defer cancel()
			_ = e.stream.Flush(ctx, observe.MetricsName) // late ones are in the next answer
		},
	})
	observe.NewMetrics(e.stream, s)
	return s
}

// attachAccessLogs sends the lines of stages where they say.
func (e *Emulator) attachAccessLogs(l *logs.Service) {
	e.stream.Attach("access log", exchange.DefaultDepth, accessLogs(l))
	if base, ok := e.upstreams.Base("firehose"); ok {
		e.stream.Attach("access log to firehose", exchange.DefaultDepth, accesslog.FirehoseSink(firehose{e, base}.put))
	}
}
