//go:build unix

package process

import (
	"os"
	"syscall"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// output reads a process's stdout and stderr from one pipe, which keeps their order. The read end does not block: run is woken
// when there is something, and flush takes what is there at that moment itself rather than wait for run.
type output struct {
	lines
	file *os.File
	raw  syscall.RawConn
	buf  []byte
	eof  chan struct{}
}

// newOutput returns the reader and the pipe's write end for the process.
func newOutput(emit func(executor.Line)) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	raw, err := r.SyscallConn()
	if err != nil {
		r.Close()
		w.Close()
		return nil, nil, err
	}
	return &output{lines: lines{emit: emit}, file: r, raw: raw, buf: make([]byte, 32<<10), eof: make(chan struct{})}, w, nil
}

// run reads until every writer has closed the pipe or finish has.
func (o *output) run() {
	defer close(o.eof)
	o.raw.Read(func(fd uintptr) bool { return o.drain(fd) }) // the only error is that finish closed it
}

// drain passes on what the pipe holds and reports whether it came to its end.
func (o *output) drain(fd uintptr) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		n, err := syscall.Read(int(fd), o.buf)
		switch {
		case n > 0:
			o.feed(o.buf[:n])
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return false
		default:
			return true
		}
	}
}

// flush passes on everything that was written before the call, an unfinished line included.
func (o *output) flush() {
	o.raw.Control(func(fd uintptr) { o.drain(fd) }) // after finish there is nothing left
	o.mu.Lock()
	o.emitPartial()
	o.mu.Unlock()
}

// finish passes on the rest once the process has ended. Something that left the process group may keep the pipe
// open: that is not waited for longer than patience.
func (o *output) finish(patience time.Duration) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-o.eof:
	case <-timer.C:
	}
	o.flush()
	o.close()
	<-o.eof
}

func (o *output) close() { o.file.Close() }
