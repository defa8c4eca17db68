package regex

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// class reads a character class whose bracket has been read. Neither engine has
// classes within classes: they are alternatives, and what intersects or excludes such
// is looked ahead for.
func (t *translator) class() (string, error) {
	if t.depth++; t.depth > maxNesting {
		return "", errNesting
	}
	defer func() { t.depth-- }()
	negated := t.accept("^")
	var sets []string // what is intersected
	var union union
	for first := true; ; first = false {
		t.blank()
		if t.pos >= len(t.src) {
			return "", errors.New("unclosed character class")
		}
		switch {
		case !first && t.accept("]"):
			if !union.empty() {
				sets = append(sets, union.String())
			}
			return t.combine(sets, negated)
		case t.accept("&&"):
			if !union.empty() {
				sets = append(sets, union.String())
			}
			union.items, union.nested = "", nil
		case t.accept("["):
			nested, err := t.class()
			if err != nil {
				return "", err
			}
			union.nested = append(union.nested, nested)
		default:
			item, err := t.item()
			if err != nil {
				return "", err
			}
			union.items += item
		}
		if len(union.items) > 64*MaxSize {
			return "", ErrTooLarge
		}
	}
}

// union is what a class lists.
type union struct {
	items  string
	nested []string
}

func (u *union) empty() bool { return u.items == "" && len(u.nested) == 0 }

func (u *union) String() string {
	all := u.nested
	if u.items != "" {
		all = append(slices.Clone(all), "["+u.items+"]")
	}
	if len(all) == 1 {
		return all[0]
	}
	return "(?:" + strings.Join(all, "|") + ")"
}

func (t *translator) combine(sets []string, negated bool) (string, error) {
	if len(sets) == 0 {
		return "", errors.New("empty character class")
	}
	last := sets[len(sets)-1]
	if len(sets) == 1 && !negated {
		return last, nil
	}
	if plain := strings.HasPrefix(last, "[") && last[1] != '^'; len(sets) == 1 && plain {
		return "[^" + last[1:], nil
	}
	t.backtracks = true
	if t.outline {
		return "(?:" + strings.Join(sets, "") + ")", nil
	}
	var ahead string
	for _, set := range sets[:len(sets)-1] {
		ahead += "(?=" + set + ")"
	}
	if negated {
		return "(?:(?!" + ahead + last + ")(?s:.))", nil
	}
	return "(?:" + ahead + last + ")", nil
}

// item reads a character, a range or a class that has a name.
func (t *translator) item() (string, error) {
	from, class, err := t.member()
	if class != "" || err != nil {
		return class, err
	}
	if t.peek() != '-' || t.pos+1 >= len(t.src) || t.src[t.pos+1] == ']' || t.src[t.pos+1] == '[' {
		return char(from), nil
	}
	t.pos++
	to, class, err := t.member()
	if err == nil && (class != "" || to < from) {
		err = errors.New("malformed range")
	}
	return char(from) + "-" + char(to), err
}

func (t *translator) member() (rune, string, error) {
	if t.accept(`\`) {
		return t.escape()
	}
	t.pos++
	return t.src[t.pos-1], "", nil
}

// escape reads what a backslash begins, in classes and without: one character, or
// what is written for several in a class.
func (t *translator) escape() (rune, string, error) {
	c := t.peek()
	t.pos++
	switch c {
	case 0:
		return 0, "", errors.New(`nothing follows \`)
	case 't', 'n', 'r', 'f', 'a', 'e':
		return map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'a': '\a', 'e': 0x1b}[c], "", nil
	case 'c':
		c = t.peek()
		t.pos++
		return c ^ 64, "", nil
	case '0':
		return t.octal()
	case 'x':
		if t.accept("{") {
			r, err := t.hex(1, 6)
			if err == nil && !t.accept("}") {
				err = errors.New("unclosed escape")
			}
			return r, "", err
		}
		r, err := t.hex(2, 2)
		return r, "", err
	case 'u':
		r, err := t.hex(4, 4)
		if at := t.pos; err == nil && utf16.IsSurrogate(r) && t.accept(`\u`) {
			low, err := t.hex(4, 4)
			if both := utf16.DecodeRune(r, low); err == nil && both != unicode.ReplacementChar {
				return both, "", nil
			}
			t.pos = at
		}
		return r, "", err
	case 'd', 'w', 's', 'h', 'v':
		return 0, ranges(set(string(c))), nil
	case 'D', 'W', 'S', 'H', 'V':
		return 0, ranges(others(set(string(unicode.ToLower(c))))), nil
	case 'p', 'P':
		class, err := t.property(c == 'P')
		return 0, class, err
	}
	if letter(c) || digit(c) {
		return 0, "", fmt.Errorf(`unsupported escape \%c`, c)
	}
	return c, "", nil
}

func (t *translator) octal() (rune, string, error) {
	var r rune
	n := 0
	for c := t.peek(); n < 3 && c >= '0' && c <= '7' && 8*r+c-'0' <= 0o377; c = t.peek() {
		r = 8*r + c - '0'
		t.pos++
		n++
	}
	if n == 0 {
		return 0, "", errors.New("malformed octal escape")
	}
	return r, "", nil
}

// hex reads a number of least to most hexadecimal digits.
func (t *translator) hex(least, most int) (rune, error) {
	var r rune
	n := 0
	for ; n < most; n++ {
		digit := strings.IndexRune("0123456789abcdef", unicode.ToLower(t.peek()))
		if digit < 0 {
			break
		}
		r = 16*r + rune(digit)
		t.pos++
	}
	if n < least || r > unicode.MaxRune {
		return 0, errors.New("malformed escape")
	}
	return r, nil
}
