package rest

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/integration"
)

// mock answers without a backend: the request's body says the status.
type mock struct{}

var errMockStatus = errors.New("unable to parse statusCode: it should be an integer that is defined in the request template")

// Invoke implements integration.Integration. AWS: the status only selects the
// integration response; the body is empty.
func (mock) Invoke(_ context.Context, req *integration.Request) (*integration.Response, error) {
	status, ok := mockStatus(req.Body)
	if !ok {
		return nil, internal(errMockStatus)
	}
	return &integration.Response{Status: status}, nil
}

// AWS reads an object that is no JSON leniently: names bare or in either kind of
// quotes, single quotes, commas at the end. mockObject is the shape of the whole,
// mockMember finds the one member that counts.
var (
	mockObject = lazyregexp.New(`(?s)^\s*\{.*\}\s*;?\s*$`)
	mockMember = lazyregexp.New(`(?:^|[{,\s])(?:"statusCode"|'statusCode'|statusCode)\s*[:=]\s*["']?\s*(-?[0-9]+)\s*["']?\s*(?:[,};\n]|$)`)
)

func mockStatus(body []byte) (int, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) == nil {
		n, err := strconv.Atoi(strings.Trim(string(members["statusCode"]), `"`))
		return n, err == nil
	}
	if !mockObject().Match(body) || !balanced(body) {
		return 0, false
	}
	m := mockMember().FindSubmatch(body)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(m[1]))
	return n, err == nil
}

// balanced tells whether every quote is closed.
func balanced(body []byte) bool {
	var quote byte
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case b == '\\' && quote != 0:
			i++
		case quote == 0 && (b == '"' || b == '\''):
			quote = b
		case b == quote:
			quote = 0
		}
	}
	return quote == 0
}
