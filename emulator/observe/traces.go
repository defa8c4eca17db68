package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/postern/postern/runtime/exchange"
)

// TracesName is the name under which Traces attaches itself to a stream.
const TracesName = "traces"

// Traces is a sink that remembers the last exchanges and an http.Handler that
// shows them.
type Traces struct {
	stream *exchange.Stream

	mu   sync.RWMutex
	ring []*exchange.Record // grows to its capacity first
	size int
	next int // the oldest, once the ring is full
}

// NewTraces makes a sink that remembers size exchanges and attaches it.
func NewTraces(stream *exchange.Stream, size int) *Traces {
	t := &Traces{stream: stream, size: size}
	if size > 0 {
		stream.Attach(TracesName, 0, t)
	}
	return t
}

// Consume remembers a batch.
func (t *Traces) Consume(batch []*exchange.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range batch {
		if len(t.ring) < t.size {
			t.ring = append(t.ring, r)
			continue
		}
		t.ring[t.next] = r
		t.next = (t.next + 1) % t.size
	}
}

// Reset forgets everything.
func (t *Traces) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ring, t.next = nil, 0
}

// Filter chooses among exchanges. The zero value takes all.
type Filter struct {
	API, Stage, RequestID string
	Kind                  exchange.Kind
	MinStatus, MaxStatus  int // MaxStatus 0: any status
}

func (f *Filter) match(r *exchange.Record) bool {
	return (f.API == "" || f.API == r.APIID) &&
		(f.Stage == "" || f.Stage == r.Stage) &&
		(f.RequestID == "" || f.RequestID == r.RequestID || f.RequestID == function(r).RequestID) &&
		(f.Kind == "" || f.Kind == r.Kind) &&
		(f.MaxStatus == 0 || r.Status >= f.MinStatus && r.Status <= f.MaxStatus)
}

// Find gives at most limit exchanges that match, the newest first.
func (t *Traces) Find(f Filter, limit int) []*exchange.Record {
	t.mu.RLock()
	defer t.mu.RUnlock()
	found := []*exchange.Record{} // "[]" in JSON, not "null"
	for i := range t.ring {
		if len(found) == limit {
			break
		}
		// Before the ring is full next is 0 and the newest is its last.
		r := t.ring[(t.next-1-i+2*len(t.ring))%len(t.ring)]
		if f.match(r) {
			found = append(found, r)
		}
	}
	return found
}

const (
	defaultLimit = 100
	// flushTime is how long a reader waits for what was published before he
	// asked. The queue of this sink is empty within microseconds.
	flushTime = time.Second
)

// ServeHTTP answers GET with {"traces": […], "sinks": […]}. The query may have
// api, stage, kind, request, status (404 or 4xx), and limit.
func (t *Traces) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		answer(w, http.StatusMethodNotAllowed, map[string]string{"message": "traces can only be read"})
		return
	}
	filter, limit, err := parse(r.URL.Query())
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), flushTime)
	defer cancel()
	_ = t.stream.Flush(ctx, TracesName) // late ones are in the next answer
	answer(w, http.StatusOK, struct {
		Traces []*exchange.Record   `json:"traces"`
		Sinks  []exchange.SinkStats `json:"sinks"`
	}{t.Find(filter, limit), t.stream.Stats()})
}

func parse(q url.Values) (Filter, int, error) {
	f := Filter{
		API:       q.Get("api"),
		Stage:     q.Get("stage"),
		RequestID: q.Get("request"),
		Kind:      exchange.Kind(q.Get("kind")),
	}
	for name := range q {
		switch name {
		case "api", "stage", "request", "kind", "status", "limit":
		default:
			return f, 0, fmt.Errorf("there is no filter %q; there are api, stage, kind, request, status and limit", name)
		}
	}
	if status := q.Get("status"); status != "" {
		var err error
		if f.MinStatus, f.MaxStatus, err = statusRange(status); err != nil {
			return f, 0, err
		}
	}
	limit := defaultLimit
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return f, 0, errors.New("limit is not a number above 0")
		}
		limit = n
	}
	return f, limit, nil
}

func statusRange(s string) (low, high int, err error) {
	if class, ok := strings.CutSuffix(strings.ToLower(s), "xx"); ok && len(class) == 1 && class[0] >= '1' && class[0] <= '5' {
		low = int(class[0]-'0') * 100
		return low, low + 99, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 100 || n > 599 {
		return 0, 0, errors.New("status is neither like 404 nor like 4xx")
	}
	return n, n, nil
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // a client that went away is nobody's concern
}
