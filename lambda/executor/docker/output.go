package docker

import (
	"bytes"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/docker/docker/pkg/stdcopy"

	"github.com/postern/postern/lambda/executor"
)

// settleTime is how long Flush gives to output that is on its way through the engine, as long as some comes each time
// anew up to settleTimes so much. Where none came since the last Flush it has firstTime: a busy engine takes longer to begin.
const (
	firstTime   = 100 * time.Millisecond
	settleTime  = 20 * time.Millisecond
	settleTimes = 50
)

// transit is about how long a line takes from the container to here. The engine's own time stamps are earlier by that much; they are
// not used, since a remote engine has another clock.
const transit = 100 * time.Microsecond

// output cuts a container's two streams into lines.
type output struct {
	now  func() time.Time
	emit func(executor.Line)
	done chan struct{} // closed when there will be no more
	once sync.Once

	mu             sync.Mutex
	stdout, stderr []byte // unfinished lines
	writes         int
	settledWrites  int         // as many there were when the last Flush ended
	settling       []*settling // oldest first

	order sync.Mutex // held while those that waited are called
}

func newOutput(emit func(executor.Line), now func() time.Time) *output {
	return &output{now: now, emit: emit, done: make(chan struct{})}
}

// copy reads the engine's framed stream to its end.
func (o *output) copy(r io.Reader) error {
	defer o.abandon()
	_, err := stdcopy.StdCopy(writer{o, &o.stdout}, writer{o, &o.stderr}, r)
	return err
}

// abandon gives up on what has not come yet.
func (o *output) abandon() { o.once.Do(func() { close(o.done) }) }

// writer takes one of the two streams.
type writer struct {
	*output
	partial *[]byte
}

// Write emits the lines that p completes and keeps the rest, of which it emits what is too long for one line.
func (w writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	n := len(p)
	for len(p) > 0 {
		cut := bytes.IndexByte(p, '\n') + 1
		if cut == 0 {
			cut = len(p)
		}
		cut = min(cut, executor.MaxLine-len(*w.partial))
		*w.partial = append(*w.partial, p[:cut]...)
		p = p[cut:]
		if last := (*w.partial)[len(*w.partial)-1]; last == '\n' || len(*w.partial) == executor.MaxLine {
			w.flushOne(w.partial)
		}
	}
	return n, nil
}

// settling is one Flush that waits.
type settling struct{ then func() }

// settle emits what is unfinished and calls then, both when output that was written before has had the time to come. What
// asked earlier is called earlier.
func (o *output) settle(then func()) {
	s := &settling{then}
	o.mu.Lock()
	o.settling = append(o.settling, s)
	wait := settleTime
	if o.writes == o.settledWrites {
		wait = firstTime
	}
	o.mu.Unlock()
	select {
	case <-o.done:
		o.settled(s)
	default:
		o.await(s, wait, settleTimes)
	}
}

func (o *output) await(s *settling, wait time.Duration, times int) {
	before := o.seen()
	time.AfterFunc(wait, func() {
		if times > 1 && o.seen() != before {
			o.await(s, settleTime, times-1)
			return
		}
		o.settled(s)
	})
}

// settled calls what waits up to s.
func (o *output) settled(s *settling) {
	o.order.Lock()
	defer o.order.Unlock()
	o.flush()
	o.mu.Lock()
	o.settledWrites = o.writes
	n := slices.Index(o.settling, s) + 1
	ready := slices.Clone(o.settling[:n])
	o.settling = slices.Delete(o.settling, 0, n)
	o.mu.Unlock()
	for _, r := range ready {
		r.then()
	}
}

// seen counts the writes so far.
func (o *output) seen() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.writes
}

func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushOne(&o.stdout)
	o.flushOne(&o.stderr)
}

func (o *output) flushOne(partial *[]byte) {
	if len(*partial) > 0 {
		o.emit(executor.Line{Time: o.now().Add(-transit), Text: *partial})
		*partial = (*partial)[:0]
	}
}
