package filterpattern

import (
	"regexp"
	"strings"
)

// scanner reads a pattern from left to right.
type scanner struct {
	text  string
	at    int
	depth int // of parentheses
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (s *scanner) done() bool { return s.at >= len(s.text) }

// peek gives the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.done() {
		return 0
	}
	return s.text[s.at]
}

func (s *scanner) skipSpace() {
	for !s.done() && isSpace(s.peek()) {
		s.at++
	}
}

// take moves past a token if it is next.
func (s *scanner) take(token string) bool {
	s.skipSpace()
	if !strings.HasPrefix(s.text[s.at:], token) {
		return false
	}
	s.at += len(token)
	return true
}

// quoted reads "…" in which \" and \\ are escapes.
func (s *scanner) quoted() (string, error) {
	start := s.at
	quote := s.peek()
	var b strings.Builder
	for s.at++; !s.done(); s.at++ {
		c := s.peek()
		switch {
		case c == quote:
			s.at++
			return b.String(), nil
		case c == '\\' && s.at+1 < len(s.text) && (s.text[s.at+1] == quote || s.text[s.at+1] == '\\'):
			s.at++
			c = s.peek()
		}
		b.WriteByte(c)
	}
	return "", errorAt(s.text, start, "a quote is not closed")
}

// regex reads %…% in which \% is a percent sign.
func (s *scanner) regex() (*regexp.Regexp, error) {
	start := s.at
	for s.at++; !s.done(); s.at++ {
		switch s.peek() {
		case '\\':
			s.at++
		case '%':
			src := strings.ReplaceAll(s.text[start+1:s.at], `\%`, "%")
			s.at++
			re, err := regexp.Compile(src)
			if err != nil {
				return nil, errorAt(s.text, start, "the regular expression is not valid")
			}
			return re, nil
		}
	}
	return nil, errorAt(s.text, start, "a regular expression is not closed")
}

// word reads up to white space or one of the stop characters.
func (s *scanner) word(stops string) string {
	start := s.at
	for !s.done() && !isSpace(s.peek()) && strings.IndexByte(stops, s.peek()) < 0 {
		s.at++
	}
	return s.text[start:s.at]
}

// keyword moves past an upper-case word if it is next.
func (s *scanner) keyword(want string) bool {
	s.skipSpace()
	at := s.at
	if s.word("()&|=!<>,]}") == want {
		return true
	}
	s.at = at
	return false
}
