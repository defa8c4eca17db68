package awsapi_test

import (
	"strings"
	"testing"

	"github.com/postern/postern/controlplane/awsapi"
	v1 "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/internal/wire/logs"
)

// p keeps the literals below short.
func p[T any](v T) *T { return &v }

// The texts were recorded from AWS.
func TestCheckRecordedTexts(t *testing.T) {
	const gatewayResponses = "[REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]"
	patch := []v1.PatchOperation{{Op: p("wrong-op"), Path: p("/x")}}
	for _, tc := range []struct {
		name, operation string
		in              awsapi.Shaped
		want            string
	}{
		{"patch operation", "UpdateGatewayResponse", &v1.UpdateGatewayResponseInput{RestApiId: p("a"), ResponseType: p("DEFAULT_4XX"), PatchOperations: patch},
			"1 validation error detected: Value 'wrong-op' at 'updateGatewayResponseInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]"},
		{"status code in the URI", "PutMethodResponse", &v1.PutMethodResponseInput{RestApiId: p("a"), ResourceId: p("r"), HttpMethod: p("GET"), StatusCode: p("wrong")},
			`1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`},
		{"body before URI", "UpdateMethodResponse", &v1.UpdateMethodResponseInput{RestApiId: p("a"), ResourceId: p("r"), HttpMethod: p("GET"), StatusCode: p("wrong"), PatchOperations: patch},
			`2 validation errors detected: Value 'wrong-op' at 'updateMethodResponseInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]; Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`},
		{"integration type", "PutIntegration", &v1.PutIntegrationInput{RestApiId: p("a"), ResourceId: p("r"), HttpMethod: p("GET"), Type: p("HTTPS_PROXY")},
			"1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"},
		{"list of an enumeration, and the order in a structure", "CreateRestApi", &v1.CreateRestApiInput{Name: p("n"), EndpointConfiguration: &v1.EndpointConfiguration{IpAddressType: p("wrong"), Types: []string{"wrong"}}},
			"2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]; Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]"},
		{"documentation part", "CreateDocumentationPart", &v1.CreateDocumentationPartInput{RestApiId: p("a"), Properties: p("{}"), Location: &v1.DocumentationPartLocation{Type: p("INVALID")}},
			"1 validation error detected: Value 'INVALID' at 'createDocumentationPartInput.location.type' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]"},
		{"gateway response in the URI", "PutGatewayResponse", &v1.PutGatewayResponseInput{RestApiId: p("a"), ResponseType: p("FAKE_RESPONSE_TYPE")},
			"1 validation error detected: Value 'FAKE_RESPONSE_TYPE' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: " + gatewayResponses},
		{"required member", "CreateRestApi", &v1.CreateRestApiInput{},
			"1 validation error detected: Value null at 'createRestApiInput.name' failed to satisfy constraint: Member must not be null"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := v1.Service.Check(tc.operation, tc.in)
			if e == nil || e.Code != "ValidationException" || e.Message != tc.want {
				t.Errorf("got %v\nwant %s", e, tc.want)
			}
		})
	}
}

// thing is a structure with every kind of constraint, for the grammar's other half.
type thing struct {
	Keys  []string
	Env   map[string]string
	Size  *int
	Ratio *float64
	Text  *string
	Code  []byte
	Inner []inner
}

type inner struct{ Name *string }

var (
	shapeKey   = awsapi.Shape{Type: awsapi.String, HasMin: true, Min: 1, HasMax: true, Max: 3, Pattern: "[a-z]+"}
	shapeInner = awsapi.Shape{Type: awsapi.Structure, Members: []awsapi.Member{{Name: "Name", Shape: &shapeKey, Required: true}}}
	shapeThing = awsapi.Shape{Type: awsapi.Structure, Members: []awsapi.Member{
		{Name: "Keys", Shape: &awsapi.Shape{Type: awsapi.List, HasMax: true, Max: 2, Elem: &shapeKey}, Required: true},
		{Name: "Env", Shape: &awsapi.Shape{Type: awsapi.Map, Key: &shapeKey, Elem: &shapeKey}},
		{Name: "Size", Shape: &awsapi.Shape{Type: awsapi.Integer, HasMin: true, Min: 128, HasMax: true, Max: 10240}},
		{Name: "Ratio", Shape: &awsapi.Shape{Type: awsapi.Float, HasMax: true, Max: 100}},
		{Name: "Text", Shape: &shapeKey},
		{Name: "Code", Shape: &awsapi.Shape{Type: awsapi.Blob, HasMin: true, Min: 2}},
		{Name: "Inner", Shape: &awsapi.Shape{Type: awsapi.List, Elem: &shapeInner}},
	}}
)

func (*thing) AWSShape() *awsapi.Shape { return &shapeThing }

func TestCheckGrammar(t *testing.T) {
	const rules = "[Member must have length less than or equal to 3, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]+]"
	for _, tc := range []struct {
		name string
		in   thing
		want []string // without the counting head; nil: fine
	}{
		{"fine", thing{Keys: []string{"a"}, Env: map[string]string{"a": "b"}, Size: p(128), Ratio: p(100.0), Text: p("abc"), Code: []byte("ab"), Inner: []inner{{p("x")}}}, nil},
		{"null list", thing{}, []string{"Value null at 'keys' failed to satisfy constraint: Member must not be null"}},
		{"list length", thing{Keys: []string{"a", "b", "c"}}, []string{"Value '[a, b, c]' at 'keys' failed to satisfy constraint: Member must have length less than or equal to 2"}},
		{"list element", thing{Keys: []string{"a", "B"}}, []string{"Value '[a, B]' at 'keys' failed to satisfy constraint: Member must satisfy constraint: " + rules}},
		{"map key and value", thing{Keys: []string{"a"}, Env: map[string]string{"b": "2", "A": "x"}}, []string{
			"Value '{A=x, b=2}' at 'env' failed to satisfy constraint: Map keys must satisfy constraint: " + rules,
			"Value '{A=x, b=2}' at 'env' failed to satisfy constraint: Map value must satisfy constraint: " + rules}},
		{"range", thing{Keys: []string{"a"}, Size: p(1), Ratio: p(100.5)}, []string{
			"Value '1' at 'size' failed to satisfy constraint: Member must have value greater than or equal to 128",
			"Value '100.5' at 'ratio' failed to satisfy constraint: Member must have value less than or equal to 100.0"}},
		{"length and pattern at once", thing{Keys: []string{"a"}, Text: p("ABCD")}, []string{
			"Value 'ABCD' at 'text' failed to satisfy constraint: Member must have length less than or equal to 3",
			"Value 'ABCD' at 'text' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"}},
		{"characters, not bytes", thing{Keys: []string{"a"}, Text: p("äöü")}, []string{"Value 'äöü' at 'text' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"}},
		{"blob", thing{Keys: []string{"a"}, Code: []byte("x")}, []string{"Value 'x' at 'code' failed to satisfy constraint: Member must have length greater than or equal to 2"}},
		{"inside a list", thing{Keys: []string{"a"}, Inner: []inner{{p("a")}, {}}}, []string{"Value null at 'inner.2.member.name' failed to satisfy constraint: Member must not be null"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := (&awsapi.Model{Protocol: "rest-json"}).Check("CreateThing", &tc.in)
			if tc.want == nil {
				if e != nil {
					t.Errorf("got %v", e)
				}
				return
			}
			head := "1 validation error detected: "
			if len(tc.want) == 2 {
				head = "2 validation errors detected: "
			}
			if want := head + strings.Join(tc.want, "; "); e == nil || e.Message != want {
				t.Errorf("got %v\nwant %s", e, want)
			}
		})
	}
}

// Look-arounds, which Go's expressions lack, hold all the same.
func TestCheckLookarounds(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		ok            bool
	}{
		{"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "alias1", true},
		{"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "12", false},
		{`((?!^\d+$)^[0-9a-zA-Z-_]+$)`, "12", false},
		{`((?!^\d+$)^[0-9a-zA-Z-_]+$)`, "1a", true},
		{`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`, "system.x", false},
		{`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`, "systemx", true},
		{`[0-9A-Za-z\.\-_]*(?<!\.)`, "a.b.", false},
		{`[0-9A-Za-z\.\-_]*(?<!\.)`, "a.b", true},
		{`[\u0020-\u00FF]+`, "é", true},
		{`[\u0020-\u00FF]+`, "\n", false},
		{"[a-z]+", "ab\n", false}, // the whole text must match
	} {
		sh := awsapi.Shape{Type: awsapi.Structure, Members: []awsapi.Member{{Name: "V", Shape: &awsapi.Shape{Type: awsapi.String, Pattern: tc.pattern}}}}
		e := (&awsapi.Model{}).Check("Op", &single{V: &tc.text, shape: &sh})
		if (e == nil) != tc.ok {
			t.Errorf("%s on %q: %v", tc.pattern, tc.text, e)
		}
	}
}

type single struct {
	V     *string
	shape *awsapi.Shape
}

func (s *single) AWSShape() *awsapi.Shape { return s.shape }

func TestCheckCodeOfProtocol(t *testing.T) {
	for protocol, code := range map[string]string{"rest-json": "ValidationException", "query": "ValidationError", "json": "InvalidParameterException"} {
		if e := (&awsapi.Model{Protocol: protocol}).Check("Op", &logs.CreateLogGroupInput{}); e == nil || e.Code != code {
			t.Errorf("%s: got %v, want %s", protocol, e, code)
		}
	}
}
