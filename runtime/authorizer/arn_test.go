package authorizer

import (
	"strings"
	"testing"

	"github.com/postern/postern/runtime/limits"
	"github.com/postern/postern/runtime/reqcontext"
)

// The length is that of the ARN, which is not made for it.
func TestTooLong(t *testing.T) {
	rc := &reqcontext.Context{Region: "eu-west-1", AccountID: "123456789012", APIID: "abc", Stage: "$default", Method: "GET"}
	for n := range limits.ARN {
		rc.RoutePath = "/" + strings.Repeat("x", n)
		if got, want := TooLong(rc), len(MethodARN(rc)) > limits.ARN; got != want {
			t.Errorf("%d bytes of a path: %t, want %t", n, got, want)
		}
	}
}
