package throttle

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

// Accounts holds what is left of each account's own limit in each region, which all
// APIs of the account share. Make it with NewAccounts; nil sets no limit.
type Accounts struct {
	now                 func() time.Time
	interval, tolerance int64 // nanoseconds

	mu  sync.Mutex
	all map[accountKey]*Account
}

type accountKey struct{ account, region string }

// NewAccounts makes the limits of accounts that may each send a burst at once and
// then so many requests a second.
func NewAccounts(perSecond float64, burst int, now func() time.Time) *Accounts {
	interval := float64(time.Second) / perSecond
	return &Accounts{now: now, interval: int64(interval), tolerance: int64(interval * float64(burst-1)), all: map[accountKey]*Account{}}
}

// Of gives the limit of one account in one region.
func (a *Accounts) Of(account, region string) *Account {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := accountKey{account, region}
	if a.all[key] == nil {
		a.all[key] = &Account{of: a}
	}
	return a.all[key]
}

// Account is one account's limit in one region; nil is none.
//
// Every request of the account comes through here, so it is no bucket behind a lock
// but one word, by the generic cell rate algorithm: the time at which the next request
// would come if all came evenly. One that is ahead of it by more than a burst is refused.
type Account struct {
	of   *Accounts
	next atomic.Int64 // Unix time in nanoseconds
}

var errAccountLimit = errors.New("the account's own limit in the region")

// outOfOrder is by how much the times of requests that come together may differ.
const outOfOrder = int64(time.Second)

// Allow lets a request pass, or refuses it. It asks the clock: when the request
// started, before its authorizer, says nothing of what came meanwhile.
func (a *Account) Allow(*reqcontext.Context) error {
	if a == nil {
		return nil
	}
	now := a.of.now().UnixNano()
	for {
		next := a.next.Load()
		at := max(next, now)
		switch ahead := at - now; {
		case ahead > a.of.tolerance+a.of.interval+outOfOrder:
			// No burst leads there: the clock was set back.
			at = now
		case ahead > a.of.tolerance:
			return gwerr.New(gwerr.Throttled, fmt.Errorf("%w: %w", errAccountLimit, errEmpty))
		}
		if a.next.CompareAndSwap(next, at+a.of.interval) {
			return nil
		}
	}
}
