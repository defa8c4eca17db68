package cloudwatch

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cw "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/store"
)

func minimal(name string) *cw.PutMetricAlarmInput {
	return &cw.PutMetricAlarmInput{
		AlarmName: &name, MetricName: aws.String("m"), Namespace: aws.String("ns"), Statistic: types.StatisticSum, Period: aws.Int32(10),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(30), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	}
}

func TestMinimalAlarm(t *testing.T) {
	f := start(t)
	if _, err := f.PutMetricAlarm(t.Context(), minimal("a")); err != nil {
		t.Fatal(err)
	}
	out, err := f.DescribeAlarms(t.Context(), &cw.DescribeAlarmsInput{})
	if err != nil {
		t.Fatal(err)
	}
	want := &cw.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{{
		ActionsEnabled: aws.Bool(true),
		AlarmArn:       aws.String("arn:aws:cloudwatch:us-east-1:000000000000:alarm:a"), AlarmName: aws.String("a"), AlarmConfigurationUpdatedTimestamp: &noon,
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, EvaluationPeriods: aws.Int32(1), MetricName: aws.String("m"), Namespace: aws.String("ns"),
		Period: aws.Int32(10), StateReason: aws.String("Unchecked: Initial alarm creation"), StateTransitionedTimestamp: &noon, StateUpdatedTimestamp: &noon,
		StateValue: types.StateValueInsufficientData, Statistic: types.StatisticSum, Threshold: aws.Float64(30),
	}}}
	out.ResultMetadata = want.ResultMetadata
	if diff := cmp.Diff(out, want, ignoreDocument, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ResultMetadata" }, cmp.Ignore())); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Lists that are empty are shown, which an SDK's client does not tell from absent ones.
func TestEmptyListsOfAnAlarm(t *testing.T) {
	f := start(t)
	if _, err := f.PutMetricAlarm(t.Context(), minimal("a")); err != nil {
		t.Fatal(err)
	}
	_, body := f.post(t, jsonHeader+"DescribeAlarms", "{}")
	for _, list := range []string{"CompositeAlarms", "AlarmActions", "OKActions", "InsufficientDataActions", "Dimensions"} {
		if !strings.Contains(body, `"`+list+`":[]`) {
			t.Errorf("no empty %s in %s", list, body)
		}
	}
}

func TestAlarmStates(t *testing.T) {
	f := start(t)
	_, err := f.SetAlarmState(t.Context(), &cw.SetAlarmStateInput{AlarmName: aws.String("a"), StateValue: "INVALID", StateReason: aws.String("test")})
	if got, want := failure(err), "ValidationError: 1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	set := &cw.SetAlarmStateInput{AlarmName: aws.String("a"), StateValue: types.StateValueAlarm, StateReason: aws.String("testing alarm")}
	if _, err = f.SetAlarmState(t.Context(), set); failure(err)[:len("ResourceNotFound: ")] != "ResourceNotFound: " {
		t.Errorf("missing alarm: %v", err)
	}
	if _, err := f.PutMetricAlarm(t.Context(), minimal("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.SetAlarmState(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if _, err := f.PutMetricAlarm(t.Context(), minimal("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.DisableAlarmActions(t.Context(), &cw.DisableAlarmActionsInput{AlarmNames: []string{"a", "none"}}); err != nil {
		t.Fatal(err)
	}
	out, err := f.DescribeAlarmsForMetric(t.Context(), &cw.DescribeAlarmsForMetricInput{Namespace: aws.String("ns"), MetricName: aws.String("m")})
	if err != nil || len(out.MetricAlarms) != 1 {
		t.Fatalf("%v %v", out, err)
	}
	if a := out.MetricAlarms[0]; a.StateValue != types.StateValueAlarm || *a.StateReason != "testing alarm" || *a.ActionsEnabled {
		t.Errorf("an update does not keep the state, or the actions stay enabled: %+v", a)
	}
	history, err := f.DescribeAlarmHistory(t.Context(), &cw.DescribeAlarmHistoryInput{AlarmName: aws.String("a"), HistoryItemType: types.HistoryItemTypeStateUpdate})
	if err != nil || len(history.AlarmHistoryItems) != 1 {
		t.Fatalf("%v %v", history, err)
	}
	item := history.AlarmHistoryItems[0]
	data := `{"version":"1.0","oldState":{"stateValue":"INSUFFICIENT_DATA","stateReason":"Unchecked: Initial alarm creation"},"newState":{"stateValue":"ALARM","stateReason":"testing alarm"}}`
	if *item.HistorySummary != "Alarm updated from INSUFFICIENT_DATA to ALARM" || *item.HistoryData != data {
		t.Errorf("%s %s", *item.HistorySummary, *item.HistoryData)
	}
}

func TestAlarmRefusals(t *testing.T) {
	f := start(t)
	for name, tc := range map[string]struct {
		change func(*cw.PutMetricAlarmInput)
		want   string
	}{
		"missing data": {func(in *cw.PutMetricAlarmInput) { in.TreatMissingData = aws.String("x") },
			"InvalidParameterValue: The value x is not supported for TreatMissingData parameter. Supported values are [breaching, notBreaching, ignore, missing]."},
		"low samples": {func(in *cw.PutMetricAlarmInput) { in.EvaluateLowSampleCountPercentile = aws.String("x") },
			"InvalidParameterValue: Option x is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore."},
		"extended statistic": {func(in *cw.PutMetricAlarmInput) { in.Statistic, in.ExtendedStatistic = "", aws.String("q99") },
			"InvalidParameterValue: The value q99 for parameter ExtendedStatistic is not supported."},
	} {
		in := minimal("a")
		tc.change(in)
		_, err := f.PutMetricAlarm(t.Context(), in)
		if got := failure(err); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestAlarmKindsAndTags(t *testing.T) {
	f := start(t)
	in := minimal("a")
	in.Tags = []types.Tag{{Key: aws.String("tag1"), Value: aws.String("foo")}, {Key: aws.String("tag2"), Value: aws.String("bar")}}
	if _, err := f.PutMetricAlarm(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if _, err := f.PutCompositeAlarm(t.Context(), &cw.PutCompositeAlarmInput{AlarmName: aws.String("c"), AlarmRule: aws.String("ALARM(a)")}); err != nil {
		t.Fatal(err)
	}
	out, err := f.DescribeAlarms(t.Context(), &cw.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}})
	if err != nil || len(out.MetricAlarms) != 0 || len(out.CompositeAlarms) != 1 || *out.CompositeAlarms[0].AlarmRule != "ALARM(a)" {
		t.Errorf("%+v %v", out, err)
	}
	arn := aws.String("arn:aws:cloudwatch:us-east-1:000000000000:alarm:a")
	if _, err := f.UntagResource(t.Context(), &cw.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"tag1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.TagResource(t.Context(), &cw.TagResourceInput{ResourceARN: arn, Tags: []types.Tag{{Key: aws.String("tag3"), Value: aws.String("")}}}); err != nil {
		t.Fatal(err)
	}
	tags, err := f.ListTagsForResource(t.Context(), &cw.ListTagsForResourceInput{ResourceARN: arn})
	if err != nil {
		t.Fatal(err)
	}
	want := []types.Tag{{Key: aws.String("tag2"), Value: aws.String("bar")}, {Key: aws.String("tag3"), Value: aws.String("")}}
	if diff := cmp.Diff(tags.Tags, want, ignoreDocument); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if _, err := f.DeleteAlarms(t.Context(), &cw.DeleteAlarmsInput{AlarmNames: []string{"a", "c", "none"}}); err != nil {
		t.Fatal(err)
	}
	if _, err = f.ListTagsForResource(t.Context(), &cw.ListTagsForResourceInput{ResourceARN: arn}); !strings.HasPrefix(failure(err), "ResourceNotFoundException: ") {
		t.Errorf("tags of a deleted alarm: %v", err)
	}
}

func TestDashboards(t *testing.T) {
	f := start(t)
	body := `{"widgets":[]}`
	if _, err := f.PutDashboard(t.Context(), &cw.PutDashboardInput{DashboardName: aws.String("d"), DashboardBody: &body}); err != nil {
		t.Fatal(err)
	}
	got, err := f.GetDashboard(t.Context(), &cw.GetDashboardInput{DashboardName: aws.String("d")})
	if err != nil || *got.DashboardBody != body || *got.DashboardArn != "arn:aws:cloudwatch::000000000000:dashboard/d" {
		t.Errorf("%+v %v", got, err)
	}
	list, err := f.ListDashboards(t.Context(), &cw.ListDashboardsInput{DashboardNamePrefix: aws.String("x")})
	if err != nil || len(list.DashboardEntries) != 0 {
		t.Errorf("another prefix: %+v %v", list, err)
	}
	if list, err = f.ListDashboards(t.Context(), &cw.ListDashboardsInput{}); err != nil || len(list.DashboardEntries) != 1 || *list.DashboardEntries[0].Size != int64(len(body)) {
		t.Errorf("%+v %v", list, err)
	}
	if _, err = f.DeleteDashboards(t.Context(), &cw.DeleteDashboardsInput{DashboardNames: []string{"d", "e"}}); failure(err) != "ResourceNotFound: Dashboard e does not exist" {
		t.Errorf("a missing one: %v", err)
	}
	if _, err = f.DeleteDashboards(t.Context(), &cw.DeleteDashboardsInput{DashboardNames: []string{"d"}}); err != nil {
		t.Error(err)
	}
	if _, err = f.PutDashboard(t.Context(), &cw.PutDashboardInput{DashboardName: aws.String("d"), DashboardBody: aws.String("[")}); failure(err) != "InvalidParameterInput: The field DashboardBody must be a valid JSON object." {
		t.Errorf("no JSON: %v", err)
	}
}

func TestAlarmARNIsOfItsPartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1":  "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:a",
		"cn-north-1": "arn:aws-cn:cloudwatch:cn-north-1:000000000000:alarm:a",
	} {
		if got := alarmARN(store.Scope{Account: "000000000000", Region: region}, "a"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
