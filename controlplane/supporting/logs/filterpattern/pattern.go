package filterpattern

import (
	"fmt"
	"strings"
)

// Pattern is a compiled filter pattern; it may be used concurrently.
type Pattern struct{ m matcher }

// matcher is one of the three forms. values are what the pattern's selectors or
// field names stand for in the message; nil when not asked for.
type matcher interface {
	match(message string, values map[string]string) bool
}

// Compile reads a pattern. An error is an Error.
func Compile(text string) (*Pattern, error) {
	text = strings.TrimSpace(text)
	var m matcher
	var err error
	switch {
	case strings.HasPrefix(text, "{"):
		m, err = compileJSON(text)
	case strings.HasPrefix(text, "["):
		m, err = compileFields(text)
	default:
		m, err = compileTerms(text)
	}
	if err != nil {
		return nil, err
	}
	return &Pattern{m}, nil
}

// Match tells whether a message fits.
func (p *Pattern) Match(message string) bool { return p.m.match(message, nil) }

// Extract gives, for a message that fits, the values of the pattern's selectors
// ($.latency) or fields ($bytes).
func (p *Pattern) Extract(message string) (values map[string]string, ok bool) {
	values = map[string]string{}
	if !p.m.match(message, values) {
		return nil, false
	}
	return values, true
}

// Error is what is wrong with a pattern, as the caller reads it.
type Error string

func (e Error) Error() string { return string(e) }

func errorf(format string, args ...any) error { return Error(fmt.Sprintf(format, args...)) }

// unverified against AWS: the texts for patterns that do not parse.
func errorAt(text string, at int, what string) error {
	return errorf("Invalid filter pattern: %s at character %d of '%s'", what, at+1, text)
}

// glob matches text against a pattern in which * stands for any characters.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = rest
	}
	return strings.HasSuffix(text, last)
}
