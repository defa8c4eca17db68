package vtl

import "slices"

// mapMethod runs a method of java.util.Map.
func (r *Run) mapMethod(m *Map, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		return r.mapView(m, name)
	case 1:
		switch name {
		case "get":
			v, _ := m.Get(args[0])
			return v, nil
		case "containsKey":
			_, ok := m.Get(args[0])
			return ok, nil
		case "containsValue":
			for _, v := range m.All() {
				if same, err := r.equal(v, args[0], 0); same || err != nil {
					return same, err
				}
			}
			return false, nil
		case "remove":
			return m.Remove(args[0]), r.Charge(m.Len())
		case "putAll":
			other, ok := args[0].(*Map)
			if !ok {
				return nil, nil
			}
			if err := r.Charge(1 + other.Len()); err != nil {
				return nil, err
			}
			for k, v := range other.All() {
				m.Put(k, v)
			}
			return "", nil
		}
	case 2:
		switch name {
		case "put":
			return m.Put(args[0], args[1]), nil
		case "putIfAbsent":
			if old, ok := m.Get(args[0]); ok && old != nil {
				return old, nil
			}
			return m.Put(args[0], args[1]), nil
		case "getOrDefault":
			if v, ok := m.Get(args[0]); ok {
				return v, nil
			}
			return args[1], nil
		}
	}
	return nil, nil
}

// mapView runs a method without arguments.
func (r *Run) mapView(m *Map, name string) (any, error) {
	switch name {
	case "size":
		return int64(m.Len()), nil
	case "isEmpty":
		return m.Len() == 0, nil
	case "clear":
		m.Clear()
		return "", nil
	}
	if err := r.Charge(1 + m.Len()); err != nil {
		return nil, err
	}
	view := &List{Items: make([]any, 0, m.Len())}
	for key, value := range m.All() {
		switch name {
		case "keySet":
			view.Items = append(view.Items, key)
		case "values":
			view.Items = append(view.Items, value)
		case "entrySet":
			view.Items = append(view.Items, &Entry{key, value})
		default:
			return nil, nil
		}
	}
	switch name {
	case "keySet", "values", "entrySet":
		return view, nil
	}
	return nil, nil
}

// listMethod runs a method of java.util.List.
func (r *Run) listMethod(l *List, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		switch name {
		case "size", "count":
			return int64(len(l.Items)), nil
		case "isEmpty":
			return len(l.Items) == 0, nil
		case "iterator", "listIterator":
			return &iterator{items: l.Items}, nil
		case "toArray":
			return NewList(slices.Clone(l.Items)...), r.Charge(len(l.Items))
		case "clear":
			l.Items = nil
			return "", nil
		}
	case 1:
		return r.listMethod1(l, name, args[0])
	case 2:
		return r.listMethod2(l, name, args[0], args[1])
	}
	return nil, nil
}

func (r *Run) listMethod1(l *List, name string, arg any) (any, error) {
	switch name {
	case "add":
		l.Items = append(l.Items, arg)
		return true, nil
	case "get":
		index, ok := arg.(int64)
		if !ok {
			return nil, nil
		}
		if index < 0 || index >= int64(len(l.Items)) {
			return nil, errOutOfBounds
		}
		return l.Items[index], nil
	case "contains":
		i, err := r.search(l, arg)
		return i >= 0, err
	case "indexOf":
		i, err := r.search(l, arg)
		return int64(i), err
	case "lastIndexOf":
		for i := len(l.Items) - 1; i >= 0; i-- {
			if same, err := r.equal(l.Items[i], arg, 0); same || err != nil {
				return int64(i), err
			}
		}
		return int64(-1), nil
	case "remove":
		return r.listRemove(l, arg)
	case "addAll", "containsAll", "removeAll", "retainAll":
		other, ok := arg.(*List)
		if !ok {
			return nil, nil
		}
		return r.listBulk(l, name, other)
	}
	return nil, nil
}

// listRemove removes by index where the argument is an integer, else by value.
func (r *Run) listRemove(l *List, arg any) (any, error) {
	if err := r.Charge(len(l.Items)); err != nil {
		return nil, err
	}
	if index, ok := arg.(int64); ok {
		if index < 0 || index >= int64(len(l.Items)) {
			return nil, errOutOfBounds
		}
		old := l.Items[index]
		l.Items = append(l.Items[:index], l.Items[index+1:]...)
		return old, nil
	}
	i, err := r.search(l, arg)
	if i < 0 || err != nil {
		return false, err
	}
	l.Items = append(l.Items[:i], l.Items[i+1:]...)
	return true, nil
}

func (r *Run) listBulk(l *List, name string, other *List) (any, error) {
	if err := r.Charge(1 + len(other.Items)); err != nil {
		return nil, err
	}
	switch name {
	case "addAll":
		l.Items = append(l.Items, other.Items...)
		return len(other.Items) > 0, nil
	case "containsAll":
		for _, v := range other.Items {
			if i, err := r.search(l, v); i < 0 || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	kept := make([]any, 0, len(l.Items))
	for _, v := range l.Items {
		i, err := r.search(other, v)
		if err != nil {
			return nil, err
		}
		if (i >= 0) == (name == "retainAll") {
			kept = append(kept, v)
		}
	}
	changed := len(kept) != len(l.Items)
	l.Items = kept
	return changed, nil
}

func (r *Run) listMethod2(l *List, name string, a, b any) (any, error) {
	index, ok := a.(int64)
	if !ok {
		return nil, nil
	}
	size := int64(len(l.Items))
	switch name {
	case "set":
		if index < 0 || index >= size {
			return nil, errOutOfBounds
		}
		old := l.Items[index]
		l.Items[index] = b
		return old, nil
	case "add":
		if index < 0 || index > size {
			return nil, errOutOfBounds
		}
		if err := r.Charge(len(l.Items)); err != nil {
			return nil, err
		}
		l.Items = append(l.Items, nil)
		copy(l.Items[index+1:], l.Items[index:])
		l.Items[index] = b
		return "", nil
	case "subList":
		to, ok := b.(int64)
		if !ok {
			return nil, nil
		}
		if index < 0 || to < index || to > size {
			return nil, errOutOfBounds
		}
		if err := r.Charge(int(to - index)); err != nil {
			return nil, err
		}
		return NewList(append([]any(nil), l.Items[index:to]...)...), nil
	}
	return nil, nil
}

func (r *Run) search(l *List, v any) (int, error) {
	for i, item := range l.Items {
		if same, err := r.equal(item, v, 0); same || err != nil {
			return i, err
		}
	}
	return -1, nil
}
