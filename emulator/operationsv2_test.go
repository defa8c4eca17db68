package emulator_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// TestEveryOperationOfHTTPAPIs calls each operation once on parents that exist, in the
// order of a life: all succeed but those of portals, which are not built, and those of
// what only WebSocket APIs have, which HTTP APIs refuse.
func TestEveryOperationOfHTTPAPIs(t *testing.T) {
	o := &operations{T: t, called: map[string]bool{}}
	p := emulatortest.Start(t)
	c := p.APIGatewayV2()
	name, text := aws.String("pets"), aws.String("a text")

	api := op2(o, c.CreateApi, &sdk.CreateApiInput{Name: name, ProtocolType: types.ProtocolTypeHttp}).ApiId
	op2(o, c.GetApi, &sdk.GetApiInput{ApiId: api})
	op2(o, c.GetApis, &sdk.GetApisInput{})
	op2(o, c.UpdateApi, &sdk.UpdateApiInput{ApiId: api, Description: text, CorsConfiguration: &types.Cors{AllowOrigins: []string{"*"}}})
	op2(o, c.DeleteCorsConfiguration, &sdk.DeleteCorsConfigurationInput{ApiId: api})
	document := aws.String(`{"openapi":"3.0.1","info":{"title":"imported","version":"1"},"paths":{"/a":{"get":{"responses":{}}}}}`)
	imported := op2(o, c.ImportApi, &sdk.ImportApiInput{Body: document}).ApiId
	op2(o, c.ReimportApi, &sdk.ReimportApiInput{ApiId: imported, Body: document})
	op2(o, c.ExportApi, &sdk.ExportApiInput{ApiId: imported, Specification: aws.String("OAS30"), OutputType: aws.String("YAML")})

	integration := op2(o, c.CreateIntegration, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy,
		IntegrationMethod: aws.String("ANY"), IntegrationUri: aws.String("http://localhost:1"), PayloadFormatVersion: aws.String("1.0")}).IntegrationId
	op2(o, c.GetIntegration, &sdk.GetIntegrationInput{ApiId: api, IntegrationId: integration})
	op2(o, c.GetIntegrations, &sdk.GetIntegrationsInput{ApiId: api})
	op2(o, c.UpdateIntegration, &sdk.UpdateIntegrationInput{ApiId: api, IntegrationId: integration, Description: text})
	o.refuses(400, "IntegrationResponses are currently not supported for this API protocol type.")
	op2(o, c.CreateIntegrationResponse, &sdk.CreateIntegrationResponseInput{ApiId: api, IntegrationId: integration, IntegrationResponseKey: aws.String("$default")})
	o.refuses(404, "Invalid IntegrationResponse identifier specified none")
	op2(o, c.GetIntegrationResponse, &sdk.GetIntegrationResponseInput{ApiId: api, IntegrationId: integration, IntegrationResponseId: aws.String("none")})
	op2(o, c.UpdateIntegrationResponse, &sdk.UpdateIntegrationResponseInput{ApiId: api, IntegrationId: integration, IntegrationResponseId: aws.String("none")})
	op2(o, c.DeleteIntegrationResponse, &sdk.DeleteIntegrationResponseInput{ApiId: api, IntegrationId: integration, IntegrationResponseId: aws.String("none")})
	o.accepts()
	op2(o, c.GetIntegrationResponses, &sdk.GetIntegrationResponsesInput{ApiId: api, IntegrationId: integration})

	authorizer := op2(o, c.CreateAuthorizer, &sdk.CreateAuthorizerInput{ApiId: api, Name: name, AuthorizerType: types.AuthorizerTypeJwt,
		IdentitySource: []string{"$request.header.Authorization"}, JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://issuer.example.com"), Audience: []string{"a"}}}).AuthorizerId
	op2(o, c.GetAuthorizer, &sdk.GetAuthorizerInput{ApiId: api, AuthorizerId: authorizer})
	op2(o, c.GetAuthorizers, &sdk.GetAuthorizersInput{ApiId: api})
	op2(o, c.UpdateAuthorizer, &sdk.UpdateAuthorizerInput{ApiId: api, AuthorizerId: authorizer, Name: aws.String("renamed")})

	route := op2(o, c.CreateRoute, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /a"), Target: aws.String("integrations/" + *integration)}).RouteId
	op2(o, c.GetRoute, &sdk.GetRouteInput{ApiId: api, RouteId: route})
	op2(o, c.GetRoutes, &sdk.GetRoutesInput{ApiId: api})
	op2(o, c.UpdateRoute, &sdk.UpdateRouteInput{ApiId: api, RouteId: route, OperationName: name})
	o.refuses(400, "RouteResponses are currently not supported for this API protocol type.")
	op2(o, c.CreateRouteResponse, &sdk.CreateRouteResponseInput{ApiId: api, RouteId: route, RouteResponseKey: aws.String("$default")})
	o.refuses(404, "Invalid RouteResponse identifier specified none")
	op2(o, c.GetRouteResponse, &sdk.GetRouteResponseInput{ApiId: api, RouteId: route, RouteResponseId: aws.String("none")})
	op2(o, c.UpdateRouteResponse, &sdk.UpdateRouteResponseInput{ApiId: api, RouteId: route, RouteResponseId: aws.String("none")})
	op2(o, c.DeleteRouteResponse, &sdk.DeleteRouteResponseInput{ApiId: api, RouteId: route, RouteResponseId: aws.String("none")})
	o.refuses(404, "Invalid request parameter key specified none")
	op2(o, c.DeleteRouteRequestParameter, &sdk.DeleteRouteRequestParameterInput{ApiId: api, RouteId: route, RequestParameterKey: aws.String("none")})
	o.accepts()
	op2(o, c.GetRouteResponses, &sdk.GetRouteResponsesInput{ApiId: api, RouteId: route})

	o.refuses(400, "Currently, Models are not permitted for APIs with a protocol type of HTTP")
	op2(o, c.CreateModel, &sdk.CreateModelInput{ApiId: api, Name: name, Schema: aws.String("{}")})
	o.refuses(404, "Invalid Model identifier specified none")
	op2(o, c.GetModel, &sdk.GetModelInput{ApiId: api, ModelId: aws.String("none")})
	op2(o, c.GetModelTemplate, &sdk.GetModelTemplateInput{ApiId: api, ModelId: aws.String("none")})
	op2(o, c.UpdateModel, &sdk.UpdateModelInput{ApiId: api, ModelId: aws.String("none")})
	op2(o, c.DeleteModel, &sdk.DeleteModelInput{ApiId: api, ModelId: aws.String("none")})
	o.accepts()
	op2(o, c.GetModels, &sdk.GetModelsInput{ApiId: api})

	stage := op2(o, c.CreateStage, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("dev"), Tags: map[string]string{"k": "v"}}).StageName
	deployment := op2(o, c.CreateDeployment, &sdk.CreateDeploymentInput{ApiId: api, StageName: stage}).DeploymentId
	op2(o, c.GetDeployment, &sdk.GetDeploymentInput{ApiId: api, DeploymentId: deployment})
	op2(o, c.GetDeployments, &sdk.GetDeploymentsInput{ApiId: api})
	op2(o, c.UpdateDeployment, &sdk.UpdateDeploymentInput{ApiId: api, DeploymentId: deployment, Description: text})
	op2(o, c.GetStage, &sdk.GetStageInput{ApiId: api, StageName: stage})
	op2(o, c.GetStages, &sdk.GetStagesInput{ApiId: api})
	op2(o, c.UpdateStage, &sdk.UpdateStageInput{ApiId: api, StageName: stage, RouteSettings: map[string]types.RouteSettings{"GET /a": {ThrottlingBurstLimit: aws.Int32(5)}},
		AccessLogSettings: &types.AccessLogSettings{DestinationArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:g"), Format: aws.String("$context.requestId")}})
	op2(o, c.DeleteRouteSettings, &sdk.DeleteRouteSettingsInput{ApiId: api, StageName: stage, RouteKey: aws.String("GET /a")})
	op2(o, c.DeleteAccessLogSettings, &sdk.DeleteAccessLogSettingsInput{ApiId: api, StageName: stage})
	op2(o, c.ResetAuthorizersCache, &sdk.ResetAuthorizersCacheInput{ApiId: api, StageName: stage})
	arn := aws.String("arn:aws:apigateway:us-east-1::/apis/" + *api + "/stages/dev")
	op2(o, c.TagResource, &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"more": "1"}})
	op2(o, c.UntagResource, &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"k"}})
	op2(o, c.GetTags, &sdk.GetTagsInput{ResourceArn: arn})

	link := op2(o, c.CreateVpcLink, &sdk.CreateVpcLinkInput{Name: name, SubnetIds: []string{"subnet-1"}}).VpcLinkId
	op2(o, c.GetVpcLink, &sdk.GetVpcLinkInput{VpcLinkId: link})
	op2(o, c.GetVpcLinks, &sdk.GetVpcLinksInput{})
	op2(o, c.UpdateVpcLink, &sdk.UpdateVpcLinkInput{VpcLinkId: link, Name: aws.String("renamed")})
	op2(o, c.DeleteVpcLink, &sdk.DeleteVpcLinkInput{VpcLinkId: link})

	domainOperations(o, c, api, stage, mockAPI(t, p))
	portalOperations(o, c)

	op2(o, c.DeleteStage, &sdk.DeleteStageInput{ApiId: api, StageName: stage})
	op2(o, c.DeleteDeployment, &sdk.DeleteDeploymentInput{ApiId: api, DeploymentId: deployment})
	op2(o, c.DeleteRoute, &sdk.DeleteRouteInput{ApiId: api, RouteId: route})
	op2(o, c.DeleteIntegration, &sdk.DeleteIntegrationInput{ApiId: api, IntegrationId: integration})
	op2(o, c.DeleteAuthorizer, &sdk.DeleteAuthorizerInput{ApiId: api, AuthorizerId: authorizer})
	op2(o, c.DeleteApi, &sdk.DeleteApiInput{ApiId: api})
	o.complete(reflect.TypeOf(c))
}

// domainOperations calls what a custom domain name has.
func domainOperations(o *operations, c *sdk.Client, api, stage *string, rest string) {
	o.Helper()
	domain := aws.String("api.example.com")
	configurations := []types.DomainNameConfiguration{{CertificateArn: aws.String("arn:aws:acm:us-east-1:000000000000:certificate/c"), EndpointType: types.EndpointTypeRegional, SecurityPolicy: types.SecurityPolicyTls12}}
	op2(o, c.CreateDomainName, &sdk.CreateDomainNameInput{DomainName: domain, DomainNameConfigurations: configurations})
	op2(o, c.GetDomainName, &sdk.GetDomainNameInput{DomainName: domain})
	op2(o, c.GetDomainNames, &sdk.GetDomainNamesInput{})
	op2(o, c.UpdateDomainName, &sdk.UpdateDomainNameInput{DomainName: domain, RoutingMode: types.RoutingModeRoutingRuleThenApiMapping})
	mapping := op2(o, c.CreateApiMapping, &sdk.CreateApiMappingInput{DomainName: domain, ApiId: api, Stage: stage, ApiMappingKey: aws.String("v1/pets")}).ApiMappingId
	op2(o, c.GetApiMapping, &sdk.GetApiMappingInput{DomainName: domain, ApiMappingId: mapping})
	op2(o, c.GetApiMappings, &sdk.GetApiMappingsInput{DomainName: domain})
	op2(o, c.UpdateApiMapping, &sdk.UpdateApiMappingInput{DomainName: domain, ApiId: api, ApiMappingId: mapping, ApiMappingKey: aws.String("v2")})

	op2(o, c.ListRoutingRules, &sdk.ListRoutingRulesInput{DomainName: domain})
	// Only REST APIs can be the target of a rule.
	actions := []types.RoutingRuleAction{{InvokeApi: &types.RoutingRuleActionInvokeApi{ApiId: &rest, Stage: aws.String("prod")}}}
	conditions := []types.RoutingRuleCondition{{MatchBasePaths: &types.RoutingRuleMatchBasePaths{AnyOf: []string{"users"}}}}
	rule := op2(o, c.CreateRoutingRule, &sdk.CreateRoutingRuleInput{DomainName: domain, Priority: aws.Int32(1), Actions: actions, Conditions: conditions}).RoutingRuleId
	op2(o, c.GetRoutingRule, &sdk.GetRoutingRuleInput{DomainName: domain, RoutingRuleId: rule})
	op2(o, c.PutRoutingRule, &sdk.PutRoutingRuleInput{DomainName: domain, RoutingRuleId: rule, Priority: aws.Int32(2), Actions: actions, Conditions: conditions})
	op2(o, c.DeleteRoutingRule, &sdk.DeleteRoutingRuleInput{DomainName: domain, RoutingRuleId: rule})
	op2(o, c.DeleteApiMapping, &sdk.DeleteApiMappingInput{DomainName: domain, ApiMappingId: mapping})
	op2(o, c.DeleteDomainName, &sdk.DeleteDomainNameInput{DomainName: domain})
}

// portalOperations calls the operations of portals: none is built.
func portalOperations(o *operations, c *sdk.Client) {
	o.Helper()
	defer o.accepts()
	o.refuses(http.StatusNotImplemented, "Postern does not implement apigatewayv2 ")
	id, text := aws.String("abcdefghij"), aws.String("text")
	op2(o, c.CreatePortal, &sdk.CreatePortalInput{Authorization: &types.Authorization{}, EndpointConfiguration: &types.EndpointConfigurationRequest{}, PortalContent: &types.PortalContent{DisplayName: text, Theme: &types.PortalTheme{
		CustomColors: &types.CustomColors{AccentColor: text, BackgroundColor: text, ErrorValidationColor: text, HeaderColor: text, NavigationColor: text, TextColor: text}}}})
	op2(o, c.GetPortal, &sdk.GetPortalInput{PortalId: id})
	op2(o, c.ListPortals, &sdk.ListPortalsInput{})
	op2(o, c.UpdatePortal, &sdk.UpdatePortalInput{PortalId: id})
	op2(o, c.DeletePortal, &sdk.DeletePortalInput{PortalId: id})
	op2(o, c.PublishPortal, &sdk.PublishPortalInput{PortalId: id})
	op2(o, c.PreviewPortal, &sdk.PreviewPortalInput{PortalId: id})
	op2(o, c.DisablePortal, &sdk.DisablePortalInput{PortalId: id})
	op2(o, c.CreatePortalProduct, &sdk.CreatePortalProductInput{DisplayName: text})
	op2(o, c.GetPortalProduct, &sdk.GetPortalProductInput{PortalProductId: id})
	op2(o, c.ListPortalProducts, &sdk.ListPortalProductsInput{})
	op2(o, c.UpdatePortalProduct, &sdk.UpdatePortalProductInput{PortalProductId: id})
	op2(o, c.DeletePortalProduct, &sdk.DeletePortalProductInput{PortalProductId: id})
	op2(o, c.PutPortalProductSharingPolicy, &sdk.PutPortalProductSharingPolicyInput{PortalProductId: id, PolicyDocument: text})
	op2(o, c.GetPortalProductSharingPolicy, &sdk.GetPortalProductSharingPolicyInput{PortalProductId: id})
	op2(o, c.DeletePortalProductSharingPolicy, &sdk.DeletePortalProductSharingPolicyInput{PortalProductId: id})
	op2(o, c.CreateProductPage, &sdk.CreateProductPageInput{PortalProductId: id, DisplayContent: &types.DisplayContent{Body: text, Title: text}})
	op2(o, c.GetProductPage, &sdk.GetProductPageInput{PortalProductId: id, ProductPageId: id})
	op2(o, c.ListProductPages, &sdk.ListProductPagesInput{PortalProductId: id})
	op2(o, c.UpdateProductPage, &sdk.UpdateProductPageInput{PortalProductId: id, ProductPageId: id})
	op2(o, c.DeleteProductPage, &sdk.DeleteProductPageInput{PortalProductId: id, ProductPageId: id})
	op2(o, c.CreateProductRestEndpointPage, &sdk.CreateProductRestEndpointPageInput{PortalProductId: id, RestEndpointIdentifier: &types.RestEndpointIdentifier{}})
	op2(o, c.GetProductRestEndpointPage, &sdk.GetProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: id})
	op2(o, c.ListProductRestEndpointPages, &sdk.ListProductRestEndpointPagesInput{PortalProductId: id})
	op2(o, c.UpdateProductRestEndpointPage, &sdk.UpdateProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: id})
	op2(o, c.DeleteProductRestEndpointPage, &sdk.DeleteProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: id})
}

// refuses says what the next operations answer.
func (o *operations) refuses(status int, message string) { o.status, o.message = status, message }

// accepts says that the next operations succeed.
func (o *operations) accepts() { o.status = 0 }

// op2 calls an operation of v2.
func op2[In, Out any](o *operations, call func(context.Context, *In, ...func(*sdk.Options)) (*Out, error), in *In) *Out {
	o.Helper()
	name := strings.TrimSuffix(reflect.TypeFor[In]().Name(), "Input")
	o.called[name] = true
	out, err := call(o.Context(), in, func(options *sdk.Options) { options.RetryMaxAttempts = 1 })
	if o.status == 0 {
		if err != nil {
			o.Fatal(err)
		}
		return out
	}
	var refused *awshttp.ResponseError
	if !errors.As(err, &refused) || refused.HTTPStatusCode() != o.status || !strings.Contains(err.Error(), o.message) {
		o.Errorf("%s: %v, want %d %s", name, err, o.status, o.message)
	}
	return out
}
