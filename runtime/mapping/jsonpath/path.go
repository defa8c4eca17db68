package jsonpath

import (
	"errors"

	"github.com/postern/postern/runtime/vtl"
)

// Path is a compiled path.
type Path struct {
	segments []segment
	relative bool     // starts at @
	function function // at the end of the path; nil for none
}

// segment is one step of a path.
type segment struct {
	descend bool // the step follows ".." and is tried at every depth
	// strict says that nothing before this step, nor a name that it is, leaves
	// anything open: where it does not fit, the path leads nowhere, which a
	// filter tells from an empty list.
	strict bool
	// merge makes one object of the members that several names select, as at the
	// end of a path.
	merge    bool
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
		if !p.segments[i].definite() {
			return p.function != nil && p.segments[0].descend
		}
	}
	return true
}

func (s *segment) definite() bool {
	switch {
	case s.descend:
		return false
	case s.kind == nameKind:
		return len(s.names) == 1 || s.merge
	case s.kind == indexKind:
		return len(s.indexes) == 1
	}
	return false
}

// finish notes what a segment has to know of the whole path.
func (p *Path) finish() {
	open := false
	for i := range p.segments {
		s := &p.segments[i]
		last := i == len(p.segments)-1 && p.function == nil
		s.merge = last && s.kind == nameKind && len(s.names) > 1
		open = open || s.descend
		s.strict = !open
		open = open || !s.definite()
	}
}

// Eval looks the path up in root. found is false where a definite path leads
// nowhere; an indefinite one has an empty list there.
func (p *Path) Eval(root any, charge Charge) (value any, found bool, err error) {
	e := evaluation{root: root, charge: charge}
	value, found, err = e.eval(p, root)
	if err == nil && !found && !p.Definite() {
		return vtl.NewJSONList(), true, nil
	}
	return value, found, err
}

type evaluation struct {
	root   any
	charge Charge
}

// errNotFound ends the walk of a path that leads nowhere, and is what a function
// says of a value that it does not apply to. AWS: neither fails a template.
var errNotFound = errors.New("no results for path")

func (e *evaluation) eval(p *Path, current any) (value any, found bool, err error) {
	start := e.root
	if p.relative {
		start = current
	}
	matches := vtl.NewJSONList()
	// Jayway: a function gets the list of what ".." at the start of a path finds,
	// and otherwise each match by itself.
	whole := p.function != nil && len(p.segments) > 0 && p.segments[0].descend
	err = e.walk(p.segments, start, func(v any) error {
		var err error
		if p.function != nil && !whole {
			v, err = p.function(v)
		}
		matches.Items = append(matches.Items, v)
		return err
	})
	if err == nil && whole {
		value, err = p.function(matches)
	}
	switch {
	case errors.Is(err, errNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case whole:
		return value, true, nil
	case !p.Definite():
		return matches, true, nil
	case len(matches.Items) > 0:
		return matches.Items[0], true, nil
	}
	return nil, false, nil
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
	if s.kind == wildcardKind {
		return children(v, next)
	}
	switch v := v.(type) {
	case *vtl.Map:
		switch s.kind {
		case nameKind:
			return s.members(v, next)
		case filterKind:
			return e.test(s, v, next)
		}
	case *vtl.List:
		switch s.kind {
		case indexKind:
			return each(v, s.indexes, next)
		case sliceKind:
			return each(v, s.slice(len(v.Items)), next)
		case filterKind:
			// Jayway: ".." comes by the elements themselves.
			if s.descend {
				return e.test(s, v, func(any) error { return e.elements(s, v, next) })
			}
			return e.elements(s, v, next)
		}
	}
	if s.strict {
		return errNotFound
	}
	return nil
}

func (e *evaluation) test(s *segment, v any, next func(any) error) error {
	ok, err := s.filter.accepts(e, v)
	if err != nil || !ok {
		return err
	}
	return next(v)
}

func (e *evaluation) elements(s *segment, l *vtl.List, next func(any) error) error {
	for _, item := range l.Items {
		if err := e.test(s, item, next); err != nil {
			return err
		}
	}
	return nil
}

// members follows the names of s in m.
func (s *segment) members(m *vtl.Map, next func(any) error) error {
	if s.merge {
		selected := vtl.NewMap(len(s.names))
		for _, name := range s.names {
			if v, ok := m.Get(name); ok {
				selected.Set(name, v)
			}
		}
		if s.descend && selected.Len() < len(s.names) {
			return nil
		}
		return next(selected)
	}
	for _, name := range s.names {
		v, ok := m.Get(name)
		if !ok {
			if s.strict && len(s.names) == 1 {
				return errNotFound
			}
			continue
		}
		if err := next(v); err != nil {
			return err
		}
	}
	return nil
}

// each follows indexes, of which a negative one counts from the end.
func each(l *vtl.List, indexes []int, next func(any) error) error {
	for _, i := range indexes {
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
	return nil
}

// slice lists the indexes of [from:to]. Jayway: with one bound a negative one
// counts from the end; with both they are taken as numbers, so [0:-1] is empty
// and [-2:1] is the last two and the first.
func (s *segment) slice(size int) []int {
	from, to := 0, size
	switch {
	case s.from != nil && s.to != nil:
		from, to = max(*s.from, -size), min(*s.to, size)
	case s.from != nil:
		if from = *s.from; from < 0 {
			from = max(from+size, 0)
		}
	default:
		if to = *s.to; to < 0 {
			to += size
		}
		to = min(to, size)
	}
	var indexes []int
	for i := from; i < to; i++ {
		indexes = append(indexes, i)
	}
	return indexes
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
