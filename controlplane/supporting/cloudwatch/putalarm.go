package cloudwatch

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
)

func (s *Service) putMetricAlarm(ctx context.Context, in *wire.PutMetricAlarmInput) (*awsapi.Empty, error) {
	if err := checkAlarm(in); err != nil {
		return nil, err
	}
	scope, now := scopeOf(ctx), s.now()
	return nil, s.putAlarm(ctx, *in.AlarmName, in.Tags, func(have *alarm, st state) *alarm {
		m := &wire.MetricAlarm{
			AlarmName: in.AlarmName, AlarmArn: awsapi.Ptr(alarmARN(scope, *in.AlarmName)), AlarmDescription: in.AlarmDescription,
			AlarmConfigurationUpdatedTimestamp: &now, ActionsEnabled: orTrue(in.ActionsEnabled),
			OKActions: orEmpty(in.OKActions), AlarmActions: orEmpty(in.AlarmActions), InsufficientDataActions: orEmpty(in.InsufficientDataActions),
			MetricName: in.MetricName, Namespace: in.Namespace, Statistic: in.Statistic, ExtendedStatistic: in.ExtendedStatistic,
			Dimensions: orEmpty(in.Dimensions), Period: in.Period, Unit: in.Unit, EvaluationPeriods: in.EvaluationPeriods,
			DatapointsToAlarm: in.DatapointsToAlarm, Threshold: in.Threshold, ComparisonOperator: in.ComparisonOperator,
			TreatMissingData: in.TreatMissingData, EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentile,
			Metrics: in.Metrics, ThresholdMetricId: in.ThresholdMetricId, EvaluationCriteria: in.EvaluationCriteria, EvaluationInterval: in.EvaluationInterval,
			StateUpdatedTimestamp: &now, StateTransitionedTimestamp: &now,
		}
		if have != nil {
			st = have.state()
			if have.Metric != nil {
				m.StateUpdatedTimestamp, m.StateTransitionedTimestamp = have.Metric.StateUpdatedTimestamp, have.Metric.StateTransitionedTimestamp
			}
		}
		m.StateValue, m.StateReason, m.StateReasonData = st.value, st.reason, st.reasonData
		return &alarm{Metric: m}
	})
}

var missingDataTreatments = []string{"breaching", "notBreaching", "ignore", "missing"}

func checkAlarm(in *wire.PutMetricAlarmInput) error {
	switch {
	case in.MetricName != nil && in.Metrics != nil:
		return validationError("Metrics list must not be specified with MetricName, Namespace, Period, Dimensions, Statistic, ExtendedStatistic or Unit.") // unverified against AWS: the text
	case in.MetricName == nil && in.Metrics == nil && in.EvaluationCriteria == nil:
		return validationError("Exactly one of MetricName and Metrics must be specified.") // unverified against AWS: the text
	case in.MetricName != nil && in.Statistic == nil && in.ExtendedStatistic == nil:
		return validationError("Exactly one of Statistic and ExtendedStatistic must be specified.") // unverified against AWS: the text
	case in.Statistic != nil && in.ExtendedStatistic != nil:
		return invalidCombination("The parameters Statistic and ExtendedStatistic are mutually exclusive and you have specified both.")
	}
	if st := in.ExtendedStatistic; st != nil {
		if _, ok := parseStatistic(*st); !ok || (*st)[0] == 'S' {
			return invalidValue("The value %s for parameter ExtendedStatistic is not supported.", *st)
		}
	}
	if t := in.TreatMissingData; t != nil && !slices.Contains(missingDataTreatments, *t) {
		return invalidValue("The value %s is not supported for TreatMissingData parameter. Supported values are [breaching, notBreaching, ignore, missing].", *t)
	}
	if o := in.EvaluateLowSampleCountPercentile; o != nil && *o != "evaluate" && *o != "ignore" {
		return invalidValue("Option %s is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.", *o)
	}
	if n := in.DatapointsToAlarm; n != nil && *n > awsapi.Val(in.EvaluationPeriods) {
		return validationError("DatapointsToAlarm must be less than or equal to EvaluationPeriods.") // unverified against AWS: the text
	}
	if in.Period != nil {
		if err := checkPeriod("Period", *in.Period); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) putCompositeAlarm(ctx context.Context, in *wire.PutCompositeAlarmInput) (*awsapi.Empty, error) {
	scope, now := scopeOf(ctx), s.now()
	return nil, s.putAlarm(ctx, *in.AlarmName, in.Tags, func(have *alarm, st state) *alarm {
		c := &wire.CompositeAlarm{
			AlarmName: in.AlarmName, AlarmArn: awsapi.Ptr(alarmARN(scope, *in.AlarmName)), AlarmDescription: in.AlarmDescription, AlarmRule: in.AlarmRule,
			AlarmConfigurationUpdatedTimestamp: &now, ActionsEnabled: orTrue(in.ActionsEnabled),
			OKActions: orEmpty(in.OKActions), AlarmActions: orEmpty(in.AlarmActions), InsufficientDataActions: orEmpty(in.InsufficientDataActions),
			ActionsSuppressor: in.ActionsSuppressor, ActionsSuppressorWaitPeriod: in.ActionsSuppressorWaitPeriod,
			ActionsSuppressorExtensionPeriod: in.ActionsSuppressorExtensionPeriod,
			StateUpdatedTimestamp:            &now, StateTransitionedTimestamp: &now,
		}
		if have != nil {
			st = have.state()
			if have.Composite != nil {
				c.StateUpdatedTimestamp, c.StateTransitionedTimestamp = have.Composite.StateUpdatedTimestamp, have.Composite.StateTransitionedTimestamp
			}
		}
		c.StateValue, c.StateReason, c.StateReasonData = st.value, st.reason, st.reasonData
		return &alarm{Composite: c}
	})
}

func orTrue(b *bool) *bool {
	if b == nil {
		return awsapi.Ptr(true)
	}
	return b
}

// orEmpty makes an absent list one that the answer shows.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
