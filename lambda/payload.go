package lambda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// checkPayload holds an event to its limit and to being one JSON value, or nothing at all.
func checkPayload(kind string, payload []byte) error {
	limit := MaxPayload
	if kind == Event {
		limit = MaxEventPayload
	}
	if len(payload) > limit {
		return tooLarge("%d byte payload is too large for the %s invocation type (limit %d bytes)", len(payload), kind, limit)
	}
	if len(payload) == 0 || json.Valid(payload) && utf8.Valid(payload) {
		return nil
	}
	return &Error{
		Code:    "InvalidRequestContentException",
		Message: "Could not parse request body into json: Could not parse payload into json: " + parseFailure(payload),
	}
}

// parseFailure words a syntax error as the JSON parser of AWS's front end does.
func parseFailure(payload []byte) string {
	at, what := failureAt(payload)
	line := 1 + bytes.Count(payload[:at], []byte("\n"))
	column := at - bytes.LastIndexByte(payload[:at], '\n')
	// AWS: the column is the one behind the character, but for one of several bytes the column of the character.
	if r, n := utf8.DecodeRune(payload[at:]); n == 1 || r == utf8.RuneError && n > 0 {
		column++
	}
	return fmt.Sprintf("%s\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]", what, line, column)
}

func failureAt(payload []byte) (at int, what string) {
	for i := 0; i < len(payload); {
		r, n := utf8.DecodeRune(payload[i:])
		if r == utf8.RuneError && n == 1 {
			return i, fmt.Sprintf("Invalid UTF-8 start byte 0x%02x", payload[i])
		}
		i += n
	}
	var syntax *json.SyntaxError
	var value json.RawMessage
	if !errors.As(json.Unmarshal(payload, &value), &syntax) {
		return len(payload), "Unexpected end-of-input"
	}
	at = max(int(syntax.Offset)-1, 0)
	if syntax.Error() == "unexpected end of JSON input" || at >= len(payload) {
		return len(payload), "Unexpected end-of-input"
	}
	r, _ := utf8.DecodeRune(payload[at:])
	char := fmt.Sprintf("'%c' (code %d)", r, r)
	if !unicode.IsPrint(r) {
		char = fmt.Sprintf("(CTRL-CHAR, code %d)", r)
	}
	return at, fmt.Sprintf("Unexpected character (%s): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", char)
}
