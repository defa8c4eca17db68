package openapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
)

const (
	anyMethod    = "ANY"
	defaultRoute = "$default"
)

// verbs of a path item, in the order in which AWS writes them.
var verbs = []string{"get", "put", "post", "delete", "options", "head", "patch"}

// pathPart is what AWS allows between two slashes.
var pathPart = lazyregexp.New(`^([a-zA-Z0-9._:,$-]+|\{[a-zA-Z0-9._$:-]+\+?\})$`)

func (p *parser) readPaths() error {
	p.base = p.basePath()
	if p.opts.Protocol == REST {
		p.resource(nil)
	}
	paths := p.root.object("paths")
	for _, path := range paths.members() {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		if !strings.HasPrefix(path, "/") {
			p.warn("Parse issue: attribute paths. Resource %s should start with /", path)
		}
		item := p.deref(paths.get(path))
		if item == nil {
			continue
		}
		r, ok := p.pathResource(path)
		if !ok {
			continue
		}
		if err := p.readMethods(r, item, path); err != nil {
			return err
		}
	}
	return nil
}

// pathResource gives the resource of a path of the document, with its parents.
func (p *parser) pathResource(path string) (*Resource, bool) {
	parts, ok := p.parts(path)
	if !ok {
		return nil, false
	}
	if p.opts.Protocol == HTTP {
		path = "/" + strings.TrimPrefix(path, "/")
		if len(p.base) > 0 && path != "/"+defaultRoute {
			path = "/" + strings.Join(p.base, "/") + strings.TrimSuffix(path, "/")
		}
		return p.resourceAt(path), true
	}
	for i, part := range parts {
		if !pathPart().MatchString(part) {
			p.fail(ResourceFailed, "/"+strings.Join(parts[:i+1], "/"),
				"Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
			return nil, false
		}
	}
	return p.resource(parts), true
}

// resource gives the resource of a path, made with its parents when it is new.
func (p *parser) resource(parts []string) *Resource {
	for i := range parts {
		p.resourceAt("/" + strings.Join(parts[:i], "/"))
	}
	return p.resourceAt("/" + strings.Join(parts, "/"))
}

func (p *parser) resourceAt(path string) *Resource {
	r := p.paths[path]
	if r == nil {
		r = &Resource{Path: path}
		p.paths[path] = r
		p.doc.Resources = append(p.doc.Resources, r)
	}
	return r
}

// parts gives the parts of a path of the document below the base path. A path longer
// than any URL, or deeper than any API, makes the document invalid.
func (p *parser) parts(path string) ([]string, bool) {
	parts := append(p.base[:len(p.base):len(p.base)], split(path)...)
	if len(path) > maxPath || len(parts) > maxDepth {
		p.spent = maxSpent + 1
	}
	return parts, !p.exhausted()
}

const maxPath = 10240

func split(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
}

// basePath gives the parts that the base path adds to every path.
func (p *parser) basePath() []string {
	switch p.opts.BasePath {
	case basePathPrepend:
		return split(p.declaredBasePath())
	case basePathSplit:
		// AWS: the first part is taken for a stage's name.
		if parts := split(p.declaredBasePath()); len(parts) > 0 {
			return parts[1:]
		}
	}
	return nil
}

func (p *parser) declaredBasePath() string {
	if p.swagger {
		return p.root.text("basePath")
	}
	server := p.server()
	variables := server.object("variables")
	// AWS: the variable counts even where the server's url does not use it.
	if base := variables.object("basePath").text("default"); base != "" {
		return base
	}
	address := server.text("url")
	for _, name := range variables.members() {
		address = strings.ReplaceAll(address, "{"+name+"}", variables.object(name).text("default"))
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

func (p *parser) server() *object {
	if servers := p.root.list("servers"); len(servers) > 0 {
		server, _ := servers[0].(*object)
		return server
	}
	return nil
}

// readMethods reads the operations of a path item.
func (p *parser) readMethods(r *Resource, item *object, path string) error {
	for _, key := range item.members() {
		verb := verbOf(key)
		op := p.deref(item.get(key))
		if verb == "" || op == nil {
			continue
		}
		o := &operation{
			parser: p, resource: r, item: item, op: op, method: &Method{HTTPMethod: verb, AuthorizationType: authNone},
			where: fmt.Sprintf("paths.'%s'(%s)", path, key),
		}
		if err := o.read(); err != nil {
			return err
		}
	}
	return nil
}

// verbOf gives the method that a member of a path item stands for, if any.
func verbOf(key string) string {
	switch {
	case key == extAnyMethod:
		return anyMethod
	case slices.Contains(verbs, key):
		return strings.ToUpper(key)
	}
	return ""
}
