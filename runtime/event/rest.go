package event

import (
	"maps"
	"slices"

	"github.com/postern/postern/runtime/reqcontext"
)

func (o *object) contextREST(c *reqcontext.Context) {
	o.key("requestContext")
	rc := open(o.dst)
	rc.str("resourceId", c.ResourceID)
	rc.authorizerREST(c)
	rc.str("resourcePath", c.ResourcePath)
	if c.OperationName != "" {
		rc.str("operationName", c.OperationName)
	}
	rc.str("httpMethod", c.Method)
	rc.str("extendedRequestId", c.ExtendedRequestID)
	rc.str("requestTime", c.Start.UTC().Format(reqcontext.CLFTime))
	rc.str("path", c.Path)
	rc.str("accountId", c.AccountID)
	rc.str("protocol", c.Protocol)
	rc.str("stage", c.Stage)
	rc.str("domainPrefix", c.DomainPrefix)
	rc.int("requestTimeEpoch", c.Start.UnixMilli())
	rc.str("requestId", c.RequestID)
	rc.key("identity")
	rc.dst = appendIdentityREST(rc.dst, c)
	rc.str("domainName", c.DomainName)
	rc.str("deploymentId", c.DeploymentID)
	rc.str("apiId", c.APIID)
	o.dst = rc.close()
}

func appendIdentityREST(dst []byte, c *reqcontext.Context) []byte {
	id := &c.Identity
	o := open(dst)
	o.strOrNull("cognitoIdentityPoolId", id.CognitoIdentityPoolID)
	o.strOrNull("accountId", id.AccountID)
	o.strOrNull("cognitoIdentityId", id.CognitoIdentityID)
	if id.APIKey != "" {
		o.str("apiKey", id.APIKey)
		o.strOrNull("apiKeyId", id.APIKeyID)
	}
	o.strOrNull("caller", id.Caller)
	o.str("sourceIp", c.SourceIP)
	o.strOrNull("principalOrgId", id.PrincipalOrgID)
	o.strOrNull("accessKey", id.AccessKey)
	o.strOrNull("cognitoAuthenticationType", id.CognitoAuthenticationType)
	o.strOrNull("cognitoAuthenticationProvider", id.CognitoAuthenticationProvider)
	o.strOrNull("userArn", id.UserARN)
	o.strOrNull("userAgent", c.UserAgent)
	o.strOrNull("user", id.User)
	if c.VPCEndpointID != "" {
		o.str("vpceId", c.VPCEndpointID)
	}
	if id.VPCID != "" {
		o.str("vpcId", id.VPCID)
	}
	if c.ClientCert != nil {
		o.clientCert(c.ClientCert)
	}
	return o.close()
}

// AWS: a REST API turns every value of a Lambda authorizer's context into text.
func (o *object) authorizerREST(c *reqcontext.Context) {
	a := &c.Authorizer
	switch a.Kind {
	case reqcontext.LambdaAuthorizer:
		o.key("authorizer")
		out := open(o.dst)
		out.lambdaContext(a, func(v any) any { return reqcontext.Text(v) })
		o.dst = out.close()
	case reqcontext.CognitoAuthorizer, reqcontext.JWTAuthorizer:
		o.key("authorizer")
		out := open(o.dst)
		out.stringMap("claims", a.Claims)
		o.dst = out.close()
	}
}

// lambdaContext writes each name once: what the gateway knows itself stands before a
// member of the context of that name.
// unverified against AWS: which of the two it shows.
func (o *object) lambdaContext(a *reqcontext.Authorizer, show func(any) any) {
	for _, k := range slices.Sorted(maps.Keys(a.Context)) {
		if k == "integrationLatency" || k == "principalId" && a.PrincipalID != "" {
			continue
		}
		if v := a.Context[k]; v != nil {
			o.json(k, show(v))
		}
	}
	if a.PrincipalID != "" || a.Context["principalId"] == nil {
		o.strOrNull("principalId", a.PrincipalID)
	}
	o.int("integrationLatency", a.Latency.Milliseconds())
}
