package runtimeapi

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Invocation is one event for the runtime. Empty strings are not sent at all: the clients take an empty header for a value.
type Invocation struct {
	RequestID       string
	FunctionARN     string // as invoked, with the qualifier
	TraceID         string
	Deadline        time.Time
	ClientContext   string // decoded JSON
	CognitoIdentity string // JSON
	Payload         []byte

	// Stream is called once when the response begins, and what it returns gets each piece as the runtime writes
	// it. Nil collects the response in Outcome.Payload: AWS decides by how the caller invoked, never by what the
	// runtime sends.
	Stream func(contentType string) io.Writer
}

// Outcome is what the runtime answered to an invocation.
type Outcome struct {
	Payload     []byte // the result or the error's JSON, as sent; nil after a streamed success
	ContentType string
	ErrorType   string // empty on success
	Streamed    bool   // the response, or the part of it before an error, went to Invocation.Stream
	Size        int64  // bytes of the response
}

// InitError is what a runtime reported instead of asking for its first event.
type InitError struct {
	Type    string
	Payload []byte
}

// Events tells what the runtime did. Calls come from the goroutines that serve the runtime, in order.
type Events interface {
	// Ready says that the runtime waits for an event: first when init has ended, then when the last invocation is complete.
	Ready()
	// Responded says what the runtime answered, before it learns that it was heard.
	Responded(Outcome)
	// InitFailed says that the runtime gave up before it was ready.
	InitFailed(InitError)
}

// Function is what the environment's extensions are told when they register.
type Function struct {
	Name, Version, Handler, AccountID string
}

// Server is the Runtime API of one execution environment.
type Server struct {
	function Function
	events   Events
	newID    func() string
	handOut  chan *Invocation // holds the event until the runtime takes it

	mu         sync.Mutex
	state      state
	current    *Invocation
	extensions map[string]*extension
}

// New returns the API of a new environment. newID makes the identifiers of extensions.
func New(function Function, newID func() string, events Events) *Server {
	return &Server{function: function, events: events, newID: newID, handOut: make(chan *Invocation, 1)}
}

// Invoke hands the environment its next event. It must be called only after Ready, once per Ready.
func (s *Server) Invoke(inv *Invocation) {
	s.mu.Lock()
	s.current = inv
	s.tellExtensions(inv)
	s.mu.Unlock()
	s.handOut <- inv
}

// Withdraw takes back an event that the runtime has not taken, and reports whether there was one.
func (s *Server) Withdraw() bool {
	select {
	case <-s.handOut:
		return true
	default:
		return false
	}
}

// ShutdownGrace is how long AWS lets an environment end after SIGTERM: without extensions it sends none.
func (s *Server) ShutdownGrace() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.extensions) > 0 {
		return 500 * time.Millisecond
	}
	return 0
}

const (
	prefix     = "/2018-06-01/"
	invocation = prefix + "runtime/invocation/"
)

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// net/http would add these; the runtime has no use for them, and the time would be the host's.
	w.Header()["Date"] = nil
	path := r.URL.Path
	if id, ok := strings.CutPrefix(path, invocation); ok {
		if id == "next" {
			s.next(w, r)
			return
		}
		id, what, _ := strings.Cut(id, "/")
		switch what {
		case "response":
			s.response(w, r, id)
			return
		case "error":
			s.invocationError(w, r, id)
			return
		}
	}
	switch path {
	case prefix + "runtime/init/error":
		s.initError(w, r)
	case prefix + "ping":
		io.WriteString(w, "pong")
	default:
		s.serveExtension(w, r)
	}
}

// next parks the runtime until there is an event.
func (s *Server) next(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	s.mu.Lock()
	from := s.state
	if !from.may(ready) {
		s.mu.Unlock()
		refuseTransition(w, from, ready)
		return
	}
	s.state = ready
	idle := from != ready && s.allWaiting()
	s.mu.Unlock()
	if idle {
		s.events.Ready()
	}
	select {
	case inv := <-s.handOut:
		if r.Context().Err() != nil {
			s.handOut <- inv // for Withdraw: the runtime is gone
			return
		}
		s.send(w, inv)
	case <-r.Context().Done():
	}
}

// send writes the event. Nothing else may happen between taking it and writing it.
func (s *Server) send(w http.ResponseWriter, inv *Invocation) {
	s.mu.Lock()
	s.state = running
	s.mu.Unlock()
	h := w.Header()
	set := func(name, value string) {
		if value != "" {
			h[name] = []string{value}
		}
	}
	set("Lambda-Runtime-Aws-Request-Id", inv.RequestID)
	set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.Deadline.UnixMilli(), 10))
	set("Lambda-Runtime-Invoked-Function-Arn", inv.FunctionARN)
	set("Lambda-Runtime-Trace-Id", inv.TraceID)
	set("Lambda-Runtime-Client-Context", inv.ClientContext)
	set("Lambda-Runtime-Cognito-Identity", inv.CognitoIdentity)
	set("Content-Type", "application/json")
	set("Content-Length", strconv.Itoa(len(inv.Payload)))
	// A runtime that is gone shows as the exit of its process, so the error says nothing new.
	w.Write(inv.Payload)
}

// begin claims the current invocation for a response or an error.
func (s *Server) begin(w http.ResponseWriter, id string, to state) (*Invocation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != started && (s.current == nil || s.current.RequestID != id) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return nil, false
	}
	if !s.state.may(to) {
		refuseTransition(w, s.state, to)
		return nil, false
	}
	s.state = to
	return s.current, true
}

// answered ends what begin started: the owner learns the outcome before the runtime does, so that the caller's answer is on
// its way while the runtime goes on.
func (s *Server) answered(outcome Outcome) {
	s.mu.Lock()
	s.state = responseSent
	s.mu.Unlock()
	s.events.Responded(outcome)
}

func (s *Server) initError(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	body, err := readBody(r)
	if err != nil {
		refuseBody(w, err)
		return
	}
	s.mu.Lock()
	from := s.state
	if from.may(initFailed) {
		s.state = initFailed
	}
	s.mu.Unlock()
	if !from.may(initFailed) {
		refuseTransition(w, from, initFailed)
		return
	}
	s.events.InitFailed(InitError{Type: errorType(r.Header), Payload: errorPayload(r.Header, body)})
	accept(w)
}
