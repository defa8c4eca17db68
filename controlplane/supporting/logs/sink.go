package logs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern/postern/controlplane/store"
)

// Event is one log event to be put.
type Event struct {
	Time    time.Time
	Message string
}

// maxEvent is the longest message that AWS takes.
const maxEvent = 1<<20 - eventOverhead

// Put queues events for a stream; group and stream are made when they are missing.
// They are copied. It never waits, and drops the events when the writer is far behind (see Dropped).
func (s *Service) Put(scope store.Scope, group, stream string, events []Event) {
	item := queued{scope: scope, group: group, stream: stream, ingested: s.now().UnixMilli(), events: make([]batchEvent, 0, len(events))}
	for _, e := range events {
		m := e.Message
		if !utf8.ValidString(m) {
			// It would come back from the disk as something else.
			m = strings.ToValidUTF8(m, "\uFFFD")
		}
		if len(m) > maxEvent {
			m = strings.ToValidUTF8(m[:maxEvent], "")
		}
		if m != "" {
			item.events = append(item.events, batchEvent{Time: max(0, e.Time.UnixMilli()), Message: m})
			item.bytes += len(m) + eventOverhead
		}
	}
	if len(item.events) > 0 && !s.queue.add(item) {
		s.queue.dropped.Add(int64(len(item.events)))
	}
}

// Dropped counts the events that Put had no room for.
func (s *Service) Dropped() int64 { return s.queue.dropped.Load() }

// maxFlush bounds the bytes of one transaction, which others wait for.
const maxFlush = 256 << 10

// write is the writer: it stores what is queued until the queue is closed.
func (s *Service) write() {
	defer close(s.queue.stopped)
	for more := true; more; {
		<-s.queue.wake
		var items []queued
		for items, more = s.queue.take(); len(items) > 0; items, more = s.queue.take() {
			s.flush(items)
		}
		s.removeGone()
	}
}

// flush stores queued events in order, and lets readers go on that come after them.
func (s *Service) flush(items []queued) {
	for len(items) > 0 {
		n, bytes := 0, 0
		for n < len(items) && (n == 0 || bytes+items[n].bytes <= maxFlush) {
			bytes += items[n].bytes
			n++
		}
		if bytes > 0 {
			s.flushSome(items[:n])
		}
		for _, item := range items[:n] {
			if item.done != nil {
				close(item.done)
			}
		}
		items = items[n:]
	}
}

func (s *Service) flushSome(items []queued) {
	type target struct {
		scope         store.Scope
		group, stream string
	}
	merged := map[target]*queued{}
	var order []*queued
	for _, item := range items {
		if item.done != nil {
			continue
		}
		to := target{item.scope, item.group, item.stream}
		if have := merged[to]; have != nil {
			have.events = append(have.events, item.events...)
			continue
		}
		merged[to] = &item
		order = append(order, &item)
	}
	err := s.db.Update(context.Background(), func(tx *store.Tx) error {
		for _, item := range order {
			t := &txn{Tx: tx, s: s, scope: item.scope}
			t.store(t.ensureStream(item.group, item.stream), item.ingested, item.events)
		}
		return nil
	})
	if err != nil {
		s.log.Error("log events are not stored", "err", err)
	}
}

// ensureStream gives a stream, made with its group when it is missing.
func (tx *txn) ensureStream(groupName, name string) *stream {
	now := tx.s.now().UnixMilli()
	if _, ok := groups.Get(tx.Tx, tx.scope, groupName); !ok {
		groups.Put(tx.Tx, tx.scope, groupName, &group{Name: groupName, Created: now, Class: classStandard})
	}
	st, ok := streams.Get(tx.Tx, tx.scope, streamKey(groupName, name))
	if !ok {
		st = &stream{ID: tx.s.newID(16), Name: name, Created: now}
		streams.Put(tx.Tx, tx.scope, streamKey(groupName, name), st)
	}
	return st
}

// store puts events into a stream, in the records and in the journal.
func (tx *txn) store(st *stream, ingested int64, events []batchEvent) (last uint64) {
	join(events)
	b := &batch{Stream: st.ID, First: tx.s.journal.next(len(events)), Ingested: ingested, Events: events}
	batches.Put(tx.Tx, tx.scope, batchKey(b.Stream, b.First), b)
	tx.s.journal.add(tx.scope, b)
	return b.First + uint64(len(events)) - 1
}

// join makes the messages of a batch, which come and go together, parts of one text:
// the collector of garbage passes over all that is kept again and again.
func join(events []batchEvent) {
	size := 0
	for _, e := range events {
		size += len(e.Message)
	}
	var text strings.Builder
	text.Grow(size)
	for i := range events {
		e, from := &events[i], text.Len()
		text.WriteString(e.Message)
		e.Message = text.String()[from:]
	}
}

// removeGone deletes the records of batches that left the journal.
func (s *Service) removeGone() {
	gone := s.journal.takeGone()
	if len(gone) == 0 {
		return
	}
	s.log.Warn("log events expired or were above the bound of what is kept", "batches", len(gone))
	err := s.db.Update(context.Background(), func(tx *store.Tx) error {
		for _, c := range gone {
			batches.Delete(tx, c.scope, batchKey(c.stream, c.first))
		}
		return nil
	})
	if err != nil {
		s.log.Error("log events are not removed", "err", err)
	}
}

// load builds the journal from the records.
func (s *Service) load() {
	// The function below returns no error.
	_ = s.db.View(func(tx *store.Tx) error {
		all := batches.All(tx)
		slices.SortFunc(all, func(a, b store.Entry[batch]) int { return cmp.Compare(a.Rec.First, b.Rec.First) })
		for _, e := range all {
			s.journal.add(e.Scope, e.Rec)
		}
		return nil
	})
}
