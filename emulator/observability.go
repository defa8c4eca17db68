package emulator

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/controlplane/supporting/logs"
	"github.com/postern/postern/emulator/observe"
	"github.com/postern/postern/runtime/accesslog"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/execlog"
)

// accessLogName is the name under which access logs are attached to the stream.
const accessLogName = "access log"

// settleTime bounds how long a reader of metrics or logs waits for the exchanges before
// it. The queue of a sink is empty within microseconds.
const settleTime = time.Second

// settle gives what waits for the sink of that name.
func (e *Emulator) settle(sink string) func(context.Context) {
	return func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, settleTime)
		defer cancel()
		_ = e.stream.Flush(ctx, sink) // late ones are in the next answer
	}
}

// newLogs makes the logs' service. Its readers see the access logs of what was answered
// before.
func (e *Emulator) newLogs() *logs.Service {
	return logs.New(logs.Config{DB: e.db, Now: e.clock.Now, Logger: e.log, Strict: e.cfg.Strict, Settle: e.settle(accessLogName)})
}

// newCloudWatch makes the metrics' service and has it fed from the exchanges.
func (e *Emulator) newCloudWatch() *cloudwatch.Service {
	s := cloudwatch.New(cloudwatch.Config{
		DB: e.db, Now: e.clock.Now, Logger: e.log, Strict: e.cfg.Strict,
		Settle: e.settle(observe.MetricsName),
	})
	observe.NewMetrics(e.stream, s)
	return s
}

// attachAccessLogs sends the lines of stages where they say.
func (e *Emulator) attachAccessLogs(l *logs.Service) {
	e.stream.Attach(accessLogName, exchange.DefaultDepth, accessLogs(l))
	if base, ok := e.upstreams.Base("firehose"); ok {
		e.stream.Attach("access log to firehose", exchange.DefaultDepth, accesslog.FirehoseSink(firehose{e, base}.put))
	}
}

// executionLogs carries the execution logs of REST APIs to CloudWatch Logs.
func executionLogs(l *logs.Service) execlog.Writer {
	return func(account, region, group, stream string, events []execlog.Event) {
		out := make([]logs.Event, len(events))
		for i, e := range events {
			out[i] = logs.Event{Time: e.At, Message: e.Text}
		}
		l.Put(store.Scope{Account: account, Region: region}, group, stream, out)
	}
}
