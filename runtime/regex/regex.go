// Package regex compiles the regular expressions that APIs bring along: in
// selection patterns, validation expressions, models, mapping templates and
// JSONPaths.
//
// Go's engine never backtracks, but its time is still the length of the text
// times the size of the expression, and repetitions make an expression large
// with few characters. So a large one is refused, a match that would take too long
// is none, and whoever keeps accounts can pay by Cost.
package regex

import (
	"errors"
	"regexp"
	"regexp/syntax"
)

// MaxSize is how many instructions an expression may have. Few have a hundred;
// .{1,1000} has two thousand.
const MaxSize = 10_000

// ErrTooLarge refuses an expression.
var ErrTooLarge = errors.New("regular expression is too large")

// Regexp is a compiled expression.
type Regexp struct {
	*regexp.Regexp
	size int
}

// Compile compiles an expression in Go's syntax.
func Compile(expression string) (*Regexp, error) {
	if len(expression) > MaxSize {
		return nil, ErrTooLarge
	}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	if len(program.Inst) > MaxSize {
		return nil, ErrTooLarge
	}
	re, err := regexp.Compile(expression)
	return &Regexp{re, len(program.Inst)}, err
}

// maxCost keeps a match under about ten seconds at the very worst.
const maxCost = 1 << 26

// MatchString says whether the expression matches s. Where finding out might cost
// too much, it does not: what is let in by an expression stays out.
func (r *Regexp) MatchString(s string) bool {
	return r.Cost(s) <= maxCost && r.Regexp.MatchString(s)
}

// Cost is what matching s may take, in units of some ten nanoseconds to a hundred.
func (r *Regexp) Cost(s string) int { return 1 + len(s)*(2+r.size)/16 }
