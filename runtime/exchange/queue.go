package exchange

import (
	"context"
	"sync"
)

// queue stands between the stream and one sink. It is a slice under a mutex
// and not a channel, so that the sink gets all that has gathered in one batch.
type queue struct {
	name  string
	sink  Sink
	depth int
	wake  chan struct{} // holds a token while the worker has something to do
	done  chan struct{}

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
	go q.work()
	return q
}

// put takes the records that there is room for and counts the others.
func (q *queue) put(records []*Record) {
	q.mu.Lock()
	room := q.depth - len(q.pending)
	if q.closed {
		room = 0
	}
	taken := min(len(records), room)
	q.pending = append(q.pending, records[:taken]...)
	q.offered += uint64(taken)
	q.dropped += uint64(len(records) - taken)
	q.mu.Unlock()
	q.signal()
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
