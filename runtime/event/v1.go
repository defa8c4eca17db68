package event

import "github.com/postern/postern/runtime/reqcontext"

// AppendV1 writes the event of payload format 1.0 as HTTP APIs send it.
func AppendV1(dst []byte, c *reqcontext.Context, in *Input) []byte {
	o := open(dst)
	o.str("version", "1.0")
	o.proxy(c, in)
	o.contextV1(c)
	o.tail(c, in)
	return o.close()
}

// AppendREST writes the proxy event of REST APIs.
func AppendREST(dst []byte, c *reqcontext.Context, in *Input) []byte {
	o := open(dst)
	o.proxy(c, in)
	o.contextREST(c)
	o.tail(c, in)
	return o.close()
}

// proxy writes what 1.0 events of both API types have before their context. The
// path is the escaped one.
func (o *object) proxy(c *reqcontext.Context, in *Input) {
	o.str("resource", c.ResourcePath)
	o.str("path", in.Path)
	o.str("httpMethod", c.Method)
	headers := headerPairs(in.Header)
	if len(headers) == 0 {
		o.null("headers")
		o.null("multiValueHeaders")
	} else {
		o.lastValues("headers", headers)
		o.multiValues("multiValueHeaders", headers)
	}
	query := group(in.Query)
	if len(query) == 0 {
		o.null("queryStringParameters")
		o.null("multiValueQueryStringParameters")
		return
	}
	o.lastValues("queryStringParameters", query)
	o.multiValues("multiValueQueryStringParameters", query)
}

func (o *object) tail(c *reqcontext.Context, in *Input) {
	if len(c.PathParameters) == 0 {
		o.null("pathParameters")
	} else {
		o.params("pathParameters", c.PathParameters)
	}
	if len(c.StageVariables) == 0 {
		o.null("stageVariables")
	} else {
		o.stringMap("stageVariables", c.StageVariables)
	}
	if len(in.Body) == 0 {
		o.null("body")
	} else {
		o.body(in)
	}
	o.bool("isBase64Encoded", in.Base64 && len(in.Body) > 0)
}

func (o *object) contextV1(c *reqcontext.Context) {
	o.key("requestContext")
	rc := open(o.dst)
	rc.str("accountId", c.AccountID)
	rc.str("apiId", c.APIID)
	rc.authorizerV1(c)
	rc.str("domainName", c.DomainName)
	rc.str("domainPrefix", c.DomainPrefix)
	rc.str("extendedRequestId", c.ExtendedRequestID)
	rc.str("httpMethod", c.Method)
	rc.key("identity")
	rc.dst = appendIdentityV1(rc.dst, c)
	rc.str("path", reqcontext.DecodePath(c.Path))
	rc.str("protocol", c.Protocol)
	rc.str("requestId", c.RequestID)
	rc.str("requestTime", c.Start.UTC().Format(reqcontext.CLFTime))
	rc.int("requestTimeEpoch", c.Start.UnixMilli())
	rc.str("resourceId", c.RouteKey) // AWS: the guide shows null, the service sends the key
	rc.str("resourcePath", c.ResourcePath)
	rc.str("stage", c.Stage)
	o.dst = rc.close()
}

func appendIdentityV1(dst []byte, c *reqcontext.Context) []byte {
	id := &c.Identity
	o := open(dst)
	o.strOrNull("accessKey", id.AccessKey)
	o.strOrNull("accountId", id.AccountID)
	o.strOrNull("caller", id.Caller)
	if id.CognitoAMR == nil {
		o.null("cognitoAmr")
	} else {
		o.strings("cognitoAmr", id.CognitoAMR)
	}
	o.strOrNull("cognitoAuthenticationProvider", id.CognitoAuthenticationProvider)
	o.strOrNull("cognitoAuthenticationType", id.CognitoAuthenticationType)
	o.strOrNull("cognitoIdentityId", id.CognitoIdentityID)
	o.strOrNull("cognitoIdentityPoolId", id.CognitoIdentityPoolID)
	o.strOrNull("principalOrgId", id.PrincipalOrgID)
	o.str("sourceIp", c.SourceIP)
	o.strOrNull("user", id.User)
	o.str("userAgent", c.UserAgent)
	o.strOrNull("userArn", id.UserARN)
	if c.ClientCert != nil {
		o.clientCert(c.ClientCert)
	}
	return o.close()
}

// authorizerV1 writes a token's claims, or a Lambda authorizer's context flat
// beside the principal.
func (o *object) authorizerV1(c *reqcontext.Context) {
	a := &c.Authorizer
	switch a.Kind {
	case reqcontext.NoAuthorizer, reqcontext.IAMAuthorizer:
		return
	case reqcontext.LambdaAuthorizer:
		o.key("authorizer")
		out := open(o.dst)
		out.lambdaContext(a, func(v any) any { return v })
		o.dst = out.close()
	default:
		o.key("authorizer")
		out := open(o.dst)
		out.stringMap("claims", a.Claims)
		out.scopes(a.Scopes)
		o.dst = out.close()
	}
}
