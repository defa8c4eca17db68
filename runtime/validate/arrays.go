package validate

import "fmt"

// items is one schema for all elements, or one for each of the first.
func (c *compiler) items(value any) (check, error) {
	if _, ok := value.([]any); ok {
		first, err := c.list("items", value)
		return func(v any, found *findings) {
			elements, _ := v.([]any)
			for i := range min(len(first), len(elements)) {
				first[i].add(elements[i], found)
			}
		}, err
	}
	each, err := c.sub(value, "items")
	return elementsFrom(0, each), err
}

// elementsFrom checks the elements behind the first ones.
func elementsFrom(first int, s *Schema) check {
	return func(v any, found *findings) {
		elements, _ := v.([]any)
		for i := first; i < len(elements); i++ {
			s.add(elements[i], found)
		}
	}
}

// additionalItems says what may stand behind the elements that have a schema each.
func (c *compiler) additionalItems(value any) (check, error) {
	first, listed := c.beside["items"].([]any)
	switch value := value.(type) {
	case bool:
		if value || !listed {
			return nil, nil
		}
		return c.atMost(len(first)), nil
	default:
		s, err := c.sub(value, "additionalItems")
		if err != nil || !listed {
			return nil, err
		}
		return elementsFrom(len(first), s), nil
	}
}

// size is minItems or maxItems.
func (c *compiler) size(keyword string, value any) (check, error) {
	compile := c.maxItems
	if keyword == "minItems" {
		compile = c.minItems
	}
	judge, err := compile(value)
	if c.models.Imported[c.at.model] {
		judge = nil
	}
	return judge, err
}

func (c *compiler) minItems(value any) (check, error) {
	least, err := c.count("minItems", value)
	return func(v any, found *findings) {
		if elements, ok := v.([]any); ok && len(elements) < least {
			found.add(fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", least, len(elements)))
		}
	}, err
}

func (c *compiler) maxItems(value any) (check, error) {
	most, err := c.count("maxItems", value)
	return c.atMost(most), err
}

func (c *compiler) atMost(most int) check {
	return func(v any, found *findings) {
		if elements, ok := v.([]any); ok && len(elements) > most {
			found.add(fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", most, len(elements)))
		}
	}
}

func (c *compiler) uniqueItems(value any) (check, error) {
	unique, ok := value.(bool)
	if !ok {
		return nil, c.malformed("uniqueItems", "true or false")
	}
	if !unique {
		return nil, nil
	}
	return func(v any, found *findings) {
		if elements, ok := v.([]any); ok && repeats(elements) {
			found.add("array must not contain duplicate elements")
		}
	}, nil
}
