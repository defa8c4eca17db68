package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// pattern is compiled text with the wildcards * (any run of characters) and ? (any
// one character), and with policy variables.
type pattern struct {
	segments []segment
	// fixed is the whole pattern where it has no variables.
	fixed []token
}

// token is a byte, or one of the two wildcards.
type token uint16

const (
	anyRun token = 256 + iota
	anyOne
)

// segment is a run of tokens, or a policy variable.
type segment struct {
	tokens   []token
	variable string // lower case; empty: none
	fallback string // for a variable without a value
	missing  bool   // the variable has no fallback
}

var errVariable = errors.New("policy variable is not closed")

// compilePattern compiles text. Wildcards says whether * and ? are any more than
// themselves, variables whether ${…} is.
func compilePattern(text string, wildcards, variables bool) (*pattern, error) {
	p := &pattern{}
	var run []token
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case variables && strings.HasPrefix(text[i:], "${"):
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				return nil, fmt.Errorf("%w: %q", errVariable, text)
			}
			name := text[i+2 : i+end]
			i += end
			switch name {
			case "*", "?", "$": // how to write the characters themselves
				run = append(run, token(name[0]))
				continue
			}
			p.segments = append(p.segments, segment{tokens: run}, variable(name))
			run = nil
		case wildcards && b == '*':
			run = append(run, anyRun)
		case wildcards && b == '?':
			run = append(run, anyOne)
		default:
			run = append(run, token(b))
		}
	}
	if p.segments == nil {
		p.fixed = run
		return p, nil
	}
	p.segments = append(p.segments, segment{tokens: run})
	return p, nil
}

// variable takes name, or "name, 'default'" apart.
func variable(text string) segment {
	name, fallback, ok := strings.Cut(text, ",")
	s := segment{variable: strings.ToLower(strings.TrimSpace(name)), missing: true}
	fallback = strings.TrimSpace(fallback)
	if ok && len(fallback) >= 2 && fallback[0] == '\'' && fallback[len(fallback)-1] == '\'' {
		s.fallback, s.missing = fallback[1:len(fallback)-1], false
	}
	return s
}

// tokens fills in the variables; false: one has no value, so that nothing matches.
func (p *pattern) tokens(r *Request) ([]token, bool) {
	if p.segments == nil {
		return p.fixed, true
	}
	var out []token
	for _, s := range p.segments {
		if s.variable == "" {
			out = append(out, s.tokens...)
			continue
		}
		value := s.fallback
		switch values := r.values(s.variable); {
		case len(values) == 1:
			value = values[0]
		case s.missing:
			return nil, false
		}
		for i := range len(value) { // wildcards in values are only themselves
			out = append(out, token(value[i]))
		}
	}
	return out, true
}

func (p *pattern) match(r *Request, text string) bool {
	tokens, ok := p.tokens(r)
	return ok && match(tokens, text)
}

// match goes back to the last run of characters only, so that no pattern makes it
// take more steps than its length times the text's.
func match(pattern []token, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == anyRun:
			star, mark = i, j
			i++
		case i < len(pattern) && (pattern[i] == anyOne || pattern[i] == token(s[j])):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == anyRun {
		i++
	}
	return i == len(pattern)
}

// matcher is a list of patterns, or in its negated form everything but those.
type matcher struct {
	patterns []*pattern
	not      bool
	fold     bool
}

func (m *matcher) matches(r *Request, text string) bool {
	if m.fold {
		text = strings.ToLower(text)
	}
	for _, p := range m.patterns {
		if p.match(r, text) {
			return !m.not
		}
	}
	return m.not
}

// AWS: actions are compared without case, resources with it.
func (c *compiler) actions(raw *rawStatement) (matcher, error) {
	m, err := c.matcher("Action", raw.Action, raw.NotAction, func(s string) string { return strings.ToLower(s) }, false)
	m.fold = true
	return m, err
}

func (c *compiler) resources(raw *rawStatement) (matcher, error) {
	for _, text := range slices.Concat(raw.Resource, raw.NotResource) {
		if c.maxResource > 0 && len(text) > c.maxResource {
			return matcher{}, fmt.Errorf("resource is over %d characters", c.maxResource)
		}
	}
	return c.matcher("Resource", raw.Resource, raw.NotResource, func(s string) string {
		if path, ok := strings.CutPrefix(s, "execute-api:/"); ok && c.apiARN != "" {
			return c.apiARN + "/" + path
		}
		return s
	}, c.variables)
}

func (c *compiler) matcher(name string, is, not []string, form func(string) string, variables bool) (matcher, error) {
	out := matcher{not: not != nil}
	if (is == nil) == (not == nil) {
		return out, fmt.Errorf("one of %s and Not%s is required", name, name)
	}
	list := is
	if out.not {
		list = not
	}
	if len(list) == 0 {
		return out, fmt.Errorf("%s is empty", name)
	}
	for _, text := range list {
		p, err := compilePattern(form(text), true, variables)
		if err != nil {
			return out, err
		}
		out.patterns = append(out.patterns, p)
	}
	return out, nil
}
