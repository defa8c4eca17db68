package jsonpath

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds the nesting of filters, maxLength the path that a template may
// have made of a request.
const (
	maxDepth  = 50
	maxLength = 8 << 10
)

type parser struct {
	src   string
	pos   int
	depth int
}

// Compile reads a path. One that does not begin with $ or @ is taken to be
// below the root, as Jayway does.
func Compile(src string) (*Path, error) {
	src = strings.TrimSpace(src)
	switch {
	case src == "":
		return nil, fmt.Errorf("empty JSONPath")
	case len(src) > maxLength:
		return nil, fmt.Errorf("JSONPath of %d bytes is too long", len(src))
	}
	if src[0] != '$' && src[0] != '@' {
		src = "$." + src
	}
	p := parser{src: src}
	path, err := p.path()
	if err == nil && p.pos < len(src) {
		err = p.errorf("unexpected %q", src[p.pos:])
	}
	return path, err
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("JSONPath %s: offset %d: %s", p.src, p.pos, fmt.Sprintf(format, args...))
}

// path reads $ or @ and the segments behind it.
func (p *parser) path() (*Path, error) {
	path := &Path{relative: p.src[p.pos] == '@'}
	defer path.finish()
	p.pos++
	for p.pos < len(p.src) {
		s := segment{}
		switch {
		case p.accept(".."):
			s.descend = true
		case p.accept("."):
		case p.peek() == '[':
		default:
			return path, nil
		}
		if p.peek() == '[' {
			if err := p.bracket(&s); err != nil {
				return nil, err
			}
			path.segments = append(path.segments, s)
			continue
		}
		if p.accept("*") {
			s.kind = wildcardKind
			path.segments = append(path.segments, s)
			continue
		}
		name := p.name()
		if name == "" {
			return nil, p.errorf("expected a name")
		}
		if !s.descend && p.accept("(") {
			return path, p.function(path, name)
		}
		s.names = []string{name}
		path.segments = append(path.segments, s)
	}
	return path, nil
}

// function reads what follows the ( of the function at the end of a path.
func (p *parser) function(path *Path, name string) error {
	scans := len(path.segments) > 0 && path.segments[0].descend
	index, ok := p.integer()
	switch {
	case ok && name == "index":
		path.function = element(index)
	case ok || name == "index" || p.peek() != ')':
		return p.errorf("%s() does not take these arguments", name)
	case functions[name] == nil:
		return p.errorf("no function %s", name)
	case scans && (name == "length" || name == "size"):
		path.function = lengthBelow
	default:
		path.function = functions[name]
	}
	if !p.accept(")") {
		return p.errorf("expected )")
	}
	return nil
}

// name reads a name in dot notation.
func (p *parser) name() string {
	stops := ".[( "
	if p.depth > 0 {
		stops = ".[() =<>!&|,~"
	}
	start := p.pos
	for p.pos < len(p.src) && strings.IndexByte(stops, p.src[p.pos]) < 0 {
		p.pos++
	}
	return p.src[start:p.pos]
}

// bracket reads [...]: names, indexes, a slice, a wildcard or a filter.
func (p *parser) bracket(s *segment) error {
	p.pos++
	p.space()
	switch c := p.peek(); {
	case p.accept("*"):
		s.kind = wildcardKind
	case p.accept("?"):
		p.space()
		if !p.accept("(") {
			return p.errorf("expected ( after ?")
		}
		f, err := p.filter()
		if err != nil {
			return err
		}
		s.kind, s.filter = filterKind, f
	case c == '\'' || c == '"':
		for {
			name, err := p.quoted()
			if err != nil {
				return err
			}
			s.names = append(s.names, name)
			p.space()
			if !p.accept(",") {
				break
			}
			p.space()
		}
	default:
		if err := p.indexes(s); err != nil {
			return err
		}
	}
	p.space()
	if !p.accept("]") {
		return p.errorf("expected ]")
	}
	return nil
}

func (p *parser) indexes(s *segment) error {
	s.kind = indexKind
	first, ok := p.integer()
	p.space()
	if p.accept(":") {
		s.kind = sliceKind
		if ok {
			s.from = &first
		}
		p.space()
		last, hasLast := p.integer()
		if hasLast {
			s.to = &last
		}
		if !ok && !hasLast {
			return p.errorf("a slice needs a bound")
		}
		return nil
	}
	for {
		if !ok {
			return p.errorf("expected a name in quotes, an index, a slice, * or ?")
		}
		s.indexes = append(s.indexes, first)
		p.space()
		if !p.accept(",") {
			return nil
		}
		p.space()
		first, ok = p.integer()
	}
}

func (p *parser) integer() (int, bool) {
	start := p.pos
	p.accept("-")
	for p.pos < len(p.src) && '0' <= p.src[p.pos] && p.src[p.pos] <= '9' {
		p.pos++
	}
	n, err := strconv.ParseInt(p.src[start:p.pos], 10, 32)
	if err != nil {
		p.pos = start
	}
	return int(n), err == nil
}

// quoted reads a string in either quotes; a backslash keeps what follows it.
func (p *parser) quoted() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.errorf("expected a quote")
	}
	var b strings.Builder
	for i := p.pos + 1; i < len(p.src); i++ {
		switch c := p.src[i]; {
		case c == quote:
			p.pos = i + 1
			return b.String(), nil
		case c == '\\' && i+1 < len(p.src):
			i++
			b.WriteByte(p.src[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.errorf("quote is not closed")
}

func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

func (p *parser) space() {
	for p.pos < len(p.src) && p.src[p.pos] == ' ' {
		p.pos++
	}
}

func (p *parser) accept(token string) bool {
	if !strings.HasPrefix(p.src[p.pos:], token) {
		return false
	}
	p.pos += len(token)
	return true
}
