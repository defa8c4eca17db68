package filterpattern

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// selector is a path into a JSON value, or the name of a field.
type selector struct {
	text  string // as written; the name of a field
	steps []step
}

// step goes to a member, to an element, or (any) to every element.
type step struct {
	member string
	index  int // -1: a member
	any    bool
}

type jsonPattern struct {
	cond      expr
	selectors []selector
}

func compileJSON(text string) (matcher, error) {
	if !strings.HasSuffix(text, "}") || len(text) < 2 {
		return nil, errorAt(text, len(text), "} is expected")
	}
	p := &jsonPattern{}
	s := &scanner{text: text[:len(text)-1], at: 1}
	cond, err := s.expr(func() (selector, error) {
		sel, err := s.selector()
		p.selectors = append(p.selectors, sel)
		return sel, err
	})
	if err != nil {
		return nil, err
	}
	if s.skipSpace(); !s.done() {
		return nil, errorAt(text, s.at, "&& or || is expected")
	}
	p.cond = cond
	return p, nil
}

// selector reads $.a.b[0][*]['c'].
func (s *scanner) selector() (selector, error) {
	s.skipSpace()
	start := s.at
	if s.peek() != '$' {
		return selector{}, errorAt(s.text, s.at, "a selector is expected")
	}
	s.at++
	var steps []step
	for {
		switch s.peek() {
		case '.':
			s.at++
			if s.peek() == '[' { // $.['a'] is the same as $['a']
				continue
			}
			name := s.word(".[()&|=!<>\"'")
			if name == "" {
				return selector{}, errorAt(s.text, s.at, "a name is expected")
			}
			steps = append(steps, step{member: name, index: -1})
		case '[':
			st, err := s.bracket()
			if err != nil {
				return selector{}, err
			}
			steps = append(steps, st)
		default:
			return selector{text: s.text[start:s.at], steps: steps}, nil
		}
	}
}

func (s *scanner) bracket() (step, error) {
	s.at++ // the bracket
	st := step{index: -1}
	switch c := s.peek(); c {
	case '*':
		s.at++
		st.any = true
	case '\'', '"':
		name, err := s.quoted()
		if err != nil {
			return st, err
		}
		st.member = name
	default:
		n, err := strconv.Atoi(s.word("]"))
		if err != nil || n < 0 {
			return st, errorAt(s.text, s.at, "an index is expected")
		}
		st.index = n
	}
	if s.peek() != ']' {
		return st, errorAt(s.text, s.at, "] is expected")
	}
	s.at++
	return st, nil
}

func (p *jsonPattern) match(message string, values map[string]string) bool {
	var root any
	dec := json.NewDecoder(strings.NewReader(message))
	dec.UseNumber()
	if dec.Decode(&root) != nil {
		return false
	}
	if _, err := dec.Token(); err != io.EOF {
		return false
	}
	if isScalar(root) {
		return false
	}
	find := func(sel selector) []any { return follow(root, sel.steps) }
	if !p.cond.eval(find) {
		return false
	}
	if values != nil {
		for _, sel := range p.selectors {
			if found := find(sel); len(found) > 0 {
				values[sel.text] = textOf(found[0])
			}
		}
	}
	return true
}

// follow gives the values at the end of the steps.
func follow(v any, steps []step) []any {
	for i, st := range steps {
		switch t := v.(type) {
		case map[string]any:
			next, ok := t[st.member]
			if st.any || st.index >= 0 || !ok {
				return nil
			}
			v = next
		case []any:
			if st.any {
				var out []any
				for _, e := range t {
					out = append(out, follow(e, steps[i+1:])...)
				}
				return out
			}
			if st.index < 0 || st.index >= len(t) {
				return nil
			}
			v = t[st.index]
		default:
			return nil
		}
	}
	return []any{v}
}
