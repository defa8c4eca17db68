package jsonpath

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/vtl"
)

// A filter is the condition of [?(…)].
type filter interface {
	accepts(e *evaluation, current any) (bool, error)
}

// operand is a side of a comparison: a path or a literal.
type operand struct {
	path    *Path
	literal any
	pattern *regexp.Regexp
}

func (o *operand) eval(e *evaluation, current any) (any, bool, error) {
	if o.path != nil {
		return e.eval(o.path, current)
	}
	return o.literal, true, nil
}

type existsFilter struct{ operand operand }

func (f *existsFilter) accepts(e *evaluation, current any) (bool, error) {
	v, found, err := f.operand.eval(e, current)
	if l, ok := v.(*vtl.List); ok && f.operand.path != nil && !f.operand.path.Definite() {
		found = len(l.Items) > 0
	}
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
		return f.op == "!=" && found != foundRight, nil
	}
	switch f.op {
	case "==":
		return equal(left, right, 0), nil
	case "!=":
		return !equal(left, right, 0), nil
	case "=~":
		s, ok := left.(string)
		return ok && f.right.pattern.MatchString(s), nil
	case "in":
		return contains(right, left), nil
	case "nin":
		return !contains(right, left), nil
	case "contains":
		if s, ok := left.(string); ok {
			part, ok := right.(string)
			return ok && strings.Contains(s, part), nil
		}
		return contains(left, right), nil
	case "size":
		return equal(length(left), right, 0), nil
	case "empty":
		n, ok := length(left).(int64)
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

func contains(list, v any) bool {
	l, ok := list.(*vtl.List)
	if !ok {
		return false
	}
	for _, item := range l.Items {
		if equal(item, v, 0) {
			return true
		}
	}
	return false
}

// equal compares scalars by value and collections by content.
func equal(a, b any, depth int) bool {
	if depth > maxDepth {
		return false
	}
	if order, ok := compare(a, b); ok {
		return order == 0
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		other, ok := b.(bool)
		return ok && a == other
	case *vtl.List:
		other, ok := b.(*vtl.List)
		if !ok || len(a.Items) != len(other.Items) {
			return false
		}
		for i := range a.Items {
			if !equal(a.Items[i], other.Items[i], depth+1) {
				return false
			}
		}
		return true
	case *vtl.Map:
		other, ok := b.(*vtl.Map)
		if !ok || a.Len() != other.Len() {
			return false
		}
		for key, value := range a.All() {
			if v, ok := other.Get(key); !ok || !equal(value, v, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// compare orders two numbers or two strings.
func compare(a, b any) (order int, ok bool) {
	if s, ok := a.(string); ok {
		other, ok := b.(string)
		return strings.Compare(s, other), ok
	}
	x, ok1 := number(a)
	y, ok2 := number(b)
	switch {
	case !ok1 || !ok2:
		return 0, false
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, true
	}
	return 0, false
}

// functions may end a path. Each gives null where it does not apply.
var functions = map[string]func(any) any{
	"length": length,
	"size":   length,
	"min":    func(v any) any { return fold(v, math.Inf(1), math.Min) },
	"max":    func(v any) any { return fold(v, math.Inf(-1), math.Max) },
	"sum":    func(v any) any { return fold(v, 0, add) },
	"avg": func(v any) any {
		sum, ok := fold(v, 0, add).(float64)
		if !ok {
			return nil
		}
		return sum / float64(len(v.(*vtl.List).Items))
	},
}

func add(a, b float64) float64 { return a + b }

func length(v any) any {
	switch v := v.(type) {
	case *vtl.List:
		return int64(len(v.Items))
	case *vtl.Map:
		return int64(v.Len())
	case string:
		return int64(len([]rune(v)))
	}
	return nil
}

func fold(v any, result float64, f func(a, b float64) float64) any {
	l, ok := v.(*vtl.List)
	if !ok || len(l.Items) == 0 {
		return nil
	}
	for _, item := range l.Items {
		n, ok := number(item)
		if !ok {
			return nil
		}
		result = f(result, n)
	}
	return result
}

// number reads a number literal of a filter.
func (p *parser) number() (any, bool) {
	start := p.pos
	for p.pos < len(p.src) && strings.IndexByte("+-.0123456789eE", p.src[p.pos]) >= 0 {
		p.pos++
	}
	text := p.src[start:p.pos]
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}
