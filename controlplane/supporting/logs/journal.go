package logs

import (
	"cmp"
	"slices"
	"sync"

	"github.com/postern/postern/controlplane/store"
)

// eventOverhead is what AWS adds to an event's text when it counts bytes.
const eventOverhead = 26

// event is one log event in memory; (time, seq) orders all of them and is unique.
type event struct {
	position
	in *batch // that holds it
}

func (e event) message() *string { return &e.in.Events[e.seq-e.in.First].Message }

func (e event) ingested() *int64 { return &e.in.Ingested }

type position struct {
	time int64
	seq  uint64
}

func (p position) compare(q position) int {
	if p.time != q.time {
		return cmp.Compare(p.time, q.time)
	}
	return cmp.Compare(p.seq, q.seq)
}

// journal is the index of all events, by stream ID. It changes inside store
// transactions only, so that it always tells what the records tell.
type journal struct {
	maxStream, maxTotal int

	mu      sync.RWMutex
	seq     uint64
	bytes   int
	streams map[string]*streamLog
	arrival []chunk // of all streams, oldest first; may name what is gone
	chunks  int     // of all streams, without what is gone
	gone    []chunk // left memory but not the store
}

// streamLog is what is kept of one stream.
type streamLog struct {
	events       []event // by position
	chunks       []chunk // in order of arrival
	bytes        int
	lastIngested int64
	lastEvent    int64
}

// chunk tells which events a batch record holds.
type chunk struct {
	scope  store.Scope
	stream string
	first  uint64
	n      int
	bytes  int
	newest int64 // time of its newest event
}

func newJournal(maxStream, maxTotal int) *journal {
	return &journal{maxStream: maxStream, maxTotal: maxTotal, streams: map[string]*streamLog{}}
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.bytes, j.chunks, j.arrival, j.gone = 0, 0, nil, nil
	clear(j.streams)
}

// next takes n sequence numbers and gives the first. Numbers start at 1: the zero
// position is before every event.
func (j *journal) next(n int) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := j.seq + 1
	j.seq += uint64(n)
	return first
}

// add indexes a batch and makes room for it.
func (j *journal) add(scope store.Scope, b *batch) {
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.streams[b.Stream]
	if l == nil {
		l = &streamLog{}
		j.streams[b.Stream] = l
	}
	c := chunk{scope: scope, stream: b.Stream, first: b.First, n: len(b.Events)}
	before, sorted := len(l.events), true
	l.events = slices.Grow(l.events, c.n)
	for i, e := range b.Events {
		ev := event{position{e.Time, b.First + uint64(i)}, b}
		sorted = sorted && (len(l.events) == 0 || l.events[len(l.events)-1].compare(ev.position) < 0)
		l.events = append(l.events, ev)
		c.bytes += len(e.Message) + eventOverhead
		c.newest = max(c.newest, e.Time)
	}
	if !sorted {
		l.sort(before)
	}
	l.chunks = append(l.chunks, c)
	l.bytes += c.bytes
	l.lastIngested = max(l.lastIngested, b.Ingested)
	l.lastEvent = max(l.lastEvent, c.newest)
	j.bytes += c.bytes
	j.chunks++
	j.arrival = append(j.arrival, c)
	j.seq = max(j.seq, b.First+uint64(c.n)-1)

	j.makeRoom(l)
	if len(j.arrival) > 2*j.chunks {
		j.arrival = slices.DeleteFunc(j.arrival, j.isGone)
	}
}

// isGone tells whether a chunk was dropped or its stream forgotten.
func (j *journal) isGone(c chunk) bool {
	l := j.streams[c.stream]
	return l == nil || len(l.chunks) == 0 || c.first < l.chunks[0].first
}

// sort puts the events from before on where they belong. Those before them are sorted, and
// only few are newer than what came late.
func (l *streamLog) sort(before int) {
	order := func(a, b event) int { return a.compare(b.position) }
	slices.SortFunc(l.events[before:], order)
	first, _ := slices.BinarySearchFunc(l.events[:before], l.events[before], order)
	slices.SortFunc(l.events[first:], order)
}

// makeRoom drops what is oldest where a limit is passed, an eighth of the limit at
// once: a drop passes over all events of a stream, too much for each new line.
func (j *journal) makeRoom(l *streamLog) {
	if l.bytes > j.maxStream {
		size, n := l.bytes, 0
		for n < len(l.chunks)-1 && size > j.maxStream-j.maxStream/8 {
			size -= l.chunks[n].bytes
			n++
		}
		j.drop(l, n)
	}
	if j.bytes <= j.maxTotal {
		return
	}
	size, oldest := j.bytes, map[*streamLog]int{}
	n := 0
	for ; n < len(j.arrival)-1 && size > j.maxTotal-j.maxTotal/8; n++ {
		c := j.arrival[n]
		l := j.streams[c.stream]
		if i := oldest[l]; l != nil && i < len(l.chunks) && l.chunks[i].first == c.first {
			oldest[l]++
			size -= c.bytes
		}
	}
	j.arrival = slices.Delete(j.arrival, 0, n)
	for l, n := range oldest {
		j.drop(l, n)
	}
}

// drop forgets the n oldest chunks of a stream and remembers to delete their records.
func (j *journal) drop(l *streamLog, n int) {
	if n == 0 {
		return
	}
	end, events := l.chunks[n-1].first+uint64(l.chunks[n-1].n), 0
	for _, c := range l.chunks[:n] {
		events += c.n
		l.bytes -= c.bytes
		j.bytes -= c.bytes
	}
	j.gone = append(j.gone, l.chunks[:n]...)
	l.chunks = slices.Delete(l.chunks, 0, n)
	j.chunks -= n
	// Sequence numbers follow the order of arrival. What came first is mostly the
	// oldest too: the search ends early, and the rest moves up as a whole.
	kept, at := 0, 0
	for ; events > 0; at++ {
		if e := l.events[at]; e.seq < end {
			events--
		} else {
			l.events[kept] = e
			kept++
		}
	}
	l.events = slices.Delete(l.events, kept, at)
}

// expire drops a stream's oldest chunks as long as all of their events are older
// than cutoff.
func (j *journal) expire(streamID string, cutoff int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.streams[streamID]
	if l == nil {
		return
	}
	n := slices.IndexFunc(l.chunks, func(c chunk) bool { return c.newest >= cutoff })
	if n < 0 {
		n = len(l.chunks)
	}
	j.drop(l, n)
}

// forget drops a stream whose records are deleted.
func (j *journal) forget(streamID string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if l := j.streams[streamID]; l != nil {
		j.bytes -= l.bytes
		j.chunks -= len(l.chunks)
		delete(j.streams, streamID)
		j.arrival = slices.DeleteFunc(j.arrival, func(c chunk) bool { return c.stream == streamID })
	}
}

// takeGone gives the chunks whose records are to be deleted.
func (j *journal) takeGone() []chunk {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.gone
	j.gone = nil
	return out
}

// read hands the events of a stream to fn, which must not keep or change them.
func (j *journal) read(streamID string, fn func(l *streamLog)) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	l := j.streams[streamID]
	if l == nil {
		l = &streamLog{}
	}
	fn(l)
}

// from gives the index of the first event at or after p.
func (l *streamLog) from(p position) int {
	at, _ := slices.BinarySearchFunc(l.events, p, func(e event, p position) int { return e.compare(p) })
	return at
}

// between gives the events of a time range, the end not included.
func (l *streamLog) between(start, end int64) []event {
	a, b := l.from(position{time: start}), l.from(position{time: end})
	return l.events[a:max(a, b)]
}
