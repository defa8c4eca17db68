package observe

import (
	"cmp"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern/postern/runtime/exchange"
)

// Format is how RequestLog writes.
type Format int

// The formats of a request log.
const (
	Text  Format = iota // a readable line
	Color               // the same for a terminal
	JSON                // an object a line, with everything that is known
)

// RequestLog is a sink that writes a line for each exchange. What gathers
// while a write is under way goes out in one write.
type RequestLog struct {
	out    io.Writer
	format Format
	buf    []byte
}

// NewRequestLog makes a request log on out.
func NewRequestLog(out io.Writer, format Format) *RequestLog {
	return &RequestLog{out: out, format: format}
}

// maxKept is the most buffer that is kept between batches.
const maxKept = 64 << 10

// Consume writes the lines of a batch.
func (l *RequestLog) Consume(batch []*exchange.Record) {
	for _, r := range batch {
		if l.format == JSON {
			if line, err := json.Marshal(r); err == nil {
				l.buf = append(append(l.buf, line...), '\n')
			}
			continue
		}
		l.buf = line{l.buf, l.format == Color}.record(r)
	}
	// There is nobody to tell that stdout is gone.
	_, _ = l.out.Write(l.buf)
	if cap(l.buf) > maxKept {
		l.buf = nil
	}
	l.buf = l.buf[:0]
}

// line builds one line of text:
//
//	15:04:05.678  200  GET /prod/pets/1  12.3ms  http a1b2c3/prod GET /pets/{id} → my-function 10.1ms cold start 93ms  JKJaXmPLvHcESHA=
type line struct {
	b     []byte
	color bool
}

const (
	reset  = "\x1b[0m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
)

func (l line) record(r *exchange.Record) []byte {
	l.begin(dim)
	l.clock(r.Start)
	l.end()
	l.put("  ")
	l.outcome(r)
	l.put("  ")
	l.what(r)
	l.put("  ")
	l.duration(r.Latency)
	l.put("  ")
	l.where(r)
	l.integration(r)
	if r.ErrorType != "" || r.ErrorMessage != "" {
		l.put("  ")
		l.paint(red, strings.TrimSuffix(r.ErrorType+": "+r.ErrorMessage, ": "))
	}
	l.put("  ")
	l.paint(dim, r.RequestID)
	return append(l.b, '\n')
}

// outcome is three characters wide: a status, or for what has none, how it
// ended.
func (l *line) outcome(r *exchange.Record) {
	switch {
	case r.Status == 0 && r.ErrorType == "":
		l.paint(green, " ok")
	case r.Status == 0:
		l.paint(red, "err")
	case r.Status >= 500:
		l.status(red, r.Status)
	case r.Status >= 400:
		l.status(yellow, r.Status)
	default:
		l.status(green, r.Status)
	}
}

func (l *line) status(color string, n int) {
	l.begin(color)
	l.b = strconv.AppendInt(l.b, int64(n), 10)
	l.end()
}

func (l *line) what(r *exchange.Record) {
	switch {
	case r.Kind == exchange.Lambda:
		l.put("INVOKE ")
		l.clean(functionName(function(r).ARN))
	case r.Kind == exchange.WebSocket:
		l.put("WS ")
		l.clean(r.RouteKey)
		l.put(" ")
		if r.Connection != nil {
			l.clean(r.Connection.ID)
		}
	default:
		l.clean(r.Method)
		l.put(" ")
		l.clean(r.Path)
	}
}

func (l *line) where(r *exchange.Record) {
	l.put(string(r.Kind))
	if r.APIID == "" {
		return
	}
	l.put(" ")
	l.begin(cyan)
	l.clean(r.APIID)
	if r.Stage != "" {
		l.put("/")
		l.clean(r.Stage)
	}
	l.end()
	switch {
	case r.Kind == exchange.WebSocket: // the route is shown already
	case r.RouteKey != "":
		l.put(" ")
		l.clean(r.RouteKey)
	case r.ResourcePath != "":
		l.put(" ")
		l.clean(r.ResourcePath)
	}
}

func (l *line) integration(r *exchange.Record) {
	f := function(r)
	if i := &r.Integration; i.Type != "" || i.URI != "" {
		l.put(" → ")
		name := i.URI
		if f.ARN != "" {
			name = functionName(f.ARN)
		} else if name == "" {
			name = i.Type
		}
		l.clean(name)
		l.put(" ")
		l.duration(i.Latency)
		if i.Error != "" {
			l.put(" ")
			l.paint(red, i.Error)
		}
	}
	if f.ColdStart {
		l.paint(yellow, " cold start ")
		l.duration(f.Init)
	}
}

var noFunction exchange.Function

// function gives what is known of the function that ran, nothing where none did.
func function(r *exchange.Record) *exchange.Function { return cmp.Or(r.Function, &noFunction) }

func functionName(arn string) string {
	if _, name, ok := strings.Cut(arn, ":function:"); ok {
		return name
	}
	return arn
}

func (l *line) put(s string) { l.b = append(l.b, s...) }

func (l *line) paint(color, s string) {
	l.begin(color)
	l.clean(s)
	l.end()
}

func (l *line) begin(color string) {
	if l.color {
		l.put(color)
	}
}

func (l *line) end() {
	if l.color {
		l.put(reset)
	}
}

// clean writes what came from outside, so that it can neither begin a line of
// its own nor speak to the terminal.
func (l *line) clean(s string) {
	plain := 0
	for plain < len(s) && s[plain] >= ' ' && s[plain] < 0x7f {
		plain++
	}
	l.put(s[:plain])
	for _, c := range s[plain:] {
		if c < ' ' || c >= 0x7f && c < 0xa0 || c == utf8.RuneError {
			l.put(`\x`)
			if c < 0x10 {
				l.put("0")
			}
			l.b = strconv.AppendInt(l.b, int64(c), 16)
			continue
		}
		l.b = utf8.AppendRune(l.b, c)
	}
}

// duration writes three significant digits or so.
func (l *line) duration(d time.Duration) {
	switch {
	case d < time.Millisecond:
		l.b = strconv.AppendInt(l.b, d.Microseconds(), 10)
		l.put("µs")
	case d < 100*time.Millisecond:
		l.tenths(d, time.Millisecond)
		l.put("ms")
	case d < 10*time.Second:
		l.b = strconv.AppendInt(l.b, d.Milliseconds(), 10)
		l.put("ms")
	default:
		l.tenths(d, time.Second)
		l.put("s")
	}
}

// tenths writes a duration in units, with one digit behind the point.
func (l *line) tenths(d, unit time.Duration) {
	n := int64((d + unit/20) / (unit / 10))
	l.b = strconv.AppendInt(l.b, n/10, 10)
	l.b = append(l.b, '.', digit(int(n)))
}

// clock writes 15:04:05.678, without a look at a layout: each line has one.
func (l *line) clock(t time.Time) {
	hour, minute, second := t.Clock()
	milli := t.Nanosecond() / 1e6
	l.b = append(l.b, digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute), ':', digit(second/10), digit(second),
		'.', digit(milli/100), digit(milli/10), digit(milli))
}

// digit is the last one of n.
func digit(n int) byte { return byte('0' + n%10) }
