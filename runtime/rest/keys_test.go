package rest_test

import (
	"testing"
	"time"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/usage"
)

func TestAPIKey(t *testing.T) {
	a := newAPI(t)
	now := func() time.Time { return start }
	meter := usage.NewMeter(now)
	meter.Set(&snapshot.Usage{Keys: []snapshot.APIKey{{ID: "k", Value: "secret", Enabled: true}}, Plans: []snapshot.UsagePlan{{
		ID: "p", KeyIDs: []string{"k"}, Stages: []snapshot.UsagePlanStage{{APIID: identity.ID, Stage: "stage"}}, Quota: &snapshot.Quota{Limit: 2, Period: "DAY"},
	}}})
	a.gateway = runtime.New(runtime.Config{Now: now, Types: map[snapshot.Kind]runtime.APIType{snapshot.KindREST: rest.New(rest.Deps{Now: now, Usage: meter})}})
	m := mockMethod("GET", "$context.identity.apiKeyId")
	m.APIKeyRequired = true
	a.publish(deployment(resource("/", m), resource("/open", mockMethod("GET", "open"))))
	const forbidden = `{"message":"Forbidden"}`
	a.send("GET", "/stage", "").is(t, 403, forbidden, "ForbiddenException")
	a.send("GET", "/stage", "", "x-api-key: wrong").is(t, 403, forbidden, "ForbiddenException")
	a.send("GET", "/stage", "", "x-api-key: secret").is(t, 200, "k", "")
	a.send("GET", "/stage", "", "X-API-KEY: secret").is(t, 200, "k", "")
	a.send("GET", "/stage", "", "x-api-key: secret").is(t, 429, `{"message":"Limit Exceeded"}`, "LimitExceededException")
	a.send("GET", "/stage/open", "", "x-api-key: secret").is(t, 200, "open", "")
}

func TestStageThrottle(t *testing.T) {
	a := newAPI(t)
	d := deployment(resource("/", mockMethod("GET", "root")), resource("/a", mockMethod("GET", "a")), resource("/b", mockMethod("GET", "b")))
	settings := func(s *snapshot.Stage) {
		s.REST.MethodSettings = map[string]snapshot.RESTMethodSettings{
			"*/*": {ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2}, "a/GET": {ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1}, "b/GET": {ThrottlingRateLimit: -1, ThrottlingBurstLimit: -1},
		}
	}
	a.publish(d, settings)
	const slow = `{"message":"Too Many Requests"}`
	a.send("GET", "/stage/a", "").is(t, 200, "a", "")
	a.send("GET", "/stage/a", "").is(t, 429, slow, "TooManyRequestsException")
	a.send("GET", "/stage", "").is(t, 200, "root", "")
	a.send("GET", "/stage", "").is(t, 200, "root", "")
	a.send("GET", "/stage", "").is(t, 429, slow, "TooManyRequestsException")
	a.send("GET", "/stage/b", "").is(t, 200, "b", "")
	a.publish(d, settings) // a new version finds the same buckets
	a.send("GET", "/stage", "").is(t, 429, slow, "TooManyRequestsException")
}
