package mapping

import "github.com/postern/postern/runtime/vtl"

// Fact is one value of $context: a string, bool, int64 or float64, or []Fact
// for a value that has members, such as identity.
type Fact struct {
	Name  string
	Value any
}

// Context is $context of one exchange. The facts are asked for when the first
// template mentions $context. It belongs to one request and is not safe for
// concurrent use.
type Context struct {
	facts func() []Fact
	root  *vtl.Map

	// written counts the assignments of the template that runs to each
	// override; repeated names one that got two.
	written  map[string]bool
	repeated string
}

// NewContext returns the $context with the given facts.
func NewContext(facts func() []Fact) *Context {
	if facts == nil {
		facts = func() []Fact { return nil }
	}
	return &Context{facts: facts}
}

// Names of the parts of $context that templates write to.
const (
	requestOverride  = "requestOverride"
	responseOverride = "responseOverride"
)

// The orders in which AWS lists the keys of $context and its members; recorded.
var (
	contextOrder = newKeyOrder(
		"resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId",
		"protocol", requestOverride, "stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity",
		"domainName", "deploymentId", responseOverride, "apiId",
	)
	identityOrder = newKeyOrder(
		"cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId",
		"accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user",
	)
)

// begin prepares the context for the next template.
func (c *Context) begin() *vtl.Map {
	c.written, c.repeated = nil, ""
	if c.root != nil {
		return c.root
	}
	response := c.newResponseOverride()
	request := vtl.NewMap(3).Opaque().
		Set("path", c.overrides("requestOverride.path.")).
		Set("header", c.overrides("requestOverride.header.")).
		Set("querystring", c.overrides("requestOverride.querystring."))
	c.root = contextOrder.makeMap(false, c.facts(), []Fact{{requestOverride, request}, {responseOverride, response}})
	return c.root
}

func (c *Context) newResponseOverride() *vtl.Map {
	response := vtl.NewMap(2).Opaque().
		Set("header", c.overrides("responseOverride.header."))
	response.OnPut(func(key string) {
		if key == "status" {
			c.note("responseOverride.status")
		}
	})
	return response
}

// overrides is a map that notes what is written to it.
func (c *Context) overrides(prefix string) *vtl.Map {
	m := vtl.NewMap(0).Opaque()
	m.OnPut(func(key string) { c.note(prefix + key) })
	return m
}

func (c *Context) note(parameter string) {
	if c.written[parameter] {
		c.repeated = parameter
	}
	if c.written == nil {
		c.written = map[string]bool{}
	}
	c.written[parameter] = true
}
