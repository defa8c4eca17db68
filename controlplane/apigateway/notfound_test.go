package apigateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// TestNotFound asks for what is not there. AWS words a wrong API id in many ways.
func TestNotFound(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.method(api, root, "GET")
	f.mock(api, root, "PUT")
	noAPI := "404 Invalid API identifier specified " + account + ":nosuch"
	const (
		resource    = "404 Invalid Resource identifier specified"
		method      = "404 Invalid Method identifier specified"
		integration = "404 Invalid Integration identifier specified"
		status      = "404 Invalid Response status code specified"
		validator   = "404 Invalid Request Validator identifier specified"
		part        = "404 Invalid Documentation part identifier specified"
		version     = "404 Invalid Documentation version specified"
		stage       = "404 Invalid stage identifier specified"
		deployment  = "404 Invalid Deployment identifier specified"
		authorizer  = "404 Invalid Authorizer identifier specified"
		link        = "404 Invalid Vpc Link identifier specified"
		certificate = "404 Invalid Client Certificate identifier specified"
		location    = `{"location":{"type":"API"},"properties":"{}"}`
		patch       = `{"patchOperations":[]}`
	)
	methods := "/restapis/{api}/resources/{root}/methods"
	for _, tc := range []struct{ verbs, path, body, want string }{
		{"GET DELETE", "/restapis/nosuch", "", noAPI}, {"PATCH", "/restapis/nosuch", patch, noAPI},
		{"GET", "/restapis/nosuch/resources", "", noAPI}, {"GET", "/restapis/nosuch/models", "", noAPI},
		{"POST", "/restapis/nosuch/models", `{"name":"m","contentType":"application/json","schema":"{}"}`, noAPI},
		{"GET", "/restapis/nosuch/authorizers", "", noAPI}, {"GET", "/restapis/nosuch/requestvalidators", "", noAPI},
		{"GET", "/restapis/nosuch/gatewayresponses", "", noAPI}, {"GET DELETE", "/restapis/nosuch/gatewayresponses/THROTTLED", "", noAPI},
		{"PUT", "/restapis/nosuch/gatewayresponses/THROTTLED", "{}", noAPI}, {"PATCH", "/restapis/nosuch/gatewayresponses/THROTTLED", patch, noAPI},
		{"POST", "/restapis/nosuch/documentation/parts", location, noAPI}, {"GET", "/restapis/nosuch/documentation/parts", "", noAPI},
		{"DELETE", "/restapis/nosuch/documentation/parts/x", "", noAPI},
		{"GET", "/restapis/nosuch/documentation/parts/x", "", part}, {"PATCH", "/restapis/nosuch/documentation/parts/x", patch, part},
		{"GET", "/restapis/{api}/documentation/parts/x", "", part}, {"DELETE", "/restapis/{api}/documentation/parts/x", "", part},
		{"GET DELETE", "/restapis/{api}/documentation/versions/x", "", version}, {"PATCH", "/restapis/{api}/documentation/versions/x", patch, version},
		{"POST", "/restapis/nosuch/requestvalidators", `{"name":"v"}`, "400 Invalid REST API identifier specified"},
		{"GET DELETE", "/restapis/nosuch/requestvalidators/x", "", validator}, {"GET DELETE", "/restapis/{api}/requestvalidators/x", "", validator}, {"PATCH", "/restapis/{api}/requestvalidators/x", patch, validator},
		{"GET DELETE", "/restapis/nosuch/models/m", "", "404 Invalid model name specified: m"}, {"PATCH", "/restapis/{api}/models/m", patch, "404 Invalid model name specified: m"},
		{"GET", "/restapis/{api}/models/m/default_template", "", "404 Invalid model name specified: m"},
		{"POST", "/restapis/nosuch/authorizers", `{"name":"a","type":"TOKEN","authorizerUri":"` + functionURI + `"}`, "409 Unable to complete operation due to concurrent modification. Please try again later."},
		{"POST", "/restapis/nosuch/authorizers", `{"name":"a","type":"TOKEN","authorizerUri":"x"}`, "400 Invalid Authorizer URI: x. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."},
		{"GET DELETE", "/restapis/{api}/authorizers/x", "", authorizer}, {"PATCH", "/restapis/{api}/authorizers/x", patch, authorizer}, {"POST", "/restapis/{api}/authorizers/x", "{}", authorizer},
		{"GET DELETE", "/restapis/nosuch/resources/{root}", "", resource}, {"GET DELETE", "/restapis/{api}/resources/x", "", resource}, {"PATCH", "/restapis/{api}/resources/x", patch, resource},
		{"POST", "/restapis/nosuch/resources/{root}", `{"pathPart":"x"}`, resource},
		{"PUT", "/restapis/nosuch/resources/{root}/methods/WRONG", `{"authorizationType":"NONE"}`, resource}, {"PUT", "/restapis/{api}/resources/x/methods/WRONG", `{"authorizationType":"NONE"}`, resource},
		{"GET DELETE", "/restapis/{api}/resources/x/methods/GET", "", resource}, {"GET DELETE", methods + "/POST", "", method}, {"PATCH", methods + "/POST", patch, method}, {"POST", methods + "/POST", "{}", method},
		{"GET DELETE", methods + "/POST/responses/200", "", method}, {"PUT", methods + "/POST/responses/200", "{}", method}, {"PATCH", methods + "/POST/responses/200", patch, method},
		{"GET DELETE", methods + "/GET/responses/200", "", status}, {"PATCH", methods + "/GET/responses/200", patch, status},
		{"GET DELETE", methods + "/POST/integration", "", method}, {"PUT", methods + "/POST/integration", `{"type":"MOCK"}`, method}, {"PATCH", methods + "/POST/integration", patch, method},
		{"GET DELETE", methods + "/GET/integration", "", integration}, {"PATCH", methods + "/GET/integration", patch, integration}, {"POST", methods + "/GET", "{}", integration},
		{"GET", methods + "/POST/integration/responses/200", "", method}, {"DELETE", methods + "/POST/integration/responses/200", "", integration},
		{"PUT", methods + "/GET/integration/responses/200", "{}", integration}, {"GET DELETE", methods + "/GET/integration/responses/200", "", integration},
		{"GET DELETE", methods + "/PUT/integration/responses/200", "", status}, {"PATCH", methods + "/PUT/integration/responses/200", patch, status},
		{"GET DELETE", "/restapis/{api}/deployments/x", "", deployment}, {"PATCH", "/restapis/{api}/deployments/x", patch, deployment}, {"GET", "/restapis/nosuch/deployments", "", noAPI}, {"POST", "/restapis/nosuch/deployments", "{}", noAPI},
		{"GET DELETE", "/restapis/{api}/stages/x", "", stage}, {"PATCH", "/restapis/{api}/stages/x", patch, stage}, {"DELETE", "/restapis/{api}/stages/x/cache/data", "", stage}, {"DELETE", "/restapis/{api}/stages/x/cache/authorizers", "", stage},
		{"GET", "/restapis/{api}/stages/x/exports/oas30", "", stage}, {"GET", "/restapis/nosuch/stages/x/exports/oas30", "", stage}, {"GET", "/restapis/nosuch/stages", "", noAPI},
		{"GET DELETE", "/vpclinks/x", "", link}, {"PATCH", "/vpclinks/x", patch, link}, {"GET DELETE", "/clientcertificates/x", "", certificate}, {"PATCH", "/clientcertificates/x", patch, certificate},
		{"DELETE", "/restapis/{api}/gatewayresponses/THROTTLED", "", "404 Gateway response type not defined on api"},
		{"GET", "/restapis/" + strings.ToUpper(api), "", "404 Invalid API identifier specified " + account + ":" + strings.ToUpper(api)},
	} {
		path := strings.NewReplacer("{api}", api, "{root}", root).Replace(tc.path)
		for verb := range strings.FieldsSeq(tc.verbs) {
			code, body := f.raw(verb, path, tc.body)
			want := fmt.Sprintf(`%s {"message":"%s"}`, tc.want[:3], tc.want[4:])
			if got := fmt.Sprintf("%d %s", code, body); got != want {
				t.Errorf("%s %s\ngot  %s\nwant %s", verb, path, got, want)
			}
		}
	}
}

// What is in use stays.
func TestInUse(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "ANY")
	path := "/restapis/" + api
	validator := *must[sdk.CreateRequestValidatorOutput](f)(f.c.CreateRequestValidator(t.Context(), &sdk.CreateRequestValidatorInput{RestApiId: &api, Name: aws.String("v")})).Id
	certificate := *must[sdk.GenerateClientCertificateOutput](f)(f.c.GenerateClientCertificate(t.Context(), &sdk.GenerateClientCertificateInput{})).ClientCertificateId
	for _, m := range []string{"Sent", "Given", "Inner"} {
		f.raw("POST", path+"/models", `{"name":"`+m+`","contentType":"application/json","schema":"{\"type\":\"object\"}"}`)
	}
	f.raw("POST", path+"/models", `{"name":"Outer","contentType":"application/json","schema":"{\"$ref\":\"https://apigateway.amazonaws.com/restapis/`+api+`/models/Inner\"}"}`)
	must[sdk.UpdateMethodOutput](f)(f.c.UpdateMethod(t.Context(), &sdk.UpdateMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("ANY"), PatchOperations: ops("replace", "/requestValidatorId", validator, "add", "/requestModels/application~1json", "Sent")}))
	f.raw("PUT", path+"/resources/"+root+"/methods/ANY/responses/200", `{"responseModels":{"application/json":"Given"}}`)
	deployment := f.deploy(api, "dev")
	canary := f.deploy(api, "")
	must[sdk.UpdateStageOutput](f)(f.updateStage(api, ops("replace", "/canarySettings/deploymentId", canary, "replace", "/clientCertificateId", certificate)...))
	for _, tc := range []struct{ path, want string }{
		{path + "/resources/" + root, "400 Unable to delete root resource"},
		{path + "/models/Sent", "409 Cannot delete model 'Sent', is referenced in method request: //ANY"},
		{path + "/models/Given", "409 Cannot delete model 'Given', is referenced in method response: //ANY"},
		{path + "/models/Inner", "409 Cannot delete model 'Inner', is referenced in model: Outer"},
		{path + "/requestvalidators/" + validator, "409 Cannot delete validator 'v', is referenced in method //ANY"},
		{path + "/deployments/" + deployment, "400 Active stages pointing to this deployment must be moved or deleted"},
		{path + "/deployments/" + canary, "400 Active stages pointing to this deployment must be moved or deleted"},
		{"/clientcertificates/" + certificate, "400 Client certificate " + certificate + " is in use by stage dev"},
	} {
		code, body := f.raw("DELETE", tc.path, "")
		if got := fmt.Sprintf("%d %s", code, body); got != fmt.Sprintf(`%s {"message":"%s"}`, tc.want[:3], tc.want[4:]) {
			t.Errorf("%s\ngot  %s\nwant %s", tc.path, got, tc.want)
		}
	}
	if code, body := f.raw("DELETE", path+"/stages/dev", ""); code != 202 {
		t.Fatalf("delete stage: %d %s", code, body)
	}
	for _, p := range []string{path + "/deployments/" + deployment, path + "/deployments/" + canary, "/clientcertificates/" + certificate, path + "/models/Outer", path + "/models/Inner"} {
		if code, body := f.raw("DELETE", p, ""); code != 202 {
			t.Errorf("%s: %d %s", p, code, body)
		}
	}
}
