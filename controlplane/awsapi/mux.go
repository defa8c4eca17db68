package awsapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sort"
	"strings"
)

// Options are what differs between AWS's services beyond their models. The zero
// value suits a service that answers {"message": …} and checks every constraint.
type Options struct {
	// Unchecked leaves the model's constraints to the operations (API Gateway v2
	// has texts of its own for most of them).
	Unchecked bool
	// ErrorBody gives the members of a rest-json error body; nil means message
	// and the error's Fields.
	ErrorBody func(*Error) map[string]any
	// Unknown answers a path or target that is no operation of the service.
	Unknown func(*http.Request) *Error
	// Malformed turns a body that does not parse, or a member of the wrong JSON
	// type, into the service's error. nil means SerializationException.
	Malformed func(error) *Error
	// MaxBody bounds the request body in bytes; TooLarge answers what is above.
	MaxBody  int64
	TooLarge func(operation string) *Error
	// ISOTimes is set for services whose body timestamps are ISO text unless the
	// shape says otherwise.
	ISOTimes bool
	// Unenforced names members, as Operation.Member, that are accepted without
	// effect, and says why; Operation.Member=value means that value only. Using
	// one logs a warning; with Strict it is refused.
	Unenforced map[string]string
	Strict     bool
	Logger     *slog.Logger
}

// Mux serves one AWS service. It is an http.Handler.
type Mux struct {
	model    *Model
	opts     Options
	handlers map[string]Handler
	routes   *routes
	byName   map[string]*Operation
}

const defaultMaxBody = 16 << 20

// NewMux joins a model and the operations that are built. A handler name that is
// not in the model is a programming error and panics at start.
func NewMux(model *Model, handlers map[string]Handler, opts Options) *Mux {
	if opts.MaxBody == 0 {
		opts.MaxBody = defaultMaxBody
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Mux{model: model, opts: opts, handlers: handlers, byName: make(map[string]*Operation, len(model.Operations))}
	for i := range model.Operations {
		m.byName[model.Operations[i].Name] = &model.Operations[i]
	}
	for name := range handlers {
		if m.byName[name] == nil {
			panic(fmt.Sprintf("awsapi: %s has no operation %s", model.Service, name))
		}
	}
	for name := range opts.Unenforced {
		op, member, _ := strings.Cut(name, ".")
		member, _, _ = strings.Cut(member, "=")
		if h, ok := handlers[op]; !ok || !hasMember(h.input().AWSShape(), member) {
			panic(fmt.Sprintf("awsapi: %s has no member %s", model.Service, name))
		}
	}
	if model.Protocol == "rest-json" {
		m.routes = newRoutes(model)
	}
	return m
}

// Coverage lists a service's operations that are built and those that are not.
type Coverage struct {
	Service string   `json:"service"`
	Built   []string `json:"built"`
	Unbuilt []string `json:"unbuilt"`
	// Unenforced are members that are accepted without effect, with the reason.
	Unenforced map[string]string `json:"unenforced,omitempty"`
}

// Coverage tells which operations of the model have a handler.
func (m *Mux) Coverage() Coverage {
	c := Coverage{Service: m.model.Service, Built: []string{}, Unbuilt: []string{}, Unenforced: m.opts.Unenforced}
	for i := range m.model.Operations {
		name := m.model.Operations[i].Name
		if _, ok := m.handlers[name]; ok {
			c.Built = append(c.Built, name)
		} else {
			c.Unbuilt = append(c.Unbuilt, name)
		}
	}
	sort.Strings(c.Built)
	sort.Strings(c.Unbuilt)
	return c
}

func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := m.protocol(r)
	if denied := IdentityFrom(r.Context()).Denied; denied != nil {
		p.writeError(w, r, denied)
		return
	}
	if e := m.decompress(w, r); e != nil {
		p.writeError(w, r, e)
		return
	}
	op, params, e := p.match(r)
	if e != nil {
		p.writeError(w, r, e)
		return
	}
	h, ok := m.handlers[op.Name]
	if !ok {
		p.writeError(w, r, m.unbuilt(op.Name))
		return
	}
	in := h.input()
	r.Body = http.MaxBytesReader(w, r.Body, m.opts.MaxBody)
	if err := p.bind(r, op, params, in); err != nil {
		p.writeError(w, r, m.bindError(op, err))
		return
	}
	if !m.opts.Unchecked {
		if e := m.model.Check(op.Name, in); e != nil {
			p.writeError(w, r, e)
			return
		}
	}
	if e := m.checkUnenforced(r, op, in); e != nil {
		p.writeError(w, r, e)
		return
	}
	if h.stream != nil {
		if err := h.stream(r.Context(), in, w); err != nil {
			p.writeError(w, r, m.operationError(r, op, err))
		}
		return
	}
	out, err := h.call(r.Context(), in)
	if err != nil {
		p.writeError(w, r, m.operationError(r, op, err))
		return
	}
	p.write(w, r, op, out)
}

func (m *Mux) unbuilt(name string) *Error {
	return &Error{
		Code:    "NotImplementedException",
		Message: fmt.Sprintf("Postern does not implement %s %s; GET /_postern/coverage lists what it does", m.model.Service, name),
		Status:  http.StatusNotImplemented,
	}
}

func (m *Mux) unknown(r *http.Request) *Error {
	if m.opts.Unknown != nil {
		return m.opts.Unknown(r)
	}
	return &Error{Code: "UnknownOperationException", Status: http.StatusNotFound}
}

func (m *Mux) bindError(op *Operation, err error) *Error {
	if e, ok := AsError(err); ok {
		return e
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		if m.opts.TooLarge != nil {
			return m.opts.TooLarge(op.Name)
		}
		return &Error{Code: "RequestEntityTooLargeException", Message: "Request Too Long", Status: http.StatusRequestEntityTooLarge}
	}
	if m.opts.Malformed != nil {
		return m.opts.Malformed(err)
	}
	return &Error{Code: "SerializationException", Message: err.Error(), Status: http.StatusBadRequest}
}

// operationError keeps AWS errors and hides everything else behind a bare 500,
// logged once here.
func (m *Mux) operationError(r *http.Request, op *Operation, err error) *Error {
	if e, ok := AsError(err); ok {
		return e
	}
	m.opts.Logger.ErrorContext(r.Context(), "operation failed", "service", m.model.Service, "operation", op.Name, "err", err)
	return &Error{Code: "InternalFailure", Message: "Internal server error", Status: http.StatusInternalServerError}
}

func hasMember(sh *Shape, name string) bool {
	return slices.ContainsFunc(sh.Members, func(m Member) bool { return m.Name == name })
}

func (m *Mux) checkUnenforced(r *http.Request, op *Operation, in Shaped) *Error {
	if len(m.opts.Unenforced) == 0 {
		return nil
	}
	v := structOf(in)
	for i, mem := range in.AWSShape().Members {
		if isNil(v.Field(i)) {
			continue
		}
		name := op.Name + "." + mem.Name
		why, listed := m.opts.Unenforced[name]
		if !listed && mem.Shape.Type == String {
			name += "=" + deref(v.Field(i)).String()
			why, listed = m.opts.Unenforced[name]
		}
		if !listed {
			continue
		}
		if m.opts.Strict {
			return m.model.constraint(name + " has no effect in Postern (" + why + ") and --strict refuses it")
		}
		m.opts.Logger.WarnContext(r.Context(), "accepted but not enforced", "service", m.model.Service, "member", name, "reason", why)
	}
	return nil
}

// protocol is one wire protocol: it finds the operation, binds its input and
// writes its output or error.
type protocol interface {
	match(r *http.Request) (*Operation, []string, *Error)
	bind(r *http.Request, op *Operation, params []string, in Shaped) error
	write(w http.ResponseWriter, r *http.Request, op *Operation, out Shaped)
	writeError(w http.ResponseWriter, r *http.Request, e *Error)
}

// protocol picks the wire protocol of one request: CBOR by path and JSON by target
// for every service that is not REST, else what the model says.
func (m *Mux) protocol(r *http.Request) protocol {
	if m.model.Protocol == "rest-json" {
		return restJSON{m}
	}
	if strings.HasPrefix(r.URL.Path, "/service/") {
		return rpcCBOR{m}
	}
	if r.Header.Get("X-Amz-Target") != "" {
		return targetJSON{m}
	}
	if m.model.Protocol == "json" {
		return targetJSON{m}
	}
	return queryXML{m}
}

func requestID(r *http.Request) string { return IdentityFrom(r.Context()).RequestID }

func setRequestID(w http.ResponseWriter, r *http.Request) {
	if id := requestID(r); id != "" {
		w.Header().Set("x-amzn-RequestId", id)
	}
}
