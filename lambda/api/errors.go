package api

import (
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// statuses are those of errors that the model does not list.
var statuses = map[string]int{
	"ValidationException":            http.StatusBadRequest,
	"AccessDeniedException":          http.StatusForbidden,
	"RequestEntityTooLargeException": http.StatusRequestEntityTooLarge,
}

// answer turns a service's error into AWS's; others stay.
func answer(err error) error {
	var e *lambda.Error
	if !errors.As(err, &e) {
		return err
	}
	out := &awsapi.Error{Code: e.Code, Message: e.Message, Status: statuses[e.Code]}
	switch {
	case e.Reason != "":
		out.Fields = map[string]any{"Reason": e.Reason}
	case e.Bare:
		out.Fields = map[string]any{noType: true}
	}
	return out
}

// noType marks, among an error's fields, one that has no Type in its body.
const noType = "no type"

// capitalMessage lists the exceptions whose text is under "Message"; the others say "message".
var capitalMessage = map[string]bool{
	"ResourceNotFoundException": true, "CodeSigningConfigNotFoundException": true, "AccessDeniedException": true,
	"ServiceException": true, "InternalFailure": true, "InvalidRuntimeException": true, "InvalidZipFileException": true,
	"SnapStartNotReadyException": true, "SnapStartTimeoutException": true, "SnapStartException": true,
}

// errorBody gives an error's body. AWS: which key the text has, and whether there is a type, differs by exception.
func errorBody(e *awsapi.Error) map[string]any {
	if e.Message == "" {
		return map[string]any{}
	}
	body := map[string]any{}
	key := "message"
	if capitalMessage[e.Code] {
		key = "Message"
	}
	body[key] = e.Message
	if e.Fields[noType] != nil || e.Code == "ValidationException" || e.Code == "AccessDeniedException" {
		return body
	}
	maps.Copy(body, e.Fields)
	body["Type"] = "User"
	if e.Status >= 500 || e.Status == 0 && wire.Service.Errors[e.Code] >= 500 {
		body["Type"] = "Service"
	}
	return body
}

func unknown(*http.Request) *awsapi.Error {
	return &awsapi.Error{Code: "UnknownOperationException", Status: http.StatusNotFound}
}

func malformed(err error) *awsapi.Error {
	return awsapi.Errorf("InvalidRequestContentException", "Could not parse request body into json: %s", err)
}

func requestTooLarge(operation string) *awsapi.Error {
	return &awsapi.Error{
		Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("Request must be smaller than %d bytes for the %s operation", maxBody, operation),
	}
}

// unbuilt refuses a setting that would change what a function does in a way that Postern does not know.
func unbuilt(what string) error {
	return &awsapi.Error{
		Code: "NotImplementedException", Status: http.StatusNotImplemented,
		Message: fmt.Sprintf("Postern does not implement %s", what),
	}
}
