package apigateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// raw makes a request that the SDK's client would not, and gives status and body.
func (f *fixture) raw(method, path, body string) (status int, text string) {
	f.Helper()
	req, err := http.NewRequestWithContext(f.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		f.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestCreateRestApiShape(t *testing.T) {
	f := newFixture(t)
	status, body := f.raw("POST", "/restapis", `{"name": "bare"}`)
	api := must[sdk.GetRestApisOutput](f)(f.c.GetRestApis(t.Context(), &sdk.GetRestApisInput{})).Items[0]
	want := `{"id":"` + *api.Id + `","name":"bare","createdDate":1772600767,"apiKeySource":"HEADER","endpointConfiguration":{"types":["EDGE"],"ipAddressType":"ipv4"},"disableExecuteApiEndpoint":false,"rootResourceId":"` + *api.RootResourceId + `"}`
	if status != 201 || body != want {
		t.Errorf("got  %d %s\nwant 201 %s", status, body, want)
	}
	if _, body = f.raw("GET", "/restapis/"+*api.Id, ""); !strings.Contains(body, `"tags":{}`) {
		t.Errorf("GetRestApi of an untagged API: %s", body)
	}
}

// Templates write the slash of media types as a PATCH path does.
func TestEscapedMediaTypes(t *testing.T) {
	f := newFixture(t)
	if _, body := f.raw("POST", "/restapis", `{"name": "x", "binaryMediaTypes": ["image~1png", "*/*"]}`); !strings.Contains(body, `"binaryMediaTypes":["image/png","*/*"]`) {
		t.Error(body)
	}
}

func TestCreateRestApiRefusals(t *testing.T) {
	f := newFixture(t)
	for _, tc := range []struct {
		name string
		in   sdk.CreateRestApiInput
		want string
	}{
		{"empty description", sdk.CreateRestApiInput{Description: aws.String(""), MinimumCompressionSize: aws.Int32(-1)}, "Description cannot be an empty string"},
		{"no types", sdk.CreateRestApiInput{EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{}}}, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."},
		{"two types", sdk.CreateRestApiInput{EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{"EDGE", "REGIONAL"}}}, "Cannot create an api with multiple Endpoint Types."},
		{"private ipv4", sdk.CreateRestApiInput{EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{"PRIVATE"}, IpAddressType: "ipv4"}}, "Only dualstack ipAddressType is supported for Private APIs."},
		{"compression", sdk.CreateRestApiInput{MinimumCompressionSize: aws.Int32(-1)}, "Invalid minimum compression size, must be between 0 and 10485760"},
		{"compression above", sdk.CreateRestApiInput{MinimumCompressionSize: aws.Int32(10485761)}, "Invalid minimum compression size, must be between 0 and 10485760"},
	} {
		t.Run(tc.name, func(*testing.T) {
			tc.in.Name = aws.String("x")
			_, err := f.c.CreateRestApi(f.Context(), &tc.in)
			f.refused(err, "BadRequestException", tc.want)
		})
	}
	_, err := f.c.CreateRestApi(t.Context(), &sdk.CreateRestApiInput{Name: aws.String("x"), EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{"wrong"}, IpAddressType: "wrong"}})
	f.refused(err, "ValidationException", "2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]; Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]")
}

func TestSerialization(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.method(api, root, "GET")
	base := "/restapis/" + api + "/resources/" + root + "/methods/GET/integration"
	for body, want := range map[string]string{
		`{"type": "HTTP_PROXY", "requestParameters": {"integration.request.path.x": true}}`: "class java.lang.Boolean can not be converted to an String",
		`{"type": "MOCK", "requestTemplates": {"application/json": 1}}`:                     "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
	} {
		status, got := f.raw("PUT", base, body)
		if status != 400 || got != `{"message":"`+want+`"}` {
			t.Errorf("got %d %s", status, got)
		}
	}
	if status, got := f.raw("GET", "/nosuch", ""); status != 403 || got != `{"message":"Missing Authentication Token"}` {
		t.Errorf("unknown path: %d %s", status, got)
	}
}

func TestUpdateRestApi(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	update := func(list ...string) (*sdk.UpdateRestApiOutput, error) {
		return f.c.UpdateRestApi(t.Context(), &sdk.UpdateRestApiInput{RestApiId: &api, PatchOperations: ops(list...)})
	}
	for _, tc := range []struct {
		ops  []string
		want []string
	}{
		{[]string{"add", "/binaryMediaTypes/image~1png", "-", "add", "/binaryMediaTypes/image~1jpeg", "-"}, []string{"image/png", "image/jpeg"}},
		{[]string{"replace", "/binaryMediaTypes/image~1png", "image/gif"}, []string{"image/jpeg", "image/gif"}},
		{[]string{"remove", "/binaryMediaTypes/image~1gif", "-"}, []string{"image/jpeg"}},
		{[]string{"remove", "/binaryMediaTypes/image~1jpeg", "-", "add", "/binaryMediaTypes/-", "image/png"}, []string{"-"}},
	} {
		out := must[sdk.UpdateRestApiOutput](f)(update(tc.ops...))
		if strings.Join(out.BinaryMediaTypes, " ") != strings.Join(tc.want, " ") {
			t.Errorf("%v: got %v, want %v", tc.ops, out.BinaryMediaTypes, tc.want)
		}
	}
	out := must[sdk.UpdateRestApiOutput](f)(update("replace", "/endpointConfiguration/types/0", "EDGE", "replace", "/endpointConfiguration/types/0", "REGIONAL", "replace", "/endpointConfiguration/types/0", "PRIVATE"))
	if c := out.EndpointConfiguration; c.Types[0] != "PRIVATE" || c.IpAddressType != "dualstack" {
		t.Errorf("endpoint configuration %+v", c)
	}
	if got := must[sdk.UpdateRestApiOutput](f)(update("replace", "/minimumCompressionSize", "0")); *got.MinimumCompressionSize != 0 {
		t.Errorf("compression %v", got.MinimumCompressionSize)
	}
	if got := must[sdk.UpdateRestApiOutput](f)(update("replace", "/minimumCompressionSize", "")); got.MinimumCompressionSize != nil {
		t.Errorf("compression %v", got.MinimumCompressionSize)
	}
	for _, tc := range []struct{ op, path, value, want string }{
		{"add", "/binaryMediaTypes", "image/png", "Invalid patch path /binaryMediaTypes"},
		{"replace", "/minimumCompressionSize", "-1", "Invalid minimum compression size, must be between 0 and 10485760"},
		{"replace", "/minimumCompressionSize", "test", "Invalid minimum compression size, must be between 0 and 10485760"},
		{"add", "/minimumCompressionSize", "1", "Invalid patch operation specified. Must be one of: [replace]"},
		{"replace", "/endpointConfiguration/types/0", "wrong", "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"},
		{"add", "/endpointConfiguration/types/0", "EDGE", "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"},
		{"replace", "/endpointConfiguration/ipAddressType", "wrong", "ipAddressType must be either ipv4 or dualstack."},
		{"replace", "/endpointConfiguration/ipAddressType", "ipv4", "Only dualstack ipAddressType is supported for Private APIs."},
		{"remove", "/endpointConfiguration/ipAddressType", "-", "Invalid patch operation specified. Must be one of: [replace]"},
		{"replace", "/nosuch", "x", "Invalid patch path /nosuch"},
	} {
		_, err := update(tc.op, tc.path, tc.value)
		f.refused(err, "BadRequestException", tc.want)
	}
	_, err := update("wrong", "/a", "-", "wrong", "/b", "-")
	const enum = "failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]"
	f.refused(err, "ValidationException", "2 validation errors detected: Value 'wrong' at 'updateRestApiInput.patchOperations.1.member.op' "+enum+"; Value 'wrong' at 'updateRestApiInput.patchOperations.2.member.op' "+enum)
}

func TestPolicy(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	arn := "arn:aws:execute-api:us-east-1:" + account + ":" + api
	for _, tc := range []struct{ name, set, want string }{
		{
			"a list of one",
			`{ "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": ["execute-api:/*"]}] }`,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"` + arn + `/*"}]}`,
		},
		{
			"one statement, an account, another order",
			`{"Statement":{"Action":"execute-api:Invoke","Resource":["execute-api:/Prod/GET/get"],"Effect":"Allow","Principal":{"AWS":["111122223333"]}},"Version":"2012-10-17"}`,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"execute-api:Invoke","Resource":"` + arn + `/Prod/GET/get"}]}`,
		},
		{
			"conditions",
			`{"Version":"2012-10-17","Statement":[{"Sid":"a<b","Resource":"execute-api:*/*/*","Effect":"Deny","Condition":{"NotIpAddress":{"aws:SourceIp":["1.2.3.4"]},"Null":{"aws:Referer":["true","false"]}},` +
				`"Principal":"*","Action":["a:[","b"]}]}`,
			`{"Version":"2012-10-17","Statement":[{"Sid":"a<b","Effect":"Deny","Principal":"*","Action":["a:[","b"],"Resource":"execute-api:*/*/*",` +
				`"Condition":{"NotIpAddress":{"aws:SourceIp":"1.2.3.4"},"Null":{"aws:Referer":["true","false"]}}}]}`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f.c.UpdateRestApi(t.Context(), &sdk.UpdateRestApiInput{RestApiId: &api, PatchOperations: ops("replace", "/policy", tc.set)})
			out := must[sdk.GetRestApiOutput](f)(f.c.GetRestApi(t.Context(), &sdk.GetRestApiInput{RestApiId: &api}))
			if want := strings.NewReplacer(`"`, `\"`, `/`, `\/`).Replace(tc.want); *out.Policy != want {
				t.Errorf("got  %s\nwant %s", *out.Policy, want)
			}
		})
	}
}

func TestResourceRefusals(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	pets := f.resource(api, root, "pets")
	sub := f.resource(api, pets, "subpets")
	f.resource(api, sub, "pets")
	proxy := f.resource(api, root, "{proxy+}")
	create := func(parent, part string) error {
		_, err := f.c.CreateResource(t.Context(), &sdk.CreateResourceInput{RestApiId: &api, ParentId: &parent, PathPart: &part})
		return err
	}
	f.refused(create("nosuch", "x"), "NotFoundException", "Invalid Resource identifier specified")
	f.refused(create(root, "pets"), "ConflictException", "Another resource with the same parent already has this name: pets")
	f.refused(create(root, "{id}"), "BadRequestException", "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed")
	f.refused(create(proxy, "x"), "BadRequestException", "Cannot create a child of a resource with a greedy path variable: {proxy+}")
	for _, part := range []string{"a b", "a/b", "{a", "a}", "{a+", "{}", "{a}b", "ä", ""} {
		if err := create(root, part); err == nil || !strings.Contains(err.Error(), "Resource's path part only allow a-zA-Z0-9._-") {
			t.Errorf("%q: got %v", part, err)
		}
	}
	update := func(id string, list ...string) error {
		_, err := f.c.UpdateResource(t.Context(), &sdk.UpdateResourceInput{RestApiId: &api, ResourceId: &id, PatchOperations: ops(list...)})
		return err
	}
	f.refused(update(pets, "replace", "/invalid", "x"), "BadRequestException", "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]")
	f.refused(update(pets, "remove", "/pathPart", "-"), "BadRequestException", "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations")
	f.refused(update(root, "replace", "/pathPart", "x"), "BadRequestException", "Root resource cannot update its pathPart.")
	f.refused(update(root, "replace", "/parentId", pets), "BadRequestException", "Root resource cannot update its parentId.")
	f.refused(update(pets, "replace", "/parentId", sub), "BadRequestException", "Resources cannot be cyclical.")
	f.refused(update(pets, "replace", "/parentId", "nosuch"), "NotFoundException", "Invalid Resource identifier specified")
	f.refused(update(sub, "replace", "/pathPart", "pets", "replace", "/parentId", root), "ConflictException", "Another resource with the same parent already has this name: pets")

	if err := update(sub, "replace", "/parentId", root); err != nil {
		t.Fatal(err)
	}
	if _, err := f.c.DeleteResource(t.Context(), &sdk.DeleteResourceInput{RestApiId: &api, ResourceId: &pets}); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, r := range must[sdk.GetResourcesOutput](f)(f.c.GetResources(t.Context(), &sdk.GetResourcesInput{RestApiId: &api})).Items {
		paths = append(paths, *r.Path)
	}
	if got := strings.Join(paths, " "); got != "/ /subpets /subpets/pets /{proxy+}" {
		t.Errorf("resources %s", got)
	}
}

func TestMethodRefusals(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	put := func(apiID, resource, verb string, change func(*sdk.PutMethodInput)) error {
		in := &sdk.PutMethodInput{RestApiId: &apiID, ResourceId: &resource, HttpMethod: &verb, AuthorizationType: aws.String("none")}
		if change != nil {
			change(in)
		}
		_, err := f.c.PutMethod(t.Context(), in)
		return err
	}
	f.refused(put("nosuch", root, "WRONG", nil), "NotFoundException", "Invalid Resource identifier specified")
	f.refused(put(api, "nosuch", "WRONG", nil), "NotFoundException", "Invalid Resource identifier specified")
	f.refused(put(api, root, "WRONG", nil), "BadRequestException", "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
	const authorizer = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
	f.refused(put(api, root, "GET", func(in *sdk.PutMethodInput) { in.AuthorizationType = aws.String("CUSTOM") }), "BadRequestException", authorizer)
	f.refused(put(api, root, "GET", func(in *sdk.PutMethodInput) { in.RequestValidatorId = aws.String("x") }), "BadRequestException", "Invalid Request Validator identifier specified")
	f.refused(put(api, root, "GET", func(in *sdk.PutMethodInput) { in.RequestModels = map[string]string{"application/json": "petModel"} }), "BadRequestException", "Invalid model identifier specified: petModel")
	f.refused(put(api, root, "GET", func(in *sdk.PutMethodInput) {
		in.RequestParameters = map[string]bool{"method.request.path.a": true, "method.request.header.a": true}
	}), "BadRequestException", "Parameter names must be unique across querystring, header and path")
	f.refused(put(api, root, "GET", func(in *sdk.PutMethodInput) { in.RequestParameters = map[string]bool{"true": true} }), "BadRequestException",
		"Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: true]")
	if err := put(api, root, "ANY", nil); err != nil {
		t.Fatal(err)
	}
	f.refused(put(api, root, "ANY", nil), "ConflictException", "Method already exists for this resource")

	update := func(list ...string) (*sdk.UpdateMethodOutput, error) {
		return f.c.UpdateMethod(t.Context(), &sdk.UpdateMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("ANY"), PatchOperations: ops(list...)})
	}
	for _, tc := range []struct{ op, path, value, want string }{
		{"add", "/authorizationType", "CUSTOM", "Invalid patch operation specified. Must be one of: [replace]"},
		{"remove", "/apiKeyRequired", "-", "Invalid patch operation specified. Must be one of: [replace]"},
		{"replace", "/httpMethod", "GET", "Invalid patch path /httpMethod"},
		{"replace", "/requestParameters", "x", "Invalid patch path /requestParameters"},
		{"add", "/requestModels/application/json", "Empty", "Invalid patch path /requestModels/application/json"},
		{"replace", "/authorizationType", "CUSTOM", authorizer},
		{"replace", "/requestValidatorId", "x", "Invalid Request Validator identifier specified"},
	} {
		_, err := update(tc.op, tc.path, tc.value)
		f.refused(err, "BadRequestException", tc.want)
	}
	out := must[sdk.UpdateMethodOutput](f)(update("replace", "/apiKeyRequired", "whatever", "replace", "/authorizerId", "x", "add", "/requestParameters/method.request.querystring.q", "true"))
	if *out.ApiKeyRequired || out.AuthorizerId != nil || *out.AuthorizationType != "NONE" || !out.RequestParameters["method.request.querystring.q"] {
		t.Errorf("method %+v", out)
	}
}
