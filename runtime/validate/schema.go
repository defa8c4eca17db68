package validate

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Schema is a compiled model, or a part of one.
type Schema struct {
	checks []check
	same   []*Schema // asked about the same value, for which they must not ask this one again
	walk   walk
}

// check is one keyword: it tells what is wrong with a value.
type check func(value any, found *findings)

func (s *Schema) add(value any, found *findings) {
	for _, c := range s.checks {
		if found.spend(1) {
			c(value, found)
		}
	}
}

func (s *Schema) matches(value any, beside *findings) bool {
	found := findings{left: beside.left}
	for _, c := range s.checks {
		if found.spend(1) {
			c(value, &found)
		}
		if len(found.violations) > 0 {
			return false
		}
	}
	return true
}

// location is a place in a model: a JSON pointer.
type location struct{ model, pointer string }

var (
	escapePointer   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
)

func (l location) at(steps ...string) location {
	for _, step := range steps {
		l.pointer += "/" + escapePointer.Replace(step)
	}
	return l
}

// compiler is at work on one schema.
type compiler struct {
	models *Models
	at     location
	schema *Schema
	beside map[string]any // the keywords of the schema
}

// compile compiles a schema once, however many references lead to it.
func (m *Models) compile(at location, value any) (*Schema, error) {
	if s := m.done[at]; s != nil {
		return s, nil
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s must be an object", at.describe())
	}
	s := &Schema{}
	m.done[at] = s // before its parts, which may refer to it
	c := &compiler{m, at, s, members}
	if ref, ok := members["$ref"]; ok {
		members = map[string]any{"$ref": ref} // what stands beside a reference says nothing
	}
	for _, keyword := range slices.Sorted(maps.Keys(members)) {
		add, err := c.keyword(keyword, members[keyword])
		if err != nil {
			return nil, err
		}
		if add != nil {
			s.checks = append(s.checks, add)
		}
	}
	return s, nil
}

func (l location) describe() string { return "#" + l.pointer }

// malformed says what the value of a keyword must be.
func (c *compiler) malformed(keyword, want string) error {
	return fmt.Errorf("%s must be %s", c.at.at(keyword).describe(), want)
}

// sub compiles a part of the schema.
func (c *compiler) sub(value any, steps ...string) (*Schema, error) {
	return c.models.compile(c.at.at(steps...), value)
}

// list compiles an array of schemas.
func (c *compiler) list(keyword string, value any) ([]*Schema, error) {
	values, ok := value.([]any)
	if !ok || len(values) == 0 {
		return nil, c.malformed(keyword, "an array of schemas")
	}
	var out []*Schema
	for i, v := range values {
		s, err := c.sub(v, keyword, strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// byName compiles an object of schemas.
func (c *compiler) byName(keyword string, value any) (map[string]*Schema, error) {
	values, ok := value.(map[string]any)
	if !ok {
		return nil, c.malformed(keyword, "an object of schemas")
	}
	out := make(map[string]*Schema, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s, err := c.sub(values[name], keyword, name)
		if err != nil {
			return nil, err
		}
		out[name] = s
	}
	return out, nil
}

// reference follows a $ref, to another place of the model or to another model.
func (c *compiler) reference(value any) (check, error) {
	text, ok := value.(string)
	if !ok {
		return nil, c.malformed("$ref", "a string")
	}
	base, err := url.Parse(c.models.base + c.at.model)
	if err != nil {
		return nil, err
	}
	target, err := base.Parse(text)
	if err != nil {
		return nil, err
	}
	to := location{model: c.at.model, pointer: target.Fragment}
	target.Fragment, target.RawFragment = "", ""
	if target.String() != base.String() {
		if to.model, err = c.models.named(target.String()); err != nil {
			return nil, err
		}
	}
	s, err := c.models.schema(to)
	if err != nil {
		return nil, err
	}
	c.schema.same = append(c.schema.same, s)
	return s.add, nil
}

// schema compiles what stands at a location.
func (m *Models) schema(at location) (*Schema, error) {
	value, err := m.document(at.model)
	if err != nil {
		return nil, err
	}
	if at.pointer != "" && !strings.HasPrefix(at.pointer, "/") {
		return nil, fmt.Errorf("%s is no JSON pointer", at.describe())
	}
	canonical := location{model: at.model}
	for _, step := range strings.Split(at.pointer, "/")[1:] {
		step = unescapePointer.Replace(step)
		canonical = canonical.at(step)
		if value, err = member(value, step); err != nil {
			return nil, fmt.Errorf("%s: %w", at.describe(), err)
		}
	}
	return m.compile(canonical, value)
}

var errNothing = errors.New("there is nothing")

func member(holder any, step string) (any, error) {
	switch holder := holder.(type) {
	case map[string]any:
		if v, ok := holder[step]; ok {
			return v, nil
		}
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(holder) {
			return holder[i], nil
		}
	}
	return nil, errNothing
}

// walk is how far a search for endless references has come.
type walk int

const (
	unseen walk = iota
	onPath
	walked
)

var errEndless = errors.New("references lead back to where they start")

// endless finds a schema that asks itself about the value that it was asked about.
func (s *Schema) endless() error {
	switch s.walk {
	case onPath:
		return errEndless
	case walked:
		return nil
	}
	s.walk = onPath
	for _, next := range s.same {
		if err := next.endless(); err != nil {
			return err
		}
	}
	s.walk = walked
	return nil
}
