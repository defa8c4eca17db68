package rest

import (
	"context"
	"errors"
	"strconv"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/vtl"
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

func mockStatus(body []byte) (int, bool) {
	document, err := vtl.DecodeLenient(string(body))
	object, ok := document.(*vtl.Map)
	if err != nil || !ok {
		return 0, false
	}
	switch status, _ := object.Get("statusCode"); status := status.(type) {
	case int64:
		return int(status), true
	case string:
		n, err := strconv.Atoi(status)
		return n, err == nil
	}
	return 0, false
}
