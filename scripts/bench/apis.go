package main

import (
	"context"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

const (
	stageName       = "bench"
	logGroup        = "bench"
	logGroupARN     = "arn:aws:logs:us-east-1:000000000000:log-group:bench"
	accessLogFormat = `$context.identity.sourceIp $context.requestTime "$context.httpMethod $context.path $context.protocol" $context.status $context.responseLength $context.requestId`
	// Throttles that are looked at with every request and never reached.
	rateLimit  = 1_000_000
	burstLimit = 1_000_000
)

// proxyAPIs makes the APIs of the proxy section: an HTTP API and REST APIs.
func (g *gateway) proxyAPIs(url string) ([]named, error) {
	ctx := context.Background()
	if err := g.accessLogGroup(ctx); err != nil {
		return nil, err
	}
	httpAPI, err := g.httpAPI(ctx, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeHttpProxy,
		IntegrationMethod: aws.String("GET"), IntegrationUri: aws.String(url), PayloadFormatVersion: aws.String("1.0")})
	if err != nil {
		return nil, err
	}
	rest, err := g.restAPI(ctx, &apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeHttpProxy,
		IntegrationHttpMethod: aws.String("GET"), Uri: aws.String(url)})
	if err != nil {
		return nil, err
	}
	mock, err := g.restAPI(ctx, &apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeMock,
		RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}})
	if err != nil {
		return nil, err
	}
	return []named{{"HTTP API, HTTP_PROXY", httpAPI}, {"REST API, HTTP_PROXY", rest}, {"REST API, MOCK", mock}}, nil
}

// functionAPIs makes an HTTP API and a REST API in front of a function.
func (g *gateway) functionAPIs(arn string) ([]named, error) {
	ctx := context.Background()
	if err := g.accessLogGroup(ctx); err != nil {
		return nil, err
	}
	_, err := g.lambda.AddPermission(ctx, &lambda.AddPermissionInput{FunctionName: aws.String(arn), StatementId: aws.String("bench"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")})
	if err != nil {
		return nil, err
	}
	httpAPI, err := g.httpAPI(ctx, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeAwsProxy,
		IntegrationUri: aws.String(arn), PayloadFormatVersion: aws.String("2.0")})
	if err != nil {
		return nil, err
	}
	rest, err := g.restAPI(ctx, &apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"),
		Uri: aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + arn + "/invocations")})
	if err != nil {
		return nil, err
	}
	return []named{{"HTTP API", httpAPI}, {"REST API", rest}}, nil
}

func (g *gateway) accessLogGroup(ctx context.Context) error {
	_, err := g.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(logGroup)})
	return err
}

// httpAPI makes an HTTP API whose route GET /bench/{id} has the integration.
func (g *gateway) httpAPI(ctx context.Context, in *apigatewayv2.CreateIntegrationInput) (target, error) {
	api, err := g.v2.CreateApi(ctx, &apigatewayv2.CreateApiInput{Name: aws.String("bench"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		return target{}, err
	}
	in.ApiId = api.ApiId
	integration, err := g.v2.CreateIntegration(ctx, in)
	if err != nil {
		return target{}, err
	}
	_, err = g.v2.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String("GET /bench/{id}"),
		Target: aws.String("integrations/" + *integration.IntegrationId)})
	if err != nil {
		return target{}, err
	}
	_, err = g.v2.CreateStage(ctx, &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String(stageName), AutoDeploy: aws.Bool(true),
		AccessLogSettings: &v2types.AccessLogSettings{DestinationArn: aws.String(logGroupARN), Format: aws.String(accessLogFormat)},
		DefaultRouteSettings: &v2types.RouteSettings{DetailedMetricsEnabled: aws.Bool(true),
			ThrottlingRateLimit: aws.Float64(rateLimit), ThrottlingBurstLimit: aws.Int32(burstLimit)}})
	return g.at(api.ApiId), err
}

// restAPI makes a REST API whose method GET /bench/{id} has the integration.
func (g *gateway) restAPI(ctx context.Context, in *apigateway.PutIntegrationInput) (target, error) {
	api, err := g.v1.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("bench")})
	if err != nil {
		return target{}, err
	}
	parent := api.RootResourceId
	for _, part := range []string{"bench", "{id}"} {
		resource, err := g.v1.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: parent, PathPart: aws.String(part)})
		if err != nil {
			return target{}, err
		}
		parent = resource.Id
	}
	in.RestApiId, in.ResourceId, in.HttpMethod = api.Id, parent, aws.String("GET")
	if _, err := g.v1.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: in.HttpMethod, AuthorizationType: aws.String("NONE")}); err != nil {
		return target{}, err
	}
	if _, err := g.v1.PutIntegration(ctx, in); err != nil {
		return target{}, err
	}
	if in.Type == v1types.IntegrationTypeMock {
		if err := g.mockAnswer(ctx, in); err != nil {
			return target{}, err
		}
	}
	if _, err := g.v1.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String(stageName)}); err != nil {
		return target{}, err
	}
	set := func(path, value string) v1types.PatchOperation {
		return v1types.PatchOperation{Op: v1types.OpReplace, Path: aws.String(path), Value: aws.String(value)}
	}
	_, err = g.v1.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: api.Id, StageName: aws.String(stageName), PatchOperations: []v1types.PatchOperation{
		set("/accessLogSettings/destinationArn", logGroupARN), set("/accessLogSettings/format", accessLogFormat),
		set("/*/*/metrics/enabled", "true"), set("/*/*/throttling/rateLimit", "1000000"), set("/*/*/throttling/burstLimit", "1000000")}})
	return g.at(api.Id), err
}

// mockAnswer has a MOCK integration answer from a small template.
func (g *gateway) mockAnswer(ctx context.Context, in *apigateway.PutIntegrationInput) error {
	_, err := g.v1.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: in.RestApiId, ResourceId: in.ResourceId, HttpMethod: in.HttpMethod, StatusCode: aws.String("200")})
	if err != nil {
		return err
	}
	_, err = g.v1.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: in.RestApiId, ResourceId: in.ResourceId, HttpMethod: in.HttpMethod,
		StatusCode: aws.String("200"), ResponseTemplates: map[string]string{"application/json": `{"id": "$input.params('id')", "requestId": "$context.requestId"}`}})
	return err
}

// at is where requests of an API's stage go.
func (g *gateway) at(apiID *string) target {
	// The address came from the listener: it has a port.
	_, port, _ := net.SplitHostPort(g.addr)
	return target{addr: g.addr, host: *apiID + ".execute-api.localhost:" + port, path: "/" + stageName + "/bench/1", pid: g.pid()}
}
