package apigateway_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func TestDocumentation(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	part := must[sdk.CreateDocumentationPartOutput](f)(f.c.CreateDocumentationPart(t.Context(), &sdk.CreateDocumentationPartInput{
		RestApiId: &api, Location: &types.DocumentationPartLocation{Type: "API"}, Properties: aws.String(`{"description":"d"}`),
	}))
	update := func(list ...string) error {
		_, err := f.c.UpdateDocumentationPart(t.Context(), &sdk.UpdateDocumentationPartInput{RestApiId: &api, DocumentationPartId: part.Id, PatchOperations: ops(list...)})
		return err
	}
	f.refused(update("add", "/properties", "x"), "BadRequestException", "Invalid patch path  '/properties' specified for op 'add'. Please choose supported operations")
	f.refused(update("replace", "/invalidPath", "x"), "BadRequestException", "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/properties]")
	if err := update("replace", "/properties", `{"description":"e"}`); err != nil {
		t.Fatal(err)
	}
	_, err := f.c.CreateDocumentationPart(t.Context(), &sdk.CreateDocumentationPartInput{RestApiId: &api, Location: &types.DocumentationPartLocation{Type: "INVALID"}, Properties: aws.String("{}")})
	f.refused(err, "ValidationException", "1 validation error detected: Value 'INVALID' at 'createDocumentationPartInput.location.type' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]")
	version := must[sdk.CreateDocumentationVersionOutput](f)(f.c.CreateDocumentationVersion(t.Context(), &sdk.CreateDocumentationVersionInput{RestApiId: &api, DocumentationVersion: aws.String("v1")}))
	if *version.Version != "v1" || version.Description != nil {
		t.Errorf("version %+v", version)
	}
	remove := func(apiID string) error {
		_, err := f.c.DeleteDocumentationPart(t.Context(), &sdk.DeleteDocumentationPartInput{RestApiId: &apiID, DocumentationPartId: part.Id})
		return err
	}
	f.refused(remove("nosuch"), "NotFoundException", "Invalid API identifier specified "+account+":nosuch")
	if err := remove(api); err != nil {
		t.Fatal(err)
	}
	f.refused(remove(api), "NotFoundException", "Invalid Documentation part identifier specified")
}

func TestVpcLinks(t *testing.T) {
	f := newFixture(t)
	create := func(name, arn string) (*sdk.CreateVpcLinkOutput, error) {
		return f.c.CreateVpcLink(t.Context(), &sdk.CreateVpcLinkInput{Name: &name, TargetArns: []string{arn}})
	}
	_, err := create("x", "invalid-arn")
	f.refused(err, "BadRequestException", "Invalid ARN. ARN is not well formed invalid-arn")
	_, err = create("", "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/n/1")
	f.refused(err, "BadRequestException", "Name cannot be empty")
	_, err = f.c.CreateVpcLink(t.Context(), &sdk.CreateVpcLinkInput{Name: aws.String("x"), TargetArns: []string{"arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/n/1", "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/n/2"}})
	f.refused(err, "BadRequestException", "More than one target arn specified for vpc link.")
	link := must[sdk.CreateVpcLinkOutput](f)(create("x", "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/n/1"))
	if link.Status != "PENDING" || link.StatusMessage != nil {
		t.Errorf("created %+v", link)
	}
	got := must[sdk.GetVpcLinkOutput](f)(f.c.GetVpcLink(t.Context(), &sdk.GetVpcLinkInput{VpcLinkId: link.Id}))
	if got.Status != "AVAILABLE" || *got.StatusMessage != "Your vpc link is ready for use" || got.Tags == nil {
		t.Errorf("got %+v", got)
	}
	api, root := f.api()
	f.method(api, root, "GET")
	must[sdk.PutIntegrationOutput](f)(f.c.PutIntegration(t.Context(), &sdk.PutIntegrationInput{
		RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), Type: "HTTP_PROXY", IntegrationHttpMethod: aws.String("GET"),
		Uri: aws.String("http://example.com"), ConnectionType: "VPC_LINK", ConnectionId: link.Id,
	}))
	f.deploy(api, "dev")
	_, err = f.c.DeleteVpcLink(t.Context(), &sdk.DeleteVpcLinkInput{VpcLinkId: link.Id})
	f.refused(err, "BadRequestException", "Cannot delete vpc link. Vpc link '"+*link.Id+"', is referenced in [GET:"+root+":dev] in format of [Method:Resource:Stage].")
	_, err = f.c.GetVpcLink(t.Context(), &sdk.GetVpcLinkInput{VpcLinkId: aws.String("nosuch")})
	f.refused(err, "NotFoundException", "Invalid Vpc Link identifier specified")
}

// A client certificate is a real one.
func TestClientCertificate(t *testing.T) {
	f := newFixture(t)
	made := must[sdk.GenerateClientCertificateOutput](f)(f.c.GenerateClientCertificate(t.Context(), &sdk.GenerateClientCertificateInput{Description: aws.String("d")}))
	block, _ := pem.Decode([]byte(*made.PemEncodedCertificate))
	if block == nil {
		t.Fatal("no PEM")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if cert.Subject.CommonName != "ApiGateway" || !cert.NotAfter.Equal(*made.ExpirationDate) {
		t.Errorf("certificate of %s until %s", cert.Subject, cert.NotAfter)
	}
}

func TestModelTemplate(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	must[sdk.CreateModelOutput](f)(f.c.CreateModel(t.Context(), &sdk.CreateModelInput{
		RestApiId: &api, Name: aws.String("Pets"), ContentType: aws.String("application/json"),
		Schema: aws.String(`{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"}}}}`),
	}))
	got := must[sdk.GetModelTemplateOutput](f)(f.c.GetModelTemplate(t.Context(), &sdk.GetModelTemplateInput{RestApiId: &api, ModelName: aws.String("Pets")}))
	for _, want := range []string{"#set($inputRoot = $input.path('$'))", "#foreach($elem in $inputRoot)", `"id" : $elem.id`, `"name" : "$elem.name"`, "#end"} {
		if !strings.Contains(*got.Value, want) {
			t.Errorf("no %q in\n%s", want, *got.Value)
		}
	}
}

// Models that contain themselves, or each other many times over, have a template that
// ends.
func TestModelTemplateEnds(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	model := func(name, of string) {
		member := `{"$ref":"https://apigateway.amazonaws.com/restapis/` + api + `/models/` + of + `"}`
		must[sdk.CreateModelOutput](f)(f.c.CreateModel(t.Context(), &sdk.CreateModelInput{
			RestApiId: &api, Name: &name, ContentType: aws.String("application/json"),
			Schema: aws.String(`{"type":"object","properties":{"a":` + member + `,"b":` + member + `,"c":` + member + `,"d":` + member + `,"id":{"type":"integer"}}}`),
		}))
	}
	template := func(name string) string {
		return *must[sdk.GetModelTemplateOutput](f)(f.c.GetModelTemplate(t.Context(), &sdk.GetModelTemplateInput{RestApiId: &api, ModelName: &name})).Value
	}
	model("Node", "Node")
	if got, want := template("Node"), `#set($inputRoot = $input.path('$'))
{
  "a" : { },
  "b" : { },
  "c" : { },
  "d" : { },
  "id" : $inputRoot.id
}`; got != want {
		t.Errorf("got\n%s", got)
	}
	for i := range 15 {
		model(fmt.Sprint("M", i), fmt.Sprint("M", i+1))
	}
	if got := template("M0"); len(got) > 310<<10 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestCloneFrom(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	pets := f.resource(api, root, "pets")
	f.mock(api, pets, "GET")
	modelURL := func(api string) string {
		return `{"$ref":"https://apigateway.amazonaws.com/restapis/` + api + `/models/Empty"}`
	}
	must[sdk.CreateModelOutput](f)(f.c.CreateModel(t.Context(), &sdk.CreateModelInput{RestApiId: &api, Name: aws.String("M"), ContentType: aws.String("application/json"), Schema: aws.String(modelURL(api))}))
	c := must[sdk.CreateRestApiOutput](f)(f.c.CreateRestApi(t.Context(), &sdk.CreateRestApiInput{Name: aws.String("copy"), CloneFrom: &api}))
	resources := must[sdk.GetResourcesOutput](f)(f.c.GetResources(t.Context(), &sdk.GetResourcesInput{RestApiId: c.Id, Embed: []string{"methods"}}))
	if len(resources.Items) != 2 || *resources.Items[0].Id != *c.RootResourceId || resources.Items[1].ResourceMethods["GET"].MethodIntegration == nil || *resources.Items[1].Id == pets {
		t.Errorf("copied %+v", resources.Items)
	} else if r := resources.Items[1]; *r.ResourceMethods["GET"].MethodIntegration.CacheNamespace != *r.Id {
		t.Errorf("the cache's namespace is %s, the resource %s", *r.ResourceMethods["GET"].MethodIntegration.CacheNamespace, *r.Id)
	}
	if m := must[sdk.GetModelOutput](f)(f.c.GetModel(t.Context(), &sdk.GetModelInput{RestApiId: c.Id, ModelName: aws.String("M")})); *m.Schema != modelURL(*c.Id) {
		t.Errorf("the model is %s", *m.Schema)
	}
	f.deploy(*c.Id, "dev")
}

func TestAuthorizers(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	create := func(apiID, name, uri string) (*sdk.CreateAuthorizerOutput, error) {
		return f.c.CreateAuthorizer(t.Context(), &sdk.CreateAuthorizerInput{RestApiId: &apiID, Name: &name, Type: "TOKEN", AuthorizerUri: &uri})
	}
	uri := "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:a/invocations"
	_, err := create("nosuch", "a", uri)
	f.refused(err, "ConflictException", "Unable to complete operation due to concurrent modification. Please try again later.")
	_, err = create(api, "a", "x")
	f.refused(err, "BadRequestException", "Invalid Authorizer URI: x. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.")
	a := must[sdk.CreateAuthorizerOutput](f)(create(api, "a", uri))
	if *a.AuthType != "custom" || a.AuthorizerResultTtlInSeconds != nil {
		t.Errorf("created %+v", a)
	}
	_, err = create(api, "a", uri)
	f.refused(err, "BadRequestException", "Authorizer name must be unique. Authorizer a already exists in this RestApi.")
	must[sdk.PutMethodOutput](f)(f.c.PutMethod(t.Context(), &sdk.PutMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("POST"), AuthorizationType: aws.String("CUSTOM"), AuthorizerId: a.Id}))
	_, err = f.c.DeleteAuthorizer(t.Context(), &sdk.DeleteAuthorizerInput{RestApiId: &api, AuthorizerId: a.Id})
	f.refused(err, "ConflictException", "Cannot delete authorizer, is referenced in method: POST//")
}
