package vtl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Env gives a template the variables that it starts with.
type Env map[string]any

// Template is a parsed template. It is immutable and safe for concurrent use.
type Template struct {
	src   string
	nodes []placed
	names []string // variable names by slot
	// patterns keeps the regular expressions that the template has used.
	patterns *patternCache
}

// Error is a failure to parse or to run, with its place in the source.
type Error struct {
	Line, Column int
	Err          error
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Parse reads a template. Its error is an *Error.
func Parse(src string) (*Template, error) {
	names := newNameTable()
	p := parser{src: src, names: names}
	nodes, end, err := p.nodes()
	if err == nil && end.kind != endOfText {
		err = p.errorf(end.pos, "#%s without a directive that it belongs to", end.kind)
	}
	if err != nil {
		return nil, locate(src, err)
	}
	return &Template{src: src, nodes: nodes, names: names.names, patterns: &patternCache{}}, nil
}

// Uses says whether the template mentions the variable.
func (t *Template) Uses(name string) bool {
	for _, n := range t.names {
		if n == name {
			return true
		}
	}
	return false
}

var outputs = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// maxPooledOutput keeps one huge rendering from pinning its buffer.
const maxPooledOutput = 256 << 10

// Execute renders the template. Maps and lists in env may be changed by it.
func (t *Template) Execute(ctx context.Context, env Env, limits Limits) (string, error) {
	r := Run{ctx: ctx, template: t, limits: limits.withDefaults(), vars: make([]any, len(t.names))}
	r.work = r.limits.Work
	for slot, name := range t.names {
		if v, ok := env[name]; ok {
			r.vars[slot] = v
		}
	}
	buf := outputs.Get().(*[]byte)
	r.out = (*buf)[:0]
	err := r.Charge(1)
	if err == nil {
		err = r.renderNodes(t.nodes)
	}
	out := string(r.out)
	if cap(r.out) <= maxPooledOutput {
		*buf = r.out
		outputs.Put(buf)
	}
	if err != nil && !errors.Is(err, errStop) {
		return "", locate(t.src, err)
	}
	return out, nil
}

func (l Limits) withDefaults() Limits {
	if l.Output <= 0 {
		l.Output = DefaultOutput
	}
	if l.Work <= 0 {
		l.Work = DefaultWork
	}
	if l.Iterations <= 0 {
		l.Iterations = DefaultIterations
	}
	return l
}

// nameTable gives every variable name of a template a slot, so that running it
// needs no map of variables.
type nameTable struct {
	names []string
	slots map[string]int
}

// Slots of the variables that #foreach sets.
const (
	slotForeach = iota
	slotCount
	slotHasNext
)

func newNameTable() *nameTable {
	t := &nameTable{slots: map[string]int{}}
	for _, name := range []string{"foreach", "velocityCount", "velocityHasNext"} {
		t.slot(name)
	}
	return t
}

func (t *nameTable) slot(name string) int {
	if i, ok := t.slots[name]; ok {
		return i
	}
	t.names = append(t.names, name)
	t.slots[name] = len(t.names) - 1
	return len(t.names) - 1
}

// offsetError is an error at an offset of the source; an Error in the making.
type offsetError struct {
	offset int
	err    error
}

func (e *offsetError) Error() string { return e.err.Error() }
func (e *offsetError) Unwrap() error { return e.err }

// at notes where err happened, unless that is known already.
func at(offset int, err error) error {
	var located *offsetError
	if err == nil || errors.Is(err, errStop) || errors.As(err, &located) {
		return err
	}
	return &offsetError{offset, err}
}

func locate(src string, err error) error {
	var located *offsetError
	if !errors.As(err, &located) {
		return err
	}
	before := src[:min(max(located.offset, 0), len(src))]
	return &Error{
		Line:   1 + strings.Count(before, "\n"),
		Column: len(before) - strings.LastIndexByte(before, '\n'),
		Err:    located.err,
	}
}
