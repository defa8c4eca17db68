package apigatewayv2

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// DataPlane is what the data plane does with APIs and their stages. It is called
// inside a store transaction, one call at a time: it must not call back.
type DataPlane interface {
	// Known tells whether an API of any kind, account and region has the id.
	Known(apiID string) bool
	// Register makes an API known before it has a stage; Unregister forgets it
	// and its stages.
	Register(api snapshot.API) error
	Unregister(apiID string)
	// Publish compiles the stage and serves it from now on; on an error what was
	// served before stays.
	Publish(stage *snapshot.Stage) error
	// Withdraw stops serving a stage.
	Withdraw(apiID, stage string)
	// ResetAuthorizers forgets what Lambda authorizers said for a stage.
	ResetAuthorizers(apiID, stage string)
}

// Config holds what a Service stands on.
type Config struct {
	DB        *store.DB
	DataPlane DataPlane
	Now       func() time.Time
	// NewID gives n random lower-case letters and digits; nil means crypto/rand.
	NewID func(n int) string
	// Endpoint gives an API's address as its users reach it, without a stage;
	// nil means AWS's own.
	Endpoint func(ctx context.Context, apiID string) string
	Logger   *slog.Logger
	// Taggables are sibling services whose resources have tags.
	Taggables []Taggable
	// Mapped names the custom domain names that lead to an API, or with a stage to
	// that stage of it; nil: none ever does.
	Mapped func(tx *store.Tx, scope store.Scope, apiID, stage string) []string
	// CheckMapping tells whether the data plane can read a value of a parameter mapping:
	// of a request, or of a response. nil: any value is taken.
	CheckMapping func(value string, response bool) error
	// CheckIssuer tells whether the discovery document of a token issuer can be read, as
	// AWS does when an authorizer is made. nil: issuers are not asked before a token is.
	CheckIssuer func(ctx context.Context, issuer string) error
	// Strict refuses a setting that is kept but not enforced (see unenforced.go).
	Strict bool
}

// Service implements the operations. Make it with New.
type Service struct {
	cfg     Config
	log     *slog.Logger
	version atomic.Uint64 // of the last snapshot that was published
}

// New gives a Service over the records that the store holds.
func New(cfg Config) *Service {
	if cfg.NewID == nil {
		cfg.NewID = awsapi.RandomID
	}
	if cfg.Endpoint == nil {
		cfg.Endpoint = awsEndpoint
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg: cfg, log: cfg.Logger}
}

// Mux serves the operations over HTTP; extra are the operations of sibling packages
// that share the service.
func (s *Service) Mux(extra ...map[string]awsapi.Handler) *awsapi.Mux {
	handlers := s.operations()
	for _, more := range extra {
		for name, h := range more {
			handlers[name] = h
		}
	}
	return awsapi.NewMux(&wire.Service, handlers, awsapi.Options{
		// The operations have texts of their own for most constraints; see model.
		Unchecked: true,
		ISOTimes:  true,
		Unknown:   unknownPath,
		Logger:    s.log,
	})
}

// AWS: a management path that is no operation is answered like an API's unknown
// resource, because the management API is served by API Gateway itself.
func unknownPath(*http.Request) *awsapi.Error {
	return &awsapi.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusForbidden}
}

func awsEndpoint(ctx context.Context, apiID string) string {
	return "https://" + apiID + ".execute-api." + awsapi.IdentityFrom(ctx).Region + ".amazonaws.com"
}

// txn is one transaction on behalf of one caller.
type txn struct {
	*store.Tx
	ctx   context.Context
	s     *Service
	scope store.Scope
}

func (s *Service) txn(ctx context.Context, tx *store.Tx) *txn {
	return &txn{Tx: tx, ctx: ctx, s: s, scope: awsapi.IdentityFrom(ctx).Scope()}
}

// edit runs one changing transaction.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Edit(ctx, s.cfg.DB, s.txn, fn)
}

// read runs one reading transaction.
func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Read(ctx, s.cfg.DB, s.txn, fn)
}

// now is a timestamp as AWS shows them, in whole seconds.
func (tx *txn) now() time.Time { return tx.s.cfg.Now().UTC().Truncate(time.Second) }

func (tx *txn) newID(n int) string { return tx.s.cfg.NewID(n) }

// model checks the constraints of the service model: lengths, ranges, enums. It
// comes after an operation's own checks, whose texts are recorded.
//
// unverified against AWS: the text of a broken constraint.
func model(operation string, in awsapi.Shaped) error {
	if e := wire.Service.Check(operation, in); e != nil {
		return awsapi.BadRequest("%s", e.Message)
	}
	return nil
}

// notBuilt refuses a kind of resource that is part of an operation but not built.
func notBuilt(what string) error {
	return &awsapi.Error{
		Code:    "NotImplementedException",
		Message: "Postern does not implement " + what + "; GET /_postern/coverage lists what it does",
		Status:  http.StatusNotImplemented,
	}
}
