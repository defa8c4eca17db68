package vtl

import (
	"strconv"
	"strings"
)

type operator uint8

const (
	opOr operator = iota
	opAnd
	opEqual
	opNotEqual
	opLess
	opLessOrEqual
	opGreater
	opGreaterOrEqual
	opAdd
	opSubtract
	opMultiply
	opDivide
	opModulo
)

// operatorTokens lists the operators by how tightly they bind, the loosest
// level first; within a level longer tokens come first.
var operatorTokens = [][]struct {
	token string
	op    operator
}{
	{{"||", opOr}, {"or", opOr}},
	{{"&&", opAnd}, {"and", opAnd}},
	{{"==", opEqual}, {"eq", opEqual}, {"!=", opNotEqual}, {"ne", opNotEqual}},
	{{"<=", opLessOrEqual}, {"le", opLessOrEqual}, {">=", opGreaterOrEqual}, {"ge", opGreaterOrEqual},
		{"<", opLess}, {"lt", opLess}, {">", opGreater}, {"gt", opGreater}},
	{{"+", opAdd}, {"-", opSubtract}},
	{{"*", opMultiply}, {"/", opDivide}, {"%", opModulo}},
}

func (p *parser) expression() (expr, error) { return p.level(0) }

// level parses operators that bind at least as tightly as level n.
func (p *parser) level(n int) (expr, error) {
	if n == len(operatorTokens) {
		return p.unary()
	}
	left, err := p.level(n + 1)
	if err != nil {
		return nil, err
	}
	for {
		op, ok := p.operator(n)
		if !ok {
			return left, nil
		}
		right, err := p.level(n + 1)
		if err != nil {
			return nil, err
		}
		switch op {
		case opOr, opAnd:
			left = &logicExpr{op == opAnd, left, right}
		default:
			left = &binaryExpr{op, left, right}
		}
	}
}

func (p *parser) operator(level int) (operator, bool) {
	p.space()
	for _, t := range operatorTokens[level] {
		if isLetter(t.token[0]) {
			if p.acceptWord(t.token) {
				return t.op, true
			}
		} else if p.accept(t.token) {
			return t.op, true
		}
	}
	return 0, false
}

func (p *parser) unary() (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.space()
	if p.accept("!") || p.acceptWord("not") {
		operand, err := p.unary()
		if err != nil {
			return nil, err
		}
		return &notExpr{operand}, nil
	}
	return p.primary()
}

// primary parses a literal, a reference or a parenthesised expression.
func (p *parser) primary() (expr, error) {
	p.space()
	if p.pos == len(p.src) {
		return nil, p.errorf(p.pos, "expected a value%s", p.found())
	}
	switch c := p.src[p.pos]; {
	case c == '$' && p.startsReference():
		return p.reference()
	case c == '"' || c == '\'':
		return p.stringLiteral(c)
	case c == '[':
		return p.listLiteral()
	case c == '{':
		return p.mapLiteral()
	case isDigit(c) || c == '-' || c == '.':
		return p.numberLiteral()
	case c == '(':
		p.pos++
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case p.acceptWord("true"):
		return literal{true}, nil
	case p.acceptWord("false"):
		return literal{false}, nil
	case p.acceptWord("null"):
		return literal{nil}, nil
	}
	return nil, p.errorf(p.pos, "expected a value%s", p.found())
}

// reference parses $name…, with or without ! and braces.
func (p *parser) reference() (*reference, error) {
	p.pos++
	p.accept("!")
	braced := p.accept("{")
	ref := &reference{slot: p.names.slot(p.identifier())}
	for {
		offset := p.base + p.pos
		switch {
		case p.accept("["):
			if err := p.enter(); err != nil {
				return nil, err
			}
			index, err := p.expression()
			if err != nil {
				return nil, err
			}
			p.leave()
			if err := p.expect("]"); err != nil {
				return nil, err
			}
			ref.steps = append(ref.steps, step{kind: indexStep, args: []expr{index}, offset: offset})
			continue
		case p.pos+1 < len(p.src) && p.src[p.pos] == '.' && isLetter(p.src[p.pos+1]):
			p.pos++
			s := step{kind: propertyStep, name: p.identifier(), offset: offset}
			if p.accept("(") {
				args, err := p.arguments()
				if err != nil {
					return nil, err
				}
				s.kind, s.args = methodStep, args
			}
			ref.steps = append(ref.steps, s)
			continue
		}
		break
	}
	if braced {
		if !p.accept("}") {
			return nil, p.errorf(p.pos, "expected } after a reference%s", p.found())
		}
	}
	return ref, nil
}

// arguments parses the arguments of a method up to and including the ).
func (p *parser) arguments() ([]expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.space()
	if p.accept(")") {
		return nil, nil
	}
	var args []expr
	for {
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		p.space()
		if !p.accept(",") {
			return args, p.expect(")")
		}
	}
}

func (p *parser) identifier() string {
	start := p.pos
	for p.pos < len(p.src) && isIdentifierPart(p.src[p.pos]) {
		p.pos++
	}
	return p.src[start:p.pos]
}

func (p *parser) space() {
	for p.pos < len(p.src) && isSpace(p.src[p.pos]) {
		p.pos++
	}
}

func (p *parser) accept(token string) bool {
	if !strings.HasPrefix(p.src[p.pos:], token) {
		return false
	}
	p.pos += len(token)
	return true
}

// acceptWord accepts a word that does not go on.
func (p *parser) acceptWord(word string) bool {
	rest := p.src[p.pos:]
	if !strings.HasPrefix(rest, word) || len(rest) > len(word) && isIdentifierPart(rest[len(word)]) {
		return false
	}
	p.pos += len(word)
	return true
}

func (p *parser) expect(token string) error {
	p.space()
	if p.accept(token) {
		return nil
	}
	return p.errorf(p.pos, "expected %s%s", token, p.found())
}

// found says for an error what is there instead.
func (p *parser) found() string {
	if p.pos >= len(p.src) {
		return ", found the end of the template"
	}
	r := []rune(p.src[p.pos:min(len(p.src), p.pos+4)])[0]
	return ", found " + strconv.QuoteRune(r)
}
