package observe

import (
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
	l.paint(dim, r.Start.Format("15:04:05.000"))
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
		l.paint(red, strconv.Itoa(r.Status))
	case r.Status >= 400:
		l.paint(yellow, strconv.Itoa(r.Status))
	default:
		l.paint(green, strconv.Itoa(r.Status))
	}
}

func (l *line) what(r *exchange.Record) {
	switch {
	case r.Kind == exchange.Lambda:
		l.put("INVOKE ")
		l.clean(functionName(r.Function.ARN))
	case r.Kind == exchange.WebSocket:
		l.put("WS ")
		l.clean(r.RouteKey)
		l.put(" ")
		l.clean(r.Connection.ID)
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
	l.paint(cyan, strings.TrimSuffix(r.APIID+"/"+r.Stage, "/"))
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
	if i := &r.Integration; i.Type != "" || i.URI != "" {
		l.put(" → ")
		name := i.URI
		if r.Function.ARN != "" {
			name = functionName(r.Function.ARN)
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
	if r.Function.ColdStart {
		l.paint(yellow, " cold start ")
		l.duration(r.Function.Init)
	}
}

func functionName(arn string) string {
	if _, name, ok := strings.Cut(arn, ":function:"); ok {
		return name
	}
	return arn
}

func (l *line) put(s string) { l.b = append(l.b, s...) }

func (l *line) paint(color, s string) {
	if !l.color {
		l.clean(s)
		return
	}
	l.put(color)
	l.clean(s)
	l.put(reset)
}

// clean writes what came from outside, so that it can neither begin a line of
// its own nor speak to the terminal.
func (l *line) clean(s string) {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] >= ' ' && s[i] < 0x7f
	}
	if plain {
		l.put(s)
		return
	}
	for _, c := range s {
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
		l.b = strconv.AppendFloat(l.b, float64(d)/float64(time.Millisecond), 'f', 1, 64)
		l.put("ms")
	case d < 10*time.Second:
		l.b = strconv.AppendInt(l.b, d.Milliseconds(), 10)
		l.put("ms")
	default:
		l.b = strconv.AppendFloat(l.b, d.Seconds(), 'f', 1, 64)
		l.put("s")
	}
}
