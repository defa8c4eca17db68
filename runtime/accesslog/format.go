package accesslog

import (
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// Format is a compiled access log format.
type Format struct {
	pieces []piece
	size   int // of the text, and a guess at the values
}

type piece struct {
	text  string
	get   func(*reqcontext.Context) (string, bool) // nil: text
	plain bool                                     // the value is written as it is
}

// A name ends before a dot that ends a sentence.
var variable = lazyregexp.New(`\$context\.([A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*)`)

// quoted is the variable whose value brings quotes of its own.
const quoted = "error.messageString"

// Compile reads the format of an API of the given kind. Every text is one: a variable
// that AWS does not know there has no value.
func Compile(format string, kind snapshot.Kind) *Format {
	f := &Format{}
	at := 0
	for _, m := range variable().FindAllStringSubmatchIndex(format, -1) {
		f.literal(format[at:m[0]])
		name := format[m[2]:m[3]]
		if get, ok := reqcontext.Variable(name); ok && known(kind, name) {
			f.pieces = append(f.pieces, piece{get: get, plain: name == quoted})
			f.size += 24
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
		f.size += len(text)
	}
}

// Line renders the line of one request, without a line break.
func (f *Format) Line(rc *reqcontext.Context) string {
	var b strings.Builder
	b.Grow(f.size)
	for i := range f.pieces {
		p := &f.pieces[i]
		if p.get == nil {
			b.WriteString(p.text)
			continue
		}
		value, ok := p.get(rc)
		switch {
		case !ok || value == "":
			b.WriteString(noValue)
		case p.plain:
			b.WriteString(value)
		default:
			escape(&b, value)
		}
	}
	return b.String()
}

const hexDigits = "0123456789abcdef"

// escape writes a value so that it stays within the quotes of a JSON format, and the
// entry within its line. AWS does so with a user agent that holds quotes.
//
// unverified against AWS: that all variables and all formats are treated alike.
func escape(b *strings.Builder, s string) {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b.WriteString(s[from:i])
		from = i + 1
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteString(`\u00`)
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	b.WriteString(s[from:])
}
