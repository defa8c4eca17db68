package event

import (
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// AppendAuthorizerV2 writes the event of an HTTP API's Lambda authorizer in format
// 2.0. Identity holds the values of its identity sources.
func AppendAuthorizerV2(dst []byte, c *reqcontext.Context, in *Input, arn string, identity []string) []byte {
	o := open(dst)
	o.str("version", "2.0")
	o.str("type", "REQUEST")
	o.str("routeArn", arn)
	if len(identity) == 0 {
		o.null("identitySource") // unverified against AWS: none configured
	} else {
		o.strings("identitySource", identity)
	}
	o.requestV2(c, in)
	if len(c.PathParameters) > 0 {
		o.params("pathParameters", c.PathParameters)
	}
	if len(c.StageVariables) > 0 {
		o.stringMap("stageVariables", c.StageVariables)
	}
	return o.close()
}

// AppendAuthorizerV1 writes the event of an HTTP API's Lambda authorizer in format
// 1.0. AWS: without path parameters their map is empty, not null as in proxy events.
//
// unverified against AWS: that the other maps are too, as those of a REST API.
func AppendAuthorizerV1(dst []byte, c *reqcontext.Context, in *Input, arn string, identity []string) []byte {
	o := open(dst)
	joined := strings.Join(identity, ",")
	o.str("version", "1.0")
	o.str("type", "REQUEST")
	o.str("methodArn", arn)
	o.strOrNull("identitySource", joined)
	o.strOrNull("authorizationToken", joined)
	o.requestMaps(c, in)
	o.contextV1(c)
	return o.close()
}

// AppendToken writes the event of a REST API's TOKEN authorizer.
func AppendToken(dst []byte, arn, token string) []byte {
	o := open(dst)
	o.str("type", "TOKEN")
	o.str("authorizationToken", token)
	o.str("methodArn", arn)
	return o.close()
}

// AppendAuthorizerREST writes the event of a REST API's REQUEST authorizer.
//
// AWS: where there is nothing, maps are empty here, not null as in proxy events.
func AppendAuthorizerREST(dst []byte, c *reqcontext.Context, in *Input, arn string) []byte {
	o := open(dst)
	o.str("type", "REQUEST")
	o.str("methodArn", arn)
	o.requestMaps(c, in)
	o.contextREST(c)
	return o.close()
}

// requestMaps writes what 1.0 events of authorizers say of a request.
func (o *object) requestMaps(c *reqcontext.Context, in *Input) {
	o.str("resource", c.ResourcePath)
	o.str("path", in.Path)
	o.str("httpMethod", c.Method)
	headers, query := headerPairs(in.Header), group(in.Query)
	o.lastValues("headers", headers)
	o.multiValues("multiValueHeaders", headers)
	o.lastValues("queryStringParameters", query)
	o.multiValues("multiValueQueryStringParameters", query)
	o.params("pathParameters", c.PathParameters)
	o.stringMap("stageVariables", c.StageVariables)
}
