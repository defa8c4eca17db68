package oidc

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error codes of OAuth 2.0 and of OpenID Connect.
const (
	invalidRequest     = "invalid_request"
	invalidClient      = "invalid_client"
	invalidGrant       = "invalid_grant"
	invalidScope       = "invalid_scope"
	invalidTarget      = "invalid_target"
	invalidToken       = "invalid_token"
	insufficientScope  = "insufficient_scope"
	accessDenied       = "access_denied"
	loginRequired      = "login_required"
	unsupportedGrant   = "unsupported_grant_type"
	unsupportedAnswer  = "unsupported_response_type"
	unsupportedRevoked = "unsupported_token_type"
	serverError        = "server_error"
)

// protocolError is an answer of the protocol's: a code for programs and a description
// for people.
type protocolError struct{ code, description string }

func (e *protocolError) Error() string { return e.code + ": " + e.description }

func refuse(code, format string, args ...any) error {
	return &protocolError{code, fmt.Sprintf(format, args...)}
}

// protocol gives the error to answer with; what is no protocol error is our own.
func protocol(err error) *protocolError {
	var e *protocolError
	if !errors.As(err, &e) {
		e = &protocolError{serverError, err.Error()}
	}
	return &protocolError{e.code, plain(e.description)}
}

// plain keeps a description within the characters that RFC 6749 allows there: ASCII
// that prints, without the double quote and the backslash.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r < ' ' || r > '~' || r == '\\':
			return '?'
		}
		return r
	}, s)
}

// fail answers with an error as RFC 6749 has it for the token endpoint.
func fail(w http.ResponseWriter, err error) {
	e, status := protocol(err), http.StatusBadRequest
	switch e.code {
	case serverError:
		status = http.StatusInternalServerError
	case invalidClient:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Basic realm="postern"`)
	}
	answer(w, status, map[string]string{"error": e.code, "error_description": e.description})
}
