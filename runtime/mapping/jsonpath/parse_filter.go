package jsonpath

import (
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/regex"
	"github.com/postern/postern/runtime/vtl"
)

// comparisons in the order in which they are tried.
var comparisons = []string{
	"===", "!==", "==", "!=", "=~", "<=", ">=", "<", ">",
	"in", "nin", "contains", "size", "empty", "all", "subsetof", "anyof", "noneof",
}

// filter reads a condition behind its ( up to and including the ).
func (p *parser) filter() (filter, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf("filters are nested too deeply")
	}
	defer func() { p.depth-- }()
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	p.space()
	if !p.accept(")") {
		return nil, p.errorf("expected )")
	}
	return f, nil
}

func (p *parser) or() (filter, error) {
	left, err := p.and()
	for err == nil {
		if p.space(); !p.accept("||") {
			return left, nil
		}
		var right filter
		right, err = p.and()
		left = &logicFilter{false, left, right}
	}
	return nil, err
}

func (p *parser) and() (filter, error) {
	left, err := p.condition()
	for err == nil {
		if p.space(); !p.accept("&&") {
			return left, nil
		}
		var right filter
		right, err = p.condition()
		left = &logicFilter{true, left, right}
	}
	return nil, err
}

func (p *parser) condition() (filter, error) {
	p.space()
	negated := false
	for p.accept("!") {
		negated = !negated
		p.space()
	}
	var f filter
	var err error
	if p.accept("(") {
		f, err = p.filter()
	} else {
		f, err = p.comparison()
	}
	if negated && err == nil {
		f = &notFilter{f}
	}
	return f, err
}

func (p *parser) comparison() (filter, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	p.space()
	for _, op := range comparisons {
		if !p.accept(op) {
			continue
		}
		p.space()
		if op == "=~" {
			right, err := p.pattern()
			return &compareFilter{op, left, right}, err
		}
		right, err := p.operand()
		return &compareFilter{op, left, right}, err
	}
	if left.path == nil {
		return nil, p.errorf("expected a comparison")
	}
	return &existsFilter{left}, nil
}

func (p *parser) operand() (operand, error) {
	switch c := p.peek(); {
	case c == '@' || c == '$':
		path, err := p.path()
		return operand{path: path}, err
	case c == '\'' || c == '"':
		s, err := p.quoted()
		return operand{literal: s}, err
	case c == '[' || c == '{':
		return p.json(c)
	case p.accept("true"):
		return operand{literal: true}, nil
	case p.accept("false"):
		return operand{literal: false}, nil
	case p.accept("null"):
		return operand{}, nil
	}
	n, ok := p.number()
	if !ok {
		return operand{}, p.errorf("expected a value")
	}
	return operand{literal: n}, nil
}

// json reads a list or object literal; strings in it may be in single quotes.
func (p *parser) json(open byte) (operand, error) {
	closing := byte(']')
	if open == '{' {
		closing = '}'
	}
	var text strings.Builder
	for depth := 0; p.pos < len(p.src); {
		c := p.src[p.pos]
		if c == '\'' || c == '"' {
			s, err := p.quoted()
			if err != nil {
				return operand{}, err
			}
			quoted, err := vtl.JSON(s)
			if err != nil {
				return operand{}, err
			}
			text.WriteString(quoted)
			continue
		}
		text.WriteByte(c)
		p.pos++
		if c == open {
			depth++
		} else if c == closing {
			if depth--; depth == 0 {
				break
			}
		}
	}
	v, err := vtl.DecodeJSON(text.String())
	if err != nil {
		return operand{}, p.errorf("malformed literal")
	}
	return operand{literal: v}, nil
}

// pattern reads /expression/flags; the whole text has to match it.
func (p *parser) pattern() (operand, error) {
	if !p.accept("/") {
		return operand{}, p.errorf("expected a pattern between slashes")
	}
	start := p.pos
	for p.pos < len(p.src) && p.src[p.pos] != '/' {
		if p.src[p.pos] == '\\' {
			p.pos++
		}
		p.pos++
	}
	if p.pos >= len(p.src) {
		return operand{}, p.errorf("pattern is not closed")
	}
	source := p.src[start:p.pos]
	p.pos++
	flags := p.pos
	for p.pos < len(p.src) && strings.IndexByte("ims", p.src[p.pos]) >= 0 {
		p.pos++
	}
	prefix := ""
	if p.pos > flags {
		prefix = "(?" + p.src[flags:p.pos] + ")"
	}
	re, err := regex.CompileWhole(prefix + source)
	if err != nil {
		return operand{}, p.errorf("%v", err)
	}
	return operand{pattern: re}, nil
}

// number reads a number literal of a filter.
func (p *parser) number() (any, bool) {
	start := p.pos
	for p.pos < len(p.src) && strings.IndexByte("+-.0123456789eE", p.src[p.pos]) >= 0 {
		p.pos++
	}
	text := p.src[start:p.pos]
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}
