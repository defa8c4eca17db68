package usage

import (
	"sync"
	"time"

	"github.com/postern/postern/runtime/snapshot"
)

// counter counts a key's requests under one plan, by day.
type counter struct {
	mu    sync.Mutex
	days  map[string]int64
	extra map[string]int64 // by a period's first day: what UpdateUsage granted
}

const dayFormat = "2006-01-02"

func (c *counter) count(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.days[now.UTC().Format(dayFormat)]++
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
}
