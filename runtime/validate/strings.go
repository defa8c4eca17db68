package validate

import (
	"fmt"
	"unicode/utf8"

	"github.com/postern/postern/runtime/regex"
)

func (c *compiler) minLength(value any) (check, error) {
	least, err := c.count("minLength", value)
	return func(v any, found *findings) {
		if s, ok := v.(string); ok && utf8.RuneCountInString(s) < least {
			found.add(fmt.Sprintf("string %s is too short (length: %d, required minimum: %d)", text(s), utf8.RuneCountInString(s), least))
		}
	}, err
}

func (c *compiler) maxLength(value any) (check, error) {
	most, err := c.count("maxLength", value)
	return func(v any, found *findings) {
		if s, ok := v.(string); ok && utf8.RuneCountInString(s) > most {
			found.add(fmt.Sprintf("string %s is too long (length: %d, maximum allowed: %d)", text(s), utf8.RuneCountInString(s), most))
		}
	}, err
}

func (c *compiler) pattern(value any) (check, error) {
	src, ok := value.(string)
	if !ok {
		return nil, c.malformed("pattern", "a string")
	}
	re, err := regex.Compile(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.at.at("pattern").describe(), err)
	}
	return func(v any, found *findings) {
		if s, ok := v.(string); ok && !found.match(re, s) {
			found.add("ECMA 262 regex " + text(src) + " does not match input string " + text(s))
		}
	}, nil
}
