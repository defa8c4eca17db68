package awsapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/awsapi"
	v1 "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/internal/wire/iam"
	"github.com/postern/postern/controlplane/internal/wire/logs"
	"github.com/postern/postern/controlplane/internal/wire/sts"
)

// echo binds an operation that keeps its input and answers out.
func echo[In, Out any, PIn interface {
	*In
	awsapi.Shaped
}, POut interface {
	*Out
	awsapi.Shaped
}](got *PIn, out POut) awsapi.Handler {
	return awsapi.Op(func(_ context.Context, in PIn) (POut, error) {
		*got = in
		return out, nil
	})
}

// fails binds an operation that only fails.
func fails[In any, PIn interface {
	*In
	awsapi.Shaped
}](_ PIn, err error) awsapi.Handler {
	return awsapi.Op(func(context.Context, PIn) (*awsapi.Empty, error) { return nil, err })
}

type answer struct {
	status int
	header http.Header
	body   string
}

// send gives the answer to one request; headers are "Name: value".
func send(t *testing.T, m http.Handler, method, target, body string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		r.Header.Set(k, v)
	}
	r = r.WithContext(awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: "000000000000", Region: "us-east-1", RequestID: "req-1"}))
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	res := w.Result()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

func (a answer) want(t *testing.T, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got %d %s\nwant %d %s", a.status, a.body, status, body)
	}
}

func (a answer) header1(t *testing.T, name, want string) {
	t.Helper()
	if got := a.header.Get(name); got != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

func TestRESTBinding(t *testing.T) {
	var integration *v1.PutIntegrationInput
	var resources *v1.GetResourcesInput
	var imported *v1.ImportRestApiInput
	var tags *v1.GetTagsInput
	var method *v1.PutMethodResponseInput
	m := awsapi.NewMux(&v1.Service, map[string]awsapi.Handler{
		"PutIntegration":    echo(&integration, &v1.Integration{}),
		"GetResources":      echo(&resources, &v1.Resources{}),
		"ImportRestApi":     echo(&imported, &v1.RestApi{}),
		"GetTags":           echo(&tags, &v1.Tags{}),
		"PutMethodResponse": echo(&method, &v1.MethodResponse{}),
	}, awsapi.Options{})

	send(t, m, "PUT", "/restapis/a%20b/resources/r/methods/GET/integration",
		`{"type":"HTTP","timeoutInMillis":29000.9,"requestParameters":{"a":"b"},"cacheKeyParameters":["x","y"],"tlsConfig":{"insecureSkipVerification":true},"uri":null,"unknown":1}`).want(t, 201, "{}")
	want := &v1.PutIntegrationInput{
		RestApiId: awsapi.Ptr("a b"), ResourceId: awsapi.Ptr("r"), HttpMethod: awsapi.Ptr("GET"), Type: awsapi.Ptr("HTTP"), TimeoutInMillis: awsapi.Ptr(29000),
		RequestParameters: map[string]string{"a": "b"}, CacheKeyParameters: []string{"x", "y"}, TlsConfig: &v1.TlsConfig{InsecureSkipVerification: awsapi.Ptr(true)},
	}
	if diff := cmp.Diff(want, integration); diff != "" {
		t.Error(diff)
	}

	send(t, m, "GET", "/restapis/a/resources?embed=methods&embed=x&limit=-1&position=", "").want(t, 200, "{}")
	if diff := cmp.Diff(&v1.GetResourcesInput{RestApiId: awsapi.Ptr("a"), Embed: []string{"methods", "x"}, Limit: awsapi.Ptr(-1), Position: awsapi.Ptr("")}, resources); diff != "" {
		t.Error(diff)
	}

	// A constant of the operation's URI chooses it; the body is a blob as it is; the
	// map takes the query parameters that have no member.
	send(t, m, "POST", "/restapis?mode=import&failonwarnings=true&endpointConfigurationTypes=REGIONAL", "openapi: 3.0.1").want(t, 201, "{}")
	if diff := cmp.Diff(&v1.ImportRestApiInput{FailOnWarnings: awsapi.Ptr(true), Parameters: map[string]string{"endpointConfigurationTypes": "REGIONAL"}, Body: []byte("openapi: 3.0.1")}, imported); diff != "" {
		t.Error(diff)
	}

	// An ARN is one label, escaped or not.
	const arn = "arn:aws:apigateway:us-east-1::/restapis/abc/stages/s"
	for _, path := range []string{"/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc%2Fstages%2Fs", "/tags/" + arn} {
		tags = nil
		send(t, m, "GET", path, "").want(t, 200, "{}")
		if tags == nil || *tags.ResourceArn != arn {
			t.Errorf("%s: got %+v", path, tags)
		}
	}

	send(t, m, "PUT", "/restapis/a/resources/r/methods/GET/responses/200", `{"responseParameters":{"method.response.header.X":false}}`).want(t, 201, "{}")
	if diff := cmp.Diff(map[string]bool{"method.response.header.X": false}, method.ResponseParameters); diff != "" {
		t.Error(diff)
	}
}

func TestRESTEncoding(t *testing.T) {
	created := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	var in1 *v1.CreateRestApiInput
	var in2 *v1.GetExportInput
	var in3 *v1.TagResourceInput
	m := awsapi.NewMux(&v1.Service, map[string]awsapi.Handler{
		"CreateRestApi": echo(&in1, &v1.RestApi{Id: awsapi.Ptr("x"), Name: awsapi.Ptr("a<b>&\"\n\u2028é"), CreatedDate: &created, BinaryMediaTypes: []string{}, Tags: map[string]string{"z": "1", "a": "2"}}),
		"GetExport":     echo(&in2, &v1.GetExportOutput{ContentType: awsapi.Ptr("application/yaml"), ContentDisposition: awsapi.Ptr("attachment"), Body: []byte("a: 1\n")}),
		"TagResource":   echo[v1.TagResourceInput, awsapi.Empty](&in3, nil),
	}, awsapi.Options{})
	got := send(t, m, "POST", "/restapis", `{"name":"x"}`)
	got.want(t, 201, `{"id":"x","name":"a<b>&\"\n`+"\u2028é"+`","createdDate":1768478400,"binaryMediaTypes":[],"tags":{"a":"2","z":"1"}}`)
	got.header1(t, "Content-Type", "application/json")
	got.header1(t, "X-Amzn-Requestid", "req-1")

	got = send(t, m, "GET", "/restapis/a/stages/s/exports/oas30", "")
	got.want(t, 200, "a: 1\n")
	got.header1(t, "Content-Type", "application/yaml")
	got.header1(t, "Content-Disposition", "attachment")

	got = send(t, m, "PUT", "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc", `{"tags":{"a":"b"}}`)
	got.want(t, 204, "")
	got.header1(t, "Content-Type", "")
}

func TestRESTErrors(t *testing.T) {
	m := awsapi.NewMux(&v1.Service, map[string]awsapi.Handler{
		"GetRestApi":              fails(&v1.GetRestApiInput{}, awsapi.NotFound("Invalid API identifier specified %s:%s", "000000000000", "x<y")),
		"CreateRestApi":           fails(&v1.CreateRestApiInput{}, io.ErrUnexpectedEOF),
		"PutIntegration":          fails(&v1.PutIntegrationInput{}, nil),
		"GetApiKeys":              fails(&v1.GetApiKeysInput{}, &awsapi.Error{Code: "TooManyRequestsException", Message: "Too Many Requests", Header: map[string]string{"Retry-After": "1"}, Fields: map[string]any{"limit": 3}}),
		"CreateDocumentationPart": fails(&v1.CreateDocumentationPartInput{}, nil),
	}, awsapi.Options{MaxBody: 100})
	const integration = "/restapis/a/resources/r/methods/GET/integration"
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		code, want               string
	}{
		{"the operation's", "GET", "/restapis/q", "", 404, "NotFoundException", `{"message":"Invalid API identifier specified 000000000000:x<y"}`},
		{"fields", "GET", "/apikeys", "", 429, "TooManyRequestsException", `{"limit":3,"message":"Too Many Requests"}`},
		{"hidden", "POST", "/restapis", `{"name":"x"}`, 500, "InternalFailure", `{"message":"Internal server error"}`},
		{"no operation", "GET", "/nothing/here", "", 404, "UnknownOperationException", `{"message":""}`},
		{"wrong method", "PUT", "/restapis", "", 404, "UnknownOperationException", `{"message":""}`},
		{"not built", "GET", "/sdktypes", "", 501, "NotImplementedException", `{"message":"Postern does not implement apigateway GetSdkTypes; GET /_postern/coverage lists what it does"}`},
		{"boolean for text", "PUT", integration, `{"type":"HTTP","requestParameters":{"a":true}}`, 400, "SerializationException", `{"message":"class java.lang.Boolean can not be converted to an String"}`},
		{"number for text", "PUT", integration, `{"type":"HTTP","requestTemplates":{"a":1}}`, 400, "SerializationException", `{"message":"class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String"}`},
		{"not JSON", "PUT", integration, `{"type":`, 400, "SerializationException", `{"message":"unexpected EOF"}`},
		{"more than JSON", "PUT", integration, `{"type":"HTTP"} {}`, 400, "SerializationException", `{"message":"body has more than one JSON value"}`},
		{"a list", "PUT", integration, `[]`, 400, "SerializationException", `{"message":"class java.util.ArrayList can not be converted to a Map"}`},
		{"number that is none", "PUT", integration, `{"timeoutInMillis":"x"}`, 400, "SerializationException", `{"message":"class java.lang.String can not be converted to an Integer"}`},
		{"too large", "PUT", integration, `{"type":"` + strings.Repeat("x", 100) + `"}`, 413, "RequestEntityTooLargeException", `{"message":"Request Too Long"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := send(t, m, tc.method, tc.path, tc.body)
			got.want(t, tc.status, tc.want)
			got.header1(t, "X-Amzn-Errortype", tc.code)
		})
	}
	send(t, m, "GET", "/apikeys", "").header1(t, "Retry-After", "1")
}

func TestTargetJSON(t *testing.T) {
	var in *logs.FilterLogEventsInput
	var none *logs.CreateLogGroupInput
	m := awsapi.NewMux(&logs.Service, map[string]awsapi.Handler{
		"FilterLogEvents": echo(&in, &logs.FilterLogEventsOutput{Events: []logs.FilteredLogEvent{{Timestamp: awsapi.Ptr(int64(1 << 60)), Message: awsapi.Ptr("m")}}}),
		"CreateLogGroup":  echo[logs.CreateLogGroupInput, awsapi.Empty](&none, nil),
		"DeleteLogGroup":  fails(&logs.DeleteLogGroupInput{}, awsapi.Errorf("ResourceNotFoundException", "gone")),
	}, awsapi.Options{})
	call := func(op, body string, headers ...string) answer {
		return send(t, m, "POST", "/", body, append(headers, "X-Amz-Target: Logs_20140328."+op, "Content-Type: application/x-amz-json-1.1")...)
	}
	got := call("FilterLogEvents", `{"logGroupName":"g","startTime":1152921504606846977,"interleaved":true}`)
	got.want(t, 200, `{"events":[{"timestamp":1152921504606846976,"message":"m"}]}`)
	got.header1(t, "Content-Type", "application/x-amz-json-1.1")
	if *in.StartTime != 1<<60+1 || !*in.Interleaved {
		t.Errorf("bound %+v", in)
	}
	got = call("CreateLogGroup", `{"logGroupName":"g"}`)
	got.want(t, 200, "")
	got = call("DeleteLogGroup", `{"logGroupName":"g"}`, "x-amzn-query-mode: true")
	got.want(t, 400, `{"__type":"ResourceNotFoundException","message":"gone"}`)
	got.header1(t, "X-Amzn-Query-Error", "ResourceNotFoundException;Sender")
	call("CreateLogGroup", `{}`).want(t, 400, `{"__type":"InvalidParameterException","message":"1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"}`)
	call("CreateLogGroup", ``).want(t, 400, `{"__type":"InvalidParameterException","message":"1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"}`)
	call("StartLiveTail", `{}`).want(t, 501, `{"__type":"NotImplementedException","message":"Postern does not implement logs StartLiveTail; GET /_postern/coverage lists what it does"}`)
	call("", `{}`).want(t, 400, `{"__type":"UnknownOperationException","message":""}`)
}

func TestQueryXML(t *testing.T) {
	created := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	var tag *iam.TagRoleInput
	var create *iam.CreateRoleInput
	var update *iam.UpdateRoleInput
	m := awsapi.NewMux(&iam.Service, map[string]awsapi.Handler{
		"TagRole":    echo[iam.TagRoleInput, awsapi.Empty](&tag, nil),
		"CreateRole": echo(&create, &iam.CreateRoleOutput{Role: &iam.Role{RoleName: awsapi.Ptr("a<&>b"), CreateDate: &created, MaxSessionDuration: awsapi.Ptr(3600), Tags: []iam.Tag{{Key: awsapi.Ptr("k"), Value: awsapi.Ptr("")}}}}),
		"UpdateRole": echo(&update, &iam.UpdateRoleOutput{}),
		"GetRole":    fails(&iam.GetRoleInput{}, awsapi.Errorf("NoSuchEntity", "The role with name <x> cannot be found.")),
	}, awsapi.Options{})
	const form = "Content-Type: application/x-www-form-urlencoded"
	post := func(body string) answer { return send(t, m, "POST", "/", "Version=2010-05-08&Action="+body, form) }
	const ns = `xmlns="https://iam.amazonaws.com/doc/2010-05-08/"`
	const meta = `<ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata>`

	got := post("TagRole&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=b%20c&Tags.member.2.Value=&Tags.member.2.Key=x.y&Tags.member.4.Key=lost")
	got.want(t, 200, `<TagRoleResponse `+ns+`>`+meta+`</TagRoleResponse>`)
	got.header1(t, "Content-Type", "text/xml")
	wantTags := []iam.Tag{{Key: awsapi.Ptr("a"), Value: awsapi.Ptr("b c")}, {Key: awsapi.Ptr("x.y"), Value: awsapi.Ptr("")}}
	if diff := cmp.Diff(&iam.TagRoleInput{RoleName: awsapi.Ptr("r"), Tags: wantTags}, tag); diff != "" {
		t.Error(diff)
	}
	post("TagRole&RoleName=r&Tags=").want(t, 200, `<TagRoleResponse `+ns+`>`+meta+`</TagRoleResponse>`)
	if tag.Tags == nil || len(tag.Tags) != 0 {
		t.Errorf("an empty list was sent: %#v", tag.Tags)
	}
	post("CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B%7D&MaxSessionDuration=7200").want(t, 200,
		`<CreateRoleResponse `+ns+`><CreateRoleResult><Role><RoleName>a&lt;&amp;&gt;b</RoleName><CreateDate>2026-01-15T12:00:00Z</CreateDate><MaxSessionDuration>3600</MaxSessionDuration><Tags><member><Key>k</Key><Value></Value></member></Tags></Role></CreateRoleResult>`+meta+`</CreateRoleResponse>`)
	if *create.MaxSessionDuration != 7200 {
		t.Errorf("bound %+v", create)
	}
	post("UpdateRole&RoleName=r").want(t, 200, `<UpdateRoleResponse `+ns+`><UpdateRoleResult></UpdateRoleResult>`+meta+`</UpdateRoleResponse>`)
	fail := func(fault, code, message string) string {
		return `<ErrorResponse ` + ns + `><Error><Type>` + fault + `</Type><Code>` + code + `</Code><Message>` + message + `</Message></Error><RequestId>req-1</RequestId></ErrorResponse>`
	}
	post("GetRole&RoleName=r").want(t, 404, fail("Sender", "NoSuchEntity", "The role with name &lt;x&gt; cannot be found."))
	post("GetRole").want(t, 400, fail("Sender", "ValidationError", "1 validation error detected: Value null at &#39;roleName&#39; failed to satisfy constraint: Member must not be null"))
	post("CreateRole&RoleName=r&AssumeRolePolicyDocument=x&MaxSessionDuration=long").want(t, 400, fail("Sender", "SerializationException", "class java.lang.String can not be converted to an Integer"))
	post("ListGroups").want(t, 501, fail("Receiver", "NotImplementedException", "Postern does not implement iam ListGroups; GET /_postern/coverage lists what it does"))
	send(t, m, "POST", "/", "Version=2010-05-08", form).want(t, 400, fail("Sender", "MissingAction", "The request is missing an action or a required parameter."))
	// The query string will do as well.
	send(t, m, "GET", "/?Action=UpdateRole&RoleName=q", "").want(t, 200, `<UpdateRoleResponse `+ns+`><UpdateRoleResult></UpdateRoleResult>`+meta+`</UpdateRoleResponse>`)
}

func TestUnenforcedMembers(t *testing.T) {
	var in *sts.AssumeRoleInput
	handlers := map[string]awsapi.Handler{"AssumeRole": echo(&in, &sts.AssumeRoleOutput{})}
	why := map[string]string{"AssumeRole.ExternalId": "nobody asks", "AssumeRole.TokenCode=000000": "the code of nobody"}
	const call = "/?Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=abc"
	strict := awsapi.NewMux(&sts.Service, handlers, awsapi.Options{Unenforced: why, Strict: true})
	for query, status := range map[string]int{"": 200, "&ExternalId=ext": 400, "&TokenCode=000000": 400, "&TokenCode=000001": 200} {
		if got := send(t, strict, "GET", call+query, ""); got.status != status {
			t.Errorf("strict%s: got %d %s", query, got.status, got.body)
		}
	}
	lenient := awsapi.NewMux(&sts.Service, handlers, awsapi.Options{Unenforced: why})
	if got := send(t, lenient, "GET", call+"&ExternalId=ext", ""); got.status != 200 {
		t.Errorf("lenient: got %d %s", got.status, got.body)
	}
	if diff := cmp.Diff(why, lenient.Coverage().Unenforced); diff != "" {
		t.Error(diff)
	}
}

func TestCoverage(t *testing.T) {
	var in *sts.AssumeRoleInput
	m := awsapi.NewMux(&sts.Service, map[string]awsapi.Handler{"AssumeRole": echo(&in, &sts.AssumeRoleOutput{})}, awsapi.Options{})
	got, err := json.Marshal(m.Coverage())
	if want := `{"service":"sts","built":["AssumeRole"],"unbuilt":["GetAccessKeyInfo","GetCallerIdentity","GetSessionToken"]}`; err != nil || string(got) != want {
		t.Errorf("got %s %v", got, err)
	}
}
