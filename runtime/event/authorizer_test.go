package event

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postern/postern/runtime/reqcontext"
)

const identityNulls = `"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"1.2.3.4","principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,"userAgent":"curl/7.58.0","user":null`

// What authorizers' functions get, byte for byte.
func TestAuthorizerEvents(t *testing.T) {
	const arn = "arn:aws:execute-api:us-west-2:123456789012:aaaaaaaaaa/prod/GET/pets/1"
	const domain = `"domainName":"aaaaaaaaaa.execute-api.us-west-2.amazonaws.com"`
	c := baseContext()
	c.Stage, c.Path, c.RouteKey, c.ResourcePath = "prod", "/prod/pets/1", "GET /pets/{id}", "/pets/{id}"
	c.ResourceID, c.DeploymentID = "res1", "dep1"
	c.PathParameters = []reqcontext.Param{{Name: "id", Value: "1"}}
	in := &Input{Path: "/prod/pets/1", RawQuery: "q=2", Query: reqcontext.ParseQuery("q=2"), Header: http.Header{"X-A": {"1", "2"}, "Cookie": {"a=b"}}}
	bare := *c
	bare.PathParameters = nil
	for _, tc := range []struct{ name, got, want string }{
		{"TOKEN", string(AppendToken(nil, arn, `a"b`)), `{"type":"TOKEN","authorizationToken":"a\"b","methodArn":"` + arn + `"}`},
		{"REST REQUEST", string(AppendAuthorizerREST(nil, c, &Input{Path: "/pets/1", Query: in.Query, Header: in.Header}, arn)),
			`{"type":"REQUEST","methodArn":"` + arn + `","resource":"/pets/{id}","path":"/pets/1","httpMethod":"GET",` +
				`"headers":{"Cookie":"a=b","X-A":"2"},"multiValueHeaders":{"Cookie":["a=b"],"X-A":["1","2"]},` +
				`"queryStringParameters":{"q":"2"},"multiValueQueryStringParameters":{"q":["2"]},"pathParameters":{"id":"1"},"stageVariables":{},` +
				`"requestContext":{"resourceId":"res1","resourcePath":"/pets/{id}","httpMethod":"GET","extendedRequestId":"LV7fzho-PHcEJPw=",` +
				`"requestTime":"21/Apr/2020:15:08:21 +0000","path":"/prod/pets/1","accountId":"123456789012","protocol":"HTTP/1.1","stage":"prod",` +
				`"domainPrefix":"aaaaaaaaaa","requestTimeEpoch":1587481701067,"requestId":"LV7fzho-PHcEJPw=","identity":{` + identityNulls + `},` +
				domain + `,"deploymentId":"dep1","apiId":"aaaaaaaaaa"}}`},
		{"REST REQUEST with nothing", string(AppendAuthorizerREST(nil, &bare, &Input{Path: "/"}, arn))[:300],
			(`{"type":"REQUEST","methodArn":"` + arn + `","resource":"/pets/{id}","path":"/","httpMethod":"GET","headers":{},"multiValueHeaders":{},` +
				`"queryStringParameters":{},"multiValueQueryStringParameters":{},"pathParameters":{},"stageVariables":{},"requestContext":{"resourceId"`)[:300]},
		{"HTTP 1.0 with nothing", string(AppendAuthorizerV1(nil, &bare, &Input{Path: "/"}, arn, nil))[:320],
			(`{"version":"1.0","type":"REQUEST","methodArn":"` + arn + `","identitySource":null,"authorizationToken":null,"resource":"/pets/{id}","path":"/","httpMethod":"GET",` +
				`"headers":{},"multiValueHeaders":{},"queryStringParameters":{},"multiValueQueryStringParameters":{},"pathParameters":{},"stageVariables":{},"requestContext":{"accountId"`)[:320]},
		{"HTTP 1.0", string(AppendAuthorizerV1(nil, c, in, arn, []string{"x", "y"})),
			`{"version":"1.0","type":"REQUEST","methodArn":"` + arn + `","identitySource":"x,y","authorizationToken":"x,y","resource":"/pets/{id}",` +
				`"path":"/prod/pets/1","httpMethod":"GET","headers":{"Cookie":"a=b","X-A":"2"},"multiValueHeaders":{"Cookie":["a=b"],"X-A":["1","2"]},` +
				`"queryStringParameters":{"q":"2"},"multiValueQueryStringParameters":{"q":["2"]},"pathParameters":{"id":"1"},"stageVariables":{},` +
				`"requestContext":{"accountId":"123456789012","apiId":"aaaaaaaaaa",` + domain + `,"domainPrefix":"aaaaaaaaaa","extendedRequestId":"LV7fzho-PHcEJPw=",` +
				`"httpMethod":"GET","identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,` +
				`"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"1.2.3.4","user":null,` +
				`"userAgent":"curl/7.58.0","userArn":null},"path":"/prod/pets/1","protocol":"HTTP/1.1","requestId":"LV7fzho-PHcEJPw=",` +
				`"requestTime":"21/Apr/2020:15:08:21 +0000","requestTimeEpoch":1587481701067,"resourceId":"GET /pets/{id}","resourcePath":"/pets/{id}","stage":"prod"}}`},
		{"HTTP 2.0", string(AppendAuthorizerV2(nil, c, in, arn, []string{"x", "y"})),
			`{"version":"2.0","type":"REQUEST","routeArn":"` + arn + `","identitySource":["x","y"],"routeKey":"GET /pets/{id}","rawPath":"/prod/pets/1",` +
				`"rawQueryString":"q=2","cookies":["a=b"],"headers":{"x-a":"1,2"},"queryStringParameters":{"q":"2"},"requestContext":{"accountId":"123456789012",` +
				`"apiId":"aaaaaaaaaa",` + domain + `,"domainPrefix":"aaaaaaaaaa","http":{"method":"GET","path":"/prod/pets/1","protocol":"HTTP/1.1",` +
				`"sourceIp":"1.2.3.4","userAgent":"curl/7.58.0"},"requestId":"LV7fzho-PHcEJPw=","routeKey":"GET /pets/{id}","stage":"prod",` +
				`"time":"21/Apr/2020:15:08:21 +0000","timeEpoch":1587481701067},"pathParameters":{"id":"1"}}`},
	} {
		if diff := cmp.Diff(tc.got, tc.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tc.name, diff)
		}
	}
}
