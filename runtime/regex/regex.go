package regex

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
)

// MaxSize is how many instructions an expression may have. Few have a hundred;
// .{1,1000} has two thousand.
const MaxSize = 10_000

// ErrTooLarge refuses an expression.
var ErrTooLarge = errors.New("regular expression is too large")

// ErrTooCostly gives up a match.
var ErrTooCostly = errors.New("matching a regular expression takes too long")

// Regexp is a compiled expression, safe for concurrent use.
type Regexp struct {
	engine engine
	groups int
	names  map[string]int
}

// engine matches texts. What that takes beyond the cost that is known beforehand, it
// pays.
type engine interface {
	cost(s string) (int, error)
	match(s string, pay Pay) (bool, error)
	findAll(s string, limit int, pay Pay) ([][]int, error)
}

// Pay takes a cost, in units of some ten nanoseconds to a microsecond, off what may
// be spent. An error ends the match.
type Pay = func(cost int) error

// Compile compiles an expression in Java's syntax, to be found within a text.
func Compile(expression string) (*Regexp, error) { return compile(expression, false) }

// CompileWhole compiles an expression in Java's syntax that matches nothing but the
// whole of a text.
func CompileWhole(expression string) (*Regexp, error) { return compile(expression, true) }

func compile(expression string, whole bool) (*Regexp, error) {
	if len(expression) > MaxSize {
		return nil, ErrTooLarge
	}
	// What only the other engine can do is left out at first: Go's parser judges the
	// rest, and what is large or too deeply nested for one is so for both.
	t, err := translate(expression, translator{outline: true})
	if err != nil {
		return nil, fmt.Errorf("regular expression %s: %w", expression, err)
	}
	size, empty, err := measure(t.text(whole))
	if err != nil {
		return nil, err
	}
	r := &Regexp{groups: t.groups, names: t.names}
	switch {
	case t.backtracks:
		if t, err = translate(expression, translator{all: t.groups}); err == nil {
			r.engine, err = newBacktracking(t.text(whole), size)
		}
	case empty && !whole:
		r.engine, err = newLinear(t.text(whole), size, expression)
	default:
		r.engine, err = newLinear(t.text(whole), size, "")
	}
	return r, err
}

// measure counts the instructions of an expression in Go's syntax and says whether it
// could match the empty text.
func measure(expression string) (size int, empty bool, err error) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return 0, false, err
	}
	empty = canBeEmpty(parsed)
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0, false, err
	}
	if len(program.Inst) > MaxSize {
		return 0, false, ErrTooLarge
	}
	return len(program.Inst), empty, nil
}

func canBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return canBeEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || canBeEmpty(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !canBeEmpty(sub) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, canBeEmpty)
	}
	return true
}

// MatchString says whether the expression matches s. Where finding out might cost
// too much, it does not: what is let in by an expression stays out.
func (r *Regexp) MatchString(s string) bool {
	ok, err := r.Match(s, func(int) error { return nil })
	return ok && err == nil
}

// Match is MatchString for who keeps accounts and has to tell no match from a match
// that was given up.
func (r *Regexp) Match(s string, pay Pay) (bool, error) {
	if err := r.charge(s, pay); err != nil {
		return false, err
	}
	return r.engine.match(s, pay)
}

// FindAll gives where up to limit matches (all, if negative) and their groups begin
// and end, as regexp.FindAllStringSubmatchIndex writes it and java.util.regex finds it.
func (r *Regexp) FindAll(s string, limit int, pay Pay) ([][]int, error) {
	if err := r.charge(s, pay); err != nil {
		return nil, err
	}
	return r.engine.findAll(s, limit, pay)
}

func (r *Regexp) charge(s string, pay Pay) error {
	cost, err := r.engine.cost(s)
	if err != nil {
		return err
	}
	return pay(cost)
}

// Groups is the number of capturing groups.
func (r *Regexp) Groups() int { return r.groups }

// Group is the number of the group of a name, -1 if there is none.
func (r *Regexp) Group(name string) int {
	if n, ok := r.names[name]; ok {
		return n
	}
	return -1
}
