package apigatewayv2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// everything makes an API of all that a document of an HTTP API can say.
func everything(t *testing.T, f *fixture) *string {
	t.Helper()
	api := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("everything"), Description: aws.String("all of it"), Version: aws.String("7"), ProtocolType: types.ProtocolTypeHttp,
		DisableExecuteApiEndpoint: aws.Bool(true), Tags: map[string]string{"owner": "ann", "empty": ""},
		CorsConfiguration: &types.Cors{AllowCredentials: aws.Bool(true), AllowHeaders: []string{"authorization"}, AllowMethods: []string{"GET", "POST"},
			AllowOrigins: []string{"https://a.example", "http://*"}, ExposeHeaders: []string{"x-id"}, MaxAge: aws.Int32(300)}}))(t).ApiId
	link := must(f.CreateVpcLink(ctx, &sdk.CreateVpcLinkInput{Name: aws.String("l"), SubnetIds: []string{"subnet-1"}}))(t).VpcLinkId
	role := aws.String("arn:aws:iam::123456789012:role/r")
	authorizer := func(in *sdk.CreateAuthorizerInput, name string) *string {
		t.Helper()
		in.Name = &name
		return must(f.CreateAuthorizer(ctx, in))(t).AuthorizerId
	}
	jwt := authorizer(jwtAuthorizerInput(api, "https://issuer.example.com/path"), "jwt")
	simple := requestAuthorizerInput(api)
	simple.EnableSimpleResponses, simple.AuthorizerResultTtlInSeconds = aws.Bool(true), aws.Int32(0)
	simple.IdentitySource = []string{"$request.header.Authorization", "$context.routeKey"}
	policy := requestAuthorizerInput(api)
	policy.AuthorizerPayloadFormatVersion, policy.AuthorizerCredentialsArn, policy.AuthorizerResultTtlInSeconds = aws.String("1.0"), role, aws.Int32(60)
	simpleID, policyID := authorizer(simple, "simple"), authorizer(policy, "policy")

	add := func(route sdk.CreateRouteInput, in *sdk.CreateIntegrationInput) {
		t.Helper()
		if in != nil {
			in.ApiId = api
			if in.PayloadFormatVersion == nil {
				in.PayloadFormatVersion = aws.String("1.0")
			}
			route.Target = aws.String("integrations/" + *must(f.CreateIntegration(ctx, in))(t).IntegrationId)
		}
		route.ApiId = api
		must(f.CreateRoute(ctx, &route))(t)
	}
	add(sdk.CreateRouteInput{RouteKey: aws.String("GET /pets/{id}"), OperationName: aws.String("find"), AuthorizationType: types.AuthorizationTypeJwt, AuthorizerId: jwt, AuthorizationScopes: []string{"read", "list"}},
		&sdk.CreateIntegrationInput{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("POST"), IntegrationUri: aws.String("https://backend.example.com/{id}"), TimeoutInMillis: aws.Int32(5000),
			RequestParameters:  map[string]string{"append:header.x-id": "$request.path.id", "overwrite:path": "/a b", "remove:querystring.q": "''"},
			ResponseParameters: map[string]map[string]string{"200": {"append:header.x": "$response.header.y"}, "404": {"overwrite:statuscode": "410", "remove:header.server": "''"}}})
	add(sdk.CreateRouteInput{RouteKey: aws.String("ANY /any/{proxy+}"), AuthorizationType: types.AuthorizationTypeCustom, AuthorizerId: simpleID},
		&sdk.CreateIntegrationInput{IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: aws.String(function), PayloadFormatVersion: aws.String("2.0"), CredentialsArn: role})
	add(sdk.CreateRouteInput{RouteKey: aws.String("DELETE /pets/{id}"), AuthorizationType: types.AuthorizationTypeCustom, AuthorizerId: policyID},
		&sdk.CreateIntegrationInput{IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: aws.String(function + ":${stageVariables.alias}")})
	add(sdk.CreateRouteInput{RouteKey: aws.String("POST /messages"), AuthorizationType: types.AuthorizationTypeAwsIam},
		&sdk.CreateIntegrationInput{IntegrationType: types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("SQS-SendMessage"), CredentialsArn: role,
			RequestParameters: map[string]string{"QueueUrl": "https://sqs.us-west-2.amazonaws.com/123456789012/q", "MessageBody": "$request.body.text"}})
	add(sdk.CreateRouteInput{RouteKey: aws.String("GET /private")},
		&sdk.CreateIntegrationInput{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"), ConnectionType: types.ConnectionTypeVpcLink, ConnectionId: link,
			IntegrationUri: aws.String("arn:aws:servicediscovery:us-west-2:123456789012:service/srv-1?stage=prod"), TlsConfig: &types.TlsConfigInput{ServerNameToVerify: aws.String("internal.example.com")}})
	add(sdk.CreateRouteInput{RouteKey: aws.String("$default")}, &sdk.CreateIntegrationInput{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"), IntegrationUri: aws.String("https://backend.example.com")})
	add(sdk.CreateRouteInput{RouteKey: aws.String("PATCH /without/a/target")}, nil)
	return api
}

// description is what an API consists of, by names in place of ids.
type description struct {
	API          *sdk.GetApiOutput
	Routes       map[string]types.Route
	Integrations map[string]types.Integration // by route key
	Authorizers  map[string]types.Authorizer
}

func describe(t *testing.T, f *fixture, api *string) description {
	t.Helper()
	d := description{must(f.GetApi(ctx, &sdk.GetApiInput{ApiId: api}))(t), map[string]types.Route{}, map[string]types.Integration{}, map[string]types.Authorizer{}}
	names, byID := map[string]string{}, map[string]types.Integration{}
	for _, a := range must(f.GetAuthorizers(ctx, &sdk.GetAuthorizersInput{ApiId: api}))(t).Items {
		names[*a.AuthorizerId] = *a.Name
		a.AuthorizerId = nil
		d.Authorizers[*a.Name] = a
	}
	for _, i := range must(f.GetIntegrations(ctx, &sdk.GetIntegrationsInput{ApiId: api}))(t).Items {
		byID["integrations/"+*i.IntegrationId] = i
	}
	for _, r := range must(f.GetRoutes(ctx, &sdk.GetRoutesInput{ApiId: api}))(t).Items {
		if r.Target != nil {
			i := byID[*r.Target]
			i.IntegrationId, i.Description = nil, nil // an import's own
			d.Integrations[*r.RouteKey] = i
		}
		if r.AuthorizerId != nil {
			r.AuthorizerId = aws.String(names[*r.AuthorizerId])
		}
		r.RouteId, r.Target = nil, nil
		d.Routes[*r.RouteKey] = r
	}
	d.API.ApiId, d.API.ApiEndpoint, d.API.CreatedDate = nil, nil, nil
	return d
}

// An API survives its document, in either form.
func TestRoundTrip(t *testing.T) {
	f := setup(t)
	api := everything(t, f)
	want := describe(t, f, api)
	if len(want.Routes) != 7 || len(want.Integrations) != 6 || len(want.Authorizers) != 3 {
		t.Fatalf("made %d routes, %d integrations, %d authorizers", len(want.Routes), len(want.Integrations), len(want.Authorizers))
	}
	ignore := cmp.Options{ignoreDocuments, ignoreMetadata, cmpopts.SortSlices(func(a, b string) bool { return a < b })}
	for _, form := range []string{"JSON", "YAML"} {
		document := string(must(f.ExportApi(ctx, &sdk.ExportApiInput{ApiId: api, Specification: aws.String("OAS30"), OutputType: &form}))(t).Body)
		copied := must(f.ImportApi(ctx, &sdk.ImportApiInput{Body: &document, FailOnWarnings: aws.Bool(true)}))(t).ApiId
		if diff := cmp.Diff(describe(t, f, copied), want, ignore); diff != "" {
			t.Errorf("imported from %s (-got +want):\n%s\n%s", form, diff, document)
		}
		other := newAPI(t, f)
		must(f.ReimportApi(ctx, &sdk.ReimportApiInput{ApiId: other, Body: &document, FailOnWarnings: aws.Bool(true)}))(t)
		if diff := cmp.Diff(describe(t, f, other), want, ignore); diff != "" {
			t.Errorf("reimported from %s (-got +want):\n%s", form, diff)
		}
	}
}

// What a document can say in several ways.
func TestImportSpellings(t *testing.T) {
	f := setup(t)
	got := importAPI(t, f, `
openapi: 3.0.3
info: {title: spellings, version: 1}
servers:
- url: '{basePath}'
  variables: {basePath: {default: v1}}
paths:
  /shared/a: {get: {responses: {}, x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/backend'}}}
  /shared/b: {get: {responses: {}, x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/backend'}}}
  /signed: {get: {security: [{sigv4: []}], responses: {}}}
  /open: {get: {x-amazon-apigateway-auth: {type: none}, responses: {}}}
  /any: {x-amazon-apigateway-any-method: {responses: {}}}
  /jwt: {get: {security: [{oauth: [a, b]}], responses: {}}}
components:
  securitySchemes:
    sigv4: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
    oauth: {type: oauth2, flows: {}, x-amazon-apigateway-authorizer: {type: jwt, identitySource: '$request.querystring.token', jwtConfiguration: {issuer: 'https://issuer.example.com', audience: one}}}
  x-amazon-apigateway-integrations:
    backend: {type: http_proxy, httpMethod: get, uri: 'https://backend.example.com/${AWS::Region}', payloadFormatVersion: 1.0}
`)
	d := describe(t, f, got.ApiId)
	kinds := map[string]string{}
	for key, r := range d.Routes {
		kinds[key] = string(r.AuthorizationType)
	}
	if diff := cmp.Diff(kinds, map[string]string{"GET /shared/a": "NONE", "GET /shared/b": "NONE", "GET /signed": "AWS_IAM", "GET /open": "NONE", "ANY /any": "NONE", "GET /jwt": "JWT"}); diff != "" {
		t.Errorf("routes (-got +want):\n%s", diff)
	}
	for _, key := range []string{"GET /shared/a", "GET /shared/b"} {
		if i := d.Integrations[key]; aws.ToString(i.IntegrationUri) != "https://backend.example.com/us-west-2" || aws.ToString(i.IntegrationMethod) != "GET" || aws.ToString(i.PayloadFormatVersion) != "1.0" {
			t.Errorf("%s: %+v", key, i)
		}
	}
	if a := d.Authorizers["oauth"]; a.JwtConfiguration == nil || len(a.JwtConfiguration.Audience) != 1 || len(a.IdentitySource) != 1 || a.IdentitySource[0] != "$request.querystring.token" {
		t.Errorf("authorizer %+v", a)
	}
	if *got.Version != "1" || len(got.Warnings) != 0 {
		t.Errorf("version %s, warnings %q", *got.Version, got.Warnings)
	}
}
