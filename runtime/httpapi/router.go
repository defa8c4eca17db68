package httpapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

const (
	defaultKey = "$default"
	anyMethod  = "ANY"
)

// router finds a request's route. It is a tree of path parts; a walk looks at each
// part of the path once per branch that still fits, whatever the number of routes.
type router struct {
	root     node
	catchAll *route // $default
}

type node struct {
	literals map[string]*node
	variable *node
	full     *ending // a path that ends here
	slashed  *ending // one that ends here with a slash
	greedy   *ending // a path whose {name+} takes the rest from here on
}

// ending is where routes of one path end. Their order of preference is that of
// their paths: the method only chooses among the routes of one path.
type ending struct {
	methods  map[string]*route
	any      *route
	literals int // literal parts
	depth    int // parts before a greedy variable
}

func (e *ending) route(method string) *route {
	if r := e.methods[method]; r != nil {
		return r
	}
	return e.any
}

// routeKey is a parsed route key; parts is nil for $default.
type routeKey struct {
	method  string
	parts   []part
	slashed bool // it ends with a slash
}

type part struct {
	text   string // literal text or the variable's name
	kind   partKind
	source string // as written
}

type partKind uint8

const (
	literalPart partKind = iota
	variablePart
	greedyPart
)

func parseRouteKey(key string) (routeKey, error) {
	if key == defaultKey {
		return routeKey{}, nil
	}
	method, path, ok := strings.Cut(key, " ")
	if !ok || !strings.HasPrefix(path, "/") {
		return routeKey{}, fmt.Errorf("route key %q is no method and path", key)
	}
	k := routeKey{method: method, parts: []part{}, slashed: slashed(path)}
	for _, text := range splitPath(path) {
		p := part{text: text, source: text}
		if strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") {
			p.kind, p.text = variablePart, text[1:len(text)-1]
			if name, ok := strings.CutSuffix(p.text, "+"); ok {
				p.kind, p.text = greedyPart, name
			}
		}
		k.parts = append(k.parts, p)
	}
	return k, nil
}

func slashed(path string) bool { return len(path) > 1 && strings.HasSuffix(path, "/") }

// splitPath gives the parts of a path. A trailing slash makes no part.
func splitPath(path string) []string {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

func (t *router) add(key routeKey, r *route) error {
	if key.parts == nil {
		t.catchAll = r
		return nil
	}
	n, literals := &t.root, 0
	for i, p := range key.parts {
		switch p.kind {
		case literalPart:
			if n.literals == nil {
				n.literals = map[string]*node{}
			}
			if n.literals[p.text] == nil {
				n.literals[p.text] = &node{}
			}
			n = n.literals[p.text]
			literals++
		case variablePart:
			if n.variable == nil {
				n.variable = &node{}
			}
			n = n.variable
		case greedyPart:
			if i != len(key.parts)-1 {
				return fmt.Errorf("greedy variable %s is not the last part", p.source)
			}
			n.greedy = n.greedy.with(key.method, r, literals, i)
			return nil
		}
	}
	end := &n.full
	if key.slashed {
		end = &n.slashed
	}
	*end = (*end).with(key.method, r, literals, len(key.parts))
	return nil
}

func (e *ending) with(method string, r *route, literals, depth int) *ending {
	if e == nil {
		e = &ending{methods: map[string]*route{}, literals: literals, depth: depth}
	}
	if method == anyMethod {
		e.any = r
	} else {
		e.methods[method] = r
	}
	return e
}

// search is one walk through the tree.
type search struct {
	method  string
	parts   []string // decoded
	slashed bool
	best    *route
	ending  *ending
	greedy  bool
}

// find gives the route for a method and an escaped path, and the values of its
// path variables. nil: no route takes the request.
//
// AWS: full matches come before greedy ones and those before $default; a path
// without a route for the method gives way to the next best one, there is no 405.
func (t *router) find(method, path string) (*route, []reqcontext.Param) {
	var buf [24]string
	s := search{method: method, parts: appendParts(buf[:0], path), slashed: slashed(path)}
	s.walk(&t.root, 0)
	if s.best == nil {
		return t.catchAll, nil
	}
	return s.best, s.best.pathParameters(path, s.parts)
}

func (s *search) walk(n *node, at int) {
	if at < len(s.parts) && s.parts[at] != "" {
		s.offer(n.greedy, true)
	}
	if at == len(s.parts) {
		// Of two that differ in nothing but a slash at the end, the first offer stays.
		same, other := n.full, n.slashed
		if s.slashed {
			same, other = other, same
		}
		s.offer(same, false)
		s.offer(other, false)
		return
	}
	if next := n.literals[s.parts[at]]; next != nil {
		s.walk(next, at+1)
	}
	if n.variable != nil && s.parts[at] != "" {
		s.walk(n.variable, at+1)
	}
}

func (s *search) offer(e *ending, greedy bool) {
	if e == nil {
		return
	}
	r := e.route(s.method)
	if r == nil || s.best != nil && !e.beats(greedy, s.ending, s.greedy) {
		return
	}
	s.best, s.ending, s.greedy = r, e, greedy
}

// beats compares two endings that both fit: more literal parts, then more parts
// before the greedy variable.
func (e *ending) beats(greedy bool, o *ending, otherGreedy bool) bool {
	if greedy != otherGreedy {
		return otherGreedy
	}
	if e.literals != o.literals {
		return e.literals > o.literals
	}
	return e.depth > o.depth
}

// appendParts splits an escaped path and decodes each part.
func appendParts(dst []string, path string) []string {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if path == "" {
		return dst
	}
	for p := range strings.SplitSeq(path, "/") {
		dst = append(dst, reqcontext.DecodePath(p))
	}
	return dst
}

// pathParameters reads the values of the route's variables off a path that the
// route matches. A greedy variable takes the rest of the path as it is, decoded
// once, with a trailing slash if there is one.
func (rt *route) pathParameters(path string, parts []string) []reqcontext.Param {
	if rt.variables == 0 {
		return nil
	}
	out := make([]reqcontext.Param, 0, rt.variables)
	for i, p := range rt.parts {
		switch p.kind {
		case variablePart:
			out = append(out, reqcontext.Param{Name: p.text, Value: parts[i]})
		case greedyPart:
			rest := strings.TrimPrefix(path, "/")
			for range i {
				_, rest, _ = strings.Cut(rest, "/")
			}
			out = append(out, reqcontext.Param{Name: p.text, Value: reqcontext.DecodePath(rest)})
		}
	}
	slices.SortFunc(out, func(a, b reqcontext.Param) int { return strings.Compare(a.Name, b.Name) })
	return out
}
