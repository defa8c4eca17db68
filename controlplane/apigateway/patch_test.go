package apigateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// patchRow is one PATCH of one operation. A value of "-" is left out. What is wanted
// is a status and the whole text of a refusal, or a part of the answer, or with a
// leading ! what the answer must not have.
type patchRow struct{ op, path, value, want string }

func (f *fixture) patch(path string, rows []patchRow) {
	f.Helper()
	for _, r := range rows {
		op := map[string]string{"op": r.op, "path": r.path}
		if r.path == "-" {
			delete(op, "path")
		}
		if r.value != "-" {
			op["value"] = r.value
		}
		body, err := json.Marshal(map[string]any{"patchOperations": []any{op}})
		if err != nil {
			f.Fatal(err)
		}
		status, answer := f.raw("PATCH", path, string(body))
		var refusal struct{ Message *string }
		if json.Unmarshal([]byte(answer), &refusal) == nil && refusal.Message != nil {
			if got := fmt.Sprint(status, " ", *refusal.Message); got != r.want {
				f.Errorf("%s %s %q\ngot  %s\nwant %s", r.op, r.path, r.value, got, r.want)
			}
			continue
		}
		want, absent := strings.CutPrefix(r.want, "!")
		if strings.Contains(answer, want) == absent {
			f.Errorf("%s %s %q\ngot  %s\nwant %s", r.op, r.path, r.value, answer, r.want)
		}
	}
}

const (
	onlyReplace = "400 Invalid patch operation specified. Must be one of: [replace]"
	noPath      = "400 Invalid patch path "
)

func listed(path, op string) string {
	return "400 Invalid patch path  '" + path + "' specified for op '" + op + "'. Please choose supported operations"
}

func listedPaths(path, paths string) string {
	return "400 Invalid patch path  '" + path + "' specified for op 'replace'. Must be one of: [" + paths + "]"
}

// every gives a row for each operation.
func every(path, value, want string, ops ...string) []patchRow {
	var rows []patchRow
	for _, op := range ops {
		rows = append(rows, patchRow{op, path, value, want})
	}
	return rows
}

func join(groups ...[]patchRow) []patchRow {
	var rows []patchRow
	for _, g := range groups {
		rows = append(rows, g...)
	}
	return rows
}

const policyText = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}}`

func TestPatchRestApi(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	var unsupported []patchRow
	for _, path := range []string{"/name", "/apiKeySource", "/disableExecuteApiEndpoint", "/policy", "/securityPolicy", "/endpointAccessMode", "/minimumCompressionSize"} {
		unsupported = append(unsupported, every(path, "x", onlyReplace, "add", "remove", "copy", "move", "test")...)
	}
	f.patch("/restapis/"+api, join(unsupported, []patchRow{
		{"replace", "/name", "dogs", `"name":"dogs"`},
		{"replace", "/name", "", "400 API Name cannot be blank"},
		{"replace", "/apiKeySource", "AUTHORIZER", `"apiKeySource":"AUTHORIZER"`},
		{"replace", "/apiKeySource", "wrong", "400 Invalid API key source specified. Valid options are HEADER,AUTHORIZER"},
		{"replace", "/disableExecuteApiEndpoint", "TRUE", `"disableExecuteApiEndpoint":true`},
		{"replace", "/disableExecuteApiEndpoint", "whatever", `"disableExecuteApiEndpoint":false`},
		{"replace", "/policy", policyText, `\/*`},
		{"replace", "/policy", "{", "400 Invalid policy document. Please check the policy syntax and ensure that Principals are valid."},
		{"replace", "/policy", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, "400 Invalid policy document. Please check the policy syntax and ensure that Principals are valid."},
		{"replace", "/policy", "", `!"policy"`},
		{"replace", "/securityPolicy", "TLS_1_2", `"securityPolicy":"TLS_1_2"`},
		{"replace", "/endpointAccessMode", "BASIC", `"endpointAccessMode":"BASIC"`},
		{"add", "/description", "one", `"description":"one"`},
		{"replace", "/description", "two", `"description":"two"`},
		{"remove", "/description", "-", `!"description"`},
		{"copy", "/description", "x", "400 Invalid patch operation specified. Must be one of: [add, replace, remove]"},
		{"replace", "/minimumCompressionSize", "10", `"minimumCompressionSize":10`},
		{"replace", "/minimumCompressionSize", "0", `"minimumCompressionSize":0`},
		{"replace", "/minimumCompressionSize", "10485760", `"minimumCompressionSize":10485760`},
		{"replace", "/minimumCompressionSize", "10485761", "400 Invalid minimum compression size, must be between 0 and 10485760"},
		{"replace", "/minimumCompressionSize", "-1", "400 Invalid minimum compression size, must be between 0 and 10485760"},
		{"replace", "/minimumCompressionSize", "test", "400 Invalid minimum compression size, must be between 0 and 10485760"},
		{"replace", "/minimumCompressionSize", "-", `!"minimumCompressionSize"`},
		{"add", "/binaryMediaTypes/image~1png", "-", `"binaryMediaTypes":["image/png"]`},
		{"add", "/binaryMediaTypes/*~1*", "-", `"binaryMediaTypes":["image/png","*/*"]`},
		{"replace", "/binaryMediaTypes/image~1png", "image/gif", `"binaryMediaTypes":["*/*","image/gif"]`},
		{"remove", "/binaryMediaTypes/image~1gif", "-", `"binaryMediaTypes":["*/*"]`},
		{"remove", "/binaryMediaTypes/*~1*", "-", `!"binaryMediaTypes"`},
		{"replace", "/binaryMediaTypes", "image/gif", noPath + "/binaryMediaTypes"},
		{"replace", "/endpointConfiguration/types/0", "REGIONAL", `"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"}`},
		{"replace", "/endpointConfiguration/types/0", "wrong", "400 Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"},
		{"remove", "/endpointConfiguration/types/REGIONAL", "-", "400 Invalid patch operation specified. Must be 'add'|'remove'|'replace'"},
		{"replace", "/endpointConfiguration/ipAddressType", "dualstack", `"ipAddressType":"dualstack"`},
		{"replace", "/endpointConfiguration/ipAddressType", "wrong", "400 ipAddressType must be either ipv4 or dualstack."},
		{"add", "/endpointConfiguration/ipAddressType", "ipv4", onlyReplace},
		{"add", "/endpointConfiguration/vpcEndpointIds", "vpce-1", "400 VPCEndpoints can only be specified with PRIVATE apis."},
		{"replace", "/endpointConfiguration/types/REGIONAL", "PRIVATE", `"endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"dualstack"}`},
		{"replace", "/endpointConfiguration/ipAddressType", "ipv4", "400 Only dualstack ipAddressType is supported for Private APIs."},
		{"add", "/endpointConfiguration/vpcEndpointIds", "vpce-1", `"vpcEndpointIds":["vpce-1"]`},
		{"add", "/endpointConfiguration/vpcEndpointIds", "vpce-2", `"vpcEndpointIds":["vpce-1","vpce-2"]`},
		{"remove", "/endpointConfiguration/vpcEndpointIds", "vpce-1", `"vpcEndpointIds":["vpce-2"]`},
		{"replace", "/endpointConfiguration/vpcEndpointIds", "vpce-1", "400 Invalid patch operation specified. Must be one of: [add, remove]"},
		{"replace", "/nosuch", "x", noPath + "/nosuch"}, {"replace", "/tags/a", "x", noPath + "/tags/a"}, {"replace", "-", "x", noPath + "null"},
	}))
}

func TestPatchResource(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	pets := f.resource(api, root, "pets")
	f.resource(api, root, "dogs")
	f.patch("/restapis/"+api+"/resources/"+pets, join(
		every("/pathPart", "x", listed("/pathPart", "add"), "add"), every("/parentId", "x", listed("/parentId", "remove"), "remove"),
		every("/nosuch", "x", listed("/nosuch", "copy"), "copy"),
		[]patchRow{
			{"replace", "/pathPart", "cats", `"path":"/cats"`},
			{"replace", "/pathPart", "dogs", "409 Another resource with the same parent already has this name: dogs"},
			{"replace", "/pathPart", "a b", "400 Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."},
			{"replace", "/parentId", "nosuch", "404 Invalid Resource identifier specified"},
			{"replace", "/parentId", pets, "400 Resources cannot be cyclical."},
			{"replace", "/nosuch", "x", listedPaths("/nosuch", "/parentId, /pathPart")},
			{"replace", "-", "x", listedPaths("null", "/parentId, /pathPart")},
		}))
	f.patch("/restapis/"+api+"/resources/"+root, []patchRow{
		{"replace", "/pathPart", "x", "400 Root resource cannot update its pathPart."},
		{"replace", "/parentId", pets, "400 Root resource cannot update its parentId."},
	})
}

func TestPatchModelsAndValidators(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	validator := *must[sdk.CreateRequestValidatorOutput](f)(f.c.CreateRequestValidator(t.Context(), &sdk.CreateRequestValidatorInput{RestApiId: &api, Name: aws.String("v")})).Id
	const none = "400 Model schema must have at least 1 property or array items defined"
	const bad = "400 Invalid model specified: Validation Result: warnings : [], errors : ["
	f.patch("/restapis/"+api+"/models/Error", join(
		every("/schema", "{}", listed("/schema", "add"), "add"), every("/description", "x", listed("/description", "remove"), "remove"),
		[]patchRow{
			{"replace", "/description", "d", `"description":"d"`}, {"replace", "/description", "", `!"description"`},
			{"replace", "/schema", `{"type":"array"}`, `"schema":"{\"type\":\"array\"}"`},
			{"replace", "/schema", "", none}, {"replace", "/schema", "-", none},
			{"replace", "/schema", "[]", bad + "Invalid model schema specified]"},
			{"replace", "/schema", `{"$ref":"Empty"}`, bad + "Model reference must be in canonical form]"},
			{"replace", "/schema", `{"$ref":"https://apigateway.amazonaws.com/restapis/` + api + `/models/Empty"}`, `/models/Empty`},
			{"replace", "/name", "x", listedPaths("/name", "/description, /schema")},
		}))
	f.patch("/restapis/"+api+"/requestvalidators/"+validator, join(
		every("/name", "x", listed("/name", "add"), "add"), every("/validateRequestBody", "true", listed("/validateRequestBody", "remove"), "remove"),
		[]patchRow{
			{"replace", "/name", "w", `"name":"w"`}, {"replace", "/name", "", "400 Request Validator name cannot be blank"},
			{"replace", "/validateRequestBody", "true", `"validateRequestBody":true`}, {"replace", "/validateRequestBody", "-", `"validateRequestBody":false`},
			{"replace", "/validateRequestParameters", "True", `"validateRequestParameters":true`}, {"replace", "/validateRequestParameters", "yes", `"validateRequestParameters":false`},
			{"replace", "/nosuch", "x", listedPaths("/nosuch", "/name, /validateRequestParameters, /validateRequestBody")},
		}))
}

// The resources of which little more than a description can be changed.
func TestPatchDescriptions(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	deployment := f.deploy(api, "")
	certificate := *must[sdk.GenerateClientCertificateOutput](f)(f.c.GenerateClientCertificate(t.Context(), &sdk.GenerateClientCertificateInput{})).ClientCertificateId
	must[sdk.CreateDocumentationVersionOutput](f)(f.c.CreateDocumentationVersion(t.Context(), &sdk.CreateDocumentationVersionInput{RestApiId: &api, DocumentationVersion: aws.String("1")}))
	for _, path := range []string{"/restapis/" + api + "/deployments/" + deployment, "/clientcertificates/" + certificate, "/restapis/" + api + "/documentation/versions/1"} {
		f.patch(path, join(every("/description", "x", listed("/description", "add"), "add"), every("/description", "x", listed("/description", "remove"), "remove"), []patchRow{
			{"replace", "/description", "d", `"description":"d"`}, {"replace", "/description", "", `!"description"`},
			{"replace", "/nosuch", "x", listedPaths("/nosuch", "/description")}, {"remove", "/nosuch", "-", listed("/nosuch", "remove")},
		}))
	}
	link := *must[sdk.CreateVpcLinkOutput](f)(f.c.CreateVpcLink(t.Context(), &sdk.CreateVpcLinkInput{Name: aws.String("l"), TargetArns: []string{"arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/n/1"}})).Id
	f.patch("/vpclinks/"+link, join(every("/name", "x", listed("/name", "add"), "add"), []patchRow{
		{"replace", "/name", "m", `"name":"m"`}, {"replace", "/name", "", "400 Name cannot be empty"}, {"replace", "/description", "d", `"description":"d"`},
		{"replace", "/targetArns", "x", listedPaths("/targetArns", "/name, /description")},
	}))
	part := *must[sdk.CreateDocumentationPartOutput](f)(f.c.CreateDocumentationPart(t.Context(), apiPart(api))).Id
	f.patch("/restapis/"+api+"/documentation/parts/"+part, []patchRow{
		{"replace", "/properties", `{"a":"b"}`, `"properties":"{\"a\":\"b\"}"`}, {"replace", "/properties", "", "400 Documentation part properties must be non-empty"},
		{"replace", "/properties", "[]", "400 Documentation part properties must be a JSON object"},
		{"add", "/properties", "{}", listed("/properties", "add")}, {"replace", "/location", "x", listedPaths("/location", "/properties")},
	})
	f.patch("/account", join(every("/nosuch", "x", noPath+"/nosuch", "add", "replace", "remove"), []patchRow{
		{"replace", "/cloudwatchRoleArn", "arn:aws:iam::111111111111:role/r", `"cloudwatchRoleArn":"arn:aws:iam::111111111111:role/r"`},
		{"replace", "/cloudwatchRoleArn", "wrong", "400 The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy."},
		{"replace", "/cloudwatchRoleArn", "", `!"cloudwatchRoleArn"`}, {"add", "/features", "UsagePlans", `"features":["UsagePlans"]`},
		{"remove", "/features", "UsagePlans", "400 Usage Plans cannot be disabled once enabled"}, {"add", "/features", "Other", "400 Invalid feature specified: Other"},
		{"replace", "/features", "x", "400 Invalid patch operation specified. Must be one of: [add, remove]"},
	}))
}
