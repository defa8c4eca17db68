package process

import (
	"bytes"
	"sync"

	"github.com/postern/postern/lambda/executor"
)

// lines cuts what a process writes into lines. Its mutex also keeps reading from the pipe and passing on together, so that
// whoever holds it after reading everything knows that all of it has been passed on.
type lines struct {
	emit func(executor.Line)

	mu      sync.Mutex
	partial []byte
}

// feed takes what was read. l.mu is held.
func (l *lines) feed(data []byte) {
	for len(data) > 0 {
		n := bytes.IndexByte(data, '\n') + 1
		if n == 0 {
			n = len(data)
		}
		n = min(n, executor.MaxLine-len(l.partial))
		piece := data[:n]
		data = data[n:]
		complete := piece[n-1] == '\n' || len(l.partial)+n == executor.MaxLine
		if complete && len(l.partial) == 0 {
			l.emit(executor.Line{Text: piece})
			continue
		}
		l.partial = append(l.partial, piece...)
		if complete {
			l.emitPartial()
		}
	}
}

// emitPartial passes on an unfinished line. l.mu is held.
func (l *lines) emitPartial() {
	if len(l.partial) > 0 {
		l.emit(executor.Line{Text: l.partial})
		l.partial = l.partial[:0]
	}
}
