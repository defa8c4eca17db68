package jsonpath

import "github.com/postern/postern/runtime/vtl"

// Path is a compiled path.
type Path struct {
	segments []segment
	relative bool   // starts at @
	function string // applied to the result; "" for none
}

// segment is one step of a path.
type segment struct {
	descend  bool // the step follows ".." and is tried at every depth
	kind     kind
	names    []string
	indexes  []int
	from, to *int
	filter   filter
}

type kind uint8

const (
	nameKind kind = iota
	wildcardKind
	indexKind
	sliceKind
	filterKind
)

// Charge is asked before every step of an evaluation and ends it by an error.
type Charge func(units int) error

// Definite says whether the path has at most one value.
func (p *Path) Definite() bool {
	for i := range p.segments {
		if !p.segments[i].definite(i == len(p.segments)-1) {
			return false
		}
	}
	return true
}

func (s *segment) definite(last bool) bool {
	switch {
	case s.descend:
		return false
	case s.kind == nameKind:
		// Several names at the end of a path give one object with these members.
		return len(s.names) == 1 || last
	case s.kind == indexKind:
		return len(s.indexes) == 1
	}
	return false
}

// Eval looks the path up in root. found is false where a definite path leads
// nowhere.
func (p *Path) Eval(root any, charge Charge) (value any, found bool, err error) {
	e := evaluation{root: root, charge: charge}
	return e.eval(p, root)
}

type evaluation struct {
	root   any
	charge Charge
}

func (e *evaluation) eval(p *Path, current any) (value any, found bool, err error) {
	start := e.root
	if p.relative {
		start = current
	}
	var matches []any
	err = e.walk(p.segments, start, func(v any) error {
		matches = append(matches, v)
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	switch {
	case !p.Definite():
		value, found = vtl.NewJSONList(matches...), true
	case len(matches) > 0:
		value, found = matches[0], true
	}
	if p.function != "" && found {
		value = functions[p.function](value)
	}
	return value, found, nil
}

// walk finds what segments lead to from v.
func (e *evaluation) walk(segments []segment, v any, emit func(any) error) error {
	if err := e.charge(1); err != nil {
		return err
	}
	if len(segments) == 0 {
		return emit(v)
	}
	s := &segments[0]
	if err := e.step(s, segments[1:], v, emit); err != nil || !s.descend {
		return err
	}
	return children(v, func(child any) error { return e.walk(segments, child, emit) })
}

func (e *evaluation) step(s *segment, rest []segment, v any, emit func(any) error) error {
	next := func(v any) error { return e.walk(rest, v, emit) }
	switch s.kind {
	case nameKind:
		if m, ok := v.(*vtl.Map); ok {
			return e.names(s, len(rest) == 0, m, next)
		}
	case wildcardKind:
		return children(v, next)
	case indexKind:
		if l, ok := v.(*vtl.List); ok {
			for _, i := range s.indexes {
				if i < 0 {
					i += len(l.Items)
				}
				if i < 0 || i >= len(l.Items) {
					continue
				}
				if err := next(l.Items[i]); err != nil {
					return err
				}
			}
		}
	case sliceKind:
		if l, ok := v.(*vtl.List); ok {
			from, to := s.bounds(len(l.Items))
			for i := from; i < to; i++ {
				if err := next(l.Items[i]); err != nil {
					return err
				}
			}
		}
	case filterKind:
		test := func(v any) error {
			ok, err := s.filter.accepts(e, v)
			if err != nil || !ok {
				return err
			}
			return next(v)
		}
		switch v := v.(type) {
		case *vtl.List:
			for _, item := range v.Items {
				if err := test(item); err != nil {
					return err
				}
			}
		case *vtl.Map:
			return test(v)
		}
	}
	return nil
}

func (e *evaluation) names(s *segment, last bool, m *vtl.Map, next func(any) error) error {
	if len(s.names) > 1 && last {
		selected := vtl.NewMap(len(s.names))
		for _, name := range s.names {
			if v, ok := m.Get(name); ok {
				selected.Set(name, v)
			}
		}
		if selected.Len() == 0 {
			return nil
		}
		return next(selected)
	}
	for _, name := range s.names {
		if v, ok := m.Get(name); ok {
			if err := next(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *segment) bounds(size int) (from, to int) {
	from, to = 0, size
	clamp := func(i int) int {
		if i < 0 {
			i += size
		}
		return min(max(i, 0), size)
	}
	if s.from != nil {
		from = clamp(*s.from)
	}
	if s.to != nil {
		to = clamp(*s.to)
	}
	return from, to
}

func children(v any, visit func(any) error) error {
	switch v := v.(type) {
	case *vtl.Map:
		for _, child := range v.All() {
			if err := visit(child); err != nil {
				return err
			}
		}
	case *vtl.List:
		for _, child := range v.Items {
			if err := visit(child); err != nil {
				return err
			}
		}
	}
	return nil
}
