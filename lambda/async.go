package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda/executor"
)

const (
	defaultRetries  = 2
	defaultEventAge = 6 * time.Hour
	maxBackoff      = 5 * time.Minute
)

// maxEvents is how many asynchronous invocations may wait or run in all. Postern's own: they live in memory.
const maxEvents = 10_000

// Conditions of a Delivery.
const (
	Success           = "Success"
	RetriesExhausted  = "RetriesExhausted"
	EventAgeExceeded  = "EventAgeExceeded"
	ZeroConcurrency   = "ZeroReservedConcurrency"
	deadLetterStatus  = 200
	deadLetterMaxText = 1024
)

// Delivery is the outcome of an asynchronous invocation on its way to a destination or dead-letter queue.
type Delivery struct {
	Scope      store.Scope
	TargetARN  string
	Function   string // ARN, qualified
	Success    bool
	Body       []byte
	Attributes map[string]string // of a dead-letter queue's message: RequestID, ErrorCode, ErrorMessage
}

// event is one asynchronous invocation.
type event struct {
	ref      Ref
	in       InvokeRequest
	accepted time.Time
	forget   <-chan struct{} // closed by Reset
	attempts int             // that reached the function
}

// outcome is how an event ended. result is nil if it never reached the function.
type outcome struct {
	condition string
	version   string
	result    *executor.Result
}

// enqueue takes an event over: its caller is answered 202. The event waits in memory and does not survive Postern.
func (s *Service) enqueue(ref Ref, in InvokeRequest) error {
	s.mu.Lock()
	full, forget := s.events >= maxEvents, s.forget
	if !full {
		s.events++
	}
	s.mu.Unlock()
	if full {
		return &Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Reason: "CallerRateLimitExceeded", cause: ErrThrottled}
	}
	e := &event{ref: ref, in: in, accepted: s.config.Now(), forget: forget}
	started := s.goes(func() {
		defer func() {
			s.mu.Lock()
			s.events--
			s.mu.Unlock()
		}()
		s.process(e)
	})
	if !started {
		return s.serviceError(s.background, ref, executor.ErrClosed)
	}
	return nil
}

// process runs an event to its end. AWS: the request id is the same in all attempts, and what is running is looked up anew
// for each.
func (s *Service) process(e *event) {
	backoff := time.Second
	for {
		config, reserved := s.eventSettings(e.ref)
		if reserved != nil && *reserved == 0 {
			s.conclude(e, config, outcome{condition: ZeroConcurrency})
			return
		}
		v, err := s.target(e.ref, Caller{Account: e.ref.Scope.Account}, e.ref.Scope)
		var res *executor.Result
		if err == nil {
			// An attempt that has begun is finished even at Close.
			res, err = s.run(context.WithoutCancel(s.background), e.ref, v, e.in, e.attempts+1)
		}
		wait := time.Duration(0)
		switch {
		case err == nil && res.FunctionError == "":
			s.conclude(e, config, outcome{Success, v.Number, res})
			return
		case err == nil:
			e.attempts++
			if e.attempts > config.retries() {
				s.conclude(e, config, outcome{RetriesExhausted, v.Number, res})
				return
			}
			wait = time.Duration(e.attempts) * s.config.RetryDelay
		case errors.Is(err, ErrNotFound):
			s.log.Info("dropped an event of a function that was deleted", "function", e.ref.QualifiedARN(), "request_id", e.in.RequestID)
			return
		default:
			// AWS: throttles and errors of Lambda itself go on until the event is too old.
			wait, backoff = backoff, min(2*backoff, maxBackoff)
		}
		if s.config.Now().Add(wait).Sub(e.accepted) > config.age() {
			o := outcome{condition: EventAgeExceeded}
			if res != nil {
				o.version, o.result = v.Number, res
			}
			s.conclude(e, config, o)
			return
		}
		if !s.pause(wait, e.forget) {
			s.log.Info("dropped a waiting event", "function", e.ref.QualifiedARN(), "request_id", e.in.RequestID)
			return
		}
	}
}

// pause waits, unless the service closes or forgets everything.
func (s *Service) pause(d time.Duration, forget <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-forget:
		return false
	case <-s.background.Done():
		return false
	}
}

func (c *InvokeConfig) retries() int {
	if c == nil || c.MaxRetries == nil {
		return defaultRetries
	}
	return *c.MaxRetries
}

func (c *InvokeConfig) age() time.Duration {
	if c == nil || c.MaxAge == nil {
		return defaultEventAge
	}
	return time.Duration(*c.MaxAge) * time.Second
}

// eventSettings gives what governs an event now; nil where nothing is set.
func (s *Service) eventSettings(ref Ref) (config *InvokeConfig, reserved *int) {
	_ = s.db.View(func(tx *store.Tx) error {
		config, _ = invokeConfigs.Get(tx, ref.Scope, partKey(ref.Name, cmp.Or(ref.Qualifier, Latest)))
		if f, ok := functions.Get(tx, ref.Scope, ref.Name); ok {
			reserved = f.Reserved
		}
		return nil
	})
	return config, reserved
}

// conclude sends an event's outcome where its function wants it.
func (s *Service) conclude(e *event, config *InvokeConfig, o outcome) {
	if o.condition != Success {
		s.log.Info("an event failed", "function", e.ref.QualifiedARN(), "request_id", e.in.RequestID, "condition", o.condition)
		s.deadLetter(e, o)
	}
	if config == nil || config.Destination == nil {
		return
	}
	target := config.Destination.OnFailure
	if o.condition == Success {
		target = config.Destination.OnSuccess
	}
	if target != "" {
		s.deliver(Delivery{
			Scope: e.ref.Scope, TargetARN: target, Function: e.ref.at(cmp.Or(e.ref.Qualifier, Latest)).QualifiedARN(),
			Success: o.condition == Success, Body: s.destinationRecord(e, o),
		})
	}
}

// deadLetter sends a failed event to the queue or topic of its version.
func (s *Service) deadLetter(e *event, o outcome) {
	v := s.current(versionKey{e.ref.Scope, e.ref.Name, cmp.Or(e.ref.Qualifier, Latest)})
	if v == nil || v.Config.DeadLetter == "" {
		return
	}
	message := o.condition
	if o.result != nil {
		var payload struct {
			Message string `json:"errorMessage"`
		}
		_ = json.Unmarshal(o.result.Payload, &payload) // a payload of another shape has no message
		message = payload.Message
	}
	s.deliver(Delivery{
		Scope: e.ref.Scope, TargetARN: v.Config.DeadLetter, Function: e.ref.QualifiedARN(), Body: e.in.Payload,
		Attributes: map[string]string{
			"RequestID": e.in.RequestID, "ErrorCode": fmt.Sprint(deadLetterStatus),
			"ErrorMessage": message[:min(len(message), deadLetterMaxText)],
		},
	})
}

// destinationRecord is the JSON that a destination gets.
func (s *Service) destinationRecord(e *event, o outcome) []byte {
	type requestContext struct {
		RequestID string `json:"requestId"`
		Function  string `json:"functionArn"`
		Condition string `json:"condition"`
		Count     int    `json:"approximateInvokeCount"`
	}
	type responseContext struct {
		StatusCode      int    `json:"statusCode"`
		ExecutedVersion string `json:"executedVersion"`
		FunctionError   string `json:"functionError,omitempty"`
	}
	rec := struct {
		Version   string           `json:"version"`
		Timestamp string           `json:"timestamp"`
		Request   requestContext   `json:"requestContext"`
		Payload   json.RawMessage  `json:"requestPayload"`
		Response  *responseContext `json:"responseContext,omitempty"`
		Result    json.RawMessage  `json:"responsePayload,omitempty"`
	}{
		Version: "1.0", Timestamp: s.config.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Payload: e.in.Payload,
		Request: requestContext{e.in.RequestID, e.ref.at(cmp.Or(e.ref.Qualifier, Latest)).QualifiedARN(), o.condition, e.attempts},
	}
	if len(rec.Payload) == 0 {
		rec.Payload = json.RawMessage("{}")
	}
	if o.result != nil {
		if o.condition == Success {
			rec.Request.Count++
		}
		rec.Response = &responseContext{200, o.version, o.result.FunctionError}
		rec.Result = o.result.Payload
		if !json.Valid(rec.Result) {
			rec.Result = json.RawMessage(compactJSON(string(o.result.Payload)))
		}
	}
	return []byte(compactJSON(rec))
}

// Delivers reports whether outcomes can go to a destination or dead-letter queue.
func (s *Service) Delivers(arn string) bool { return isFunctionARN(arn) || s.config.Deliver != nil }

// deliver hands an outcome over: to a Lambda function as another event, to anything else through Config.Deliver.
func (s *Service) deliver(d Delivery) {
	var err error
	switch {
	case isFunctionARN(d.TargetARN):
		_, err = s.Invoke(s.background, InvokeRequest{Scope: d.Scope, Function: d.TargetARN, Type: Event, Payload: d.Body})
	case s.config.Deliver != nil:
		err = s.config.Deliver(context.WithoutCancel(s.background), d)
	default:
		err = errors.New("no upstream serves this destination")
	}
	if err != nil {
		s.log.Warn("outcome of an event not delivered", "function", d.Function, "destination", d.TargetARN, "err", err)
	}
}
