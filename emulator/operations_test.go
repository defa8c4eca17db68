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
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// missing are the operations of REST APIs that answer 501.
var missing = map[string]bool{"GetSdk": true}

// TestEveryOperationOfRESTAPIs calls each operation once on parents that exist, in
// the order of a life: all succeed.
func TestEveryOperationOfRESTAPIs(t *testing.T) {
	o := &operations{T: t, called: map[string]bool{}}
	c := emulatortest.Start(t).APIGateway()
	replace := func(path, value string) []types.PatchOperation {
		return []types.PatchOperation{{Op: types.OpReplace, Path: &path, Value: &value}}
	}
	name, text := aws.String("pets"), aws.String("a text")

	// An API and what stands in it.
	api := op(o, c.CreateRestApi, &sdk.CreateRestApiInput{Name: name}).Id
	op(o, c.GetRestApi, &sdk.GetRestApiInput{RestApiId: api})
	op(o, c.GetRestApis, &sdk.GetRestApisInput{})
	op(o, c.UpdateRestApi, &sdk.UpdateRestApiInput{RestApiId: api, PatchOperations: replace("/name", "pets2")})
	spec := []byte(`{"swagger":"2.0","info":{"title":"imported","version":"1"},"paths":{}}`)
	imported := op(o, c.ImportRestApi, &sdk.ImportRestApiInput{Body: spec}).Id
	op(o, c.PutRestApi, &sdk.PutRestApiInput{RestApiId: imported, Body: spec})

	root := op(o, c.GetResources, &sdk.GetResourcesInput{RestApiId: api}).Items[0].Id
	resource := op(o, c.CreateResource, &sdk.CreateResourceInput{RestApiId: api, ParentId: root, PathPart: aws.String("a")}).Id
	op(o, c.GetResource, &sdk.GetResourceInput{RestApiId: api, ResourceId: resource})
	op(o, c.UpdateResource, &sdk.UpdateResourceInput{RestApiId: api, ResourceId: resource, PatchOperations: replace("/pathPart", "b")})

	get, status := aws.String("GET"), aws.String("200")
	op(o, c.PutMethod, &sdk.PutMethodInput{RestApiId: api, ResourceId: root, HttpMethod: get, AuthorizationType: aws.String("NONE")})
	op(o, c.GetMethod, &sdk.GetMethodInput{RestApiId: api, ResourceId: root, HttpMethod: get})
	op(o, c.UpdateMethod, &sdk.UpdateMethodInput{RestApiId: api, ResourceId: root, HttpMethod: get, PatchOperations: replace("/operationName", "list")})
	op(o, c.PutMethodResponse, &sdk.PutMethodResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status})
	op(o, c.GetMethodResponse, &sdk.GetMethodResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status})
	op(o, c.UpdateMethodResponse, &sdk.UpdateMethodResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status,
		PatchOperations: []types.PatchOperation{{Op: types.OpAdd, Path: aws.String("/responseParameters/method.response.header.X"), Value: aws.String("false")}}})
	op(o, c.PutIntegration, &sdk.PutIntegrationInput{RestApiId: api, ResourceId: root, HttpMethod: get, Type: types.IntegrationTypeMock,
		RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}})
	op(o, c.GetIntegration, &sdk.GetIntegrationInput{RestApiId: api, ResourceId: root, HttpMethod: get})
	op(o, c.UpdateIntegration, &sdk.UpdateIntegrationInput{RestApiId: api, ResourceId: root, HttpMethod: get, PatchOperations: replace("/passthroughBehavior", "NEVER")})
	op(o, c.PutIntegrationResponse, &sdk.PutIntegrationResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status})
	op(o, c.GetIntegrationResponse, &sdk.GetIntegrationResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status})
	op(o, c.UpdateIntegrationResponse, &sdk.UpdateIntegrationResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status, PatchOperations: []types.PatchOperation{{Op: types.OpAdd, Path: aws.String("/responseTemplates/application~1json"), Value: aws.String("{}")}}})
	if res := op(o, c.TestInvokeMethod, &sdk.TestInvokeMethodInput{RestApiId: api, ResourceId: root, HttpMethod: get}); res.Status != http.StatusOK {
		t.Errorf("TestInvokeMethod gave %d: %s", res.Status, *res.Log)
	}

	op(o, c.GetModels, &sdk.GetModelsInput{RestApiId: api})
	model := op(o, c.CreateModel, &sdk.CreateModelInput{RestApiId: api, Name: name, ContentType: aws.String("application/json"), Schema: aws.String(`{"type":"object"}`)}).Name
	op(o, c.GetModel, &sdk.GetModelInput{RestApiId: api, ModelName: model})
	op(o, c.GetModelTemplate, &sdk.GetModelTemplateInput{RestApiId: api, ModelName: model})
	op(o, c.UpdateModel, &sdk.UpdateModelInput{RestApiId: api, ModelName: model, PatchOperations: replace("/description", "d")})
	validator := op(o, c.CreateRequestValidator, &sdk.CreateRequestValidatorInput{RestApiId: api, Name: name}).Id
	op(o, c.GetRequestValidator, &sdk.GetRequestValidatorInput{RestApiId: api, RequestValidatorId: validator})
	op(o, c.GetRequestValidators, &sdk.GetRequestValidatorsInput{RestApiId: api})
	op(o, c.UpdateRequestValidator, &sdk.UpdateRequestValidatorInput{RestApiId: api, RequestValidatorId: validator, PatchOperations: replace("/name", "v")})
	function := aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations")
	authorizer := op(o, c.CreateAuthorizer, &sdk.CreateAuthorizerInput{RestApiId: api, Name: name, Type: types.AuthorizerTypeToken, AuthorizerUri: function,
		IdentitySource: aws.String("method.request.header.Authorization")}).Id
	op(o, c.GetAuthorizer, &sdk.GetAuthorizerInput{RestApiId: api, AuthorizerId: authorizer})
	op(o, c.GetAuthorizers, &sdk.GetAuthorizersInput{RestApiId: api})
	op(o, c.UpdateAuthorizer, &sdk.UpdateAuthorizerInput{RestApiId: api, AuthorizerId: authorizer, PatchOperations: replace("/name", "a")})
	if res := op(o, c.TestInvokeAuthorizer, &sdk.TestInvokeAuthorizerInput{RestApiId: api, AuthorizerId: authorizer}); res.ClientStatus != http.StatusUnauthorized {
		t.Errorf("TestInvokeAuthorizer gave %d: %s", res.ClientStatus, *res.Log)
	}
	denied := types.GatewayResponseTypeAccessDenied
	op(o, c.PutGatewayResponse, &sdk.PutGatewayResponseInput{RestApiId: api, ResponseType: denied})
	op(o, c.GetGatewayResponse, &sdk.GetGatewayResponseInput{RestApiId: api, ResponseType: denied})
	op(o, c.GetGatewayResponses, &sdk.GetGatewayResponsesInput{RestApiId: api})
	op(o, c.UpdateGatewayResponse, &sdk.UpdateGatewayResponseInput{RestApiId: api, ResponseType: denied, PatchOperations: replace("/statusCode", "404")})
	part := op(o, c.CreateDocumentationPart, &sdk.CreateDocumentationPartInput{RestApiId: api, Properties: aws.String(`{"description":"d"}`), Location: &types.DocumentationPartLocation{Type: types.DocumentationPartTypeApi}}).Id
	op(o, c.GetDocumentationPart, &sdk.GetDocumentationPartInput{RestApiId: api, DocumentationPartId: part})
	op(o, c.GetDocumentationParts, &sdk.GetDocumentationPartsInput{RestApiId: api})
	op(o, c.UpdateDocumentationPart, &sdk.UpdateDocumentationPartInput{RestApiId: api, DocumentationPartId: part, PatchOperations: replace("/properties", `{"description":"e"}`)})
	op(o, c.ImportDocumentationParts, &sdk.ImportDocumentationPartsInput{RestApiId: api, Body: []byte(`{"swagger":"2.0","info":{"title":"d","version":"1"},"paths":{},"x-amazon-apigateway-documentation":{"version":"1","documentationParts":[{"location":{"type":"MODEL","name":"pets"},"properties":{"description":"f"}}]}}`)})
	documented := op(o, c.CreateDocumentationVersion, &sdk.CreateDocumentationVersionInput{RestApiId: api, DocumentationVersion: aws.String("1.0")}).Version
	op(o, c.GetDocumentationVersion, &sdk.GetDocumentationVersionInput{RestApiId: api, DocumentationVersion: documented})
	op(o, c.GetDocumentationVersions, &sdk.GetDocumentationVersionsInput{RestApiId: api})
	op(o, c.UpdateDocumentationVersion, &sdk.UpdateDocumentationVersionInput{RestApiId: api, DocumentationVersion: documented, PatchOperations: replace("/description", "d")})

	// Deployed.
	deployment := op(o, c.CreateDeployment, &sdk.CreateDeploymentInput{RestApiId: api}).Id
	op(o, c.GetDeployment, &sdk.GetDeploymentInput{RestApiId: api, DeploymentId: deployment})
	op(o, c.GetDeployments, &sdk.GetDeploymentsInput{RestApiId: api})
	op(o, c.UpdateDeployment, &sdk.UpdateDeploymentInput{RestApiId: api, DeploymentId: deployment, PatchOperations: replace("/description", "d")})
	stage := op(o, c.CreateStage, &sdk.CreateStageInput{RestApiId: api, StageName: aws.String("dev"), DeploymentId: deployment}).StageName
	op(o, c.GetStage, &sdk.GetStageInput{RestApiId: api, StageName: stage})
	op(o, c.GetStages, &sdk.GetStagesInput{RestApiId: api})
	op(o, c.UpdateStage, &sdk.UpdateStageInput{RestApiId: api, StageName: stage, PatchOperations: replace("/variables/v", "1")})
	op(o, c.FlushStageCache, &sdk.FlushStageCacheInput{RestApiId: api, StageName: stage})
	op(o, c.FlushStageAuthorizersCache, &sdk.FlushStageAuthorizersCacheInput{RestApiId: api, StageName: stage})
	op(o, c.GetExport, &sdk.GetExportInput{RestApiId: api, StageName: stage, ExportType: aws.String("oas30")})
	op(o, c.GetSdkTypes, &sdk.GetSdkTypesInput{})
	op(o, c.GetSdkType, &sdk.GetSdkTypeInput{Id: aws.String("java")})
	op(o, c.GetSdk, &sdk.GetSdkInput{RestApiId: api, StageName: stage, SdkType: aws.String("javascript")})
	arn := aws.String("arn:aws:apigateway:us-east-1::/restapis/" + *api)
	op(o, c.TagResource, &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "b"}})
	op(o, c.GetTags, &sdk.GetTagsInput{ResourceArn: arn})
	op(o, c.UntagResource, &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})

	// Keys, plans and what they count.
	key := op(o, c.CreateApiKey, &sdk.CreateApiKeyInput{Name: name, Enabled: true}).Id
	op(o, c.GetApiKey, &sdk.GetApiKeyInput{ApiKey: key})
	op(o, c.GetApiKeys, &sdk.GetApiKeysInput{})
	op(o, c.UpdateApiKey, &sdk.UpdateApiKeyInput{ApiKey: key, PatchOperations: replace("/name", "k")})
	op(o, c.ImportApiKeys, &sdk.ImportApiKeysInput{Format: types.ApiKeysFormatCsv, Body: []byte("name,key\nimported,0123456789abcdef0123456789\n")})
	plan := op(o, c.CreateUsagePlan, &sdk.CreateUsagePlanInput{Name: name, ApiStages: []types.ApiStage{{ApiId: api, Stage: stage}}, Quota: &types.QuotaSettings{Limit: 10, Period: types.QuotaPeriodTypeDay}}).Id
	op(o, c.GetUsagePlan, &sdk.GetUsagePlanInput{UsagePlanId: plan})
	op(o, c.GetUsagePlans, &sdk.GetUsagePlansInput{})
	op(o, c.UpdateUsagePlan, &sdk.UpdateUsagePlanInput{UsagePlanId: plan, PatchOperations: replace("/name", "p")})
	op(o, c.CreateUsagePlanKey, &sdk.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: key, KeyType: aws.String("API_KEY")})
	op(o, c.GetUsagePlanKey, &sdk.GetUsagePlanKeyInput{UsagePlanId: plan, KeyId: key})
	op(o, c.GetUsagePlanKeys, &sdk.GetUsagePlanKeysInput{UsagePlanId: plan})
	op(o, c.UpdateUsage, &sdk.UpdateUsageInput{UsagePlanId: plan, KeyId: key, PatchOperations: replace("/remaining", "100")})
	op(o, c.GetUsage, &sdk.GetUsageInput{UsagePlanId: plan, StartDate: aws.String("2026-01-01"), EndDate: aws.String("2026-01-02")})

	// Beside the APIs.
	op(o, c.GetAccount, &sdk.GetAccountInput{})
	op(o, c.UpdateAccount, &sdk.UpdateAccountInput{PatchOperations: replace("/cloudwatchRoleArn", "arn:aws:iam::000000000000:role/logs")})
	certificate := op(o, c.GenerateClientCertificate, &sdk.GenerateClientCertificateInput{Description: text}).ClientCertificateId
	op(o, c.GetClientCertificate, &sdk.GetClientCertificateInput{ClientCertificateId: certificate})
	op(o, c.GetClientCertificates, &sdk.GetClientCertificatesInput{})
	op(o, c.UpdateClientCertificate, &sdk.UpdateClientCertificateInput{ClientCertificateId: certificate, PatchOperations: replace("/description", "d")})
	link := op(o, c.CreateVpcLink, &sdk.CreateVpcLinkInput{Name: name, TargetArns: []string{"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/pets/0123456789abcdef"}}).Id
	op(o, c.GetVpcLink, &sdk.GetVpcLinkInput{VpcLinkId: link})
	op(o, c.GetVpcLinks, &sdk.GetVpcLinksInput{})
	op(o, c.UpdateVpcLink, &sdk.UpdateVpcLinkInput{VpcLinkId: link, PatchOperations: replace("/name", "l")})
	acm := aws.String("arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555")
	domain := op(o, c.CreateDomainName, &sdk.CreateDomainNameInput{DomainName: aws.String("a.example.com"), RegionalCertificateArn: acm,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}}}).DomainName
	op(o, c.GetDomainName, &sdk.GetDomainNameInput{DomainName: domain})
	op(o, c.GetDomainNames, &sdk.GetDomainNamesInput{})
	op(o, c.UpdateDomainName, &sdk.UpdateDomainNameInput{DomainName: domain, PatchOperations: replace("/securityPolicy", "TLS_1_2")})
	base := op(o, c.CreateBasePathMapping, &sdk.CreateBasePathMappingInput{DomainName: domain, RestApiId: api, Stage: stage, BasePath: aws.String("v1")}).BasePath
	op(o, c.GetBasePathMapping, &sdk.GetBasePathMappingInput{DomainName: domain, BasePath: base})
	op(o, c.GetBasePathMappings, &sdk.GetBasePathMappingsInput{DomainName: domain})
	op(o, c.UpdateBasePathMapping, &sdk.UpdateBasePathMappingInput{DomainName: domain, BasePath: base, PatchOperations: replace("/stage", "dev")})
	private := op(o, c.CreateDomainName, &sdk.CreateDomainNameInput{DomainName: aws.String("p.example.com"), CertificateArn: acm,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}}})
	associate := func(endpoint string) *string {
		return op(o, c.CreateDomainNameAccessAssociation, &sdk.CreateDomainNameAccessAssociationInput{
			DomainNameArn: private.DomainNameArn, AccessAssociationSource: &endpoint, AccessAssociationSourceType: types.AccessAssociationSourceTypeVpce,
		}).DomainNameAccessAssociationArn
	}
	op(o, c.RejectDomainNameAccessAssociation, &sdk.RejectDomainNameAccessAssociationInput{DomainNameArn: private.DomainNameArn, DomainNameAccessAssociationArn: associate("vpce-1")})
	association := associate("vpce-2")
	op(o, c.GetDomainNameAccessAssociations, &sdk.GetDomainNameAccessAssociationsInput{})

	// And away again, children first.
	op(o, c.DeleteDomainNameAccessAssociation, &sdk.DeleteDomainNameAccessAssociationInput{DomainNameAccessAssociationArn: association})
	op(o, c.DeleteBasePathMapping, &sdk.DeleteBasePathMappingInput{DomainName: domain, BasePath: base})
	op(o, c.DeleteDomainName, &sdk.DeleteDomainNameInput{DomainName: domain})
	op(o, c.DeleteVpcLink, &sdk.DeleteVpcLinkInput{VpcLinkId: link})
	op(o, c.DeleteClientCertificate, &sdk.DeleteClientCertificateInput{ClientCertificateId: certificate})
	op(o, c.UpdateUsagePlan, &sdk.UpdateUsagePlanInput{UsagePlanId: plan, PatchOperations: []types.PatchOperation{{Op: types.OpRemove, Path: aws.String("/apiStages"), Value: aws.String(*api + ":dev")}}})
	op(o, c.DeleteUsagePlanKey, &sdk.DeleteUsagePlanKeyInput{UsagePlanId: plan, KeyId: key})
	op(o, c.DeleteUsagePlan, &sdk.DeleteUsagePlanInput{UsagePlanId: plan})
	op(o, c.DeleteApiKey, &sdk.DeleteApiKeyInput{ApiKey: key})
	op(o, c.DeleteStage, &sdk.DeleteStageInput{RestApiId: api, StageName: stage})
	op(o, c.DeleteDeployment, &sdk.DeleteDeploymentInput{RestApiId: api, DeploymentId: deployment})
	op(o, c.DeleteDocumentationVersion, &sdk.DeleteDocumentationVersionInput{RestApiId: api, DocumentationVersion: documented})
	op(o, c.DeleteDocumentationPart, &sdk.DeleteDocumentationPartInput{RestApiId: api, DocumentationPartId: part})
	op(o, c.DeleteGatewayResponse, &sdk.DeleteGatewayResponseInput{RestApiId: api, ResponseType: denied})
	op(o, c.DeleteAuthorizer, &sdk.DeleteAuthorizerInput{RestApiId: api, AuthorizerId: authorizer})
	op(o, c.DeleteRequestValidator, &sdk.DeleteRequestValidatorInput{RestApiId: api, RequestValidatorId: validator})
	op(o, c.DeleteModel, &sdk.DeleteModelInput{RestApiId: api, ModelName: model})
	op(o, c.DeleteIntegrationResponse, &sdk.DeleteIntegrationResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status})
	op(o, c.DeleteIntegration, &sdk.DeleteIntegrationInput{RestApiId: api, ResourceId: root, HttpMethod: get})
	op(o, c.DeleteMethodResponse, &sdk.DeleteMethodResponseInput{RestApiId: api, ResourceId: root, HttpMethod: get, StatusCode: status})
	op(o, c.DeleteMethod, &sdk.DeleteMethodInput{RestApiId: api, ResourceId: root, HttpMethod: get})
	op(o, c.DeleteResource, &sdk.DeleteResourceInput{RestApiId: api, ResourceId: resource})
	op(o, c.DeleteRestApi, &sdk.DeleteRestApiInput{RestApiId: api})

	o.complete(reflect.TypeOf(c))
}

// operations are the calls of a test, by operation.
type operations struct {
	*testing.T
	called  map[string]bool
	status  int // of the refusal that is expected; 0: none is
	message string
}

// op calls an operation. It succeeds, or is among the missing and answers 501.
func op[In, Out any](o *operations, call func(context.Context, *In, ...func(*sdk.Options)) (*Out, error), in *In) *Out {
	o.Helper()
	name := strings.TrimSuffix(reflect.TypeFor[In]().Name(), "Input")
	o.called[name] = true
	out, err := call(o.Context(), in)
	var refused *awshttp.ResponseError
	if missing[name] {
		if !errors.As(err, &refused) || refused.HTTPStatusCode() != http.StatusNotImplemented {
			o.Errorf("%s is listed as missing and gave %v", name, err)
		}
		return out
	}
	if err != nil {
		o.Fatal(err)
	}
	return out
}

// complete finds the operations of a client that were not called.
func (o *operations) complete(client reflect.Type) {
	for i := range client.NumMethod() {
		if name := client.Method(i).Name; name != "Options" && !o.called[name] {
			o.Errorf("%s was not called", name)
		}
	}
}
