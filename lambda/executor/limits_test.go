package executor

import (
	"errors"
	"testing"
)

func TestLimits(t *testing.T) {
	l := newLimits()
	l.SetAccount("1", "r", 3)
	l.Reserve("1", "r", "kept", 1)
	take := func(function, reason string) *slot {
		t.Helper()
		s, err := l.take("1", "r", function)
		var refused *TooManyRequests
		if errors.As(err, &refused) != (reason != "") || reason != "" && refused.Reason != reason {
			t.Fatalf("%s: got %v, want %q", function, err, reason)
		}
		return s
	}
	a := take("free", "")
	take("other", "")
	take("free", ReasonAccount)
	kept := take("kept", "")
	take("kept", ReasonReserved)
	if n := l.Running("1", "r"); n != 3 {
		t.Errorf("%d running", n)
	}
	a.release()
	a.release() // counts once
	a = take("free", "")
	take("free", ReasonAccount)

	// What runs keeps what it was counted against.
	l.Unreserve("1", "r", "kept")
	take("kept", "")
	kept.release()
	a.release()
	if n := l.Running("1", "r"); n != 2 {
		t.Errorf("%d running", n)
	}
	if _, err := l.take("2", "r", "free"); err != nil {
		t.Errorf("another account: %v", err)
	}
}
