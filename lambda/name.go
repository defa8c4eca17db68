package lambda

import (
	"strings"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
)

// Latest is the qualifier of the version that can be changed.
const Latest = "$LATEST"

// Ref names a function, and with a Qualifier one of its versions or aliases.
type Ref struct {
	Scope     store.Scope
	Name      string
	Qualifier string // as given; empty for none
}

var functionName = lazyregexp.New(`^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:((?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?` +
	`(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9_.-]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9_-]+))?$`)

// ParseRef reads a function name in any form that AWS takes: a name, a name with a qualifier, a partial ARN or an ARN. What
// the name leaves open comes from the caller's scope and qualifier. A partial form without a region is the scope's.
func ParseRef(scope store.Scope, name, qualifier string) (Ref, error) {
	m := functionName().FindStringSubmatch(name)
	if m == nil {
		return Ref{}, violation("Value '%s' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", name, NamePattern)
	}
	ref := Ref{Scope: scope, Name: m[3], Qualifier: m[4]}
	if qualifier != "" {
		if ref.Qualifier != "" && ref.Qualifier != qualifier {
			return Ref{}, invalid("The derived qualifier from the function name does not match the specified qualifier.")
		}
		ref.Qualifier = qualifier
	}
	if m[1] != "" && m[1] != scope.Region {
		return Ref{}, notFound("Functions from '%s' are not reachable in this region ('%s')", m[1], scope.Region)
	}
	if m[2] != "" {
		ref.Scope.Account = m[2]
	}
	return ref, nil
}

// NamePattern is the pattern that AWS's message about a malformed function name shows.
const NamePattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`

// ARN is the function's ARN without a qualifier.
func (r Ref) ARN() string { return functionARN(r.Scope, r.Name) }

// QualifiedARN is the ARN with the qualifier, if there is one.
func (r Ref) QualifiedARN() string {
	if r.Qualifier == "" {
		return r.ARN()
	}
	return r.ARN() + ":" + r.Qualifier
}

// at is the same function with another qualifier.
func (r Ref) at(qualifier string) Ref {
	r.Qualifier = qualifier
	return r
}

func functionARN(scope store.Scope, name string) string {
	return "arn:" + partition(scope.Region) + ":lambda:" + scope.Region + ":" + scope.Account + ":function:" + name
}

func layerARN(scope store.Scope, name string) string {
	return "arn:" + partition(scope.Region) + ":lambda:" + scope.Region + ":" + scope.Account + ":layer:" + name
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// isVersion reports whether a qualifier is a version number.
func isVersion(q string) bool {
	return q != "" && strings.Trim(q, "0123456789") == ""
}
