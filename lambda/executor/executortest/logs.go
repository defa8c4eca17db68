package executortest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/postern/postern/lambda/executor"
)

// Logs is a LogSink that remembers.
type Logs struct {
	mu      sync.Mutex
	streams map[string][]string
	changed chan struct{} // closed and replaced at each event
}

// NewLogs returns an empty one.
func NewLogs() *Logs {
	return &Logs{streams: map[string][]string{}, changed: make(chan struct{})}
}

// PutLogEvents remembers the messages.
func (l *Logs) PutLogEvents(stream executor.LogStream, events []executor.LogEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, event := range events {
		l.streams[stream.Stream] = append(l.streams[stream.Stream], event.Message)
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// Streams are the names of the streams with events.
func (l *Logs) Streams() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.streams))
}

// All is everything logged, stream after stream.
func (l *Logs) All() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l.streams)) {
		for _, message := range l.streams[name] {
			b.WriteString(message)
		}
	}
	return b.String()
}

// Wait waits until what was logged satisfies done, and returns it.
func (l *Logs) Wait(ctx context.Context, done func(all string) bool) (string, error) {
	for {
		l.mu.Lock()
		changed := l.changed
		l.mu.Unlock()
		all := l.All()
		if done(all) {
			return all, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return all, ctx.Err()
		}
	}
}
