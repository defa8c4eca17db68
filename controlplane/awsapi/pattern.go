package awsapi

import (
	"regexp"
	"strings"
	"sync"

	"github.com/postern/postern/internal/lazyregexp"
)

// pattern is a compiled model pattern. The models use Java's look-arounds at the
// ends only, which Go's engine lacks: they become a second expression.
type pattern struct {
	re, not *regexp.Regexp
}

var patterns sync.Map // string -> *pattern

func matchPattern(src, s string) bool {
	p, ok := patterns.Load(src)
	if !ok {
		p, _ = patterns.LoadOrStore(src, compilePattern(src))
	}
	c := p.(*pattern)
	if c.re == nil {
		return true
	}
	return c.re.MatchString(s) && (c.not == nil || !c.not.MatchString(s))
}

// javaEscape is a character escape of Java's that Go spells \x{…}.
var javaEscape = lazyregexp.New(`\\u([0-9A-Fa-f]{4})`)

func compilePattern(src string) *pattern {
	c := &pattern{}
	text := javaEscape().ReplaceAllString(src, `\x{$1}`)
	if rest, not, ok := cutLookahead(text); ok {
		c.not = compileOrNil(`\A(?:` + not + `)`)
		text = rest
	}
	if head, ok := strings.CutSuffix(text, `(?<!\.)`); ok {
		c.not = compileOrNil(`\.$`)
		text = head
	}
	c.re = compileOrNil(`\A(?:` + text + `)\z`)
	return c
}

// cutLookahead takes a negative look-ahead out of the head of a pattern.
func cutLookahead(text string) (rest, not string, ok bool) {
	start := strings.Index(text, "(?!")
	if start < 0 || strings.Trim(text[:start], "(^") != "" {
		return text, "", false
	}
	depth := 0
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[:start] + text[i+1:], text[start+len("(?!") : i], true
			}
		}
	}
	return text, "", false
}

func compileOrNil(src string) *regexp.Regexp {
	re, err := regexp.Compile(src)
	if err != nil {
		return nil
	}
	return re
}
