package accesslog

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// everything is a request of which all is known that can be known at once.
func everything() *reqcontext.Context {
	return &reqcontext.Context{
		RequestID: "req", ExtendedRequestID: "ext=", TraceID: "Root=1-2-3", Start: time.Date(2023, 2, 15, 23, 8, 37, 42e6, time.UTC), Method: "PUT", Path: "/prod/pets/1",
		Protocol: "HTTP/1.1", SourceIP: "192.0.2.1", UserAgent: "agent", DomainName: "api.example.com", DomainPrefix: "api", CustomDomain: true, BasePathMatched: "base", RoutingRuleID: "rule",
		VPCEndpointID: "vpce-1", ClientCert: &reqcontext.ClientCert{PEM: "pem", SubjectDN: "subject", IssuerDN: "issuer", SerialNumber: "serial", NotBefore: "before", NotAfter: "after"},
		TLS: &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_256_GCM_SHA384}, EndpointType: "REGIONAL", AccountID: "123456789012", APIID: "api1",
		Stage: "prod", DeploymentID: "dep", Canary: true, HasCanary: true, ResourceID: "res", ResourcePath: "/pets/{id}", OperationName: "PutPet",
		Identity: reqcontext.Identity{
			AccessKey: "AKIA", AccountID: "210987654321", APIKey: "key", APIKeyID: "keyid", Caller: "AIDA", CognitoAuthenticationProvider: "provider", CognitoAuthenticationType: "authenticated",
			CognitoIdentityID: "cid", CognitoIdentityPoolID: "pool", PrincipalOrgID: "o-1", User: "AIDA:x", UserARN: "arn:aws:iam::1:user/u", VPCID: "vpc-1",
		},
		Authorizer: reqcontext.Authorizer{
			Kind: reqcontext.LambdaAuthorizer, PrincipalID: "principal", Context: map[string]any{"own": "value", "number": 7}, Claims: map[string]string{"sub": "subject"},
			Status: 200, Latency: 5 * time.Millisecond, RequestID: "authreq", Error: "refused",
		},
		Integration: reqcontext.Integration{
			Type: "AWS_PROXY", Called: true, Status: 201, ServiceStatus: 200, Latency: 7 * time.Millisecond, RequestID: "intreq", Error: "failed", Streamed: true,
			TimeToHeaders: 8 * time.Millisecond, TimeToContent: 9 * time.Millisecond,
		},
		Error: reqcontext.Error{Message: "message", ResponseType: "ACCESS_DENIED", Validation: "[invalid]"},
		Override: reqcontext.Override{
			RequestHeader: map[string]any{"X-H": "h"}, RequestPath: map[string]any{"p": "path"}, RequestQuery: map[string]any{"q": "query"},
			ResponseHeader: map[string]any{"X-R": "r"}, ResponseStatus: 418,
		},
		Status: 403, ResponseLength: 35, Latency: 12 * time.Millisecond,
	}
}

// Every variable that REST APIs have, by its name.
func TestEveryVariable(t *testing.T) {
	iam := func(rc *reqcontext.Context) {
		rc.Authorizer.Kind, rc.Authorizer.Decision = reqcontext.IAMAuthorizer, "deny"
	}
	for _, tc := range []struct {
		name, want string
		change     func(*reqcontext.Context)
	}{
		{"accountId", "123456789012", nil},
		{"apiId", "api1", nil},
		{"authorizer.claims.sub", "subject", nil},
		{"authorizer.principalId", "principal", nil},
		{"authorizer.own", "value", nil},
		{"authorizer.number", "7", nil},
		{"awsEndpointRequestId", "intreq", nil},
		{"deploymentId", "dep", nil},
		{"domainName", "api.example.com", nil},
		{"domainPrefix", "api", nil},
		{"error.message", "message", nil},
		{"error.messageString", `"message"`, nil},
		{"error.responseType", "ACCESS_DENIED", nil},
		{"error.validationErrorString", "[invalid]", nil},
		{"extendedRequestId", "ext=", nil},
		{"httpMethod", "PUT", nil},
		{"identity.accessKey", "AKIA", nil},
		{"identity.accountId", "210987654321", nil},
		{"identity.apiKey", "key", nil},
		{"identity.apiKeyId", "keyid", nil},
		{"identity.caller", "AIDA", nil},
		{"identity.cognitoAuthenticationProvider", "provider", nil},
		{"identity.cognitoAuthenticationType", "authenticated", nil},
		{"identity.cognitoIdentityId", "cid", nil},
		{"identity.cognitoIdentityPoolId", "pool", nil},
		{"identity.principalOrgId", "o-1", nil},
		{"identity.sourceIp", "192.0.2.1", nil},
		{"identity.user", "AIDA:x", nil},
		{"identity.userAgent", "agent", nil},
		{"identity.userArn", "arn:aws:iam::1:user/u", nil},
		{"identity.vpcId", "vpc-1", nil},
		{"identity.vpceId", "vpce-1", nil},
		{"identity.clientCert.clientCertPem", "pem", nil},
		{"identity.clientCert.subjectDN", "subject", nil},
		{"identity.clientCert.issuerDN", "issuer", nil},
		{"identity.clientCert.serialNumber", "serial", nil},
		{"identity.clientCert.validity.notBefore", "before", nil},
		{"identity.clientCert.validity.notAfter", "after", nil},
		{"isCanaryRequest", "true", nil},
		{"operationName", "PutPet", nil},
		{"path", "/prod/pets/1", nil},
		{"protocol", "HTTP/1.1", nil},
		{"requestId", "req", nil},
		{"requestOverride.header.X-H", "h", nil},
		{"requestOverride.path.p", "path", nil},
		{"requestOverride.querystring.q", "query", nil},
		{"responseOverride.header.X-R", "r", nil},
		{"responseOverride.status", "418", nil},
		{"requestTime", "15/Feb/2023:23:08:37 +0000", nil},
		{"requestTimeEpoch", "1676502517042", nil},
		{"resourceId", "res", nil},
		{"resourcePath", "/pets/{id}", nil},
		{"stage", "prod", nil},
		// No web ACL is ever attached.
		{"wafResponseCode", "-", nil},
		{"webaclArn", "-", nil},
		{"waf.error", "-", nil},
		{"waf.latency", "-", nil},
		{"waf.status", "-", nil},
		{"authenticate.error", "message", func(rc *reqcontext.Context) { iam(rc); rc.Authorizer.Decision = "unauthorized" }},
		{"authenticate.latency", "5", iam},
		{"authenticate.status", "200", iam},
		{"authorize.error", "message", iam},
		{"authorize.latency", "5", iam},
		{"authorize.status", "403", iam},
		{"authorizer.error", "refused", nil},
		{"authorizer.integrationLatency", "5", nil},
		{"authorizer.integrationStatus", "200", nil},
		{"authorizer.latency", "5", nil},
		{"authorizer.requestId", "authreq", nil},
		{"authorizer.status", "200", nil},
		{"cipherSuite", "TLS_AES_256_GCM_SHA384", nil},
		{"customDomain.basePathMatched", "base", nil},
		{"customDomain.routingRuleIdMatched", "rule", nil},
		{"endpointType", "REGIONAL", nil},
		{"integration.error", "failed", nil},
		{"integration.integrationStatus", "200", nil},
		{"integration.latency", "7", nil},
		{"integration.requestId", "intreq", nil},
		{"integration.status", "201", nil},
		{"integration.responseTransferMode", "STREAMED", nil},
		{"integration.timeToAllHeaders", "8", nil},
		{"integration.timeToFirstContent", "9", nil},
		{"integrationErrorMessage", "failed", nil},
		{"integrationLatency", "7", nil},
		{"integrationStatus", "200", nil},
		{"responseLatency", "12", nil},
		{"responseLength", "35", nil},
		{"status", "403", nil},
		{"tlsVersion", "TLSv1.3", nil},
		{"xrayTraceId", "Root=1-2-3", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rc := everything()
			if tc.change != nil {
				tc.change(rc)
			}
			if got := Compile("<$context."+tc.name+">", snapshot.KindREST).Line(rc); got != "<"+tc.want+">" {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if got := Compile("$context."+tc.name, snapshot.KindREST).Line(&reqcontext.Context{Start: time.UnixMilli(1)}); tc.want != "-" && got == tc.want {
				t.Errorf("a request of which nothing is known has %s", got)
			}
		})
	}
}
