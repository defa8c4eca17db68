package vtl

import (
	"strconv"
	"strings"
)

// listLiteral parses [a, b] and the range [a..b].
func (p *parser) listLiteral() (expr, error) {
	p.pos++
	p.space()
	if p.accept("]") {
		return &listLiteral{}, nil
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	first, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.space(); p.accept("..") {
		to, err := p.expression()
		if err != nil {
			return nil, err
		}
		return &rangeLiteral{first, to}, p.expect("]")
	}
	items := []expr{first}
	for p.accept(",") {
		item, err := p.expression()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		p.space()
	}
	return &listLiteral{items}, p.expect("]")
}

func (p *parser) mapLiteral() (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	m := &mapLiteral{}
	p.pos++
	p.space()
	if p.accept("}") {
		return m, nil
	}
	for {
		key, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		m.keys, m.values = append(m.keys, key), append(m.values, value)
		p.space()
		if !p.accept(",") {
			return m, p.expect("}")
		}
	}
}

func (p *parser) numberLiteral() (expr, error) {
	start := p.pos
	digits := func() {
		for p.pos < len(p.src) && isDigit(p.src[p.pos]) {
			p.pos++
		}
	}
	p.accept("-")
	digits()
	integer := true
	if p.pos < len(p.src) && p.src[p.pos] == '.' && !strings.HasPrefix(p.src[p.pos:], "..") {
		integer = false
		p.pos++
		digits()
	}
	if beforeExponent := p.pos; p.accept("e") || p.accept("E") {
		if !p.accept("+") {
			p.accept("-")
		}
		if p.pos < len(p.src) && isDigit(p.src[p.pos]) {
			integer = false
			digits()
		} else {
			p.pos = beforeExponent
		}
	}
	text := p.src[start:p.pos]
	if integer {
		if n, ok := parseInteger(text); ok && len(text) <= maxIntegerDigits {
			return literal{n}, nil
		}
	} else if f, err := strconv.ParseFloat(text, 64); err == nil {
		return literal{f}, nil
	}
	return nil, p.errorf(start, "malformed number")
}

// stringLiteral parses a quoted string. A backslash means nothing in it; a
// doubled quote is one quote. Double quotes make it a template of its own.
func (p *parser) stringLiteral(quote byte) (expr, error) {
	start := p.pos
	q := string(quote)
	end := start + 1
	for {
		i := strings.IndexByte(p.src[end:], quote)
		if i < 0 {
			return nil, p.errorf(start, "string is not closed")
		}
		end += i
		if !strings.HasPrefix(p.src[end+1:], q) {
			break
		}
		end += 2
	}
	p.pos = end + 1
	text := strings.ReplaceAll(p.src[start+1:end], q+q, q)
	if quote == '\'' || !strings.ContainsAny(text, "$#") {
		return literal{text}, nil
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	inner := parser{src: text, names: p.names, depth: p.depth, base: p.base + start + 1, quoted: true}
	nodes, ended, err := inner.nodes()
	if err != nil {
		return nil, err
	}
	if ended.kind != endOfText {
		return nil, inner.errorf(ended.pos, "#%s without a directive that it belongs to", ended.kind)
	}
	return &interpolated{nodes}, nil
}
