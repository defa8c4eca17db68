package accesslog

import (
	"regexp"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// Format is a compiled access log format.
type Format struct{ pieces []piece }

type piece struct {
	text string
	get  func(*reqcontext.Context) (string, bool) // nil: text
}

// A name ends before a dot that ends a sentence.
var variable = regexp.MustCompile(`\$context\.([A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*)`)

// Compile reads a format. Every text is one: a variable that AWS does not know has
// no value.
func Compile(format string) *Format {
	f := &Format{}
	at := 0
	for _, m := range variable.FindAllStringSubmatchIndex(format, -1) {
		f.literal(format[at:m[0]])
		if get, ok := reqcontext.Variable(format[m[2]:m[3]]); ok {
			f.pieces = append(f.pieces, piece{get: get})
		} else {
			f.literal(noValue)
		}
		at = m[1]
	}
	f.literal(format[at:])
	return f
}

// noValue is what AWS prints for a variable that is not known or has no value.
const noValue = "-"

func (f *Format) literal(text string) {
	if text != "" {
		f.pieces = append(f.pieces, piece{text: text})
	}
}

// Line renders the line of one request, without a line break.
func (f *Format) Line(rc *reqcontext.Context) string {
	var b strings.Builder
	for _, p := range f.pieces {
		if p.get == nil {
			b.WriteString(p.text)
			continue
		}
		value, ok := p.get(rc)
		if !ok || value == "" {
			value = noValue
		}
		b.WriteString(value)
	}
	return b.String()
}
