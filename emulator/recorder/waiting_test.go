package recorder

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// receiver receives with a wait of ten seconds, and says what and after how long.
func receiver(ctx context.Context, r *Recorder, queue string, out chan<- string) {
	start := time.Now()
	_, _, body, _ := r.Answer(ctx, jsonCall("sqs", "AmazonSQS.ReceiveMessage", `{"QueueUrl":"https://x/1/`+queue+`","WaitTimeSeconds":10,"MaxNumberOfMessages":10}`))
	var got struct{ Messages []struct{ Body string } }
	if err := json.Unmarshal(body, &got); err != nil {
		out <- err.Error()
		return
	}
	said := ""
	for _, m := range got.Messages {
		said += m.Body + " "
	}
	out <- fmt.Sprintf("%safter %s", said, time.Since(start))
}

func TestLongPolls(t *testing.T) {
	send := func(r *Recorder, queue, rest string) {
		r.Answer(context.Background(), jsonCall("sqs", "AmazonSQS.SendMessage", `{"QueueUrl":"https://x/1/`+queue+`","MessageBody":"hello"`+rest+`}`))
	}
	for _, tc := range []struct {
		name string
		do   func(r *Recorder, leave func(), moveClock func(time.Duration))
		want []string
	}{
		{"nothing comes", func(*Recorder, func(), func(time.Duration)) {}, []string{"after 10s", "after 10s"}},
		{"a message comes", func(r *Recorder, _ func(), _ func(time.Duration)) { send(r, "q", ``) }, []string{"after 10s", "hello after 3s"}},
		{"comes late", func(r *Recorder, _ func(), _ func(time.Duration)) { send(r, "q", `,"DelaySeconds":2`) }, []string{"after 10s", "hello after 5s"}},
		{"comes too late", func(r *Recorder, _ func(), _ func(time.Duration)) { send(r, "q", `,"DelaySeconds":20`) }, []string{"after 10s", "after 10s"}},
		{"for another queue", func(r *Recorder, _ func(), _ func(time.Duration)) { send(r, "other", ``) }, []string{"after 10s", "after 10s"}},
		{"callers leave", func(_ *Recorder, leave func(), _ func(time.Duration)) { leave() }, []string{"after 3s", "after 3s"}},
		{"all are released", func(r *Recorder, _ func(), _ func(time.Duration)) { r.Release() }, []string{"after 3s", "after 3s"}},
		{"all is forgotten", func(r *Recorder, _ func(), _ func(time.Duration)) { r.Reset(); send(r, "q", ``) }, []string{"after 3s", "after 3s"}},
		{"the clock is moved", func(_ *Recorder, _ func(), moveClock func(time.Duration)) { moveClock(5 * time.Second) }, []string{"after 5s", "after 5s"}},
		{"the clock is moved far", func(_ *Recorder, _ func(), moveClock func(time.Duration)) { moveClock(time.Hour) }, []string{"after 3s", "after 3s"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var offset time.Duration
				r := New(1, func() time.Time {
					mu.Lock()
					defer mu.Unlock()
					return time.Now().Add(offset)
				})
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				out := make(chan string, 2)
				for range 2 {
					go receiver(ctx, r, "q", out)
				}
				time.AfterFunc(3*time.Second, func() {
					tc.do(r, leave, func(d time.Duration) {
						mu.Lock()
						offset = d
						mu.Unlock()
						r.Wake()
					})
				})
				got := []string{<-out, <-out}
				slices.Sort(got)
				if !slices.Equal(got, tc.want) {
					t.Errorf("%q, want %q", got, tc.want)
				}
			})
		})
	}
}

// A message that is deleted lets the next of its group through.
func TestLongPollOfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t)
		a.Recorder = New(1, time.Now)
		a.queue("q.fifo", "SendMessage", "MessageBody", "1", "MessageGroupId", "g")
		a.queue("q.fifo", "SendMessage", "MessageBody", "2", "MessageGroupId", "g")
		_, first := a.queue("q.fifo", "ReceiveMessage")
		time.AfterFunc(time.Second, func() {
			a.queue("q.fifo", "DeleteMessage", "ReceiptHandle", first.Messages[0].ReceiptHandle)
		})
		start := time.Now()
		a.want("waiting", a.bodies("q.fifo", "WaitTimeSeconds", "20"), "2")
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("after %s", waited)
		}
	})
}
