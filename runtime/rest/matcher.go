package rest

import (
	"fmt"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// matcher finds the method for a path and a verb. It is a tree of path parts; a
// walk costs by the length of the path, whatever the number of resources.
type matcher struct{ root matchNode }

type matchNode struct {
	literal  map[string]*matchNode
	variable *matchNode // {name}; its name is the resource's affair
	here     *verbs     // methods of the resource that ends here
	greedy   *verbs     // methods of a {name+} that begins here
}

// verbs are the methods of one resource.
type verbs struct {
	exact map[string]*method
	any   *method
}

func (v *verbs) find(verb string) *method {
	if v == nil {
		return nil
	}
	if m := v.exact[verb]; m != nil {
		return m
	}
	// AWS: ANY stands for seven verbs and no others.
	if v.any != nil && anyVerbs[verb] {
		return v.any
	}
	return nil
}

// has tells whether there is a method for the verb itself.
func (v *verbs) has(verb string) bool { return v.exact[verb] != nil }

const anyVerb = "ANY"

var anyVerbs = map[string]bool{
	"DELETE": true, "GET": true, "HEAD": true, "OPTIONS": true, "PATCH": true, "POST": true, "PUT": true,
}

// add puts the methods of one resource into the tree.
func (t *matcher) add(path string, v *verbs) error {
	n := &t.root
	parts := pathParts(nil, path)
	for i, part := range parts {
		switch {
		case strings.HasSuffix(part, "+}"):
			if i != len(parts)-1 {
				return fmt.Errorf("resource %s goes on after a greedy variable", path)
			}
			n.greedy = v
			return nil
		case strings.HasPrefix(part, "{"):
			if n.variable == nil {
				n.variable = &matchNode{}
			}
			n = n.variable
		default:
			if n.literal == nil {
				n.literal = map[string]*matchNode{}
			}
			if n.literal[part] == nil {
				n.literal[part] = &matchNode{}
			}
			n = n.literal[part]
		}
	}
	n.here = v
	return nil
}

// find gives the method for an escaped path behind the stage, or nil.
//
// AWS: a literal part is preferred to a variable and that to a greedy one, at each
// level; a branch that ends without a method for the verb gives way to the next.
func (t *matcher) find(verb, path string) (*method, []reqcontext.Param) {
	var buf [24]string
	parts := pathParts(buf[:0], path)
	m := t.root.find(verb, parts)
	if m == nil {
		return nil, nil
	}
	return m, m.pathParameters(parts)
}

func (n *matchNode) find(verb string, parts []string) *method {
	if len(parts) == 0 {
		return n.here.find(verb)
	}
	if next := n.literal[literalPart(parts[0])]; next != nil {
		if m := next.find(verb, parts[1:]); m != nil {
			return m
		}
	}
	if n.variable != nil && parts[0] != "" {
		if m := n.variable.find(verb, parts[1:]); m != nil {
			return m
		}
	}
	// The last part is never empty, so there is something for a greedy variable
	// behind two slashes too.
	return n.greedy.find(verb)
}

// literalPart decodes a part for comparing it; parameter values stay as sent.
func literalPart(part string) string {
	if strings.IndexByte(part, '%') < 0 {
		return part
	}
	return reqcontext.DecodePath(part)
}

// pathParts splits an escaped path. Leading slashes count as one, trailing slashes
// not at all, and slashes in between each end a part.
func pathParts(dst []string, path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return dst
	}
	for part := range strings.SplitSeq(path, "/") {
		dst = append(dst, part)
	}
	return dst
}

// pathVariable is one variable of a resource's path.
type pathVariable struct {
	name   string
	at     int // which part
	greedy bool
}

func pathVariables(path string) []pathVariable {
	var out []pathVariable
	for i, part := range pathParts(nil, path) {
		if strings.HasPrefix(part, "{") {
			name := strings.Trim(part, "{}")
			plain, greedy := strings.CutSuffix(name, "+")
			out = append(out, pathVariable{name: plain, at: i, greedy: greedy})
		}
	}
	return out
}

// pathParameters reads the variables off a path that the method matches. AWS: the
// values keep their percent-escapes.
func (m *method) pathParameters(parts []string) []reqcontext.Param {
	if len(m.variables) == 0 {
		return nil
	}
	out := make([]reqcontext.Param, len(m.variables))
	for i, v := range m.variables {
		value := parts[v.at]
		if v.greedy {
			value = strings.Join(parts[v.at:], "/")
		}
		out[i] = reqcontext.Param{Name: v.name, Value: value}
	}
	return out
}
