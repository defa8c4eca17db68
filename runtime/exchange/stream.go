package exchange

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// DefaultDepth is the queue of a sink that asks for no other: enough for a
// burst of a second or so on one machine, a few MiB at the worst.
const DefaultDepth = 8192

// Sink takes records off a stream. Consume is called by one goroutine at a
// time, with the records in the order of their publication. The slice is
// used again after Consume returns; the records may be kept, not changed.
type Sink interface {
	Consume(batch []*Record)
}

// SinkFunc is a function that serves as a Sink.
type SinkFunc func(batch []*Record)

// Consume calls f.
func (f SinkFunc) Consume(batch []*Record) { f(batch) }

// gather is how long the first record of a batch waits for others: a sink that was
// woken for each would cost the next request more than the last one. For the eye of
// whoever looks at a log that is at once.
const gather = 20 * time.Millisecond

// maxGathered is how many records wait no longer.
const maxGathered = 1024

// Stream hands every published record to every attached sink. The zero value
// is ready to use, and a nil Stream takes records and forgets them.
type Stream struct {
	mu       sync.Mutex
	closed   bool
	queues   []*queue // only ever grows
	gathered []*Record
	timer    *time.Timer // delivers what has gathered; set with the first queue
}

// Attach gives the stream one more sink, which sees what is published from
// now on through a queue of the given depth (0: DefaultDepth). The name is
// for Flush and Stats.
func (s *Stream) Attach(name string, depth int, sink Sink) {
	if depth <= 0 {
		depth = DefaultDepth
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.timer == nil {
		s.timer = time.AfterFunc(gather, func() { s.deliver() })
	}
	s.hand()
	s.queues = append(s.queues, newQueue(name, depth, sink))
}

// Publish hands r to every sink. It never waits: a sink whose queue is full,
// or which is closed, loses the record and counts it. The caller must not
// change r afterwards.
func (s *Stream) Publish(r *Record) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queues) == 0 {
		return
	}
	s.gathered = append(s.gathered, r)
	switch len(s.gathered) {
	case 1:
		s.timer.Reset(gather)
	case maxGathered:
		s.hand()
	}
}

// hand gives every queue what has gathered. The caller holds the lock.
func (s *Stream) hand() {
	if len(s.gathered) == 0 {
		return
	}
	for _, q := range s.queues {
		q.put(s.gathered)
	}
	clear(s.gathered) // or the slice keeps consumed records alive
	s.gathered = s.gathered[:0]
}

// deliver gives every queue what has gathered, and the caller the queues.
func (s *Stream) deliver() []*queue {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hand()
	return s.queues
}

// Flush waits until every record published before the call has been consumed
// or dropped by the sinks of the given names, or by every sink if none is given.
func (s *Stream) Flush(ctx context.Context, names ...string) error {
	for _, q := range s.deliver() {
		if len(names) > 0 && !slices.Contains(names, q.name) {
			continue
		}
		if err := q.flush(ctx); err != nil {
			return fmt.Errorf("flush exchange sink %s: %w", q.name, err)
		}
	}
	return nil
}

// Close lets every sink consume what is queued and stops them. It gives up
// on a sink that is stuck when ctx ends.
func (s *Stream) Close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	queues := s.deliver()
	for _, q := range queues {
		q.close()
	}
	for _, q := range queues {
		select {
		case <-q.done:
		case <-ctx.Done():
			return fmt.Errorf("close exchange sink %s: %w", q.name, ctx.Err())
		}
	}
	return nil
}

// SinkStats counts what became of the records that one sink was offered.
type SinkStats struct {
	Name      string `json:"name"`
	Consumed  uint64 `json:"consumed"`
	Dropped   uint64 `json:"dropped"`
	Queued    int    `json:"queued"`
	QueueSize int    `json:"queueSize"`
}

// Stats reports on every sink, in the order of their attachment.
func (s *Stream) Stats() []SinkStats {
	var stats []SinkStats
	for _, q := range s.deliver() {
		stats = append(stats, q.stats())
	}
	return stats
}
