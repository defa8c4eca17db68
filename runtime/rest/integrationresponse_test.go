package rest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/regex"
	"github.com/postern/postern/runtime/snapshot"
)

// TestRunawaySelectionPattern sees a pattern that others would try each way of give up
// at once, and one refused that is large however it is matched.
func TestRunawaySelectionPattern(t *testing.T) {
	r, err := compileIntegrationResponse(&snapshot.RESTIntegrationResponse{StatusCode: "400", SelectionPattern: "(a+)+(b|b?)+$"})
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]string{"errorMessage": strings.Repeat("a", 100_000) + "!"})
	if err != nil {
		t.Fatal(err)
	}
	s := &customResponse{function: true, responses: []*integrationResponse{r}}
	if got := s.choose(&integration.Response{Status: 200, Body: body}); got != nil {
		t.Errorf("status %d is chosen", got.status)
	}
	_, err = compileIntegrationResponse(&snapshot.RESTIntegrationResponse{StatusCode: "400", SelectionPattern: strings.Repeat("(?:[ab]?){1000}", 10)})
	if !errors.Is(err, regex.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
}
