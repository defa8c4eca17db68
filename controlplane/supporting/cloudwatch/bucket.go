package cloudwatch

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// bucket is what was measured of a metric in one span of time.
type bucket struct {
	count, sum, min, max float64
	// values counts measurements by their value, rounded to three digits: what
	// percentiles need, in a bounded space. Statistic sets leave it incomplete.
	values map[float64]float64
}

func (b *bucket) add(value, count float64) {
	b.addSet(count, value*count, value, value)
	if b.values == nil {
		b.values = map[float64]float64{}
	}
	b.values[rounded(value)] += count
}

// addSet takes measurements of which only the summary is known.
func (b *bucket) addSet(count, sum, low, high float64) {
	if b.count == 0 {
		b.min, b.max = low, high
	}
	b.count += count
	b.sum += sum
	b.min, b.max = min(b.min, low), max(b.max, high)
}

func (b *bucket) merge(o *bucket) {
	b.addSet(o.count, o.sum, o.min, o.max)
	if b.values == nil {
		b.values = maps.Clone(o.values)
		return
	}
	for v, n := range o.values {
		b.values[v] += n
	}
}

// rounded keeps three significant digits.
func rounded(v float64) float64 {
	if v == 0 || v == math.Trunc(v) && math.Abs(v) < 1000 {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	return math.Round(v/unit) * unit
}

// statistic computes one number of a bucket; ok is false when it cannot, as for a
// percentile of summaries.
type statistic func(*bucket) (value float64, ok bool)

var plainStatistics = map[string]statistic{
	"SampleCount": func(b *bucket) (float64, bool) { return b.count, true },
	"Sum":         func(b *bucket) (float64, bool) { return b.sum, true },
	"Minimum":     func(b *bucket) (float64, bool) { return b.min, true },
	"Maximum":     func(b *bucket) (float64, bool) { return b.max, true },
	"Average":     average,
	"IQM":         func(b *bucket) (float64, bool) { return b.trimmedMean(0.25, 0.75) },
}

func average(b *bucket) (float64, bool) {
	if b.count == 0 {
		return 0, false
	}
	return b.sum / b.count, true
}

// parseStatistic knows the plain statistics, percentiles (p99.9) and trimmed means
// (tm90, TM(10%:90%)).
func parseStatistic(name string) (statistic, bool) {
	if s, ok := plainStatistics[name]; ok {
		return s, true
	}
	if n, ok := percent(strings.TrimPrefix(name, "p")); ok && name[0] == 'p' {
		return func(b *bucket) (float64, bool) { return b.percentile(n) }, true
	}
	if n, ok := percent(strings.TrimPrefix(name, "tm")); ok && name[0] == 't' {
		return func(b *bucket) (float64, bool) { return b.trimmedMean(0, n) }, true
	}
	if spec, ok := strings.CutPrefix(name, "TM("); ok && strings.HasSuffix(spec, "%)") {
		from, to, _ := strings.Cut(strings.TrimSuffix(spec, "%)"), "%:")
		low, okLow := percent(from)
		high, okHigh := percent(to)
		if okLow && okHigh && low < high {
			return func(b *bucket) (float64, bool) { return b.trimmedMean(low, high) }, true
		}
	}
	return nil, false
}

// percent reads "99.9" as 0.999.
func percent(s string) (float64, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || len(s) == 0 || s[0] < '0' || s[0] > '9' || n < 0 || n > 100 {
		return 0, false
	}
	return n / 100, true
}

func (b *bucket) measured() (values []float64, total float64) {
	values = slices.Sorted(maps.Keys(b.values))
	for _, n := range b.values {
		total += n
	}
	return values, total
}

func (b *bucket) percentile(p float64) (float64, bool) {
	values, total := b.measured()
	if total == 0 {
		return 0, false
	}
	rank := math.Ceil(p * total)
	seen := 0.0
	for _, v := range values {
		if seen += b.values[v]; seen >= rank {
			return min(max(v, b.min), b.max), true
		}
	}
	return b.max, true
}

// trimmedMean is the mean of what lies between two percentiles.
func (b *bucket) trimmedMean(low, high float64) (float64, bool) {
	values, total := b.measured()
	from, to := low*total, high*total
	seen, sum, count := 0.0, 0.0, 0.0
	for _, v := range values {
		n := b.values[v]
		in := max(0, min(seen+n, to)-max(seen, from))
		sum, count, seen = sum+v*in, count+in, seen+n
	}
	if count == 0 {
		return 0, false
	}
	return sum / count, true
}
