package regex

import (
	"testing"
	"time"
)

// Limit sets how long a call may take until a test ends.
func Limit(t *testing.T, d time.Duration) {
	before := limit
	limit = d
	t.Cleanup(func() { limit = before })
}
