package throttle

import (
	"errors"
	"testing"
	"time"

	"github.com/postern/postern/runtime/gwerr"
)

func TestBucket(t *testing.T) {
	now := time.Unix(1000, 0)
	buckets := New(func() time.Time { return now })
	b := buckets.Bucket("api/stage", 2, 3)
	allowed := func() (n int) {
		for range 10 {
			if b.Allow(nil) == nil {
				n++
			}
		}
		return n
	}
	if n := allowed(); n != 3 {
		t.Errorf("%d of a burst of 3", n)
	}
	now = now.Add(time.Second)
	if n := allowed(); n != 2 {
		t.Errorf("%d after a second at 2 a second", n)
	}
	// A stage that is published anew keeps its tokens.
	b = buckets.Bucket("api/stage", 100, 50)
	if n := allowed(); n != 0 {
		t.Errorf("%d: a republished stage has a fresh bucket", n)
	}
	now = now.Add(50 * time.Millisecond)
	if n := allowed(); n != 5 {
		t.Errorf("%d after 50 ms at 100 a second", n)
	}
	var e *gwerr.Error
	if err := b.Allow(nil); !errors.As(err, &e) || e.StatusCode() != 429 {
		t.Errorf("%v", err)
	}
}

func TestZeroRefusesAll(t *testing.T) {
	now := time.Unix(1000, 0)
	b := New(func() time.Time { return now }).Bucket("k", 0, 0)
	if b.Allow(nil) == nil {
		t.Error("a rate and burst of 0 let a request pass")
	}
	now = now.Add(time.Hour)
	if b.Allow(nil) == nil {
		t.Error("a rate and burst of 0 let a request pass after an hour")
	}
}
