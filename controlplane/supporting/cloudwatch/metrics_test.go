package cloudwatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cw "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"
)

func query(id, metric, stat string, period int32, unit string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("ns"), MetricName: &metric}, Stat: &stat, Period: &period, Unit: types.StandardUnit(unit),
	}}
}

func expression(id, text string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, Expression: &text}
}

// get answers "id label: values" for each result.
func (f *fixture) get(t *testing.T, queries ...types.MetricDataQuery) []string {
	t.Helper()
	out, err := f.GetMetricData(t.Context(), &cw.GetMetricDataInput{
		StartTime: aws.Time(noon.Add(-time.Hour)), EndTime: aws.Time(noon.Add(time.Hour)), MetricDataQueries: queries,
	})
	if err != nil {
		return []string{failure(err)}
	}
	var got []string
	for _, r := range out.MetricDataResults {
		line := fmt.Sprintf("%s %s: %v", *r.Id, *r.Label, r.Values)
		for _, m := range r.Messages {
			line += " " + *m.Code + " " + *m.Value
		}
		got = append(got, line)
	}
	return got
}

func TestGetMetricData(t *testing.T) {
	f := start(t)
	for minute, v := range []float64{1, 2, 3, 4} {
		f.Record(scope, "ns", []Datum{
			{Name: "m", Time: noon.Add(time.Duration(minute) * time.Minute), Values: []Measured{{v, 1}}, Unit: "Count"},
			{Name: "requests", Time: noon.Add(time.Duration(minute) * time.Minute), Values: []Measured{{1, 10}}},
		})
	}
	f.Record(scope, "ns", []Datum{{Name: "mixed", Time: noon, Values: []Measured{{1, 1}}, Unit: "Seconds"}, {Name: "mixed", Time: noon, Values: []Measured{{60000, 1}}, Unit: "Milliseconds"}})
	hidden := query("h", "requests", "Sum", 60, "")
	hidden.ReturnData = aws.Bool(false)
	for _, tc := range []struct {
		name    string
		queries []types.MetricDataQuery
		want    []string
	}{
		{"newest first", []types.MetricDataQuery{query("a", "m", "Sum", 60, "")}, []string{"a m: [4 3 2 1]"}},
		{"longer periods", []types.MetricDataQuery{query("a", "m", "Sum", 120, "")}, []string{"a m: [7 3]"}},
		{"nothing measured", []types.MetricDataQuery{query("a", "none", "Sum", 60, "")}, []string{"a none: []"}},
		{"another unit", []types.MetricDataQuery{query("a", "m", "Sum", 60, "Seconds")}, []string{"a m: []"}},
		{"labels by statistic", []types.MetricDataQuery{query("a", "m", "Sum", 300, ""), query("b", "m", "Minimum", 300, "")}, []string{"a m Sum: [10]", "b m Minimum: [1]"}},
		{"labels by period", []types.MetricDataQuery{query("a", "m", "Sum", 300, ""), query("b", "m", "Sum", 600, "")}, []string{"a m 300: [10]", "b m 600: [10]"}},
		{"several units", []types.MetricDataQuery{query("a", "mixed", "Sum", 60, "")}, []string{"a mixed: [60000] MultipleUnits Multiple units returned: '[Milliseconds, Seconds]'"}},
		{"percentile", []types.MetricDataQuery{query("a", "m", "p50", 300, "")}, []string{"a m: [2]"}},
		{"math", []types.MetricDataQuery{query("a", "m", "Sum", 60, ""), hidden, expression("rate", "100 * a / h - 2^2")}, []string{"a m: [4 3 2 1]", "rate rate: [36 26 16 6]"}},
		{"arithmetic on a list", []types.MetricDataQuery{hidden, expression("e", "[h, 2] + 1")}, []string{"ValidationError: Error in expression: arithmetic needs time series or numbers, not lists."}},
		{"sum of all metrics", []types.MetricDataQuery{query("a", "m", "Sum", 60, ""), hidden, expression("e", "SUM(METRICS())")}, []string{"a m: [4 3 2 1]", "e e: [14 13 12 11]"}},
		{"sum of a series", []types.MetricDataQuery{query("a", "m", "Sum", 60, ""), expression("e", "a / SUM(a)")}, []string{"a m: [4 3 2 1]", "e e: [0.4 0.3 0.2 0.1]"}},
		{"itself", []types.MetricDataQuery{expression("e", "e + 1")}, []string{"ValidationError: Error in expression 'e + 1': the expression depends on itself."}},
		{"unknown id", []types.MetricDataQuery{expression("e", "x")}, []string{"ValidationError: Error in expression 'x': the metric x is not defined."}},
		{"syntax", []types.MetricDataQuery{expression("e", "1 +* 2")}, []string{"ValidationError: Error in expression '1 +* 2': syntax error at position 4."}},
		{"id", []types.MetricDataQuery{query("A", "m", "Sum", 60, "")}, []string{"ValidationError: The value A for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(f.get(t, tc.queries...), tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestGetMetricDataPages(t *testing.T) {
	f := start(t)
	for minute := range 5 {
		f.Record(scope, "ns", []Datum{{Name: "m", Time: noon.Add(time.Duration(minute) * time.Minute), Values: []Measured{{float64(minute), 1}}}})
	}
	in := &cw.GetMetricDataInput{
		StartTime: aws.Time(noon), EndTime: aws.Time(noon.Add(time.Hour)), ScanBy: types.ScanByTimestampAscending,
		MaxDatapoints: aws.Int32(2), MetricDataQueries: []types.MetricDataQuery{query("a", "m", "Sum", 60, "")},
	}
	var got []float64
	pages := cw.NewGetMetricDataPaginator(f.Client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.MetricDataResults[0].Values...)
	}
	if diff := cmp.Diff(got, []float64{0, 1, 2, 3, 4}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestListMetrics(t *testing.T) {
	f := start(t)
	f.Record(scope, "AWS/ApiGateway", []Datum{
		{Name: "Count", Dimensions: []Dimension{{"Stage", "s"}, {"ApiName", "a"}}, Time: noon, Values: []Measured{{1, 1}}},
		{Name: "Count", Dimensions: []Dimension{{"ApiName", "a"}}, Time: noon, Values: []Measured{{1, 1}}},
	})
	f.Record(scope, "other", []Datum{{Name: "old", Time: noon.Add(-4 * time.Hour), Values: []Measured{{1, 1}}}})
	for _, tc := range []struct {
		in   cw.ListMetricsInput
		want []string
	}{
		{cw.ListMetricsInput{}, []string{"AWS/ApiGateway Count ApiName=a", "AWS/ApiGateway Count ApiName=a Stage=s", "other old"}},
		{cw.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h}, []string{"AWS/ApiGateway Count ApiName=a", "AWS/ApiGateway Count ApiName=a Stage=s"}},
		{cw.ListMetricsInput{Namespace: aws.String("other")}, []string{"other old"}},
		{cw.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("Stage")}}}, []string{"AWS/ApiGateway Count ApiName=a Stage=s"}},
		{cw.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("Stage"), Value: aws.String("t")}}}, nil},
	} {
		out, err := f.ListMetrics(t.Context(), &tc.in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range out.Metrics {
			line := *m.Namespace + " " + *m.MetricName
			for _, d := range m.Dimensions {
				line += " " + *d.Name + "=" + *d.Value
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(got, tc.want); diff != "" {
			t.Errorf("%+v (-got +want):\n%s", tc.in, diff)
		}
	}
}

func TestMetricsAreBounded(t *testing.T) {
	f := start(t, func(c *Config) { c.MaxBuckets = 3 })
	for minute := range 10 {
		f.Record(scope, "ns", []Datum{{Name: "m", Time: noon.Add(time.Duration(minute) * time.Minute), Values: []Measured{{float64(minute), 1}}}})
	}
	if diff := cmp.Diff(f.get(t, query("a", "m", "Sum", 60, "")), []string{"a m: [9 8 7]"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	f.now = noon.Add(16 * 24 * time.Hour)
	f.Record(scope, "ns", []Datum{{Name: "new", Time: f.now, Values: []Measured{{1, 1}}}})
	if n := f.metrics.count; n != 1 {
		t.Errorf("%d buckets are left", n)
	}
	f.Reset()
	if out, err := f.ListMetrics(t.Context(), &cw.ListMetricsInput{}); err != nil || len(out.Metrics) != 0 {
		t.Errorf("after a reset: %v %v", out, err)
	}
}

func FuzzMath(f *testing.F) {
	for _, s := range []string{"a / b * 100", "SUM(METRICS())", "-(a)^2", "FILL(m1, 0)", "[a, b", "((((", "1e5", "MAX([a,b])+.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if expr, err := parseMath(text); (expr == nil) == (err == nil) {
			t.Errorf("%q: %v %v", text, expr, err)
		}
	})
}
