package usage

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Meter is the data plane's judge of API keys. Set, Subscribe and Unsubscribe are
// called inside a store transaction: they must not call back.
type Meter interface {
	// Set replaces all keys and plans of an account in a region.
	Set(u *snapshot.Usage)
	// Subscribe puts one key into a plan, or takes in that it was enabled or
	// disabled; Unsubscribe takes it out. They spare the whole anew for each of many
	// keys.
	Subscribe(plan *snapshot.UsagePlan, key snapshot.APIKey)
	Unsubscribe(plan *snapshot.UsagePlan, value string)
	// Days gives requests made and quota left, day by day.
	Days(plan *snapshot.UsagePlan, keyID string, first, last time.Time) [][2]int64
	// SetRemaining changes what is left in the present period.
	SetRemaining(plan *snapshot.UsagePlan, keyID string, n int64)
	// Usage gives what a key has used under a plan; Changed what was used since it
	// was asked before; Load takes up what was kept of it.
	Usage(plan, key string) snapshot.KeyUsage
	Changed() []snapshot.KeyUsage
	Load(list []snapshot.KeyUsage)
}

// Config holds what a Service stands on.
type Config struct {
	DB    *store.DB
	Meter Meter
	// StageExists tells whether a REST API has a stage.
	StageExists func(tx *store.Tx, scope store.Scope, apiID, stage string) bool
	Now         func() time.Time
	// NewID gives n random letters and digits; nil means crypto/rand.
	NewID  func(n int) string
	Logger *slog.Logger
}

// Service implements the operations. Make it with New.
type Service struct {
	Config
}

// New gives a Service over the records that the store holds.
func New(cfg Config) *Service {
	if cfg.NewID == nil {
		cfg.NewID = awsapi.RandomID
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg}
}

// Operations are the handlers of this package, for the mux of API Gateway v1.
func (s *Service) Operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"CreateApiKey":  awsapi.Op(s.createApiKey),
		"GetApiKey":     awsapi.Op(s.getApiKey),
		"GetApiKeys":    awsapi.Op(s.getApiKeys),
		"UpdateApiKey":  awsapi.Op(s.updateApiKey),
		"DeleteApiKey":  awsapi.Op(s.deleteApiKey),
		"ImportApiKeys": awsapi.Op(s.importApiKeys),

		"CreateUsagePlan": awsapi.Op(s.createUsagePlan),
		"GetUsagePlan":    awsapi.Op(s.getUsagePlan),
		"GetUsagePlans":   awsapi.Op(s.getUsagePlans),
		"UpdateUsagePlan": awsapi.Op(s.updateUsagePlan),
		"DeleteUsagePlan": awsapi.Op(s.deleteUsagePlan),

		"CreateUsagePlanKey": awsapi.Op(s.createUsagePlanKey),
		"GetUsagePlanKey":    awsapi.Op(s.getUsagePlanKey),
		"GetUsagePlanKeys":   awsapi.Op(s.getUsagePlanKeys),
		"DeleteUsagePlanKey": awsapi.Op(s.deleteUsagePlanKey),

		"GetUsage":    awsapi.Op(s.getUsage),
		"UpdateUsage": awsapi.Op(s.updateUsage),
	}
}

// txn is one transaction on behalf of one caller.
type txn struct {
	*store.Tx
	s     *Service
	scope store.Scope
}

func (s *Service) txn(ctx context.Context, tx *store.Tx) *txn {
	return &txn{tx, s, scopeOf(ctx)}
}

// edit runs one changing transaction.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Edit(ctx, s.DB, s.txn, fn)
}

// editPlans is edit for a change of plans, after which the meter has the account's
// whole new state.
func editPlans[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return edit(ctx, s, func(tx *txn) (*Out, error) {
		out, err := fn(tx)
		if err == nil {
			s.Meter.Set(tx.snapshot())
		}
		return out, err
	})
}

// read runs one reading transaction.
func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Read(ctx, s.DB, s.txn, fn)
}

func scopeOf(ctx context.Context) store.Scope { return awsapi.IdentityFrom(ctx).Scope() }

// Restore hands what the store holds to the meter, once at start.
func (s *Service) Restore(context.Context) error {
	return s.DB.View(func(tx *store.Tx) error {
		var used []snapshot.KeyUsage
		for _, e := range keyUsages.All(tx) {
			used = append(used, *e.Rec)
		}
		s.Meter.Load(used)
		seen := map[store.Scope]bool{}
		// A key opens nothing without a plan.
		for _, e := range usagePlans.All(tx) {
			if !seen[e.Scope] {
				seen[e.Scope] = true
				s.Meter.Set((&txn{tx, s, e.Scope}).snapshot())
			}
		}
		return nil
	})
}

func (tx *txn) snapshot() *snapshot.Usage {
	out := &snapshot.Usage{AccountID: tx.scope.Account, Region: tx.scope.Region}
	for _, k := range apiKeys.List(tx.Tx, tx.scope, "") {
		out.Keys = append(out.Keys, k.freeze())
	}
	for _, p := range usagePlans.List(tx.Tx, tx.scope, "") {
		out.Plans = append(out.Plans, tx.freeze(p))
	}
	return out
}

// freeze gives a plan with its keys.
func (tx *txn) freeze(p *UsagePlan) snapshot.UsagePlan {
	out := p.freeze()
	for _, k := range planKeys.List(tx.Tx, tx.scope, p.ID+"/") {
		out.KeyIDs = append(out.KeyIDs, k.KeyID)
	}
	return *out
}

// freeze gives the plan without its keys, which may be many.
func (p *UsagePlan) freeze() *snapshot.UsagePlan {
	out := &snapshot.UsagePlan{ID: p.ID, Created: p.CreatedDate}
	for _, st := range p.Stages {
		stage := snapshot.UsagePlanStage{APIID: st.APIID, Stage: st.Stage, Throttle: map[string]snapshot.Throttle{}}
		for method, t := range st.Throttle {
			if !strings.HasPrefix(method, "/") {
				method = "/" + method // as some write it
			}
			stage.Throttle[method] = snapshot.Throttle{Rate: t.Rate, Burst: t.Burst}
		}
		out.Stages = append(out.Stages, stage)
	}
	if p.Throttle != nil {
		out.Throttle = &snapshot.Throttle{Rate: p.Throttle.Rate, Burst: p.Throttle.Burst}
	}
	if p.Quota != nil {
		out.Quota = &snapshot.Quota{Limit: p.Quota.Limit, Offset: p.Quota.Offset, Period: p.Quota.Period}
	}
	return out
}

func (k *APIKey) freeze() snapshot.APIKey {
	return snapshot.APIKey{ID: k.ID, Value: k.Value, Enabled: k.Enabled}
}

// newestFirst is the order of AWS's lists of keys.
func newestFirst[T any](list []*T) []*T {
	out := make([]*T, len(list))
	for i, v := range list {
		out[len(list)-1-i] = v
	}
	return out
}

func seconds(t time.Time) *time.Time {
	t = t.Truncate(time.Second)
	return &t
}
