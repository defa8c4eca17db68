package usage

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Meter is the data plane's judge of API keys. Set is called inside a store
// transaction: it must not call back.
type Meter interface {
	Set(u *snapshot.Usage)
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
		cfg.NewID = randomID
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg}
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

func randomID(n int) string {
	b := make([]byte, n)
	// crypto/rand.Read never fails.
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = idAlphabet[int(b[i])%len(idAlphabet)]
	}
	return string(b)
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

// edit runs one changing transaction and hands the account's new state to the meter.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	var out *Out
	err := s.DB.Update(ctx, func(tx *store.Tx) (err error) {
		t := &txn{tx, s, scopeOf(ctx)}
		if out, err = fn(t); err == nil {
			s.Meter.Set(t.snapshot())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	var out *Out
	err := s.DB.View(func(tx *store.Tx) (err error) {
		out, err = fn(&txn{tx, s, scopeOf(ctx)})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func scopeOf(ctx context.Context) store.Scope {
	id := awsapi.IdentityFrom(ctx)
	return store.Scope{Account: id.Account, Region: id.Region}
}

// Restore hands what the store holds to the meter, once at start.
func (s *Service) Restore(context.Context) error {
	return s.DB.View(func(tx *store.Tx) error {
		var used []snapshot.KeyUsage
		for _, e := range keyUsages.All(tx) {
			used = append(used, *e.Rec)
		}
		s.Meter.Load(used)
		seen := map[store.Scope]bool{}
		for _, e := range apiKeys.All(tx) {
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
		out.Keys = append(out.Keys, snapshot.APIKey{ID: k.ID, Value: k.Value, Enabled: k.Enabled})
	}
	for _, p := range usagePlans.List(tx.Tx, tx.scope, "") {
		out.Plans = append(out.Plans, tx.freeze(p))
	}
	return out
}

func (tx *txn) freeze(p *UsagePlan) snapshot.UsagePlan {
	out := snapshot.UsagePlan{ID: p.ID, Created: p.CreatedDate}
	for _, k := range planKeys.List(tx.Tx, tx.scope, p.ID+"/") {
		out.KeyIDs = append(out.KeyIDs, k.KeyID)
	}
	for _, st := range p.Stages {
		stage := snapshot.UsagePlanStage{APIID: st.APIID, Stage: st.Stage, Throttle: map[string]snapshot.Throttle{}}
		for method, t := range st.Throttle {
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

// newestFirst is the order of AWS's lists of keys.
func newestFirst[T any](list []*T) []*T {
	out := make([]*T, len(list))
	for i, v := range list {
		out[len(list)-1-i] = v
	}
	return out
}

// Paging limits of every list of API Gateway v1.
const (
	defaultLimit = 25
	maxLimit     = 500
)

func pageOf[Rec, Out any](list []Rec, position *string, limit *int, wire func(Rec) Out) ([]Out, *string, error) {
	page, next, ok := awsapi.Page(list, awsapi.Val(position), awsapi.Val(limit), defaultLimit, maxLimit)
	if !ok {
		// unverified against AWS: the text for an unreadable position.
		return nil, nil, awsapi.BadRequest("Invalid position parameter.")
	}
	out := make([]Out, 0, len(page))
	for _, r := range page {
		out = append(out, wire(r))
	}
	return out, awsapi.NonEmpty(next), nil
}

func seconds(t time.Time) *time.Time {
	t = t.Truncate(time.Second)
	return &t
}

// wireTags shows tags: those of an untagged record only where it is read alone.
func wireTags(tags map[string]string, single bool) map[string]string {
	switch {
	case len(tags) > 0:
		return tags
	case single:
		return map[string]string{}
	}
	return nil
}
