package lambda

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda/executor"
)

// AccountConcurrency is how many invocations an account can run at once in a region.
const AccountConcurrency = executor.DefaultConcurrency

// Invocation types.
const (
	RequestResponse = "RequestResponse"
	Event           = "Event"
	DryRun          = "DryRun"
)

// Limits of a payload in bytes.
const (
	MaxPayload      = 6291456
	MaxEventPayload = 1048576
)

// InvokeRequest is one invocation.
type InvokeRequest struct {
	Scope     store.Scope // of the caller; a function ARN may name another account
	Function  string      // a name in any form, or an ARN
	Qualifier string
	Caller    Caller // the zero Caller is Scope's account itself

	Type          string // RequestResponse if empty
	Payload       []byte
	RequestID     string // a new one if empty
	TraceID       string
	ClientContext string // decoded JSON
	LogTail       bool

	// Stream takes a streamed response, as executor.Invocation's does; it is told which version answers.
	Stream func(version, contentType string) io.Writer
}

// InvokeResult is what an invocation answered. Event and DryRun have only a RequestID.
type InvokeResult struct {
	executor.Result
	RequestID string
}

// Invocation is the record of one finished invocation.
type Invocation struct {
	RequestID    string
	TraceID      string
	Scope        store.Scope
	FunctionName string
	FunctionARN  string // as invoked
	Version      string // that ran
	Type         string
	Caller       Caller
	Attempt      int // from 1; above it only for events
	Start        time.Time
	Wait         time.Duration // before the function ran: for an environment, or its init
	Duration     time.Duration
	InitDuration time.Duration
	ColdStart    bool
	MemoryMB     int
	Status       int    // 200, 429, 500 …
	ErrorType    string // the function's, or the exception of an answer that is not 200
	ErrorMessage string // of an answer that is not 200
	RequestSize  int
	ResponseSize int
}

// Invoke invokes a function. The errors are *Error, and ctx's own when the caller gave up.
func (s *Service) Invoke(ctx context.Context, in InvokeRequest) (*InvokeResult, error) {
	if in.Type == "" {
		in.Type = RequestResponse
	}
	if in.RequestID == "" {
		in.RequestID = s.config.NewID()
	}
	ref, err := ParseRef(in.Scope, in.Function, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := checkPayload(in.Type, in.Payload); err != nil {
		return nil, err
	}
	t, err := s.target(ref, in.Caller, in.Scope)
	if err != nil {
		return nil, err
	}
	switch in.Type {
	case DryRun:
		return &InvokeResult{RequestID: in.RequestID}, nil
	case Event:
		return &InvokeResult{RequestID: in.RequestID}, s.enqueue(ref, in)
	}
	res, err := s.run(ctx, ref, t, in, 1)
	if err != nil {
		return nil, err
	}
	return &InvokeResult{Result: *res, RequestID: in.RequestID}, nil
}

// target authorizes the caller and gives the version to run.
func (s *Service) target(ref Ref, caller Caller, from store.Scope) (v *Version, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		asked := ref
		if ref.Qualifier == "" {
			asked = ref.at(Latest)
		}
		d, err := s.find(tx, asked)
		if err != nil {
			return err
		}
		if v = d.Version; ref.Qualifier != "" && ref.Qualifier != Latest && !isVersion(ref.Qualifier) {
			v, err = s.routed(tx, ref, v)
			if err != nil {
				return err
			}
		}
		return s.authorize(tx, ref, caller, from)
	})
	if err != nil {
		return nil, err
	}
	if v.State.Value == Failed {
		// unverified against AWS: that Failed answers as Pending does.
		return nil, conflict("The operation cannot be performed at this time. The function is currently in the following state: %s", Failed)
	}
	return v, nil
}

// routed draws among the versions of an alias.
func (s *Service) routed(tx *store.Tx, ref Ref, v *Version) (*Version, error) {
	a, _ := aliases.Get(tx, ref.Scope, partKey(ref.Name, ref.Qualifier)) // find has seen it
	if len(a.Weights) == 0 {
		return v, nil
	}
	d, err := s.find(tx, ref.at(a.route(s.config.Random)))
	if err != nil {
		return nil, err
	}
	return d.Version, nil
}

// authorize asks the resource policy of what is invoked, where one is needed. AWS: a permission on the function does
// not cover its versions and aliases, nor the other way round.
func (s *Service) authorize(tx *store.Tx, ref Ref, caller Caller, from store.Scope) error {
	if caller == (Caller{}) {
		caller.Account = from.Account
	}
	if caller.Service == "" && caller.Account == ref.Scope.Account {
		return nil
	}
	// AWS: $LATEST has no policy; the function's is its own.
	qualifier := ref.Qualifier
	if qualifier == Latest {
		qualifier = ""
	}
	p, _ := policies.Get(tx, ref.Scope, partKey(ref.Name, qualifier))
	if p.allows(caller, "lambda:InvokeFunction") {
		return nil
	}
	return NotAuthorized(caller, "lambda:InvokeFunction", ref)
}

// NotAuthorized is AWS's answer to a call from another account that no policy allows.
func NotAuthorized(caller Caller, action string, ref Ref) error {
	who := caller.Service
	switch {
	case caller.Role != "":
		who = caller.Role
	case who == "":
		who = "arn:aws:iam::" + caller.Account + ":root"
	}
	return accessDenied("User: %s is not authorized to perform: %s on resource: %s because no resource-based policy allows the %s action",
		who, action, ref.QualifiedARN(), action)
}

// run runs one attempt in an environment and reports it.
func (s *Service) run(ctx context.Context, ref Ref, v *Version, in InvokeRequest, attempt int) (*executor.Result, error) {
	start := s.config.Now()
	res, err := s.execute(ctx, ref, v, in)
	rec := Invocation{
		RequestID: in.RequestID, TraceID: in.TraceID, Scope: ref.Scope, FunctionName: ref.Name, FunctionARN: ref.QualifiedARN(),
		Version: v.Number, Type: in.Type, Caller: in.Caller, Attempt: attempt, Start: start, MemoryMB: v.Config.MemorySize,
		Status: 200, RequestSize: len(in.Payload),
	}
	if res != nil {
		rec.TraceID, rec.Duration, rec.InitDuration = res.TraceID, res.Duration, res.InitDuration
		rec.ColdStart = res.InitDuration > 0
		rec.Wait = max(0, s.config.Now().Sub(start)-res.Duration)
		rec.ErrorType, rec.ResponseSize = res.ErrorType, len(res.Payload)
	}
	if err != nil {
		err = s.serviceError(ctx, ref, err)
		rec.fail(ctx, err)
	}
	s.config.OnInvocation(rec)
	return res, err
}

// statusGone is what a record has when the caller went away: nothing was answered.
const statusGone = 499

func (rec *Invocation) fail(ctx context.Context, err error) {
	rec.Status, rec.ErrorType, rec.ErrorMessage = 500, "ServiceException", err.Error()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		rec.Status, rec.ErrorType = statusGone, "CallerGone"
		return
	}
	var e *Error
	if errors.As(err, &e) {
		rec.ErrorType, rec.ErrorMessage = e.Code, e.Message
		switch e.Code {
		case "TooManyRequestsException":
			rec.Status = 429
		case "ResourceConflictException":
			rec.Status = 409
		}
	}
}

// execute hands the event to what runs the version. A deployment that was replaced in between has a successor.
func (s *Service) execute(ctx context.Context, ref Ref, v *Version, in InvokeRequest) (*executor.Result, error) {
	key := versionKey{ref.Scope, ref.Name, v.Number}
	for {
		fn, err := s.deployed(ctx, key, v)
		if err != nil {
			return nil, err
		}
		call := executor.Invocation{
			RequestID: in.RequestID, FunctionARN: ref.QualifiedARN(), Payload: in.Payload, TraceID: in.TraceID,
			ClientContext: in.ClientContext, LogTail: in.LogTail,
		}
		if in.Stream != nil {
			call.Stream = func(contentType string) io.Writer { return in.Stream(key.version, contentType) }
		}
		res, err := fn.Invoke(ctx, call)
		if !errors.Is(err, executor.ErrRetired) {
			return res, err
		}
		if v = s.current(key); v == nil {
			return nil, notFound("Function not found: %s", ref.QualifiedARN())
		}
	}
}

// current gives the version's record as it is now, or nil.
func (s *Service) current(key versionKey) (v *Version) {
	_ = s.db.View(func(tx *store.Tx) error {
		if d, err := s.find(tx, Ref{key.scope, key.name, key.version}); err == nil {
			v = d.Version
		}
		return nil
	})
	return v
}

// serviceError turns what kept an invocation from running into AWS's answer.
func (s *Service) serviceError(ctx context.Context, ref Ref, err error) error {
	var known *Error
	var busy *executor.TooManyRequests
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &busy):
		return &Error{Code: "TooManyRequestsException", Message: busy.Error(), Reason: busy.Reason, cause: ErrThrottled}
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	}
	s.log.Error("invocation could not be run", "function", ref.QualifiedARN(), "err", err)
	return &Error{Code: "ServiceException", Message: err.Error(), cause: err}
}
