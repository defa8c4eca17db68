package runtimeapi

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

const (
	extensionPrefix = "/2020-01-01/extension/"
	maxExtensions   = 10
	headerName      = "Lambda-Extension-Name"
	headerID        = "Lambda-Extension-Identifier"
)

// extension is one that registered from inside the runtime process. AWS: such extensions get INVOKE events only, and
// an invocation is complete when they wait for the next event again.
type extension struct {
	name    string
	invoke  bool             // subscribed to INVOKE
	waiting bool             // in event/next, or not expected there
	events  chan *Invocation // what it still has to be told
}

// allWaiting reports whether the runtime and every extension wait for an event. s.mu is held.
func (s *Server) allWaiting() bool {
	if s.state != ready {
		return false
	}
	for _, e := range s.extensions {
		if !e.waiting {
			return false
		}
	}
	return true
}

// tellExtensions hands the event to the extensions that asked for it. s.mu is held.
func (s *Server) tellExtensions(inv *Invocation) {
	for _, e := range s.extensions {
		if e.invoke {
			e.waiting = false
			e.events <- inv
		}
	}
}

func (s *Server) serveExtension(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case extensionPrefix + "register":
		if allow(w, r, http.MethodPost) {
			s.register(w, r)
		}
	case extensionPrefix + "event/next":
		if allow(w, r, http.MethodGet) {
			s.nextEvent(w, r)
		}
	case extensionPrefix + "init/error", extensionPrefix + "exit/error":
		if allow(w, r, http.MethodPost) {
			s.extensionError(w, r)
		}
	case "/2022-07-01/telemetry":
		unsupported(w, "Telemetry.NotSupported", "Telemetry API is not supported")
	case "/2020-08-15/logs":
		unsupported(w, "Logs.NotSupported", "Logs API is not supported")
	default:
		http.NotFound(w, r)
	}
}

// unsupported answers with success, so that an extension goes on without what it asked for.
func unsupported(w http.ResponseWriter, kind, message string) {
	refuse(w, http.StatusAccepted, kind, message)
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get(headerName)
	if name == "" {
		refuseExtension(w, "InvalidExtensionName", "Empty extension name")
		return
	}
	var in struct {
		Events []string `json:"events"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&in); err != nil {
		refuse(w, http.StatusForbidden, "InvalidRequestFormat", err.Error())
		return
	}
	e := &extension{name: name, waiting: true, events: make(chan *Invocation, 1)}
	for _, event := range in.Events {
		if event != "INVOKE" {
			refuseExtension(w, "InvalidEventType", event+": Invalid event type")
			return
		}
		e.invoke = true
	}
	// One that gets events is expected in event/next before the first of them.
	e.waiting = !e.invoke
	id := s.newID()
	if kind, message := s.addExtension(id, e); kind != "" {
		refuseExtension(w, kind, message)
		return
	}
	answer := map[string]string{
		"functionName": s.function.Name, "functionVersion": s.function.Version, "handler": s.function.Handler,
	}
	if strings.Contains(r.Header.Get("Lambda-Extension-Accept-Feature"), "accountId") {
		answer["accountId"] = s.function.AccountID
	}
	w.Header().Set(headerID, id)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // strings only; a lost connection is the extension's end
}

// addExtension says why the extension cannot register, or nothing.
func (s *Server) addExtension(id string, e *extension) (kind, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != started {
		return "RegistrationClosed", "Extension registration closed already"
	}
	if len(s.extensions) == maxExtensions {
		return "TooManyExtensions", "Extension limit (10) reached"
	}
	for _, other := range s.extensions {
		if other.name == e.name {
			return "InvalidExtensionState", "Extension " + e.name + " already registered"
		}
	}
	if s.extensions == nil {
		s.extensions = map[string]*extension{}
	}
	s.extensions[id] = e
	return "", ""
}

// find is the extension that the request's identifier names; nil when it was refused.
func (s *Server) find(w http.ResponseWriter, r *http.Request) *extension {
	id := r.Header.Get(headerID)
	if id == "" {
		refuseExtension(w, "MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header")
		return nil
	}
	if len(id) != 36 || strings.Count(id, "-") != 4 {
		refuseExtension(w, "InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier")
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.extensions[id]
	if e == nil {
		refuseExtension(w, "UnknownExtensionIdentifier", "Unknown extension "+id)
	}
	return e
}

func (s *Server) nextEvent(w http.ResponseWriter, r *http.Request) {
	e := s.find(w, r)
	if e == nil {
		return
	}
	s.mu.Lock()
	before := e.waiting
	e.waiting = true
	idle := !before && s.allWaiting()
	s.mu.Unlock()
	if idle {
		s.events.Ready()
	}
	select {
	case inv := <-e.events:
		s.sendEvent(w, inv)
	case <-r.Context().Done():
	}
}

func (s *Server) sendEvent(w http.ResponseWriter, inv *Invocation) {
	type tracing struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	w.Header().Set("Lambda-Extension-Event-Identifier", s.newID())
	w.Header().Set("Content-Type", "application/json")
	// Plain values always encode; a lost connection is the extension's end.
	_ = json.NewEncoder(w).Encode(struct {
		EventType   string  `json:"eventType"`
		DeadlineMs  int64   `json:"deadlineMs"`
		RequestID   string  `json:"requestId"`
		FunctionARN string  `json:"invokedFunctionArn"`
		Tracing     tracing `json:"tracing"`
	}{"INVOKE", inv.Deadline.UnixMilli(), inv.RequestID, inv.FunctionARN, tracing{"X-Amzn-Trace-Id", inv.TraceID}})
}

// extensionError hears why an extension gives up; AWS then ends the environment, which the extension's exit does here.
func (s *Server) extensionError(w http.ResponseWriter, r *http.Request) {
	if s.find(w, r) == nil {
		return
	}
	if r.Header.Get("Lambda-Extension-Function-Error-Type") == "" {
		refuseExtension(w, "MissingHeader", "Lambda-Extension-Function-Error-Type not found")
		return
	}
	if strings.HasSuffix(r.URL.Path, "/init/error") {
		s.mu.Lock()
		early := s.state == started
		if early {
			s.state = initFailed
		}
		s.mu.Unlock()
		if early {
			s.events.InitFailed(InitError{Type: "Extension.InitError",
				Payload: errorJSON("Error: "+r.Header.Get("Lambda-Extension-Function-Error-Type"), "Extension.InitError")})
		}
	}
	accept(w)
}

func refuseExtension(w http.ResponseWriter, kind, message string) {
	refuse(w, http.StatusForbidden, "Extension."+kind, message)
}
