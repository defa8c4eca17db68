package logs

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What arrived first goes first, whatever the times of events; what is kept stays in
// the order of time, each event with its own message.
func TestOldestArrivalsGo(t *testing.T) {
	j := newJournal(8*(3+eventOverhead), 1<<20)
	var arrived []batchEvent
	for i := range 40 {
		b := &batch{Stream: "s", First: j.next(2)}
		for n := range 2 {
			// Times go up and down: half of what comes is older than much that is there.
			at := int64(10*i - i%3*25 + n)
			b.Events = append(b.Events, batchEvent{Time: at, Message: fmt.Sprintf("%03d", 2*i+n)})
		}
		arrived = append(arrived, b.Events...)
		j.add(scope, b)

		var got []batchEvent
		j.read("s", func(l *streamLog) {
			for _, e := range l.events {
				got = append(got, batchEvent{e.time, *e.message()})
			}
			if l.bytes > j.maxStream || j.bytes != l.bytes || l.bytes != len(l.events)*(3+eventOverhead) {
				t.Fatalf("%d bytes of %d events, %d of all", l.bytes, len(l.events), j.bytes)
			}
		})
		want := slices.Clone(arrived[len(arrived)-len(got):])
		slices.SortStableFunc(want, func(a, b batchEvent) int { return int(a.Time - b.Time) })
		if diff := cmp.Diff(got, want); diff != "" {
			t.Fatalf("after %d batches (-got +want):\n%s", i+1, diff)
		}
	}
}

// Messages of a batch are parts of one text, and still each their own.
func TestJoin(t *testing.T) {
	events := []batchEvent{{1, "a"}, {2, ""}, {3, "bcd"}, {4, "é"}}
	want := slices.Clone(events)
	join(events)
	if diff := cmp.Diff(events, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	join(nil)
}
