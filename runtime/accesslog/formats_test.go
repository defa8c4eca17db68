package accesslog

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

var exchange1 = reqcontext.Context{
	RequestID: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", ExtendedRequestID: "AZzecgvEPHcEPew=", TraceID: "Root=1-3152b799-8954dae64eda91bc9a23a7e8",
	Start: time.Date(2023, 2, 15, 23, 8, 37, 0, time.UTC), SourceIP: "64.136.145.109", UserAgent: `"agent" \`, Method: "GET", Protocol: "HTTP/1.1",
	AccountID: "123456789012", APIID: "a1b2c3", Stage: "prod", ResourceID: "r1", ResourcePath: "/pets/{id}", Path: "/prod/pets/1", DeploymentID: "d1",
	DomainName: "a1b2c3.execute-api.us-east-1.amazonaws.com", DomainPrefix: "a1b2c3", EndpointType: "REGIONAL", BodySize: 5,
	Status: 403, ResponseLength: 35, Latency: 12 * time.Millisecond, HasCanary: true,
	TLS:         &tls.ConnectionState{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
	Identity:    reqcontext.Identity{User: "AIDA", Caller: "AIDA", APIKeyID: "k1"},
	Integration: reqcontext.Integration{Type: "HTTP_PROXY", Called: true, Status: 201, Latency: 7 * time.Millisecond},
	Authorizer: reqcontext.Authorizer{
		Kind: reqcontext.IAMAuthorizer, Decision: "deny", Latency: 2 * time.Millisecond, PrincipalID: "p",
		Claims: map[string]string{"custom:role": "admin"},
	},
	Error:    reqcontext.Error{Message: `say "no"`, ResponseType: "ACCESS_DENIED", Validation: `[object has missing required properties (["b"])]`},
	Override: reqcontext.Override{ResponseStatus: 418, ResponseHeader: map[string]any{"X-A": "b"}},
}

// The four formats that AWS's console offers, and what the variables print.
func TestFormats(t *testing.T) {
	for _, tc := range []struct{ name, format, want string }{
		{"CLF", `$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`,
			`64.136.145.109 AIDA AIDA [15/Feb/2023:23:08:37 +0000] "GET /pets/{id} HTTP/1.1" 403 35 c6af9ac6-7b61-11e6-9a41-93e8deadbeef AZzecgvEPHcEPew=`},
		{"JSON", `{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "agent":"$context.identity.userAgent", "error":$context.error.messageString, "found":"$context.error.validationErrorString", "status":"$context.status" }`,
			`{ "requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "ip": "64.136.145.109", "agent":"\"agent\" \\", "error":"say \"no\"", "found":"[object has missing required properties ([\"b\"])]", "status":"403" }`},
		{"XML", `<request id="$context.requestId"> <ip>$context.identity.sourceIp</ip> <user>$context.identity.userArn</user> </request>`,
			`<request id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef"> <ip>64.136.145.109</ip> <user>-</user> </request>`},
		{"CSV", `$context.identity.sourceIp,$context.identity.caller,$context.identity.user,$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,$context.status,$context.responseLength,$context.requestId,$context.extendedRequestId`,
			`64.136.145.109,AIDA,AIDA,15/Feb/2023:23:08:37 +0000,GET,/pets/{id},HTTP/1.1,403,35,c6af9ac6-7b61-11e6-9a41-93e8deadbeef,AZzecgvEPHcEPew=`},
		{"REST only", `$context.endpointType $context.tlsVersion $context.cipherSuite $context.isCanaryRequest $context.deploymentId $context.xrayTraceId $context.responseLatency $context.integrationLatency $context.integrationStatus $context.integration.status $context.integration.responseTransferMode`,
			`REGIONAL TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 false d1 Root=1-3152b799-8954dae64eda91bc9a23a7e8 12 7 201 201 BUFFERED`},
		{"guards", `$context.authenticate.status $context.authenticate.latency $context.authenticate.error $context.authorize.status $context.authorize.error $context.authorizer.claims.custom:role $context.authorizer.principalId`,
			`200 2 - 403 say \"no\" admin p`},
		{"overrides", `$context.responseOverride.status $context.responseOverride.header.X-A $context.responseOverride.header.X-B $context.requestOverride.path.id`, `418 b - -`},
		{"HTTP only", `$context.dataProcessed $context.routeKey $context.awsEndpointRequestId2 $context.requestTimeEpoch`, `40 - - 1676502517000`},
		{"HTTP has none of", `$context.resourcePath $context.endpointType $context.authenticate.status $context.responseOverride.header.X-A`, `- - - -`},
		{"REST has none of", `$context.dataProcessed $context.routeKey`, `- -`},
		{"not known", `$context.nope $context.waf.status $context.webaclArn $context.authorizer.claims`, `- - - -`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kind := snapshot.KindREST
			if strings.HasPrefix(tc.name, "HTTP") {
				kind = snapshot.KindHTTP
			}
			if got := Compile(tc.format, kind).Line(&exchange1); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// A client cannot make a line look like two, or a member like another.
func TestForgedLines(t *testing.T) {
	rc := reqcontext.Context{UserAgent: "a\r\n\t\x1b\"\\é"}
	if got, want := Compile("$context.identity.userAgent", snapshot.KindREST).Line(&rc), `a\r\n\t\u001b\"\\é`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTLS13(t *testing.T) {
	rc := reqcontext.Context{TLS: &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256}}
	if got, want := Compile("$context.tlsVersion $context.cipherSuite", snapshot.KindREST).Line(&rc), "TLSv1.3 TLS_AES_128_GCM_SHA256"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkLine(b *testing.B) {
	f := Compile(`$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`, snapshot.KindREST)
	b.ReportAllocs()
	for b.Loop() {
		_ = f.Line(&exchange1)
	}
}

func FuzzFormat(f *testing.F) {
	for _, s := range []string{"$context.requestId", "$context.authorizer.claims.a:b.", "$context..x", "$context.requestOverride.header.", "{\"a\":\"$context.status\"}", "$$context.stage"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, format string) {
		_ = Compile(format, snapshot.KindREST).Line(&exchange1)
	})
}
