package regex

import (
	"errors"
	"fmt"
	"strings"
)

// openGroup reads what follows a parenthesis.
func (t *translator) openGroup() error {
	if t.open = append(t.open, group{len(t.out), t.flags}); len(t.open) > maxNesting {
		return errNesting
	}
	switch {
	case !t.accept("?"):
		t.groups++
		t.write("(")
	case t.accept(":"):
		t.write("(?:")
	case t.accept("="):
		t.only("(?=", "(?:")
	case t.accept("!"):
		t.only("(?!", "(?:")
	case t.accept(">"):
		t.only("(?>", "(?:")
	case t.accept("<="):
		t.only("(?<=", "(?:")
	case t.accept("<!"):
		t.only("(?<!", "(?:")
	case t.accept("<"):
		return t.namedGroup()
	default:
		return t.inlineFlags()
	}
	return nil
}

func (t *translator) namedGroup() error {
	name, err := t.name()
	if err != nil {
		return err
	}
	if _, ok := t.names[name]; ok {
		return fmt.Errorf("two groups %s", name)
	}
	t.groups++
	t.names[name] = t.groups
	t.write("(")
	return nil
}

// name reads the name of a group and its >.
func (t *translator) name() (string, error) {
	start := t.pos
	for letter(t.peek()) || t.pos > start && digit(t.peek()) {
		t.pos++
	}
	name := string(t.src[start:t.pos])
	if name == "" || !t.accept(">") {
		return "", errors.New("malformed name of a group")
	}
	return name, nil
}

func digit(c rune) bool { return c >= '0' && c <= '9' }

func letter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// inlineFlags reads (?ix-ms) or the beginning of (?ix-ms:…).
func (t *translator) inlineFlags() error {
	on := true
	fold := ""
	for ; t.pos < len(t.src); t.pos++ {
		switch c := t.src[t.pos]; c {
		case '-':
			on = false
		case 'i':
			if fold = "-i"; on {
				fold = "i"
			}
		case 'm':
			t.flags.lines = on
		case 's':
			t.flags.dotall = on
		case 'x':
			t.flags.comments = on
		case 'd':
			t.flags.unixLines = on
		case 'u': // folded as they are anyway
		case ':':
			t.pos++
			t.write("(?" + fold + ":")
			return nil
		case ')':
			t.pos++
			t.open = t.open[:len(t.open)-1] // they hold to the end of the group around
			if fold != "" {
				t.write("(?" + fold + ")")
			}
			return nil
		default:
			return fmt.Errorf("unsupported construct (?%c", c)
		}
	}
	return errors.New("unclosed group")
}

// reference reads a back reference whose first digit has been read. Further ones
// belong to it as long as there are so many groups.
func (t *translator) reference(first rune) {
	n := int(first - '0')
	for c := t.peek(); digit(c) && 10*n+int(c-'0') <= t.groups; c = t.peek() {
		n = 10*n + int(c-'0')
		t.pos++
	}
	t.refer(n)
}

func (t *translator) namedReference() error {
	if !t.accept("<") {
		return errors.New("malformed reference")
	}
	name, err := t.name()
	if err != nil {
		return err
	}
	n, ok := t.names[name]
	if !ok {
		return fmt.Errorf("no group %s", name)
	}
	t.refer(n)
	return nil
}

func (t *translator) refer(n int) {
	text := fmt.Sprintf(`\k<%d>`, n)
	if n > t.all {
		text = "(?!)" // a group that is not there does not match
	}
	t.only(text, "(?:)")
}

// backslash reads what a backslash begins outside of classes.
func (t *translator) backslash() error {
	const lineEnd = `(?:\x{d}\x{a}|[\x{a}-\x{d}\x{85}\x{2028}\x{2029}])`
	switch c := t.peek(); {
	case c >= '1' && c <= '9':
		t.pos++
		t.reference(c)
	case t.accept("k"):
		return t.namedReference()
	case t.accept("b{"):
		return errors.New(`unsupported construct \b{`)
	case t.accept("A"):
		t.write(t.beginning())
	case t.accept("b"), t.accept("B"), t.accept("z"):
		t.write(`\` + string(c))
	case t.accept("G"):
		t.only(`\G`, "(?:)")
	case t.accept("Z"):
		t.only(`(?=`+strings.ReplaceAll(lineEnd, `\x{a}-`, `\x{a}`)+`?\z)`, "(?:)")
	case t.accept("R"):
		t.write(lineEnd)
	default:
		r, class, err := t.escape()
		if err != nil {
			return err
		}
		if class != "" {
			t.write("[" + class + "]")
		} else {
			t.write(char(r))
		}
	}
	return nil
}
