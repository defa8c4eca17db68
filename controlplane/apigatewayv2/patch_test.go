package apigatewayv2

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
)

func TestResponseParametersReadBack(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	params := map[string]map[string]string{
		"500": {"append:header.header1": "$context.requestId", "overwrite:statuscode": "403"},
		"404": {"append:header.error": "$stageVariables.environmentId"},
	}
	created := must(f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("GET"),
		IntegrationUri: aws.String("https://example.com"), PayloadFormatVersion: aws.String("1.0"), ResponseParameters: params,
		RequestParameters: map[string]string{"append:header.a": "1", "remove:header.b": "''"}}))(t)
	if diff := cmp.Diff(created.ResponseParameters, params); diff != "" {
		t.Error(diff)
	}
	got := must(f.UpdateIntegration(ctx, &sdk.UpdateIntegrationInput{ApiId: api, IntegrationId: created.IntegrationId,
		ResponseParameters: map[string]map[string]string{"404": {}}, RequestParameters: map[string]string{"append:header.a": "", "append:header.c": "2"}}))(t)
	if len(got.ResponseParameters) != 1 || got.ResponseParameters["500"] == nil {
		t.Errorf("%v", got.ResponseParameters)
	}
	if diff := cmp.Diff(got.RequestParameters, map[string]string{"remove:header.b": "''", "append:header.c": "2"}); diff != "" {
		t.Error(diff)
	}
}

func TestActionParametersCannotBeTakenAway(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	created := must(f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("SQS-SendMessage"),
		PayloadFormatVersion: aws.String("1.0"), CredentialsArn: aws.String("arn:aws:iam::123456789012:role/r"),
		RequestParameters: map[string]string{"QueueUrl": "q", "MessageBody": "$request.body", "DelaySeconds": "0"}}))(t)
	_, err := f.UpdateIntegration(ctx, &sdk.UpdateIntegrationInput{ApiId: api, IntegrationId: created.IntegrationId, IntegrationSubtype: aws.String("SQS-SendMessage"),
		RequestParameters: map[string]string{"QueueUrl": "q", "MessageBody": "$request.body", "DelaySeconds": ""}})
	want := "Invalid selection expression specified: Validation Result: warnings : [], errors : [Mapping expression missing source or destination]"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestStageSettings(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /pets"), Target: aws.String("integrations/" + *newIntegration(t, f, api))}))(t)
	dev := aws.String("dev")
	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: dev, AutoDeploy: aws.Bool(true), StageVariables: map[string]string{"a": "1", "b": "2"},
		DefaultRouteSettings: &types.RouteSettings{ThrottlingRateLimit: aws.Float64(5), ThrottlingBurstLimit: aws.Int32(2)}}))(t)
	got := must(f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: api, StageName: dev, StageVariables: map[string]string{"a": "", "c": "3"},
		RouteSettings:     map[string]types.RouteSettings{"GET /pets": {ThrottlingBurstLimit: aws.Int32(100), ThrottlingRateLimit: aws.Float64(2000)}},
		AccessLogSettings: &types.AccessLogSettings{DestinationArn: aws.String("arn:aws:logs:us-west-2:123456789012:log-group:g:*"), Format: aws.String("$context.requestId")}}))(t)
	if diff := cmp.Diff(got.StageVariables, map[string]string{"b": "2", "c": "3"}); diff != "" {
		t.Error(diff)
	}
	if *got.AccessLogSettings.DestinationArn != "arn:aws:logs:us-west-2:123456789012:log-group:g" {
		t.Errorf("destination %s", *got.AccessLogSettings.DestinationArn)
	}
	if r := got.RouteSettings["GET /pets"]; *r.ThrottlingBurstLimit != 100 || *r.ThrottlingRateLimit != 2000 || r.DetailedMetricsEnabled != nil {
		t.Errorf("%+v", r)
	}
	served := f.plane.stages[*api+"/dev"]
	if th := served.HTTP.RouteSettings["GET /pets"].Throttle; th.Burst != 100 || th.Rate != 2000 {
		t.Errorf("%+v", th)
	}
	if th := served.HTTP.Default.Throttle; th.Burst != 2 || th.Rate != 5 {
		t.Errorf("%+v", th)
	}
	must(f.DeleteRouteSettings(ctx, &sdk.DeleteRouteSettingsInput{ApiId: api, StageName: dev, RouteKey: aws.String("GET /pets")}))(t)
	must(f.DeleteAccessLogSettings(ctx, &sdk.DeleteAccessLogSettingsInput{ApiId: api, StageName: dev}))(t)
	after := must(f.GetStage(ctx, &sdk.GetStageInput{ApiId: api, StageName: dev}))(t)
	if after.AccessLogSettings != nil || len(after.RouteSettings) != 0 {
		t.Errorf("%+v", after)
	}
}

func TestCORSConfiguration(t *testing.T) {
	f := setup(t)
	cors := &types.Cors{AllowOrigins: []string{"https://a.example"}, AllowMethods: []string{"GET"}, MaxAge: aws.Int32(300), AllowCredentials: aws.Bool(true)}
	api := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, CorsConfiguration: cors, Target: aws.String(function)}))(t).ApiId
	got := must(f.GetApi(ctx, &sdk.GetApiInput{ApiId: api}))(t)
	if diff := cmp.Diff(got.CorsConfiguration, cors, ignoreDocuments); diff != "" {
		t.Error(diff)
	}
	if c := f.plane.stages[*api+"/$default"].HTTP.Deployment.CORS; c == nil || *c.MaxAge != 300 {
		t.Errorf("%+v", c)
	}
	must(f.DeleteCorsConfiguration(ctx, &sdk.DeleteCorsConfigurationInput{ApiId: api}))(t)
	if c := f.plane.stages[*api+"/$default"].HTTP.Deployment.CORS; c != nil {
		t.Errorf("%+v", c)
	}
}

func TestTags(t *testing.T) {
	f := setup(t)
	api := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, Tags: map[string]string{"k": "v"}}))(t).ApiId
	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("$default")}))(t)
	for _, arn := range []string{"arn:aws:apigateway:us-west-2::/apis/" + *api, "arn:aws:apigateway:us-west-2::/apis/" + *api + "/stages/$default"} {
		must(f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a": "1", "b": "2"}}))(t)
		must(f.UntagResource(ctx, &sdk.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"k", "b"}}))(t)
		got := must(f.GetTags(ctx, &sdk.GetTagsInput{ResourceArn: &arn}))(t)
		if diff := cmp.Diff(got.Tags, map[string]string{"a": "1"}); diff != "" {
			t.Errorf("%s: %s", arn, diff)
		}
	}
	if got := must(f.GetApi(ctx, &sdk.GetApiInput{ApiId: api}))(t); got.Tags["a"] != "1" {
		t.Errorf("tags of the API itself: %v", got.Tags)
	}
}

func TestPaging(t *testing.T) {
	f := setup(t)
	for range 5 {
		newAPI(t, f)
	}
	var ids []string
	var token *string
	for {
		page := must(f.GetApis(ctx, &sdk.GetApisInput{MaxResults: aws.String("2"), NextToken: token}))(t)
		for _, a := range page.Items {
			ids = append(ids, *a.ApiId)
		}
		if token = page.NextToken; token == nil {
			break
		}
	}
	if len(ids) != 5 || ids[0] > ids[4] {
		t.Errorf("ids %v: not all of them, or not in the order of creation", ids)
	}
	_, err := f.GetApis(ctx, &sdk.GetApisInput{NextToken: aws.String("nonsense")})
	wantError(t, err, badRequest, "Invalid nextToken specified")
}

func TestUnenforcedSettings(t *testing.T) {
	f := setup(t, func(c *Config) { c.Strict = true })
	_, err := f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, IpAddressType: types.IpAddressTypeDualstack})
	wantError(t, err, badRequest, "Api.ipAddressType is not emulated: the listener's address family is the emulator's")

	f = setup(t)
	api := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, IpAddressType: types.IpAddressTypeDualstack}))(t).ApiId
	got, found := f.svc.Coverage(ctx, *api)
	if diff := cmp.Diff(got, []string{"Api.ipAddressType"}); diff != "" || !found {
		t.Errorf("%t %s", found, diff)
	}
	for name, reason := range Unenforced {
		if reason == "" {
			t.Errorf("%s has no reason", name)
		}
	}
}
