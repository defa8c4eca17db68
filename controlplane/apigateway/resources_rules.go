package apigateway

import (
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
)

type pathVariable uint8

const (
	noVariable pathVariable = iota
	plainVariable
	greedyVariable
)

func variableKind(part string) pathVariable {
	switch {
	case strings.HasPrefix(part, "{") && strings.HasSuffix(part, "+}"):
		return greedyVariable
	case strings.HasPrefix(part, "{"):
		return plainVariable
	}
	return noVariable
}

// AWS accepts comma and dollar in literals since its OpenAPI import does.
var validPathPart = lazyregexp.New(`^(?:[a-zA-Z0-9._:,$-]+|\{[a-zA-Z0-9._$:-]+\+?\})$`)

// checkPlace tells whether r, new or moved, may stand under parent among all the
// resources of its API.
func checkPlace(all []*Resource, r, parent *Resource) error {
	if variableKind(parent.PathPart) == greedyVariable {
		return errGreedyParent(parent.PathPart)
	}
	if !validPathPart().MatchString(r.PathPart) {
		return awsapi.BadRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	}
	variable := variableKind(r.PathPart) != noVariable
	var sibling *Resource
	for _, o := range all {
		if o.ParentID != parent.ID || o.ID == r.ID {
			continue
		}
		if o.PathPart == r.PathPart {
			return awsapi.Conflict("Another resource with the same parent already has this name: %s", r.PathPart)
		}
		if variable && variableKind(o.PathPart) != noVariable {
			sibling = o
		}
	}
	if sibling != nil {
		return awsapi.BadRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed", sibling.PathPart)
	}
	return nil
}

func errGreedyParent(part string) error {
	return awsapi.BadRequest("Cannot create a child of a resource with a greedy path variable: %s", part)
}

// descendants gives everything below the resource, parents before children.
func descendants(all []*Resource, id string) []*Resource {
	var out []*Resource
	for _, o := range all {
		if o.ParentID == id && id != "" {
			out = append(out, o)
			out = append(out, descendants(all, o.ID)...)
		}
	}
	return out
}
