package gwerr

import (
	"errors"
	"net/http"
)

// Type is a gateway response type.
type Type string

// The gateway response types of REST APIs. The last group has no gateway response
// of its own: what it stands for cannot be customised.
const (
	AccessDenied                 Type = "ACCESS_DENIED"
	APIConfigurationError        Type = "API_CONFIGURATION_ERROR"
	AuthorizerConfigurationError Type = "AUTHORIZER_CONFIGURATION_ERROR"
	AuthorizerFailure            Type = "AUTHORIZER_FAILURE"
	BadRequestBody               Type = "BAD_REQUEST_BODY"
	BadRequestParameters         Type = "BAD_REQUEST_PARAMETERS"
	Default4XX                   Type = "DEFAULT_4XX"
	Default5XX                   Type = "DEFAULT_5XX"
	ExpiredToken                 Type = "EXPIRED_TOKEN"
	IntegrationFailure           Type = "INTEGRATION_FAILURE"
	IntegrationTimeout           Type = "INTEGRATION_TIMEOUT"
	InvalidAPIKey                Type = "INVALID_API_KEY"
	InvalidSignature             Type = "INVALID_SIGNATURE"
	MissingAuthenticationToken   Type = "MISSING_AUTHENTICATION_TOKEN"
	QuotaExceeded                Type = "QUOTA_EXCEEDED"
	RequestTooLarge              Type = "REQUEST_TOO_LARGE"
	ResourceNotFound             Type = "RESOURCE_NOT_FOUND"
	Throttled                    Type = "THROTTLED"
	Unauthorized                 Type = "UNAUTHORIZED"
	UnsupportedMediaType         Type = "UNSUPPORTED_MEDIA_TYPE"
	WAFFiltered                  Type = "WAF_FILTERED"
)

type response struct {
	status  int
	message string // empty: AWS's default message is null, or made by the step
}

var responses = map[Type]response{
	AccessDenied:                 {http.StatusForbidden, ""},
	APIConfigurationError:        {http.StatusInternalServerError, "Internal server error"},
	AuthorizerConfigurationError: {http.StatusInternalServerError, ""},
	AuthorizerFailure:            {http.StatusInternalServerError, ""},
	BadRequestBody:               {http.StatusBadRequest, "Invalid request body"},
	BadRequestParameters:         {http.StatusBadRequest, ""},
	Default4XX:                   {http.StatusBadRequest, ""},
	Default5XX:                   {http.StatusInternalServerError, "Internal server error"},
	ExpiredToken:                 {http.StatusForbidden, "The security token included in the request is expired"},
	IntegrationFailure:           {http.StatusGatewayTimeout, "Internal server error"},
	IntegrationTimeout:           {http.StatusGatewayTimeout, "Endpoint request timed out"},
	InvalidAPIKey:                {http.StatusForbidden, "Forbidden"},
	InvalidSignature:             {http.StatusForbidden, ""},
	MissingAuthenticationToken:   {http.StatusForbidden, "Missing Authentication Token"},
	QuotaExceeded:                {http.StatusTooManyRequests, "Limit Exceeded"},
	RequestTooLarge:              {http.StatusRequestEntityTooLarge, "Request Too Long"},
	ResourceNotFound:             {http.StatusNotFound, "Not Found"},
	Throttled:                    {http.StatusTooManyRequests, "Too Many Requests"},
	Unauthorized:                 {http.StatusUnauthorized, "Unauthorized"},
	UnsupportedMediaType:         {http.StatusUnsupportedMediaType, "Unsupported Media Type"},
	WAFFiltered:                  {http.StatusForbidden, "Forbidden"},
}

// Status is the type's status where nothing else was configured.
func (t Type) Status() int {
	if r, ok := responses[t]; ok {
		return r.status
	}
	return http.StatusInternalServerError
}

// Message is the type's default message; "" where AWS's is null or depends on
// the case.
func (t Type) Message() string { return responses[t].message }

// Error is a request that the gateway answers itself. Status and Message, where
// set, take the place of the type's; Header is sent along (WWW-Authenticate).
// Err is what happened, for logs only: the client never sees it.
type Error struct {
	Type    Type
	Status  int
	Message string
	Header  http.Header
	Err     error
}

// New makes an error of the type, with its defaults.
func New(t Type, err error) *Error { return &Error{Type: t, Err: err} }

func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Type) + ": " + e.Err.Error()
	}
	return string(e.Type)
}

func (e *Error) Unwrap() error { return e.Err }

// StatusCode is what the client gets unless the API customises the type.
func (e *Error) StatusCode() int {
	if e.Status != 0 {
		return e.Status
	}
	return e.Type.Status()
}

// Text is the message that the client gets unless the API customises the type.
func (e *Error) Text() string {
	if e.Message != "" {
		return e.Message
	}
	return e.Type.Message()
}

// From finds the *Error in err's chain. What is none becomes a DEFAULT_5XX: a
// fault of the gateway must not look like one of the client.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Default5XX, err)
}
