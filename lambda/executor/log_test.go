package executor

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// messages is a LogSink of one stream.
type messages []string

func (m *messages) PutLogEvents(_ LogStream, events []LogEvent) {
	for _, event := range events {
		*m = append(*m, event.Message)
	}
}

// An executor may learn of a line when the next invocation has begun: the line's time says whose it is.
func TestLateLinesGoToTheirInvocation(t *testing.T) {
	var sink messages
	now := time.Unix(1000, 0)
	l := &log{sink: &sink, now: func() time.Time { return now }}
	line := func(at int64, text string) { l.write(Line{Time: time.Unix(at, 0), Text: []byte(text)}) }

	line(999, "before any\n")
	first := l.begin(true, "START 1\n")
	line(1001, "one\n")
	now = time.Unix(1002, 0)
	l.finished(first)
	second := l.begin(true, "START 2\n")
	line(1003, "three\n")
	line(1001, "two\n")
	now = time.Unix(1004, 0)
	l.finished(second)
	tail2 := l.close(second, "END 2\n")
	line(1002, "late\n")
	tail1 := l.close(first, "END 1\n")
	line(1005, "after\n")

	want := messages{"before any\n", "START 1\n", "one\n", "two\n", "late\n", "END 1\n", "START 2\n", "three\n", "END 2\n", "after\n"}
	if diff := cmp.Diff(want, sink); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := string(tail1), "START 1\none\ntwo\nlate\nEND 1\n"; got != want {
		t.Errorf("first tail %q, want %q", got, want)
	}
	if got, want := string(tail2), "START 2\nthree\nEND 2\n"; got != want {
		t.Errorf("second tail %q, want %q", got, want)
	}
}

func TestTailKeepsTheLastBytes(t *testing.T) {
	var all strings.Builder
	tail := &tail{}
	for i := range 100 {
		text := strings.Repeat(string(rune('a'+i%26)), 17*i%997)
		all.WriteString(text)
		tail.write(text)
	}
	if got, want := string(tail.bytes()), all.String()[all.Len()-tailSize:]; got != want {
		t.Errorf("got %d bytes, want the last %d", len(got), tailSize)
	}
	long := strings.Repeat("x", 5000)
	tail.write(long)
	if string(tail.bytes()) != long[:tailSize] {
		t.Error("one long entry")
	}
}

func TestCarriageReturnsAreLineBreaks(t *testing.T) {
	var sink messages
	l := &log{sink: &sink, now: time.Now}
	l.write(Line{Text: []byte("a\rb\n")})
	if len(sink) != 1 || sink[0] != "a\nb\n" {
		t.Errorf("got %q", sink)
	}
}
