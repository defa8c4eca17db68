package executor

import (
	"bytes"
	"sync"
	"time"
)

// tailSize is how much of an invocation's log X-Amz-Log-Result holds.
const tailSize = 4096

// log puts an environment's lines and Lambda's own into one order: START, what the function wrote, END, REPORT.
//
// It is a list of open segments, one per invocation (and one for init). Normally there is one. An executor that learns
// of lines late leaves a segment open for a moment after its invocation is complete; the next invocation's segment
// then holds its events back until the one before it is closed.
type log struct {
	sink   LogSink
	stream LogStream
	now    func() time.Time

	mu   sync.Mutex
	open []*segment
}

// segment is the log of one invocation.
type segment struct {
	tail   *tail     // nil when nobody asked for it
	end    time.Time // when its invocation was complete; zero until then
	held   []LogEvent
	closed bool
}

// begin opens the segment of an invocation with Lambda's first lines.
func (l *log) begin(withTail bool, messages ...string) *segment {
	s := &segment{}
	if withTail {
		s.tail = &tail{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, s)
	l.add(s, messages)
	return s
}

// say adds Lambda's own lines to a segment.
func (l *log) say(s *segment, messages []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(s, messages)
}

// finished says that the segment's invocation is complete, though lines of it may still come.
func (l *log) finished(s *segment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.end = l.now()
}

// close ends the segment with Lambda's last lines and returns the tail.
func (l *log) close(s *segment, messages ...string) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(s, messages)
	s.closed = true
	for len(l.open) > 0 && l.open[0].closed {
		l.open = l.open[1:]
		if len(l.open) > 0 {
			l.put(l.open[0].held)
			l.open[0].held = nil
		}
	}
	return s.tail.bytes()
}

// write adds a line that the function wrote.
func (l *log) write(line Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := line.Time
	if at.IsZero() {
		at = l.now()
	}
	// Both runtime clients write the line breaks inside one entry as carriage returns.
	event := LogEvent{Time: at, Message: string(bytes.ReplaceAll(line.Text, []byte("\r"), []byte("\n")))}
	for i, s := range l.open {
		if last := i == len(l.open)-1; last || line.Time.IsZero() || s.end.IsZero() || !line.Time.After(s.end) {
			l.event(s, event)
			return
		}
	}
	// Between two invocations.
	l.put([]LogEvent{event})
}

// add appends Lambda's own lines. l.mu is held.
func (l *log) add(s *segment, messages []string) {
	at := l.now()
	for _, message := range messages {
		l.event(s, LogEvent{Time: at, Message: message})
	}
}

// event appends one event to a segment. l.mu is held.
func (l *log) event(s *segment, event LogEvent) {
	s.tail.write(event.Message)
	if l.open[0] != s {
		s.held = append(s.held, event)
		return
	}
	l.put([]LogEvent{event})
}

func (l *log) put(events []LogEvent) {
	if len(events) > 0 {
		l.sink.PutLogEvents(l.stream, events)
	}
}

// tail keeps the last bytes written. A nil tail keeps nothing.
type tail struct{ buf []byte }

func (t *tail) write(s string) {
	if t == nil {
		return
	}
	if len(s) >= tailSize {
		t.buf = append(t.buf[:0], s[len(s)-tailSize:]...)
		return
	}
	t.buf = append(t.buf, s...)
	if over := len(t.buf) - tailSize; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
}

func (t *tail) bytes() []byte {
	if t == nil {
		return nil
	}
	return t.buf
}
