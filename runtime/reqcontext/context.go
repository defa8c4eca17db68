package reqcontext

import (
	"crypto/tls"
	"net/http"
	"strings"
	"time"
)

// Param is a named value of a request; a query string or a path is a list of them
// in their order.
type Param struct{ Name, Value string }

// Context is one request. It belongs to the goroutine that serves the request.
type Context struct {
	RequestID         string
	ExtendedRequestID string
	TraceID           string // X-Amzn-Trace-Id as it goes on
	Start             time.Time

	// The request as it arrived.
	Method    string
	Host      string // Host header
	Path      string // escaped, as the client sees it: with the stage, or with a custom domain's base path
	RoutePath string // escaped, what routing sees: without stage or base path
	RawQuery  string
	Header    http.Header
	// SentAs gives the client's spelling of a header's canonical name; nil: not known.
	SentAs    func(name string) string
	Protocol  string
	SourceIP  string
	UserAgent string
	Body      []byte // once it was read
	BodySize  int64

	// Where it came in.
	DomainName      string
	DomainPrefix    string
	CustomDomain    bool
	BasePathMatched string
	RoutingRuleID   string // of the custom domain's rule that matched
	VPCEndpointID   string
	ClientCert      *ClientCert
	TLS             *tls.ConnectionState // nil: the client came without
	EndpointType    string               // REST APIs: EDGE, REGIONAL, PRIVATE

	// What it is for.
	AccountID      string // the API owner's
	Region         string
	APIID          string
	Stage          string
	DeploymentID   string
	StageVariables map[string]string
	Canary         bool // the canary deployment serves
	HasCanary      bool // the stage has one

	// The route, or the method of a resource.
	RouteKey       string // HTTP and WebSocket APIs
	ResourceID     string // REST APIs
	ResourcePath   string // "/pets/{id}"
	OperationName  string
	PathParameters []Param

	Identity    Identity
	Authorizer  Authorizer
	Integration Integration
	Error       Error
	Override    Override

	// The answer.
	Status         int
	ResponseLength int64
	Truncated      bool // the answer broke off
	Latency        time.Duration

	// Semicolons part the query's parameters as ampersands do.
	Semicolons bool

	query       []Param
	queryParsed bool
}

// Identity is who calls, as far as it is known. Empty: not known.
type Identity struct {
	AccessKey                     string
	AccountID                     string
	APIKey                        string
	APIKeyID                      string
	Caller                        string
	CognitoAMR                    []string
	CognitoAuthenticationProvider string
	CognitoAuthenticationType     string
	CognitoIdentityID             string
	CognitoIdentityPoolID         string
	PrincipalOrgID                string
	User                          string
	UserARN                       string
	VPCID                         string
}

// ClientCert is the certificate that a client showed under mutual TLS.
type ClientCert struct {
	PEM          string
	SubjectDN    string
	IssuerDN     string
	SerialNumber string
	NotBefore    string // "May 28 12:30:02 2019 GMT"
	NotAfter     string
}

// AuthorizerKind is what kind of authorizer let the request pass.
type AuthorizerKind uint8

// The kinds of authorizer; NoAuthorizer is an open route.
const (
	NoAuthorizer AuthorizerKind = iota
	LambdaAuthorizer
	JWTAuthorizer
	CognitoAuthorizer
	IAMAuthorizer
)

// Authorizer is what the authorizer said.
type Authorizer struct {
	Kind        AuthorizerKind
	ID          string
	PrincipalID string
	Context     map[string]any    // of a Lambda authorizer; nil: it gave none
	Claims      map[string]string // of a token
	Scopes      []string          // granted among the route's; nil: the route has none
	Token       bool              // a Lambda authorizer was shown a token and no more
	UsageKey    string            // API key that a Lambda authorizer gave
	Decision    string            // exchange.Decision
	Cached      bool
	Status      int // of the authorizer's own call
	Latency     time.Duration
	RequestID   string
	Error       string

	// Asked and Answered are what went to the authorizer's function and came back, for
	// logs; nil: it was not asked.
	Asked, Answered []byte
}

// Integration is what the integration call came to.
type Integration struct {
	Type          string
	URI           string
	Method        string
	Called        bool
	Status        int // what the function or the backend answered
	ServiceStatus int // what the Lambda service answered
	Latency       time.Duration
	RequestID     string
	Error         string
	Streamed      bool // the answer goes on as it comes
	CacheHit      bool // answered by the stage's cache, nothing was called
	CacheMiss     bool // the cache was asked and had nothing

	FunctionARN string // of a Lambda function

	// Of an answer that goes on as it comes: when its head, and the first of its body,
	// was there.
	TimeToHeaders time.Duration
	TimeToContent time.Duration
}

// Error is the gateway's own error, if the answer is one.
type Error struct {
	Message      string
	ResponseType string
	Validation   string // what a request validator found
	Err          error  // what happened, for logs
}

// Override is what a mapping template set through $context.requestOverride and
// $context.responseOverride.
type Override struct {
	RequestHeader   map[string]any
	RequestQuery    map[string]any
	RequestPath     map[string]any
	ResponseHeader  map[string]any
	ResponseStatus  any
	RequestChanged  bool
	ResponseChanged bool
}

// Query gives the decoded query parameters in their order. It is parsed once.
func (c *Context) Query() []Param {
	if !c.queryParsed {
		raw := c.RawQuery
		if c.Semicolons {
			raw = strings.ReplaceAll(raw, ";", "&")
		}
		c.query = ParseQuery(raw)
		c.queryParsed = true
	}
	return c.query
}

// PathParameter gives a decoded path variable.
func (c *Context) PathParameter(name string) (string, bool) {
	for _, p := range c.PathParameters {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}
