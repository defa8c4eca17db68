package httpapi_test

import (
	"strings"
	"testing"

	"github.com/postern/postern/runtime/httpapi"
)

func TestCheckMapping(t *testing.T) {
	for _, tc := range []struct {
		value             string
		request, response bool // whether it can be read there
	}{
		{"", true, true},
		{"static text", true, true},
		{"'quoted'", true, true},
		{"$", true, true},
		{"$$", true, true},
		{"$5.00 and 100%", true, true},
		{"$foo.bar", true, true}, // no variable: text
		{"$requestId", true, true},
		{"$request.header.authorization", true, false},
		{"$request.querystring.a", true, false},
		{"$request.path", true, false},
		{"$request.path.id", true, false},
		{"$request.body", true, false},
		{"$request.body.a.b[0]", true, false},
		{"${request.body.a['b c']}", true, false},
		{"${request.path.id}-${context.requestId}", true, false},
		{"/public/$request.path.proxy", true, false},
		{"Hello $request.path.name. Bye", true, false},
		{"$response.header.etag", false, true},
		{"$response.body", false, true},
		{"$response.body.a", false, true},
		{"$context.requestId", true, true},
		{"$context.authorizer.claims.sub", true, true},
		{"$context.authorizer.anything", true, true},
		{"$context.identity.clientCert.validity.notAfter", true, true},
		{"$stageVariables.a", true, true},

		{"$request.foo", false, false},
		{"$request", false, false},
		{"$request.header", false, false},
		{"$request.querystring", false, false},
		{"$response.querystring.a", false, false},
		{"$response.path", false, false},
		{"$context", false, false},
		{"$context.nope", false, false},
		{"$stageVariables", false, false},
		{"${request.path.id", false, false},
		{"text ${request.path.id", false, false},
		{"${}", false, false},
		{"${foo}", false, false},
		{"$request.body.a[", false, false},
		{"$request.body..a", false, false},
		{"${request.body..a}", false, false},
		{"$request.body.a[?(@.b)]", false, false},
		{"${request.body.a[?(@.b)]}", false, false},
	} {
		if err := httpapi.CheckMapping(tc.value, false); (err == nil) != tc.request {
			t.Errorf("request %q: %v", tc.value, err)
		}
		if err := httpapi.CheckMapping(tc.value, true); (err == nil) != tc.response {
			t.Errorf("response %q: %v", tc.value, err)
		}
	}
}

// Every variable that AWS lists for HTTP APIs is known.
func TestContextVariables(t *testing.T) {
	for name := range strings.FieldsSeq(`accountId apiId authorizer.claims.sub authorizer.error authorizer.principalId authorizer.anything
		awsEndpointRequestId awsEndpointRequestId2 customDomain.basePathMatched dataProcessed domainName domainPrefix error.message error.messageString
		error.responseType extendedRequestId httpMethod identity.accountId identity.caller identity.cognitoAuthenticationProvider
		identity.cognitoAuthenticationType identity.cognitoIdentityId identity.cognitoIdentityPoolId identity.principalOrgId
		identity.clientCert.clientCertPem identity.clientCert.subjectDN identity.clientCert.issuerDN identity.clientCert.serialNumber
		identity.clientCert.validity.notBefore identity.clientCert.validity.notAfter identity.sourceIp identity.user identity.userAgent identity.userArn
		integration.error integration.integrationStatus integration.latency integration.requestId integration.status integrationErrorMessage
		integrationLatency integrationStatus path protocol requestId requestTime requestTimeEpoch responseLatency responseLength routeKey stage status`) {
		if err := httpapi.CheckMapping("$context."+name, true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
