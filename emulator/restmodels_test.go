package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// AWS checks the sizes of arrays once a model that was imported has been updated.
func TestSizesOfImportedModels(t *testing.T) {
	p := emulatortest.Start(t)
	client := p.APIGateway()
	api, err := client.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: []byte(`{
		"swagger": "2.0", "info": {"title": "lists"},
		"x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": true}},
		"definitions": {"List": {"type": "array", "minItems": 2, "items": {"type": "string"}}},
		"paths": {"/": {"post": {
			"parameters": [{"in": "body", "name": "List", "schema": {"$ref": "#/definitions/List"}}],
			"x-amazon-apigateway-request-validator": "body",
			"responses": {"200": {"description": "taken"}},
			"x-amazon-apigateway-integration": {"type": "mock", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
				"responses": {"default": {"statusCode": "200"}}}}}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	post := func(body string) int {
		t.Helper()
		if _, err := client.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("dev")}); err != nil {
			t.Fatal(err)
		}
		res, err := p.HTTP().Post(fmt.Sprintf("%s/_aws/execute-api/%s/dev/", p.URL(), *api.Id), "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if status := post(`["one"]`); status != http.StatusOK {
		t.Errorf("a short array, as imported: %d", status)
	}
	if status := post(`[1]`); status != http.StatusBadRequest {
		t.Errorf("an array of numbers: %d", status)
	}
	_, err = client.UpdateModel(t.Context(), &apigateway.UpdateModelInput{RestApiId: api.Id, ModelName: aws.String("List"),
		PatchOperations: []v1types.PatchOperation{{Op: v1types.OpReplace, Path: aws.String("/schema"), Value: aws.String(`{"type": "array", "minItems": 2}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	if status := post(`["one"]`); status != http.StatusBadRequest {
		t.Errorf("a short array, once updated: %d", status)
	}
}
