package authorizer

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// Source is a compiled identity source: where the caller's identity stands.
type Source func(*reqcontext.Context) string

// Sources are the identity sources of one authorizer.
type Sources []Source

// CompileSources compiles the expressions of an HTTP API's authorizer.
func CompileSources(expressions []string) (Sources, error) {
	return compileSources(expressions, "$request.", "$stageVariables.", "$context.", joined)
}

// CompileRESTSources compiles the identity source of a REST API's authorizer: a list
// with commas.
func CompileRESTSources(list string) (Sources, error) {
	var expressions []string
	for e := range strings.SplitSeq(list, ",") {
		if e = strings.TrimSpace(e); e != "" {
			expressions = append(expressions, e)
		}
	}
	return compileSources(expressions, "method.request.", "stageVariables.", "context.", last)
}

// compileSources compiles expressions of either API type; pick makes one value of
// the several that a header or a parameter may have.
func compileSources(expressions []string, request, stage, context string, pick func([]string) string) (Sources, error) {
	out := make(Sources, 0, len(expressions))
	for _, e := range expressions {
		if name, ok := strings.CutPrefix(e, request+"header."); ok {
			out = append(out, headerSource(name, pick))
		} else if name, ok := strings.CutPrefix(e, request+"querystring."); ok {
			out = append(out, querySource(name, pick))
		} else if name, ok := strings.CutPrefix(e, stage); ok {
			out = append(out, func(c *reqcontext.Context) string { return c.StageVariables[name] })
		} else if name, ok := strings.CutPrefix(e, context); ok && variable(name) != nil {
			out = append(out, variable(name))
		} else {
			return nil, fmt.Errorf("identity source %q names nothing", e)
		}
	}
	return out, nil
}

func headerSource(name string, pick func([]string) string) Source {
	key := http.CanonicalHeaderKey(name)
	if key == "Host" {
		return func(c *reqcontext.Context) string { return c.Host }
	}
	return func(c *reqcontext.Context) string { return pick(c.Header[key]) }
}

func querySource(name string, pick func([]string) string) Source {
	return func(c *reqcontext.Context) string {
		var values []string
		for _, p := range c.Query() {
			if p.Name == name {
				values = append(values, p.Value)
			}
		}
		return pick(values)
	}
}

func variable(name string) Source {
	get, ok := reqcontext.Variable(name)
	if !ok {
		return nil
	}
	return func(c *reqcontext.Context) string {
		v, _ := get(c)
		return v
	}
}

func joined(values []string) string { return strings.Join(values, ",") }

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
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
