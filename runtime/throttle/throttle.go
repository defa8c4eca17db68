package throttle

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"
	"time"
	"weak"

	"golang.org/x/time/rate"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

// Buckets holds every bucket that some stage refers to. Its zero value is not
// usable: see New.
type Buckets struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]weak.Pointer[Bucket]
}

// New makes an empty set on the given clock.
func New(now func() time.Time) *Buckets {
	return &Buckets{now: now, all: map[string]weak.Pointer[Bucket]{}}
}

// Bucket gives the bucket of a key, set to a steady rate per second and a burst.
func (b *Buckets) Bucket(key string, perSecond float64, burst int) *Bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	if have := b.all[key].Value(); have != nil {
		now := b.now()
		have.limiter.SetLimitAt(now, rate.Limit(perSecond))
		have.limiter.SetBurstAt(now, burst)
		return have
	}
	made := &Bucket{limiter: rate.NewLimiter(rate.Limit(perSecond), burst), now: b.now, key: key}
	ref := weak.Make(made)
	b.all[key] = ref
	goruntime.AddCleanup(made, func(key string) { b.forget(key, ref) }, key)
	return made
}

func (b *Buckets) forget(key string, ref weak.Pointer[Bucket]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[key] == ref {
		delete(b.all, key)
	}
}

// Bucket is one token bucket.
type Bucket struct {
	limiter *rate.Limiter
	now     func() time.Time
	key     string
}

var errEmpty = errors.New("throttled")

// Allow takes a token, or refuses the request.
//
// AWS: a rate and burst of 0 that somebody set refuse everything.
func (b *Bucket) Allow(*reqcontext.Context) error {
	if b.limiter.AllowN(b.now(), 1) {
		return nil
	}
	return gwerr.New(gwerr.Throttled, fmt.Errorf("%s: %w", b.key, errEmpty))
}
