package apigateway

import (
	"context"
	"log/slog"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// DataPlane is what the data plane does with APIs and their stages. It is called
// inside a store transaction, one call at a time: it must not call back.
type DataPlane interface {
	// Register makes an API known before it has a stage; Unregister forgets it
	// and its stages.
	Register(api snapshot.API) error
	Unregister(apiID string)
	// Known tells whether an API of any kind, account and region has the id.
	Known(apiID string) bool
	// Publish compiles the stage and serves it from now on; on an error what was
	// served before stays.
	Publish(stage *snapshot.Stage) error
	// Withdraw stops serving a stage.
	Withdraw(apiID, stage string)
}

// Config holds what a Service stands on.
type Config struct {
	DB        *store.DB
	DataPlane DataPlane
	Now       func() time.Time
	// NewID gives n random lower-case letters and digits; nil means crypto/rand.
	NewID  func(n int) string
	Logger *slog.Logger
	// FlushAuthorizers forgets what a stage's authorizers returned; nil: nothing is
	// kept.
	FlushAuthorizers func(apiID, stage string)
	// FlushCache forgets what a stage has cached; nil: nothing is.
	FlushCache func(apiID, stage string)
	// TestInvoke runs one method of a stage that is not served.
	TestInvoke func(ctx context.Context, stage *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTTestResult, error)
	// TestAuthorize asks the only authorizer of a stage that is not served.
	TestAuthorize func(ctx context.Context, stage *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTAuthorizerResult, error)
	// Taggables are sibling services whose resources have tags.
	Taggables []Taggable
	// Mapped names the custom domain names that lead to an API, or with a stage to
	// that stage of it; nil: none ever does.
	Mapped func(tx *store.Tx, scope store.Scope, apiID, stage string) []string
	// StageDeleted lets sibling services forget a stage; nil: none knows any.
	StageDeleted func(tx *store.Tx, scope store.Scope, apiID, stage string)
	// Firehose tells that access log lines for Firehose streams reach somebody.
	Firehose bool
	// CheckModels tells whether the model of a name, among all of an API's, can be
	// used to check requests; nil: any can.
	CheckModels func(apiID string, schemas map[string]string, name string) error
	// CheckPattern tells whether responses can be selected by a pattern; nil: by any.
	CheckPattern func(expression string) error
	// AccountRate and AccountBurst are shown as the account's own throttle.
	AccountRate  float64
	AccountBurst int
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
	if cfg.StageDeleted == nil {
		cfg.StageDeleted = func(*store.Tx, store.Scope, string, string) {}
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
	id    awsapi.Identity
	scope store.Scope
}

func (s *Service) txn(ctx context.Context, tx *store.Tx) *txn {
	id := awsapi.IdentityFrom(ctx)
	return &txn{Tx: tx, ctx: ctx, s: s, id: id, scope: id.Scope()}
}

func (s *Service) view(ctx context.Context, fn func(tx *txn) error) error {
	return s.DB.View(func(tx *store.Tx) error { return fn(s.txn(ctx, tx)) })
}

// edit runs one changing transaction whose answer is a wire shape.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Edit(ctx, s.DB, s.txn, fn)
}

// read runs one reading transaction whose answer is a wire shape.
func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Read(ctx, s.DB, s.txn, fn)
}

// Mux serves the operations over HTTP; extra are the operations of sibling
// packages that share the service (controlplane/usage, controlplane/domains).
func (s *Service) Mux(extra ...map[string]awsapi.Handler) *awsapi.Mux {
	handlers := s.operations()
	if s.TestInvoke != nil {
		handlers["TestInvokeMethod"] = awsapi.Op(s.testInvokeMethod)
	}
	if s.TestAuthorize != nil {
		handlers["TestInvokeAuthorizer"] = awsapi.Op(s.testInvokeAuthorizer)
	}
	for _, more := range extra {
		for name, h := range more {
			handlers[name] = h
		}
	}
	return awsapi.NewMux(&wire.Service, handlers, Options(s.Logger))
}
