package filterpattern

import "strings"

// fieldPattern matches the fields of a message one by one. Where the pattern has
// "...", the fields before it count from the start, those after it from the end.
type fieldPattern struct {
	head, tail []fieldSpec
	open       bool // there is a "..."
}

type fieldSpec struct {
	name string
	cond expr // nil: any text
}

func compileFields(text string) (matcher, error) {
	if !strings.HasSuffix(text, "]") || len(text) < 2 {
		return nil, errorAt(text, len(text), "] is expected")
	}
	p := &fieldPattern{}
	s := &scanner{text: text[:len(text)-1], at: 1}
	for {
		if s.take("...") {
			if p.open {
				return nil, errorAt(text, s.at, "a second ...")
			}
			p.open = true
		} else {
			f, err := s.fieldSpec()
			if err != nil {
				return nil, err
			}
			if p.open {
				p.tail = append(p.tail, f)
			} else {
				p.head = append(p.head, f)
			}
		}
		if s.skipSpace(); s.done() {
			return p, nil
		}
		if !s.take(",") {
			return nil, errorAt(text, s.at, ", is expected")
		}
	}
}

const fieldStops = ",()&|=!<>\""

// fieldSpec reads a name, or a condition on it: status = 4* || status = 500.
func (s *scanner) fieldSpec() (fieldSpec, error) {
	s.skipSpace()
	start := s.at
	name := s.word(fieldStops)
	if s.skipSpace(); name != "" && (s.done() || s.peek() == ',') {
		return fieldSpec{name: name}, nil
	}
	s.at = start
	var first string
	cond, err := s.expr(func() (selector, error) {
		s.skipSpace()
		name := s.word(fieldStops)
		if name == "" {
			return selector{}, errorAt(s.text, s.at, "a field name is expected")
		}
		if first == "" {
			first = name
		}
		return selector{text: name}, nil
	})
	return fieldSpec{name: first, cond: cond}, err
}

func (p *fieldPattern) match(message string, values map[string]string) bool {
	have := splitFields(message)
	want := len(p.head) + len(p.tail)
	if len(have) < want || !p.open && len(have) != want {
		return false
	}
	named := make(map[string]field, want)
	for i, f := range p.head {
		named[f.name] = field(have[i])
	}
	for i, f := range p.tail {
		named[f.name] = field(have[len(have)-len(p.tail)+i])
	}
	find := func(sel selector) []any {
		if v, ok := named[sel.text]; ok {
			return []any{v}
		}
		return nil
	}
	for _, list := range [][]fieldSpec{p.head, p.tail} {
		for _, f := range list {
			if f.cond != nil && !f.cond.eval(find) {
				return false
			}
		}
	}
	if values != nil {
		for name, v := range named {
			values["$"+name] = string(v)
		}
	}
	return true
}

// splitFields cuts at spaces; what stands between "…" or […] is one field.
func splitFields(message string) []string {
	var out []string
	for {
		message = strings.TrimLeft(message, " \t\r\n")
		if message == "" {
			return out
		}
		end := byte(0)
		switch message[0] {
		case '"':
			end = '"'
		case '[':
			end = ']'
		}
		if end != 0 {
			if at := strings.IndexByte(message[1:], end); at >= 0 {
				out = append(out, message[1:1+at])
				message = message[at+2:]
				continue
			}
		}
		at := strings.IndexAny(message, " \t\r\n")
		if at < 0 {
			return append(out, message)
		}
		out = append(out, message[:at])
		message = message[at:]
	}
}
