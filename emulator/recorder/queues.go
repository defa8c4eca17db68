package recorder

import (
	"encoding/base64"
	"strings"
	"sync"
	"time"
)

// How much all queues keep together; beyond it the oldest messages go, as they do in
// SQS when their time is over.
const (
	maxMessages  = 10_000
	maxBytes     = 64 << 20
	retention    = 4 * 24 * time.Hour // SQS's default
	deduplicated = 5 * time.Minute    // how long FIFO queues know a message again
	purgeTime    = time.Minute        // between two purges of a queue
)

// message is one message of a queue.
type message struct {
	queue      string
	id, body   string
	attributes map[string]attribute
	trace      string // AWSTraceHeader
	sender     string
	group      string
	token      string // MessageDeduplicationId
	sequence   string

	sent      time.Time
	visible   time.Time // from then on
	received  int
	firstTime time.Time // it was received
	deleted   bool      // and only known for its token
}

func (m *message) size() int {
	n := len(m.body)
	for name, a := range m.attributes {
		n += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return n
}

// queues are the messages of every queue. A queue is there as soon as it is named.
type queues struct {
	mu       sync.Mutex
	messages []*message // the oldest first
	bytes    int
	purged   map[string]time.Time
	changed  chan struct{} // closed when those who wait should look again
	released int           // how often those who waited were sent away
}

func fifo(queue string) bool { return strings.HasSuffix(queue, ".fifo") }

// send keeps a message, and gives it back, or the one that it repeats.
func (q *queues) send(m *message, delay time.Duration) *message {
	q.mu.Lock()
	defer q.mu.Unlock()
	if m.token != "" && fifo(m.queue) {
		for _, prior := range q.messages {
			if prior.queue == m.queue && prior.token == m.token && m.sent.Sub(prior.sent) < deduplicated {
				return prior
			}
		}
	}
	m.visible = m.sent.Add(delay)
	q.messages = append(q.messages, m)
	q.bytes += m.size()
	q.forget(m.sent)
	q.signal()
	return m
}

// forget drops from the front what is over.
func (q *queues) forget(now time.Time) {
	for len(q.messages) > 0 {
		m := q.messages[0]
		age := now.Sub(m.sent)
		if len(q.messages) <= maxMessages && q.bytes <= maxBytes && age < retention && (!m.deleted || age < deduplicated) {
			return
		}
		q.bytes -= m.size()
		q.messages = q.messages[1:]
	}
}

// receive gives up to n messages that nobody else sees until the visibility is over.
// In a FIFO queue a message waits for those before it in its group. next is when one
// of the others may be received; zero: there is none.
func (q *queues) receive(queue string, n int, visibility time.Duration, now time.Time) (out []*message, next time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget(now)
	inFlight := map[string]bool{}
	for _, m := range q.messages {
		if m.queue != queue || m.deleted || inFlight[m.group] {
			continue
		}
		if m.visible.After(now) {
			inFlight[m.group] = fifo(queue)
			if next.IsZero() || m.visible.Before(next) {
				next = m.visible
			}
			continue
		}
		if len(out) == n {
			break
		}
		if m.received == 0 {
			m.firstTime = now
		}
		m.received++
		m.visible = now.Add(visibility)
		shown := *m
		out = append(out, &shown)
	}
	return out, next
}

// remove deletes a message; one that is not there any more is deleted already.
func (q *queues) remove(queue, id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, m := range q.messages {
		if m.queue != queue || m.id != id || m.deleted {
			continue
		}
		q.bytes -= m.size()
		if m.token != "" {
			m.deleted, m.body, m.attributes = true, "", nil
		} else {
			q.messages = append(q.messages[:i:i], q.messages[i+1:]...)
		}
		q.signal() // others of its group may be received
		return
	}
}

// purge deletes every message of a queue; false: it has just done so.
func (q *queues) purge(queue string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for name, at := range q.purged {
		if now.Sub(at) >= purgeTime {
			delete(q.purged, name)
		}
	}
	if _, ok := q.purged[queue]; ok {
		return false
	}
	if q.purged == nil {
		q.purged = map[string]time.Time{}
	}
	q.purged[queue] = now
	kept := q.messages[:0:0]
	for _, m := range q.messages {
		if m.queue != queue {
			kept = append(kept, m)
		} else {
			q.bytes -= m.size()
		}
	}
	q.messages = kept
	return true
}

func (q *queues) reset() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages, q.bytes, q.purged = nil, 0, nil
}

// receiptHandle names one receipt of a message. It says itself what it is for, so
// that handles need not be kept.
func receiptHandle(m *message) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join([]string{m.queue, m.id, newID()}, "\n")))
}

// readHandle gives what a receipt handle is for; false: nobody issued it.
func readHandle(handle string) (queue, id string, ok bool) {
	b, err := base64.StdEncoding.DecodeString(handle)
	parts := strings.Split(string(b), "\n")
	if err != nil || len(parts) != 3 {
		return "", "", false
	}
	return parts[0], parts[1], true
}
