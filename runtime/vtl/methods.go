package vtl

import (
	"errors"
	"math"
	"math/big"
)

// errOutOfBounds stands for Java's index exceptions.
var errOutOfBounds = errors.New("index out of bounds")

// call runs a method of a value. A method that the value does not have, or not
// with such arguments, gives null, as Velocity does; an exception of Java's
// method is an error.
func (r *Run) call(v any, name string, args []any) (any, error) {
	if err := r.Charge(2); err != nil {
		return nil, err
	}
	switch name {
	case "toString":
		if len(args) == 0 {
			return r.String(v)
		}
	case "equals":
		if len(args) == 1 {
			if !isNumber(v) && !sameType(v, args[0]) {
				return false, nil
			}
			return r.equal(v, args[0], 0)
		}
	case "hashCode":
		if len(args) == 0 {
			return r.hashCode(v)
		}
	}
	if result, ok, err := r.staticMethod(v, name, args); ok || err != nil {
		return result, err
	}
	switch v := v.(type) {
	case string:
		return r.stringMethod(v, name, args)
	case *List:
		return r.listMethod(v, name, args)
	case *Map:
		return r.mapMethod(v, name, args)
	case *Entry:
		switch {
		case name == "getKey" && len(args) == 0:
			return v.Key, nil
		case name == "getValue" && len(args) == 0:
			return v.Value, nil
		}
	case bool:
		if name == "booleanValue" && len(args) == 0 {
			return v, nil
		}
	case int64, float64, *big.Int:
		return numberMethod(v, name, args), nil
	case Object:
		for _, a := range args {
			if s, ok := a.(string); ok {
				if err := r.chargeText(s); err != nil {
					return nil, err
				}
			}
		}
		result, err := v.Call(r, name, args)
		if s, ok := result.(string); ok && err == nil {
			err = r.chargeText(s)
		}
		return result, err
	}
	return nil, nil
}

func numberMethod(v any, name string, args []any) any {
	switch {
	case len(args) == 0 && (name == "intValue" || name == "longValue"):
		switch v := v.(type) {
		case int64:
			if name == "intValue" {
				return int64(int32(v))
			}
			return v
		case float64:
			return truncate(v, name == "intValue")
		case *big.Int:
			low := new(big.Int).And(v, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
			if name == "intValue" {
				return int64(int32(low))
			}
			return int64(low)
		}
	case len(args) == 0 && (name == "doubleValue" || name == "floatValue"):
		f, _ := toFloat(v)
		return f
	case len(args) == 1 && name == "compareTo":
		if order, ok := compareNumbers(v, args[0]); ok {
			return int64(order)
		}
	}
	return nil
}

// truncate is Java's narrowing of a double: NaN is 0, the rest saturates.
func truncate(f float64, toInt bool) int64 {
	low, high := float64(math.MinInt64), float64(math.MaxInt64)
	if toInt {
		low, high = math.MinInt32, math.MaxInt32
	}
	switch {
	case math.IsNaN(f):
		return 0
	case f <= low:
		if toInt {
			return math.MinInt32
		}
		return math.MinInt64
	case f >= high:
		if toInt {
			return math.MaxInt32
		}
		return math.MaxInt64
	}
	return int64(f)
}

// hashCode is Java's for text and numbers; for collections, whose code nobody
// can rely on, it is that of their text.
func (r *Run) hashCode(v any) (any, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1231), nil
		}
		return int64(1237), nil
	case int64:
		if v == int64(int32(v)) {
			return v, nil
		}
		return int64(int32(v ^ int64(uint64(v)>>32))), nil
	case float64:
		bits := math.Float64bits(v)
		return int64(int32(bits ^ bits>>32)), nil
	}
	s, err := r.String(v)
	if err != nil {
		return nil, err
	}
	var h int32
	for _, unit := range toUTF16(s) {
		h = 31*h + int32(unit)
	}
	return int64(h), r.chargeText(s)
}
