package regex

import (
	"fmt"
	"strings"
	"unicode"
)

// char writes a character for both engines, in classes and without.
func char(r rune) string {
	if letter(r) || digit(r) || r > 0xa0 && unicode.IsLetter(r) {
		return string(r)
	}
	return fmt.Sprintf(`\x{%x}`, r)
}

// ranges writes pairs of first and last characters as a class has them.
func ranges(pairs []rune) string {
	var out strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		out.WriteString(char(pairs[i]))
		if pairs[i+1] > pairs[i] {
			out.WriteString("-" + char(pairs[i+1]))
		}
	}
	return out.String()
}

// others are the characters that are not in pairs, which are in order.
func others(pairs []rune) []rune {
	var out []rune
	next := rune(0)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] > next {
			out = append(out, next, pairs[i]-1)
		}
		next = pairs[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}

// set are the characters that a letter behind a backslash or one of the POSIX names
// stands for: of ASCII, but for blanks and line ends.
func set(name string) []rune {
	switch name {
	case "d", "Digit":
		return []rune("09")
	case "w":
		return []rune("09AZ__az")
	case "s", "Space":
		return []rune("\t\r  ")
	case "h":
		return []rune("\t\t  \u00a0\u00a0\u1680\u1680\u180e\u180e\u2000\u200a\u202f\u202f\u205f\u205f\u3000\u3000")
	case "v":
		return []rune("\n\r\u0085\u0085\u2028\u2029")
	case "Lower":
		return []rune("az")
	case "Upper":
		return []rune("AZ")
	case "Alpha":
		return []rune("AZaz")
	case "Alnum":
		return []rune("09AZaz")
	case "Punct":
		return []rune("!/:@[`{~")
	case "Graph":
		return []rune("!~")
	case "Print":
		return []rune(" ~")
	case "Blank":
		return []rune("\t\t  ")
	case "Cntrl":
		return []rune("\x00\x1f\x7f\x7f")
	case "XDigit":
		return []rune("09AFaf")
	case "ASCII":
		return []rune("\x00\x7f")
	case "L1":
		return []rune("\x00\u00ff")
	case "all":
		return []rune{0, unicode.MaxRune}
	}
	return nil
}

// property reads the name behind \p or \P.
func (t *translator) property(negated bool) (string, error) {
	name := string(t.peek())
	t.pos++
	if name == "{" {
		start := t.pos
		for t.pos < len(t.src) && t.src[t.pos] != '}' {
			t.pos++
		}
		name = string(t.src[start:t.pos])
		if !t.accept("}") {
			return "", fmt.Errorf("unclosed property")
		}
	}
	if pairs := set(name); len(name) > 1 && pairs != nil {
		if negated {
			pairs = others(pairs)
		}
		if len(pairs) > 0 {
			return ranges(pairs), nil
		}
	}
	if _, value, ok := strings.Cut(name, "="); ok {
		name = value
	}
	switch name = strings.TrimPrefix(name, "Is"); name {
	case "Letter", "Alphabetic": // but for a few marks and numerals
		name = "L"
	case "Digit":
		name = "Nd"
	case "Punctuation":
		name = "P"
	case "Uppercase", "javaUpperCase": // but for some in circles
		name = "Lu"
	case "Lowercase", "javaLowerCase":
		name = "Ll"
	case "LC":
		name = "L"
	}
	if unicode.Categories[name] == nil && unicode.Scripts[name] == nil {
		return "", fmt.Errorf("unknown property %s", name)
	}
	if negated {
		return `\P{` + name + `}`, nil
	}
	return `\p{` + name + `}`, nil
}
