package vtl

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// staticMethod runs a static method of a value's class; ok is false if that has none
// of the name. Templates cannot name a class, but any value of it will do:
//
//	#set($Integer = 0)$Integer.parseInt("7")
//
// unverified against AWS: parseInt is what templates in public use.
func (r *Run) staticMethod(v any, name string, args []any) (result any, ok bool, err error) {
	if len(args) == 0 || len(args) > 2 {
		return nil, false, nil
	}
	switch v.(type) {
	case int64:
		return integerStatic(name, args)
	case float64:
		if text, isText := args[0].(string); isText && len(args) == 1 && (name == "parseDouble" || name == "valueOf") {
			f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			return f, true, numberFormat(text, err)
		}
	case bool:
		if text, isText := args[0].(string); isText && len(args) == 1 && (name == "parseBoolean" || name == "valueOf") {
			return strings.EqualFold(text, "true"), true, nil
		}
	case string:
		switch {
		case name == "valueOf" && len(args) == 1:
			text, err := r.String(args[0])
			return text, true, err
		case name == "join" && len(args) == 2:
			return r.join(args[0], args[1])
		}
	}
	return nil, false, nil
}

func integerStatic(name string, args []any) (result any, ok bool, err error) {
	text, isText := args[0].(string)
	first, isNumber := args[0].(int64)
	base, second := int64(10), int64(0)
	if len(args) == 2 {
		if second, ok = args[1].(int64); !ok {
			return nil, false, nil
		}
		base = second
	}
	switch name {
	case "parseInt", "parseLong", "valueOf":
		if isNumber && name == "valueOf" && len(args) == 1 {
			return first, true, nil
		}
		bits := 32
		if name == "parseLong" {
			bits = 64
		}
		if !isText {
			return nil, false, nil
		}
		if strings.Contains(text, "_") || base < 2 || base > 36 {
			return nil, true, numberFormat(text, strconv.ErrSyntax)
		}
		n, err := strconv.ParseInt(text, int(base), bits)
		return n, true, numberFormat(text, err)
	case "max", "min":
		if !isNumber || len(args) != 2 {
			return nil, false, nil
		}
		if name == "max" {
			return max(first, second), true, nil
		}
		return min(first, second), true, nil
	case "toString":
		if !isNumber || base < 2 || base > 36 {
			return nil, false, nil
		}
		return strconv.FormatInt(first, int(base)), true, nil
	case "toHexString":
		if !isNumber || len(args) != 1 {
			return nil, false, nil
		}
		if first >= math.MinInt32 && first <= math.MaxInt32 {
			return strconv.FormatUint(uint64(uint32(first)), 16), true, nil
		}
		return strconv.FormatUint(uint64(first), 16), true, nil
	}
	return nil, false, nil
}

// numberFormat is Java's NumberFormatException.
func numberFormat(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%q is no number", text)
}

func (r *Run) join(separator, list any) (result any, ok bool, err error) {
	between, isText := separator.(string)
	l, isList := list.(*List)
	if !isText || !isList {
		return nil, false, nil
	}
	var joined strings.Builder
	for i, item := range l.Items {
		text, err := r.String(item)
		if err != nil {
			return nil, true, err
		}
		if err := r.Charge(1 + (len(text)+len(between))/8); err != nil {
			return nil, true, err
		}
		if i > 0 {
			joined.WriteString(between)
		}
		joined.WriteString(text)
	}
	return joined.String(), true, nil
}
