package cloudwatch

import (
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
	"github.com/postern/postern/controlplane/store"
)

const (
	alarmsPage      = 100
	alarmsPageUsual = 50
)

// alarmsWhere gives a scope's alarms that match, by name.
func (s *Service) alarmsWhere(ctx context.Context, match func(*alarm) bool) ([]*alarm, error) {
	var out []*alarm
	err := s.db.View(func(tx *store.Tx) error {
		for _, a := range alarms.List(tx, scopeOf(ctx), "") {
			if match(a) {
				out = append(out, a)
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b *alarm) int { return strings.Compare(a.name(), b.name()) })
	return out, err
}

func (s *Service) describeAlarms(ctx context.Context, in *wire.DescribeAlarmsInput) (*wire.DescribeAlarmsOutput, error) {
	switch {
	case len(in.AlarmNames) > 0 && in.AlarmNamePrefix != nil:
		return nil, validationError("AlarmNames and AlarmNamePrefix are mutually exclusive.") // unverified against AWS: the text
	case in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil:
		// Nothing here reads alarm rules, in which the relations stand.
		return nil, &awsapi.Error{Code: "NotImplementedException", Message: "Postern does not follow alarm rules: ChildrenOfAlarmName and ParentsOfAlarmName find nothing", Status: 501}
	}
	found, err := s.alarmsWhere(ctx, func(a *alarm) bool { return matchAlarm(a, in) })
	if err != nil {
		return nil, err
	}
	cut, next, ok := awsapi.Page(found, awsapi.Val(in.NextToken), awsapi.Val(in.MaxRecords), alarmsPageUsual, alarmsPage)
	if !ok {
		return nil, awsapi.Errorf("InvalidNextToken", "The value %s for parameter NextToken is invalid.", *in.NextToken)
	}
	out := &wire.DescribeAlarmsOutput{CompositeAlarms: []wire.CompositeAlarm{}, MetricAlarms: []wire.MetricAlarm{}, NextToken: awsapi.NonEmpty(next)}
	for _, a := range cut {
		if a.Metric != nil {
			out.MetricAlarms = append(out.MetricAlarms, *a.Metric)
		} else {
			out.CompositeAlarms = append(out.CompositeAlarms, *a.Composite)
		}
	}
	return out, nil
}

func matchAlarm(a *alarm, in *wire.DescribeAlarmsInput) bool {
	// AWS: composite alarms are left out unless they are asked for.
	kinds := in.AlarmTypes
	if len(kinds) == 0 {
		kinds = []string{"MetricAlarm"}
	}
	return slices.Contains(kinds, a.kind()) &&
		(len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, a.name())) &&
		strings.HasPrefix(a.name(), awsapi.Val(in.AlarmNamePrefix)) &&
		(in.StateValue == nil || *in.StateValue == *a.state().value) &&
		(in.ActionPrefix == nil || slices.ContainsFunc(a.actions(), func(arn string) bool { return strings.HasPrefix(arn, *in.ActionPrefix) }))
}

func (a *alarm) kind() string {
	if a.Metric != nil {
		return "MetricAlarm"
	}
	return "CompositeAlarm"
}

func (a *alarm) actions() []string {
	if m := a.Metric; m != nil {
		return slices.Concat(m.AlarmActions, m.OKActions, m.InsufficientDataActions)
	}
	return slices.Concat(a.Composite.AlarmActions, a.Composite.OKActions, a.Composite.InsufficientDataActions)
}

func (s *Service) describeAlarmsForMetric(ctx context.Context, in *wire.DescribeAlarmsForMetricInput) (*wire.DescribeAlarmsForMetricOutput, error) {
	want := seriesKey(*in.Namespace, *in.MetricName, sortDimensions(dimensions(in.Dimensions)))
	found, err := s.alarmsWhere(ctx, func(a *alarm) bool {
		m := a.Metric
		return m != nil && seriesKey(awsapi.Val(m.Namespace), awsapi.Val(m.MetricName), sortDimensions(dimensions(m.Dimensions))) == want &&
			same(in.Statistic, m.Statistic) && same(in.ExtendedStatistic, m.ExtendedStatistic) && same(in.Period, m.Period) && same(in.Unit, m.Unit)
	})
	out := &wire.DescribeAlarmsForMetricOutput{MetricAlarms: []wire.MetricAlarm{}}
	for _, a := range found {
		out.MetricAlarms = append(out.MetricAlarms, *a.Metric)
	}
	return out, err
}

// same tells whether a value is the one asked for; nil asks for none.
func same[T comparable](want, have *T) bool { return want == nil || have != nil && *want == *have }

func (s *Service) describeAlarmHistory(ctx context.Context, in *wire.DescribeAlarmHistoryInput) (*wire.DescribeAlarmHistoryOutput, error) {
	found, err := s.alarmsWhere(ctx, func(a *alarm) bool {
		return (in.AlarmName == nil || *in.AlarmName == a.name()) && (len(in.AlarmTypes) == 0 || slices.Contains(in.AlarmTypes, a.kind()))
	})
	if err != nil {
		return nil, err
	}
	items := []wire.AlarmHistoryItem{}
	for _, a := range found {
		for _, h := range a.History {
			if in.HistoryItemType != nil && *in.HistoryItemType != h.Type || in.StartDate != nil && h.At.Before(*in.StartDate) || in.EndDate != nil && h.At.After(*in.EndDate) {
				continue
			}
			items = append(items, wire.AlarmHistoryItem{
				AlarmName: awsapi.Ptr(a.name()), AlarmType: awsapi.Ptr(a.kind()), Timestamp: &h.At,
				HistoryItemType: &h.Type, HistorySummary: &h.Summary, HistoryData: &h.Data,
			})
		}
	}
	slices.SortStableFunc(items, func(a, b wire.AlarmHistoryItem) int { return a.Timestamp.Compare(*b.Timestamp) })
	if awsapi.Val(in.ScanBy) != "TimestampAscending" {
		slices.Reverse(items)
	}
	cut, next, ok := awsapi.Page(items, awsapi.Val(in.NextToken), awsapi.Val(in.MaxRecords), alarmsPageUsual, alarmsPage)
	if !ok {
		return nil, awsapi.Errorf("InvalidNextToken", "The value %s for parameter NextToken is invalid.", *in.NextToken)
	}
	return &wire.DescribeAlarmHistoryOutput{AlarmHistoryItems: orEmpty(cut), NextToken: awsapi.NonEmpty(next)}, nil
}
