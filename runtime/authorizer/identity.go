package authorizer

import (
	"fmt"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// Source is a compiled identity source: where the caller's identity stands.
type Source func(*reqcontext.Context) string

// Sources are the identity sources of one authorizer.
type Sources []Source

// CompileSources compiles the expressions of an HTTP API's authorizer.
func CompileSources(expressions []string) (Sources, error) {
	out := make(Sources, 0, len(expressions))
	for _, e := range expressions {
		s, err := compileSource(e)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func compileSource(expression string) (Source, error) {
	if name, ok := strings.CutPrefix(expression, "$request.header."); ok {
		if strings.EqualFold(name, "host") {
			return func(c *reqcontext.Context) string { return c.Host }, nil
		}
		return func(c *reqcontext.Context) string { return strings.Join(c.Header.Values(name), ",") }, nil
	}
	if name, ok := strings.CutPrefix(expression, "$request.querystring."); ok {
		return func(c *reqcontext.Context) string { return queryValue(c, name) }, nil
	}
	if name, ok := strings.CutPrefix(expression, "$stageVariables."); ok {
		return func(c *reqcontext.Context) string { return c.StageVariables[name] }, nil
	}
	if name, ok := strings.CutPrefix(expression, "$context."); ok {
		if get, ok := reqcontext.Variable(name); ok {
			return func(c *reqcontext.Context) string {
				v, _ := get(c)
				return v
			}, nil
		}
	}
	return nil, fmt.Errorf("identity source %q names nothing", expression)
}

func queryValue(c *reqcontext.Context, name string) string {
	var values []string
	for _, p := range c.Query() {
		if p.Name == name {
			values = append(values, p.Value)
		}
	}
	return strings.Join(values, ",")
}

// Values gives every source's value; ok is false when one is missing or empty.
func (s Sources) Values(c *reqcontext.Context) (values []string, ok bool) {
	values = make([]string, len(s))
	for i, source := range s {
		if values[i] = source(c); values[i] == "" {
			return nil, false
		}
	}
	return values, true
}
