package jsonpath

import (
	"math"
	"slices"
	"strings"

	"github.com/postern/postern/runtime/vtl"
)

// A function may end a path.
type function func(v any) (any, error)

var functions = map[string]function{
	"length": func(v any) (any, error) { return length(v), nil },
	"size":   func(v any) (any, error) { return length(v), nil },
	"keys":   keys,
	"concat": concat,
	"first":  element(0),
	"last":   element(-1),
	"min":    aggregate(slices.Min),
	"max":    aggregate(slices.Max),
	"sum":    aggregate(sum),
	"avg":    aggregate(mean),
	"stddev": aggregate(deviation),
}

// lengthBelow is length behind ".." at the start of a path: how many elements
// and members the matches have together, so that $..book.length() counts books
// and not the lists of them.
func lengthBelow(v any) (any, error) {
	n := int64(0)
	for _, match := range items(v) {
		if size, ok := length(match).(int64); ok {
			n += size
		}
	}
	return n, nil
}

// length is null for what is neither a list nor an object.
func length(v any) any {
	switch v := v.(type) {
	case *vtl.List:
		return int64(len(v.Items))
	case *vtl.Map:
		return int64(v.Len())
	}
	return nil
}

func keys(v any) (any, error) {
	m, ok := v.(*vtl.Map)
	if !ok {
		return nil, nil
	}
	names := vtl.NewJSONList()
	for key := range m.All() {
		names.Items = append(names.Items, key)
	}
	return names, nil
}

func concat(v any) (any, error) {
	var text strings.Builder
	for _, item := range items(v) {
		if s, ok := item.(string); ok {
			text.WriteString(s)
		}
	}
	return text.String(), nil
}

func element(index int) function {
	return func(v any) (any, error) {
		list, i := items(v), index
		if i < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return nil, errNotFound
		}
		return list[i], nil
	}
}

// aggregate applies f to the numbers of a list.
func aggregate(f func([]float64) float64) function {
	return func(v any) (any, error) {
		var numbers []float64
		for _, item := range items(v) {
			if n, ok := number(item); ok {
				numbers = append(numbers, n)
			}
		}
		if len(numbers) == 0 {
			return nil, errNotFound
		}
		return f(numbers), nil
	}
}

func sum(numbers []float64) float64 {
	total := 0.0
	for _, n := range numbers {
		total += n
	}
	return total
}

func mean(numbers []float64) float64 { return sum(numbers) / float64(len(numbers)) }

func deviation(numbers []float64) float64 {
	squares := 0.0
	for _, n := range numbers {
		squares += n * n
	}
	m := mean(numbers)
	return math.Sqrt(max(0, squares/float64(len(numbers))-m*m))
}
