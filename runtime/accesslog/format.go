package accesslog

import (
	"sync"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// Format is a compiled access log format.
type Format struct{ pieces []piece }

// piece is text and the variable behind it, if there is one.
type piece struct {
	text  string
	value func(b []byte, rc *reqcontext.Context) []byte // appends nothing when there is no value
}

// A name ends before a dot that ends a sentence.
var variable = lazyregexp.New(`\$context\.([A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*)`)

// quoted is the variable whose value brings quotes of its own.
const quoted = "error.messageString"

// Compile reads the format of an API of the given kind. Every text is one: a variable
// that AWS does not know there has no value.
func Compile(format string, kind snapshot.Kind) *Format {
	f := &Format{}
	text, at := "", 0
	for _, m := range variable().FindAllStringSubmatchIndex(format, -1) {
		text += format[at:m[0]]
		at = m[1]
		name := format[m[2]:m[3]]
		if value := valueOf(name); value != nil && known(kind, name) {
			f.pieces = append(f.pieces, piece{text, value})
			text = ""
		} else {
			text += noValue
		}
	}
	f.pieces = append(f.pieces, piece{text: text + format[at:]})
	return f
}

// noValue is what AWS prints for a variable that is not known or has no value.
const noValue = "-"

// valueOf finds what appends a variable's value; nil: AWS does not know the variable.
func valueOf(name string) func(b []byte, rc *reqcontext.Context) []byte {
	if value, ok := reqcontext.Appender(name); ok {
		return value
	}
	get, ok := reqcontext.Variable(name)
	if !ok {
		return nil
	}
	write := escape
	if name == quoted {
		write = func(b []byte, s string) []byte { return append(b, s...) }
	}
	return func(b []byte, rc *reqcontext.Context) []byte {
		s, _ := get(rc)
		return write(b, s)
	}
}

// buffers are for lines while they are made: what is kept of one is no longer than it is.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Line renders the line of one request, without a line break.
func (f *Format) Line(rc *reqcontext.Context) string {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	b := (*buf)[:0]
	for i := range f.pieces {
		p := &f.pieces[i]
		b = append(b, p.text...)
		if p.value == nil {
			continue
		}
		before := len(b)
		if b = p.value(b, rc); len(b) == before {
			b = append(b, noValue...)
		}
	}
	*buf = b
	return string(b)
}

const hexDigits = "0123456789abcdef"

// escape writes a value so that it stays within the quotes of a JSON format, and the
// entry within its line. AWS does so with a user agent that holds quotes.
//
// unverified against AWS: that all variables and all formats are treated alike.
func escape(b []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(b, s[from:]...)
}
