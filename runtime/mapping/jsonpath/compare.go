package jsonpath

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/postern/postern/runtime/regex"
	"github.com/postern/postern/runtime/vtl"
)

func negate(ok bool, err error) (bool, error) { return !ok, err }

// contains says whether the list has the value; what is no list has none.
func (e *evaluation) contains(list, v any) (bool, error) {
	for _, item := range items(list) {
		if same, err := e.equal(item, v, 0); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func (e *evaluation) containsAll(list, values any) (bool, error) {
	_, ok1 := list.(*vtl.List)
	_, ok2 := values.(*vtl.List)
	if !ok1 || !ok2 {
		return false, nil
	}
	for _, v := range items(values) {
		if ok, err := e.contains(list, v); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (e *evaluation) containsAny(list, values any) (bool, error) {
	for _, v := range items(values) {
		if ok, err := e.contains(list, v); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func items(v any) []any {
	if l, ok := v.(*vtl.List); ok {
		return l.Items
	}
	return nil
}

// matches says whether the value, or any element of a list, is matched whole.
func (e *evaluation) matches(pattern *regex.Regexp, v any) (bool, error) {
	list, ok := v.(*vtl.List)
	if !ok {
		list = vtl.NewList(v)
	}
	for _, item := range list.Items {
		text := ""
		switch item.(type) {
		case nil, *vtl.Map, *vtl.List:
		default:
			text, _ = vtl.String(item)
		}
		if ok, err := pattern.Match(text, e.charge); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// identical is ===, which minds the types that == overlooks.
func (e *evaluation) identical(a, b any) (bool, error) {
	_, textA := a.(string)
	_, textB := b.(string)
	if textA != textB {
		return false, nil
	}
	return e.equal(a, b, 0)
}

// equal compares scalars by value and collections by content. Jayway: a number
// equals a text that reads like it.
func (e *evaluation) equal(a, b any, depth int) (bool, error) {
	if err := e.charge(1); err != nil || depth > maxDepth {
		return false, err
	}
	if order, ok := compare(a, b); ok {
		return order == 0, nil
	}
	switch a := a.(type) {
	case nil:
		return b == nil, nil
	case bool:
		other, ok := b.(bool)
		return ok && a == other, nil
	case string:
		if _, ok := number(b); !ok {
			return false, nil
		}
		text, err := vtl.String(b)
		return a == text, err
	case *vtl.List:
		other, ok := b.(*vtl.List)
		if !ok || len(a.Items) != len(other.Items) {
			return false, nil
		}
		for i := range a.Items {
			if same, err := e.equal(a.Items[i], other.Items[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case *vtl.Map:
		other, ok := b.(*vtl.Map)
		if !ok || a.Len() != other.Len() {
			return false, nil
		}
		for key, value := range a.All() {
			v, ok := other.Get(key)
			if !ok {
				return false, nil
			}
			if same, err := e.equal(value, v, depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	text, ok := b.(string)
	if !ok {
		return false, nil
	}
	x, ok := number(a)
	y, err := strconv.ParseFloat(text, 64)
	return ok && err == nil && x == y, nil
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

// size is what the operators size and empty look at: that of a text too.
func size(v any) any {
	if s, ok := v.(string); ok {
		return int64(len(utf16.Encode([]rune(s))))
	}
	return length(v)
}
