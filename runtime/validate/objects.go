package validate

import (
	"fmt"
	"slices"

	"github.com/postern/postern/runtime/regex"
)

func (c *compiler) properties(value any) (check, error) {
	schemas, err := c.byName("properties", value)
	return func(v any, found *findings) {
		members, _ := v.(map[string]any)
		for name, member := range members {
			if s := schemas[name]; s != nil {
				s.add(member, found)
			}
		}
	}, err
}

type patternProperty struct {
	names  *regex.Regexp
	schema *Schema
}

func (c *compiler) patternProperties(value any) (check, error) {
	schemas, err := c.byName("patternProperties", value)
	if err != nil {
		return nil, err
	}
	var patterns []patternProperty
	for src, s := range schemas {
		names, err := regex.Compile(src)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.at.at("patternProperties").describe(), err)
		}
		patterns = append(patterns, patternProperty{names, s})
	}
	return func(v any, found *findings) {
		members, _ := v.(map[string]any)
		for name, member := range members {
			for _, p := range patterns {
				if found.match(p.names, name) {
					p.schema.add(member, found)
				}
			}
		}
	}, nil
}

// additionalProperties says what may stand beside the members that properties and
// patternProperties speak of.
func (c *compiler) additionalProperties(value any) (check, error) {
	other, err := c.others()
	if err != nil {
		return nil, err
	}
	if allowed, ok := value.(bool); ok {
		if allowed {
			return nil, nil
		}
		return func(v any, found *findings) {
			members, _ := v.(map[string]any)
			var names []string
			for name := range members {
				if other(name, found) {
					names = append(names, name)
				}
			}
			if len(names) == 0 {
				return
			}
			slices.Sort(names)
			found.add("object instance has properties which are not allowed by the schema: " + text(names))
		}, nil
	}
	s, err := c.sub(value, "additionalProperties")
	return func(v any, found *findings) {
		members, _ := v.(map[string]any)
		for name, member := range members {
			if other(name, found) {
				s.add(member, found)
			}
		}
	}, err
}

// others tells the members that no keyword beside additionalProperties speaks of.
func (c *compiler) others() (func(name string, found *findings) bool, error) {
	named, _ := c.beside["properties"].(map[string]any)
	patterns, _ := c.beside["patternProperties"].(map[string]any)
	var spoken []*regex.Regexp
	for src := range patterns {
		names, err := regex.Compile(src)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.at.at("patternProperties").describe(), err)
		}
		spoken = append(spoken, names)
	}
	return func(name string, found *findings) bool {
		if _, ok := named[name]; ok {
			return false
		}
		return !slices.ContainsFunc(spoken, func(names *regex.Regexp) bool {
			return found.match(names, name)
		})
	}, nil
}

// names reads an array of different strings.
func (c *compiler) names(keyword string, value any) ([]string, error) {
	values, ok := value.([]any)
	if !ok || len(values) == 0 || repeats(values) {
		return nil, c.malformed(keyword, "an array of different strings")
	}
	var out []string
	for _, v := range values {
		name, ok := v.(string)
		if !ok {
			return nil, c.malformed(keyword, "an array of different strings")
		}
		out = append(out, name)
	}
	return out, nil
}

// missing gives the names that an object lacks, in order.
func missing(members map[string]any, names []string) []string {
	var out []string
	for _, name := range names {
		if _, ok := members[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (c *compiler) required(value any) (check, error) {
	names, err := c.names("required", value)
	return func(v any, found *findings) {
		if members, ok := v.(map[string]any); ok {
			if lacks := missing(members, names); lacks != nil {
				found.add("object has missing required properties (" + text(lacks) + ")")
			}
		}
	}, err
}

func (c *compiler) minProperties(value any) (check, error) {
	least, err := c.count("minProperties", value)
	return func(v any, found *findings) {
		if members, ok := v.(map[string]any); ok && len(members) < least {
			found.add(fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", len(members), least))
		}
	}, err
}

func (c *compiler) maxProperties(value any) (check, error) {
	most, err := c.count("maxProperties", value)
	return func(v any, found *findings) {
		if members, ok := v.(map[string]any); ok && len(members) > most {
			found.add(fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", len(members), most))
		}
	}, err
}

// dependencies are what an object must have, or be, that has a member.
func (c *compiler) dependencies(value any) (check, error) {
	byName, ok := value.(map[string]any)
	if !ok {
		return nil, c.malformed("dependencies", "an object")
	}
	needed := map[string][]string{}
	schemas := map[string]*Schema{}
	for name, v := range byName {
		var err error
		if _, ok := v.([]any); ok {
			needed[name], err = c.names("dependencies", v)
		} else if schemas[name], err = c.sub(v, "dependencies", name); err == nil {
			c.schema.same = append(c.schema.same, schemas[name])
		}
		if err != nil {
			return nil, err
		}
	}
	return func(v any, found *findings) {
		members, _ := v.(map[string]any)
		for name := range members {
			if lacks := missing(members, needed[name]); lacks != nil {
				found.add(fmt.Sprintf("property %s of object has missing property dependencies (schema requires %s; missing: %s)",
					text(name), text(slices.Sorted(slices.Values(needed[name]))), text(lacks)))
			}
			if s := schemas[name]; s != nil {
				s.add(v, found)
			}
		}
	}, nil
}
