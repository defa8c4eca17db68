package regex_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/regex"
)

func TestCompile(t *testing.T) {
	for _, expression := range []string{"", "a", `\A(?:5\d{2})\z`, "(a+)+$", ".{1,1000}", `(?i)[[:alpha:]]+`} {
		if _, err := regex.Compile(expression); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
	}
	for name, expression := range map[string]string{
		"repetitions": strings.Repeat("(?:[ab]?){1000}", 10),
		"long":        strings.Repeat("a", 20_000),
		"nested":      "(?:(?:a{10}b{10}){10}c{10}){10}" + strings.Repeat("(?:a{500}|b{500})", 20),
	} {
		if _, err := regex.Compile(expression); !errors.Is(err, regex.ErrTooLarge) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, expression := range []string{"(", "a{1001}", "(?:a{1000}){1000}", `\1`, "(?=a)"} {
		if _, err := regex.Compile(expression); err == nil {
			t.Errorf("%s compiles", expression)
		}
	}
}

// TestNoBacktracking would not end where an engine tries each way.
func TestNoBacktracking(t *testing.T) {
	text := strings.Repeat("a", 10_000) + "!"
	for _, expression := range []string{"^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(.*)*b$", "^(?:[a-z]+)*b"} {
		re, err := regex.Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		if re.MatchString(text) {
			t.Errorf("%s matches", expression)
		}
	}
}

func TestCostGrowsWithTextAndExpression(t *testing.T) {
	small, err := regex.Compile("a+")
	if err != nil {
		t.Fatal(err)
	}
	large, err := regex.Compile("(?:[ab]?){1000}")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("a", 1000)
	if costly := strings.Repeat(text, 10_000); large.MatchString(costly) || !small.MatchString(costly) {
		t.Error("a costly match is made, or a cheap one is not")
	}
	if a, b, c := small.Cost(text), small.Cost(text+text), large.Cost(text); b <= a || c < 100*a {
		t.Errorf("costs %d, %d and %d", a, b, c)
	}
}
