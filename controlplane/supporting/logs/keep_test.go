package logs

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/store"
)

func TestRetentionHidesAndRemoves(t *testing.T) {
	f := start(t, "", nil)
	f.group(t, "g")
	g := aws.String("g")
	f.put(t, "g", "s", f.clock.Now(), "old")
	f.clock.advance(12 * time.Hour)
	f.put(t, "g", "s", f.clock.Now(), "young")
	must[*cwl.PutRetentionPolicyOutput](t)(f.PutRetentionPolicy(t.Context(), &cwl.PutRetentionPolicyInput{LogGroupName: g, RetentionInDays: aws.Int32(1)}))
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: g}); !cmp.Equal(got, []string{"old", "young"}) {
		t.Errorf("nothing is a day old: %v", got)
	}
	f.clock.advance(13 * time.Hour)
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: g}); !cmp.Equal(got, []string{"young"}) {
		t.Errorf("got %v", got)
	}
	if n := f.batchRecords(t); n != 1 {
		t.Errorf("%d records are left", n)
	}
	if _, err := f.DeleteRetentionPolicy(t.Context(), &cwl.DeleteRetentionPolicyInput{LogGroupName: g}); err != nil {
		t.Fatal(err)
	}
}

// batchRecords counts batches once the writer has nothing left to remove.
func (f *fixture) batchRecords(t *testing.T) int {
	t.Helper()
	f.Service.removeGone()
	n := 0
	if err := f.db.View(func(tx *store.Tx) error {
		n = len(batches.All(tx))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBounds(t *testing.T) {
	f := start(t, "", func(c *Config) { c.MaxStreamBytes, c.MaxBytes = 100, 140 })
	f.group(t, "g")
	for i := range 9 {
		// 30 bytes each with what AWS adds: 3 fit into a stream, 4 into the whole. What
		// is above goes with an eighth of the bound.
		f.put(t, "g", fmt.Sprint("s", i/4), f.clock.Now(), fmt.Sprint("msg", i))
	}
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")}); !cmp.Equal(got, []string{"msg3", "msg6", "msg7", "msg8"}) {
		t.Errorf("kept %v", got)
	}
	if n := f.batchRecords(t); n != 4 {
		t.Errorf("%d records", n)
	}
}

// A stream that runs on for ever costs no more than what is kept of it.
func TestIndexIsBounded(t *testing.T) {
	j := newJournal(100, 1000)
	for range 10_000 {
		j.add(scope, &batch{Stream: "s", First: j.next(1), Events: []batchEvent{{Message: "four"}}})
		j.takeGone()
	}
	if kept := len(j.streams["s"].chunks); kept > 3 || len(j.arrival) > 2*kept {
		t.Errorf("%d batches are kept and %d indexed", kept, len(j.arrival))
	}
}

func TestSink(t *testing.T) {
	f := start(t, "", nil)
	now := f.clock.Now()
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 50 {
				f.Put(scope, "/aws/lambda/fn", fmt.Sprint("s", w), []Event{
					{Time: now.Add(time.Duration(i) * time.Millisecond), Message: fmt.Sprintf("line %d\n", i)},
					{Time: now, Message: ""}, // nothing to keep
				})
			}
		})
	}
	writers.Wait()
	f.Put(scope, "/aws/lambda/fn", "s0", []Event{{Time: now.Add(time.Second), Message: "not \xff utf-8"}})
	// The read comes after the writes, however far the writer is.
	got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: aws.String("/aws/lambda/fn"), LogStreamNames: []string{"s0"}})
	if len(got) != 51 || got[0] != "line 0\n" || got[49] != "line 49\n" || got[50] != "not \uFFFD utf-8" {
		t.Errorf("got %d events: %q", len(got), got)
	}
	if f.Dropped() != 0 {
		t.Errorf("dropped %d", f.Dropped())
	}
	f.Service.Close()
	f.Put(scope, "/aws/lambda/fn", "s0", []Event{{Time: now, Message: "late"}})
	if f.Dropped() != 1 {
		t.Errorf("after the end: dropped %d", f.Dropped())
	}
}

func TestEventsSurviveRestart(t *testing.T) {
	dir := t.TempDir()
	var before, after []string
	all := &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")}
	t.Run("write", func(t *testing.T) {
		f := start(t, dir, nil)
		f.group(t, "g")
		f.put(t, "g", "s", f.clock.Now(), "one", "two")
		f.Put(scope, "g", "sink", []Event{{Time: f.clock.Now(), Message: "three"}})
		before = ids(t, f, all)
	})
	f := start(t, dir, nil)
	after = ids(t, f, all)
	if diff := cmp.Diff(before, after); diff != "" || len(after) != 3 {
		t.Errorf("%d events after a restart: %s", len(after), diff)
	}
	f.put(t, "g", "s", f.clock.Now(), "four")
	if got := ids(t, f, all); len(got) != 4 {
		t.Errorf("%d events after another", len(got))
	}
}

func ids(t *testing.T, f *fixture, in *cwl.FilterLogEventsInput) []string {
	t.Helper()
	var out []string
	for _, e := range must[*cwl.FilterLogEventsOutput](t)(f.FilterLogEvents(t.Context(), in)).Events {
		out = append(out, *e.EventId+*e.LogStreamName+*e.Message)
	}
	return out
}

// What comes through the stream of exchanges is there for whoever reads after it, and
// gone with a reset.
func TestReadsAndResetsSettle(t *testing.T) {
	var s *Service
	late := 0
	f := start(t, "", func(c *Config) {
		c.Settle = func(context.Context) {
			late++
			s.Put(scope, "g", "s", []Event{{Time: time.UnixMilli(1), Message: fmt.Sprint("late ", late)}})
		}
	})
	s = f.Service
	g := aws.String("g")
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: g}); !cmp.Equal(got, []string{"late 1"}) {
		t.Errorf("got %v", got)
	}
	s.Reset()
	if n := f.batchRecords(t); n != 0 {
		t.Errorf("%d batches after a reset", n)
	}
}
