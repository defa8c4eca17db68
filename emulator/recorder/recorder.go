package recorder

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Call is one call of a service, with what it was answered.
type Call struct {
	Time      time.Time `json:"time"`
	RequestID string    `json:"requestId,omitempty"` // of the API's request
	APIID     string    `json:"apiId,omitempty"`
	Stage     string    `json:"stage,omitempty"`
	Account   string    `json:"account,omitempty"`
	Region    string    `json:"region"`
	Service   string    `json:"service"` // as in its hosts: sqs, events, states
	Action    string    `json:"action,omitempty"`
	Role      string    `json:"role,omitempty"`

	Method string      `json:"method"`
	Path   string      `json:"path"` // escaped
	Query  string      `json:"query,omitempty"`
	Header http.Header `json:"headers"`
	Body   Text        `json:"body,omitempty"`
	// Parameters is the body read by the service's protocol: an object of JSON, or
	// the fields of a form.
	Parameters any `json:"parameters,omitempty"`

	Status int  `json:"status,omitempty"` // 0: nobody answered it
	Answer Text `json:"answer,omitempty"`
}

// Text is bytes that are shown as text where they are text, else in hex.
type Text []byte

// MarshalJSON writes the text.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

func (t Text) String() string {
	if utf8.Valid(t) {
		return string(t)
	}
	return "0x" + hex.EncodeToString(t)
}

// Recorder remembers the last calls. It is safe for concurrent use.
type Recorder struct {
	now   func() time.Time
	size  int
	state state

	mu    sync.Mutex
	calls []*Call // the oldest first
}

// state is what stands behind the answers.
type state struct {
	queues queues
	last   atomic.Int64
}

// serial gives a number that grows with time and from one call to the next.
func (s *state) serial(now time.Time) int64 {
	for {
		last := s.last.Load()
		if next := max(last+1, now.UnixNano()); s.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// DefaultSize is how many calls a recorder remembers.
const DefaultSize = 1000

// New makes a recorder of size calls.
func New(size int, now func() time.Time) *Recorder { return &Recorder{now: now, size: size} }

// Answer records a call and gives what the service would say to it; false: nothing is
// known of such calls. A receiver of messages may have to wait, until the context is
// over at the longest.
func (r *Recorder) Answer(ctx context.Context, c Call) (status int, header http.Header, body []byte, ok bool) {
	c.Time = r.now()
	out, ok := read(&c, &r.state).answer(caller{ctx.Done(), r.now})
	c.Status, c.Answer = out.status, out.body
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.calls) == r.size {
		r.calls = append(r.calls[:0:0], r.calls[1:]...)
	}
	if r.size > 0 {
		r.calls = append(r.calls, &c)
	}
	header = http.Header{"Content-Type": {out.contentType}, "X-Amzn-Requestid": {newID()}}
	for name, v := range out.header {
		header.Set(name, v)
	}
	return out.status, header, out.body, ok
}

// Wake lets those who wait look at the clock: it was moved.
func (r *Recorder) Wake() { r.state.queues.wake() }

// Release answers those who wait, with nothing.
func (r *Recorder) Release() { r.state.queues.release() }

// Reset forgets every call and message, and releases those who wait for one.
func (r *Recorder) Reset() {
	r.state.queues.reset()
	r.Release()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}

const defaultLimit = 100

// ServeHTTP answers GET with {"calls": […]}, the newest first, and shows browsers a
// page. The query may have api, stage, request, service, action, and limit; an empty
// value asks for nothing.
func (r *Recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	filter := req.URL.Query()
	maps.DeleteFunc(filter, func(_ string, values []string) bool { return values[0] == "" })
	match, limit, err := parse(filter)
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return
	}
	found := []*Call{} // "[]" in JSON, not "null"
	r.mu.Lock()
	for i := len(r.calls) - 1; i >= 0 && len(found) < limit; i-- {
		if match(r.calls[i]) {
			found = append(found, r.calls[i])
		}
	}
	r.mu.Unlock()
	w.Header().Set("Vary", "Accept")
	if wantsPage(req) {
		showPage(w, filter, found)
		return
	}
	answer(w, http.StatusOK, map[string]any{"calls": found})
}

var filters = map[string]func(*Call) string{
	"api":     func(c *Call) string { return c.APIID },
	"stage":   func(c *Call) string { return c.Stage },
	"request": func(c *Call) string { return c.RequestID },
	"service": func(c *Call) string { return c.Service },
	"action":  func(c *Call) string { return c.Action },
}

func parse(q url.Values) (match func(*Call) bool, limit int, err error) {
	limit = defaultLimit
	for name := range q {
		if name == "limit" {
			if limit, err = strconv.Atoi(q.Get(name)); err != nil || limit < 1 {
				return nil, 0, errors.New("limit is not a number above 0")
			}
		} else if filters[name] == nil {
			return nil, 0, fmt.Errorf("there is no filter %q; there are api, stage, request, service, action and limit", name)
		}
	}
	return func(c *Call) bool {
		for name := range q {
			if get := filters[name]; get != nil && !strings.EqualFold(get(c), q.Get(name)) {
				return false
			}
		}
		return true
	}, limit, nil
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // a client that went away is nobody's concern
}

// newID gives a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
