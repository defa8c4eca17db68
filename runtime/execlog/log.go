package execlog

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Settings say what of a method's execution is kept.
type Settings struct {
	Steps  bool // level INFO; else failures only
	Bodies bool // data trace: requests and responses in full
}

// Everything is kept when a method is tried.
var Everything = Settings{Steps: true, Bodies: true}

// Log is the log of one request.
type Log struct {
	Settings
	ID    string // the request's
	now   func() time.Time
	lines []Event
}

// Event is one line.
type Event struct {
	At   time.Time
	Text string
}

// New makes the log of the request with the id.
func New(id string, s Settings, now func() time.Time) *Log {
	return &Log{Settings: s, ID: id, now: now}
}

// Step notes a step that is shown at level INFO.
func (l *Log) Step(format string, args ...any) {
	if l != nil && l.Steps {
		l.add(format, args)
	}
}

// Body notes what is shown with data trace only.
func (l *Log) Body(format string, args ...any) {
	if l != nil && l.Steps && l.Bodies {
		l.add(format, args)
	}
}

// Fail notes a failure, which every level shows.
func (l *Log) Fail(format string, args ...any) {
	if l != nil {
		l.add(format, args)
	}
}

func (l *Log) add(format string, args []any) {
	l.lines = append(l.lines, Event{l.now().UTC(), fmt.Sprintf(format, args...)})
}

// Text is the log as TestInvokeMethod shows it.
func (l *Log) Text() string {
	var b strings.Builder
	b.WriteString("Execution log for request " + l.ID + "\n")
	for _, e := range l.lines {
		b.WriteString(e.At.Format("Mon Jan 02 15:04:05 UTC 2006") + " : " + e.Text + "\n")
	}
	return b.String()
}

// maxText is where AWS cuts a line of a stage's log.
const maxText = 1024

// Events is the log as a stage's log group gets it.
func (l *Log) Events() []Event {
	if l == nil {
		return nil
	}
	out := make([]Event, len(l.lines))
	for i, e := range l.lines {
		text := e.Text
		if len(text) > maxText {
			text = text[:maxText] + " [TRUNCATED]"
		}
		out[i] = Event{e.At, "(" + l.ID + ") " + text}
	}
	return out
}

// Writer takes the events of one request for a log group. It must not wait.
type Writer func(account, region, group, stream string, events []Event)

// Group is the log group of a stage, or of its canary.
func Group(api, stage string, canary bool) string {
	if canary {
		stage += "/Canary"
	}
	return "API-Gateway-Execution-Logs_" + api + "/" + stage
}

// Stream is one stream per stage. AWS's names are hexadecimal digests too.
//
// unverified against AWS: of what, and how requests spread over several.
func Stream(api, stage string) string {
	sum := md5.Sum([]byte(api + "/" + stage))
	return hex.EncodeToString(sum[:])
}
