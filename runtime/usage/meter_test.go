package usage

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/snapshot"
)

func kind(err error) gwerr.Type {
	var e *gwerr.Error
	if errors.As(err, &e) {
		return e.Type
	}
	return ""
}

func TestKeys(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC) // a Wednesday
	m := NewMeter(func() time.Time { return now })
	plan := snapshot.UsagePlan{ID: "p", KeyIDs: []string{"k1", "k2"}, Stages: []snapshot.UsagePlanStage{{APIID: "a", Stage: "s"}}, Quota: &snapshot.Quota{Limit: 2, Period: "WEEK"}}
	state := &snapshot.Usage{AccountID: "1", Region: "r", Plans: []snapshot.UsagePlan{plan}, Keys: []snapshot.APIKey{
		{ID: "k1", Value: "one", Enabled: true}, {ID: "k2", Value: "two"}, {ID: "k3", Value: "three", Enabled: true},
	}}
	m.Set(state)
	for _, tc := range []struct {
		value, api, stage string
		want              gwerr.Type
	}{
		{"", "a", "s", gwerr.InvalidAPIKey}, {"two", "a", "s", gwerr.InvalidAPIKey}, {"three", "a", "s", gwerr.InvalidAPIKey},
		{"one", "a", "other", gwerr.InvalidAPIKey}, {"one", "b", "s", gwerr.InvalidAPIKey}, {"one", "a", "s", ""}, {"one", "a", "s", ""}, {"one", "a", "s", gwerr.QuotaExceeded},
	} {
		if _, err := m.Use(tc.value, tc.api, tc.stage, "/GET"); kind(err) != tc.want {
			t.Errorf("%+v: got %v", tc, err)
		}
	}
	m.Set(state) // an edit keeps the counts
	if _, err := m.Use("one", "a", "s", "/GET"); kind(err) != gwerr.QuotaExceeded {
		t.Errorf("after an edit: %v", err)
	}
	m.SetRemaining(&plan, "k1", 1)
	if _, err := m.Use("one", "a", "s", "/GET"); err != nil {
		t.Errorf("after a grant: %v", err)
	}
	got := m.Days(&plan, "k1", now.AddDate(0, 0, -1), now)
	if diff := cmp.Diff([][2]int64{{0, 3}, {3, 0}}, got); diff != "" {
		t.Error(diff)
	}
	now = now.AddDate(0, 0, 4) // Sunday: a new week
	if _, err := m.Use("one", "a", "s", "/GET"); err != nil {
		t.Errorf("in the next week: %v", err)
	}
}

// Single keys come and go without the whole being set anew.
func TestSubscribe(t *testing.T) {
	m := NewMeter(time.Now)
	mine := snapshot.UsagePlan{ID: "p", Stages: []snapshot.UsagePlanStage{{APIID: "a", Stage: "s"}}}
	m.Set(&snapshot.Usage{AccountID: "1", Region: "r", Plans: []snapshot.UsagePlan{mine}})
	key := snapshot.APIKey{ID: "k", Value: "v", Enabled: true}
	check := func(when string, want bool) {
		t.Helper()
		if got := m.KeyID("v", "a", "s") == "k"; got != want {
			t.Errorf("%s: usable %t", when, got)
		}
	}
	m.Subscribe(&mine, key)
	check("subscribed", true)
	m.Unsubscribe(&snapshot.UsagePlan{ID: "other", Stages: mine.Stages}, "v")
	check("another plan lost it", true)
	m.Set(&snapshot.Usage{AccountID: "2", Region: "r"})
	check("another account changed", true)
	key.Enabled = false
	m.Subscribe(&mine, key)
	check("disabled", false)
	key.Enabled = true
	m.Subscribe(&mine, key)
	check("enabled", true)
	m.Unsubscribe(&mine, "v")
	check("unsubscribed", false)
}

func TestThrottle(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	m := NewMeter(func() time.Time { return now })
	m.Set(&snapshot.Usage{Keys: []snapshot.APIKey{{ID: "k", Value: "v", Enabled: true}}, Plans: []snapshot.UsagePlan{{
		ID: "p", KeyIDs: []string{"k"}, Throttle: &snapshot.Throttle{Rate: 10, Burst: 2},
		Stages: []snapshot.UsagePlanStage{{APIID: "a", Stage: "s", Throttle: map[string]snapshot.Throttle{"/x/GET": {Rate: 1, Burst: 1}}}},
	}}})
	for i, want := range []gwerr.Type{"", gwerr.Throttled} {
		if _, err := m.Use("v", "a", "s", "/x/GET"); kind(err) != want {
			t.Errorf("method, request %d: %v", i, err)
		}
	}
	for i, want := range []gwerr.Type{"", gwerr.Throttled} {
		if _, err := m.Use("v", "a", "s", "/y/GET"); kind(err) != want {
			t.Errorf("plan, request %d: %v", i, err)
		}
	}
	now = now.Add(time.Second)
	if _, err := m.Use("v", "a", "s", "/y/GET"); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

// What one meter counted is the start of another.
func TestKeepCounts(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }
	plan := snapshot.UsagePlan{ID: "p", KeyIDs: []string{"k"}, Quota: &snapshot.Quota{Limit: 2, Period: "DAY"}, Stages: []snapshot.UsagePlanStage{{APIID: "a", Stage: "s"}}}
	have := &snapshot.Usage{Keys: []snapshot.APIKey{{ID: "k", Value: "v", Enabled: true}}, Plans: []snapshot.UsagePlan{plan}}
	before := NewMeter(now)
	before.Set(have)
	for range 2 {
		if _, err := before.Use("v", "a", "s", "/GET"); err != nil {
			t.Fatal(err)
		}
	}
	before.SetRemaining(&plan, "k", 1)
	kept := before.Changed()
	if diff := cmp.Diff([]snapshot.KeyUsage{before.Usage("p", "k")}, kept); diff != "" {
		t.Error(diff)
	}
	if again := before.Changed(); again != nil {
		t.Errorf("nothing has changed since, got %+v", again)
	}
	after := NewMeter(now)
	after.Load(kept)
	after.Set(have)
	if diff := cmp.Diff([][2]int64{{2, 1}}, after.Days(&plan, "k", now(), now())); diff != "" {
		t.Error(diff)
	}
	if _, err := after.Use("v", "a", "s", "/GET"); err != nil {
		t.Errorf("the request that was granted: %v", err)
	}
	if _, err := after.Use("v", "a", "s", "/GET"); err == nil {
		t.Error("the quota is used up and let one through")
	}
}
