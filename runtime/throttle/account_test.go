package throttle

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

func TestAccounts(t *testing.T) {
	now := time.Unix(1000, 0)
	accounts := NewAccounts(2, 3, func() time.Time { return now })
	allowed := func(a *Account) (n int) {
		for range 10 {
			if a.Allow(&reqcontext.Context{}) == nil {
				n++
			}
		}
		return n
	}
	ours := accounts.Of("111111111111", "us-east-1")
	for _, step := range []struct {
		name string
		pass time.Duration
		of   *Account
		want int
	}{
		{"burst", 0, ours, 3},
		{"another API of the account", 0, accounts.Of("111111111111", "us-east-1"), 0},
		{"another region", 0, accounts.Of("111111111111", "eu-west-1"), 3},
		{"another account", 0, accounts.Of("222222222222", "us-east-1"), 3},
		{"less than a request's time", 400 * time.Millisecond, ours, 0},
		{"a request's time", 100 * time.Millisecond, ours, 1},
		{"a second", time.Second, ours, 2},
		{"a long time", time.Hour, ours, 3},
		{"a clock that was set back", -2 * time.Hour, ours, 3},
		{"no limit", 0, (*Accounts)(nil).Of("111111111111", "us-east-1"), 10},
	} {
		now = now.Add(step.pass)
		if got := allowed(step.of); got != step.want {
			t.Errorf("%s: %d pass, want %d", step.name, got, step.want)
		}
	}
	var e *gwerr.Error
	if err := ours.Allow(&reqcontext.Context{}); !errors.As(err, &e) || e.Type != gwerr.Throttled {
		t.Errorf("%v", err)
	}
}

// A request that another overtook finds the burst used up, whatever its time.
func TestAccountOutOfOrder(t *testing.T) {
	now := time.Unix(1000, 0)
	a := NewAccounts(10, 5, func() time.Time { return now }).Of("111111111111", "us-east-1")
	passed := 0
	for i := range 25 {
		if i == 5 {
			now = now.Add(-200 * time.Millisecond)
		}
		if a.Allow(&reqcontext.Context{}) == nil {
			passed++
		}
	}
	if passed != 5 {
		t.Errorf("%d of a burst of 5", passed)
	}
}

// Requests at the same time take as many as one after the other.
func TestAccountTogether(t *testing.T) {
	a := NewAccounts(10, 500, func() time.Time { return time.Unix(1000, 0) }).Of("111111111111", "us-east-1")
	rc := &reqcontext.Context{}
	var (
		wg     sync.WaitGroup
		passed atomic.Int64
	)
	for range 4 {
		wg.Go(func() {
			for range 250 {
				if a.Allow(rc) == nil {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := passed.Load(); n != 500 {
		t.Errorf("%d of a burst of 500", n)
	}
}

func BenchmarkAccount(b *testing.B) {
	a := NewAccounts(10000, 5000, time.Now).Of("111111111111", "us-east-1")
	b.RunParallel(func(pb *testing.PB) {
		rc := &reqcontext.Context{}
		for pb.Next() {
			rc.Start = rc.Start.Add(time.Millisecond)
			_ = a.Allow(rc)
		}
	})
}
