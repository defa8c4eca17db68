package cloudwatch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postern/postern/controlplane/store"
)

// Dimension is one name and value that a metric is kept apart by.
type Dimension struct{ Name, Value string }

// Datum is what was measured of a metric at one time.
type Datum struct {
	Name       string
	Dimensions []Dimension
	Time       time.Time
	Unit       string // empty: None
	Values     []Measured
}

// Measured is a value and how often it was measured.
type Measured struct{ Value, Count float64 }

const noUnit = "None"

// AWS: minutes are kept for 15 days and then merged, seconds for three hours. Here
// both end there.
const (
	keepMinutes = 15 * 24 * time.Hour
	keepFine    = 3 * time.Hour
)

// metrics is every series of every account and region.
type metrics struct {
	mu     sync.RWMutex
	max    int
	series map[store.Scope]map[string]*series
	// order has a mark for each bucket in the order of their making, so that the
	// oldest goes when there are too many.
	order []mark
	count int
	key   []byte // of the series that add looks for
}

type mark struct {
	scope store.Scope
	key   string
	at    bucketKey
}

// series is one metric: a namespace, a name and a set of dimensions.
type series struct {
	key             string
	namespace, name string
	dimensions      []Dimension
	buckets         map[bucketKey]*bucket
	last            time.Time // newest measurement
}

// bucketKey is the start of a bucket in seconds, with its unit and resolution.
type bucketKey struct {
	start int64
	unit  string
	width int64 // seconds: 60 or 1
}

func newMetrics(max int) *metrics {
	return &metrics{max: max, series: map[store.Scope]map[string]*series{}}
}

func (m *metrics) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.series, m.order, m.count = map[store.Scope]map[string]*series{}, nil, 0
}

func seriesKey(namespace, name string, dimensions []Dimension) string {
	return string(appendSeriesKey(nil, namespace, name, dimensions))
}

func appendSeriesKey(b []byte, namespace, name string, dimensions []Dimension) []byte {
	b = append(append(append(b, namespace...), 0), name...)
	for _, d := range dimensions {
		b = append(append(append(append(b, 0), d.Name...), 0), d.Value...)
	}
	return b
}

// sortDimensions gives dimensions in the one order by which series are found.
func sortDimensions(in []Dimension) []Dimension {
	if slices.IsSortedFunc(in, compareDimensions) {
		return in
	}
	out := slices.Clone(in)
	slices.SortFunc(out, compareDimensions)
	return out
}

func compareDimensions(a, b Dimension) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
}

// Record takes measurements of a namespace. What is older than metrics are kept is
// left out.
func (s *Service) Record(scope store.Scope, namespace string, data []Datum) {
	now := s.now()
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	for i := range data {
		d := &data[i]
		s.metrics.add(now, scope, namespace, d, 60, func(b *bucket) {
			for _, v := range d.Values {
				b.add(v.Value, v.Count)
			}
		})
	}
}

// add finds or makes the bucket of a measurement. The caller holds the lock.
func (m *metrics) add(now time.Time, scope store.Scope, namespace string, d *Datum, width int64, fill func(*bucket)) {
	if now.Sub(d.Time) > keepMinutes {
		return
	}
	dims := sortDimensions(d.Dimensions)
	m.key = appendSeriesKey(m.key[:0], namespace, d.Name, dims)
	all := m.series[scope]
	if all == nil {
		all = map[string]*series{}
		m.series[scope] = all
	}
	sr := all[string(m.key)]
	if sr == nil {
		sr = &series{key: string(m.key), namespace: namespace, name: d.Name, dimensions: dims, buckets: map[bucketKey]*bucket{}}
		all[sr.key] = sr
	}
	if d.Time.After(sr.last) {
		sr.last = d.Time
	}
	at := bucketKey{floor(d.Time.Unix(), width), cmp.Or(d.Unit, noUnit), width}
	b := sr.buckets[at]
	if b == nil {
		b = &bucket{}
		sr.buckets[at] = b
		m.count++
		m.order = append(m.order, mark{scope, sr.key, at})
		m.trim(now)
	}
	fill(b)
}

// trim forgets the oldest bucket while there are too many or it is too old.
func (m *metrics) trim(now time.Time) {
	for len(m.order) > 0 {
		oldest := m.order[0]
		keep := keepMinutes
		if oldest.at.width == 1 {
			keep = keepFine
		}
		if m.count <= m.max && now.Unix()-oldest.at.start <= int64(keep/time.Second) {
			return
		}
		m.order = m.order[1:]
		m.count--
		sr := m.series[oldest.scope][oldest.key]
		delete(sr.buckets, oldest.at)
		if len(sr.buckets) == 0 {
			delete(m.series[oldest.scope], oldest.key)
		}
	}
}

// read collects a metric's buckets from start until before end into periods, by
// unit and then by the period's start in seconds.
func (m *metrics) read(scope store.Scope, namespace, name string, dims []Dimension, q window) map[string]map[int64]*bucket {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := map[string]map[int64]*bucket{}
	sr := m.series[scope][seriesKey(namespace, name, sortDimensions(dims))]
	if sr == nil {
		return out
	}
	first, end := floor(q.start.Unix(), min(q.period, 60)), q.end.Unix()
	for at, b := range sr.buckets {
		if at.start < first || at.start >= end || q.unit != "" && q.unit != at.unit {
			continue
		}
		periods := out[at.unit]
		if periods == nil {
			periods = map[int64]*bucket{}
			out[at.unit] = periods
		}
		start := floor(at.start, q.period)
		if periods[start] == nil {
			periods[start] = &bucket{}
		}
		periods[start].merge(b)
	}
	return out
}

// window is the time that a reader asks for.
type window struct {
	start, end time.Time
	period     int64  // seconds
	unit       string // empty: any
}

// list gives the series of a scope, ordered by their keys.
func (m *metrics) list(scope store.Scope, match func(*series) bool) []*series {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []*series
	for _, key := range slices.Sorted(maps.Keys(m.series[scope])) {
		if sr := m.series[scope][key]; match(sr) {
			out = append(out, sr)
		}
	}
	return out
}

func floor(n, width int64) int64 {
	r := n % width
	if r < 0 {
		r += width
	}
	return n - r
}
