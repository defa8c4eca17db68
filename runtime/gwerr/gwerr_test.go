package gwerr

import (
	"errors"
	"fmt"
	"testing"
)

func TestFrom(t *testing.T) {
	cause := errors.New("cause")
	e := From(fmt.Errorf("while doing: %w", New(Throttled, cause)))
	if e.Type != Throttled || e.StatusCode() != 429 || e.Text() != "Too Many Requests" || !errors.Is(e, cause) {
		t.Errorf("%+v", e)
	}
	if e := From(cause); e.Type != Default5XX || e.StatusCode() != 500 {
		t.Errorf("%+v", e)
	}
	if e := (&Error{Type: AccessDenied, Status: 418, Message: "no"}); e.StatusCode() != 418 || e.Text() != "no" {
		t.Errorf("%+v", e)
	}
	if s := Type("NEW_ONE").Status(); s != 500 {
		t.Errorf("status %d of an unknown type", s)
	}
}
