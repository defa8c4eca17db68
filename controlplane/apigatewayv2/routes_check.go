package apigatewayv2

import (
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
)

const targetPrefix = "integrations/"

var (
	routeKeyForm = lazyregexp.New(`^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) (/\S*)$`)
	targetForm   = lazyregexp.New(`^integrations/[a-z0-9]+$`)
	pathPart     = lazyregexp.New(`^\{[A-Za-z0-9._:-]+\+?\}$`)
)

// newRoute is what AWS calls a route in refusals that it does not have yet.
const newRoute = "null"

// httpOnlyRoute refuses members that only WebSocket APIs have.
func httpOnlyRoute(id string, keyRequired *bool, modelSelection, responseSelection *string, models map[string]string) error {
	switch {
	case awsapi.Val(keyRequired):
		return awsapi.BadRequest("ApiKeyRequired is not currently supported for HTTP APIs. Please set ApiKeyRequired to false for route %s", id)
	case awsapi.Val(modelSelection) != "" || len(models) > 0:
		return awsapi.BadRequest("Currently, Models are not permitted for APIs with a protocol type of HTTP")
	case awsapi.Val(responseSelection) != "":
		return errRouteResponses()
	}
	return nil
}

func (tx *txn) checkRoute(a *API, r *Route) error {
	if err := checkRouteKey(r.Key); err != nil {
		return err
	}
	for _, other := range routes.List(tx.Tx, tx.scope, a.ID+"/") {
		if other.ID == r.ID {
			continue
		}
		if other.Key == r.Key {
			return awsapi.Conflict("Route with key %s already exists for this API", r.Key)
		}
		if variableClash(r.Key, other.Key) {
			return awsapi.Conflict(`The provided route key "%s" has a conflicting variable on the same hierarchical level as "%s"`, r.Key, other.Key)
		}
	}
	if r.Target != "" {
		if !targetForm().MatchString(r.Target) {
			id := newRoute
			if _, kept := routes.Get(tx.Tx, tx.scope, a.ID+"/"+r.ID); kept {
				id = r.ID // unverified against AWS: that it is named
			}
			return awsapi.BadRequest("Unexpected or malformed target in route %s. Correct format should be integrations/<integration_id>.", id)
		}
		if _, ok := integrations.Get(tx.Tx, tx.scope, a.ID+"/"+r.integrationID()); !ok {
			return awsapi.NotFound("Invalid Integration identifier specified %s", r.integrationID())
		}
	}
	if err := tx.unenforced("Route", routeUnenforced(r)); err != nil {
		return err
	}
	return tx.checkAuthorization(a, r)
}

func checkRouteKey(key string) error {
	malformed := awsapi.BadRequest(`The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`)
	if key == defaultKey {
		return nil
	}
	m := routeKeyForm().FindStringSubmatch(key)
	if m == nil {
		return malformed
	}
	parts := pathParts(m[2])
	for i, p := range parts {
		if !strings.ContainsAny(p, "{}") {
			continue
		}
		if !pathPart().MatchString(p) || strings.HasSuffix(p, "+}") && i != len(parts)-1 {
			return malformed
		}
	}
	return nil
}

const defaultKey = "$default"

func pathParts(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// variableClash tells whether two route keys have variables of different names at
// the same place behind the same path.
func variableClash(a, b string) bool {
	_, pathA, _ := strings.Cut(a, " ")
	_, pathB, _ := strings.Cut(b, " ")
	partsA, partsB := pathParts(pathA), pathParts(pathB)
	for i := range min(len(partsA), len(partsB)) {
		pa, pb := partsA[i], partsB[i]
		if pa == pb {
			continue
		}
		// A plain and a greedy variable do not clash: /{id} beside /{proxy+}.
		return isVariable(pa) && isVariable(pb) && strings.HasSuffix(pa, "+}") == strings.HasSuffix(pb, "+}")
	}
	return false
}

func isVariable(part string) bool { return strings.HasPrefix(part, "{") }

// authorizerTypes are the types of the authorizers behind a route's authorization type.
var authorizerTypes = map[string]string{"JWT": jwtAuthorizer, "CUSTOM": requestAuthorizer}

// errAuthorizer refuses a route's authorizer: one that is not given, not there, or of
// the other type.
func errAuthorizer(r *Route) error {
	if r.AuthorizationType == "JWT" {
		return awsapi.BadRequest("Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer.")
	}
	return awsapi.BadRequest("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
}

func (tx *txn) checkAuthorization(a *API, r *Route) error {
	if len(r.Scopes) > 0 && r.AuthorizationType != "JWT" {
		return awsapi.BadRequest("Invalid Route authorization type specified. Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization types")
	}
	if len(r.Scopes) > 10 {
		// unverified against AWS: the text.
		return awsapi.BadRequest("The number of authorization scopes exceeds the maximum of 10")
	}
	switch r.AuthorizationType {
	case noAuthorization, "AWS_IAM":
		return nil
	case "JWT", "CUSTOM":
		auth, ok := authorizers.Get(tx.Tx, tx.scope, a.ID+"/"+r.AuthorizerID)
		if ok && auth.Type == authorizerTypes[r.AuthorizationType] {
			return nil
		}
		return errAuthorizer(r)
	}
	// unverified against AWS: the text.
	return awsapi.BadRequest("Invalid authorization type specified %s", r.AuthorizationType)
}
