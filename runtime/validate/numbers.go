package validate

import (
	"encoding/json"
	"math"
	"math/big"
)

// maxDigits bounds how long a number may be to be counted exactly.
const maxDigits = 1000

// rational is a number's value; to the precision and within the range of a float64
// where its text is long or its exponent large, which would else cost a sender of few
// bytes nothing and the receiver much.
func rational(n json.Number) *big.Rat {
	f, err := n.Float64()
	switch {
	case math.IsInf(f, 0):
		return new(big.Rat).SetFloat64(math.Copysign(math.MaxFloat64, f))
	case err == nil && f != 0 && len(n) <= maxDigits:
		if r, ok := new(big.Rat).SetString(n.String()); ok {
			return r
		}
	}
	return new(big.Rat).SetFloat64(f)
}

// number compiles a keyword that compares numbers with its own.
func (c *compiler) number(keyword string, value any, judge func(n, limit *big.Rat) bool, words func(n, limit json.Number) string) (check, error) {
	limit, ok := value.(json.Number)
	if !ok {
		return nil, c.malformed(keyword, "a number")
	}
	bound := rational(limit)
	return func(v any, found *findings) {
		if n, ok := v.(json.Number); ok && !judge(rational(n), bound) {
			found.add(words(n, limit))
		}
	}, nil
}

func (c *compiler) minimum(value any) (check, error) {
	return c.number("minimum", value,
		func(n, limit *big.Rat) bool { return n.Cmp(limit) >= 0 },
		func(n, limit json.Number) string {
			return "numeric instance is lower than the required minimum (minimum: " + limit.String() + ", found: " + n.String() + ")"
		})
}

func (c *compiler) maximum(value any) (check, error) {
	exclusive := c.beside["exclusiveMaximum"] == true
	return c.number("maximum", value,
		func(n, limit *big.Rat) bool { return n.Cmp(limit) < 0 || !exclusive && n.Cmp(limit) == 0 },
		func(n, limit json.Number) string {
			if exclusive && rational(n).Cmp(rational(limit)) == 0 {
				return "numeric instance is not strictly lower than the required maximum " + limit.String()
			}
			return "numeric instance is greater than the required maximum (maximum: " + limit.String() + ", found: " + n.String() + ")"
		})
}

// exclusiveMaximum is what maximum looks at.
func (c *compiler) exclusiveMaximum(value any) error {
	if _, ok := value.(bool); !ok {
		return c.malformed("exclusiveMaximum", "true or false")
	}
	if _, ok := c.beside["maximum"]; !ok {
		return c.malformed("exclusiveMaximum", "beside a maximum")
	}
	return nil
}

func (c *compiler) multipleOf(value any) (check, error) {
	if n, ok := value.(json.Number); ok && rational(n).Sign() <= 0 {
		return nil, c.malformed("multipleOf", "greater than zero")
	}
	return c.number("multipleOf", value,
		func(n, divisor *big.Rat) bool { return new(big.Rat).Quo(n, divisor).IsInt() },
		func(n, divisor json.Number) string {
			return "remainder of division is not zero (" + n.String() + " / " + divisor.String() + ")"
		})
}

// count reads a keyword's whole number that is not negative.
func (c *compiler) count(keyword string, value any) (int, error) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, c.malformed(keyword, "a whole number")
	}
	r := rational(n)
	if !r.IsInt() || r.Sign() < 0 {
		return 0, c.malformed(keyword, "a whole number")
	}
	if !r.Num().IsInt64() || r.Num().Int64() > math.MaxInt {
		return math.MaxInt, nil
	}
	return int(r.Num().Int64()), nil
}
