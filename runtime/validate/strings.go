package validate

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

func (c *compiler) minLength(value any) (check, error) {
	least, err := c.count("minLength", value)
	return func(v any, found []string) []string {
		if s, ok := v.(string); ok && utf8.RuneCountInString(s) < least {
			found = append(found, fmt.Sprintf("string %s is too short (length: %d, required minimum: %d)", text(s), utf8.RuneCountInString(s), least))
		}
		return found
	}, err
}

func (c *compiler) maxLength(value any) (check, error) {
	most, err := c.count("maxLength", value)
	return func(v any, found []string) []string {
		if s, ok := v.(string); ok && utf8.RuneCountInString(s) > most {
			found = append(found, fmt.Sprintf("string %s is too long (length: %d, maximum allowed: %d)", text(s), utf8.RuneCountInString(s), most))
		}
		return found
	}, err
}

func (c *compiler) pattern(value any) (check, error) {
	src, ok := value.(string)
	if !ok {
		return nil, c.malformed("pattern", "a string")
	}
	re, err := regexp.Compile(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.at.at("pattern").describe(), err)
	}
	return func(v any, found []string) []string {
		if s, ok := v.(string); ok && !re.MatchString(s) {
			found = append(found, "ECMA 262 regex "+text(src)+" does not match input string "+text(s))
		}
		return found
	}, nil
}
