package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postern/postern/runtime/mapping"
)

// parameter is one compiled mapping: where a value goes, and where it comes from.
type parameter struct {
	name string
	from source
}

// requestParameters are the mappings of an integration request.
type requestParameters struct {
	path, query, header []parameter
	// refused names a header that a mapping may not set: the call is answered
	// with a 500.
	refused string
}

// Headers that no mapping may set, by integration. AWS: towards HTTP backends the
// hop-by-hop ones vanish silently, towards AWS services they are an error.
var (
	refusedHeaders = map[string]bool{
		"Content-Length": true, "Transfer-Encoding": true, "X-Amzn-Trace-Id": true, "X-Amzn-Apigateway-Api-Id": true,
	}
	refusedAWSHeaders = map[string]bool{
		"Authorization": true, "Connection": true, "Expect": true, "Proxy-Authenticate": true, "Te": true,
	}
	vanishingHeaders = map[string]bool{"Connection": true, "Expect": true, "Proxy-Authenticate": true, "Te": true, "Via": true}
)

func compileRequestParameters(kind string, byDestination map[string]string) (requestParameters, error) {
	var out requestParameters
	aws := kind == "AWS" || kind == "AWS_PROXY"
	for _, dest := range sortedKeys(byDestination) {
		from, err := compileSource(byDestination[dest])
		if err != nil {
			return out, err
		}
		where, name, ok := strings.Cut(strings.TrimPrefix(dest, "integration.request."), ".")
		if !ok {
			return out, fmt.Errorf("mapping destination %q is none", dest)
		}
		p := parameter{name, from}
		switch where {
		case "path":
			out.path = append(out.path, p)
		case "querystring":
			out.query = append(out.query, p)
		case "header":
			key := http.CanonicalHeaderKey(name)
			switch {
			case refusedHeaders[key], aws && refusedAWSHeaders[key]:
				out.refused = name
			case aws && key == "Referer":
				// AWS: services never get it.
			case !vanishingHeaders[key]:
				out.header = append(out.header, p)
			}
		default:
			return out, fmt.Errorf("mapping destination %q is none", dest)
		}
	}
	return out, nil
}

// check answers for a mapping that can never be sent.
func (p *requestParameters) check() error {
	if p.refused == "" {
		return nil
	}
	return internal(fmt.Errorf("%s header already present", p.refused))
}

// mapped are the values that mappings and template overrides set.
type mapped struct {
	path   map[string]string
	query  url.Values
	header http.Header
}

// apply evaluates the mappings.
func (p *requestParameters) apply(c *call) (mapped, error) {
	var out mapped
	for _, m := range p.path {
		v, err := m.from(c, nil)
		if err != nil {
			return out, err
		}
		if len(v) > 0 {
			out.setPath(m.name, v[0])
		}
	}
	for _, m := range p.query {
		v, err := m.from(c, nil)
		if err != nil {
			return out, err
		}
		if len(v) > 0 {
			out.setQuery(m.name, v)
		}
	}
	for _, m := range p.header {
		v, err := m.from(c, nil)
		if err != nil {
			return out, err
		}
		if len(v) > 0 {
			out.setHeader(m.name, v)
		}
	}
	return out, nil
}

func (m *mapped) setPath(name, value string) {
	if m.path == nil {
		m.path = map[string]string{}
	}
	m.path[name] = value
}

func (m *mapped) setQuery(name string, values []string) {
	if m.query == nil {
		m.query = url.Values{}
	}
	m.query[name] = values
}

func (m *mapped) setHeader(name string, values []string) {
	if m.header == nil {
		m.header = http.Header{}
	}
	m.header[sentName(name)] = values
}

// setHeaders lays the mapped headers over those that a request has.
func (m *mapped) setHeaders(h http.Header) {
	for name, values := range m.header {
		delete(h, sameName(h, name))
		h[name] = values
	}
}

// override lays what a template wrote to $context.requestOverride over the mappings.
func (c *call) override(m *mapped) error {
	if c.templates == nil {
		return nil
	}
	o, err := c.templates.RequestOverride()
	if err != nil {
		return internal(err)
	}
	noted := &c.rc.Override
	noted.RequestPath, noted.RequestQuery, noted.RequestHeader = overridden(o.Path), overridden(o.Query), overridden(o.Header)
	for _, p := range o.Path {
		m.setPath(p.Name, strings.Join(p.Values, ","))
	}
	for _, p := range o.Query {
		m.setQuery(p.Name, p.Values)
	}
	for _, p := range o.Header {
		if key := http.CanonicalHeaderKey(p.Name); !refusedHeaders[key] && !vanishingHeaders[key] {
			m.setHeader(p.Name, p.Values)
		}
	}
	return nil
}

// overridden is what access logs show of overrides.
func overridden(list []mapping.Override) map[string]any {
	if len(list) == 0 {
		return nil
	}
	out := make(map[string]any, len(list))
	for _, o := range list {
		out[o.Name] = strings.Join(o.Values, ",")
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
