package emulator_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

const (
	logGroup  = "arn:aws:logs:us-east-1:000000000000:log-group:access"
	logFormat = `{"id":"$context.requestId","status":"$context.status","resource":"$context.resourcePath","route":"$context.routeKey","error":$context.error.messageString,"agent":"$context.identity.userAgent"}`
)

// mockAPI deploys a REST API whose one method, GET /pets/{id}, answers 200.
func mockAPI(t *testing.T, p *emulatortest.Postern, ops ...types.PatchOperation) string {
	t.Helper()
	c := p.APIGateway()
	ctx := t.Context()
	api, err := c.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("petstore")})
	if err != nil {
		t.Fatal(err)
	}
	parent := api.RootResourceId
	for _, part := range []string{"pets", "{id}"} {
		r, err := c.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: parent, PathPart: &part})
		if err != nil {
			t.Fatal(err)
		}
		parent = r.Id
	}
	get, none := aws.String("GET"), aws.String("NONE")
	if _, err := c.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: get, AuthorizationType: none}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: get, StatusCode: aws.String("200")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: get, Type: types.IntegrationTypeMock,
		RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: get, StatusCode: aws.String("200"),
		ResponseTemplates: map[string]string{"application/json": `{"pet":"$input.params('id')"}`}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("prod")}); err != nil {
		t.Fatal(err)
	}
	if len(ops) > 0 {
		if _, err := c.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: api.Id, StageName: aws.String("prod"), PatchOperations: ops}); err != nil {
			t.Fatal(err)
		}
	}
	return aws.ToString(api.Id)
}

func replaceOp(path, value string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpReplace, Path: &path, Value: &value}
}

// executeURL reaches an API without DNS.
func executeURL(p *emulatortest.Postern, api, stage string) string {
	return p.URL() + "/_aws/execute-api/" + api + "/" + stage
}

// logLines waits until a group has n events and gives their messages. A line is
// written after the answer, so the client may be there first.
func logLines(t *testing.T, p *emulatortest.Postern, group string, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		out, err := p.Logs().FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
		if ctx.Err() != nil {
			t.Fatalf("no %d events in %s", n, group)
		}
		if err != nil || len(out.Events) < n { // the group is made by its first event
			continue
		}
		var got []string
		for _, e := range out.Events {
			got = append(got, *e.Message)
		}
		return got
	}
}

// sums asks GetMetricData for the sums of metrics of an API until the count is n.
func sums(t *testing.T, p *emulatortest.Postern, dims map[string]string, n float64, names ...string) map[string]float64 {
	t.Helper()
	metric := func(name string) *cwtypes.MetricStat {
		m := &cwtypes.Metric{Namespace: aws.String("AWS/ApiGateway"), MetricName: &name}
		for k, v := range dims {
			m.Dimensions = append(m.Dimensions, cwtypes.Dimension{Name: &k, Value: &v})
		}
		return &cwtypes.MetricStat{Metric: m, Stat: aws.String("Sum"), Period: aws.Int32(3600)}
	}
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(time.Now().Add(-2 * time.Hour)), EndTime: aws.Time(time.Now().Add(2 * time.Hour))}
	for i, name := range names {
		in.MetricDataQueries = append(in.MetricDataQueries, cwtypes.MetricDataQuery{Id: aws.String(fmt.Sprint("m", i)), MetricStat: metric(name)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		out, err := p.CloudWatch().GetMetricData(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for i, r := range out.MetricDataResults {
			for _, v := range r.Values {
				got[names[i]] += v
			}
		}
		if got[names[0]] >= n {
			return got
		}
	}
}

func TestRESTAccessLogAndMetrics(t *testing.T) {
	p := emulatortest.Start(t)
	api := mockAPI(t, p, replaceOp("/accessLogSettings/destinationArn", logGroup), replaceOp("/accessLogSettings/format", logFormat),
		replaceOp("/~1pets~1{id}/GET/metrics/enabled", "true"))
	base := executeURL(p, api, "prod")
	for _, path := range []string{"/pets/1", "/pets/2", "/nothing"} {
		get(t, p, base+path)
	}

	var got []string
	for _, line := range logLines(t, p, "access", 3) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(line, `"error":-`, `"error":null`)), &entry); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		got = append(got, fmt.Sprint(entry["status"], " ", entry["resource"], " ", entry["error"], " ", len(entry["id"].(string))))
	}
	if diff := cmp.Diff(got, []string{"200 /pets/{id} <nil> 36", "200 /pets/{id} <nil> 36", "403 - Missing Authentication Token 36"}); diff != "" {
		t.Errorf("access log (-got +want):\n%s", diff)
	}

	names := []string{"Count", "4XXError", "5XXError"}
	if diff := cmp.Diff(sums(t, p, map[string]string{"ApiName": "petstore", "Stage": "prod"}, 3, names...), map[string]float64{"Count": 3, "4XXError": 1, "5XXError": 0}); diff != "" {
		t.Errorf("stage (-got +want):\n%s", diff)
	}
	detailed := map[string]string{"ApiName": "petstore", "Stage": "prod", "Method": "GET", "Resource": "/pets/{id}"}
	if diff := cmp.Diff(sums(t, p, detailed, 2, names...), map[string]float64{"Count": 2, "4XXError": 0, "5XXError": 0}); diff != "" {
		t.Errorf("method (-got +want):\n%s", diff)
	}
	list, err := p.CloudWatch().ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/ApiGateway"), MetricName: aws.String("Latency")})
	if err != nil || len(list.Metrics) != 3 {
		t.Errorf("%d metrics are listed: %v", len(list.Metrics), err)
	}
}

func TestHTTPAccessLogAndMetrics(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	defer backend.Close()
	p := emulatortest.Start(t)
	api, err := p.APIGatewayV2().CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("h"), ProtocolType: v2types.ProtocolTypeHttp, RouteKey: aws.String("GET /x"), Target: &backend.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.APIGatewayV2().UpdateStage(t.Context(), &apigatewayv2.UpdateStageInput{ApiId: api.ApiId, StageName: aws.String("$default"),
		AccessLogSettings:    &v2types.AccessLogSettings{DestinationArn: aws.String(logGroup), Format: aws.String(logFormat)},
		DefaultRouteSettings: &v2types.RouteSettings{DetailedMetricsEnabled: aws.Bool(true)}})
	if err != nil {
		t.Fatal(err)
	}
	base := executeURL(p, aws.ToString(api.ApiId), "$default")
	get(t, p, base+"/x")
	get(t, p, base+"/y")
	lines := logLines(t, p, "access", 2)
	for i, want := range []string{`"status":"200","resource":"-","route":"GET /x","error":-`, `"status":"404","resource":"-","route":"-","error":"Not Found"`} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %s has no %s", lines[i], want)
		}
	}
	got := sums(t, p, map[string]string{"ApiId": *api.ApiId, "Stage": "$default"}, 2, "Count", "4xx", "5xx", "DataProcessed")
	if got["Count"] != 2 || got["4xx"] != 1 || got["5xx"] != 0 || got["DataProcessed"] < 5 {
		t.Errorf("stage: %v", got)
	}
	if got := sums(t, p, map[string]string{"ApiId": *api.ApiId, "Stage": "$default", "Route": "GET /x"}, 1, "Count", "4xx"); got["Count"] != 1 || got["4xx"] != 0 {
		t.Errorf("route: %v", got)
	}
}

func TestExecutionLogs(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	api := mockAPI(t, p)
	level := []types.PatchOperation{replaceOp("/*/*/logging/loglevel", "INFO"), replaceOp("/*/*/logging/dataTrace", "true")}
	update := &apigateway.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"), PatchOperations: level}
	if _, err := p.APIGateway().UpdateStage(t.Context(), update); err == nil || !strings.Contains(err.Error(), "CloudWatch Logs role ARN must be set in account settings to enable logging") {
		t.Errorf("without a role: %v", err)
	}
	role := replaceOp("/cloudwatchRoleArn", "arn:aws:iam::000000000000:role/logs")
	if _, err := p.APIGateway().UpdateAccount(t.Context(), &apigateway.UpdateAccountInput{PatchOperations: []types.PatchOperation{role}}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.APIGateway().UpdateStage(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	get(t, p, executeURL(p, api, "prod")+"/pets/1")
	lines := logLines(t, p, "API-Gateway-Execution-Logs_"+api+"/prod", 10)
	for _, want := range []string{"HTTP Method: GET, Resource Path: /pets/1", `Method response body after transformations: {"pet":"1"}`, "Method completed with status: 200"} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "(") && strings.HasSuffix(line, ") "+want) }) {
			t.Errorf("no %s in %q", want, lines)
		}
	}
}

// Lines for Firehose go to its upstream, and without one the setting is refused
// under strict.
func TestAccessLogToFirehose(t *testing.T) {
	lines := make(chan string, 1)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			DeliveryStreamName string
			Records            []struct{ Data string }
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
			return
		}
		data, err := base64.StdEncoding.DecodeString(in.Records[0].Data)
		if err != nil || !strings.Contains(r.Header.Get("Authorization"), "Credential=000000000000/") {
			t.Errorf("%v %s", err, r.Header.Get("Authorization"))
		}
		lines <- r.Header.Get("X-Amz-Target") + " " + in.DeliveryStreamName + " " + string(data)
		fmt.Fprint(w, "{}")
	}))
	defer upstream.Close()
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict, c.Upstreams = true, map[string]string{"firehose": upstream.URL} })
	ops := []types.PatchOperation{
		replaceOp("/accessLogSettings/destinationArn", "arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-s"),
		replaceOp("/accessLogSettings/format", "$context.status $context.requestId"),
	}
	get(t, p, executeURL(p, mockAPI(t, p, ops...), "prod")+"/pets/1")
	if got := <-lines; !strings.HasPrefix(got, "Firehose_20150804.PutRecordBatch amazon-apigateway-s 200 ") || !strings.HasSuffix(got, "\n") {
		t.Errorf("%q", got)
	}

	without := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	api := mockAPI(t, without)
	_, err := without.APIGateway().UpdateStage(t.Context(), &apigateway.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"), PatchOperations: ops})
	if err == nil || !strings.Contains(err.Error(), "Stage.accessLogSettings.destinationArn is not emulated") {
		t.Errorf("without an upstream: %v", err)
	}
}

func TestResetForgetsMetrics(t *testing.T) {
	p := emulatortest.Start(t)
	get(t, p, executeURL(p, mockAPI(t, p), "prod")+"/pets/1")
	sums(t, p, map[string]string{"ApiName": "petstore"}, 1, "Count")
	if res := post(t, p.URL()+"/_postern/reset", ""); res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	list, err := p.CloudWatch().ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
	if err != nil || slices.ContainsFunc(list.Metrics, func(m cwtypes.Metric) bool { return *m.Namespace == "AWS/ApiGateway" }) {
		t.Errorf("%v %v", list, err)
	}
}
