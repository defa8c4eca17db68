package recorder

import "time"

// await receives as receive does and, where there is nothing, waits for something: for
// so long by the caller's clock, or until the caller has left.
func (q *queues) await(by caller, wait time.Duration, queue string, n int, visibility time.Duration) []*message {
	until := by.now().Add(wait)
	for {
		changed := q.changes() // before the look, so that nothing comes between
		now := by.now()
		out, next := q.receive(queue, n, visibility, now)
		if len(out) > 0 || !now.Before(until) {
			return out
		}
		if next.IsZero() || next.After(until) {
			next = until
		}
		timer := time.NewTimer(next.Sub(now))
		select {
		case <-changed:
		case <-timer.C:
		case <-by.left:
			timer.Stop()
			return nil
		}
		timer.Stop()
	}
}

// changes gives a channel that is closed once it is worth looking again.
func (q *queues) changes() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.changed == nil {
		q.changed = make(chan struct{})
	}
	return q.changed
}

// wake lets those who wait look again.
func (q *queues) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.signal()
}

// signal is wake for who holds the lock.
func (q *queues) signal() {
	if q.changed != nil {
		close(q.changed)
		q.changed = nil
	}
}
