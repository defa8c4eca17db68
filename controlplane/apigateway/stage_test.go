package apigateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// staged is an API with two deployments and the stage dev on the first.
func staged(t *testing.T) (f *fixture, api, one, two string) {
	t.Helper()
	f = newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	one, two = f.deploy(api, ""), f.deploy(api, "")
	must[sdk.CreateStageOutput](f)(f.c.CreateStage(t.Context(), &sdk.CreateStageInput{
		RestApiId: &api, StageName: aws.String("dev"), DeploymentId: &one, Variables: map[string]string{"testVar": "test", "testVar2": "test2"},
	}))
	return f, api, one, two
}

func (f *fixture) updateStage(api string, list ...types.PatchOperation) (*sdk.UpdateStageOutput, error) {
	return f.c.UpdateStage(f.Context(), &sdk.UpdateStageInput{RestApiId: &api, StageName: aws.String("dev"), PatchOperations: list})
}

func TestStageShape(t *testing.T) {
	f, api, one, _ := staged(t)
	_, got := f.raw("GET", "/restapis/"+api+"/stages/dev", "")
	want := `{"deploymentId":"` + one + `","stageName":"dev","cacheClusterEnabled":false,"cacheClusterStatus":"NOT_AVAILABLE","methodSettings":{},"variables":{"testVar":"test","testVar2":"test2"},"tracingEnabled":false,"createdDate":1772600767,"lastUpdatedDate":1772600767}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMethodSettings(t *testing.T) {
	f, api, _, _ := staged(t)
	must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", "/*/*/throttling/burstLimit", "123", "replace", "/*/*/caching/enabled", "true",
		"replace", "/test/GET/throttling/burstLimit", "124", "replace", "/~1pets~1{id}/GET/metrics/enabled", "true", "replace", "/~1/GET/metrics/enabled", "true")...))
	out := must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", "/*/*/throttling/burstLimit", "100")...))
	every := types.MethodSetting{
		ThrottlingBurstLimit: 100, ThrottlingRateLimit: 10000, CachingEnabled: true, CacheTtlInSeconds: 300,
		RequireAuthorizationForCacheControl: true, UnauthorizedCacheControlHeaderStrategy: "SUCCEED_WITH_RESPONSE_HEADER",
	}
	one, measured := every, every
	one.ThrottlingBurstLimit = 124
	measured.ThrottlingBurstLimit, measured.MetricsEnabled = 123, true
	want := map[string]types.MethodSetting{"*/*": every, "test/GET": one, "~1pets~1{id}/GET": measured, "~1/GET": measured}
	if diff := cmp.Diff(want, out.MethodSettings, cmpopts.IgnoreUnexported(types.MethodSetting{})); diff != "" {
		t.Error(diff)
	}
	served := f.plane.stage(api, "dev").REST.MethodSettings
	if served["test/GET"].ThrottlingBurstLimit != 124 || !served["pets/{id}/GET"].MetricsEnabled || !served["/GET"].MetricsEnabled {
		t.Errorf("published %+v", served)
	}
	out = must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("remove", "/*/*", "-", "remove", "/test/GET", "-", "remove", "/~1pets~1{id}/GET", "-", "remove", "/~1/GET", "-")...))
	if len(out.MethodSettings) != 0 {
		t.Errorf("left %v", out.MethodSettings)
	}
	_, err := f.updateStage(api, ops("remove", "/*/*", "-")...)
	f.refused(err, "BadRequestException", "Cannot remove method setting */* because there is no method setting for this method ")
	_, err = f.updateStage(api, ops("replace", "/*/*/logging/loglevel", "INFO")...)
	f.refused(err, "BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging")
	must[sdk.UpdateAccountOutput](f)(f.c.UpdateAccount(t.Context(), &sdk.UpdateAccountInput{PatchOperations: ops("replace", "/cloudwatchRoleArn", "arn:aws:iam::111111111111:role/r")}))
	must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", "/*/*/logging/loglevel", "INFO")...))
}

func TestStageRefusals(t *testing.T) {
	f, api, _, _ := staged(t)
	const access = "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]"
	none := func(path string) string {
		return "Cannot remove method setting " + path + " because there is no method setting for this method "
	}
	for _, tc := range []struct{ op, path, value, want string }{
		{"add", "/accessLogSettings/randomValue", "x", access}, {"replace", "/accessLogSettings/*", "x", access}, {"add", "/accessLogSettings", "x", access},
		{"remove", "/accessLogSettings/randomValue", "-", none("accessLogSettings/randomValue")}, {"remove", "/accessLogSettings/destinationArn", "-", none("accessLogSettings/destinationArn")},
		{"remove", "/canarySettings/stageVariableOverrides", "-", none("canarySettings/stageVariableOverrides")}, {"remove", "/canarySettings/badPath", "-", none("canarySettings/badPath")},
		{"add", "/accessLogSettings/format", "", "Access Log value must not be empty"},
		{"add", "/canarySettings/deploymentId", "x", "Invalid add operation with path: /canarySettings/deploymentId"},
		{"replace", "/canarySettings/deploymentId", "x", "Deployment id does not exist"}, {"replace", "/deploymentId", "x", "Deployment id does not exist"},
	} {
		_, err := f.updateStage(api, ops(tc.op, tc.path, tc.value)...)
		f.refused(err, "BadRequestException", tc.want)
	}
	for _, path := range []string{"/documentation_version", "/tags/tag1", "/canarySettings", "/canarySettings/badPath", "/x/GET/throttling/nosuch"} {
		_, err := f.updateStage(api, ops("replace", path, "x")...)
		if err == nil || !strings.Contains(err.Error(), "BadRequestException: Invalid method setting path: "+path+". Must be one of: [/deploymentId, /description, ") ||
			!strings.Contains(err.Error(), "/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestCanary(t *testing.T) {
	f, api, one, two := staged(t)
	out := must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", "/canarySettings/deploymentId", two)...))
	if c := out.CanarySettings; *c.DeploymentId != two || c.PercentTraffic != 0 {
		t.Errorf("canary %+v", c)
	}
	must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("remove", "/canarySettings", "-")...))
	out = must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", "/canarySettings/percentTraffic", "50")...))
	if c := out.CanarySettings; *c.DeploymentId != one || c.PercentTraffic != 50 {
		t.Errorf("canary %+v", c)
	}
	must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", "/canarySettings/stageVariableOverrides/testVar", "override", "replace", "/canarySettings/deploymentId", two)...))
	if c := f.plane.stage(api, "dev").REST.Canary; c == nil || c.DeploymentID != two || c.VariableOverrides["testVar"] != "override" {
		t.Errorf("published canary %+v", c)
	}
	copyOp := func(path, from string) types.PatchOperation {
		return types.PatchOperation{Op: "copy", Path: &path, From: &from}
	}
	_, err := f.updateStage(api, copyOp("/canarySettings/stageVariableOverrides", "/variables"))
	f.refused(err, "BadRequestException", "Invalid copy operation with path: /canarySettings/stageVariableOverrides and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]")
	out = must[sdk.UpdateStageOutput](f)(f.updateStage(api, copyOp("/deploymentId", "/canarySettings/deploymentId"), copyOp("/variables", "/canarySettings/stageVariableOverrides")))
	if diff := cmp.Diff(map[string]string{"testVar": "override", "testVar2": "test2"}, out.Variables); diff != "" || *out.DeploymentId != two || out.CanarySettings == nil {
		t.Errorf("promoted %+v %s", out, diff)
	}
	must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("remove", "/canarySettings", "-")...))
	_, err = f.updateStage(api, copyOp("/deploymentId", "/canarySettings/deploymentId"))
	f.refused(err, "BadRequestException", "Promotion not available. Canary does not exist.")
}

func TestDeploymentRefusals(t *testing.T) {
	f, api, one, _ := staged(t)
	create := func(stage *string) error {
		_, err := f.c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: &api, StageName: stage, CanarySettings: &types.DeploymentCanarySettings{PercentTraffic: 50}})
		return err
	}
	f.refused(create(nil), "BadRequestException", "Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is null")
	f.refused(create(aws.String("")), "BadRequestException", "Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is ")
	f.refused(create(aws.String("nosuch")), "BadRequestException", "Invalid deployment content specified.Stage nosuch must already be created before making a canary release deployment")
	if err := create(aws.String("dev")); err != nil {
		t.Fatal(err)
	}
	if s := f.plane.stage(api, "dev"); s.DeploymentID != one || s.REST.Canary == nil || s.REST.Canary.PercentTraffic != 50 {
		t.Errorf("published %+v", s.REST.Canary)
	}
	_, err := f.c.DeleteDeployment(t.Context(), &sdk.DeleteDeploymentInput{RestApiId: &api, DeploymentId: &one})
	f.refused(err, "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
	_, err = f.c.CreateStage(t.Context(), &sdk.CreateStageInput{RestApiId: &api, StageName: aws.String("x"), DeploymentId: aws.String("nosuch")})
	f.refused(err, "BadRequestException", "Deployment id does not exist")
	_, err = f.c.CreateStage(t.Context(), &sdk.CreateStageInput{RestApiId: &api, StageName: aws.String("dev"), DeploymentId: &one})
	f.refused(err, "ConflictException", "Stage already exists")

	out := must[sdk.GetDeploymentOutput](f)(f.c.GetDeployment(t.Context(), &sdk.GetDeploymentInput{RestApiId: &api, DeploymentId: &one, Embed: []string{"apisummary"}}))
	if got := out.ApiSummary["/"]["GET"]; got.AuthorizationType == nil || *got.AuthorizationType != "NONE" {
		t.Errorf("summary %+v", out.ApiSummary)
	}
	empty, root := f.api()
	_, err = f.c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: &empty})
	f.refused(err, "BadRequestException", "The REST API doesn't contain any methods")
	f.method(empty, root, "GET")
	_, err = f.c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: &empty})
	f.refused(err, "BadRequestException", "No integration defined for method")
}

func TestTags(t *testing.T) {
	f, api, _, _ := staged(t)
	for _, arn := range []string{"arn:aws:apigateway:us-east-1::/restapis/" + api, "arn:aws:apigateway:us-east-1::/restapis/" + api + "/stages/dev"} {
		if _, err := f.c.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a": "1", "b": "2"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.c.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"a"}}); err != nil {
			t.Fatal(err)
		}
		out := must[sdk.GetTagsOutput](f)(f.c.GetTags(t.Context(), &sdk.GetTagsInput{ResourceArn: &arn}))
		if diff := cmp.Diff(map[string]string{"b": "2"}, out.Tags); diff != "" {
			t.Error(diff)
		}
	}
}

// Settings keep the key by which they were addressed, which Terraform looks for again:
// it trims the first slash of a resource's path or does not, and escapes none.
func TestMethodSettingKeys(t *testing.T) {
	f, api, _, _ := staged(t)
	for _, tc := range []struct{ path, key, served string }{
		{"/pets/{id}/toys/GET", "pets/{id}/toys/GET", "pets/{id}/toys/GET"},
		{"//pets/{id}/PUT", "/pets/{id}/PUT", "pets/{id}/PUT"},
		{"/~1pets~1{id}/DELETE", "~1pets~1{id}/DELETE", "pets/{id}/DELETE"},
		{"/pets~1{id}/PATCH", "pets~1{id}/PATCH", "pets/{id}/PATCH"},
		{"/~1/GET", "~1/GET", "/GET"}, {"//PUT", "/PUT", "/PUT"}, {"/{proxy+}/ANY", "{proxy+}/ANY", "{proxy+}/ANY"}, {"/*/*", "*/*", "*/*"}, {"/pets/*", "pets/*", "pets/*"},
	} {
		out := must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", tc.path+"/throttling/rateLimit", "-1", "replace", tc.path+"/throttling/burstLimit", "-1")...))
		if ms := out.MethodSettings[tc.key]; ms.ThrottlingBurstLimit != -1 || ms.ThrottlingRateLimit != -1 {
			t.Errorf("%s: %+v", tc.path, out.MethodSettings)
		}
		if served := f.plane.stage(api, "dev").REST.MethodSettings; served[tc.served].ThrottlingBurstLimit != -1 {
			t.Errorf("%s: served %+v", tc.path, served)
		}
		if out = must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("remove", tc.path, "-")...)); len(out.MethodSettings) != 0 {
			t.Errorf("%s: not removed: %+v", tc.path, out.MethodSettings)
		}
	}
	for _, path := range []string{"/{proxy+}/ANY//throttling/burstLimit", "/pets/WRONG/throttling/burstLimit", "/GET/throttling/burstLimit", "/pets/GET/throttling"} {
		if _, err := f.updateStage(api, ops("replace", path, "1")...); err == nil || !strings.Contains(err.Error(), "Invalid method setting path: "+path+". Must be one of: [") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A deployment may give the stage's cache another size and leave it on.
func TestDeploymentResizesCache(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	for _, in := range []sdk.CreateDeploymentInput{{CacheClusterEnabled: aws.Bool(true)}, {CacheClusterSize: "1.6"}} {
		in.RestApiId, in.StageName = &api, aws.String("dev")
		must[sdk.CreateDeploymentOutput](f)(f.c.CreateDeployment(t.Context(), &in))
	}
	st := must[sdk.GetStageOutput](f)(f.c.GetStage(t.Context(), &sdk.GetStageInput{RestApiId: &api, StageName: aws.String("dev")}))
	if !st.CacheClusterEnabled || st.CacheClusterSize != "1.6" {
		t.Errorf("enabled %t, size %s", st.CacheClusterEnabled, st.CacheClusterSize)
	}
}

// A cache cluster that was switched off is seen going for a while, as tools expect.
func TestCacheClusterGoes(t *testing.T) {
	f, api, _, _ := staged(t)
	stage := "/restapis/" + api + "/stages/dev"
	f.patch(stage, []patchRow{
		{"replace", "/cacheClusterEnabled", "true", `"cacheClusterStatus":"CREATE_IN_PROGRESS"`},
		{"replace", "/cacheClusterEnabled", "false", `"cacheClusterStatus":"DELETE_IN_PROGRESS"`},
	})
	for _, step := range []struct {
		after time.Duration
		want  types.CacheClusterStatus
	}{{time.Minute, types.CacheClusterStatusDeleteInProgress}, {10 * time.Minute, types.CacheClusterStatusNotAvailable}} {
		f.now = f.now.Add(step.after)
		got := must[sdk.GetStageOutput](f)(f.c.GetStage(t.Context(), &sdk.GetStageInput{RestApiId: &api, StageName: aws.String("dev")}))
		if got.CacheClusterStatus != step.want {
			t.Errorf("%v later: %s, want %s", step.after, got.CacheClusterStatus, step.want)
		}
	}
	f.patch(stage, []patchRow{{"replace", "/cacheClusterEnabled", "true", `"cacheClusterStatus":"CREATE_IN_PROGRESS"`}, {"replace", "/description", "d", `"cacheClusterStatus":"AVAILABLE"`}})
}

// Every path of a stage's PATCH.
func TestPatchStage(t *testing.T) {
	f, api, one, two := staged(t)
	certificate := *must[sdk.GenerateClientCertificateOutput](f)(f.c.GenerateClientCertificate(t.Context(), &sdk.GenerateClientCertificateInput{})).ClientCertificateId
	must[sdk.CreateDocumentationVersionOutput](f)(f.c.CreateDocumentationVersion(t.Context(), &sdk.CreateDocumentationVersionInput{RestApiId: &api, DocumentationVersion: aws.String("v1")}))
	const log = "arn:aws:logs:us-east-1:111111111111:log-group:g"
	var unsupported []patchRow
	for _, path := range []string{"/deploymentId", "/description", "/cacheClusterEnabled", "/clientCertificateId", "/documentationVersion", "/tracingEnabled", "/*/*/metrics/enabled"} {
		unsupported = append(unsupported, patchRow{"add", path, "x", "400 Invalid add operation with path: " + path},
			patchRow{"remove", path, "-", "400 Cannot remove method setting " + path[1:] + " because there is no method setting for this method "})
	}
	f.patch("/restapis/"+api+"/stages/dev", join(unsupported, []patchRow{
		{"replace", "/deploymentId", two, `"deploymentId":"` + two + `"`}, {"replace", "/deploymentId", "x", "400 Deployment id does not exist"}, {"replace", "/deploymentId", one, `"deploymentId":"` + one + `"`},
		{"replace", "/description", "d", `"description":"d"`}, {"replace", "/description", "", `!"description"`},
		{"replace", "/cacheClusterEnabled", "true", `"cacheClusterEnabled":true,"cacheClusterSize":"0.5","cacheClusterStatus":"CREATE_IN_PROGRESS"`},
		{"replace", "/cacheClusterSize", "1.6", `"cacheClusterSize":"1.6","cacheClusterStatus":"AVAILABLE"`}, {"replace", "/cacheClusterSize", "2", "400 Invalid method setting value: 2"},
		{"replace", "/cacheClusterEnabled", "false", `"cacheClusterStatus":"DELETE_IN_PROGRESS"`}, {"replace", "/tracingEnabled", "true", `"cacheClusterStatus":"DELETE_IN_PROGRESS"`},
		{"replace", "/tracingEnabled", "no", `"tracingEnabled":false`},
		{"replace", "/clientCertificateId", certificate, `"clientCertificateId":"` + certificate + `"`}, {"replace", "/clientCertificateId", "x", "404 Invalid Client Certificate identifier specified"},
		{"replace", "/clientCertificateId", "", `!"clientCertificateId"`},
		{"replace", "/documentationVersion", "v1", `"documentationVersion":"v1"`}, {"replace", "/documentationVersion", "v2", "404 Invalid Documentation version specified"},
		{"replace", "/documentationVersion", "", `!"documentationVersion"`},
		{"add", "/variables/new", "1", `"new":"1"`}, {"replace", "/variables/new", "2", `"new":"2"`}, {"replace", "/variables/new", "a b", `"new":"a b"`},
		{"replace", "/variables/new", "a!", "400 Invalid stage variable value of key new.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."},
		{"replace", "/variables/a-b", "1", "400 Invalid stage variable name: a-b. Please use names with only word characters."}, {"remove", "/variables/new", "-", `!"new"`},
		{"add", "/accessLogSettings/destinationArn", log, `"destinationArn":"` + log + `"`}, {"replace", "/accessLogSettings/format", "$context.requestId", `"format":"$context.requestId"`},
		{"replace", "/accessLogSettings/destinationArn", "x", "400 Invalid ARN specified in the request"}, {"replace", "/accessLogSettings/format", "", "400 Access Log value must not be empty"},
		{"remove", "/accessLogSettings", "-", `!"accessLogSettings"`},
		{"replace", "/canarySettings/useStageCache", "true", `"canarySettings":{"percentTraffic":0,"deploymentId":"` + one + `","useStageCache":true}`},
		{"replace", "/canarySettings/percentTraffic", "101", "400 Invalid percentTraffic value, must be between 0.0 and 100.0"}, {"replace", "/canarySettings/percentTraffic", "10.5", `"percentTraffic":10.5`},
		{"replace", "/canarySettings/stageVariableOverrides/a", "1", `"stageVariableOverrides":{"a":"1"}`}, {"remove", "/canarySettings/stageVariableOverrides/a", "-", `!"stageVariableOverrides"`},
		{"replace", "/canarySettings/stageVariableOverrides/a-b", "1", "400 Invalid stage variable name: a-b. Please use names with only word characters."},
		{"replace", "/canarySettings/deploymentId", two, `"deploymentId":"` + two + `"`}, {"remove", "/canarySettings", "-", `!"canarySettings"`},
		{"replace", "/*/*/metrics/enabled", "true", `"metricsEnabled":true`}, {"replace", "/*/*/logging/dataTrace", "true", `"dataTraceEnabled":true`}, {"replace", "/*/*/logging/loglevel", "OFF", `"loggingLevel":"OFF"`},
		{"replace", "/*/*/logging/loglevel", "INFO", "400 CloudWatch Logs role ARN must be set in account settings to enable logging"},
		{"replace", "/*/*/throttling/burstLimit", "7", `"throttlingBurstLimit":7`}, {"replace", "/*/*/throttling/burstLimit", "x", "400 Invalid method setting value: x"},
		{"replace", "/*/*/throttling/rateLimit", "7.5", `"throttlingRateLimit":7.5`}, {"replace", "/*/*/throttling/rateLimit", "x", "400 Invalid method setting value: x"},
		{"replace", "/*/*/caching/enabled", "true", `"cachingEnabled":true`}, {"replace", "/*/*/caching/ttlInSeconds", "60", `"cacheTtlInSeconds":60`}, {"replace", "/*/*/caching/ttlInSeconds", "3601", "400 Invalid time-to-live setting, must be an integer no greater than 3600"},
		{"replace", "/*/*/caching/dataEncrypted", "true", `"cacheDataEncrypted":true`}, {"replace", "/*/*/caching/requireAuthorizationForCacheControl", "false", `"requireAuthorizationForCacheControl":false`},
		{"replace", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403", `"unauthorizedCacheControlHeaderStrategy":"FAIL_WITH_403"`},
		{"replace", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "x", "400 Invalid method setting value: x"}, {"remove", "/*/*", "-", `"methodSettings":{}`},
	}))
}
