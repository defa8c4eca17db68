package iam

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
	"github.com/postern/postern/controlplane/store"
)

// Region is the region part of the scope of IAM's and STS's records.
const Region = "aws-global"

// Config holds what a Service stands on.
type Config struct {
	DB  *store.DB
	Now func() time.Time
	// NewID gives n random letters and digits; nil means crypto/rand.
	NewID  func(n int) string
	Logger *slog.Logger
	// Strict refuses members that would have no effect (see unenforced).
	Strict bool
}

// Service implements the operations. Make it with New.
type Service struct {
	db     *store.DB
	now    func() time.Time
	newID  func(n int) string
	log    *slog.Logger
	strict bool
	// adopted maps access key ids to the credentials made elsewhere.
	adopted sync.Map
}

// New gives a Service over the records that the store holds.
func New(cfg Config) *Service {
	s := &Service{db: cfg.DB, now: cfg.Now, newID: cfg.NewID, log: cfg.Logger, strict: cfg.Strict}
	if s.newID == nil {
		s.newID = randomID
	}
	return s
}

// unenforced names the members that are accepted without effect, and why.
var unenforced = map[string]string{
	"CreateRole.PermissionsBoundary":                 "it bounds what a role may do for APIs that name it; what else its sessions may do, it does not narrow",
	"PutRolePermissionsBoundary.PermissionsBoundary": "it bounds what a role may do for APIs that name it; what else its sessions may do, it does not narrow",
	"PutUserPermissionsBoundary.PermissionsBoundary": "management calls are not authorized, and signed calls of APIs are judged without boundaries of users",
	"CreateUser.PermissionsBoundary":                 "management calls are not authorized, and signed calls of APIs are judged without boundaries of users",
}

// Mux serves the operations over HTTP.
func (s *Service) Mux() *awsapi.Mux {
	return awsapi.NewMux(&wire.Service, s.operations(), awsapi.Options{Logger: s.log, Unenforced: unenforced, Strict: s.strict})
}

func randomID(n int) string { return awsapi.Random(n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") }

// uniqueID makes the id of a principal or policy: AROA…, AIDA…, ANPA….
func (s *Service) uniqueID(prefix string) string { return prefix + strings.ToUpper(s.newID(17)) }

// txn is one transaction on behalf of one caller.
type txn struct {
	*store.Tx
	s     *Service
	id    awsapi.Identity
	scope store.Scope
}

func (s *Service) txn(ctx context.Context, tx *store.Tx) *txn {
	id := awsapi.IdentityFrom(ctx)
	return &txn{Tx: tx, s: s, id: id, scope: scopeOf(id.Account)}
}

func scopeOf(account string) store.Scope { return store.Scope{Account: account, Region: Region} }

// now has the resolution that the API shows.
func (tx *txn) now() time.Time { return tx.s.now().UTC().Truncate(time.Second) }

func (tx *txn) arn(resource string) string {
	return "arn:" + awsapi.Partition(tx.id.Region) + ":iam::" + tx.id.Account + ":" + resource
}

// edit runs one changing transaction whose answer is a wire shape.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Edit(ctx, s.db, s.txn, fn)
}

// read runs one reading transaction whose answer is a wire shape.
func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Read(ctx, s.db, s.txn, fn)
}

// Paging limits of every list.
const (
	defaultMaxItems = 100
	maxMaxItems     = 1000
)

// page cuts a list to the page asked for; truncated is never nil, marker only
// when more follows.
func page[T any](list []T, marker *string, maxItems *int) (cut []T, truncated *bool, next *string, err error) {
	cut, token, ok := awsapi.Page(list, awsapi.Val(marker), awsapi.Val(maxItems), defaultMaxItems, maxMaxItems)
	if !ok {
		// unverified against AWS: the text for an unreadable marker.
		return nil, nil, nil, awsapi.Errorf("ValidationError", "Invalid Marker.")
	}
	if cut == nil {
		cut = []T{}
	}
	return cut, awsapi.Ptr(token != ""), awsapi.NonEmpty(token), nil
}

func noSuchEntity(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("NoSuchEntity", format, args...)
}

func deleteConflict(text string) *awsapi.Error {
	return awsapi.Errorf("DeleteConflict", "%s", text)
}
