package logs

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern/postern/controlplane/store"
)

// maxQueued bounds the bytes that wait for the writer.
const maxQueued = 64 << 20

// gather is how long the first Put of a batch waits for others: functions write a few
// lines with each invocation, and a transaction for each would cost more than those.
const gather = 5 * time.Millisecond

// queue is what Put left for the writer.
type queue struct {
	mu      sync.Mutex
	items   []queued
	bytes   int
	closed  bool
	wake    chan struct{} // holds one token when there is something to do
	timer   *time.Timer   // wakes the writer when a batch has gathered
	stopped chan struct{}
	dropped atomic.Int64
}

// queued is one Put, or (done set) a reader that waits for those before it.
type queued struct {
	scope         store.Scope
	group, stream string
	ingested      int64
	events        []batchEvent
	bytes         int
	done          chan struct{}
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1), stopped: make(chan struct{})}
	q.timer = time.AfterFunc(gather, q.signal)
	return q
}

// add queues q and tells whether there was room.
func (q *queue) add(item queued) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.bytes+item.bytes > maxQueued {
		return false
	}
	q.items = append(q.items, item)
	q.bytes += item.bytes
	switch {
	case item.done != nil: // somebody waits
		q.signal()
	case len(q.items) == 1:
		q.timer.Reset(gather)
	}
	return true
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take gives all that is queued; more is false once the queue is closed and empty.
func (q *queue) take() (items []queued, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	items = q.items
	q.items, q.bytes = nil, 0
	return items, !q.closed || len(items) > 0
}

func (q *queue) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, item := range q.items {
		if item.done != nil {
			close(item.done)
		}
	}
	q.items, q.bytes = nil, 0
}

// settle waits until what was queued before is stored.
func (q *queue) settle(ctx context.Context) error {
	done := make(chan struct{})
	if !q.add(queued{done: done}) {
		return nil // closed: nothing waits any more
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
	<-q.stopped
}
