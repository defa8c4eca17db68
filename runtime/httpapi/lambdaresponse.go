package httpapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// lambdaResponse reads what the function returned.
type lambdaResponse struct {
	v2      bool
	mapping *mapping
}

func (s *lambdaResponse) Select(rc *reqcontext.Context, res *integration.Response) (*integration.Response, error) {
	if res.FunctionError != "" {
		return nil, internal(fmt.Errorf("function error: %s", res.FunctionError))
	}
	var out *integration.Response
	var err error
	members, isObject := splitObject(res.Body)
	switch {
	case isObject && members["statusCode"] != nil:
		out, err = s.structured(members)
	case s.v2:
		out = inferred(res.Body)
	default:
		err = errors.New("function returned no statusCode")
	}
	if err != nil {
		rc.Integration.Error = err.Error()
		return nil, internal(err)
	}
	rc.Integration.Status = out.Status
	s.mapping.response(rc, out)
	return out, nil
}

// inferred makes a response of what is no structured one.
//
// AWS: 200 and application/json whatever it is; a JSON string gives its content, the
// rest goes out as the function wrote it, valid JSON or not.
func inferred(payload []byte) *integration.Response {
	res := &integration.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": jsonType}, Body: payload}
	var s string
	if len(payload) > 0 && payload[0] == '"' && json.Unmarshal(payload, &s) == nil {
		res.Body = []byte(s)
	}
	return res
}

func (s *lambdaResponse) structured(m map[string]json.RawMessage) (*integration.Response, error) {
	status, err := statusCode(m["statusCode"])
	if err != nil {
		return nil, err
	}
	res := &integration.Response{Status: status, Header: http.Header{}}
	if s.v2 {
		err = addCookies(res.Header, m["cookies"])
	}
	if err == nil {
		err = addHeaders(res.Header, m["headers"])
	}
	if err == nil && !s.v2 {
		err = addMultiHeaders(res.Header, m["multiValueHeaders"])
	}
	if err != nil {
		return nil, err
	}
	if res.Header["Content-Type"] == nil {
		res.Header["Content-Type"] = textType
	}
	res.Body, err = body(m["body"], m["isBase64Encoded"])
	return res, err
}

var textType = []string{"text/plain; charset=utf-8"}

// statusCode reads an integer, or one in a string.
//
// unverified against AWS: the range; net/http can send nothing outside of it as a
// final answer.
func statusCode(raw json.RawMessage) (int, error) {
	text := string(raw)
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return 0, err
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 200 || n > 599 {
		return 0, fmt.Errorf("statusCode %s is no status", raw)
	}
	return n, nil
}

func body(raw, encoded json.RawMessage) ([]byte, error) {
	var isBase64 bool
	if !null(encoded) {
		if err := json.Unmarshal(encoded, &isBase64); err != nil {
			return nil, fmt.Errorf("isBase64Encoded: %w", err)
		}
	}
	if null(raw) {
		return nil, nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if !isBase64 {
		return []byte(text), nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	return b, nil
}

func null(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }

// addCookies makes each cookie a Set-Cookie of its own.
func addCookies(h http.Header, raw json.RawMessage) error {
	if null(raw) {
		return nil
	}
	var cookies []string
	if err := json.Unmarshal(raw, &cookies); err != nil {
		return fmt.Errorf("cookies: %w", err)
	}
	for _, cookie := range cookies {
		if err := addHeader(h, "Set-Cookie", cookie); err != nil {
			return err
		}
	}
	return nil
}

func addHeaders(h http.Header, raw json.RawMessage) error {
	if null(raw) {
		return nil
	}
	var headers map[string]json.RawMessage
	if err := json.Unmarshal(raw, &headers); err != nil {
		return fmt.Errorf("headers: %w", err)
	}
	// Names that differ in case alone are one header with values in this order.
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value, err := integration.HeaderText(headers[name])
		if err == nil {
			err = addHeader(h, name, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AWS: a name in both maps has its single value first, then the others.
func addMultiHeaders(h http.Header, raw json.RawMessage) error {
	if null(raw) {
		return nil
	}
	var headers map[string][]json.RawMessage
	if err := json.Unmarshal(raw, &headers); err != nil {
		return fmt.Errorf("multiValueHeaders: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, v := range headers[name] {
			value, err := integration.HeaderText(v)
			if err == nil {
				err = addHeader(h, name, value)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func addHeader(h http.Header, name, value string) error {
	if !httpguts.ValidHeaderFieldName(name) || strings.ContainsAny(value, "\r\n\x00") {
		return fmt.Errorf("header %q can not be sent", name)
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	if !reservedResponse(name) {
		h[name] = append(h[name], value)
	}
	return nil
}

// splitObject takes a JSON object apart by its members, exactly named. false: it is
// no JSON object.
func splitObject(payload []byte) (map[string]json.RawMessage, bool) {
	trimmed := bytes.TrimLeft(payload, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, false
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(trimmed, &m); err != nil {
		return nil, false
	}
	return m, true
}
