package filterpattern

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// expr is a condition on the values that selectors find: JSON values, or texts.
type expr interface {
	eval(find func(selector) []any) bool
}

type (
	both   struct{ a, b expr }
	either struct{ a, b expr }
	// compare holds when one of the values found compares so.
	compare struct {
		sel  selector
		op   string
		want literal
	}
	// is tells true, false and null apart.
	is struct {
		sel  selector
		want any
	}
	notExists struct{ sel selector }
)

func (e both) eval(f func(selector) []any) bool   { return e.a.eval(f) && e.b.eval(f) }
func (e either) eval(f func(selector) []any) bool { return e.a.eval(f) || e.b.eval(f) }

func (e notExists) eval(f func(selector) []any) bool { return len(f(e.sel)) == 0 }

func (e is) eval(f func(selector) []any) bool {
	for _, v := range f(e.sel) {
		if v == e.want {
			return true
		}
	}
	return false
}

// unverified against AWS: != does not hold for a value that is not there.
func (e compare) eval(f func(selector) []any) bool {
	for _, v := range f(e.sel) {
		if e.want.holds(v, e.op) {
			return true
		}
	}
	return false
}

// literal is the right side of a comparison.
type literal struct {
	text     string // * is a wildcard
	number   float64
	isNumber bool
	re       *regexp.Regexp
}

func (l literal) holds(v any, op string) bool {
	switch op {
	case "=":
		return l.equals(v)
	case "!=":
		return isScalar(v) && !l.equals(v)
	}
	n, ok := numberOf(v)
	if !ok {
		return false
	}
	switch op {
	case "<":
		return n < l.number
	case "<=":
		return n <= l.number
	case ">":
		return n > l.number
	}
	return n >= l.number
}

func (l literal) equals(v any) bool {
	if l.re != nil {
		return isScalar(v) && l.re.MatchString(textOf(v))
	}
	if n, ok := numberOf(v); ok && l.isNumber {
		return n == l.number
	}
	return isScalar(v) && v != nil && glob(l.text, textOf(v))
}

// field is the text of a space-delimited field, which may be read as a number.
type field string

func numberOf(v any) (float64, bool) {
	switch t := v.(type) {
	case json.Number:
		n, err := t.Float64()
		return n, err == nil
	case field:
		n, err := strconv.ParseFloat(string(t), 64)
		return n, err == nil
	}
	return 0, false
}

func isScalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

func textOf(v any) string {
	switch t := v.(type) {
	case string:
		return t
	case field:
		return string(t)
	case json.Number:
		return t.String()
	case bool:
		return strconv.FormatBool(t)
	case nil:
		return "null"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// maxDepth bounds nested parentheses.
const maxDepth = 32

// expr reads a || b && (c), with the usual precedence; sel reads a selector.
func (s *scanner) expr(sel func() (selector, error)) (expr, error) {
	e, err := s.conjunction(sel)
	for err == nil && s.take("||") {
		var right expr
		if right, err = s.conjunction(sel); err == nil {
			e = either{e, right}
		}
	}
	return e, err
}

func (s *scanner) conjunction(sel func() (selector, error)) (expr, error) {
	e, err := s.condition(sel)
	for err == nil && s.take("&&") {
		var right expr
		if right, err = s.condition(sel); err == nil {
			e = both{e, right}
		}
	}
	return e, err
}

func (s *scanner) condition(sel func() (selector, error)) (expr, error) {
	if s.take("(") {
		if s.depth++; s.depth > maxDepth {
			return nil, errorAt(s.text, s.at, "too many parentheses")
		}
		e, err := s.expr(sel)
		if err == nil && !s.take(")") {
			err = errorAt(s.text, s.at, "a parenthesis is not closed")
		}
		s.depth--
		return e, err
	}
	x, err := sel()
	if err != nil {
		return nil, err
	}
	switch {
	case s.keyword("IS"):
		for word, want := range map[string]any{"TRUE": true, "FALSE": false, "NULL": nil} {
			if s.keyword(word) {
				return is{x, want}, nil
			}
		}
		return nil, errorAt(s.text, s.at, "TRUE, FALSE or NULL is expected")
	case s.keyword("NOT"):
		if !s.keyword("EXISTS") {
			return nil, errorAt(s.text, s.at, "EXISTS is expected")
		}
		return notExists{x}, nil
	}
	for _, op := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if s.take(op) {
			want, err := s.literal()
			if err == nil && !want.isNumber && op != "=" && op != "!=" {
				err = errorAt(s.text, s.at, "a number is expected")
			}
			return compare{x, op, want}, err
		}
	}
	return nil, errorAt(s.text, s.at, "an operator is expected")
}

func (s *scanner) literal() (literal, error) {
	s.skipSpace()
	switch s.peek() {
	case '"':
		text, err := s.quoted()
		return literal{text: text}, err
	case '%':
		re, err := s.regex()
		return literal{re: re}, err
	}
	start := s.at
	text := s.word(`()&|=!<>",`)
	if text == "" {
		return literal{}, errorAt(s.text, start, "a value is expected")
	}
	l := literal{text: text}
	if n, err := strconv.ParseFloat(text, 64); err == nil && strings.IndexAny(text[:1], "+-.0123456789") == 0 {
		l.number, l.isNumber = n, true
	}
	return l, nil
}
