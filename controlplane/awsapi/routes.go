package awsapi

import (
	"net/http"
	"net/url"
	"strings"
)

// routes finds a rest-json operation by method and escaped path. Segments are
// compared and captured in escaped form and unescaped once, so that a whole ARN
// can stand in one.
type routes struct{ root *routeNode }

type routeNode struct {
	literal map[string]*routeNode
	param   *routeNode
	ops     []route // operations that end here
	arn     []route // operations whose last label may swallow the rest: an unescaped ARN
}

type route struct {
	op    *Operation
	query url.Values // constants of the operation's URI
	names []string   // label names in order
}

func newRoutes(model *Model) *routes {
	rt := &routes{root: &routeNode{}}
	for i := range model.Operations {
		op := &model.Operations[i]
		path, rawQuery, _ := strings.Cut(op.URI, "?")
		// The model is ours and generated: its constants always parse.
		query, _ := url.ParseQuery(rawQuery)
		r := route{op: op, query: query}
		n := rt.root
		for seg := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
			if strings.HasPrefix(seg, "{") {
				name := strings.TrimSuffix(strings.Trim(seg, "{}"), "+")
				r.names = append(r.names, name)
				if isARNLabel(name) {
					n.arn = append(n.arn, r)
				}
				if n.param == nil {
					n.param = &routeNode{}
				}
				n = n.param
				continue
			}
			if n.literal == nil {
				n.literal = map[string]*routeNode{}
			}
			if n.literal[seg] == nil {
				n.literal[seg] = &routeNode{}
			}
			n = n.literal[seg]
		}
		n.ops = append(n.ops, r)
	}
	return rt
}

func isARNLabel(name string) bool {
	return name == "resource_arn" || name == "resource-arn" || name == "Resource"
}

// find gives the operation that a request is for, and its labels with their values.
func (rt *routes) find(r *http.Request) (op *Operation, names, values []string) {
	path := strings.Trim(r.URL.EscapedPath(), "/")
	var segs []string
	if path != "" {
		segs = strings.Split(path, "/")
	}
	query := r.URL.Query()
	found, values := rt.root.find(segs, nil, r.Method, query)
	if found == nil {
		return nil, nil, nil
	}
	for i, v := range values {
		if u, err := url.PathUnescape(v); err == nil {
			values[i] = u
		}
	}
	return found.op, found.names, values
}

func (n *routeNode) find(segs, values []string, method string, query url.Values) (*route, []string) {
	if len(segs) == 0 {
		return choose(n.ops, method, query), values
	}
	if next := n.literal[segs[0]]; next != nil {
		if r, v := next.find(segs[1:], values, method, query); r != nil {
			return r, v
		}
	}
	if n.param != nil && segs[0] != "" {
		if r, v := n.param.find(segs[1:], append(values, segs[0]), method, query); r != nil {
			return r, v
		}
	}
	if len(n.arn) > 0 && strings.HasPrefix(segs[0], "arn") {
		if r := choose(n.arn, method, query); r != nil {
			return r, append(values, strings.Join(segs, "/"))
		}
	}
	return nil, nil
}

// choose prefers the operation with the most constant query parameters that the
// request has.
func choose(list []route, method string, query url.Values) *route {
	var best *route
	for i := range list {
		r := &list[i]
		if r.op.Method != method || !hasConstants(r.query, query) {
			continue
		}
		if best == nil || len(r.query) > len(best.query) {
			best = r
		}
	}
	return best
}

func hasConstants(want, have url.Values) bool {
	for k := range want {
		if have.Get(k) != want.Get(k) {
			return false
		}
	}
	return true
}
