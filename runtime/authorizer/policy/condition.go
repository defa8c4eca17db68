package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition is one operator with one key and its values.
type condition struct {
	key      string // lower case
	test     test   // against one value of the request
	negated  bool   // holds for values that the test does not find
	ifExists bool
	set      quantifier
	null     bool // the Null operator: absent says what is asked for
	absent   bool
}

// test tells whether a value of the request is one of the condition's.
type test func(r *Request, value string) bool

// quantifier says how many values of the request have to pass.
type quantifier uint8

const (
	single quantifier = iota
	forAny
	forAll
)

func (c *compiler) conditions(raw map[string]map[string]oneOrMore[scalar]) ([]condition, error) {
	var out []condition
	for _, operator := range slices.Sorted(maps.Keys(raw)) {
		for _, key := range slices.Sorted(maps.Keys(raw[operator])) {
			one, err := c.condition(operator, key, raw[operator][key])
			if err != nil {
				return nil, fmt.Errorf("condition %s of %s: %w", operator, key, err)
			}
			out = append(out, one)
		}
	}
	return out, nil
}

func (c *compiler) condition(operator, key string, values []scalar) (out condition, err error) {
	out.key = strings.ToLower(key)
	name := operator
	if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		name, out.set = rest, forAny
	} else if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		name, out.set = rest, forAll
	}
	if name == "Null" {
		out.null = true
		out.absent, err = absence(values)
		return out, err
	}
	name, out.ifExists = strings.CutSuffix(name, "IfExists")
	compile, ok := operators[name]
	if !ok {
		return out, fmt.Errorf("operator %q is unknown", operator)
	}
	out.negated = compile.negated
	tests := make([]test, len(values))
	for i, v := range values {
		if tests[i], err = compile.compile(c, string(v)); err != nil {
			return out, err
		}
	}
	out.test = func(r *Request, value string) bool {
		for _, t := range tests {
			if t(r, value) {
				return true
			}
		}
		return false
	}
	return out, nil
}

func absence(values []scalar) (bool, error) {
	if len(values) != 1 || values[0] != "true" && values[0] != "false" {
		return false, fmt.Errorf("%v is neither true nor false", values)
	}
	return values[0] == "true", nil
}

// holds judges the condition.
//
// AWS: a key that the request does not have fails a condition, unless the operator
// is a negated one, ends in IfExists, or has to hold for all of no values.
func (c *condition) holds(r *Request) bool {
	values := r.values(c.key)
	if c.null {
		return (len(values) == 0) == c.absent
	}
	if len(values) == 0 {
		return c.ifExists || c.set == forAll || c.set == single && c.negated
	}
	pass := func(v string) bool { return c.test(r, v) != c.negated }
	// A key with one value is asked without a quantifier; where it has several
	// all the same, a negated operator must hold for each.
	if c.set == forAll || c.set == single && c.negated {
		return !slices.ContainsFunc(values, func(v string) bool { return !pass(v) })
	}
	return slices.ContainsFunc(values, pass)
}
