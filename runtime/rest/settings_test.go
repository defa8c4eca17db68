package rest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/snapshot"
)

// A method for ANY verb has settings by verb, or for all of them.
func TestSettingsOfAnyMethods(t *testing.T) {
	free := snapshot.RESTMethodSettings{ThrottlingRateLimit: -1, ThrottlingBurstLimit: -1, LoggingLevel: "OFF"}
	none, loud := free, free
	none.ThrottlingRateLimit, none.ThrottlingBurstLimit = 0, 0
	loud.LoggingLevel = "INFO"
	a, logs := logged(t)
	a.publish(deployment(resource("/pets", mockMethod("ANY", "any"), mockMethod("PUT", "put"))), func(s *snapshot.Stage) {
		s.REST.MethodSettings = map[string]snapshot.RESTMethodSettings{"*/*": free, "pets/POST": none, "pets/PUT": none, "pets/ANY": free, "pets/PATCH": loud}
	})
	for verb, want := range map[string]int{"GET": 200, "POST": 429, "PUT": 429, "DELETE": 200, "PATCH": 200} {
		if got := a.send(verb, "/stage/pets", ""); got.status != want {
			t.Errorf("%s: got %d %s", verb, got.status, got.body)
		}
	}
	if lines := <-logs; !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "HTTP Method: PATCH") }) {
		t.Errorf("logged %v", lines)
	}
	select {
	case lines := <-logs:
		t.Errorf("logged %v too", lines)
	default:
	}
}
