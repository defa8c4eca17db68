package domains

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/snapshot"
)

// route finds the API that a path and headers lead to, nil when none.
func (d *domain) route(path string, header http.Header) (*runtime.Mapping, string) {
	if d.routing != snapshot.RouteByMapping {
		for i := range d.rules {
			r := &d.rules[i]
			if base, ok := matches(r, path, header); ok {
				m := &runtime.Mapping{Stage: r.Stage, BasePath: base, Rest: path, RuleID: r.ID}
				if r.StripBasePath {
					m.Rest = behind(path, 1+strings.Count(base, "/"), base)
				}
				return m, r.APIID
			}
		}
	}
	if d.routing == snapshot.RouteByRule {
		return nil, ""
	}
	for n := d.depth; n > 0; n-- {
		key, ok := leading(path, n)
		if !ok {
			continue
		}
		if m := d.mappings[key]; m != nil {
			return &runtime.Mapping{Stage: m.Stage, BasePath: key, Rest: behind(path, n, key)}, m.APIID
		}
	}
	if m := d.mappings[""]; m != nil {
		return &runtime.Mapping{Stage: m.Stage, Rest: path}, m.APIID
	}
	return nil, ""
}

// leading gives the first n segments of an escaped path, decoded; ok is false when
// it has fewer.
func leading(path string, n int) (key string, ok bool) {
	rest := strings.TrimLeft(path, "/")
	end := 0
	for ; n > 0; n-- {
		if end > 0 {
			end++ // the slash
		}
		if end >= len(rest) || rest[end] == '/' {
			return "", false
		}
		if i := strings.IndexByte(rest[end:], '/'); i >= 0 {
			end += i
		} else {
			end = len(rest)
		}
	}
	if key = rest[:end]; strings.IndexByte(key, '%') < 0 {
		return key, true
	}
	decoded, err := url.PathUnescape(key)
	// An encoded slash is part of a segment and no key has one there.
	return decoded, err == nil && strings.Count(decoded, "/") == strings.Count(key, "/")
}

// behind cuts the first n segments, which are the base path, off an escaped path.
func behind(path string, n int, base string) string {
	if base == "" {
		return path
	}
	rest := strings.TrimLeft(path, "/")
	for ; n > 0; n-- {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			return "/"
		}
		rest = rest[i+1:]
	}
	return "/" + rest
}

// matches tells whether a request meets all of a rule's conditions, and which base
// path it has by them.
func matches(r *snapshot.RoutingRule, path string, header http.Header) (base string, ok bool) {
	for i := range r.Conditions {
		c := &r.Conditions[i]
		if len(c.BasePaths) == 0 {
			if !anyHeader(c.Headers, header) {
				return "", false
			}
			continue
		}
		found := false
		for _, want := range c.BasePaths {
			if key, ok := leading(path, 1+strings.Count(want, "/")); ok && key == want {
				base, found = want, true
				break
			}
		}
		if !found {
			return "", false
		}
	}
	return base, true
}

func anyHeader(globs []snapshot.HeaderGlob, header http.Header) bool {
	for _, g := range globs {
		for _, value := range header.Values(g.Name) {
			if globMatches(g.Glob, value) {
				return true
			}
		}
	}
	return false
}

// globMatches compares with case; '*' stands for anything at either end.
func globMatches(glob, value string) bool {
	middle, open := strings.CutPrefix(glob, "*")
	middle, end := strings.CutSuffix(middle, "*")
	switch {
	case open && (end || middle == ""):
		return strings.Contains(value, middle)
	case open:
		return strings.HasSuffix(value, middle)
	case end:
		return strings.HasPrefix(value, middle)
	}
	return glob == value
}
