package lazyregexp

import (
	"os"
	"regexp"
	"strings"
	"sync"
)

// inTest tells test binaries: they compile at once, so that a mistake in an
// expression fails every test of its package.
var inTest = len(os.Args) > 0 && strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test")

// New gives a function that compiles an expression when it is first called.
func New(expr string) func() *regexp.Regexp {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
	if inTest {
		compiled()
	}
	return compiled
}
