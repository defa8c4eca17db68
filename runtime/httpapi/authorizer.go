package httpapi

import (
	"errors"

	"github.com/postern/postern/runtime/snapshot"
)

var errAuthorizer = errors.New("authorization type is not served")

// authorizer compiles what stands before a route. A type that cannot be served
// lets nobody pass.
func (c *compiler) authorizer(r *snapshot.HTTPRoute) authorizer {
	if r.AuthorizationType == "" || r.AuthorizationType == "NONE" {
		return open{}
	}
	return deny{errAuthorizer}
}
