package lazyregexp_test

import (
	"testing"

	"github.com/postern/postern/internal/lazyregexp"
)

func TestNew(t *testing.T) {
	word := lazyregexp.New(`^[a-z]+$`)
	if !word().MatchString("word") || word().MatchString("two words") {
		t.Error("the expression is not the one that was given")
	}
	if again := word(); again != word() {
		t.Error("the expression is compiled anew by each call")
	}
}

// TestMistake: a test binary says at once that an expression cannot be compiled.
func TestMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a mistake waits for its first use")
		}
	}()
	lazyregexp.New(`(`)
}
