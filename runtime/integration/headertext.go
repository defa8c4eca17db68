package integration

import (
	"encoding/json"
	"errors"
)

var errNoText = errors.New("header value is no text")

// HeaderText is a header's value in a function's answer: numbers and booleans are
// written as text, what has parts is refused.
func HeaderText(raw json.RawMessage) (string, error) {
	switch {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[':
		return "", errNoText
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case string(raw) == "null":
		return "", nil
	}
	return string(raw), nil
}
