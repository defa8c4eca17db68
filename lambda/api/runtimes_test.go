package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// TestRuntimes holds the service's runtimes to the model's.
func TestRuntimes(t *testing.T) {
	for _, m := range (*wire.CreateFunctionInput)(nil).AWSShape().Members {
		if m.Name == "Runtime" {
			if diff := cmp.Diff(lambda.Runtimes, m.Shape.Enum); diff != "" {
				t.Errorf("-service +model:\n%s", diff)
			}
		}
	}
}
