package validate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The words of violations are those of the validator that AWS's messages show it to
// use.
//
// unverified against AWS: all but those of types, enums, missing properties and oneOf.

func (c *compiler) types(value any) (check, error) {
	var allowed []string
	switch v := value.(type) {
	case string:
		allowed = []string{v}
	default:
		var err error
		if allowed, err = c.names("type", value); err != nil {
			return nil, err
		}
	}
	for _, t := range allowed {
		if !slices.Contains([]string{"array", "boolean", "integer", "null", "number", "object", "string"}, t) {
			return nil, c.malformed("type", "one or more of JSON's types")
		}
	}
	slices.Sort(allowed)
	wrong := fmt.Sprintf(") does not match any allowed primitive type (allowed: %s)", text(allowed))
	return func(v any, found *findings) {
		t := typeOf(v)
		if slices.Contains(allowed, t) || t == "integer" && slices.Contains(allowed, "number") {
			return
		}
		found.add("instance type (" + t + wrong)
	}, nil
}

// typeOf is JSON's type of a value. A number with a fraction or an exponent is no
// integer in draft 4, be it 1.0.
func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return "integer"
		}
	}
	return "number"
}

func (c *compiler) enum(value any) (check, error) {
	values, ok := value.([]any)
	if !ok || len(values) == 0 || repeats(values) {
		return nil, c.malformed("enum", "an array of different values")
	}
	known := map[string]bool{}
	for _, v := range values {
		known[canonical(v)] = true
	}
	return func(v any, found *findings) {
		if known[canonical(v)] {
			return
		}
		found.add(fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", text(v), text(values)))
	}, nil
}

func (c *compiler) allOf(value any) (check, error) {
	return c.combine("allOf", value, func(matched, all int) string {
		if matched == all {
			return ""
		}
		return fmt.Sprintf("instance failed to match all required schemas (matched only %d out of %d)", matched, all)
	})
}

func (c *compiler) anyOf(value any) (check, error) {
	return c.combine("anyOf", value, func(matched, all int) string {
		if matched > 0 {
			return ""
		}
		return fmt.Sprintf("instance failed to match at least one required schema among %d", all)
	})
}

func (c *compiler) oneOf(value any) (check, error) {
	return c.combine("oneOf", value, func(matched, all int) string {
		if matched == 1 {
			return ""
		}
		return fmt.Sprintf("instance failed to match exactly one schema (matched %d out of %d)", matched, all)
	})
}

func (c *compiler) not(value any) (check, error) {
	s, err := c.sub(value, "not")
	if err != nil {
		return nil, err
	}
	c.schema.same = append(c.schema.same, s)
	return func(v any, found *findings) {
		if s.matches(v, found) {
			found.add("instance matched a schema which it should not have")
		}
	}, nil
}

// combine judges a value by how many schemas it matches; what they find themselves is
// not told.
func (c *compiler) combine(keyword string, value any, judge func(matched, all int) string) (check, error) {
	schemas, err := c.list(keyword, value)
	if err != nil {
		return nil, err
	}
	c.schema.same = append(c.schema.same, schemas...)
	return func(v any, found *findings) {
		matched := 0
		for _, s := range schemas {
			if s.matches(v, found) {
				matched++
			}
		}
		if wrong := judge(matched, len(schemas)); wrong != "" {
			found.add(wrong)
		}
	}, nil
}
