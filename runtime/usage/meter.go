package usage

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/throttle"
)

// Meter is safe for concurrent use.
type Meter struct {
	now     func() time.Time
	buckets *throttle.Buckets
	mu      sync.Mutex
	scopes  map[string]*snapshot.Usage
	grants  atomic.Pointer[map[stageKey]map[string]*grant]
	counts  map[counterKey]*counter
}

type stageKey struct{ api, stage string }

type counterKey struct{ plan, key string }

// grant is what a key's value opens on one stage.
type grant struct {
	keyID    string
	plan     *snapshot.UsagePlan
	counter  *counter
	bucket   *throttle.Bucket // nil: the plan has no throttle
	byMethod map[string]*throttle.Bucket
}

// NewMeter makes a meter that knows no keys.
func NewMeter(now func() time.Time) *Meter {
	m := &Meter{now: now, buckets: throttle.New(now), scopes: map[string]*snapshot.Usage{}, counts: map[counterKey]*counter{}}
	m.grants.Store(&map[stageKey]map[string]*grant{})
	return m
}

// Set replaces what one account and region has.
func (m *Meter) Set(u *snapshot.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.scopes[u.AccountID+"/"+u.Region] = u
	all := map[stageKey]map[string]*grant{}
	for _, scope := range m.scopes {
		m.add(all, scope)
	}
	m.grants.Store(&all)
}

// Reset forgets keys, plans and counts.
func (m *Meter) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.scopes)
	clear(m.counts)
	m.grants.Store(&map[stageKey]map[string]*grant{})
}

func (m *Meter) add(all map[stageKey]map[string]*grant, u *snapshot.Usage) {
	keys := make(map[string]*snapshot.APIKey, len(u.Keys))
	for i := range u.Keys {
		keys[u.Keys[i].ID] = &u.Keys[i]
	}
	for i := range u.Plans {
		p := &u.Plans[i]
		for _, id := range p.KeyIDs {
			k := keys[id]
			if k == nil || !k.Enabled {
				continue
			}
			for j := range p.Stages {
				at := stageKey{p.Stages[j].APIID, p.Stages[j].Stage}
				if all[at] == nil {
					all[at] = map[string]*grant{}
				}
				all[at][k.Value] = m.grant(p, &p.Stages[j], k.ID)
			}
		}
	}
}

func (m *Meter) grant(p *snapshot.UsagePlan, s *snapshot.UsagePlanStage, keyID string) *grant {
	g := &grant{keyID: keyID, plan: p, counter: m.counter(p.ID, keyID)}
	name := p.ID + "/" + keyID
	if p.Throttle != nil {
		g.bucket = m.buckets.Bucket("key "+name, p.Throttle.Rate, p.Throttle.Burst)
	}
	for method, t := range s.Throttle {
		if g.byMethod == nil {
			g.byMethod = map[string]*throttle.Bucket{}
		}
		g.byMethod[method] = m.buckets.Bucket("key "+name+" "+s.APIID+"/"+s.Stage+" "+method, t.Rate, t.Burst)
	}
	return g
}

func (m *Meter) counter(plan, key string) *counter {
	at := counterKey{plan, key}
	c := m.counts[at]
	if c == nil {
		c = &counter{days: map[string]int64{}}
		m.counts[at] = c
	}
	return c
}

// What keeps a key from being used.
var (
	errKey   = errors.New("API key is missing, unknown, disabled or in no usage plan of this stage")
	errQuota = errors.New("quota is used up")
)

// KeyID finds the id of a key that a stage takes, without using it.
func (m *Meter) KeyID(value, api, stage string) string {
	if g := (*m.grants.Load())[stageKey{api, stage}][value]; g != nil {
		return g.keyID
	}
	return ""
}

// Use takes one request of a key's allowance: method is "{resource path}/{VERB}" of
// the method as it is configured.
//
// AWS: the quota comes before the throttles; unverified against AWS: a request that
// is throttled does not count.
func (m *Meter) Use(value, api, stage, method string) (keyID string, err error) {
	g := (*m.grants.Load())[stageKey{api, stage}][value]
	if value == "" || g == nil {
		return "", gwerr.New(gwerr.InvalidAPIKey, errKey)
	}
	now := m.now()
	if !g.counter.allowed(g.plan, now) {
		return g.keyID, gwerr.New(gwerr.QuotaExceeded, fmt.Errorf("key %s: %w", g.keyID, errQuota))
	}
	for _, b := range []*throttle.Bucket{g.byMethod[method], g.bucket} {
		if b == nil {
			continue
		}
		if err := b.Allow(nil); err != nil {
			return g.keyID, err
		}
	}
	g.counter.count(now)
	return g.keyID, nil
}
