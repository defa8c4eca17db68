package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/api"
	"github.com/postern/postern/lambda/lambdatest"
)

var (
	uuids  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	stamps = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000`)
	hashes = regexp.MustCompile(`runtime:[0-9a-f]{64}`)
)

func plain(body string) string {
	body = uuids.ReplaceAllString(body, "UUID")
	body = stamps.ReplaceAllString(body, "TIME")
	return hashes.ReplaceAllString(body, "runtime:HASH")
}

// TestCreateAnswer holds the answer to AWS's members and their order.
func TestCreateAnswer(t *testing.T) {
	s := newServer(t, lambda.Config{})
	zip := lambdatest.Zip(t, "index.py", "x")
	sum := sha256.Sum256(zip)
	res, body := s.request(t, "POST /2015-03-31/functions/", `{"FunctionName":"fn","Role":"`+role+`","Handler":"index.handler","Runtime":"python3.12","Code":`+codeJSON(t, "x")+`}`)
	want := fmt.Sprintf(`{"FunctionName":"fn","FunctionArn":"%sfn","Runtime":"python3.12","Role":"%s",`+
		`"Handler":"index.handler","CodeSize":%d,"Description":"","Timeout":3,"MemorySize":128,`+
		`"LastModified":"TIME","CodeSha256":"%s","Version":"$LATEST",`+
		`"TracingConfig":{"Mode":"PassThrough"},"RevisionId":"UUID","State":"Pending",`+
		`"StateReason":"The function is being created.","StateReasonCode":"Creating","PackageType":"Zip",`+
		`"Architectures":["x86_64"],"EphemeralStorage":{"Size":512},`+
		`"SnapStart":{"ApplyOn":"None","OptimizationStatus":"Off"},`+
		`"RuntimeVersionConfig":{"RuntimeVersionArn":"arn:aws:lambda:us-east-1::runtime:HASH"},`+
		`"LoggingConfig":{"LogFormat":"Text","LogGroup":"/aws/lambda/fn"}}`, farn, role, len(zip), base64.StdEncoding.EncodeToString(sum[:]))
	if diff := cmp.Diff(plain(body), want); diff != "" || res.StatusCode != http.StatusCreated {
		t.Errorf("%s (-got +want):\n%s", res.Status, diff)
	}
	s.settled(t, "fn")
	_, body = s.request(t, "GET /2015-03-31/functions/fn/configuration", "")
	want = strings.Replace(want, `"State":"Pending","StateReason":"The function is being created.","StateReasonCode":"Creating",`, `"State":"Active","LastUpdateStatus":"Successful",`, 1)
	if diff := cmp.Diff(plain(body), want); diff != "" {
		t.Errorf("active (-got +want):\n%s", diff)
	}
}

// TestSettings changes one function through its settings, a row after the other.
func TestSettings(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	c, ctx := s.client(), t.Context()
	for _, tc := range []struct {
		name, change string
		member       string // of the configuration, as JSON; "" for absent
		want         string
	}{
		{"environment", `{"Environment":{"Variables":{"AA":"1","AWS_ENDPOINT_URL":"http://x"}}}`, "Environment", `{"Variables":{"AA":"1","AWS_ENDPOINT_URL":"http://x"}}`},
		{"others stay", `{"Timeout":9}`, "Environment", `{"Variables":{"AA":"1","AWS_ENDPOINT_URL":"http://x"}}`},
		{"empty environment", `{"Environment":{}}`, "Environment", ""},
		{"environment again", `{"Environment":{"Variables":{"AA":"1"}}}`, "Environment", `{"Variables":{"AA":"1"}}`},
		{"no variables", `{"Environment":{"Variables":{}}}`, "Environment", ""},
		{"json log", `{"LoggingConfig":{"LogFormat":"JSON"}}`, "LoggingConfig", `{"LogFormat":"JSON","ApplicationLogLevel":"INFO","SystemLogLevel":"INFO","LogGroup":"/aws/lambda/fn"}`},
		{"log level", `{"LoggingConfig":{"ApplicationLogLevel":"DEBUG"}}`, "LoggingConfig", `{"LogFormat":"JSON","ApplicationLogLevel":"DEBUG","SystemLogLevel":"INFO","LogGroup":"/aws/lambda/fn"}`},
		{"text log", `{"LoggingConfig":{"LogFormat":"Text"}}`, "LoggingConfig", `{"LogFormat":"Text","LogGroup":"/aws/lambda/fn"}`},
		{"dead letters", `{"DeadLetterConfig":{"TargetArn":"arn:aws:sqs:us-east-1:000000000000:q"}}`, "DeadLetterConfig", `{"TargetArn":"arn:aws:sqs:us-east-1:000000000000:q"}`},
		{"no dead letters", `{"DeadLetterConfig":{}}`, "DeadLetterConfig", ""},
		{"vpc", `{"VpcConfig":{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"]}}`, "VpcConfig", `{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"],"VpcId":"vpc-x","Ipv6AllowedForDualStack":false}`},
		{"no vpc", `{"VpcConfig":{"SubnetIds":[],"SecurityGroupIds":[]}}`, "VpcConfig", `{"SubnetIds":[],"SecurityGroupIds":[],"VpcId":"","Ipv6AllowedForDualStack":false}`},
		{"storage", `{"EphemeralStorage":{"Size":1024}}`, "EphemeralStorage", `{"Size":1024}`},
		{"snap start", `{"SnapStart":{"ApplyOn":"PublishedVersions"}}`, "SnapStart", `{"ApplyOn":"PublishedVersions","OptimizationStatus":"Off"}`},
		{"key", `{"KMSKeyArn":"arn:aws:kms:us-east-1:000000000000:key/k"}`, "KMSKeyArn", `"arn:aws:kms:us-east-1:000000000000:key/k"`},
		{"no key", `{"KMSKeyArn":""}`, "KMSKeyArn", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res, body := s.request(t, "PUT /2015-03-31/functions/fn/configuration", tc.change)
			if res.StatusCode != http.StatusOK || !strings.Contains(body, `"LastUpdateStatus":"InProgress","LastUpdateStatusReason":"The function is being created.","LastUpdateStatusReasonCode":"Creating"`) {
				t.Fatalf("got %s %s", res.Status, body)
			}
			body = regexp.MustCompile(`vpc-[0-9a-f]{17}`).ReplaceAllString(body, "vpc-x")
			if tc.want == "" && strings.Contains(body, `"`+tc.member+`"`) || tc.want != "" && !strings.Contains(body, `"`+tc.member+`":`+tc.want) {
				t.Errorf("want %s %s in %s", tc.member, tc.want, body)
			}
			s.settled(t, "fn")
		})
	}
	res, body := s.request(t, "PUT /2015-03-31/functions/fn/configuration", `{"LoggingConfig":{"LogFormat":"Text","SystemLogLevel":"INFO"}}`)
	if res.StatusCode != 400 || res.Header.Get("X-Amzn-Errortype") != "InvalidParameterValueException" {
		t.Errorf("a level in Text format: %s %s", res.Status, body)
	}
	if _, err := c.DeleteFunction(ctx, &awslambda.DeleteFunctionInput{FunctionName: aws.String("fn")}); err != nil {
		t.Fatal(err)
	}
}

func TestUpdateCode(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	c, ctx := s.client(), t.Context()
	before, err := c.GetFunctionConfiguration(ctx, &awslambda.GetFunctionConfigurationInput{FunctionName: aws.String("fn")})
	if err != nil {
		t.Fatal(err)
	}
	dry, err := c.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{FunctionName: aws.String("fn"), ZipFile: lambdatest.Zip(t, "a", "other"), DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if *dry.CodeSha256 == *before.CodeSha256 || *dry.RevisionId != *before.RevisionId {
		t.Errorf("a dry run answers %s, %s", *dry.CodeSha256, *dry.RevisionId)
	}
	_, err = c.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{FunctionName: aws.String("fn"), ZipFile: lambdatest.Zip(t, "a", "b"), RevisionId: aws.String("stale")})
	wantCode(t, err, "PreconditionFailedException")
	// The same bytes again are an update all the same.
	again, err := c.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{
		FunctionName: aws.String("fn"), ZipFile: lambdatest.Zip(t, "index.py", "fn"), Architectures: []types.Architecture{"arm64"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if *again.CodeSha256 != *before.CodeSha256 || *again.RevisionId == *before.RevisionId || again.Architectures[0] != "arm64" {
		t.Errorf("got %+v", again)
	}
	s.settled(t, "fn")
	_, err = c.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{FunctionName: aws.String("none"), ZipFile: lambdatest.Zip(t, "a", "b")})
	wantText(t, err, "Function not found: "+farn+"none")
}

func TestImageFunction(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.executor.Handlers[""] = echo
	c, ctx := s.client(), t.Context()
	digest := strings.Repeat("ab", 32)
	made, err := c.CreateFunction(ctx, &awslambda.CreateFunctionInput{
		FunctionName: aws.String("img"), Role: aws.String(role), PackageType: types.PackageTypeImage,
		Code: &types.FunctionCode{ImageUri: aws.String("registry.local:5000/app:1@sha256:" + digest)}, ImageConfig: &types.ImageConfig{Command: []string{"app.h"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if made.CodeSize != 0 || *made.CodeSha256 != digest || made.Runtime != "" || made.Handler != nil || made.RuntimeVersionConfig != nil || made.ImageConfigResponse.ImageConfig.Command[0] != "app.h" {
		t.Errorf("got %+v", made)
	}
	s.settled(t, "img")
	got, err := c.GetFunction(ctx, &awslambda.GetFunctionInput{FunctionName: aws.String("img")})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Code.RepositoryType != "ECR" || *got.Code.ResolvedImageUri != "registry.local:5000/app@sha256:"+digest || got.Code.Location != nil {
		t.Errorf("got %+v", got.Code)
	}
	_, err = c.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{FunctionName: aws.String("img"), ZipFile: lambdatest.Zip(t, "a", "b")})
	wantText(t, err, "Please provide ImageUri when updating a function with packageType Image.")
	s.create(t, "zip", "app.h")
	_, err = c.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{FunctionName: aws.String("zip"), ImageUri: aws.String("a/b")})
	wantText(t, err, "Please don't provide ImageUri when updating a function with packageType Zip.")
	cleared, err := c.UpdateFunctionConfiguration(ctx, &awslambda.UpdateFunctionConfigurationInput{FunctionName: aws.String("img"), ImageConfig: &types.ImageConfig{}})
	if err != nil || cleared.ImageConfigResponse != nil {
		t.Errorf("got %+v, %v", cleared, err)
	}
	s.settled(t, "img")
}

func TestTags(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	c, ctx := s.client(), t.Context()
	resource := aws.String(farn + "fn")
	tags := func() map[string]string {
		t.Helper()
		out, err := c.ListTags(ctx, &awslambda.ListTagsInput{Resource: resource})
		if err != nil {
			t.Fatal(err)
		}
		return out.Tags
	}
	if got := tags(); got == nil || len(got) != 0 {
		t.Errorf("got %v, want an empty map", got)
	}
	for _, add := range []map[string]string{{"a": "1", "b": "2"}, {"b": "3"}} {
		if _, err := c.TagResource(ctx, &awslambda.TagResourceInput{Resource: resource, Tags: add}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.UntagResource(ctx, &awslambda.UntagResourceInput{Resource: resource, TagKeys: []string{"a", "unknown"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tags(), map[string]string{"b": "3"}); diff != "" {
		t.Error(diff)
	}
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	_, err := c.TagResource(ctx, &awslambda.TagResourceInput{Resource: resource, Tags: many})
	wantText(t, err, "Number of tags exceeds resource tag limit.")
}

func TestSmallAnswers(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	size := len(lambdatest.Zip(t, "index.py", "fn"))
	for line, want := range map[string]string{
		"GET /2020-06-30/functions/fn/code-signing-config":       `{"FunctionName":"fn"}`,
		"GET /2021-07-20/functions/fn/runtime-management-config": `{"UpdateRuntimeOn":"Auto","FunctionArn":"` + farn + `fn:$LATEST"}`,
		"GET /2019-09-30/functions/fn/concurrency":               `{}`,
		"GET /2016-08-19/account-settings/": fmt.Sprintf(`{"AccountLimit":{"TotalCodeSize":80530636800,"CodeSizeUnzipped":262144000,"CodeSizeZipped":52428800,`+
			`"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":1000},"AccountUsage":{"TotalCodeSize":%d,"FunctionCount":1}}`, size),
		"GET /2015-03-31/functions/fn/aliases": `{"Aliases":[]}`,
	} {
		if res, body := s.request(t, line, ""); res.StatusCode != 200 || body != want {
			t.Errorf("%s: %s %s", line, res.Status, body)
		}
	}
}

func TestCodeHandler(t *testing.T) {
	s := newServer(t, lambda.Config{})
	for line, want := range map[string]int{
		"GET " + api.CodePath + strings.Repeat("0", 64):  404,
		"GET " + api.CodePath + "x":                      404,
		"GET " + api.CodePath + "..%2f..%2fpostern.db":   404,
		"POST " + api.CodePath + strings.Repeat("0", 64): 405,
	} {
		if res, _ := s.request(t, line, ""); res.StatusCode != want {
			t.Errorf("%s: %s", line, res.Status)
		}
	}
}

// TestAccountsAreApart: the same name is another function in another account.
func TestAccountsAreApart(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	if _, body := s.request(t, "GET /2015-03-31/functions", "", "Test-Account", "111122223333"); body != `{"Functions":[]}` {
		t.Errorf("another account sees %s", body)
	}
	res, _ := s.request(t, "GET /2015-03-31/functions/fn", "", "Test-Account", "111122223333")
	if res.StatusCode != 404 {
		t.Errorf("another account gets %s", res.Status)
	}
}

// TestRequestLimit: what is too large is refused, and leaves nothing behind.
func TestRequestLimit(t *testing.T) {
	s := newServer(t, lambda.Config{})
	res, got := s.request(t, "POST /2015-03-31/functions", strings.Repeat(" ", 70167212))
	want := `{"Type":"User","message":"Request must be smaller than 70167211 bytes for the CreateFunction operation"}`
	if res.StatusCode != 413 || got != want || res.Header.Get("X-Amzn-Errortype") != "RequestEntityTooLargeException" {
		t.Errorf("got %s %s", res.Status, got)
	}
}
