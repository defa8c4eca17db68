package cloudwatch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
)

// AWS: bounds of one call and of one datum.
const (
	maxData   = 1000
	maxValues = 150
	maxPast   = 14 * 24 * time.Hour
	maxFuture = 2 * time.Hour
)

func (s *Service) putMetricData(ctx context.Context, in *wire.PutMetricDataInput) (*awsapi.Empty, error) {
	lists := []metricList{{"MetricData", in.MetricData}}
	for i := range in.EntityMetricData {
		// The entity only relates metrics to what they are about: nothing reads it.
		lists = append(lists, metricList{fmt.Sprintf("EntityMetricData.member.%d.MetricData", i+1), in.EntityMetricData[i].MetricData})
	}
	total := 0
	for _, l := range lists {
		total += len(l.data)
	}
	switch {
	case total == 0:
		return nil, missing("The parameter MetricData is required.")
	case total > maxData:
		// unverified against AWS: the text.
		return nil, invalidValue("The collection MetricData must not have a size greater than %d.", maxData)
	}
	now := s.now()
	for _, l := range lists {
		for i := range l.data {
			if err := checkDatum(fmt.Sprintf("%s.member.%d", l.name, i+1), &l.data[i], now); err != nil {
				return nil, err
			}
		}
	}
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	scope := scopeOf(ctx)
	for _, l := range lists {
		for i := range l.data {
			d := &l.data[i]
			width := int64(60)
			if d.StorageResolution != nil && *d.StorageResolution == 1 {
				width = 1
			}
			at := Datum{Name: *d.MetricName, Dimensions: dimensions(d.Dimensions), Time: now, Unit: awsapi.Val(d.Unit)}
			if d.Timestamp != nil {
				at.Time = *d.Timestamp
			}
			s.metrics.add(now, scope, *in.Namespace, &at, width, func(b *bucket) { fill(b, d) })
		}
	}
	return nil, nil
}

type metricList struct {
	name string
	data []wire.MetricDatum
}

func fill(b *bucket, d *wire.MetricDatum) {
	switch v := d.StatisticValues; {
	case d.Value != nil:
		b.add(*d.Value, 1)
	case v != nil && *v.Minimum == *v.Maximum:
		b.add(*v.Minimum, *v.SampleCount)
	case v != nil:
		b.addSet(*v.SampleCount, *v.Sum, *v.Minimum, *v.Maximum)
	}
	for i, v := range d.Values {
		count := 1.0
		if d.Counts != nil {
			count = d.Counts[i]
		}
		b.add(v, count)
	}
}

// checkDatum checks what the model does not say. at is the datum's name in messages.
func checkDatum(at string, d *wire.MetricDatum, now time.Time) error {
	exclusive := func(a, b string) error {
		return invalidCombination("The parameters %s.%s and %s.%s are mutually exclusive and you have specified both.", at, a, at, b)
	}
	switch {
	case d.Value != nil && d.Values != nil:
		return exclusive("Value", "Values")
	case d.Value != nil && d.StatisticValues != nil:
		return exclusive("Value", "StatisticValues")
	case d.StatisticValues != nil && d.Values != nil:
		return exclusive("StatisticValues", "Values")
	case d.Counts != nil && len(d.Counts) != len(d.Values):
		return invalidValue("The parameters %s.Values and %s.Counts must be of the same size.", at, at)
	case len(d.Values) > maxValues:
		return invalidValue("The collection %s.Values must not have a size greater than %d.", at, maxValues)
	case d.Value == nil && d.Values == nil && d.StatisticValues == nil:
		return missing("At least one of the parameters %s.Value, %s.Values or %s.StatisticValues must be specified.", at, at, at)
	case d.StorageResolution != nil && *d.StorageResolution != 1 && *d.StorageResolution != 60:
		return invalidValue("The value %d for parameter %s.StorageResolution is invalid. Valid values are 1 and 60.", *d.StorageResolution, at)
	}
	if t := d.Timestamp; t != nil && (now.Sub(*t) > maxPast || t.Sub(now) > maxFuture) {
		// unverified against AWS: the text.
		return invalidValue("The parameter %s.Timestamp must specify a time within the last two weeks and no more than two hours into the future.", at)
	}
	return checkNumbers(at, d)
}

// AWS: numbers are finite and within 2 to the power of 360; counts are not negative.
func checkNumbers(at string, d *wire.MetricDatum) error {
	limit := math.Pow(2, 360)
	bad := func(v float64) bool { return math.IsNaN(v) || math.Abs(v) > limit }
	// unverified against AWS: the texts.
	if d.Value != nil && bad(*d.Value) {
		return invalidValue("The value %v for parameter %s.Value is invalid.", *d.Value, at)
	}
	if i := slices.IndexFunc(d.Values, bad); i >= 0 {
		return invalidValue("The value %v for parameter %s.Values.member.%d is invalid.", d.Values[i], at, i+1)
	}
	if i := slices.IndexFunc(d.Counts, func(v float64) bool { return bad(v) || v < 0 }); i >= 0 {
		return invalidValue("The value %v for parameter %s.Counts.member.%d is invalid.", d.Counts[i], at, i+1)
	}
	if v := d.StatisticValues; v != nil && (bad(*v.Sum) || bad(*v.Minimum) || bad(*v.Maximum) || bad(*v.SampleCount) || *v.SampleCount < 0 || *v.Minimum > *v.Maximum) {
		return invalidValue("The value for parameter %s.StatisticValues is invalid.", at)
	}
	return nil
}

func dimensions(in []wire.Dimension) []Dimension {
	out := make([]Dimension, len(in))
	for i, d := range in {
		out[i] = Dimension{awsapi.Val(d.Name), awsapi.Val(d.Value)}
	}
	return out
}

func wireDimensions(in []Dimension) []wire.Dimension {
	out := make([]wire.Dimension, len(in))
	for i := range in {
		out[i] = wire.Dimension{Name: &in[i].Name, Value: &in[i].Value}
	}
	return out
}
