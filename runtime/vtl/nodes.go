package vtl

// A node is a piece of template that renders itself.
type node interface {
	render(r *Run) error
}

// placed is a node and where in the source it begins.
type placed struct {
	node
	offset int
}

type textNode string

func (n textNode) render(r *Run) error { return r.text(string(n)) }

// referenceNode prints a reference.
type referenceNode struct{ ref *reference }

func (n *referenceNode) render(r *Run) error {
	v, err := n.ref.eval(r)
	if err != nil {
		return err
	}
	return r.print(v)
}

type setNode struct {
	target *reference
	value  expr
}

func (n *setNode) render(r *Run) error {
	v, err := n.value.eval(r)
	if err != nil {
		return err
	}
	return n.target.assign(r, v)
}

type ifNode struct {
	branches  []branch
	otherwise []placed
}

type branch struct {
	condition expr
	body      []placed
}

func (n *ifNode) render(r *Run) error {
	for i := range n.branches {
		v, err := n.branches[i].condition.eval(r)
		if err != nil {
			return err
		}
		if truth(v) {
			return r.renderNodes(n.branches[i].body)
		}
	}
	return r.renderNodes(n.otherwise)
}

// definition is what #define gives to a variable: a block rendered anew at
// each use, with the variables of that moment.
type definition struct{ body []placed }

type defineNode struct {
	slot  int
	block *definition
}

func (n *defineNode) render(r *Run) error {
	r.vars[n.slot] = n.block
	return nil
}

type stopNode struct{}

func (stopNode) render(*Run) error { return errStop }

type foreachNode struct {
	slot int
	list expr
	body []placed
}

func (n *foreachNode) render(r *Run) error {
	v, err := n.list.eval(r)
	if err != nil {
		return err
	}
	items := iterable(v)
	if len(items) == 0 {
		return nil
	}
	loop := &loop{parent: r.loop, size: len(items)}
	saved := [...]any{r.vars[n.slot], r.vars[slotForeach], r.vars[slotCount], r.vars[slotHasNext]}
	r.loop = loop
	r.vars[slotForeach] = loop
	for i := 0; i < len(items) && i < r.limits.Iterations; i++ {
		loop.index = i
		r.vars[n.slot] = items[i]
		r.vars[slotCount] = int64(i + 1)
		r.vars[slotHasNext] = i+1 < len(items)
		if err = r.Charge(1); err == nil {
			err = r.renderNodes(n.body)
		}
		if err != nil {
			break
		}
	}
	r.loop = loop.parent
	r.vars[n.slot], r.vars[slotForeach], r.vars[slotCount], r.vars[slotHasNext] = saved[0], saved[1], saved[2], saved[3]
	return err
}

// iterable is what #foreach walks: a list's elements, what an iterator has left, a
// map's values, nothing for everything else.
func iterable(v any) []any {
	switch v := v.(type) {
	case *List:
		return v.Items
	case *iterator:
		return v.take(len(v.items))
	case *Map:
		values := make([]any, 0, v.Len())
		for _, value := range v.All() {
			values = append(values, value)
		}
		return values
	}
	return nil
}

// loop is $foreach.
type loop struct {
	parent *loop
	index  int
	size   int
}

func (l *loop) String() string { return "" }

func (l *loop) Property(name string) any {
	switch name {
	case "index":
		return int64(l.index)
	case "count":
		return int64(l.index + 1)
	case "hasNext":
		return l.index+1 < l.size
	case "first":
		return l.index == 0
	case "last":
		return l.index+1 == l.size
	case "parent":
		if l.parent != nil {
			return l.parent
		}
	case "topmost":
		top := l
		for top.parent != nil {
			top = top.parent
		}
		return top
	}
	return nil
}

func (l *loop) Call(_ *Run, name string, args []any) (any, error) {
	if len(args) > 0 {
		return nil, nil
	}
	switch name {
	case "hasNext":
		return l.Property(name), nil
	case "getIndex":
		return l.Property("index"), nil
	case "getCount":
		return l.Property("count"), nil
	case "isFirst":
		return l.Property("first"), nil
	case "isLast":
		return l.Property("last"), nil
	}
	return nil, nil
}
