package vtl

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// maxPrintDepth ends the printing of a list or map that contains itself, where
// Java would overflow its stack.
const maxPrintDepth = 1000

// maxPrintSize bounds String, which has no Run to bound it.
const maxPrintSize = 16 << 20

var (
	errPrintDepth = errors.New("value is nested too deeply to print")
	errPrintSize  = errors.New("value is too large to print")
)

// String is Java's toString for a value; null is empty.
func String(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	p := printer{max: maxPrintSize}
	dst, err := p.java(nil, v, 0)
	return string(dst), err
}

// JSON is the compact JSON text of a value, keys in insertion order.
func JSON(v any) (string, error) {
	p := printer{max: maxPrintSize}
	dst, err := p.json(nil, v, 0)
	return string(dst), err
}

type printer struct {
	max int
	run *Run // to render blocks of #define; may be nil
}

func (p *printer) fits(dst []byte, depth int) error {
	if depth > maxPrintDepth {
		return errPrintDepth
	}
	if len(dst) > p.max {
		return errPrintSize
	}
	return nil
}

// java appends what Java's toString gives; null is empty here and "null"
// inside a collection.
func (p *printer) java(dst []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return dst, nil
	case string:
		dst = append(dst, v...)
		return dst, p.fits(dst, depth)
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		return appendDouble(dst, v), nil
	case *big.Int:
		return v.Append(dst, 10), nil
	case *Map:
		return p.javaMap(dst, v, depth)
	case *List:
		if v.json {
			return p.json(dst, v, depth)
		}
		return p.javaList(dst, v, depth)
	case *Entry:
		dst, err := p.element(dst, v.Key, depth+1)
		if err != nil {
			return dst, err
		}
		return p.element(append(dst, '='), v.Value, depth+1)
	case *definition:
		if p.run == nil {
			return dst, nil
		}
		s, err := p.run.renderDefinition(v)
		return append(dst, s...), err
	case Object:
		dst = append(dst, v.String()...)
		return dst, p.fits(dst, depth)
	}
	return dst, nil
}

// element prints one member of a collection.
func (p *printer) element(dst []byte, v any, depth int) ([]byte, error) {
	if v == nil {
		return append(dst, "null"...), nil
	}
	return p.java(dst, v, depth)
}

func (p *printer) javaMap(dst []byte, m *Map, depth int) ([]byte, error) {
	if m.opaque {
		return dst, nil
	}
	err := p.fits(dst, depth)
	dst = append(dst, '{')
	for i := 0; i < len(m.entries) && err == nil; i++ {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = p.element(dst, m.entries[i].Key, depth+1); err == nil {
			dst, err = p.element(append(dst, '='), m.entries[i].Value, depth+1)
		}
	}
	return append(dst, '}'), err
}

func (p *printer) javaList(dst []byte, l *List, depth int) ([]byte, error) {
	err := p.fits(dst, depth)
	dst = append(dst, '[')
	for i := 0; i < len(l.Items) && err == nil; i++ {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst, err = p.element(dst, l.Items[i], depth+1)
	}
	return append(dst, ']'), err
}

func (p *printer) json(dst []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		dst = appendQuoted(dst, v)
		return dst, p.fits(dst, depth)
	case *Map:
		err := p.fits(dst, depth)
		dst = append(dst, '{')
		for i := 0; i < len(v.entries) && err == nil; i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			key, isString := v.entries[i].Key.(string)
			if !isString {
				if key, err = String(v.entries[i].Key); err != nil {
					break
				}
			}
			dst = append(appendQuoted(dst, key), ':')
			dst, err = p.json(dst, v.entries[i].Value, depth+1)
		}
		return append(dst, '}'), err
	case *List:
		err := p.fits(dst, depth)
		dst = append(dst, '[')
		for i := 0; i < len(v.Items) && err == nil; i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst, err = p.json(dst, v.Items[i], depth+1)
		}
		return append(dst, ']'), err
	case float64:
		if math.IsInf(v, 0) { // of a number too large for a double
			return append(dst, "null"...), nil
		}
		return p.java(dst, v, depth)
	case bool, int64, *big.Int:
		return p.java(dst, v, depth)
	}
	text, err := p.java(nil, v, depth)
	return appendQuoted(dst, string(text)), err
}

// appendQuoted appends a JSON string. Only what JSON requires is escaped.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			if c < utf8.RuneSelf {
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
