package observe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator/observe"
	"github.com/postern/postern/runtime/exchange"
)

func newTraces(t *testing.T, size int) (*exchange.Stream, *observe.Traces) {
	t.Helper()
	stream := new(exchange.Stream)
	t.Cleanup(func() {
		if err := stream.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return stream, observe.NewTraces(stream, size)
}

// get asks for traces and gives the request ids, or the message of a refusal.
func get(t *testing.T, traces *observe.Traces, query string) string {
	t.Helper()
	w := httptest.NewRecorder()
	traces.ServeHTTP(w, httptest.NewRequest("GET", "/_postern/traces?"+query, nil))
	var answer struct {
		Message string
		Traces  []struct{ RequestID string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	if w.Code != 200 {
		return fmt.Sprint(w.Code, " ", answer.Message)
	}
	var ids []string
	for _, r := range answer.Traces {
		ids = append(ids, r.RequestID)
	}
	return strings.Join(ids, " ")
}

func TestTracesFilter(t *testing.T) {
	stream, traces := newTraces(t, 10)
	for i, r := range []exchange.Record{
		{APIID: "a", Stage: "dev", Status: 200, Kind: exchange.REST},
		{APIID: "a", Stage: "prod", Status: 404, Kind: exchange.REST},
		{APIID: "b", Stage: "dev", Status: 500, Kind: exchange.HTTP},
		{Kind: exchange.Lambda, Function: &exchange.Function{RequestID: "f1"}},
		{APIID: "a", Stage: "dev", Status: 502, Kind: exchange.REST, Function: &exchange.Function{RequestID: "f1"}},
	} {
		r.RequestID = fmt.Sprint(i)
		stream.Publish(&r)
	}
	for query, want := range map[string]string{
		"":                   "4 3 2 1 0",
		"limit=2":            "4 3",
		"api=a":              "4 1 0",
		"api=a&stage=dev":    "4 0",
		"api=a&limit=1":      "4",
		"status=404":         "1",
		"status=5xx":         "4 2",
		"status=5XX&api=b":   "2",
		"kind=lambda":        "3",
		"request=f1":         "4 3",
		"request=2":          "2",
		"api=nope":           "",
		"status=9xx":         "400 status is neither like 404 nor like 4xx",
		"status=abc":         "400 status is neither like 404 nor like 4xx",
		"limit=0":            "400 limit is not a number above 0",
		"limit=x":            "400 limit is not a number above 0",
		"apiId=a":            `400 there is no filter "apiId"; there are api, stage, kind, request, status and limit`,
		"status=&api=&kind=": "4 3 2 1 0",
	} {
		if got := get(t, traces, query); got != want {
			t.Errorf("?%s: got %q, want %q", query, got, want)
		}
	}
}

func TestTracesKeepTheNewest(t *testing.T) {
	stream, traces := newTraces(t, 3)
	var all []string
	for i := range 8 {
		id := fmt.Sprint(i)
		stream.Publish(&exchange.Record{RequestID: id})
		all = append([]string{id}, all...)
		want := strings.Join(all[:min(3, len(all))], " ")
		if got := get(t, traces, ""); got != want {
			t.Errorf("after %d: got %q, want %q", i, got, want)
		}
	}
	traces.Reset()
	if got := get(t, traces, ""); got != "" {
		t.Errorf("after reset: %q", got)
	}
	stream.Publish(&exchange.Record{RequestID: "8"})
	if got := get(t, traces, ""); got != "8" {
		t.Errorf("after reset and one more: %q", got)
	}
}

func TestTracesAnswer(t *testing.T) {
	_, traces := newTraces(t, 3)
	w := httptest.NewRecorder()
	traces.ServeHTTP(w, httptest.NewRequest("GET", "/_postern/traces", nil))
	want := `{"traces":[],"sinks":[{"name":"traces","consumed":0,"dropped":0,"queued":0,"queueSize":8192}]}`
	if diff := cmp.Diff(strings.Join(strings.Fields(w.Body.String()), ""), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	w = httptest.NewRecorder()
	traces.ServeHTTP(w, httptest.NewRequest("DELETE", "/_postern/traces", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("DELETE: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestNoTraces(t *testing.T) {
	stream, traces := newTraces(t, 0)
	stream.Publish(&exchange.Record{RequestID: "1"})
	if got := get(t, traces, ""); got != "" {
		t.Errorf("got %q", got)
	}
}
