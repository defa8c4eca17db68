package regex

import (
	"time"

	"github.com/dlclark/regexp2"
)

// limit is how long the backtracking engine may take for one call.
var limit = time.Second

// backtracking is the engine for what Go's cannot do. It reads texts as runes.
type backtracking struct {
	*regexp2.Regexp
	size int
}

func newBacktracking(expression string, size int) (backtracking, error) {
	re, err := regexp2.Compile(expression, regexp2.RE2)
	if err != nil {
		return backtracking{}, err
	}
	re.MatchTimeout = limit
	return backtracking{re, size}, nil
}

// The ways not yet tried are remembered: at worst some dozen bytes for each character
// and instruction, and for as long as there is the engine.
const (
	maxTracks  = 1 << 22
	keptTracks = 1 << 18
)

// cost is higher than that of Go's engine, whatever the time turns out to be.
func (b backtracking) cost(s string) (int, error) {
	cost := 64 + len(s)*(2+b.size)
	if cost > maxTracks {
		return 0, ErrTooCostly
	}
	return cost, nil
}

func (b backtracking) match(s string, pay Pay) (bool, error) {
	clock := start()
	ok, err := b.forOne(s).MatchString(s)
	if err != nil {
		return false, ErrTooCostly
	}
	return ok, clock.pay(pay)
}

func (b backtracking) findAll(s string, limit int, pay Pay) ([][]int, error) {
	clock := start()
	at := offsets(s)
	var out [][]int
	re := b.forOne(s)
	m, err := re.FindStringMatch(s)
	for m != nil && err == nil && len(out) != limit {
		var found []int
		for _, g := range m.Groups() {
			if len(g.Captures) == 0 {
				found = append(found, -1, -1)
			} else {
				found = append(found, at(g.Index), at(g.Index+g.Length))
			}
		}
		out = append(out, found)
		if clock.late() {
			return nil, ErrTooCostly
		}
		m, err = re.FindNextMatch(m)
	}
	if err != nil {
		return nil, ErrTooCostly
	}
	return out, clock.pay(pay)
}

// forOne is the engine for one text: where much may have to be remembered, one of its
// own.
func (b backtracking) forOne(s string) *regexp2.Regexp {
	if len(s)*(2+b.size) <= keptTracks {
		return b.Regexp
	}
	own, err := newBacktracking(b.String(), b.size)
	if err != nil {
		return b.Regexp
	}
	return own.Regexp
}

// offsets tells at which byte a rune begins. A byte that is no UTF-8 counts as a
// rune, for the engine as for range.
func offsets(s string) func(rune int) int {
	var starts []int
	for i := range s {
		starts = append(starts, i)
	}
	if len(starts) == len(s) {
		return func(i int) int { return i }
	}
	starts = append(starts, len(s))
	return func(i int) int { return starts[i] }
}

// stopwatch measures one call.
type stopwatch time.Time

func start() stopwatch {
	return stopwatch(time.Now()) //nolint:forbidigo // what is measured is the engine
}

func (w stopwatch) elapsed() time.Duration { return time.Since(time.Time(w)) }

func (w stopwatch) late() bool { return w.elapsed() > limit }

func (w stopwatch) pay(pay Pay) error { return pay(int(w.elapsed().Microseconds())) }
