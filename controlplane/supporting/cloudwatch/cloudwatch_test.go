package cloudwatch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cw "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

var (
	scope = store.Scope{Account: "000000000000", Region: "us-east-1"}
	noon  = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
)

type fixture struct {
	*cw.Client
	*Service
	url string
	now time.Time
}

func start(t *testing.T, change ...func(*Config)) *fixture {
	t.Helper()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{now: noon}
	cfg := Config{DB: db, Now: func() time.Time { return f.now }}
	for _, c := range change {
		c(&cfg)
	}
	f.Service = New(cfg)
	mux := f.Service.Mux()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: scope.Account, Region: scope.Region, RequestID: "req"})
		mux.ServeHTTP(w, r.WithContext(ctx))
	}))
	f.url = srv.URL
	f.Client = cw.New(cw.Options{
		Region: scope.Region, BaseEndpoint: &srv.URL, RetryMaxAttempts: 1, HTTPClient: srv.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	t.Cleanup(func() {
		srv.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// post sends one request as an SDK of another protocol would.
func (f *fixture) post(t *testing.T, header, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", f.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(header, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(answer)
}

const (
	formHeader = "Content-Type: application/x-www-form-urlencoded"
	jsonHeader = "Content-Type: application/x-amz-json-1.0\nx-amzn-query-mode: true\nX-Amz-Target: GraniteServiceVersion20100801."
)

// The three protocols of the service write to one metric and read one sum.
func TestProtocols(t *testing.T) {
	f := start(t)
	if _, err := f.PutMetricData(t.Context(), &cw.PutMetricDataInput{Namespace: aws.String("ns"), MetricData: []types.MetricDatum{
		{MetricName: aws.String("m"), Value: aws.Float64(1), Unit: types.StandardUnitCount},
	}}); err != nil {
		t.Fatal(err)
	}
	res, body := f.post(t, formHeader, "Action=PutMetricData&Version=2010-08-01&Namespace=ns&MetricData.member.1.MetricName=m&MetricData.member.1.Value=2&MetricData.member.1.Unit=Count")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/xml" {
		t.Errorf("query: %d %s", res.StatusCode, body)
	}
	res, body = f.post(t, jsonHeader+"PutMetricData", `{"Namespace":"ns","MetricData":[{"MetricName":"m","Value":3,"Unit":"Count"}]}`)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/x-amz-json-1.0" {
		t.Errorf("json: %d %s", res.StatusCode, body)
	}

	stats, err := f.GetMetricStatistics(t.Context(), statistics("ns", "m", "Sum", "SampleCount"))
	if err != nil {
		t.Fatal(err)
	}
	want := []types.Datapoint{{Timestamp: aws.Time(noon), Sum: aws.Float64(6), SampleCount: aws.Float64(3), Unit: types.StandardUnitCount}}
	if diff := cmp.Diff(stats.Datapoints, want, ignoreDocument); diff != "" {
		t.Errorf("cbor (-got +want):\n%s", diff)
	}
	read := "Namespace=ns&MetricName=m&StartTime=2026-01-15T11:00:00Z&EndTime=2026-01-15T13:00:00Z&Period=60&Statistics.member.1=Sum"
	_, body = f.post(t, formHeader, "Action=GetMetricStatistics&Version=2010-08-01&"+read)
	wantXML := `<GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricStatisticsResult><Label>m</Label><Datapoints><member>` +
		`<Timestamp>2026-01-15T12:00:00Z</Timestamp><Sum>6</Sum><Unit>Count</Unit></member></Datapoints></GetMetricStatisticsResult>` +
		`<ResponseMetadata><RequestId>req</RequestId></ResponseMetadata></GetMetricStatisticsResponse>`
	if body != wantXML {
		t.Errorf("query: got  %s\nwant %s", body, wantXML)
	}
	_, body = f.post(t, jsonHeader+"GetMetricStatistics", `{"Namespace":"ns","MetricName":"m","StartTime":1768474800,"EndTime":1768482000,"Period":60,"Statistics":["Sum"]}`)
	if want := `{"Label":"m","Datapoints":[{"Timestamp":1768478400,"Sum":6,"Unit":"Count"}]}`; body != want {
		t.Errorf("json: got %s, want %s", body, want)
	}
}

func TestErrorsInEveryProtocol(t *testing.T) {
	f := start(t)
	_, err := f.GetDashboard(t.Context(), &cw.GetDashboardInput{DashboardName: aws.String("d")})
	var none *types.DashboardNotFoundError
	if !errors.As(err, &none) || none.ErrorCode() != "ResourceNotFound" {
		t.Errorf("cbor: %v", err)
	}
	res, body := f.post(t, jsonHeader+"GetDashboard", `{"DashboardName":"d"}`)
	if res.StatusCode != 404 || res.Header.Get("x-amzn-query-error") != "ResourceNotFound;Sender" || body != `{"__type":"DashboardNotFoundError","message":"Dashboard d does not exist"}` {
		t.Errorf("json: %d %q %s", res.StatusCode, res.Header.Get("x-amzn-query-error"), body)
	}
	res, body = f.post(t, formHeader, "Action=GetDashboard&Version=2010-08-01&DashboardName=d")
	if res.StatusCode != 404 || !strings.Contains(body, "<Error><Type>Sender</Type><Code>ResourceNotFound</Code><Message>Dashboard d does not exist</Message></Error>") {
		t.Errorf("query: %d %s", res.StatusCode, body)
	}
}

func TestCompressedBody(t *testing.T) {
	f := start(t)
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	fmt.Fprint(zw, "Action=PutMetricData&Version=2010-08-01&Namespace=ns&MetricData.member.1.MetricName=m&MetricData.member.1.Value=2")
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	if res, body := f.post(t, formHeader+"\nContent-Encoding: gzip", packed.String()); res.StatusCode != 200 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, _ := f.post(t, formHeader+"\nContent-Encoding: gzip", "no gzip"); res.StatusCode != 400 {
		t.Errorf("not gzip: %d", res.StatusCode)
	}
	// The SDK compresses what is longer than 10 KiB.
	in := &cw.PutMetricDataInput{Namespace: aws.String("ns")}
	for range 500 {
		in.MetricData = append(in.MetricData, types.MetricDatum{MetricName: aws.String("long"), Value: aws.Float64(1)})
	}
	if _, err := f.PutMetricData(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	out, err := f.GetMetricStatistics(t.Context(), statistics("ns", "long", "SampleCount"))
	if err != nil || len(out.Datapoints) != 1 || *out.Datapoints[0].SampleCount != 500 {
		t.Errorf("%v %v", out, err)
	}
}

func statistics(namespace, name string, stats ...types.Statistic) *cw.GetMetricStatisticsInput {
	return &cw.GetMetricStatisticsInput{
		Namespace: &namespace, MetricName: &name, Statistics: stats,
		StartTime: aws.Time(noon.Add(-time.Hour)), EndTime: aws.Time(noon.Add(time.Hour)), Period: aws.Int32(60),
	}
}

var ignoreDocument = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".noSmithyDocumentSerde" }, cmp.Ignore())

func TestPutMetricDataRefusals(t *testing.T) {
	f := start(t)
	set := &types.StatisticSet{SampleCount: aws.Float64(1), Sum: aws.Float64(1), Minimum: aws.Float64(1), Maximum: aws.Float64(1)}
	for _, tc := range []struct {
		name  string
		datum types.MetricDatum
		want  string
	}{
		{"value and values", types.MetricDatum{Value: aws.Float64(1), Values: []float64{1}},
			"InvalidParameterCombination: The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both."},
		{"value and set", types.MetricDatum{Value: aws.Float64(1), StatisticValues: set},
			"InvalidParameterCombination: The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive and you have specified both."},
		{"sizes", types.MetricDatum{Values: []float64{1, 2}, Counts: []float64{1}},
			"InvalidParameterValue: The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size."},
		{"nothing", types.MetricDatum{},
			"MissingParameter: At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values or MetricData.member.1.StatisticValues must be specified."},
		{"unit", types.MetricDatum{Value: aws.Float64(1), Unit: "Apples"}, "ValidationError: 1 validation error detected: Value 'Apples' at 'metricData.1.member.unit' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [Seconds, Microseconds, Milliseconds, Bytes, Kilobytes, Megabytes, Gigabytes, Terabytes, Bits, Kilobits, Megabits, Gigabits, Terabits, Percent, Count, " +
			"Bytes/Second, Kilobytes/Second, Megabytes/Second, Gigabytes/Second, Terabytes/Second, Bits/Second, Kilobits/Second, Megabits/Second, Gigabits/Second, Terabits/Second, Count/Second, None]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.datum.MetricName = aws.String("m")
			_, err := f.PutMetricData(t.Context(), &cw.PutMetricDataInput{Namespace: aws.String("ns"), MetricData: []types.MetricDatum{tc.datum}})
			if got := failure(err); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func failure(err error) string {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	return e.ErrorCode() + ": " + e.ErrorMessage()
}

func TestGetMetricStatisticsRefusals(t *testing.T) {
	f := start(t)
	in := statistics("ns", "m", "Sum")
	in.EndTime = in.StartTime
	_, err := f.GetMetricStatistics(t.Context(), in)
	if got, want := failure(err), "InvalidParameterValue: The parameter StartTime must be less than the parameter EndTime."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	in.EndTime = aws.Time(noon.Add(24 * time.Hour))
	_, err = f.GetMetricStatistics(t.Context(), in)
	want := "InvalidParameterCombination: You have requested up to 1500 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
	if got := failure(err); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
