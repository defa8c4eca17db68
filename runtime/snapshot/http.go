package snapshot

import "fmt"

// HTTP is the part of a stage that only HTTP APIs have.
type HTTP struct {
	CORS         *CORS // nil: none configured
	Routes       []HTTPRoute
	Integrations []HTTPIntegration
	Authorizers  []HTTPAuthorizer
	// Throttle is the stage's default; a route's own takes its place as a whole.
	Throttle *Throttle
	// DetailedMetrics tells whether routes without settings of their own are
	// counted one by one.
	DetailedMetrics bool
}

// HTTPRoute is one route of an HTTP API.
type HTTPRoute struct {
	ID            string
	Key           string // "GET /pets/{id}", "ANY /{proxy+}", "$default"
	IntegrationID string // empty: the route has no target
	OperationName string

	AuthorizationType string // NONE, AWS_IAM, CUSTOM, JWT
	AuthorizerID      string
	Scopes            []string

	Throttle        *Throttle
	DetailedMetrics bool
}

// HTTPIntegration is one integration of an HTTP API, with defaults filled in.
type HTTPIntegration struct {
	ID             string
	Type           string // AWS_PROXY, HTTP_PROXY
	Subtype        string // of AWS_PROXY: EventBridge-PutEvents, …; empty is Lambda
	Method         string
	URI            string // may hold ${stageVariables.x} and, for HTTP_PROXY, {path variables}
	PayloadFormat  string // 1.0, 2.0
	TimeoutMillis  int
	CredentialsARN string

	ConnectionType string // INTERNET, VPC_LINK
	ConnectionID   string
	ServerName     string // tlsConfig.serverNameToVerify

	RequestParameters  map[string]string
	ResponseParameters map[string]map[string]string // by status code
}

// HTTPAuthorizer is one authorizer of an HTTP API, with defaults filled in.
type HTTPAuthorizer struct {
	ID              string
	Name            string
	Type            string // REQUEST, JWT
	URI             string
	CredentialsARN  string
	PayloadFormat   string
	IdentitySources []string
	SimpleResponses bool
	TTLSeconds      int
	Issuer          string
	Audience        []string
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

func (h *HTTP) validate() error {
	known := make(map[string]bool, len(h.Integrations))
	for i := range h.Integrations {
		known[h.Integrations[i].ID] = true
	}
	for i := range h.Routes {
		if r := &h.Routes[i]; r.IntegrationID != "" && !known[r.IntegrationID] {
			return fmt.Errorf("route %s targets unknown integration %s", r.Key, r.IntegrationID)
		}
	}
	return nil
}
