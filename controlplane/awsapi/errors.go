package awsapi

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an AWS error answer. Status 0 means: look the code up in the service's
// model. Fields are extra body members beside the message (resourceType, Type,
// Reason), Header extra response headers (Retry-After). Shape is set where the
// code does not tell the error's shape (see Model.ErrorShapes).
type Error struct {
	Code    string
	Shape   string
	Message string
	Status  int
	Fields  map[string]any
	Header  map[string]string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error whose status comes from the service's model.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// BadRequest is API Gateway's 400.
func BadRequest(format string, args ...any) *Error {
	return Errorf("BadRequestException", format, args...)
}

// NotFound is API Gateway's 404.
func NotFound(format string, args ...any) *Error {
	return Errorf("NotFoundException", format, args...)
}

// Conflict is API Gateway's 409.
func Conflict(format string, args ...any) *Error {
	return Errorf("ConflictException", format, args...)
}

// Validation is the answer to a violated model constraint.
func Validation(message string) *Error {
	return &Error{Code: "ValidationException", Message: message, Status: http.StatusBadRequest}
}

// AsError finds the *Error in err's chain.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// MessageOf gives what an *Error says to a user, of other errors their text.
func MessageOf(err error) string {
	if e, ok := AsError(err); ok {
		return e.Message
	}
	return err.Error()
}

func (m *Model) status(e *Error) int {
	if e.Status != 0 {
		return e.Status
	}
	if s, ok := m.Errors[e.Code]; ok {
		return s
	}
	return http.StatusBadRequest
}
