package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern/postern/emulator/emulatortest"
)

// TestExpressionsThatLookAround has expressions as people write them for Java in a
// model, a template and a selection pattern.
func TestExpressionsThatLookAround(t *testing.T) {
	p := emulatortest.Start(t)
	client := p.APIGateway()
	api, err := client.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: []byte(`{
		"swagger": "2.0", "info": {"title": "passwords"},
		"x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": true}},
		"definitions": {"User": {"type": "object", "properties": {
			"password": {"type": "string", "pattern": "^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,}$"},
			"status": {"type": "integer"}},
			"patternProperties": {"^(?!password|status).*$": {"type": "string", "pattern": "^(.)(?!\\1)"}}}},
		"paths": {"/": {"post": {
			"parameters": [{"in": "body", "name": "User", "schema": {"$ref": "#/definitions/User"}}],
			"x-amazon-apigateway-request-validator": "body",
			"responses": {"200": {"description": "taken"}, "400": {"description": "not taken"}},
			"x-amazon-apigateway-integration": {"type": "mock",
				"requestTemplates": {"application/json": "{\"statusCode\": $input.path('$.status')}"},
				"responses": {
					"(?!2\\d\\d).+": {"statusCode": "400", "responseTemplates": {"application/json": "refused"}},
					"default": {"statusCode": "200", "responseTemplates": {"application/json": "#set($n = '1234567')$n.replaceAll('\\B(?=(\\d{3})+$)', ',')"}}}}}}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("dev")}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		body   string
		status int
		answer string
	}{
		{`{"password": "Passw0rd", "status": 200}`, http.StatusOK, "1,234,567"},
		{`{"password": "Passw0rd", "status": 204}`, http.StatusOK, "1,234,567"},
		{`{"password": "Passw0rd", "status": 503}`, http.StatusBadRequest, "refused"},
		{`{"password": "password", "status": 200}`, http.StatusBadRequest, `{"message":"Invalid request body"}`},
		{`{"password": "Pass0", "status": 200}`, http.StatusBadRequest, `{"message":"Invalid request body"}`},
		{`{"name": "ann", "status": 200}`, http.StatusOK, "1,234,567"},
		{`{"name": "aan", "status": 200}`, http.StatusBadRequest, `{"message":"Invalid request body"}`},
	} {
		res, err := p.HTTP().Post(fmt.Sprintf("%s/_aws/execute-api/%s/dev/", p.URL(), *api.Id), "application/json", strings.NewReader(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != tc.status || string(answer) != tc.answer {
			t.Errorf("%s: %d %s (%v), want %d %s", tc.body, res.StatusCode, answer, err, tc.status, tc.answer)
		}
	}
}
