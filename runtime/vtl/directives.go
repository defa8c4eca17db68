package vtl

import "strings"

// directive parses what follows #word; start is at the #. Words that are no
// directive of API Gateway stay text.
func (p *parser) directive(word string, start, size int) (terminator, error) {
	open := p.openingParenthesis(start + size)
	switch word {
	case wordEnd, wordElse:
		p.flush(start)
		p.pos = start + size
		p.endDirective()
		return terminator{word, start}, nil
	case wordElseif:
		p.flush(start)
		p.pos = start + size
		return terminator{word, start}, nil
	case "stop":
		p.flush(start)
		p.pos = start + size
		p.add(stopNode{}, start)
		p.afterDirective = true
		return terminator{}, nil
	case "if":
		p.flush(start)
		p.pos = start + size
		return terminator{}, p.ifDirective(start)
	}
	if open < 0 || !(isDirective(word) || strings.HasPrefix(word, "@")) {
		p.unknownDirective(start+size, open)
		return terminator{}, nil
	}
	if word == "set" && p.afterDirective && strings.Trim(p.src[p.textStart:start], " \t") == "" {
		// Velocity counts blanks before #set to it where no text precedes them.
		// unverified against AWS: its lexer would do so too for a #set that is
		// indented below a line which ended in a directive; no recording tells.
		p.textStart = start
	}
	p.flush(start)
	p.pos = open
	var err error
	switch word {
	case "set":
		err = p.setDirective(start)
	case "foreach":
		err = p.foreachDirective(start)
	case "define":
		err = p.defineDirective(start)
	default:
		err = p.macroDirective(word, start)
	}
	return terminator{}, err
}

// openingParenthesis is the place behind the ( that follows pos, or -1.
func (p *parser) openingParenthesis(pos int) int {
	for ; pos < len(p.src); pos++ {
		if p.src[pos] == '(' {
			return pos + 1
		}
		if !isSpace(p.src[pos]) {
			break
		}
	}
	return -1
}

// endDirective eats blanks and one line end behind a directive, if that is all
// there is on the line.
func (p *parser) endDirective() {
	i := p.pos
	for i < len(p.src) && (p.src[i] == ' ' || p.src[i] == '\t') {
		i++
	}
	p.afterDirective = true
	switch rest := p.src[i:]; {
	case strings.HasPrefix(rest, "\r\n"):
		p.pos, p.afterDirective = i+2, false
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"):
		p.pos, p.afterDirective = i+1, false
	}
	p.textStart = p.pos
}

// finish adds a directive's node, keeping what endDirective noted.
func (p *parser) finish(n node, start int) {
	after := p.afterDirective
	p.add(n, start)
	p.afterDirective = after
}

// closeParenthesis consumes the ) of a directive and the end of its line.
func (p *parser) closeParenthesis() error {
	p.space()
	if !p.accept(")") {
		return p.errorf(p.pos, "expected )%s", p.found())
	}
	p.endDirective()
	return nil
}

// body parses a directive's block up to #end.
func (p *parser) body(start int, word string) ([]placed, error) {
	nodes, end, err := p.blockOf(start, word)
	if err == nil && end.kind != wordEnd {
		err = p.errorf(end.pos, "#%s does not belong to #%s", end.kind, word)
	}
	return nodes, err
}

func (p *parser) blockOf(start int, word string) ([]placed, terminator, error) {
	if err := p.enter(); err != nil {
		return nil, terminator{}, err
	}
	defer p.leave()
	nodes, end, err := p.nodes()
	if err == nil && end.kind == endOfText {
		err = p.errorf(start, "#%s has no #end", word)
	}
	return nodes, end, err
}

func (p *parser) setDirective(start int) error {
	p.space()
	if p.pos == len(p.src) || p.src[p.pos] != '$' || !p.startsReference() {
		return p.errorf(p.pos, "expected a reference to set%s", p.found())
	}
	target, err := p.reference()
	if err != nil {
		return err
	}
	if n := len(target.steps); n > 0 && target.steps[n-1].kind == methodStep {
		return p.errorf(p.pos, "a method call cannot be set")
	}
	p.space()
	if !p.accept("=") {
		return p.errorf(p.pos, "expected =%s", p.found())
	}
	value, err := p.expression()
	if err != nil {
		return err
	}
	if err := p.closeParenthesis(); err != nil {
		return err
	}
	p.finish(&setNode{target, value}, start)
	return nil
}

func (p *parser) condition(word string) (expr, error) {
	open := p.openingParenthesis(p.pos)
	if open < 0 {
		return nil, p.errorf(p.pos, "expected ( after #%s%s", word, p.found())
	}
	p.pos = open
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return e, p.closeParenthesis()
}

func (p *parser) ifDirective(start int) error {
	n := &ifNode{}
	for word := "if"; ; {
		condition, err := p.condition(word)
		if err != nil {
			return err
		}
		body, end, err := p.blockOf(start, "if")
		if err != nil {
			return err
		}
		n.branches = append(n.branches, branch{condition, body})
		switch word = end.kind; word {
		case wordElse:
			if n.otherwise, err = p.body(start, "else"); err != nil {
				return err
			}
			p.finish(n, start)
			return nil
		case wordEnd:
			p.finish(n, start)
			return nil
		}
	}
}

func (p *parser) foreachDirective(start int) error {
	slot, err := p.loopVariable()
	if err != nil {
		return err
	}
	p.space()
	if !p.acceptWord("in") {
		return p.errorf(p.pos, "expected in%s", p.found())
	}
	list, err := p.expression()
	if err != nil {
		return err
	}
	if err := p.closeParenthesis(); err != nil {
		return err
	}
	body, err := p.body(start, "foreach")
	if err != nil {
		return err
	}
	p.finish(&foreachNode{slot, list, body}, start)
	return nil
}

func (p *parser) defineDirective(start int) error {
	slot, err := p.loopVariable()
	if err != nil {
		return err
	}
	if err := p.closeParenthesis(); err != nil {
		return err
	}
	body, err := p.body(start, "define")
	if err != nil {
		return err
	}
	p.finish(&defineNode{slot, &definition{body}}, start)
	return nil
}

// loopVariable is the plain $name that #foreach and #define begin with.
func (p *parser) loopVariable() (slot int, err error) {
	p.space()
	if p.pos == len(p.src) || p.src[p.pos] != '$' || !p.startsReference() {
		return 0, p.errorf(p.pos, "expected a variable%s", p.found())
	}
	ref, err := p.reference()
	if err != nil {
		return 0, err
	}
	if len(ref.steps) > 0 {
		return 0, p.errorf(p.pos, "expected a plain variable")
	}
	return ref.slot, nil
}

// macroDirective reads over #macro( … ) … #end and #@name( … ) … #end. AWS: a
// macro's definition disappears and nothing can call it; a call with a body
// stays text.
func (p *parser) macroDirective(word string, start int) error {
	if err := p.looseArguments(); err != nil {
		return err
	}
	p.endDirective()
	if _, err := p.body(start, word); err != nil {
		return err
	}
	if word != "macro" {
		p.literal(p.src[start:p.pos])
		p.textStart = p.pos
	}
	return nil
}

// unknownDirective leaves #word text, along with its arguments where it has
// such: references in them are not replaced.
func (p *parser) unknownDirective(behindWord, open int) {
	p.pos = behindWord
	if open < 0 {
		return
	}
	p.pos = open
	if err := p.looseArguments(); err != nil {
		p.pos = behindWord
	}
}

// looseArguments reads the arguments of a macro call up to and including the
// closing parenthesis: words or expressions, commas optional.
func (p *parser) looseArguments() error {
	for {
		p.space()
		if p.accept(")") {
			return nil
		}
		if p.accept(",") {
			continue
		}
		if p.pos < len(p.src) && isIdentifierStart(p.src[p.pos]) {
			p.identifier()
			continue
		}
		if _, err := p.primary(); err != nil {
			return err
		}
	}
}
