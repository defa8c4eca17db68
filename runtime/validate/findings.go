package validate

import (
	"errors"

	"github.com/postern/postern/runtime/regex"
)

// findings are what is wrong with a body, and what may still be spent on finding
// out. A schema that refers to its parts several times over asks exponentially many
// questions, so that their number is bounded; a body that was not judged to the end is
// not let in.
type findings struct {
	violations []string
	left       *int
}

// newFindings allows for a schema of some hundred keywords at every value of a body.
func newFindings(size int) *findings {
	left := 1_000_000 + 32*size
	return &findings{left: &left}
}

// spend takes n steps off and says whether there were that many.
func (f *findings) spend(n int) bool {
	*f.left -= n
	return *f.left >= 0
}

func (f *findings) add(violation string) {
	if f.spend(len(violation) / 16) {
		f.violations = append(f.violations, violation)
	}
}

var errSpent = errors.New("nothing is left to spend")

// match says whether an expression matches. When that cannot be found out, nothing
// further can: a body is not let in for want of an answer, whichever way it is asked.
func (f *findings) match(re *regex.Regexp, s string) bool {
	ok, err := re.Match(s, func(cost int) error {
		if !f.spend(cost) {
			return errSpent
		}
		return nil
	})
	if err != nil {
		*f.left = -1
	}
	return ok
}
