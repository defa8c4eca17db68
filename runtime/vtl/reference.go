package vtl

import "fmt"

// reference is $name with the properties, methods and indexes after it.
type reference struct {
	slot  int
	steps []step
}

// step is one .property, .method(args) or [index] of a reference.
type step struct {
	kind   stepKind
	name   string
	args   []expr // of a method; the index of an index
	offset int
}

type stepKind uint8

const (
	propertyStep stepKind = iota
	methodStep
	indexStep
)

// eval gives the value of the reference. AWS: what would be null is "".
func (ref *reference) eval(r *Run) (any, error) {
	v := r.vars[ref.slot]
	for i := 0; i < len(ref.steps) && v != nil; i++ {
		var err error
		if v, err = ref.steps[i].apply(r, v); err != nil {
			return nil, at(ref.steps[i].offset, err)
		}
	}
	if err := r.Charge(1 + len(ref.steps)); err != nil {
		return nil, err
	}
	if v == nil {
		return "", nil
	}
	return v, nil
}

func (s *step) apply(r *Run, v any) (any, error) {
	switch s.kind {
	case propertyStep:
		return property(v, s.name), nil
	case indexStep:
		index, err := s.args[0].eval(r)
		if err != nil {
			return nil, err
		}
		return indexed(v, index)
	}
	first := len(r.args)
	for _, arg := range s.args {
		a, err := arg.eval(r)
		if err != nil {
			return nil, err
		}
		r.args = append(r.args, a)
	}
	result, err := r.call(v, s.name, r.args[first:])
	r.args = r.args[:first]
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return result, nil
}

// assign is #set. Assigning below something that does not exist does nothing.
func (ref *reference) assign(r *Run, value any) error {
	if err := r.Charge(1 + len(ref.steps)); err != nil {
		return err
	}
	if len(ref.steps) == 0 {
		r.vars[ref.slot] = value
		return nil
	}
	v := r.vars[ref.slot]
	last := len(ref.steps) - 1
	for i := 0; i < last && v != nil; i++ {
		var err error
		if v, err = ref.steps[i].apply(r, v); err != nil {
			return at(ref.steps[i].offset, err)
		}
	}
	s := &ref.steps[last]
	switch s.kind {
	case propertyStep:
		if m, ok := v.(*Map); ok {
			m.Put(s.name, value)
		}
	case indexStep:
		index, err := s.args[0].eval(r)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case *Map:
			v.Put(index, value)
		case *List:
			i, err := listIndex(v, index)
			if err != nil {
				return at(s.offset, err)
			}
			v.Items[i] = value
		}
	}
	return nil
}

// property is $v.name: a map's key, an object's property, or the value of one
// of the getters that Velocity finds.
func property(v any, name string) any {
	switch v := v.(type) {
	case *Map:
		return v.member(name)
	case *List:
		switch name {
		case "size":
			return int64(len(v.Items))
		case "empty":
			return len(v.Items) == 0
		}
	case string:
		if name == "empty" {
			return v == ""
		}
	case *Entry:
		switch name {
		case "key":
			return v.Key
		case "value":
			return v.Value
		}
	case Object:
		return v.Property(name)
	}
	return nil
}

// indexed is $v[index]; a negative index counts from the end of a list.
func indexed(v, index any) (any, error) {
	switch v := v.(type) {
	case *Map:
		value, _ := v.Get(index)
		return value, nil
	case *List:
		if _, ok := index.(int64); !ok {
			return nil, nil
		}
		i, err := listIndex(v, index)
		if err != nil {
			return nil, err
		}
		return v.Items[i], nil
	case Object:
		if name, ok := index.(string); ok {
			return v.Property(name), nil
		}
	}
	return nil, nil
}

func listIndex(l *List, index any) (int, error) {
	i, ok := index.(int64)
	if !ok {
		return 0, fmt.Errorf("list index is not an integer")
	}
	if i < 0 {
		i += int64(len(l.Items))
	}
	if i < 0 || i >= int64(len(l.Items)) {
		return 0, fmt.Errorf("index %v is outside a list of %d", index, len(l.Items))
	}
	return int(i), nil
}
