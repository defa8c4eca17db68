package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/mapping/jsonpath"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/vtl"
)

// source is where the variables of a mapping are read.
type source struct {
	rc     *reqcontext.Context
	header http.Header // the request's or the response's
	body   []byte

	parsed   bool
	document any
	isJSON   bool
}

// side is the message that a mapping's variables may name.
type side string

const (
	fromRequest  side = "request"
	fromResponse side = "response"
)

// value is a compiled mapping value: terms one after the other.
type value struct {
	terms     []term
	readsBody bool
}

// term gives its text; false when the variable has no value.
type term func(*source) (string, bool)

// A variable is ${request.path.id} or $request.path.id.
var variablePattern = lazyregexp.New(`\$\{([A-Za-z]+(?:\.[^}]*)?)\}|\$((?:request|response|context|stageVariables)(?:\.[A-Za-z0-9_\-\[\]'*:@]+)+)`)

// malformedPattern is what is left of a variable that is none.
var malformedPattern = lazyregexp.New(`\$\{|\$(?:request|response|context|stageVariables)\b`)

// CheckMapping tells whether a value of a parameter mapping can be read: of a request's
// mapping, or of a response's.
func CheckMapping(value string, response bool) error {
	from := fromRequest
	if response {
		from = fromResponse
	}
	_, err := compileValue(value, from)
	return err
}

func compileValue(text string, from side) (value, error) {
	return compile(text, from, nil)
}

// compilePath compiles the value of an escaped path: what its variables hold is escaped,
// but for the request's path, which is already.
func compilePath(text string, from side) (value, error) { return compile(text, from, escapePath) }

func compile(text string, from side, escape func(string) string) (value, error) {
	var v value
	at := 0
	addLiteral := func(text string) error {
		// Two dots behind a variable are the rest of a path that cannot be read.
		if malformedPattern().MatchString(text) || at > 0 && strings.HasPrefix(text, "..") {
			return fmt.Errorf("malformed variable in %q", text)
		}
		v.terms = append(v.terms, literal(text))
		return nil
	}
	for _, m := range variablePattern().FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			if err := addLiteral(text[at:m[0]]); err != nil {
				return value{}, err
			}
		}
		name := ""
		if m[2] >= 0 {
			name = text[m[2]:m[3]]
		} else {
			name = text[m[4]:m[5]]
		}
		t, body, err := compileVariable(name, from)
		if err != nil {
			return value{}, err
		}
		if escape != nil && name != "request.path" {
			t = t.with(escape)
		}
		v.terms, v.readsBody = append(v.terms, t), v.readsBody || body
		at = m[1]
	}
	if at < len(text) {
		if err := addLiteral(text[at:]); err != nil {
			return value{}, err
		}
	}
	return v, nil
}

// text joins the terms. A value that is one variable without a value is none; within
// other text such a variable leaves nothing.
func (v *value) text(s *source) (string, bool) {
	if len(v.terms) == 1 {
		return v.terms[0](s)
	}
	var b strings.Builder
	for _, t := range v.terms {
		text, _ := t(s)
		b.WriteString(text)
	}
	return b.String(), true
}

// with gives the term's text as change leaves it.
func (t term) with(change func(string) string) term {
	return func(s *source) (string, bool) {
		text, ok := t(s)
		return change(text), ok
	}
}

func literal(text string) term {
	return func(*source) (string, bool) { return text, true }
}

func compileVariable(name string, from side) (t term, readsBody bool, err error) {
	root, rest, _ := strings.Cut(name, ".")
	switch {
	case root == "context":
		get, ok := reqcontext.Variable(rest)
		if !ok {
			return nil, false, fmt.Errorf("unknown variable $%s", name)
		}
		return func(s *source) (string, bool) { return get(s.rc) }, false, nil
	case root == "stageVariables" && rest != "":
		return func(s *source) (string, bool) {
			v, ok := s.rc.StageVariables[rest]
			return v, ok
		}, false, nil
	case root != string(from):
		return nil, false, fmt.Errorf("unknown variable $%s", name)
	}
	kind, rest, _ := strings.Cut(rest, ".")
	switch {
	case kind == "header" && rest != "":
		return header(rest, from), false, nil
	case kind == "body" && rest == "":
		return func(s *source) (string, bool) { return string(s.body), len(s.body) > 0 }, true, nil
	case kind == "body":
		path, err := compileBodyPath("$." + rest)
		if err != nil {
			return nil, false, fmt.Errorf("variable $%s: %w", name, err)
		}
		return func(s *source) (string, bool) { return s.lookup(path) }, true, nil
	case from == fromRequest && kind == "querystring" && rest != "":
		return query(rest), false, nil
	case from == fromRequest && kind == "path" && rest == "":
		return func(s *source) (string, bool) { return s.rc.RoutePath, true }, false, nil
	case from == fromRequest && kind == "path":
		return func(s *source) (string, bool) { return s.rc.PathParameter(rest) }, false, nil
	}
	return nil, false, fmt.Errorf("unknown variable $%s", name)
}

// compileBodyPath compiles the path of a body's member.
//
// AWS: there is neither a search through all levels nor a filter.
func compileBodyPath(path string) (*jsonpath.Path, error) {
	if strings.Contains(path, "..") || strings.Contains(path, "?(") {
		return nil, errors.New("neither .. nor ?() is supported")
	}
	return jsonpath.Compile(path)
}

func header(name string, from side) term {
	name = textproto.CanonicalMIMEHeaderKey(name)
	if name == "Host" && from == fromRequest {
		return func(s *source) (string, bool) { return s.rc.Host, true }
	}
	return func(s *source) (string, bool) {
		values := s.header[name]
		return strings.Join(values, ","), len(values) > 0
	}
}

func query(name string) term {
	return func(s *source) (string, bool) {
		var values []string
		for _, p := range s.rc.Query() {
			if p.Name == name {
				values = append(values, p.Value)
			}
		}
		return strings.Join(values, ","), len(values) > 0
	}
}

// AWS: only the first 100 KB of a body are looked into, cut and then parsed.
const maxLookup = 100 << 10

func (s *source) lookup(path *jsonpath.Path) (string, bool) {
	if !s.parsed {
		s.parsed = true
		document, err := vtl.DecodeJSON(string(s.body[:min(len(s.body), maxLookup)]))
		s.document, s.isJSON = document, err == nil
	}
	if !s.isJSON {
		return "", false
	}
	budget := maxLookup
	v, found, err := path.Eval(s.document, func(units int) error {
		if budget -= units; budget < 0 {
			return errLookup
		}
		return nil
	})
	if err != nil || !found {
		return "", false
	}
	if text, ok := v.(string); ok {
		return text, true
	}
	text, err := vtl.JSON(v)
	return text, err == nil
}

var errLookup = errors.New("JSONPath takes too long")
