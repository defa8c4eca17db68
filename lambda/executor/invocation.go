package executor

import (
	"io"
	"time"
)

// Invocation is one event for a function.
type Invocation struct {
	RequestID       string
	FunctionARN     string // as invoked, with the qualifier; the function's own ARN if empty
	Payload         []byte // a JSON value; empty means {}
	TraceID         string // X-Amzn-Trace-Id; one that is not sampled is made up if empty
	ClientContext   string // decoded JSON
	CognitoIdentity string // JSON

	// LogTail asks for Result.LogTail. The result then comes when the runtime has finished, not when it answered.
	LogTail bool

	// Stream asks for a streamed response: it is called with the response's content type when the runtime begins
	// to answer, and what it returns gets each piece at once. It must not block for long after its reader is
	// gone. Nothing is streamed when the function fails before it answers: see Result.
	Stream func(contentType string) io.Writer
}

// Unhandled is the function error of every current runtime.
const Unhandled = "Unhandled"

// Result is what Invoke answers with status 200.
type Result struct {
	Payload       []byte // the function's result, or the error's JSON if FunctionError is set
	FunctionError string // Unhandled or empty
	ErrorType     string // for metrics and logs; what the caller sees is in Payload
	ContentType   string // what the runtime gave for a streamed response
	Streamed      bool   // (a part of) the response went to Invocation.Stream
	Version       string // that ran
	TraceID       string
	LogTail       []byte // the last 4 KB of the invocation's log, if asked for

	Duration     time.Duration // from hand-out to answer, or to completion with LogTail
	InitDuration time.Duration // of the environment; only in its first invocation
}

// call is an invocation on its way. The pool's mutex guards it.
type call struct {
	Invocation
	result   chan answer // takes exactly one
	slot     *slot       // counted by Limits until answered
	began    time.Time   // when the runtime got the event, or when init was repeated for it
	deadline time.Time
	timer    *time.Timer // ends the invocation at its deadline
	answered bool        // outcome is final
	outcome  Result
	produced int64    // bytes of the response
	failure  failure  // set when Lambda itself ended the invocation
	log      *segment // set once the environment's log has an entry for it
}

type answer struct {
	result *Result
	err    error
}

// settle fixes the invocation's outcome and gives its concurrency back: the function may still be at work, but to
// the caller it is done.
func (c *call) settle(r Result) {
	c.answered, c.outcome = true, r
	c.slot.release()
}

// deliver sends the outcome to whoever waits in Invoke.
func (c *call) deliver() {
	r := c.outcome
	c.result <- answer{result: &r}
}

// fail ends an invocation for which Lambda has no answer at all.
func (c *call) fail(err error) {
	c.answered = true
	c.slot.release()
	c.result <- answer{err: err}
}
