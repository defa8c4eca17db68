package executor

import (
	"encoding/json"
	"fmt"
	"time"
)

// Error types of failures that Lambda itself reports.
const (
	errorTimedOut    = "Sandbox.Timedout"
	errorExit        = "Runtime.ExitError"
	errorOutOfMemory = "Runtime.OutOfMemory"
)

// failure is why Lambda, not the function's code, ended an invocation or an init. The zero value is none.
type failure struct {
	kind    string // error type
	message string // without "RequestId: … Error: "
	payload []byte // the payload as the runtime reported it, instead of kind and message
	timeout bool
}

func (f failure) none() bool { return f.kind == "" }

// status is how the platform's log names the outcome.
func (f failure) status() string {
	switch {
	case f.none():
		return "success"
	case f.timeout:
		return "timeout"
	}
	return "error"
}

func timedOut(limit time.Duration) failure {
	return failure{
		kind: errorTimedOut, message: fmt.Sprintf("Task timed out after %.2f seconds", limit.Seconds()), timeout: true,
	}
}

func exited(exit Exit) failure {
	f := failure{kind: errorExit}
	switch {
	case exit.OutOfMemory:
		f.kind, f.message = errorOutOfMemory, "Runtime exited with error: signal: killed"
	case exit.Signal != "":
		f.message = "Runtime exited with error: signal: " + exit.Signal
		if exit.CoreDumped {
			f.message += " (core dumped)"
		}
	case exit.Code != 0:
		f.message = fmt.Sprintf("Runtime exited with error: exit status %d", exit.Code)
	default:
		f.message = "Runtime exited without providing a reason"
	}
	return f
}

// result is what the caller of a failed invocation gets.
func (f failure) result(requestID string) Result {
	payload := f.payload
	if payload == nil {
		payload = mustJSON(struct {
			ErrorType    string `json:"errorType"`
			ErrorMessage string `json:"errorMessage"`
		}{f.kind, "RequestId: " + requestID + " Error: " + f.message})
	}
	return Result{Payload: payload, FunctionError: Unhandled, ErrorType: f.kind}
}

// mustJSON encodes a value of a type of this package, which cannot fail.
func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return data
}
