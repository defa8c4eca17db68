package process

import (
	"os"
	"sync/atomic"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// output reads a process's stdout and stderr from one pipe, which keeps their order.
type output struct {
	lines
	file *os.File
	eof  chan struct{}
	read atomic.Int64 // bytes read so far
}

// newOutput returns the reader and the pipe's write end for the process.
func newOutput(emit func(executor.Line)) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return &output{lines: lines{emit: emit}, file: r, eof: make(chan struct{})}, w, nil
}

// run reads until every writer has closed the pipe or finish has.
func (o *output) run() {
	defer close(o.eof)
	buf := make([]byte, 32<<10)
	for {
		n, err := o.file.Read(buf)
		o.mu.Lock()
		o.feed(buf[:n])
		o.mu.Unlock()
		o.read.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// flush gives run a moment, for as long as something keeps coming: a pipe here cannot be asked whether it is empty.
func (o *output) flush() {
	for before := int64(-1); before != o.read.Load(); {
		before = o.read.Load()
		timer := time.NewTimer(2 * time.Millisecond)
		select {
		case <-o.eof:
		case <-timer.C:
		}
		timer.Stop()
	}
	o.mu.Lock()
	o.emitPartial()
	o.mu.Unlock()
}

// finish passes on the rest once the process has ended.
func (o *output) finish(patience time.Duration) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-o.eof:
	case <-timer.C:
	}
	o.flush()
	o.close()
}

func (o *output) close() { o.file.Close() }
