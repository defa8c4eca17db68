package exchange

import (
	"context"
	"sync"
	"time"
)

// gather is how long the first record of a batch waits for others: a sink that was
// woken for each would cost the next request more than the last one.
const gather = 5 * time.Millisecond

// queue stands between the stream and one sink. It is a slice under a mutex
// and not a channel, so that the sink gets all that has gathered in one batch.
type queue struct {
	name  string
	sink  Sink
	depth int
	wake  chan struct{} // holds a token while the worker has something to do
	done  chan struct{}
	timer *time.Timer // wakes the worker when a batch has gathered

	mu       sync.Mutex
	pending  []*Record
	offered  uint64 // records accepted so far
	consumed uint64
	dropped  uint64
	closed   bool
	waiters  []waiter
}

// waiter is a Flush that waits for the first `upTo` records to be consumed.
type waiter struct {
	upTo uint64
	done chan struct{}
}

func newQueue(name string, depth int, sink Sink) *queue {
	q := &queue{name: name, sink: sink, depth: depth, wake: make(chan struct{}, 1), done: make(chan struct{})}
	q.timer = time.AfterFunc(gather, q.signal)
	go q.work()
	return q
}

func (q *queue) put(r *Record) {
	q.mu.Lock()
	if q.closed || len(q.pending) >= q.depth {
		q.dropped++
		q.mu.Unlock()
		return
	}
	q.pending = append(q.pending, r)
	q.offered++
	gathered := len(q.pending)
	q.mu.Unlock()
	switch gathered {
	case 1:
		q.timer.Reset(gather)
	case (q.depth + 1) / 2:
		q.signal()
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// work consumes batch after batch until the queue is closed and empty.
func (q *queue) work() {
	defer close(q.done)
	var spare []*Record
	for range q.wake {
		q.mu.Lock()
		batch := q.pending
		q.pending = spare[:0]
		closed := q.closed
		q.mu.Unlock()

		if len(batch) > 0 {
			q.sink.Consume(batch)
			q.finish(len(batch))
		}
		// put stops accepting once closed is set, so this batch was the last.
		if closed {
			return
		}
		clear(batch) // or the spare keeps consumed records alive
		spare = batch
	}
}

func (q *queue) finish(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.consumed += uint64(n)
	left := q.waiters[:0]
	for _, w := range q.waiters {
		if w.upTo <= q.consumed {
			close(w.done)
		} else {
			left = append(left, w)
		}
	}
	q.waiters = left
}

func (q *queue) flush(ctx context.Context) error {
	q.mu.Lock()
	if q.consumed >= q.offered {
		q.mu.Unlock()
		return nil
	}
	w := waiter{upTo: q.offered, done: make(chan struct{})}
	q.waiters = append(q.waiters, w)
	q.mu.Unlock()
	q.signal()
	select {
	case <-w.done:
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
}

func (q *queue) stats() SinkStats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return SinkStats{
		Name:      q.name,
		Consumed:  q.consumed,
		Dropped:   q.dropped,
		Queued:    len(q.pending),
		QueueSize: q.depth,
	}
}
