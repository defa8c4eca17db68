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
// 1.0.
func AppendAuthorizerV1(dst []byte, c *reqcontext.Context, in *Input, arn string, identity []string) []byte {
	o := open(dst)
	joined := strings.Join(identity, ",")
	o.str("version", "1.0")
	o.str("type", "REQUEST")
	o.str("methodArn", arn)
	o.strOrNull("identitySource", joined)
	o.strOrNull("authorizationToken", joined)
	o.proxy(c, in)
	o.deployed(c)
	o.contextV1(c)
	return o.close()
}
