package validate

// keyword compiles one keyword of draft 4; nil: it asks for nothing.
//
// AWS: format, default, readOnly, discriminator, example and exclusiveMinimum are not
// looked at, and neither are $schema and id: each model is draft 4 and has one URL.
func (c *compiler) keyword(name string, value any) (check, error) {
	switch name {
	case "$ref":
		return c.reference(value)
	case "title", "description":
		if _, ok := value.(string); !ok {
			return nil, c.malformed(name, "a string")
		}
	case "definitions":
		_, err := c.byName(name, value)
		return nil, err
	case "type":
		return c.types(value)
	case "enum":
		return c.enum(value)
	case "allOf":
		return c.allOf(value)
	case "anyOf":
		return c.anyOf(value)
	case "oneOf":
		return c.oneOf(value)
	case "not":
		return c.not(value)
	case "minimum":
		return c.minimum(value)
	case "maximum":
		return c.maximum(value)
	case "exclusiveMaximum":
		return nil, c.exclusiveMaximum(value)
	case "multipleOf":
		return c.multipleOf(value)
	case "minLength":
		return c.minLength(value)
	case "maxLength":
		return c.maxLength(value)
	case "pattern":
		return c.pattern(value)
	case "items":
		return c.items(value)
	case "additionalItems":
		return c.additionalItems(value)
	case "minItems", "maxItems":
		return c.size(name, value)
	case "uniqueItems":
		return c.uniqueItems(value)
	case "properties":
		return c.properties(value)
	case "patternProperties":
		return c.patternProperties(value)
	case "additionalProperties":
		return c.additionalProperties(value)
	case "required":
		return c.required(value)
	case "minProperties":
		return c.minProperties(value)
	case "maxProperties":
		return c.maxProperties(value)
	case "dependencies":
		return c.dependencies(value)
	}
	return nil, nil
}
