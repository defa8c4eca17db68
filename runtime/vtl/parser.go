package vtl

import (
	"fmt"
	"strings"
)

// maxParseDepth bounds how deeply directives and expressions may nest.
const maxParseDepth = 200

// parser reads the text level of a template: text, references, directives and
// comments. Expressions are in expression_parser.go.
type parser struct {
	src   string
	pos   int
	names *nameTable
	depth int
	// base is where src starts in the template, for a double-quoted string,
	// which is a template of its own; quoted says that it is one.
	base   int
	quoted bool

	out       []placed
	textStart int // where the text not yet in out begins
	// afterDirective says that a directive ended just before textStart, on the
	// same line.
	afterDirective bool
}

// terminator is what ended a block.
type terminator struct {
	kind string
	pos  int // of its #
}

const (
	endOfText  = ""
	wordEnd    = "end"
	wordElse   = "else"
	wordElseif = "elseif"
)

func (p *parser) errorf(pos int, format string, args ...any) error {
	return &offsetError{p.base + pos, fmt.Errorf(format, args...)}
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxParseDepth {
		return p.errorf(p.pos, "template is nested too deeply")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// nodes parses up to the end of the text or the word that ends the block which
// the caller is in, and consumes that word.
func (p *parser) nodes() ([]placed, terminator, error) {
	outer := p.out
	p.out, p.textStart = nil, p.pos
	end, err := p.block()
	nodes := p.out
	p.out, p.textStart = outer, p.pos
	return nodes, end, err
}

func (p *parser) block() (terminator, error) {
	for p.pos < len(p.src) {
		i := strings.IndexAny(p.src[p.pos:], `$#\`)
		if i < 0 {
			break
		}
		p.pos += i
		switch p.src[p.pos] {
		case '$':
			if err := p.dollar(0); err != nil {
				return terminator{}, err
			}
		case '#':
			end, err := p.hash(0)
			if end.kind != endOfText || err != nil {
				return end, err
			}
		default:
			end, err := p.escape()
			if end.kind != endOfText || err != nil {
				return end, err
			}
		}
	}
	p.pos = len(p.src)
	p.flush(p.pos)
	return terminator{pos: p.pos}, nil
}

// flush moves the text before upTo into a node.
func (p *parser) flush(upTo int) {
	p.literal(p.src[p.textStart:upTo])
	p.textStart = upTo
}

func (p *parser) literal(s string) {
	if s == "" {
		return
	}
	p.afterDirective = false
	p.out = append(p.out, placed{textNode(s), p.base + p.textStart})
}

func (p *parser) add(n node, start int) {
	p.out = append(p.out, placed{n, p.base + start})
	p.afterDirective = false
	p.textStart = p.pos
}

// dollar parses a reference at pos, which may be preceded by that many
// backslashes: they halve, and an odd one makes the reference text.
func (p *parser) dollar(backslashes int) error {
	start := p.pos
	if !p.startsReference() {
		if p.pos == len(p.src) && !p.quoted {
			return p.errorf(start, "template ends in a bare $")
		}
		return nil
	}
	ref, err := p.reference()
	if err != nil {
		return err
	}
	p.flush(start - backslashes)
	p.literal(strings.Repeat(`\`, backslashes/2))
	if backslashes%2 == 1 {
		p.literal(p.src[start:p.pos])
		p.textStart = p.pos
		return nil
	}
	p.add(&referenceNode{ref}, start)
	return nil
}

// startsReference looks at the $ at pos. If no reference begins there it moves
// past what is text.
func (p *parser) startsReference() bool {
	i := p.pos + 1
	if i < len(p.src) && p.src[i] == '!' {
		i++
	}
	brace := i
	if i < len(p.src) && p.src[i] == '{' {
		i++
	}
	if i < len(p.src) && isIdentifierStart(p.src[i]) {
		return true
	}
	p.pos = brace
	return false
}

// hash handles the # at pos: a comment, a raw block, a directive or text.
func (p *parser) hash(backslashes int) (terminator, error) {
	start := p.pos
	rest := p.src[start+1:]
	switch {
	case strings.HasPrefix(rest, "#"):
		p.flush(start)
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			p.pos = start + 1 + i + 1
		} else {
			p.pos = len(p.src)
		}
		p.textStart, p.afterDirective = p.pos, false
		return terminator{}, nil
	case strings.HasPrefix(rest, "*"):
		return terminator{}, p.delimited("#*", "*#", false)
	case strings.HasPrefix(rest, "[["):
		return terminator{}, p.delimited("#[[", "]]#", true)
	}
	word, size := directiveWord(p.src[start:])
	if word == "" {
		if p.pos++; p.pos == len(p.src) && !p.quoted {
			return terminator{}, p.errorf(start, "template ends in a bare #")
		}
		return terminator{}, nil
	}
	if backslashes > 0 && isDirective(word) {
		p.flush(start - backslashes)
		p.literal(strings.Repeat(`\`, backslashes/2))
		p.textStart = start
		if backslashes%2 == 1 {
			p.pos = start + size
			return terminator{}, nil
		}
	}
	return p.directive(word, start, size)
}

// delimited handles block comments and raw text.
func (p *parser) delimited(open, closing string, keep bool) error {
	start := p.pos
	body := p.src[start+len(open):]
	i := strings.Index(body, closing)
	if i < 0 {
		return p.errorf(start, "%s is not closed", open)
	}
	p.flush(start)
	if keep {
		p.literal(body[:i])
	}
	p.pos = start + len(open) + i + len(closing)
	p.textStart = p.pos
	return nil
}

// escape handles a run of backslashes, which mean something only in front of a
// reference or a known directive.
func (p *parser) escape() (terminator, error) {
	start := p.pos
	for p.pos < len(p.src) && p.src[p.pos] == '\\' {
		p.pos++
	}
	if p.pos < len(p.src) {
		switch p.src[p.pos] {
		case '$':
			return terminator{}, p.dollar(p.pos - start)
		case '#':
			if word, _ := directiveWord(p.src[p.pos:]); isDirective(word) {
				return p.hash(p.pos - start)
			}
		}
	}
	return terminator{}, nil
}

// directiveWord reads #word or #{word} at the start of s; size includes the #.
func directiveWord(s string) (word string, size int) {
	i := 1
	braced := i < len(s) && s[i] == '{'
	if braced {
		i++
	}
	start := i
	if i < len(s) && (isLetter(s[i]) || s[i] == '_' || s[i] == '@' && !braced) {
		for i++; i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || s[i] == '_' || s[i] == '@'); i++ {
		}
	}
	if i == start {
		return "", 0
	}
	word = s[start:i]
	if braced {
		if i == len(s) || s[i] != '}' {
			return "", 0
		}
		i++
	}
	return word, i
}

func isDirective(word string) bool {
	switch word {
	case "if", wordElseif, wordElse, wordEnd, "set", "foreach", "define", "stop", "macro":
		return true
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

func isIdentifierStart(c byte) bool { return isLetter(c) || c == '_' }
func isIdentifierPart(c byte) bool  { return isLetter(c) || isDigit(c) || c == '_' || c == '-' }
func isSpace(c byte) bool           { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
