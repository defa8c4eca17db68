package vtl

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/postern/postern/runtime/regex"
)

// Java's regular expressions run on Go's engine, whose time is the length of the
// text times the size of the expression: both are paid for. What it lacks (lookaround, back references, possessive quantifiers) is an
// error of the rendering rather than a wrong result.

// maxPatterns bounds what a template that builds patterns from input can make
// its cache hold.
const maxPatterns = 64

type patternCache struct {
	mu       sync.RWMutex
	patterns map[string]*regex.Regexp
}

// javaClasses are the character classes that Java spells differently.
var javaClasses = strings.NewReplacer(
	`\\`, `\\`,
	`\p{Lower}`, `[[:lower:]]`, `\p{Upper}`, `[[:upper:]]`, `\p{Alpha}`, `[[:alpha:]]`,
	`\p{Digit}`, `[[:digit:]]`, `\p{Alnum}`, `[[:alnum:]]`, `\p{Punct}`, `[[:punct:]]`,
	`\p{Space}`, `\s`, `\p{XDigit}`, `[[:xdigit:]]`, `\p{ASCII}`, `[[:ascii:]]`,
	`\h`, `[ \t]`, `\Z`, `\z`, `\R`, `(?:\r\n|[\n\v\f\r])`, `\e`, `\x1b`,
)

// pattern compiles source for use on text; whole makes it match nothing but
// the whole text.
func (r *Run) pattern(text, source string, whole bool) (*regexp.Regexp, error) {
	expression := javaClasses.Replace(source)
	if whole {
		expression = `\A(?:` + expression + `)\z`
	}
	c := r.template.patterns
	c.mu.RLock()
	p := c.patterns[expression]
	c.mu.RUnlock()
	if p == nil {
		if err := r.Charge(64 * (1 + len(expression))); err != nil {
			return nil, err
		}
		var err error
		if p, err = regex.Compile(expression); err != nil {
			return nil, err
		}
		c.keep(expression, p)
	}
	return p.Regexp, r.Charge(p.Cost(text))
}

func (c *patternCache) keep(expression string, p *regex.Regexp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.patterns == nil {
		c.patterns = map[string]*regex.Regexp{}
	}
	if len(c.patterns) < maxPatterns {
		c.patterns[expression] = p
	}
}

func (r *Run) matches(s, source string) (any, error) {
	re, err := r.pattern(s, source, true)
	if err != nil {
		return nil, err
	}
	return re.MatchString(s), nil
}

// replaceAll replaces up to limit matches; a negative limit means all.
func (r *Run) replaceAll(s, source, replacement string, limit int) (any, error) {
	re, err := r.pattern(s, source, false)
	if err != nil {
		return nil, err
	}
	var dst []byte
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, limit) {
		dst = append(dst, s[last:m[0]]...)
		if dst, err = appendReplacement(dst, replacement, s, m, re); err != nil {
			return nil, err
		}
		if len(dst) > r.limits.Output {
			return nil, errPrintSize
		}
		last = m[1]
	}
	if dst == nil {
		return s, nil
	}
	dst = append(dst, s[last:]...)
	return string(dst), r.Charge(1 + len(dst)/8)
}

// appendReplacement expands $1, ${name} and backslashes as Java's
// Matcher.appendReplacement does.
func appendReplacement(dst []byte, replacement, s string, m []int, re *regexp.Regexp) ([]byte, error) {
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
func replacementGroup(s string, re *regexp.Regexp) (group, size int) {
	if strings.HasPrefix(s, "{") {
		name, _, ok := strings.Cut(s[1:], "}")
		if !ok {
			return -1, 0
		}
		return re.SubexpIndex(name), len(name) + 2
	}
	group = -1
	for size < len(s) && isDigit(s[size]) {
		next := int(s[size] - '0')
		if group >= 0 {
			next += 10 * group
		}
		if next > re.NumSubexp() {
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
	re, err := r.pattern(s, source, false)
	if err != nil {
		return nil, err
	}
	parts := NewList()
	last := 0
	for _, m := range re.FindAllStringIndex(s, -1) {
		if limit > 0 && len(parts.Items) == limit-1 {
			break
		}
		if m[1] == 0 || m[0] == m[1] && m[0] == len(s) {
			continue
		}
		parts.Items = append(parts.Items, s[last:m[0]])
		last = m[1]
	}
	parts.Items = append(parts.Items, s[last:])
	for n := len(parts.Items); limit == 0 && n > 1 && parts.Items[n-1] == ""; n-- {
		parts.Items = parts.Items[:n-1]
	}
	return parts, r.Charge(1 + len(parts.Items))
}
