package recorder

import "time"

// await receives as receive does and, where there is nothing, waits for something: for
// so long by the caller's clock, until the caller has left, or all are sent away.
func (q *queues) await(by caller, wait time.Duration, queue string, n int, visibility time.Duration) []*message {
	until := by.now().Add(wait)
	_, released := q.changes()
	for {
		changed, sinceThen := q.changes() // before the look, so that nothing comes between
		if sinceThen != released {
			return nil
		}
		now := by.now()
		out, next := q.receive(queue, n, visibility, now)
		if len(out) > 0 || !now.Before(until) {
			return out
		}
		if next.IsZero() || next.After(until) {
			next = until
		}
		select {
		case <-changed:
		case <-time.After(next.Sub(now)):
		case <-by.left:
			return nil
		}
	}
}

// changes gives a channel that is closed once it is worth looking again, and how often
// those who waited were sent away.
func (q *queues) changes() (changed <-chan struct{}, released int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.changed == nil {
		q.changed = make(chan struct{})
	}
	return q.changed, q.released
}

// release sends those who wait away.
func (q *queues) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.released++
	q.signal()
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
