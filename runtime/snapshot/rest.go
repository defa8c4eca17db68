package snapshot

import (
	"errors"
	"fmt"
)

// REST is the part of a stage that only REST APIs have: what was deployed, and the
// stage's settings that apply without deploying.
type REST struct {
	Deployment *RESTDeployment
	Canary     *RESTCanary // nil: none

	// MethodSettings by "{resource path without its first slash}/{VERB}", and
	// "*/*" for the methods that have none.
	MethodSettings map[string]RESTMethodSettings

	CacheClusterEnabled bool
	CacheClusterSize    string
	TracingEnabled      bool
	ClientCertificateID string
	// ClientCertificate is shown to HTTP backends; nil: none.
	ClientCertificate *KeyPair `json:"-"`
}

// KeyPair is a certificate and its key, each in PEM form.
type KeyPair struct{ CertificatePEM, KeyPEM string }

// RESTCanary is a second deployment that serves a share of a stage's traffic.
type RESTCanary struct {
	DeploymentID   string
	Deployment     *RESTDeployment
	PercentTraffic float64
	// VariableOverrides lie over the stage's variables.
	VariableOverrides map[string]string
	UseStageCache     bool
}

// RESTDeployment is a REST API frozen as it was when it was deployed. It survives
// encoding/json: the control plane keeps it.
//
// Name, Description, Version and the other members that say "for exports" are not
// needed for serving: what was deployed can be written as a document again.
type RESTDeployment struct {
	Name                   string // for exports
	Description            string // for exports
	Version                string // for exports
	RootResourceID         string
	APIKeySource           string // HEADER, AUTHORIZER
	EndpointType           string // EDGE, REGIONAL, PRIVATE
	VPCEndpointIDs         []string
	DisableDefaultEndpoint bool
	BinaryMediaTypes       []string
	MinimumCompressionSize *int // nil: responses are not compressed
	Policy                 string

	Resources        []RESTResource
	Models           []RESTModel
	Authorizers      []RESTAuthorizer
	GatewayResponses []RESTGatewayResponse
}

// RESTResource is one path with its methods.
type RESTResource struct {
	ID      string
	Path    string // "/pets/{id}", "/{proxy+}"
	Methods []RESTMethod
}

// RESTMethod is one method of a resource.
type RESTMethod struct {
	HTTPMethod          string // may be ANY
	AuthorizationType   string // NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS
	AuthorizerID        string
	AuthorizationScopes []string
	APIKeyRequired      bool
	OperationName       string

	RequestParameters  map[string]bool // method.request.… → required
	RequestModels      map[string]string
	RequestValidator   string // its name, for exports
	ValidateParameters bool
	ValidateBody       bool

	Responses   []RESTMethodResponse
	Integration RESTIntegration
}

// RESTMethodResponse declares a status and its headers.
type RESTMethodResponse struct {
	StatusCode         string
	ResponseParameters map[string]bool
	ResponseModels     map[string]string
}

// RESTIntegration is what a method calls, with defaults filled in.
type RESTIntegration struct {
	Type                string // AWS, AWS_PROXY, HTTP, HTTP_PROXY, MOCK
	HTTPMethod          string
	URI                 string
	ConnectionType      string // INTERNET, VPC_LINK
	ConnectionID        string
	Credentials         string
	RequestParameters   map[string]string // integration.request.… ← expression
	RequestTemplates    map[string]string // by content type
	PassthroughBehavior string
	ContentHandling     string
	TimeoutMillis       int
	CacheNamespace      string
	CacheKeyParameters  []string
	InsecureSkipVerify  bool
	TransferMode        string // BUFFERED, STREAM
	Target              string // integrationTarget
	Responses           []RESTIntegrationResponse
}

// RESTIntegrationResponse is how one outcome of an integration is answered.
type RESTIntegrationResponse struct {
	StatusCode         string
	SelectionPattern   string            // empty: the default
	ResponseParameters map[string]string // method.response.header.… ← expression
	ResponseTemplates  map[string]string
	ContentHandling    string
}

// RESTModel is a JSON schema with its name.
type RESTModel struct {
	Name        string
	Description string // for exports
	ContentType string
	Schema      string
	Imported    bool // and not changed since: the sizes of arrays are not checked
}

// RESTAuthorizer is one authorizer of a REST API, with defaults filled in.
type RESTAuthorizer struct {
	ID                   string
	Name                 string
	AuthType             string // for exports
	Type                 string // TOKEN, REQUEST, COGNITO_USER_POOLS
	URI                  string
	Credentials          string
	IdentitySource       string
	ValidationExpression string
	TTLSeconds           int
	ProviderARNs         []string
}

// RESTGatewayResponse is a customised error answer.
type RESTGatewayResponse struct {
	Type               string
	StatusCode         string // empty: the type's own
	ResponseParameters map[string]string
	ResponseTemplates  map[string]string
}

// RESTMethodSettings are a stage's settings for one method, or for all.
type RESTMethodSettings struct {
	MetricsEnabled   bool
	LoggingLevel     string // OFF, ERROR, INFO
	DataTraceEnabled bool

	ThrottlingBurstLimit int // negative: none
	ThrottlingRateLimit  float64

	CachingEnabled                         bool
	CacheTTLSeconds                        int
	CacheDataEncrypted                     bool
	RequireAuthorizationForCacheControl    bool
	UnauthorizedCacheControlHeaderStrategy string
}

func (r *REST) validate() error {
	if r.Deployment == nil || (r.Canary != nil && r.Canary.Deployment == nil) {
		return errors.New("REST snapshot has no deployment")
	}
	for i := range r.Deployment.Resources {
		if p := r.Deployment.Resources[i].Path; p == "" || p[0] != '/' {
			return fmt.Errorf("resource path %q does not start with a slash", p)
		}
	}
	return nil
}
