package regex

import (
	"regexp"
	"slices"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzJava checks that whatever is compiled is matched within the bounds, that what is
// found lies within the text, and that both engines find the same.
func FuzzJava(f *testing.F) {
	for _, seed := range []string{`^(?=.*[A-Z]).+$`, `(\w)\1++`, `[a-z&&[^x]]`, `(?<n>a)\k<n>`, `(?x)a #b`, `\Q.\E`, `(?i)a{2,3}?`, `\p{Alpha}\R\h`} {
		f.Add(seed, "aab\u00e9\xff")
	}
	limit = 20 * time.Millisecond
	free := func(int) error { return nil }
	f.Fuzz(func(t *testing.T, expression, text string) {
		if len(expression) > 200 || len(text) > 200 {
			return
		}
		re, err := Compile(expression)
		if err != nil {
			return
		}
		if _, err := CompileWhole(expression); err != nil {
			t.Errorf("%q does not compile as a whole: %v", expression, err)
		}
		matches, err := re.Match(text, free)
		found, errs := re.FindAll(text, -1, free)
		if err == nil && errs == nil && matches != (len(found) > 0) {
			t.Errorf("%q on %q: matches %t, found %v", expression, text, matches, found)
		}
		for _, m := range found {
			if len(m) != 2*(1+re.Groups()) || m[0] < 0 || m[1] < m[0] || m[1] > len(text) {
				t.Errorf("%q on %q: found %v", expression, text, found)
			}
		}
		l, ok := re.engine.(linear)
		if !ok || !utf8.ValidString(text) {
			return
		}
		other, err := newBacktracking(l.String(), 10)
		if err != nil {
			t.Fatalf("%q is %q, which only one engine takes: %v", expression, l, err)
		}
		if regexp.MustCompile(`\(\?-?i|\\[bB]`).MatchString(l.String()) {
			return // letters are those of ASCII for one and of all languages for the other
		}
		if same, err := other.findAll(text, -1, free); err == nil && !slices.EqualFunc(same, found, at) {
			t.Errorf("%q is %q and in %q finds %v and %v", expression, l, text, found, same)
		}
	})
}

// at says whether two matches are at one place. What groups have matched in a round
// that matched nothing is a matter of taste.
func at(a, b []int) bool { return slices.Equal(a[:2], b[:2]) }
