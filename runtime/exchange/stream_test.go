package exchange_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/postern/postern/runtime/exchange"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEverySinkSeesEveryRecordInOrder(t *testing.T) {
	var s exchange.Stream
	var got [2][]string
	for i := range got {
		s.Attach(fmt.Sprint("sink", i), 0, exchange.SinkFunc(func(batch []*exchange.Record) {
			for _, r := range batch {
				got[i] = append(got[i], r.RequestID)
			}
		}))
	}
	var want []string
	for i := range 1000 {
		id := fmt.Sprint(i)
		want = append(want, id)
		s.Publish(&exchange.Record{RequestID: id})
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if diff := cmp.Diff(got[i], want); diff != "" {
			t.Errorf("sink %d (-got +want):\n%s", i, diff)
		}
	}
}

func TestFullQueueDropsAndCounts(t *testing.T) {
	var s exchange.Stream
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	consumed := 0
	s.Attach("slow", 3, exchange.SinkFunc(func(batch []*exchange.Record) {
		once.Do(func() { close(entered); <-release })
		consumed += len(batch)
	}))
	s.Publish(&exchange.Record{})
	<-entered // the sink holds the first record and its queue is empty
	for range 10 {
		s.Publish(&exchange.Record{})
	}
	want := []exchange.SinkStats{{Name: "slow", Consumed: 0, Dropped: 7, Queued: 3, QueueSize: 3}}
	if diff := cmp.Diff(s.Stats(), want); diff != "" {
		t.Errorf("stats while stuck (-got +want):\n%s", diff)
	}
	close(release)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if consumed != 4 {
		t.Errorf("consumed %d records, want 4", consumed)
	}
	s.Publish(&exchange.Record{})
	if got := s.Stats()[0].Dropped; got != 8 {
		t.Errorf("dropped %d after a publish on a closed stream, want 8", got)
	}
}

func TestFlushWaitsForWhatWasPublished(t *testing.T) {
	var s exchange.Stream
	var mu sync.Mutex
	seen := 0
	s.Attach("count", 0, exchange.SinkFunc(func(batch []*exchange.Record) {
		mu.Lock()
		seen += len(batch)
		mu.Unlock()
	}))
	for round := 1; round <= 50; round++ {
		s.Publish(&exchange.Record{})
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		if seen != round {
			t.Fatalf("after flush %d the sink has seen %d", round, seen)
		}
		mu.Unlock()
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestStuckSinkDoesNotHoldCloseForever(t *testing.T) {
	var s exchange.Stream
	release := make(chan struct{})
	s.Attach("stuck", 0, exchange.SinkFunc(func([]*exchange.Record) { <-release }))
	s.Publish(&exchange.Record{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Flush(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Flush: %v, want context.Canceled", err)
	}
	if err := s.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v, want context.Canceled", err)
	}
	close(release)
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

func TestPublishFromManyGoroutines(t *testing.T) {
	var s exchange.Stream
	total := 0
	s.Attach("total", 1<<20, exchange.SinkFunc(func(batch []*exchange.Record) { total += len(batch) }))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				s.Publish(&exchange.Record{})
			}
		})
	}
	wg.Wait()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if total != 8000 {
		t.Errorf("consumed %d, want 8000", total)
	}
}

func TestNilStreamForgets(t *testing.T) {
	var s *exchange.Stream
	s.Publish(&exchange.Record{})
	if err := errors.Join(s.Flush(t.Context()), s.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func TestRecordJSON(t *testing.T) {
	r := &exchange.Record{
		RequestID: "r1", Kind: exchange.HTTP, Status: 200,
		Start:       time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC),
		Latency:     1500 * time.Microsecond,
		Integration: exchange.Integration{Type: "AWS_PROXY", Status: 200, Latency: time.Millisecond},
		Function:    &exchange.Function{ARN: "arn", ColdStart: true, Init: 20 * time.Millisecond, Duration: time.Millisecond},
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"requestId":"r1","kind":"http","start":"2026-01-15T12:00:00Z","status":200,"requestSize":0,"responseSize":0,` +
		`"integration":{"type":"AWS_PROXY","status":200,"latencyMs":1},` +
		`"function":{"arn":"arn","coldStart":true,"initMs":20,"durationMs":1},"latencyMs":1.5}`
	if diff := cmp.Diff(string(b), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func BenchmarkPublish(b *testing.B) {
	var s exchange.Stream
	s.Attach("a", 0, exchange.SinkFunc(func([]*exchange.Record) {}))
	s.Attach("b", 0, exchange.SinkFunc(func([]*exchange.Record) {}))
	r := &exchange.Record{}
	b.ReportAllocs()
	for b.Loop() {
		s.Publish(r)
	}
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}
