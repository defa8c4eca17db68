package lambda

import (
	"errors"
	"fmt"
)

// Error is an error answer of the Lambda API.
type Error struct {
	Code    string // AWS's exception name
	Message string
	Reason  string // of a TooManyRequestsException
	Bare    bool   // AWS sends no Type with it
	cause   error
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap gives the sentinel that a caller inside Postern may test for.
func (e *Error) Unwrap() error { return e.cause }

// What callers other than the HTTP API tell apart.
var (
	// ErrNotAuthorized says that no statement of the resource policy lets the caller invoke the function.
	ErrNotAuthorized = errors.New("not authorized to invoke the function")
	// ErrNotFound says that there is no such function, version or alias.
	ErrNotFound = errors.New("no such function")
	// ErrThrottled says that no concurrency is free.
	ErrThrottled = errors.New("concurrency exhausted")
)

func invalid(format string, args ...any) *Error {
	return &Error{Code: "InvalidParameterValueException", Message: fmt.Sprintf(format, args...)}
}

// bare is invalid without a Type in the answer.
func bare(format string, args ...any) *Error {
	e := invalid(format, args...)
	e.Bare = true
	return e
}

func violation(format string, args ...any) *Error {
	return &Error{Code: "ValidationException", Message: "1 validation error detected: " + fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *Error {
	return &Error{Code: "ResourceNotFoundException", Message: fmt.Sprintf(format, args...), cause: ErrNotFound}
}

func conflict(format string, args ...any) *Error {
	return &Error{Code: "ResourceConflictException", Message: fmt.Sprintf(format, args...)}
}

func accessDenied(format string, args ...any) *Error {
	return &Error{Code: "AccessDeniedException", Message: fmt.Sprintf(format, args...), cause: ErrNotAuthorized}
}

// tooLarge is the answer to code or an event above its limit.
func tooLarge(format string, args ...any) *Error {
	return &Error{Code: "RequestEntityTooLargeException", Message: fmt.Sprintf(format, args...)}
}

// staleRevision is the answer to a RevisionId that is not the current one; call names the operations that tell it.
func staleRevision(call string) *Error {
	return &Error{
		Code: "PreconditionFailedException",
		Message: "The Revision Id provided does not match the latest Revision Id. Call the " + call +
			" API to retrieve the latest Revision Id",
	}
}
