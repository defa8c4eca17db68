package frontdoor_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator/frontdoor"
)

func newDoor() *frontdoor.Door {
	return &frontdoor.Door{
		Hostnames: []string{"postern.example.org"},
		Account:   "000000000000",
		Region:    "us-east-1",
		CustomDomain: func(host string) bool {
			return host == "api.example.com" || host == "localhost" || strings.HasSuffix(host, ".wild.example.com")
		},
		KeyAccount: func(key string) (string, bool) { return "111122223333", key == "ASIAROLE" },
	}
}

func scope(service string) string { return scopeOf("test", "eu-west-1", service) }

func scopeOf(key, region, service string) string {
	return "Authorization: AWS4-HMAC-SHA256 Credential=" + key + "/20260115/" + region + "/" + service +
		"/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
}

const (
	form   = "Content-Type: application/x-www-form-urlencoded; charset=utf-8"
	json10 = "Content-Type: application/x-amz-json-1.0"
)

// row describes one request: url is "[METHOD ]host/path[?query]".
type row struct {
	name, url string
	headers   []string
	body      string
	want      string
}

var dataPlane = []row{
	{name: "localhost", url: "abc123.execute-api.localhost:4566/prod/pets", want: "execute-api api=abc123 path=/prod/pets"},
	{name: "localhost with region", url: "abc123.execute-api.eu-west-1.localhost:4566/prod", want: "execute-api api=abc123 path=/prod region=eu-west-1"},
	{name: "localstack name", url: "abc123.execute-api.localhost.localstack.cloud:4566/", want: "execute-api api=abc123 path=/"},
	{name: "localstack name with region", url: "abc123.execute-api.us-west-2.localhost.localstack.cloud/p", want: "execute-api api=abc123 path=/p region=us-west-2"},
	{name: "aws name", url: "abc123.execute-api.us-west-2.amazonaws.com/p", want: "execute-api api=abc123 path=/p region=us-west-2"},
	{name: "aws name in china", url: "abc123.execute-api.cn-north-1.amazonaws.com.cn/p", want: "execute-api api=abc123 path=/p region=cn-north-1"},
	{name: "aws dual stack", url: "abc123.execute-api.us-west-2.api.aws/p", want: "execute-api api=abc123 path=/p region=us-west-2"},
	{name: "configured name", url: "abc123.execute-api.postern.example.org/p", want: "execute-api api=abc123 path=/p"},
	{name: "upper case", url: "ABC123.Execute-API.LOCALHOST:80/P", want: "execute-api api=abc123 path=/P"},
	{name: "root dot", url: "abc123.execute-api.localhost./p", want: "execute-api api=abc123 path=/p"},
	{name: "unlisted suffix is not ours", url: "abc123.execute-api.us-east-1.example.net/p", want: "unclaimed path=/p"},
	{name: "id with dots is still no management", url: "a.b.execute-api.localhost/restapis", headers: []string{scope("apigateway")}, want: "execute-api api=a.b path=/restapis"},
	{name: "signed data plane", url: "abc123.execute-api.localhost/prod/x", headers: []string{scope("execute-api")}, want: "execute-api api=abc123 path=/prod/x"},
	{name: "signature of another service", url: "abc123.execute-api.localhost/restapis", headers: []string{scope("apigateway")}, want: "execute-api api=abc123 path=/restapis"},
	{name: "target header", url: "POST abc123.execute-api.localhost/", headers: []string{"X-Amz-Target: AmazonSSM.GetParameter"}, want: "execute-api api=abc123 path=/"},
	{name: "own pages of an api", url: "abc123.execute-api.localhost/_postern/health", want: "execute-api api=abc123 path=/_postern/health"},
	{name: "path form below an api host", url: "abc123.execute-api.localhost/_aws/execute-api/other/prod", want: "execute-api api=abc123 path=/_aws/execute-api/other/prod"},
	{name: "connections of a websocket api", url: "POST abc123.execute-api.localhost/prod/@connections/AbC=", headers: []string{scope("execute-api")}, want: "execute-api api=abc123 path=/prod/@connections/AbC="},
	{name: "action in the query", url: "abc123.execute-api.localhost/p?Action=ListUsers&Version=2010-05-08", want: "execute-api api=abc123 path=/p"},
	{name: "slashes before the stage", url: "abc123.execute-api.localhost//prod//x", want: "execute-api api=abc123 path=//prod//x"},
	{name: "escapes stay", url: "abc123.execute-api.localhost/prod/a%2Fb%20c", want: "execute-api api=abc123 path=/prod/a%2Fb%20c"},

	{name: "private api through its endpoint", url: "abc123-vpce-0f1e2d3c.execute-api.us-east-1.amazonaws.com/p", want: "execute-api api=abc123 vpce=vpce-0f1e2d3c path=/p region=us-east-1"},
	{name: "no endpoint in a pinned id", url: "my-vpce-api.execute-api.localhost/p", want: "execute-api api=my-vpce-api path=/p"},
	{name: "endpoint name with header", url: "vpce-0f1e2d3c-ab12cd.execute-api.us-east-1.vpce.amazonaws.com/p", headers: []string{"x-apigw-api-id: abc123"}, want: "execute-api api=abc123 vpce=vpce-0f1e2d3c path=/p region=us-east-1"},
	{name: "endpoint name of a zone", url: "vpce-0f1e2d3c-ab12cd-us-east-1a.execute-api.us-east-1.vpce.localhost/p", headers: []string{"x-apigw-api-id: abc123"}, want: "execute-api api=abc123 vpce=vpce-0f1e2d3c path=/p region=us-east-1"},
	{name: "endpoint name without header", url: "vpce-0f1e2d3c-ab12cd.execute-api.us-east-1.vpce.amazonaws.com/p", headers: []string{scope("lambda")}, want: "execute-api vpce=vpce-0f1e2d3c path=/p region=us-east-1"},

	{name: "function url", url: "u1.lambda-url.us-east-1.localhost:4566/x", want: "function-url url=u1 path=/x region=us-east-1"},
	{name: "function url at aws", url: "u1.lambda-url.us-east-1.on.aws/", headers: []string{scope("lambda")}, want: "function-url url=u1 path=/ region=us-east-1"},
	{name: "function url without region", url: "u1.lambda-url.localhost/", want: "function-url url=u1 path=/"},
	{name: "function url by path", url: "127.0.0.1:4566/_lambda-url/u1/a/b", want: "function-url url=u1 path=/a/b form=path"},
	{name: "function url by path, bare", url: "127.0.0.1:4566/_lambda-url/u1", want: "function-url url=u1 path=/ form=path"},

	{name: "custom domain", url: "api.example.com/v1/orders", headers: []string{scope("apigateway")}, want: "custom-domain path=/v1/orders"},
	{name: "custom domain with port and case", url: "API.example.com:8443/", want: "custom-domain path=/"},
	{name: "wildcard custom domain", url: "x.wild.example.com/", want: "custom-domain path=/"},
	{name: "own pages of a custom domain", url: "api.example.com/_postern/health", want: "custom-domain path=/_postern/health"},
	{name: "own name is never a custom domain", url: "localhost:4566/_postern/health", want: "postern path=/_postern/health"},

	{name: "path form", url: "localhost:4566/_aws/execute-api/abc123/prod/pets/1", want: "execute-api api=abc123 path=/prod/pets/1 form=path"},
	{name: "path form of the default stage", url: "localhost:4566/_aws/execute-api/abc123", want: "execute-api api=abc123 path=/ form=path"},
	{name: "path form, signed", url: "localhost:4566/_aws/execute-api/abc123/prod/x", headers: []string{scope("apigateway")}, want: "execute-api api=abc123 path=/prod/x form=path"},
	{name: "path form, double slashes", url: "localhost:4566//_aws/execute-api/abc123/prod//x", want: "execute-api api=abc123 path=/prod//x form=path"},
	{name: "path form keeps case of a pinned id", url: "localhost/_aws/execute-api/MyApi/prod", want: "execute-api api=MyApi path=/prod form=path"},
	{name: "old path form", url: "localhost:4566/restapis/abc123/dev/_user_request_/a%2Fb/c", want: "execute-api api=abc123 path=/dev/a%2Fb/c form=path"},
	{name: "old path form, root", url: "localhost:4566/restapis/abc123/dev/_user_request_", want: "execute-api api=abc123 path=/dev/ form=path"},
	{name: "old path form, signed", url: "localhost:4566/restapis/abc123/dev/_user_request_/x", headers: []string{scope("execute-api")}, want: "execute-api api=abc123 path=/dev/x form=path"},
}

var management = []row{
	{name: "health", url: "localhost:4566/_postern/health", want: "postern path=/_postern/health"},
	{name: "console", url: "localhost:4566/_postern", want: "postern path=/_postern"},
	{name: "existing health checks", url: "localhost:4566/_localstack/health", want: "postern path=/_postern/health"},
	{name: "not our prefix", url: "localhost:4566/_posternx", want: "unclaimed path=/_posternx"},

	{name: "v1 by scope", url: "localhost:4566/restapis", headers: []string{scope("apigateway")}, want: "service apigateway rest-json region=eu-west-1"},
	{name: "v1 integration path", url: "GET localhost/restapis/abc/resources/x", headers: []string{scope("apigateway")}, want: "service apigateway rest-json region=eu-west-1"},
	{name: "v2 by path", url: "localhost:4566/v2/apis", headers: []string{scope("apigateway")}, want: "service apigatewayv2 rest-json region=eu-west-1"},
	{name: "v2 below an endpoint with a slash", url: "localhost:4566//v2/apis", headers: []string{scope("apigateway")}, want: "service apigatewayv2 rest-json region=eu-west-1"},
	{name: "v1 tags", url: "localhost/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc", headers: []string{scope("apigateway")}, want: "service apigateway rest-json region=eu-west-1"},
	{name: "v2 tags", url: "localhost/v2/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fabc", headers: []string{scope("apigateway")}, want: "service apigatewayv2 rest-json region=eu-west-1"},
	{name: "v2 arn at the v1 path", url: "localhost/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fabc", headers: []string{scope("apigateway")}, want: "service apigatewayv2 rest-json region=eu-west-1"},
	{name: "connections", url: "POST localhost/prod/@connections/AbC=", headers: []string{scope("execute-api")}, want: "service apigatewaymanagementapi rest-json region=eu-west-1"},
	{name: "signed call to no api", url: "localhost/prod/x", headers: []string{scope("execute-api")}, want: "unclaimed path=/prod/x"},
	{name: "lambda", url: "localhost/2015-03-31/functions", headers: []string{scope("lambda")}, want: "service lambda rest-json region=eu-west-1"},
	{name: "sts", url: "POST localhost/", headers: []string{scope("sts"), form}, want: "service sts query region=eu-west-1"},
	{name: "signed sts at an ip", url: "POST 127.0.0.1:4566/", headers: []string{scope("sts"), form}, want: "service sts query region=eu-west-1"},
	{name: "monitoring, query", url: "POST localhost/", headers: []string{scope("monitoring"), form}, body: "Action=DescribeAlarms&Version=2010-08-01", want: "service cloudwatch query region=eu-west-1"},
	{name: "monitoring, json", url: "POST localhost/", headers: []string{scope("monitoring"), json10, "X-Amz-Target: GraniteServiceVersion20100801.DescribeAlarms"}, want: "service cloudwatch json op=DescribeAlarms region=eu-west-1"},
	{name: "monitoring, cbor", url: "POST localhost/service/GraniteServiceVersion20100801/operation/DescribeAlarms", headers: []string{"Smithy-Protocol: rpc-v2-cbor"}, want: "service cloudwatch rpc-v2-cbor op=DescribeAlarms region=us-east-1"},
	{name: "cbor, signed", url: "POST localhost/service/GraniteServiceVersion20100801/operation/PutMetricData", headers: []string{scope("monitoring")}, want: "service cloudwatch rpc-v2-cbor op=PutMetricData region=eu-west-1"},
	{name: "tagging", url: "POST localhost/", headers: []string{scope("tagging"), "X-Amz-Target: ResourceGroupsTaggingAPI_20170126.GetResources"}, want: "service resourcegroupstaggingapi json op=GetResources region=eu-west-1"},
	{name: "states", url: "POST localhost/", headers: []string{scope("states"), json10}, want: "service stepfunctions json region=eu-west-1"},
	{name: "dynamodb", url: "POST localhost/", headers: []string{scope("dynamodb"), "X-Amz-Target: DynamoDB_20120810.GetItem"}, want: "service dynamodb json op=GetItem region=eu-west-1"},
	{name: "dynamodb streams share a scope", url: "POST localhost/", headers: []string{scope("dynamodb"), "X-Amz-Target: DynamoDBStreams_20120810.ListStreams"}, want: "service dynamodbstreams json op=ListStreams region=eu-west-1"},
	{name: "dynamodb without target", url: "POST localhost/", headers: []string{scope("dynamodb")}, want: "service dynamodb json region=eu-west-1"},
	{name: "sqs json", url: "POST localhost/", headers: []string{scope("sqs"), json10, "X-Amz-Target: AmazonSQS.SendMessage"}, want: "service sqs json op=SendMessage region=eu-west-1"},
	{name: "sqs query", url: "POST localhost/000000000000/q", headers: []string{scope("sqs"), form}, want: "service sqs query region=eu-west-1"},
	{name: "ec2", url: "POST localhost/", headers: []string{scope("ec2"), form}, want: "service ec2 ec2 region=eu-west-1"},
	{name: "a service nobody listed", url: "GET localhost/pipes", headers: []string{scope("pipes")}, want: "service pipes rest-json region=eu-west-1"},
	{name: "s3 presigned", url: "GET localhost/my-bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260115%2Fap-south-1%2Fs3%2Faws4_request&X-Amz-Signature=0", want: "service s3 rest-xml region=ap-south-1"},
	{name: "scope wins over target", url: "POST localhost/", headers: []string{scope("logs"), "X-Amz-Target: AmazonSSM.GetParameter"}, want: "service logs json op=GetParameter region=eu-west-1"},

	{name: "unsigned cognito", url: "POST localhost/", headers: []string{"X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth"}, want: "service cognito-idp json op=InitiateAuth region=us-east-1"},
	{name: "bearer is no signature", url: "POST localhost/", headers: []string{"Authorization: Bearer abc", "X-Amz-Target: Logs_20140328.DescribeLogGroups"}, want: "service logs json op=DescribeLogGroups region=us-east-1"},
	{name: "unknown target", url: "POST localhost/", headers: []string{"X-Amz-Target: Shiny_2030.Do"}, want: "service Shiny_2030 json op=Do region=us-east-1"},
	{name: "target without a dot", url: "POST localhost/", headers: []string{"X-Amz-Target: nonsense"}, want: "unclaimed path=/"},
	{name: "unsigned query string", url: "GET localhost/?Action=GetCallerIdentity&Version=2011-06-15", want: "service sts query op=GetCallerIdentity region=us-east-1"},
	{name: "unsigned form", url: "POST localhost/", headers: []string{form}, body: "Version=2010-05-08&Action=ListRoles", want: "service iam query region=us-east-1"},
	{name: "form that is no call", url: "POST localhost/", headers: []string{form}, body: "a=b", want: "unclaimed path=/"},
	{name: "form of an unknown version", url: "POST localhost/", headers: []string{form}, body: "Action=X&Version=1999-01-01", want: "unclaimed path=/"},
	{name: "action without version", url: "GET localhost/?Action=Jump", want: "unclaimed op=Jump path=/"},

	{name: "service host", url: "GET sns.us-east-1.amazonaws.com/", want: "service sns query region=us-east-1"},
	{name: "scope named host", url: "POST monitoring.localhost:4566/", want: "service cloudwatch query region=us-east-1"},
	{name: "apigateway host, v2", url: "GET apigateway.us-east-1.amazonaws.com/v2/apis", want: "service apigatewayv2 rest-json region=us-east-1"},
	{name: "bucket host", url: "GET my.bucket.s3.us-east-1.amazonaws.com/k", want: "service s3 rest-xml region=us-east-1"},
	{name: "bucket of localhost", url: "GET my-bucket.localhost:4566/k", want: "service s3 rest-xml region=us-east-1"},
	{name: "bucket of s3.localhost", url: "GET my-bucket.s3.localhost.localstack.cloud/k", want: "service s3 rest-xml region=us-east-1"},
	{name: "unknown host at aws", url: "GET shiny.us-east-1.amazonaws.com/", want: "unclaimed path=/"},

	{name: "unsigned lambda path", url: "GET localhost/2015-03-31/functions/f", want: "service lambda rest-json region=us-east-1"},
	{name: "unsigned v1 path", url: "GET localhost/restapis", want: "service apigateway rest-json region=us-east-1"},
	{name: "v1 path that looks like the old form", url: "GET localhost/restapis/abc/stages/dev", want: "service apigateway rest-json region=us-east-1"},
	{name: "unsigned v2 path", url: "GET localhost/v2/apis/abc", want: "service apigatewayv2 rest-json region=us-east-1"},
	{name: "unsigned account", url: "GET localhost/account", want: "service apigateway rest-json region=us-east-1"},
	{name: "cognito keys", url: "GET localhost/us-east-1_Ab1/.well-known/jwks.json", want: "service cognito-idp json region=us-east-1"},
	{name: "xray", url: "POST localhost/TraceSegments", want: "service xray rest-json region=us-east-1"},
	{name: "route53", url: "GET localhost/2013-04-01/hostedzone", want: "service route53 rest-xml region=us-east-1"},
	{name: "bucket by path", url: "GET localhost/my-bucket/key", want: "unclaimed path=/my-bucket/key"},
	{name: "bare root", url: "GET localhost:4566/", want: "unclaimed path=/"},
	{name: "ipv6", url: "GET [::1]:4566/_postern/health", want: "postern path=/_postern/health"},
	{name: "no host at all", url: "GET /restapis", want: "service apigateway rest-json region=us-east-1"},
}

func TestClassify(t *testing.T) {
	for _, tc := range append(append([]row(nil), dataPlane...), management...) {
		t.Run(tc.name, func(t *testing.T) {
			target := newDoor().Classify(tc.request())
			if got := describe(target); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	type identity struct{ Account, Region, AccessKey string }
	for _, tc := range []struct {
		name    string
		url     string
		headers []string
		want    identity
	}{
		{"unsigned", "localhost/restapis", nil, identity{"000000000000", "us-east-1", ""}},
		{"any key", "localhost/restapis", []string{scope("apigateway")}, identity{"000000000000", "eu-west-1", "test"}},
		{"key that is an account", "localhost/restapis", []string{scopeOf("123456789012", "eu-west-1", "apigateway")}, identity{"123456789012", "eu-west-1", "123456789012"}},
		{"twelve that are no digits", "localhost/restapis", []string{scopeOf("12345678901x", "eu-west-1", "apigateway")}, identity{"000000000000", "eu-west-1", "12345678901x"}},
		{"issued key", "localhost/restapis", []string{scopeOf("ASIAROLE", "eu-west-1", "apigateway")}, identity{"111122223333", "eu-west-1", "ASIAROLE"}},
		{"key with slashes", "localhost/restapis", []string{scopeOf("a/b", "eu-west-1", "apigateway")}, identity{"000000000000", "eu-west-1", "a/b"}},
		{"no spaces, other order", "localhost/x", []string{"Authorization: AWS4-HMAC-SHA256 SignedHeaders=host,Signature=0,Credential=k/20260115/sa-east-1/lambda/aws4_request"}, identity{"000000000000", "sa-east-1", "k"}},
		{"sigv4a", "localhost/x", []string{"Authorization: AWS4-ECDSA-P256-SHA256 Credential=k/20260115/lambda/aws4_request, Signature=0", "X-Amz-Region-Set: eu-north-1"}, identity{"000000000000", "eu-north-1", "k"}},
		{"sigv4a of all regions", "localhost/x", []string{"Authorization: AWS4-ECDSA-P256-SHA256 Credential=k/20260115/lambda/aws4_request, Signature=0", "X-Amz-Region-Set: *"}, identity{"000000000000", "us-east-1", "k"}},
		{"presigned", "localhost/x?X-Amz-Credential=999999999999%2F20260115%2Feu-west-3%2Flambda%2Faws4_request", nil, identity{"999999999999", "eu-west-3", "999999999999"}},
		{"cut short", "localhost/restapis", []string{"Authorization: AWS4-HMAC-SHA256 Credential=k/20260115/eu-west-1"}, identity{"000000000000", "us-east-1", ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := newDoor().Classify(row{url: tc.url, headers: tc.headers}.request())
			got := identity{target.Account, target.Region, target.AccessKey}
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// TestSignedFormIsNotRead: reading the body of a call that its signature names
// already would hold up every upload.
func TestSignedFormIsNotRead(t *testing.T) {
	r := row{url: "POST localhost/", headers: []string{scope("iam"), form}}.request()
	r.Form = func() string { t.Error("the body was read"); return "" }
	newDoor().Classify(r)
}

func (tc row) request() frontdoor.Request {
	method, target, ok := strings.Cut(tc.url, " ")
	if !ok {
		method, target = "GET", tc.url
	}
	i := strings.IndexByte(target, '/')
	path, query, _ := strings.Cut(target[i:], "?")
	h := http.Header{}
	for _, line := range tc.headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return frontdoor.Request{
		Method: method, Host: target[:i], Path: path, Query: query, Header: h,
		Form: func() string { return tc.body },
	}
}

func describe(t frontdoor.Target) string {
	words := []string{t.Kind.String()}
	add := func(key, value string) {
		if value != "" {
			words = append(words, key+value)
		}
	}
	add("api=", t.APIID)
	add("vpce=", t.VPCEndpoint)
	add("url=", t.URLID)
	add("", t.Service)
	if t.Kind == frontdoor.Service {
		add("", t.Protocol.String())
	}
	add("op=", t.Operation)
	if t.Kind != frontdoor.Service {
		add("path=", t.Path)
	}
	if t.Kind != frontdoor.Unclaimed {
		add("region=", t.Region)
	}
	if t.PathForm {
		add("form=", "path")
	}
	return strings.Join(words, " ")
}
