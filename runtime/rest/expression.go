package rest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/mapping/jsonpath"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/vtl"
)

// source is a compiled mapping expression. nil: it has no value for this call.
type source func(c *call, res *answer) ([]string, error)

// answer is what a response expression looks at.
type answer struct {
	header http.Header
	body   []byte
}

// compileSource reads a mapping expression of a request or a response.
func compileSource(expr string) (source, error) {
	switch {
	case len(expr) >= 2 && expr[0] == '\'' && expr[len(expr)-1] == '\'':
		literal := []string{expr[1 : len(expr)-1]}
		return func(*call, *answer) ([]string, error) { return literal, nil }, nil
	case strings.HasPrefix(expr, "stageVariables."):
		name := expr[len("stageVariables."):]
		return func(c *call, _ *answer) ([]string, error) { return one(c.rc.StageVariables[name]), nil }, nil
	case strings.HasPrefix(expr, "context."):
		return textSource(expr[len("context."):]), nil
	case strings.HasPrefix(expr, "method.request."):
		return requestSource(expr[len("method.request."):])
	case strings.HasPrefix(expr, "integration.response."):
		return responseSource(expr[len("integration.response."):])
	}
	return nil, fmt.Errorf("mapping expression %q is none", expr)
}

func one(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

func last(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return one(values[len(values)-1])
}

// notText are the variables of $context that are no text. AWS: mappings pass them over.
var notText = map[string]bool{"requestTimeEpoch": true, "isCanaryRequest": true}

func textSource(name string) source {
	if notText[name] {
		return func(*call, *answer) ([]string, error) { return nil, nil }
	}
	return contextSource(name)
}

// contextSource gives a context variable; one that there is none of gives nothing.
func contextSource(name string) source {
	get, ok := reqcontext.Variable(name)
	if !ok {
		return func(*call, *answer) ([]string, error) { return nil, nil }
	}
	return func(c *call, _ *answer) ([]string, error) {
		v, _ := get(c.rc)
		return one(v), nil
	}
}

func requestSource(expr string) (source, error) {
	where, name, _ := strings.Cut(expr, ".")
	switch where {
	case "path":
		return func(c *call, _ *answer) ([]string, error) {
			v, _ := c.rc.PathParameter(name)
			return one(v), nil
		}, nil
	case "querystring", "multivaluequerystring":
		multi := where != "querystring"
		return func(c *call, _ *answer) ([]string, error) {
			var values []string
			for _, p := range c.rc.Query() {
				if p.Name == name {
					values = append(values, p.Value)
				}
			}
			if multi {
				return values, nil
			}
			return last(values), nil
		}, nil
	case "header", "multivalueheader":
		header := newHeaderName(name)
		multi := where != "header"
		return func(c *call, _ *answer) ([]string, error) {
			values := header.of(c)
			if multi && len(values) > 0 {
				return one(strings.Join(values, ",")), nil
			}
			return last(values), nil
		}, nil
	case "body":
		path, err := bodyPath(name)
		if err != nil {
			return nil, err
		}
		return func(c *call, _ *answer) ([]string, error) {
			b, err := c.body()
			if err != nil {
				return nil, err
			}
			return path.request(b)
		}, nil
	}
	return nil, fmt.Errorf("mapping expression method.request.%s is none", expr)
}

func responseSource(expr string) (source, error) {
	where, name, _ := strings.Cut(expr, ".")
	switch where {
	case "header", "multivalueheader":
		key := http.CanonicalHeaderKey(name)
		multi := where != "header"
		return func(_ *call, res *answer) ([]string, error) {
			values := res.header[key]
			if multi {
				return values, nil
			}
			return last(values), nil
		}, nil
	case "body":
		path, err := bodyPath(name)
		if err != nil {
			return nil, err
		}
		return func(_ *call, res *answer) ([]string, error) { return path.lookup(res.body), nil }, nil
	}
	return nil, fmt.Errorf("mapping expression integration.response.%s is none", expr)
}

// bodyExpression is "body" or "body.JSONPATH" of an expression.
type bodyExpression struct{ path *jsonpath.Path } // nil: the whole body

func bodyPath(name string) (*bodyExpression, error) {
	if name == "" {
		return &bodyExpression{}, nil
	}
	p, err := jsonpath.Compile("$." + name)
	if err != nil {
		return nil, fmt.Errorf("mapping expression body.%s: %w", name, err)
	}
	return &bodyExpression{p}, nil
}

// request looks into a request's body. AWS: an empty body is {}; one that begins
// like JSON has to be readable, anything else is text in which no path finds anything.
func (b *bodyExpression) request(body []byte) ([]string, error) {
	text := strings.TrimSpace(string(body))
	if text == "" {
		text = "{}"
	}
	if strings.ContainsRune(`{["'`, rune(text[0])) {
		if _, err := vtl.DecodeLenient(text); err != nil {
			return nil, &gwerr.Error{Type: gwerr.BadRequestBody, Message: "Invalid JSON in request body", Err: err}
		}
	}
	return b.lookup([]byte(text)), nil
}

func (b *bodyExpression) lookup(body []byte) []string {
	if b.path == nil {
		return one(string(body))
	}
	root, err := vtl.DecodeLenient(string(body))
	if err != nil {
		return nil
	}
	v, found, err := b.path.Eval(root, func(int) error { return nil })
	if err != nil || !found || v == nil {
		return nil
	}
	if s, ok := v.(string); ok {
		return one(s)
	}
	text, err := vtl.JSON(v)
	if err != nil {
		return nil
	}
	return one(text)
}
