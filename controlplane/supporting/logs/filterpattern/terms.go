package filterpattern

import (
	"regexp"
	"strings"
	"unicode"
)

// terms match when all of must, none of not, and, if there is nothing but
// optional terms, at least one of those is in the message.
type terms struct {
	must, not, any []term
}

// term is a text that the message holds, or an expression that it matches.
type term struct {
	text string
	re   *regexp.Regexp
}

// unverified against AWS: a term is found inside longer words too.
func (t term) in(message string) bool {
	if t.re != nil {
		return t.re.MatchString(message)
	}
	return strings.Contains(message, t.text)
}

func (t *terms) match(message string, _ map[string]string) bool {
	for _, x := range t.must {
		if !x.in(message) {
			return false
		}
	}
	for _, x := range t.not {
		if x.in(message) {
			return false
		}
	}
	// AWS: beside terms of the other kinds, those with ? are ignored.
	if len(t.any) == 0 || len(t.must)+len(t.not) > 0 {
		return true
	}
	for _, x := range t.any {
		if x.in(message) {
			return true
		}
	}
	return false
}

func compileTerms(text string) (matcher, error) {
	t := &terms{}
	s := scanner{text: text}
	for s.skipSpace(); !s.done(); s.skipSpace() {
		into := &t.must
		switch s.peek() {
		case '?':
			into = &t.any
			s.at++
		case '-':
			into = &t.not
			s.at++
		}
		x, err := s.term()
		if err != nil {
			return nil, err
		}
		*into = append(*into, x)
	}
	return t, nil
}

func (s *scanner) term() (term, error) {
	switch s.peek() {
	case '"':
		text, err := s.quoted()
		return term{text: text}, err
	case '%':
		re, err := s.regex()
		return term{re: re}, err
	}
	start := s.at
	for !s.done() && !isSpace(s.peek()) {
		s.at++
	}
	word := s.text[start:s.at]
	if word == "" {
		return term{}, errorAt(s.text, start, "a term is missing")
	}
	// AWS: terms of other than letters, digits and underscores stand in quotes.
	for _, r := range word {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return term{}, errorf("Invalid character(s) in term '%s'", word)
		}
	}
	return term{text: word}, nil
}
