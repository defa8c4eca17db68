package regex_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
	"go.uber.org/goleak"

	"github.com/postern/postern/runtime/regex"
)

// TestMain sees that nothing is left running but the clock of timeouts, which ends
// some seconds after the last match by itself.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(unclocked{m})
}

type unclocked struct{ *testing.M }

func (u unclocked) Run() int {
	defer regexp2.StopTimeoutClock()
	return u.M.Run()
}

func mustCompile(t testing.TB, expression string) *regex.Regexp {
	t.Helper()
	re, err := regex.Compile(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return re
}

func TestSizes(t *testing.T) {
	for _, expression := range []string{"", "a", `(?:5\d{2})\z`, "(a+)+$", ".{1,1000}", `(?i)\p{Alpha}+`, `(?=.{8,1000}$)`} {
		mustCompile(t, expression)
	}
	for name, expression := range map[string]string{
		"repetitions": strings.Repeat("(?:[ab]?){1000}", 10),
		"long":        strings.Repeat("a", 20_000),
		"nested":      "(?:(?:a{10}b{10}){10}c{10}){10}" + strings.Repeat("(?:a{500}|b{500})", 20),
		"lookahead":   "(?=" + strings.Repeat("(?:[ab]?){1000}", 10) + ")",
	} {
		if _, err := regex.Compile(expression); !errors.Is(err, regex.ErrTooLarge) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, expression := range []string{
		"a{1001}", "(?:a{1000}){1000}", "(?=a{1001})", "(?=(?:(?:){1000}){1000})", "(?>a{1001})", "a{1001}+", "a\xff",
		strings.Repeat("(?=", 2000) + strings.Repeat(")", 2000), strings.Repeat("[", 9000), "[^" + strings.Repeat("[^", 2000) + "a",
	} {
		if _, err := regex.Compile(expression); err == nil {
			t.Errorf("%.20s compiles", expression)
		}
	}
}

// TestNoBacktracking would not end where an engine tries each way.
func TestNoBacktracking(t *testing.T) {
	text := strings.Repeat("a", 10_000) + "!"
	for _, expression := range []string{"^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(.*)*b$", "^(?:[a-z]+)*b"} {
		if mustCompile(t, expression).MatchString(text) {
			t.Errorf("%s matches", expression)
		}
	}
}

// TestRunaway sees matches that would take years given up.
func TestRunaway(t *testing.T) {
	regex.Limit(t, 20*time.Millisecond)
	text := strings.Repeat("a", 34) + "b"
	for _, expression := range []string{`^(?=(a+)+$).*`, `(?:a|a?)+(?!b)$`, `^(a|aa)+(?<=c)$`, `^(\w*)*\1c$`, `^((a+)+)+(?>c)$`} {
		start := time.Now()
		re := mustCompile(t, expression)
		if re.MatchString(text) {
			t.Errorf("%s matches", expression)
		}
		if _, err := re.Match(text, free); err != nil && !errors.Is(err, regex.ErrTooCostly) {
			t.Errorf("%s: error %v", expression, err)
		}
		if found, err := re.FindAll(text, -1, free); err == nil && len(found) > 0 || err != nil && !errors.Is(err, regex.ErrTooCostly) {
			t.Errorf("%s: found %v, error %v", expression, found, err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s took %v", expression, took)
		}
	}
}

// TestManyMatches sees the limit hold for all matches of a call together.
func TestManyMatches(t *testing.T) {
	text := strings.Repeat(strings.Repeat("a", 20)+"b", 5000)
	start := time.Now()
	found, err := mustCompile(t, `(?=(a+)+c|b)`).FindAll(text, -1, free)
	if !errors.Is(err, regex.ErrTooCostly) {
		t.Errorf("%d matches, error %v", len(found), err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCosts(t *testing.T) {
	cost := func(re *regex.Regexp, s string) (sum int) {
		pay := func(n int) error { sum += n; return nil }
		if _, err := re.Match(s, pay); err != nil {
			t.Error(err)
		}
		return sum
	}
	small, large, ahead := mustCompile(t, "a+"), mustCompile(t, "(?:[ab]?){1000}"), mustCompile(t, "(?=b)a+")
	text := strings.Repeat("a", 1000)
	if a, b, c, d := cost(small, text), cost(small, text+text), cost(large, text), cost(ahead, text); b <= a || c < 100*a || d < 10*a {
		t.Errorf("costs %d, %d, %d and %d", a, b, c, d)
	}
	if costly := strings.Repeat(text, 10_000); large.MatchString(costly) || !small.MatchString(costly) || ahead.MatchString(costly) {
		t.Error("a costly match is made, or a cheap one is not")
	}
	broke := errors.New("broke")
	for _, re := range []*regex.Regexp{small, ahead} {
		if _, err := re.FindAll(text, -1, func(int) error { return broke }); !errors.Is(err, broke) {
			t.Errorf("error %v", err)
		}
	}
}

// TestBytesThatAreNoText are each a character for both engines.
func TestBytesThatAreNoText(t *testing.T) {
	for _, expression := range []string{"b", "(?<=.)b", "(?<=\ufffd)b"} {
		found, err := mustCompile(t, expression).FindAll("\xffb\xc3\xa9\xe2\x82b", -1, free)
		if err != nil || len(found) < 2 || found[0][0] != 1 || found[1][0] != 6 {
			t.Errorf("%s: %v, %v", expression, found, err)
		}
	}
}

func TestGroups(t *testing.T) {
	for _, expression := range []string{`(?<y>\d+)-(\d+)(?<d>x)?`, `(?=\d)(?<y>\d+)-(\d+)(?<d>x)?`} {
		re := mustCompile(t, expression)
		if re.Groups() != 3 || re.Group("y") != 1 || re.Group("d") != 3 || re.Group("z") != -1 {
			t.Errorf("%s: %d groups, y is %d, d is %d, z is %d", expression, re.Groups(), re.Group("y"), re.Group("d"), re.Group("z"))
		}
	}
}

// TestModels has what validators of models take and Java does not.
func TestModels(t *testing.T) {
	if !mustCompile(t, "^{[^}]+}$").MatchString("{x}") || !mustCompile(t, "^\\/a{,3}$").MatchString("/a{,3}") {
		t.Error("a brace that repeats nothing is not itself")
	}
}

// TestWhole sees nothing but the whole matched, whatever the expression.
func TestWhole(t *testing.T) {
	for _, expression := range []string{"a|b", "(?x)a #", `\Qa`, "(?m)^a$", "a?", "(?=a).*?"} {
		re, err := regex.CompileWhole(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
		} else if !re.MatchString("a") || re.MatchString("ab\n") || re.MatchString("\na") {
			t.Errorf("%s is not held to the whole", expression)
		}
	}
	if _, err := regex.CompileWhole("a)|(?:b"); err == nil {
		t.Error("an expression leaves its group")
	}
}
