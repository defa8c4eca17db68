package rest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
)

// lambdaProxyResponse reads what a proxied function returned.
type lambdaProxyResponse struct{}

// badGateway is the 502 for a function that failed or returned what is no response.
func badGateway(err error) error {
	return &gwerr.Error{Type: gwerr.Default5XX, Status: http.StatusBadGateway, Message: "Internal server error", Err: err}
}

func (lambdaProxyResponse) Select(_ context.Context, c *call, res *integration.Response) (*integration.Response, error) {
	if res.FunctionError != "" {
		return nil, badGateway(&functionError{res.FunctionError, res.Body, c.rc.Integration.RequestID})
	}
	var out proxyOutput
	if err := out.decode(res.Body); err != nil {
		if metadata, _, streamed := splitMetadata(res); streamed == nil {
			return bufferedStream(c, metadata)
		}
		c.rc.Integration.Error = err.Error()
		return nil, badGateway(fmt.Errorf("%w: %w", errMalformed, err))
	}
	header := out.responseHeader()
	body := []byte(out.body)
	// AWS: only what the client accepts counts, not what the function says it is.
	if out.base64 && c.deployment.binary.matches(c.r.Header.Get("Accept")) {
		var err error
		if body, err = base64.StdEncoding.DecodeString(out.body); err != nil {
			return nil, internal(errNotBase64)
		}
	}
	header["X-Amzn-Trace-Id"] = []string{c.rc.TraceID}
	c.rc.Integration.Status = out.status
	return &integration.Response{Status: out.status, Header: header, Body: body}, nil
}

var errMalformed = errors.New("malformed Lambda proxy response")

// functionError is a function that failed, and what it said of that.
type functionError struct {
	kind      string
	payload   []byte
	requestID string
}

func (e *functionError) Error() string { return "function error: " + e.kind }

// proxyOutput is a function's answer in the proxy form.
type proxyOutput struct {
	status  int
	headers map[string]string
	multi   map[string][]string
	body    string
	base64  bool
}

var errNoObject = errors.New("the function's result is no JSON object")

// decode reads a result. AWS: members it does not know make the result malformed.
func (o *proxyOutput) decode(payload []byte) error {
	if trimmed := bytes.TrimSpace(payload); len(trimmed) == 0 || trimmed[0] != '{' {
		return errNoObject
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(payload, &members); err != nil {
		return err
	}
	o.status = http.StatusOK
	// AWS goes by base64Encoded too, the name that Java's serializers make of the other,
	// and by it first. unverified against AWS: SAM CLI's makers found it by trials.
	if javaName := members["base64Encoded"]; javaName != nil && string(javaName) != "null" {
		members["isBase64Encoded"] = javaName
	}
	delete(members, "base64Encoded")
	for name, raw := range members {
		if string(raw) == "null" {
			continue
		}
		var err error
		switch name {
		case "statusCode":
			o.status, err = statusCode(raw)
		case "headers":
			o.headers, err = headerTexts(raw)
		case "multiValueHeaders":
			o.multi, err = headerLists(raw)
		case "body":
			// unverified against AWS: numbers and booleans become text, as in headers.
			o.body, err = integration.HeaderText(raw)
		case "isBase64Encoded":
			o.base64, err = truth(raw)
		default:
			err = errors.New("unknown member")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// statusCode reads an integer, or one in a string.
func statusCode(raw json.RawMessage) (int, error) {
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil || n < 200 || n > 599 {
		return 0, fmt.Errorf("%s is no status", raw) // unverified against AWS: the range
	}
	return n, nil
}

// truth reads a boolean, or one in a string.
func truth(raw json.RawMessage) (bool, error) {
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%s is no boolean", raw)
}

func headerTexts(raw json.RawMessage) (map[string]string, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		text, err := integration.HeaderText(v)
		if err != nil {
			return nil, err
		}
		out[name] = text
	}
	return out, nil
}

func headerLists(raw json.RawMessage) (map[string][]string, error) {
	var values map[string][]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, err
	}
	out := make(map[string][]string, len(values))
	for name, list := range values {
		for _, v := range list {
			text, err := integration.HeaderText(v)
			if err != nil {
				return nil, err
			}
			out[name] = append(out[name], text)
		}
	}
	return out, nil
}

// responseHeader joins both maps. AWS: several values come first, then the single one
// unless it is among them, under the name that the list has.
func (o *proxyOutput) responseHeader() http.Header {
	h := make(http.Header, len(o.headers)+len(o.multi)+4)
	names := make(map[string]string, len(o.multi))
	for name := range o.multi {
		names[strings.ToLower(name)] = name
	}
	for _, name := range sortedKeys(o.multi) {
		setResponseHeader(h, name, o.multi[name], proxiedNames)
	}
	for _, name := range sortedKeys(o.headers) {
		own := name
		if multi := names[strings.ToLower(name)]; multi != "" {
			own = multi
		}
		if slices.Contains(o.multi[own], o.headers[name]) {
			continue
		}
		setResponseHeader(h, own, []string{o.headers[name]}, proxiedNames)
	}
	return h
}
