package vtl

import (
	"fmt"
	"strings"
	"sync"

	"github.com/postern/postern/runtime/regex"
)

// maxPatterns bounds what a template that builds patterns from input can make
// its cache hold.
const maxPatterns = 64

type patternCache struct {
	mu       sync.RWMutex
	patterns map[patternKey]*regex.Regexp
}

type patternKey struct {
	source string
	whole  bool
}

// pattern compiles source; whole makes it match nothing but a whole text.
func (r *Run) pattern(source string, whole bool) (*regex.Regexp, error) {
	key := patternKey{source, whole}
	c := r.template.patterns
	c.mu.RLock()
	p := c.patterns[key]
	c.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	if err := r.Charge(64 * (1 + len(source))); err != nil {
		return nil, err
	}
	compile := regex.Compile
	if whole {
		compile = regex.CompileWhole
	}
	p, err := compile(source)
	if err == nil {
		c.keep(key, p)
	}
	return p, err
}

func (c *patternCache) keep(key patternKey, p *regex.Regexp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.patterns == nil {
		c.patterns = map[patternKey]*regex.Regexp{}
	}
	if len(c.patterns) < maxPatterns {
		c.patterns[key] = p
	}
}

func (r *Run) matches(s, source string) (any, error) {
	re, err := r.pattern(source, true)
	if err != nil {
		return nil, err
	}
	return re.Match(s, r.Charge)
}

// replaceAll replaces up to limit matches; a negative limit means all.
func (r *Run) replaceAll(s, source, replacement string, limit int) (any, error) {
	re, err := r.pattern(source, false)
	if err != nil {
		return nil, err
	}
	found, err := re.FindAll(s, limit, r.Charge)
	if err != nil || len(found) == 0 {
		return s, err
	}
	var dst []byte
	last := 0
	for _, m := range found {
		dst = append(dst, s[last:m[0]]...)
		if dst, err = appendReplacement(dst, replacement, s, m, re); err != nil {
			return nil, err
		}
		if len(dst) > r.limits.Output {
			return nil, errPrintSize
		}
		last = m[1]
	}
	dst = append(dst, s[last:]...)
	return string(dst), r.Charge(1 + len(dst)/8)
}

// appendReplacement expands $1, ${name} and backslashes as Java's
// Matcher.appendReplacement does.
func appendReplacement(dst []byte, replacement, s string, m []int, re *regex.Regexp) ([]byte, error) {
	for i := 0; i < len(replacement); i++ {
		switch c := replacement[i]; {
		case c == '\\':
			if i++; i == len(replacement) {
				return nil, fmt.Errorf("replacement ends in a backslash")
			}
			dst = append(dst, replacement[i])
		case c == '$':
			group, size := replacementGroup(replacement[i+1:], re)
			if group < 0 {
				return nil, fmt.Errorf("replacement refers to a group that the expression does not have")
			}
			if m[2*group] >= 0 {
				dst = append(dst, s[m[2*group]:m[2*group+1]]...)
			}
			i += size
		default:
			dst = append(dst, c)
		}
	}
	return dst, nil
}

// replacementGroup reads a group reference behind its $. Further digits belong
// to it as long as such a group exists.
func replacementGroup(s string, re *regex.Regexp) (group, size int) {
	if strings.HasPrefix(s, "{") {
		name, _, ok := strings.Cut(s[1:], "}")
		if !ok {
			return -1, 0
		}
		return re.Group(name), len(name) + 2
	}
	group = -1
	for size < len(s) && isDigit(s[size]) {
		next := int(s[size] - '0')
		if group >= 0 {
			next += 10 * group
		}
		if next > re.Groups() {
			break
		}
		group = next
		size++
	}
	return group, size
}

// split is String.split: a limit of 0 drops empty strings at the end, and an
// empty match at the start splits nothing off.
func (r *Run) split(s, source string, limit int) (any, error) {
	re, err := r.pattern(source, false)
	if err != nil {
		return nil, err
	}
	found, err := re.FindAll(s, -1, r.Charge)
	if err != nil {
		return nil, err
	}
	parts := NewList()
	last := 0
	for _, m := range found {
		if limit > 0 && len(parts.Items) == limit-1 {
			break
		}
		if m[1] == 0 {
			continue
		}
		parts.Items = append(parts.Items, s[last:m[0]])
		last = m[1]
	}
	parts.Items = append(parts.Items, s[last:])
	// Of a text that is nothing but what splits it, nothing is left.
	for n := len(parts.Items); limit == 0 && last > 0 && n > 0 && parts.Items[n-1] == ""; n-- {
		parts.Items = parts.Items[:n-1]
	}
	return parts, r.Charge(1 + len(parts.Items))
}
