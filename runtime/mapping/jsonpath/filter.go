package jsonpath

import (
	"strings"

	"github.com/postern/postern/runtime/regex"
)

// A filter is the condition of [?(…)].
type filter interface {
	accepts(e *evaluation, current any) (bool, error)
}

// operand is a side of a comparison: a path or a literal.
type operand struct {
	path    *Path
	literal any
	pattern *regex.Regexp
}

func (o *operand) eval(e *evaluation, current any) (any, bool, error) {
	if o.path != nil {
		return e.eval(o.path, current)
	}
	return o.literal, true, nil
}

type existsFilter struct{ operand operand }

func (f *existsFilter) accepts(e *evaluation, current any) (bool, error) {
	// Jayway: an indefinite path exists even where its list is empty.
	_, found, err := f.operand.eval(e, current)
	return found, err
}

type notFilter struct{ filter filter }

func (f *notFilter) accepts(e *evaluation, current any) (bool, error) {
	ok, err := f.filter.accepts(e, current)
	return !ok, err
}

type logicFilter struct {
	and         bool
	left, right filter
}

func (f *logicFilter) accepts(e *evaluation, current any) (bool, error) {
	ok, err := f.left.accepts(e, current)
	if err != nil || ok != f.and {
		return ok, err
	}
	return f.right.accepts(e, current)
}

type compareFilter struct {
	op          string
	left, right operand
}

func (f *compareFilter) accepts(e *evaluation, current any) (bool, error) {
	left, found, err := f.left.eval(e, current)
	if err != nil {
		return false, err
	}
	right, foundRight, err := f.right.eval(e, current)
	if err != nil {
		return false, err
	}
	if !found || !foundRight {
		// Jayway: what is not there differs from everything and is in no list.
		return f.op == "!=" || f.op == "!==" || f.op == "nin" && foundRight, nil
	}
	switch f.op {
	case "==":
		return e.equal(left, right, 0)
	case "!=":
		return negate(e.equal(left, right, 0))
	case "===":
		return e.identical(left, right)
	case "!==":
		return negate(e.identical(left, right))
	case "=~":
		return e.matches(f.right.pattern, left)
	case "contains":
		if s, ok := left.(string); ok {
			part, ok := right.(string)
			return ok && strings.Contains(s, part), e.charge(1 + len(s)/8)
		}
		return e.contains(left, right)
	case "in":
		return e.contains(right, left)
	case "nin":
		return negate(e.contains(right, left))
	case "all":
		return e.containsAll(left, right)
	case "subsetof":
		return e.containsAll(right, left)
	case "anyof":
		return e.containsAny(right, left)
	case "noneof":
		return negate(e.containsAny(right, left))
	case "size":
		return e.equal(size(left), right, 0)
	case "empty":
		n, ok := size(left).(int64)
		return ok && (n == 0) == (right == true), nil
	}
	order, ok := compare(left, right)
	if !ok {
		return false, nil
	}
	switch f.op {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	default:
		return order >= 0, nil
	}
}
