package snapshot

import "time"

// Usage is what one account and region has in API keys and usage plans. It applies
// without deploying: each change hands over the whole anew.
type Usage struct {
	AccountID string
	Region    string
	Keys      []APIKey
	Plans     []UsagePlan
}

// KeyUsage is what a key has used under a plan: what outlives a restart.
type KeyUsage struct {
	PlanID string
	KeyID  string
	// Days counts requests by day, YYYY-MM-DD.
	Days map[string]int64
	// Granted is what UpdateUsage added to the quota, by a period's first day.
	Granted map[string]int64
}

// APIKey is one key that may be used.
type APIKey struct {
	ID      string
	Value   string
	Enabled bool
}

// UsagePlan lets keys call stages, within limits.
type UsagePlan struct {
	ID       string
	KeyIDs   []string
	Stages   []UsagePlanStage
	Throttle *Throttle // nil: none
	Quota    *Quota    // nil: none
	Created  time.Time
}

// UsagePlanStage is a stage of a plan. Throttle is by "{resource path}/{VERB}".
type UsagePlanStage struct {
	APIID    string
	Stage    string
	Throttle map[string]Throttle
}

// Quota is how many requests a key may make in a period.
type Quota struct {
	Limit  int
	Offset int    // taken off the limit in the plan's first period
	Period string // DAY, WEEK, MONTH
}
