package usage

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/throttle"
)

// Meter is safe for concurrent use.
type Meter struct {
	now     func() time.Time
	buckets *throttle.Buckets
	mu      sync.RWMutex
	stages  map[stageKey]*stage
	counts  map[counterKey]*counter
}

type stageKey struct{ api, stage string }

// stage has what the values of keys open on one stage.
type stage struct {
	owner  string // account and region
	grants map[string]*grant
}

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
	return &Meter{now: now, buckets: throttle.New(now), stages: map[stageKey]*stage{}, counts: map[counterKey]*counter{}}
}

// Set replaces what one account and region has.
func (m *Meter) Set(u *snapshot.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	owner := u.AccountID + "/" + u.Region
	for at, s := range m.stages {
		if s.owner == owner {
			delete(m.stages, at)
		}
	}
	keys := make(map[string]*snapshot.APIKey, len(u.Keys))
	for i := range u.Keys {
		keys[u.Keys[i].ID] = &u.Keys[i]
	}
	for i := range u.Plans {
		p := &u.Plans[i]
		for j := range p.Stages {
			at := stageKey{p.Stages[j].APIID, p.Stages[j].Stage}
			if m.stages[at] == nil {
				m.stages[at] = &stage{owner: owner, grants: map[string]*grant{}}
			}
		}
		for _, id := range p.KeyIDs {
			if k := keys[id]; k != nil {
				m.subscribe(p, k)
			}
		}
	}
}

// Subscribe puts one more key into a plan that Set has told of, or takes in that the
// key was enabled or disabled. Many keys would make Set slow.
func (m *Meter) Subscribe(p *snapshot.UsagePlan, k snapshot.APIKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unsubscribe(p, k.Value)
	m.subscribe(p, &k)
}

// Unsubscribe takes a key out of a plan.
func (m *Meter) Unsubscribe(p *snapshot.UsagePlan, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unsubscribe(p, value)
}

func (m *Meter) subscribe(p *snapshot.UsagePlan, k *snapshot.APIKey) {
	if !k.Enabled {
		return
	}
	for i := range p.Stages {
		if s := m.stages[stageKey{p.Stages[i].APIID, p.Stages[i].Stage}]; s != nil {
			s.grants[k.Value] = m.grant(p, &p.Stages[i], k.ID)
		}
	}
}

func (m *Meter) unsubscribe(p *snapshot.UsagePlan, value string) {
	for i := range p.Stages {
		s := m.stages[stageKey{p.Stages[i].APIID, p.Stages[i].Stage}]
		if s != nil && s.grants[value] != nil && s.grants[value].plan.ID == p.ID {
			delete(s.grants, value)
		}
	}
}

// Reset forgets keys, plans and counts.
func (m *Meter) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.stages)
	clear(m.counts)
}

// find gives what a key's value opens on a stage; nil: nothing.
func (m *Meter) find(value, api, stage string) *grant {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if s := m.stages[stageKey{api, stage}]; s != nil {
		return s.grants[value]
	}
	return nil
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
	if g := m.find(value, api, stage); g != nil {
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
	g := m.find(value, api, stage)
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
