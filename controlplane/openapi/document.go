package openapi

import (
	"strings"
	"time"
)

// Protocol is the type of API that a document is read for or written from.
type Protocol int

// The two types of API that have documents.
const (
	REST Protocol = iota
	HTTP
)

// Document is a whole API in API Gateway's nouns. What a document does not mention
// is empty or nil.
type Document struct {
	Name        string
	Description string
	Version     string

	BinaryMediaTypes       []string
	MinimumCompressionSize *int
	APIKeySource           string
	Policy                 string // compact JSON
	SecurityPolicy         string
	EndpointAccessMode     string
	Endpoint               EndpointConfiguration

	Tags map[string]string // HTTP APIs
	CORS *CORS             // HTTP APIs

	// Resources has every path; parents come before their children, the root first.
	// Paths of an HTTP API have no parents.
	Resources         []*Resource
	Models            []Model
	Authorizers       []Authorizer
	RequestValidators []RequestValidator
	GatewayResponses  []GatewayResponse

	DocumentationVersion string
	DocumentationCreated time.Time `json:",omitzero"` // of the version, in an export
	DocumentationParts   []DocumentationPart

	// Info tells what was left out without need for a warning.
	Info []string
}

// EndpointConfiguration is what a document says about an API's endpoint.
type EndpointConfiguration struct {
	Types                     []string
	IPAddressType             string
	VPCEndpointIDs            []string
	DisableExecuteAPIEndpoint *bool
}

// CORS is the CORS configuration of an HTTP API.
type CORS struct {
	AllowCredentials bool
	AllowHeaders     []string
	AllowMethods     []string
	AllowOrigins     []string
	ExposeHeaders    []string
	MaxAge           *int
}

// Resource is one path with its methods, in the order of the document.
type Resource struct {
	Path    string
	Methods []*Method
}

// Method is what a path does for one verb. Authorizer, RequestValidator and the
// models are names: ids are the concern of whoever applies the document.
type Method struct {
	HTTPMethod          string // ANY for any
	DefaultRoute        bool   // the $default route of an HTTP API
	OperationName       string
	AuthorizationType   string
	Authorizer          string
	AuthorizationScopes []string
	APIKeyRequired      bool
	RequestValidator    string
	RequestParameters   map[string]bool   // by method.request.{location}.{name}; true: required
	RequestModels       map[string]string // content type to model
	Responses           []MethodResponse
	Integration         *Integration // nil: none
}

// MethodResponse is one status that a method can answer with.
type MethodResponse struct {
	StatusCode         string
	ResponseParameters map[string]bool   // by method.response.header.{name}
	ResponseModels     map[string]string // content type to model
}

// RouteKey is the key of the method as a route of an HTTP API.
func (m *Method) RouteKey(path string) string {
	if m.DefaultRoute {
		return defaultRoute
	}
	return m.HTTPMethod + " " + path
}

// Integration is what a method calls.
type Integration struct {
	Type                     string // AWS, AWS_PROXY, HTTP, HTTP_PROXY, MOCK
	HTTPMethod               string
	URI                      string
	Credentials              string
	ConnectionType           string
	ConnectionID             string
	PassthroughBehavior      string
	ContentHandling          string
	TimeoutMillis            *int
	CacheNamespace           string
	CacheKeyParameters       []string
	RequestParameters        map[string]string
	RequestTemplates         map[string]string
	Responses                []IntegrationResponse
	InsecureSkipVerification *bool
	ResponseTransferMode     string
	Target                   string

	// Of HTTP APIs only.
	Subtype              string
	PayloadFormatVersion string
	ServerNameToVerify   string
	ResponseParameters   map[string]map[string]string // by status code
}

// IntegrationResponse is how one outcome of an integration is answered.
type IntegrationResponse struct {
	StatusCode         string
	SelectionPattern   *string // nil: the default
	ResponseParameters map[string]string
	ResponseTemplates  map[string]string
	ContentHandling    string
}

// Model is a named schema. References between models are URLs that carry the API's
// id.
type Model struct {
	Name        string
	Description string
	ContentType string
	Schema      string
}

// Authorizer guards methods. Its name is the key of the security scheme.
type Authorizer struct {
	Name                         string
	Type                         string // TOKEN, REQUEST, COGNITO_USER_POOLS; JWT in an HTTP API
	AuthType                     string
	URI                          string
	Credentials                  string
	IdentitySource               string // comma-separated
	IdentityValidationExpression string
	TTLSeconds                   *int
	ProviderARNs                 []string

	// Of HTTP APIs only.
	PayloadFormatVersion  string
	EnableSimpleResponses *bool
	JWTIssuer             string
	JWTAudience           []string
}

// IdentitySources is the identity source as a list.
func (a Authorizer) IdentitySources() []string {
	var sources []string
	for s := range strings.SplitSeq(a.IdentitySource, ",") {
		if s = strings.TrimSpace(s); s != "" {
			sources = append(sources, s)
		}
	}
	return sources
}

// RequestValidator says which parts of a request are checked.
type RequestValidator struct {
	Name                      string
	ValidateRequestBody       bool
	ValidateRequestParameters bool
}

// GatewayResponse is a customised error answer.
type GatewayResponse struct {
	Type               string
	StatusCode         string
	ResponseParameters map[string]string
	ResponseTemplates  map[string]string
}

// DocumentationPart is a piece of documentation and what it belongs to.
type DocumentationPart struct {
	Type       string
	Path       string
	Method     string
	StatusCode string
	Name       string
	Properties string // JSON object
}
