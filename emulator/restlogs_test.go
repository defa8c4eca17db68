package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// wanted are the variables of a call and the patterns of what an access log prints.
var wanted = [][2]string{
	{"accountId", "000000000000"}, {"apiId", "{api}"}, {"authorizer.principalId", "user-abc"}, {"authorizer.number", "7"}, {"authorizer.status", "200"},
	{"authorizer.integrationStatus", "200"}, {"authorizer.latency", `\d+`}, {"authorizer.integrationLatency", `\d+`}, {"authorizer.requestId", "[0-9a-f-]{36}"}, {"authorizer.error", "-"},
	{"awsEndpointRequestId", "-"}, {"deploymentId", "[a-z0-9]{6}"}, {"domainName", `{api}\.execute-api\.localhost`}, {"domainPrefix", "{api}"}, {"error.message", "-"},
	{"extendedRequestId", "[A-Za-z0-9_-]{15}="}, {"httpMethod", "POST"}, {"identity.apiKey", "ann-has-a-key-0123456789"}, {"identity.apiKeyId", "[a-z0-9]{10}"}, {"identity.sourceIp", `127\.0\.0\.1|::1`},
	{"identity.userAgent", "tester/1"}, {"identity.caller", "-"}, {"identity.userArn", "-"}, {"isCanaryRequest", "true"}, {"path", "/prod/pets/1"}, {"protocol", `HTTP/1\.1`},
	{"requestId", "[0-9a-f-]{36}"}, {"requestOverride.header.X-Over", "over"}, {"requestOverride.querystring.q", "new"}, {"responseOverride.status", "202"}, {"responseOverride.header.X-Made", "here"},
	{"requestTime", `\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000`}, {"requestTimeEpoch", `\d{13}`}, {"resourceId", "[a-z0-9]{6}"}, {"resourcePath", `/pets/\{id\}`}, {"stage", "prod"},
	{"endpointType", "EDGE"}, {"integration.status", "201"}, {"integration.integrationStatus", "201"}, {"integrationStatus", "201"}, {"integration.latency", `\d+`}, {"integrationLatency", `\d+`},
	{"integration.responseTransferMode", "BUFFERED"}, {"integration.error", "-"}, {"integrationErrorMessage", "-"}, {"responseLatency", `\d+`}, {"responseLength", "4"}, {"status", "202"},
	{"xrayTraceId", "Root=1-[0-9a-f-]+;Parent=[0-9a-f]{16};Sampled=0"}, {"tlsVersion", "-"}, {"cipherSuite", "-"}, {"waf.status", "-"}, {"customDomain.basePathMatched", "-"},
}

// What an access log in CloudWatch Logs has of a call that has passed everything.
func TestRESTAccessLogOfEverything(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	l := newListener(t)
	l.answer = func(w http.ResponseWriter) { w.WriteHeader(http.StatusCreated); fmt.Fprint(w, "made") }
	guard := function(t, p, "guard", "python3.11", "index.py", tokenAuthorizer)
	template := `#set($context.requestOverride.header.X-Over = \"over\")#set($context.requestOverride.querystring.q = \"new\")#set($context.responseOverride.status = 202)#set($context.responseOverride.header.X-Made = \"here\")x`
	a, _ := importAPI(t, p, `"securityDefinitions":{"api_key":{"type":"apiKey","name":"x-api-key","in":"header"},"token":{"type":"apiKey","name":"Authorization","in":"header","x-amazon-apigateway-authtype":"custom",
		"x-amazon-apigateway-authorizer":{"type":"token","authorizerUri":"`+*invocations(guard)+`"}}},"paths":{"/pets/{id}":{"post":`+
		method(`{"type":"http","httpMethod":"POST","uri":"`+l.URL+`/made","requestTemplates":{"application/json":"`+template+`"},"responses":{"default":{"statusCode":"200"}}}`, `"security":[{"token":[],"api_key":[]}]`)+`}}`)
	if _, err := a.sdk.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &a.id, StageName: aws.String("prod"), CanarySettings: canary(100)}); err != nil {
		t.Fatal(err)
	}
	a.key("ann-has-a-key-0123456789", apigateway.CreateUsagePlanInput{})
	names := make([]string, len(wanted))
	for i, w := range wanted {
		names[i] = "$context." + w[0]
	}
	a.stage("/accessLogSettings/destinationArn="+logGroup, "/accessLogSettings/format="+strings.Join(names, "|"))
	res, body := a.spoken("POST /prod/pets/1 HTTP/1.1\nHost: {api}\nauthorization: abc\nx-api-key: ann-has-a-key-0123456789\nUser-Agent: tester/1\nContent-Length: 0\nConnection: close\n\n")
	if res.StatusCode != 202 || body != "made" || res.Header.Get("X-Made") != "here" {
		t.Fatalf("got %d %s %v", res.StatusCode, body, res.Header)
	}
	if l.uri != "/made?q=new" || l.header.Get("X-Over") != "over" {
		t.Errorf("the backend got %s %v", l.uri, l.header)
	}
	got := strings.Split(logLines(t, p, "access", 1)[0], "|")
	if len(got) != len(wanted) {
		t.Fatalf("%d values of %d: %v", len(got), len(wanted), got)
	}
	for i, w := range wanted {
		if !regexp.MustCompile(`^(?:` + strings.ReplaceAll(w[1], "{api}", a.id) + `)$`).MatchString(got[i]) {
			t.Errorf("%s: got %s, want %s", w[0], got[i], w[1])
		}
	}
}

// metrics lists the names of an API's metrics by their dimensions, once that many are
// there.
func metrics(t *testing.T, p *emulatortest.Postern, n int) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		out, err := p.CloudWatch().ListMetrics(ctx, &cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/ApiGateway")})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Metrics) < n {
			continue
		}
		got := map[string][]string{}
		for _, m := range out.Metrics {
			var dimensions []string
			for _, d := range m.Dimensions {
				dimensions = append(dimensions, *d.Name+"="+*d.Value)
			}
			slices.Sort(dimensions)
			key := strings.Join(dimensions, ",")
			got[key] = append(got[key], *m.MetricName)
		}
		all := map[string]string{}
		for key, names := range got {
			slices.Sort(names)
			all[key] = strings.Join(names, " ")
		}
		return all
	}
}

// Calls are counted and timed by API, by stage, and by method where the stage wants
// that.
func TestRESTMetricsOnTheWire(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	l := newListener(t)
	a, address := importAPI(t, p, `"paths":{"/pets/{id}":{"get":`+method(`{"type":"http_proxy","httpMethod":"GET","uri":"`+l.URL+`"}`)+`},"/broken":{"get":`+method(mocked("#if("))+`}}`)
	a.stage("/cacheClusterEnabled=true", "/cacheClusterSize=0.5", "/~1pets~1{id}/GET/caching/enabled=true", "/~1pets~1{id}/GET/metrics/enabled=true")
	for _, path := range []string{"/pets/1", "/pets/1", "/broken", "/none"} {
		call(t, p, address+path, nil)
	}
	const (
		always = "4XXError 5XXError"
		timed  = "Count IntegrationLatency Latency"
		all    = always + " CacheHitCount CacheMissCount " + timed
	)
	ofStage, ofMethod := "ApiName=imported,Stage=prod", "ApiName=imported,Method=GET,Resource=/pets/{id},Stage=prod"
	listed := metrics(t, p, 21)
	for key, want := range map[string]string{"ApiName=imported": all, ofStage: all, ofMethod: all} {
		if listed[key] != want {
			t.Errorf("%s: listed %q", key, listed[key])
		}
	}
	if len(listed) != 3 {
		t.Errorf("listed %v", listed)
	}
	statistics := func(dimensions, name string, statistic cwtypes.Statistic) float64 {
		t.Helper()
		in := &cloudwatch.GetMetricStatisticsInput{Namespace: aws.String("AWS/ApiGateway"), MetricName: &name, Period: aws.Int32(3600), Statistics: []cwtypes.Statistic{statistic},
			StartTime: aws.Time(time.Now().Add(-2 * time.Hour)), EndTime: aws.Time(time.Now().Add(2 * time.Hour))}
		for d := range strings.SplitSeq(dimensions, ",") {
			k, v, _ := strings.Cut(d, "=")
			in.Dimensions = append(in.Dimensions, cwtypes.Dimension{Name: &k, Value: &v})
		}
		out, err := p.CloudWatch().GetMetricStatistics(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for _, d := range out.Datapoints {
			total += aws.ToFloat64(d.Sum) + aws.ToFloat64(d.SampleCount)
		}
		return total
	}
	for _, tc := range []struct {
		dimensions, name string
		statistic        cwtypes.Statistic
		want             float64
	}{
		{"ApiName=imported", "Count", cwtypes.StatisticSum, 4},
		{ofStage, "Count", cwtypes.StatisticSampleCount, 4},
		{ofStage, "4XXError", cwtypes.StatisticSum, 1},
		{ofStage, "5XXError", cwtypes.StatisticSum, 1},
		{ofStage, "CacheHitCount", cwtypes.StatisticSum, 1},
		{ofStage, "CacheMissCount", cwtypes.StatisticSum, 1},
		{ofStage, "Latency", cwtypes.StatisticSampleCount, 4},
		{ofStage, "IntegrationLatency", cwtypes.StatisticSampleCount, 1},
		{ofMethod, "Count", cwtypes.StatisticSum, 2},
		{ofMethod, "CacheHitCount", cwtypes.StatisticSum, 1},
		{ofMethod, "5XXError", cwtypes.StatisticSum, 0},
		{ofMethod, "4XXError", cwtypes.StatisticSampleCount, 2},
	} {
		if got := statistics(tc.dimensions, tc.name, tc.statistic); got != tc.want {
			t.Errorf("%s of %s: %v is %v, want %v", tc.name, tc.dimensions, tc.statistic, got, tc.want)
		}
	}
	if got := sums(t, p, map[string]string{"ApiName": "imported"}, 4, "Count", "CacheHitCount"); got["CacheHitCount"] != 1 {
		t.Errorf("GetMetricData: %v", got)
	}
}

func canary(percent float64) *v1types.DeploymentCanarySettings {
	return &v1types.DeploymentCanarySettings{PercentTraffic: percent}
}
