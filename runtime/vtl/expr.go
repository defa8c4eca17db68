package vtl

import "fmt"

// An expr is an expression of #set, #if, #foreach or a method argument. Only
// arithmetic, the null literal and division by zero give nil; a reference
// gives "" instead.
type expr interface {
	eval(r *Run) (any, error)
}

type literal struct{ value any }

func (e literal) eval(*Run) (any, error) { return e.value, nil }

// interpolated is a double-quoted string with references or directives in it.
type interpolated struct{ nodes []placed }

func (e *interpolated) eval(r *Run) (any, error) {
	s, err := r.capture(func() error { return r.renderNodes(e.nodes) })
	return s, err
}

type listLiteral struct{ items []expr }

func (e *listLiteral) eval(r *Run) (any, error) {
	if err := r.Charge(1 + len(e.items)); err != nil {
		return nil, err
	}
	items := make([]any, len(e.items))
	for i, item := range e.items {
		v, err := item.eval(r)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return NewList(items...), nil
}

// rangeLiteral is [a..b]; both ends belong to it and it may run downwards.
// Where one is not a number there is no range.
type rangeLiteral struct{ from, to expr }

func (e *rangeLiteral) eval(r *Run) (any, error) {
	first, err := e.from.eval(r)
	if err != nil {
		return nil, err
	}
	last, err := e.to.eval(r)
	if err != nil {
		return nil, err
	}
	from, ok1 := numberMethod(first, "intValue", nil).(int64)
	to, ok2 := numberMethod(last, "intValue", nil).(int64)
	if !ok1 || !ok2 {
		return nil, nil
	}
	step, size := int64(1), to-from+1
	if from > to {
		step, size = -1, from-to+1
	}
	if size > int64(r.limits.Work) {
		return nil, fmt.Errorf("%w: range [%d..%d] is too long", ErrLimit, from, to)
	}
	if err := r.Charge(int(size)); err != nil {
		return nil, err
	}
	items := make([]any, size)
	for i := range items {
		items[i] = from + int64(i)*step
	}
	return NewList(items...), nil
}

type mapLiteral struct{ keys, values []expr }

func (e *mapLiteral) eval(r *Run) (any, error) {
	if err := r.Charge(1 + len(e.keys)); err != nil {
		return nil, err
	}
	m := NewMap(len(e.keys))
	for i := range e.keys {
		key, err := e.keys[i].eval(r)
		if err != nil {
			return nil, err
		}
		value, err := e.values[i].eval(r)
		if err != nil {
			return nil, err
		}
		m.put(mapKey(key), value)
	}
	return m, nil
}

type notExpr struct{ operand expr }

func (e *notExpr) eval(r *Run) (any, error) {
	v, err := e.operand.eval(r)
	return !truth(v), err
}

// logicExpr is && (and) or || (or); the right side runs only when it decides.
type logicExpr struct {
	and         bool
	left, right expr
}

func (e *logicExpr) eval(r *Run) (any, error) {
	v, err := e.left.eval(r)
	if err != nil {
		return nil, err
	}
	if truth(v) != e.and {
		return !e.and, nil
	}
	if v, err = e.right.eval(r); err != nil {
		return nil, err
	}
	return truth(v), nil
}

type binaryExpr struct {
	op          operator
	left, right expr
}

func (e *binaryExpr) eval(r *Run) (any, error) {
	left, err := e.left.eval(r)
	if err != nil {
		return nil, err
	}
	right, err := e.right.eval(r)
	if err != nil {
		return nil, err
	}
	if err := r.Charge(1); err != nil {
		return nil, err
	}
	switch e.op {
	case opEqual:
		return r.looselyEqual(left, right)
	case opNotEqual:
		equal, err := r.looselyEqual(left, right)
		return !equal, err
	case opAdd:
		if isString(left) || isString(right) {
			return r.concat(left, right)
		}
		return arithmetic('+', left, right), nil
	case opSubtract:
		return arithmetic('-', left, right), nil
	case opMultiply:
		return arithmetic('*', left, right), nil
	case opDivide:
		return arithmetic('/', left, right), nil
	case opModulo:
		return arithmetic('%', left, right), nil
	}
	// Ordering anything but numbers is false, whichever way it is asked.
	order, ok := compareNumbers(left, right)
	if !ok {
		return false, nil
	}
	switch e.op {
	case opLess:
		return order < 0, nil
	case opLessOrEqual:
		return order <= 0, nil
	case opGreater:
		return order > 0, nil
	default:
		return order >= 0, nil
	}
}

func (r *Run) concat(left, right any) (any, error) {
	a, err := r.String(left)
	if err != nil {
		return nil, err
	}
	b, err := r.String(right)
	if err != nil {
		return nil, err
	}
	if err := r.Charge(1 + (len(a)+len(b))/8); err != nil {
		return nil, err
	}
	return a + b, nil
}

func isString(v any) bool {
	_, ok := v.(string)
	return ok
}

// truth is Velocity 1.x's: false and null are false, everything else is true.
// A null reference never gets here as null, so only false is false.
func truth(v any) bool {
	if b, ok := v.(bool); ok {
		return b
	}
	return v != nil
}

// looselyEqual is ==: numbers by value, two values of one type by equals,
// values of different types by their text.
func (r *Run) looselyEqual(left, right any) (bool, error) {
	if order, ok := compareNumbers(left, right); ok {
		return order == 0, nil
	}
	if sameType(left, right) {
		return r.equal(left, right, 0)
	}
	// AWS: null is the empty string, so the literal null equals "".
	a, err := r.String(left)
	if err != nil {
		return false, err
	}
	b, err := r.String(right)
	return a == b, err
}

func sameType(left, right any) bool {
	switch left.(type) {
	case string:
		return isString(right)
	case bool:
		_, ok := right.(bool)
		return ok
	case *Map:
		_, ok := right.(*Map)
		return ok
	case *List:
		_, ok := right.(*List)
		return ok
	}
	return false
}

// equal is Java's equals.
func (r *Run) equal(left, right any, depth int) (bool, error) {
	if depth > maxPrintDepth {
		return false, errPrintDepth
	}
	if err := r.Charge(1); err != nil {
		return false, err
	}
	switch a := left.(type) {
	case string:
		b, ok := right.(string)
		return ok && a == b, r.chargeText(a)
	case bool:
		b, ok := right.(bool)
		return ok && a == b, nil
	case *List:
		b, ok := right.(*List)
		if !ok || len(a.Items) != len(b.Items) {
			return false, nil
		}
		for i := range a.Items {
			if same, err := r.equal(a.Items[i], b.Items[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case *Map:
		b, ok := right.(*Map)
		if !ok || a.Len() != b.Len() {
			return false, nil
		}
		for key, value := range a.All() {
			other, ok := b.Get(key)
			if !ok {
				return false, nil
			}
			if same, err := r.equal(value, other, depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case nil:
		return right == nil, nil
	}
	if order, ok := compareNumbers(left, right); ok {
		return order == 0, nil
	}
	if a, ok := left.(Object); ok {
		b, ok := right.(Object)
		return ok && a.String() == b.String(), nil
	}
	return false, nil
}
