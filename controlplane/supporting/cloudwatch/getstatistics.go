package cloudwatch

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
)

// maxDatapoints is how many periods GetMetricStatistics may be asked for.
const maxDatapoints = 1440

func (s *Service) getMetricStatistics(ctx context.Context, in *wire.GetMetricStatisticsInput) (*wire.GetMetricStatisticsOutput, error) {
	named, err := checkStatistics(in)
	if err != nil {
		return nil, err
	}
	s.settle(ctx)
	q := window{*in.StartTime, *in.EndTime, int64(*in.Period), awsapi.Val(in.Unit)}
	byUnit := s.metrics.read(scopeOf(ctx), *in.Namespace, *in.MetricName, dimensions(in.Dimensions), q)
	out := &wire.GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []wire.Datapoint{}}
	for _, unit := range slices.Sorted(maps.Keys(byUnit)) {
		for _, start := range slices.Sorted(maps.Keys(byUnit[unit])) {
			out.Datapoints = append(out.Datapoints, datapoint(byUnit[unit][start], start, unit, in.Statistics, named))
		}
	}
	return out, nil
}

// checkStatistics checks what the model does not say and gives the extended
// statistics by name.
func checkStatistics(in *wire.GetMetricStatisticsInput) (map[string]statistic, error) {
	switch {
	case len(in.Statistics) == 0 && len(in.ExtendedStatistics) == 0:
		return nil, missing("Must specify either Statistics or ExtendedStatistics")
	case !in.StartTime.Before(*in.EndTime):
		return nil, invalidValue("The parameter StartTime must be less than the parameter EndTime.")
	}
	if err := checkPeriod("Period", *in.Period); err != nil {
		return nil, err
	}
	span := int64(in.EndTime.Sub(*in.StartTime) / time.Second)
	if n := (span + int64(*in.Period) - 1) / int64(*in.Period); n > maxDatapoints {
		return nil, invalidCombination("You have requested up to %d datapoints, which exceeds the limit of %d. You may reduce the datapoints requested by increasing Period, or decreasing the time range.", n, maxDatapoints)
	}
	named := map[string]statistic{}
	for _, name := range in.ExtendedStatistics {
		st, ok := parseStatistic(name)
		if !ok {
			return nil, invalidValue("The value %s for parameter ExtendedStatistics is not supported.", name)
		}
		named[name] = st
	}
	return named, nil
}

// AWS: 1, 5, 10, 20, 30 or a multiple of 60 seconds.
func checkPeriod(parameter string, period int) error {
	if period%60 != 0 && !slices.Contains([]int{1, 5, 10, 20, 30}, period) {
		return invalidValue("The parameter %s must be 1, 5, 10, 20, 30 or a multiple of 60.", parameter)
	}
	return nil
}

func datapoint(b *bucket, start int64, unit string, plain []string, named map[string]statistic) wire.Datapoint {
	at := time.Unix(start, 0).UTC()
	d := wire.Datapoint{Timestamp: &at, Unit: &unit}
	targets := map[string]**float64{"SampleCount": &d.SampleCount, "Average": &d.Average, "Sum": &d.Sum, "Minimum": &d.Minimum, "Maximum": &d.Maximum}
	for _, name := range plain {
		if v, ok := plainStatistics[name](b); ok {
			*targets[name] = &v
		}
	}
	for name, st := range named {
		if v, ok := st(b); ok {
			if d.ExtendedStatistics == nil {
				d.ExtendedStatistics = map[string]float64{}
			}
			d.ExtendedStatistics[name] = v
		}
	}
	return d
}
