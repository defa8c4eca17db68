package cloudwatch

import (
	"math"
	"strconv"
	"strings"
)

// mathExpr is a parsed metric math expression: arithmetic over the ids of other
// queries, and a few of AWS's functions.
type mathExpr struct {
	text string
	eval func(*evaluation) (mathValue, error)
}

// mathValue is a time series, or (points nil) a number, or (list set) several series.
type mathValue struct {
	points map[int64]float64
	period int64
	scalar float64
	list   []mathValue
	isList bool
}

// maxMathDepth bounds the nesting of an expression.
const maxMathDepth = 50

func parseMath(text string) (*mathExpr, error) {
	p := &mathParser{text: text, rest: text}
	node, err := p.sum()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.rest != "" {
		return nil, p.bad()
	}
	return &mathExpr{text, node}, nil
}

type mathNode = func(*evaluation) (mathValue, error)

type mathParser struct {
	text, rest string
	depth      int
}

func (p *mathParser) bad() error {
	at := len(p.text) - len(p.rest)
	// unverified against AWS: the text.
	return validationError("Error in expression '%s': syntax error at position %d.", p.text, at+1)
}

func (p *mathParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *mathParser) take(set string) byte {
	p.skip()
	if p.rest == "" || !strings.ContainsRune(set, rune(p.rest[0])) {
		return 0
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	return c
}

func (p *mathParser) sum() (mathNode, error) { return p.chain("+-", p.product) }

func (p *mathParser) product() (mathNode, error) { return p.chain("*/", p.power) }

// chain parses operators of one precedence, from the left.
func (p *mathParser) chain(operators string, operand func() (mathNode, error)) (mathNode, error) {
	left, err := operand()
	for err == nil {
		op := p.take(operators)
		if op == 0 {
			return left, nil
		}
		var right mathNode
		if right, err = operand(); err == nil {
			left = binary(op, left, right)
		}
	}
	return nil, err
}

func (p *mathParser) power() (mathNode, error) {
	if p.depth++; p.depth > maxMathDepth {
		return nil, p.bad()
	}
	defer func() { p.depth-- }()
	if p.take("-") != 0 {
		operand, err := p.power()
		if err != nil {
			return nil, err
		}
		return binary('-', number(0), operand), nil
	}
	base, err := p.primary()
	if err != nil || p.take("^") == 0 {
		return base, err
	}
	exponent, err := p.power()
	if err != nil {
		return nil, err
	}
	return binary('^', base, exponent), nil
}

func (p *mathParser) primary() (mathNode, error) {
	if p.take("(") != 0 {
		inner, err := p.sum()
		if err == nil && p.take(")") == 0 {
			err = p.bad()
		}
		return inner, err
	}
	if p.take("[") != 0 {
		items, err := p.items("]")
		return collect(items), err
	}
	p.skip()
	word := p.rest[:wordLength(p.rest)]
	if word == "" {
		return nil, p.bad()
	}
	if word[0] >= '0' && word[0] <= '9' || word[0] == '.' {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil, p.bad()
		}
		p.rest = p.rest[len(word):]
		return number(n), nil
	}
	p.rest = p.rest[len(word):]
	if p.take("(") == 0 {
		return p.reference(word), nil
	}
	args, err := p.items(")")
	if err != nil {
		return nil, err
	}
	return p.call(word, args)
}

func wordLength(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] == '.' || s[n] >= '0' && s[n] <= '9' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
		n++
	}
	return n
}

// items parses a list up to its closing bracket.
func (p *mathParser) items(end string) ([]mathNode, error) {
	var out []mathNode
	if p.take(end) != 0 {
		return nil, nil
	}
	for {
		item, err := p.sum()
		if err != nil {
			return nil, err
		}
		out = append(out, item)
		if p.take(end) != 0 {
			return out, nil
		}
		if p.take(",") == 0 {
			return nil, p.bad()
		}
	}
}

func number(n float64) mathNode {
	return func(*evaluation) (mathValue, error) { return mathValue{scalar: n}, nil }
}

func collect(items []mathNode) mathNode {
	return func(e *evaluation) (mathValue, error) {
		out := mathValue{isList: true}
		for _, item := range items {
			v, err := item(e)
			if err != nil {
				return v, err
			}
			out.list = append(out.list, v)
		}
		return out, nil
	}
}

// reference is the value of another query.
func (p *mathParser) reference(id string) mathNode {
	return func(e *evaluation) (mathValue, error) {
		for i := range e.in.MetricDataQueries {
			if q := &e.in.MetricDataQueries[i]; *q.Id == id {
				a, err := e.answer(q)
				if err == nil && a.points == nil {
					err = validationError("Error in expression '%s': the expression depends on itself.", p.text)
				}
				if err != nil {
					return mathValue{}, err
				}
				return mathValue{points: a.points, period: a.period}, nil
			}
		}
		// unverified against AWS: the text.
		return mathValue{}, validationError("Error in expression '%s': the metric %s is not defined.", p.text, id)
	}
}

func binary(op byte, left, right mathNode) mathNode {
	return func(e *evaluation) (mathValue, error) {
		l, err := left(e)
		if err != nil {
			return l, err
		}
		r, err := right(e)
		if err != nil {
			return r, err
		}
		return l.combine(r, func(a, b float64) float64 { return arithmetic(op, a, b) })
	}
}

func arithmetic(op byte, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	}
	return math.Pow(a, b)
}

// combine joins two values point by point. AWS: a time that one series lacks, or a
// result that is no number, is absent.
func (v mathValue) combine(o mathValue, fn func(a, b float64) float64) (mathValue, error) {
	if v.isList || o.isList {
		return v, validationError("Error in expression: arithmetic needs time series or numbers, not lists.")
	}
	if v.points == nil && o.points == nil {
		return mathValue{scalar: fn(v.scalar, o.scalar)}, nil
	}
	out := mathValue{points: map[int64]float64{}, period: max(v.period, o.period)}
	base := v.points
	if base == nil {
		base = o.points
	}
	for at := range base {
		a, okA := v.at(at)
		b, okB := o.at(at)
		if r := fn(a, b); okA && okB && !math.IsNaN(r) && !math.IsInf(r, 0) {
			out.points[at] = r
		}
	}
	return out, nil
}

func (v mathValue) at(start int64) (float64, bool) {
	if v.points == nil {
		return v.scalar, true
	}
	n, ok := v.points[start]
	return n, ok
}
