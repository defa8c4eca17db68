package emulator

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/emulator/observe"
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
