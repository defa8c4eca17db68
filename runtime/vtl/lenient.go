package vtl

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// DecodeLenient reads a payload as API Gateway does, whose reader takes much that is no
// JSON: names and texts without quotes or in single ones, commas too many, leading
// zeros, anything behind the value. What does not begin as an object, a list or a
// quoted text is a text. Errors are left: what is not closed, and a mark at the
// beginning of a value that cannot stand there.
//
// AWS: its developer guide maps a body with a comma at its end, its mock integration
// takes {statusCode: 200}, and the errors that it showed are those of json-smart, whose
// permissive mode this follows.
func DecodeLenient(text string) (any, error) {
	if json.Valid([]byte(text)) {
		return DecodeJSON(text)
	}
	r := lenientReader{text: text}
	if r.next() == end && text != "" {
		return "", nil
	}
	return r.value("")
}

// maxLenientDepth is how deeply lists and objects may nest.
const maxLenientDepth = 400

type lenientReader struct {
	text       string
	pos, depth int
}

// value reads the value that begins here; a bare one ends before one of the stops.
func (r *lenientReader) value(stops string) (any, error) {
	switch c := r.next(); {
	case c == end, c == ':', c == '}', c == ']':
		return nil, ErrJSON
	case c == '{':
		return r.nested(r.object)
	case c == '[':
		return r.nested(r.array)
	case c == '"', c == '\'':
		return r.quoted()
	case isDigit(byte(c)), c == '-':
		return r.number(stops)
	}
	switch word := r.bare(stops); word {
	case "null":
		return nil, nil
	case "true", "false":
		return word == "true", nil
	case "NaN":
		return math.NaN(), nil
	default:
		return word, nil
	}
}

func (r *lenientReader) nested(read func() (any, error)) (any, error) {
	if r.depth++; r.depth > maxLenientDepth {
		return nil, ErrJSON
	}
	r.pos++
	v, err := read()
	r.depth--
	return v, err
}

// object reads behind the {.
func (r *lenientReader) object() (any, error) {
	m := NewMap(4)
	for {
		switch r.next() {
		case end, ':', ']', '[', '{':
			return nil, ErrJSON
		case '}':
			r.pos++
			return m, nil
		case ',':
			r.pos++
			continue
		}
		key, err := r.name()
		if err != nil || r.next() != ':' {
			return nil, ErrJSON
		}
		r.pos++
		value, err := r.value(",}")
		if err != nil {
			return nil, err
		}
		m.put(key, value)
		if c := r.next(); c != ',' && c != '}' {
			return nil, ErrJSON
		}
	}
}

func (r *lenientReader) name() (string, error) {
	if c := r.text[r.pos]; c == '"' || c == '\'' {
		return r.quoted()
	}
	return r.bare(":"), nil
}

// array reads behind the [.
func (r *lenientReader) array() (any, error) {
	l := NewJSONList()
	for {
		switch r.next() {
		case ']':
			r.pos++
			return l, nil
		case ',':
			r.pos++
			continue
		}
		value, err := r.value(",]")
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, value)
	}
}

// number reads a number, or a text that begins like one.
func (r *lenientReader) number(stops string) (any, error) {
	start, whole := r.pos, true
	r.pos++
	r.digits()
	if r.peek() == '.' {
		whole = false
		r.pos++
		r.digits()
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		whole = false
		r.pos++
		if c = r.peek(); c == '+' || c == '-' {
			r.pos++
		}
		r.digits()
	}
	literal := r.text[start:r.pos]
	if c := r.next(); c != end && strings.IndexByte(stops, byte(c)) < 0 {
		r.pos = start
		return r.bare(stops), nil
	}
	if literal == "-" {
		return int64(0), nil
	}
	if whole && len(literal) <= maxIntegerDigits {
		n, _ := parseInteger(literal)
		return n, nil
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil && !math.IsInf(f, 0) {
		return literal, nil // 1e
	}
	return f, nil
}

func (r *lenientReader) digits() {
	for r.pos < len(r.text) && isDigit(r.text[r.pos]) {
		r.pos++
	}
}

// bare reads up to one of the stops or the end.
func (r *lenientReader) bare(stops string) string {
	start := r.pos
	r.pos = len(r.text)
	if i := strings.IndexAny(r.text[start:], stops); i >= 0 {
		r.pos = start + i
	}
	return strings.ToValidUTF8(strings.TrimFunc(r.text[start:r.pos], isBlank), "\ufffd")
}

func isBlank(c rune) bool { return c <= ' ' }

// quoted reads a text in either quotes. Control characters stay in one without escapes,
// and are left out of one that has some.
func (r *lenientReader) quoted() (string, error) {
	quote := r.text[r.pos]
	start := r.pos + 1
	size := strings.IndexByte(r.text[start:], quote)
	if size < 0 {
		return "", ErrJSON
	}
	if plain := r.text[start : start+size]; strings.IndexByte(plain, '\\') < 0 {
		r.pos = start + size + 1
		return strings.ToValidUTF8(plain, "\ufffd"), nil
	}
	var b strings.Builder
	for r.pos = start; r.pos < len(r.text); r.pos++ {
		switch c := r.text[r.pos]; {
		case c == quote:
			r.pos++
			return strings.ToValidUTF8(b.String(), "\ufffd"), nil
		case c == '\\':
			r.pos++
			if err := r.escape(&b); err != nil {
				return "", err
			}
		case c >= ' ' && c != 0x7f:
			b.WriteByte(c)
		}
	}
	return "", ErrJSON
}

// escape reads the character behind a backslash; one that means nothing is left out.
func (r *lenientReader) escape(b *strings.Builder) error {
	switch c := r.peek(); c {
	case end:
		return ErrJSON
	case '"', '\'', '\\', '/':
		b.WriteByte(byte(c))
	case 'b', 'f', 'n', 'r', 't':
		b.WriteByte("\b\f\n\r\t"[strings.IndexByte("bfnrt", byte(c))])
	case 'x':
		return r.unit(b, 2)
	case 'u':
		return r.unit(b, 4)
	}
	return nil
}

// unit reads the digits of an escape, and those of a second one that makes a character
// together with the first.
func (r *lenientReader) unit(b *strings.Builder, digits int) error {
	first, err := r.hex(digits)
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(first) && strings.HasPrefix(r.text[r.pos+1:], `\u`) {
		at := r.pos
		r.pos += 2
		if second, err := r.hex(4); err == nil && utf16.DecodeRune(first, second) != '\ufffd' {
			b.WriteRune(utf16.DecodeRune(first, second))
			return nil
		}
		r.pos = at
	}
	b.WriteRune(first)
	return nil
}

// hex reads so many hexadecimal digits behind the position and moves to the last.
func (r *lenientReader) hex(digits int) (rune, error) {
	if len(r.text)-r.pos-1 < digits {
		return 0, ErrJSON
	}
	n, err := strconv.ParseUint(r.text[r.pos+1:r.pos+1+digits], 16, 16)
	if err != nil {
		return 0, ErrJSON
	}
	r.pos += digits
	return rune(n), nil
}

// end is what is read where the text ends.
const end = -1

func (r *lenientReader) peek() int {
	if r.pos == len(r.text) {
		return end
	}
	return int(r.text[r.pos])
}

// next passes over blanks and peeks.
func (r *lenientReader) next() int {
	for r.pos < len(r.text) && isSpace(r.text[r.pos]) {
		r.pos++
	}
	return r.peek()
}
