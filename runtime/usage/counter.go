package usage

import (
	"maps"
	"sync"
	"time"

	"github.com/postern/postern/runtime/snapshot"
)

// counter counts a key's requests under one plan, by day.
type counter struct {
	mu    sync.Mutex
	days  map[string]int64
	extra map[string]int64 // by a period's first day: what UpdateUsage granted
	dirty bool             // changed since Changed was asked
}

const dayFormat = "2006-01-02"

func (c *counter) count(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.days[now.UTC().Format(dayFormat)]++
	c.dirty = true
}

func (c *counter) allowed(p *snapshot.UsagePlan, now time.Time) bool {
	if p.Quota == nil {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.remaining(p, now) > 0
}

// remaining is what is left at the end of now's day, in its period.
func (c *counter) remaining(p *snapshot.UsagePlan, now time.Time) int64 {
	first := periodStart(p.Quota.Period, now)
	limit := int64(p.Quota.Limit) + c.extra[first.Format(dayFormat)]
	if !p.Created.IsZero() && first.Equal(periodStart(p.Quota.Period, p.Created)) {
		limit -= int64(p.Quota.Offset)
	}
	for day := first; !day.After(now.UTC()); day = day.AddDate(0, 0, 1) {
		limit -= c.days[day.Format(dayFormat)]
	}
	return max(limit, 0)
}

func periodStart(period string, at time.Time) time.Time {
	y, m, d := at.UTC().Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch period {
	case "WEEK":
		return day.AddDate(0, 0, -int(day.Weekday()))
	case "MONTH":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	}
	return day
}

// Days gives a key's days from first to last, both included: the requests made, and
// what was left of the quota when the day ended.
func (m *Meter) Days(plan *snapshot.UsagePlan, keyID string, first, last time.Time) [][2]int64 {
	m.mu.Lock()
	c := m.counter(plan.ID, keyID)
	m.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	var out [][2]int64
	for day := first.UTC(); !day.After(last); day = day.AddDate(0, 0, 1) {
		d := [2]int64{c.days[day.Format(dayFormat)]}
		if plan.Quota != nil {
			d[1] = c.remaining(plan, day)
		}
		out = append(out, d)
	}
	return out
}

// SetRemaining grants a key what makes its rest in the present period n.
func (m *Meter) SetRemaining(plan *snapshot.UsagePlan, keyID string, n int64) {
	m.mu.Lock()
	c := m.counter(plan.ID, keyID)
	m.mu.Unlock()
	now := m.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.extra == nil {
		c.extra = map[string]int64{}
	}
	first := periodStart(plan.Quota.Period, now).Format(dayFormat)
	have := c.remaining(plan, now)
	c.extra[first] += n - have
	c.dirty = true
}

// Usage gives what a key has used under a plan.
func (m *Meter) Usage(plan, key string) snapshot.KeyUsage {
	m.mu.Lock()
	c := m.counter(plan, key)
	m.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.usage(counterKey{plan, key})
}

// Changed gives what was used since it was asked before, for who keeps it.
func (m *Meter) Changed() []snapshot.KeyUsage {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []snapshot.KeyUsage
	for at, c := range m.counts {
		c.mu.Lock()
		if c.dirty {
			c.dirty = false
			out = append(out, c.usage(at))
		}
		c.mu.Unlock()
	}
	return out
}

// Load takes up what was kept.
func (m *Meter) Load(list []snapshot.KeyUsage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range list {
		c := m.counter(u.PlanID, u.KeyID)
		c.mu.Lock()
		maps.Copy(c.days, u.Days)
		c.extra = maps.Clone(u.Granted)
		c.mu.Unlock()
	}
}

func (c *counter) usage(at counterKey) snapshot.KeyUsage {
	return snapshot.KeyUsage{PlanID: at.plan, KeyID: at.key, Days: maps.Clone(c.days), Granted: maps.Clone(c.extra)}
}
