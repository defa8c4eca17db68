package apigatewayv2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
)

// What an empty value of a PATCH does differs from one resource to the next.
func TestEmptyValues(t *testing.T) {
	f := setup(t)
	api := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, Description: aws.String("d"), Version: aws.String("v")}))(t).ApiId
	empty := aws.String("")
	if got := must(f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, Description: empty, Version: empty}))(t); got.Description != nil || got.Version != nil {
		t.Errorf("an API keeps description %v and version %v", got.Description, got.Version)
	}

	integration := must(f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: aws.String(function),
		PayloadFormatVersion: aws.String("2.0"), Description: aws.String("d"), RequestParameters: map[string]string{"append:header.a": "1"}}))(t).IntegrationId
	if got := must(f.UpdateIntegration(ctx, &sdk.UpdateIntegrationInput{ApiId: api, IntegrationId: integration, Description: empty, RequestParameters: map[string]string{}}))(t); got.Description != nil || len(got.RequestParameters) != 1 {
		t.Errorf("an integration: description %v, parameters %v", got.Description, got.RequestParameters)
	}

	jwt := must(f.CreateAuthorizer(ctx, &sdk.CreateAuthorizerInput{ApiId: api, Name: aws.String("jwt"), AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.Authorization"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://issuer.example.com"), Audience: []string{"a"}}}))(t).AuthorizerId
	route := must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /a"), OperationName: aws.String("o"),
		AuthorizationType: types.AuthorizationTypeJwt, AuthorizerId: jwt, AuthorizationScopes: []string{"s"}}))(t).RouteId
	if got := must(f.UpdateRoute(ctx, &sdk.UpdateRouteInput{ApiId: api, RouteId: route, OperationName: empty, AuthorizationScopes: []string{}}))(t); got.OperationName != nil || got.AuthorizationScopes != nil {
		t.Errorf("a route: operation %v, scopes %v", got.OperationName, got.AuthorizationScopes)
	}
	if got := must(f.UpdateRoute(ctx, &sdk.UpdateRouteInput{ApiId: api, RouteId: route, AuthorizationType: types.AuthorizationTypeNone, AuthorizerId: empty}))(t); got.AuthorizerId != nil {
		t.Errorf("a route: authorizer %v", got.AuthorizerId)
	}

	dev := aws.String("dev")
	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: dev, Description: aws.String("d"), StageVariables: map[string]string{"a": "1"},
		DefaultRouteSettings: &types.RouteSettings{ThrottlingBurstLimit: aws.Int32(7)},
		AccessLogSettings:    &types.AccessLogSettings{DestinationArn: aws.String("arn:aws:logs:us-west-2:123456789012:log-group:g"), Format: aws.String("$context.requestId")}}))(t)
	got := must(f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: api, StageName: dev, Description: empty, StageVariables: map[string]string{}, ClientCertificateId: empty,
		DefaultRouteSettings: &types.RouteSettings{}, AccessLogSettings: &types.AccessLogSettings{}}))(t)
	if aws.ToString(got.Description) != "d" || len(got.StageVariables) != 1 || *got.DefaultRouteSettings.ThrottlingBurstLimit != 7 || got.AccessLogSettings == nil {
		t.Errorf("a stage keeps what it has: %+v", got)
	}
}

func TestCORSIsMerged(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	for _, tc := range []struct {
		name string
		sent types.Cors
		want *types.Cors
	}{
		{"nothing where there is nothing", types.Cors{}, &types.Cors{}},
		{"the first members", types.Cors{AllowOrigins: []string{"https://a.example", "http://*"}, AllowHeaders: []string{"Content-Type"}, ExposeHeaders: []string{"X-Id"}},
			&types.Cors{AllowOrigins: []string{"https://a.example", "http://*"}, AllowHeaders: []string{"content-type"}, ExposeHeaders: []string{"x-id"}}},
		{"nothing", types.Cors{}, &types.Cors{AllowOrigins: []string{"https://a.example", "http://*"}, AllowHeaders: []string{"content-type"}, ExposeHeaders: []string{"x-id"}}},
		{"others", types.Cors{AllowMethods: []string{"GET"}, MaxAge: aws.Int32(0), AllowCredentials: aws.Bool(false), ExposeHeaders: []string{}},
			&types.Cors{AllowOrigins: []string{"https://a.example", "http://*"}, AllowHeaders: []string{"content-type"}, AllowMethods: []string{"GET"}, MaxAge: aws.Int32(0), AllowCredentials: aws.Bool(false)}},
	} {
		got := must(f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, CorsConfiguration: &tc.sent}))(t).CorsConfiguration
		if diff := cmp.Diff(got, tc.want, ignoreDocuments); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tc.name, diff)
		}
	}
	// What is there counts for what may be added.
	_, err := f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, CorsConfiguration: &types.Cors{AllowCredentials: aws.Bool(true), AllowOrigins: []string{"*"}}})
	wantError(t, err, badRequest, "allow-credentials is not supported if 'allow-origin' is *")
	must(f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, CorsConfiguration: &types.Cors{AllowCredentials: aws.Bool(true)}}))(t)
	_, err = f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, CorsConfiguration: &types.Cors{AllowOrigins: []string{"*"}}})
	wantError(t, err, badRequest, "allow-credentials is not supported if 'allow-origin' is *")
	for _, origin := range []string{"localhost:3000", "", "example.com", "https://", "https://*.example.com", "https://example.com/", "https://a b", "null", "//example.com"} {
		_, err := f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, CorsConfiguration: &types.Cors{AllowOrigins: []string{origin}}})
		wantError(t, err, badRequest, "Invalid format for origin "+origin)
	}
	must(f.DeleteCorsConfiguration(ctx, &sdk.DeleteCorsConfigurationInput{ApiId: api}))(t)
	if got := must(f.GetApi(ctx, &sdk.GetApiInput{ApiId: api}))(t); got.CorsConfiguration != nil {
		t.Errorf("after all: %+v", got.CorsConfiguration)
	}
}

// A PATCH of an integration that calls a service is tested as if it were all of it.
func TestServiceIntegrationUpdate(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	subtype, role := aws.String("EventBridge-PutEvents"), aws.String("arn:aws:iam::123456789012:role/r")
	all := map[string]string{"Source": "s", "DetailType": "t", "Detail": "$request.body", "EventBusName": "b"}
	id := must(f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeAwsProxy, IntegrationSubtype: subtype,
		PayloadFormatVersion: aws.String("1.0"), CredentialsArn: role, RequestParameters: all}))(t).IntegrationId
	const missing = "Operation: EventBridge-PutEvents requires enabling passthrough, or defining all of the following parameters in the parameter mapping: [Detail, DetailType, Source]"
	for _, tc := range []struct {
		name    string
		in      sdk.UpdateIntegrationInput
		message string // empty: it is changed
	}{
		{"description alone", sdk.UpdateIntegrationInput{Description: aws.String("d")}, "Invalid integration URI specified"},
		{"parameters alone", sdk.UpdateIntegrationInput{RequestParameters: all}, "Invalid integration URI specified"},
		{"no parameters", sdk.UpdateIntegrationInput{IntegrationSubtype: subtype, Description: aws.String("d")}, missing},
		{"some parameters", sdk.UpdateIntegrationInput{IntegrationSubtype: subtype, RequestParameters: map[string]string{"Detail": "x"}}, missing},
		{"all", sdk.UpdateIntegrationInput{IntegrationSubtype: subtype, Description: aws.String("d"), RequestParameters: map[string]string{"Source": "s2", "DetailType": "t", "Detail": "$request.body"}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.in.ApiId, tc.in.IntegrationId = api, id
			got, err := f.UpdateIntegration(ctx, &tc.in)
			if tc.message != "" {
				wantError(t, err, badRequest, tc.message)
				return
			}
			if err != nil || *got.Description != "d" || got.RequestParameters["Source"] != "s2" || got.RequestParameters["EventBusName"] != "b" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// A name to verify is for private integrations; a public one loses it without a word.
func TestTLSConfigOfPublicIntegration(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	in := &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("GET"), IntegrationUri: aws.String("https://example.com"),
		PayloadFormatVersion: aws.String("1.0"), TlsConfig: &types.TlsConfigInput{ServerNameToVerify: aws.String("internal.example.com")}}
	if got := must(f.CreateIntegration(ctx, in))(t); got.TlsConfig != nil {
		t.Errorf("public: %+v", got.TlsConfig)
	}
	link := must(f.CreateVpcLink(ctx, &sdk.CreateVpcLinkInput{Name: aws.String("l"), SubnetIds: []string{"subnet-1"}}))(t).VpcLinkId
	in.ConnectionType, in.ConnectionId = types.ConnectionTypeVpcLink, link
	in.IntegrationUri = aws.String("arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/a/b/c")
	if got := must(f.CreateIntegration(ctx, in))(t); got.TlsConfig == nil || *got.TlsConfig.ServerNameToVerify != "internal.example.com" {
		t.Errorf("private: %+v", got.TlsConfig)
	}
}
