package vtl

// iterator is a java.util.Iterator over what a list had when it was asked for one.
type iterator struct {
	items []any // those still to come
}

func (i *iterator) String() string { return "" }

func (i *iterator) Property(string) any { return nil }

// Call implements Object. AWS: going past the end is an exception, which fails the
// template.
func (i *iterator) Call(_ *Run, name string, args []any) (any, error) {
	if len(args) > 0 {
		return nil, nil
	}
	switch name {
	case "hasNext":
		return len(i.items) > 0, nil
	case "next":
		if len(i.items) == 0 {
			return nil, errOutOfBounds
		}
		return i.take(1)[0], nil
	}
	return nil, nil
}

// take gives the next n items, which are not given again.
func (i *iterator) take(n int) []any {
	taken := i.items[:n]
	i.items = i.items[n:]
	return taken
}
