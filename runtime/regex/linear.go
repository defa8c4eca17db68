package regex

import (
	"regexp"
	"sync"
	"unicode/utf8"
)

// maxCost keeps a match of Go's engine under about ten seconds at the very worst.
const maxCost = 1 << 26

// linear is Go's engine.
type linear struct {
	*regexp.Regexp
	size   int
	behind func() *regexp.Regexp // see findAll; nil: none
}

// newLinear compiles what has been translated. The expression is given for one that
// could match the empty text.
func newLinear(text string, size int, expression string) (linear, error) {
	re, err := regexp.Compile(text)
	if err != nil || expression == "" {
		return linear{re, size, nil}, err
	}
	return linear{re, size, sync.OnceValue(func() *regexp.Regexp {
		t, err := translate(expression, translator{outline: true, inside: true})
		if err != nil {
			return nil
		}
		behind, _ := regexp.Compile(`\A(?s:.)(` + t.text(false) + ")")
		return behind
	})}, nil
}

func (l linear) cost(s string) (int, error) {
	cost := 1 + len(s)*(2+l.size)/16
	if cost > maxCost {
		return 0, ErrTooCostly
	}
	return cost, nil
}

func (l linear) match(s string, _ Pay) (bool, error) { return l.MatchString(s), nil }

// findAll finds, as Java does and Go does not, the empty text right behind a match too:
// .* is found twice in abc. All that a match there can see of what is before it is one
// character.
func (l linear) findAll(s string, limit int, _ Pay) ([][]int, error) {
	found := l.FindAllStringSubmatchIndex(s, limit)
	if l.behind == nil || l.behind() == nil {
		return found, nil
	}
	var out [][]int
	for i, m := range found {
		out = append(out, m)
		if m[0] == m[1] || i+1 < len(found) && found[i+1][0] == m[1] {
			continue
		}
		_, size := utf8.DecodeLastRuneInString(s[:m[1]])
		from := m[1] - size
		if empty := l.behind().FindStringSubmatchIndex(s[from:]); empty != nil && empty[2] == empty[3] {
			out = append(out, shifted(empty[2:], from))
		}
	}
	if limit >= 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

func shifted(m []int, by int) []int {
	for i := range m {
		if m[i] >= 0 {
			m[i] += by
		}
	}
	return m
}
