package emulator

import (
	"context"
	"time"
)

// countsEvery is how often the counts of usage plans are kept: the requests of so
// long are not counted when Postern is killed. What UpdateUsage grants is durable at
// once, and an end in order keeps everything.
const countsEvery = time.Second

// counts keeps the meter's counts for the next start.
type counts struct {
	save    func(context.Context) error
	stop    chan struct{}
	stopped chan struct{}
}

// keepCounts begins to keep what save writes.
func (e *Emulator) keepCounts(save func(context.Context) error) *counts {
	c := &counts{save: save, stop: make(chan struct{}), stopped: make(chan struct{})}
	go func() {
		defer close(c.stopped)
		tick := time.NewTicker(countsEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := save(context.Background()); err != nil {
					e.log.Error("counts of usage plans are not kept", "err", err)
				}
			case <-c.stop:
				return
			}
		}
	}()
	return c
}

// close keeps what has been counted to the end.
func (c *counts) close(ctx context.Context) error {
	close(c.stop)
	<-c.stopped
	return c.save(ctx)
}
