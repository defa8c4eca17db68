package logs

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
)

func (f *fixture) putFilter(t *testing.T, group, name, pattern, metric string) error {
	t.Helper()
	_, err := f.PutMetricFilter(t.Context(), &cwl.PutMetricFilterInput{LogGroupName: &group, FilterName: &name, FilterPattern: &pattern,
		MetricTransformations: []types.MetricTransformation{{MetricName: &metric, MetricNamespace: aws.String("N"), MetricValue: aws.String("1"), DefaultValue: aws.Float64(0), Unit: "Count"}}})
	return err
}

// found gives the names of what DescribeMetricFilters finds.
func (f *fixture) foundFilters(t *testing.T, in *cwl.DescribeMetricFiltersInput) (names []string) {
	t.Helper()
	for _, m := range must[*cwl.DescribeMetricFiltersOutput](t)(f.DescribeMetricFilters(t.Context(), in)).MetricFilters {
		names = append(names, *m.LogGroupName+":"+*m.FilterName)
	}
	return names
}

func TestMetricFilters(t *testing.T) {
	f := start(t, "", nil)
	ctx := t.Context()
	for _, g := range []string{"g", "h"} {
		must[*cwl.CreateLogGroupOutput](t)(f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: &g}))
	}
	wantError(t, f.putFilter(t, "none", "a", "", "m"), "ResourceNotFoundException", "The specified log group does not exist.")
	wantError(t, f.putFilter(t, "g", "a", "{ $.a = ", "m"), "InvalidParameterException", "Invalid filter pattern: } is expected at character 8 of '{ $.a ='")
	for _, filter := range [][4]string{{"g", "b", "", "m"}, {"g", "a", "ERROR", "m"}, {"g", "ab", "ERROR", "n"}, {"h", "a", "ERROR", "n"}, {"g", "a", "{ $.status = 500 }", "o"}} {
		if err := f.putFilter(t, filter[0], filter[1], filter[2], filter[3]); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		in   cwl.DescribeMetricFiltersInput
		want []string
	}{
		{cwl.DescribeMetricFiltersInput{}, []string{"g:a", "h:a", "g:ab", "g:b"}},
		{cwl.DescribeMetricFiltersInput{LogGroupName: aws.String("g")}, []string{"g:a", "g:ab", "g:b"}},
		{cwl.DescribeMetricFiltersInput{LogGroupName: aws.String("g"), FilterNamePrefix: aws.String("a")}, []string{"g:a", "g:ab"}},
		{cwl.DescribeMetricFiltersInput{MetricName: aws.String("n"), MetricNamespace: aws.String("N")}, []string{"h:a", "g:ab"}},
		{cwl.DescribeMetricFiltersInput{MetricName: aws.String("n"), MetricNamespace: aws.String("M")}, nil},
	} {
		if diff := cmp.Diff(tc.want, f.foundFilters(t, &tc.in)); diff != "" {
			t.Errorf("%+v: %s", tc.in, diff)
		}
	}
	one := must[*cwl.DescribeMetricFiltersOutput](t)(f.DescribeMetricFilters(ctx, &cwl.DescribeMetricFiltersInput{LogGroupName: aws.String("g"), Limit: aws.Int32(1)}))
	if got := one.MetricFilters[0]; *got.FilterPattern != "{ $.status = 500 }" || *got.MetricTransformations[0].MetricName != "o" || *got.CreationTime != f.clock.Now().UnixMilli() || one.NextToken == nil {
		t.Errorf("the first of several: %+v", one)
	}
	_, err := f.DescribeMetricFilters(ctx, &cwl.DescribeMetricFiltersInput{LogGroupName: aws.String("none")})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	_, err = f.DescribeMetricFilters(ctx, &cwl.DescribeMetricFiltersInput{MetricName: aws.String("n")})
	wantError(t, err, "InvalidParameterException", "The metric name and the metric namespace must be given together.")
	groups := must[*cwl.DescribeLogGroupsOutput](t)(f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{})).LogGroups
	if *groups[0].MetricFilterCount != 3 || *groups[1].MetricFilterCount != 1 {
		t.Errorf("groups have %d and %d", *groups[0].MetricFilterCount, *groups[1].MetricFilterCount)
	}
	must[*cwl.DeleteMetricFilterOutput](t)(f.DeleteMetricFilter(ctx, &cwl.DeleteMetricFilterInput{LogGroupName: aws.String("h"), FilterName: aws.String("a")}))
	_, err = f.DeleteMetricFilter(ctx, &cwl.DeleteMetricFilterInput{LogGroupName: aws.String("h"), FilterName: aws.String("a")})
	wantError(t, err, "ResourceNotFoundException", "The specified metric filter does not exist.")
	must[*cwl.DeleteLogGroupOutput](t)(f.DeleteLogGroup(ctx, &cwl.DeleteLogGroupInput{LogGroupName: aws.String("g")}))
	if left := f.foundFilters(t, &cwl.DescribeMetricFiltersInput{}); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestMetricFilterLimit(t *testing.T) {
	f := start(t, "", nil)
	must[*cwl.CreateLogGroupOutput](t)(f.CreateLogGroup(t.Context(), &cwl.CreateLogGroupInput{LogGroupName: aws.String("g")}))
	for i := range 100 {
		if err := f.putFilter(t, "g", fmt.Sprint(i), "", "m"); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, f.putFilter(t, "g", "more", "", "m"), "LimitExceededException", "Resource limit exceeded.")
	if err := f.putFilter(t, "g", "7", "changed", "m"); err != nil {
		t.Error(err)
	}
}

func TestSubscriptionFilters(t *testing.T) {
	f := start(t, "", nil)
	in := &cwl.DescribeSubscriptionFiltersInput{LogGroupName: aws.String("g")}
	_, err := f.DescribeSubscriptionFilters(t.Context(), in)
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	must[*cwl.CreateLogGroupOutput](t)(f.CreateLogGroup(t.Context(), &cwl.CreateLogGroupInput{LogGroupName: aws.String("g")}))
	if out := must[*cwl.DescribeSubscriptionFiltersOutput](t)(f.DescribeSubscriptionFilters(t.Context(), in)); len(out.SubscriptionFilters) != 0 {
		t.Errorf("found %+v", out.SubscriptionFilters)
	}
}
