package vtl

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// parseInteger reads decimal digits as Integer, Long or, beyond those,
// BigInteger.
func parseInteger(s string) (any, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	b, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, false
	}
	return b, true
}

// normalize brings a big integer back to int64 where it fits.
func normalize(b *big.Int) any {
	if b.IsInt64() {
		return b.Int64()
	}
	return b
}

func toBig(v any) (*big.Int, bool) {
	switch n := v.(type) {
	case int64:
		return big.NewInt(n), true
	case *big.Int:
		return n, true
	}
	return nil, false
}

func toFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case *big.Int:
		f, _ := new(big.Float).SetInt(n).Float64()
		return f, true
	}
	return 0, false
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, float64, *big.Int:
		return true
	}
	return false
}

// arithmetic applies + - * / % to two numbers with Java's rules: integers stay
// integers and grow rather than overflow, one double makes the result a
// double. Anything that is not a number, and division by zero, is null.
func arithmetic(op byte, left, right any) any {
	if a, ok := left.(int64); ok {
		if b, ok := right.(int64); ok {
			if n, ok := arithmeticInt(op, a, b); ok {
				return n
			}
		}
	}
	a, ok1 := toBig(left)
	b, ok2 := toBig(right)
	if ok1 && ok2 {
		return arithmeticBig(op, a, b)
	}
	x, ok1 := toFloat(left)
	y, ok2 := toFloat(right)
	if !ok1 || !ok2 || y == 0 && (op == '/' || op == '%') {
		return nil
	}
	switch op {
	case '+':
		return x + y
	case '-':
		return x - y
	case '*':
		return x * y
	case '/':
		return x / y
	default:
		return math.Mod(x, y)
	}
}

// arithmeticInt answers false where the result might not fit.
func arithmeticInt(op byte, a, b int64) (any, bool) {
	const half = 1 << 31
	switch op {
	case '+':
		if n := a + b; (n > a) == (b > 0) {
			return n, true
		}
	case '-':
		if n := a - b; (n < a) == (b > 0) {
			return n, true
		}
	case '*':
		if -half < a && a < half && -half < b && b < half {
			return a * b, true
		}
	case '/':
		if b != 0 && b != -1 {
			return a / b, true
		}
	case '%':
		if b != 0 && b != -1 {
			return a % b, true
		}
	}
	return nil, false
}

// maxIntegerBits bounds BigInteger growth by repeated multiplication.
const maxIntegerBits = 1 << 14

func arithmeticBig(op byte, a, b *big.Int) any {
	if a.BitLen()+b.BitLen() > maxIntegerBits {
		return nil
	}
	n := new(big.Int)
	switch op {
	case '+':
		n.Add(a, b)
	case '-':
		n.Sub(a, b)
	case '*':
		n.Mul(a, b)
	case '/':
		if b.Sign() == 0 {
			return nil
		}
		n.Quo(a, b)
	default:
		if b.Sign() == 0 {
			return nil
		}
		n.Rem(a, b)
	}
	return normalize(n)
}

// compareNumbers is Java's compareTo over mixed number types; ok is false when
// one of them is not a number.
func compareNumbers(left, right any) (order int, ok bool) {
	if a, ok := left.(int64); ok {
		if b, ok := right.(int64); ok {
			switch {
			case a < b:
				return -1, true
			case a > b:
				return 1, true
			}
			return 0, true
		}
	}
	a, ok1 := toBig(left)
	b, ok2 := toBig(right)
	if ok1 && ok2 {
		return a.Cmp(b), true
	}
	x, ok1 := toFloat(left)
	y, ok2 := toFloat(right)
	if !ok1 || !ok2 {
		return 0, false
	}
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

// appendDouble prints a double as Java's Double.toString does: always with a
// fraction, in scientific form below 10^-3 and from 10^7 on.
func appendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if abs := math.Abs(f); f == 0 || (abs >= 1e-3 && abs < 1e7) {
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if !strings.Contains(string(dst[start:]), ".") {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	dst = append(dst, mantissa...)
	if !strings.Contains(mantissa, ".") {
		dst = append(dst, ".0"...)
	}
	exp, _ := strconv.Atoi(exponent)
	dst = append(dst, 'E')
	return strconv.AppendInt(dst, int64(exp), 10)
}
