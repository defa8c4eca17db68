package regex

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxNesting is how deep groups and classes may lie in each other, as in Go's parser.
const maxNesting = 1000

var errNesting = errors.New("nested too deeply")

// translator reads an expression in Java's syntax and writes it for an engine, in
// what both of them read alike: characters as themselves or as \x{2e}, classes of
// these, groups without names, no flags but i.
type translator struct {
	src []rune
	pos int
	out []byte

	outline    bool // what only the backtracking engine can do is left out
	inside     bool // no match is at the beginning of the text
	all        int  // the number of groups, once that is known
	backtracks bool

	groups int
	names  map[string]int
	open   []group
	flags  flags
	depth  int // of classes
}

// flags are those that are worked into what is written.
type flags struct{ lines, dotall, comments, unixLines bool }

// group is one that is not closed yet.
type group struct {
	start int // in out
	flags flags
}

// translate reads an expression with a translator that is set up for it.
func translate(expression string, t translator) (*translator, error) {
	if !utf8.ValidString(expression) {
		return nil, errors.New("no UTF-8")
	}
	t.src, t.names = unquote([]rune(expression)), map[string]int{}
	for t.pos < len(t.src) {
		if err := t.element(); err != nil {
			return nil, fmt.Errorf("at %d: %w", t.pos, err)
		}
		if len(t.out) > 64*MaxSize {
			return nil, ErrTooLarge
		}
	}
	if len(t.open) > 0 {
		return nil, errors.New("unclosed group")
	}
	return &t, nil
}

// text is what has been written.
func (t *translator) text(whole bool) string {
	if whole {
		return `\A(?:` + string(t.out) + `)\z`
	}
	return string(t.out)
}

// unquote writes what stands between \Q and \E as escapes.
func unquote(src []rune) []rune {
	var out []rune
	quoted := false
	for i := 0; i < len(src); i++ {
		pair := src[i] == '\\' && i+1 < len(src)
		switch {
		case quoted && pair && src[i+1] == 'E', !quoted && pair && src[i+1] == 'Q':
			quoted = !quoted
			i++
		case quoted:
			out = append(out, []rune(fmt.Sprintf(`\x{%x}`, src[i]))...)
		case pair:
			out = append(out, src[i], src[i+1])
			i++
		default:
			out = append(out, src[i])
		}
	}
	return out
}

// accept reads a text if it comes next.
func (t *translator) accept(text string) bool {
	n := t.pos
	for _, c := range text {
		if n >= len(t.src) || t.src[n] != c {
			return false
		}
		n++
	}
	t.pos = n
	return true
}

// peek is the next character, or 0.
func (t *translator) peek() rune {
	if t.pos < len(t.src) {
		return t.src[t.pos]
	}
	return 0
}

func (t *translator) write(text string) { t.out = append(t.out, text...) }

// only writes what the backtracking engine alone can do, and in outline something else.
func (t *translator) only(text, outline string) {
	t.backtracks = true
	if t.outline {
		text = outline
	}
	t.write(text)
}

// element reads what stands at one place: with its quantifier, if it may have one.
func (t *translator) element() error {
	if t.blank() {
		return nil
	}
	start := len(t.out)
	c := t.src[t.pos]
	t.pos++
	switch c {
	case '(':
		return t.openGroup()
	case ')':
		if len(t.open) == 0 {
			return errors.New("unmatched )")
		}
		g := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		t.flags = g.flags
		start = g.start
		t.write(")")
	case '|':
		t.write("|")
		return nil
	case '*', '+', '?':
		return fmt.Errorf("nothing that %c could repeat", c)
	case '{':
		if t.pos--; t.counts() {
			return errors.New("nothing that { could repeat")
		}
		t.pos++
		t.write(char(c)) // an error in Java, but not in ECMAScript, where models are from
	case '[':
		class, err := t.class()
		if err != nil {
			return err
		}
		t.write(class)
	case '.':
		t.write(t.dot())
	case '^':
		t.write(t.anchor(t.beginning(), "(?m:^)"))
	case '$':
		t.write(t.anchor(`\z`, "(?m:$)"))
	case '\\':
		if err := t.backslash(); err != nil {
			return err
		}
	default:
		t.write(char(c))
	}
	return t.quantifier(start)
}

// blank skips blanks and a comment, where these are allowed, and says whether it did.
func (t *translator) blank() bool {
	start := t.pos
	for t.flags.comments && t.pos < len(t.src) {
		switch c := t.src[t.pos]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			t.pos++
		case c == '#':
			for t.pos < len(t.src) && t.src[t.pos] != '\n' && t.src[t.pos] != '\r' {
				t.pos++
			}
		default:
			return t.pos > start
		}
	}
	return t.pos > start
}

func (t *translator) dot() string {
	switch {
	case t.flags.dotall:
		return "(?s:.)"
	case t.flags.unixLines:
		return `[^\x{a}]`
	}
	return `[^\x{a}\x{d}\x{85}\x{2028}\x{2029}]`
}

func (t *translator) beginning() string {
	if t.inside {
		return "[^" + ranges(set("all")) + "]"
	}
	return `\A`
}

func (t *translator) anchor(text, line string) string {
	if t.flags.lines {
		return line
	}
	return text
}

// counts says whether a brace that comes next begins a repetition.
func (t *translator) counts() bool {
	return t.pos+1 < len(t.src) && t.src[t.pos] == '{' && digit(t.src[t.pos+1])
}

// number reads digits and leaves out zeros before them, which Go's parser does not take.
func (t *translator) number() string {
	start := t.pos
	for digit(t.peek()) {
		t.pos++
	}
	number := string(t.src[start:t.pos])
	if trimmed := strings.TrimLeft(number, "0"); trimmed != "" || number == "" {
		return trimmed
	}
	return "0"
}

// quantifier reads how often what begins at start is repeated.
func (t *translator) quantifier(start int) error {
	t.blank()
	switch c := t.peek(); c {
	case '*', '+', '?':
		t.pos++
		t.out = append(t.out, byte(c))
	case '{':
		if !t.counts() {
			return nil
		}
		t.pos++
		text := "{" + t.number()
		if t.accept(",") {
			text += "," + t.number()
		}
		if !t.accept("}") {
			return errors.New("unclosed repetition")
		}
		t.write(text + "}")
	default:
		return nil
	}
	switch {
	case t.accept("?"):
		t.write("?")
	case t.accept("+"): // possessive: what was taken is not given back
		repeated := string(t.out[start:])
		t.out = t.out[:start]
		t.only("(?>", "(?:")
		t.write(repeated + ")")
	}
	return nil
}
