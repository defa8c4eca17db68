package domains

import (
	"context"
	"log/slog"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Table is the data plane's knowledge of domains. Set is called inside a store
// transaction: it must not call back.
type Table interface {
	Set(d *snapshot.Domains)
}

// APIs finds what mappings and rules lead to.
type APIs interface {
	// Kind tells of what kind an API is; ok is false when there is none.
	Kind(tx *store.Tx, scope store.Scope, apiID string) (kind snapshot.Kind, ok bool)
	HasStage(tx *store.Tx, scope store.Scope, apiID, stage string) bool
}

// Config holds what a Service stands on.
type Config struct {
	DB    *store.DB
	Table Table
	APIs  APIs
	// Certificates are ACM's; nil: the ARNs of all are taken as given.
	Certificates Certificates
	// ReadObject reads an S3 object; version "" is the newest.
	ReadObject func(ctx context.Context, scope store.Scope, bucket, key, version string) ([]byte, error)
	Now        func() time.Time
	// NewID gives n random lower-case letters and digits; nil means crypto/rand.
	NewID  func(n int) string
	Logger *slog.Logger
	// Strict refuses a setting that is kept but not enforced (see unenforced.go).
	Strict bool
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
	if cfg.Certificates == nil {
		cfg.Certificates = unknown{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg}
}

// txn is one transaction on behalf of one caller.
type txn struct {
	*store.Tx
	ctx   context.Context
	s     *Service
	scope store.Scope
}

func (s *Service) txn(ctx context.Context, tx *store.Tx) *txn {
	return &txn{tx, ctx, s, scopeOf(ctx)}
}

// edit runs one changing transaction and hands the account's domains to the table.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Edit(ctx, s.DB, s.txn, func(tx *txn) (*Out, error) {
		out, err := fn(tx)
		if err == nil {
			s.Table.Set(tx.freeze())
		}
		return out, err
	})
}

// read runs one reading transaction.
func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Read(ctx, s.DB, s.txn, fn)
}

func scopeOf(ctx context.Context) store.Scope { return awsapi.IdentityFrom(ctx).Scope() }

// find gives a domain by its name and, for a private one, its id.
func (tx *txn) find(name, id *string) (*Domain, bool) {
	return domains.Get(tx.Tx, tx.scope, keyOf(awsapi.Val(name), awsapi.Val(id)))
}

func (tx *txn) mappingsOf(d *Domain) []*Mapping {
	return mappings.List(tx.Tx, tx.scope, d.key()+"/")
}

func (tx *txn) rulesOf(d *Domain) []*Rule { return rules.List(tx.Tx, tx.scope, d.key()+"/") }

// remove deletes a domain and what belongs to it.
func (tx *txn) remove(d *Domain) {
	mappings.DeletePrefix(tx.Tx, tx.scope, d.key()+"/")
	rules.DeletePrefix(tx.Tx, tx.scope, d.key()+"/")
	for _, a := range associations.List(tx.Tx, tx.scope, "") {
		if d.ID != "" && a.DomainARN == tx.arn(d) {
			associations.Delete(tx.Tx, tx.scope, a.ARN)
		}
	}
	domains.Delete(tx.Tx, tx.scope, d.key())
}

// MappedBy names the domains that lead to an API, or with a stage to that stage of it,
// by a mapping or a rule: neither can be deleted as long as one does.
func MappedBy(tx *store.Tx, scope store.Scope, apiID, stage string) []string {
	var names []string
	leads := func(api, to string) bool { return api == apiID && (stage == "" || to == stage) }
	for _, d := range domains.List(tx, scope, "") {
		found := false
		for _, m := range mappings.List(tx, scope, d.key()+"/") {
			found = found || leads(m.APIID, m.Stage)
		}
		for _, r := range rules.List(tx, scope, d.key()+"/") {
			found = found || leads(r.APIID, r.Stage)
		}
		if found {
			names = append(names, d.Name)
		}
	}
	return names
}
