package vtl

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// ErrJSON says that a text is not one JSON value.
var ErrJSON = errors.New("not valid JSON")

// maxIntegerDigits is the length up to which a JSON integer stays exact.
const maxIntegerDigits = 1000

// DecodeJSON reads one JSON value: objects become Maps that keep the text's
// order, arrays become lists that print as JSON, numbers with a fraction or an
// exponent doubles and all others integers.
func DecodeJSON(text string) (any, error) {
	if !json.Valid([]byte(text)) {
		return nil, ErrJSON
	}
	d := jsonDecoder{text: text}
	return d.value(), nil
}

// jsonDecoder builds values from text that encoding/json has found valid, so
// it checks nothing again.
type jsonDecoder struct {
	text string
	pos  int
}

func (d *jsonDecoder) next() byte {
	for {
		switch c := d.text[d.pos]; c {
		case ' ', '\t', '\r', '\n':
			d.pos++
		default:
			return c
		}
	}
}

func (d *jsonDecoder) value() any {
	switch d.next() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return d.string()
	case 't':
		d.pos += len("true")
		return true
	case 'f':
		d.pos += len("false")
		return false
	case 'n':
		d.pos += len("null")
		return nil
	}
	return d.number()
}

func (d *jsonDecoder) object() *Map {
	m := NewMap(4)
	d.pos++
	for d.next() != '}' {
		if d.text[d.pos] == ',' {
			d.pos++
			d.next()
		}
		key := d.string()
		d.next()
		d.pos++ // the colon
		m.put(key, d.value())
	}
	d.pos++
	return m
}

func (d *jsonDecoder) array() *List {
	l := NewJSONList()
	d.pos++
	for d.next() != ']' {
		if d.text[d.pos] == ',' {
			d.pos++
		}
		l.Items = append(l.Items, d.value())
	}
	d.pos++
	return l
}

func (d *jsonDecoder) string() string {
	start := d.pos
	escaped := false
	for d.pos++; d.text[d.pos] != '"'; d.pos++ {
		if d.text[d.pos] == '\\' {
			escaped = true
			d.pos++
		}
	}
	d.pos++
	if !escaped {
		return strings.ToValidUTF8(d.text[start+1:d.pos-1], "\ufffd")
	}
	var s string
	if err := json.Unmarshal([]byte(d.text[start:d.pos]), &s); err != nil {
		return ""
	}
	return s
}

func (d *jsonDecoder) number() any {
	start := d.pos
	integer := true
	for ; d.pos < len(d.text); d.pos++ {
		c := d.text[d.pos]
		if c == '.' || c == 'e' || c == 'E' {
			integer = false
		} else if (c < '0' || c > '9') && c != '-' && c != '+' {
			break
		}
	}
	literal := d.text[start:d.pos]
	if integer && len(literal) <= maxIntegerDigits {
		n, _ := parseInteger(literal)
		return n
	}
	// An exponent too large for a double reads as infinity, as in Java.
	f, _ := strconv.ParseFloat(literal, 64)
	return f
}
