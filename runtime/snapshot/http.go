package snapshot

import (
	"errors"
	"fmt"
)

// HTTP is the part of a stage that only HTTP APIs have: what was deployed, and the
// stage's settings that apply without deploying.
type HTTP struct {
	Deployment *HTTPDeployment
	// Default holds for routes that have no settings of their own; a route's own
	// take its place as a whole.
	Default       HTTPRouteSettings
	RouteSettings map[string]HTTPRouteSettings // by route key
}

// HTTPRouteSettings are the stage's settings for a route.
type HTTPRouteSettings struct {
	Throttle        *Throttle // nil: none of its own
	DetailedMetrics bool
}

// HTTPDeployment is an HTTP API frozen as it was when it was deployed. It survives
// encoding/json: the control plane keeps it.
type HTTPDeployment struct {
	DisableDefaultEndpoint bool
	CORS                   *CORS // nil: none configured
	Routes                 []HTTPRoute
	Integrations           []HTTPIntegration
	Authorizers            []HTTPAuthorizer
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

// CORS is the CORS configuration of an HTTP API. nil: not set.
type CORS struct {
	AllowCredentials *bool
	AllowHeaders     []string
	AllowMethods     []string
	AllowOrigins     []string
	ExposeHeaders    []string
	MaxAge           *int
}

func (h *HTTP) validate() error {
	d := h.Deployment
	if d == nil {
		return errors.New("HTTP stage has no deployment")
	}
	known := make(map[string]bool, len(d.Integrations))
	for i := range d.Integrations {
		known[d.Integrations[i].ID] = true
	}
	for i := range d.Routes {
		if r := &d.Routes[i]; r.IntegrationID != "" && !known[r.IntegrationID] {
			return fmt.Errorf("route %s targets unknown integration %s", r.Key, r.IntegrationID)
		}
	}
	return nil
}
