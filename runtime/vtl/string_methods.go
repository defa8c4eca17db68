package vtl

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// stringMethod runs a method of java.lang.String.
func (r *Run) stringMethod(s, name string, args []any) (any, error) {
	if err := r.chargeText(s); err != nil {
		return nil, err
	}
	switch len(args) {
	case 0:
		if name == "toCharArray" {
			return r.characters(s)
		}
		return stringMethod0(s, name), nil
	case 1:
		return r.stringMethod1(s, name, args[0])
	case 2:
		return r.stringMethod2(s, name, args[0], args[1])
	}
	return nil, nil
}

func stringMethod0(s, name string) any {
	switch name {
	case "length":
		return int64(utf16Len(s))
	case "isEmpty":
		return s == ""
	case "trim":
		return strings.TrimFunc(s, func(c rune) bool { return c <= ' ' })
	case "toLowerCase":
		return strings.ToLower(s)
	case "toUpperCase":
		return strings.ToUpper(s)
	case "intern":
		return s
	}
	return nil
}

func (r *Run) characters(s string) (any, error) {
	if err := r.Charge(len(s)); err != nil {
		return nil, err
	}
	chars := NewList()
	for _, unit := range toUTF16(s) {
		chars.Items = append(chars.Items, string(rune(unit)))
	}
	return chars, nil
}

func (r *Run) stringMethod1(s, name string, arg any) (any, error) {
	if index, ok := arg.(int64); ok {
		switch name {
		case "substring":
			return substring(s, index, int64(utf16Len(s)))
		case "charAt":
			return substring(s, index, index+1)
		}
		return nil, nil
	}
	// Where Java's method takes any object it takes a string's text here too.
	other, ok := arg.(string)
	if !ok {
		return nil, nil
	}
	if err := r.chargeText(other); err != nil {
		return nil, err
	}
	switch name {
	case "contains":
		return strings.Contains(s, other), nil
	case "startsWith":
		return strings.HasPrefix(s, other), nil
	case "endsWith":
		return strings.HasSuffix(s, other), nil
	case "indexOf":
		return unitIndex(s, strings.Index(s, other)), nil
	case "lastIndexOf":
		return unitIndex(s, strings.LastIndex(s, other)), nil
	case "concat":
		return r.concat(s, other)
	case "contentEquals":
		return s == other, nil
	case "equalsIgnoreCase":
		return strings.EqualFold(s, other), nil
	case "compareTo":
		return compareStrings(s, other), nil
	case "compareToIgnoreCase":
		return compareStrings(strings.ToLower(s), strings.ToLower(other)), nil
	case "matches":
		return r.matches(s, other)
	case "split":
		return r.split(s, other, 0)
	}
	return nil, nil
}

func (r *Run) stringMethod2(s, name string, a, b any) (any, error) {
	from, ok1 := a.(int64)
	to, ok2 := b.(int64)
	if name == "substring" && ok1 && ok2 {
		return substring(s, from, to)
	}
	first, ok := a.(string)
	if !ok {
		return nil, nil
	}
	if ok2 {
		switch name {
		case "split":
			return r.split(s, first, int(to))
		case "indexOf":
			start := byteOffset(s, to)
			if i := strings.Index(s[start:], first); i >= 0 {
				return unitIndex(s, start+i), nil
			}
			return int64(-1), nil
		case "lastIndexOf":
			return lastIndex(s, first, to), nil
		case "startsWith":
			return to >= 0 && to <= int64(utf16Len(s)) && strings.HasPrefix(s[byteOffset(s, to):], first), nil
		}
		return nil, nil
	}
	second, ok := b.(string)
	if !ok {
		return nil, nil
	}
	switch name {
	case "replace":
		// The result is paid for before it is made.
		if n := strings.Count(s, first); n > 0 {
			if err := r.Charge(1 + max(0, n*(len(second)-len(first))+len(s))/8); err != nil {
				return nil, err
			}
		}
		return strings.ReplaceAll(s, first, second), nil
	case "replaceAll":
		return r.replaceAll(s, first, second, -1)
	case "replaceFirst":
		return r.replaceAll(s, first, second, 1)
	}
	return nil, nil
}

// Java counts in UTF-16 units; for ASCII, the usual case, those are bytes.

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func toUTF16(s string) []uint16 { return utf16.Encode([]rune(s)) }

func utf16Len(s string) int {
	n := 0
	for _, c := range s {
		n += utf16.RuneLen(c)
	}
	return n
}

// unitIndex turns a byte offset into Java's index.
func unitIndex(s string, offset int) int64 {
	if offset < 0 {
		return -1
	}
	return int64(utf16Len(s[:offset]))
}

// byteOffset turns Java's index into a byte offset, clamped to the string.
func byteOffset(s string, index int64) int {
	for i, c := range s {
		if index <= 0 {
			return i
		}
		index -= int64(utf16.RuneLen(c))
	}
	if index <= 0 && s == "" {
		return 0
	}
	return len(s)
}

// lastIndex is String.lastIndexOf with the last place where the text may begin.
func lastIndex(s, text string, from int64) int64 {
	if from < 0 {
		return -1
	}
	end := min(len(s), byteOffset(s, from)+len(text))
	return unitIndex(s, strings.LastIndex(s[:end], text))
}

func substring(s string, from, to int64) (any, error) {
	if from < 0 || to < from || to > int64(len(s)) {
		return nil, errOutOfBounds
	}
	if isASCII(s) {
		return s[from:to], nil
	}
	units := toUTF16(s)
	if to > int64(len(units)) {
		return nil, errOutOfBounds
	}
	return string(utf16.Decode(units[from:to])), nil
}

// compareStrings is String.compareTo: the first difference of units, else of
// lengths.
func compareStrings(a, b string) int64 {
	x, y := toUTF16(a), toUTF16(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return int64(x[i]) - int64(y[i])
		}
	}
	return int64(len(x) - len(y))
}
