package logs

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
	"github.com/postern/postern/controlplane/store"
)

// Config holds what a Service stands on.
type Config struct {
	DB  *store.DB
	Now func() time.Time
	// NewID gives n random hexadecimal digits; nil means crypto/rand.
	NewID  func(n int) string
	Logger *slog.Logger
	// Strict refuses members that would have no effect (see unenforced).
	Strict bool
	// Settle waits until what happened before the call was put; nil: all is.
	Settle func(context.Context)
	// MaxStreamBytes and MaxBytes bound the events kept of one stream and of all;
	// 0 means 16 MiB and 256 MiB.
	MaxStreamBytes, MaxBytes int
}

const (
	defaultMaxStreamBytes = 16 << 20
	defaultMaxBytes       = 256 << 20
)

// Service implements the operations and is the sink of log events. Make it with
// New and Close it before its store.
type Service struct {
	db      *store.DB
	now     func() time.Time
	newID   func(n int) string
	log     *slog.Logger
	strict  bool
	before  func(context.Context) // Config.Settle
	journal *journal
	queue   *queue
}

// New gives a Service over the records that the store holds, and starts its writer.
func New(cfg Config) *Service {
	s := &Service{db: cfg.DB, now: cfg.Now, newID: cfg.NewID, log: cfg.Logger, strict: cfg.Strict, before: cfg.Settle, queue: newQueue()}
	if s.newID == nil {
		s.newID = awsapi.RandomHex
	}
	if s.before == nil {
		s.before = func(context.Context) {}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.journal = newJournal(cmp.Or(cfg.MaxStreamBytes, defaultMaxStreamBytes), cmp.Or(cfg.MaxBytes, defaultMaxBytes))
	s.load()
	s.queue.signal() // what loading pushed out is to be removed
	go s.write()
	return s
}

// Close stores what is queued and stops the writer.
func (s *Service) Close() { s.queue.close() }

// settle waits until what happened before the call is stored.
func (s *Service) settle(ctx context.Context) error {
	s.before(ctx)
	return s.queue.settle(ctx)
}

// Reset forgets everything, what is still on its way included.
func (s *Service) Reset() {
	ctx := context.Background()
	s.before(ctx)
	s.queue.clear()
	_ = s.queue.settle(ctx) // fails with its context only
	// store.DB.Reset may have run before the writer's last transaction.
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		deleteAll(tx, groups)
		deleteAll(tx, streams)
		deleteAll(tx, batches)
		deleteAll(tx, resourcePolicies)
		deleteAll(tx, metricFilters)
		s.journal.clear()
		return nil
	})
	if err != nil {
		s.log.Error("log groups are not forgotten", "err", err)
	}
}

func deleteAll[T any](tx *store.Tx, table store.Table[T]) {
	for _, e := range table.All(tx) {
		table.Delete(tx, e.Scope, e.Key)
	}
}

// unenforced names the members that are accepted without effect, and why.
var unenforced = map[string]string{
	"CreateLogGroup.kmsKeyId":                        "events are not encrypted",
	"CreateLogGroup.logGroupClass=INFREQUENT_ACCESS": "the group behaves like one of class STANDARD",
	"CreateLogGroup.logGroupClass=DELIVERY":          "the group behaves like one of class STANDARD",
	"PutLogEvents.entity":                            "nothing reads the entities of log events",
	"PutMetricFilter.metricTransformations":          "no metrics are made of log events",
}

// Mux serves the operations over HTTP.
func (s *Service) Mux() *awsapi.Mux {
	return awsapi.NewMux(&wire.Service, s.operations(), awsapi.Options{Logger: s.log, Unenforced: unenforced, Strict: s.strict})
}

func (s *Service) operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"CreateLogGroup":                awsapi.Op(s.createLogGroup),
		"DescribeLogGroups":             awsapi.Op(s.describeLogGroups),
		"DeleteLogGroup":                awsapi.Op(s.deleteLogGroup),
		"PutLogGroupDeletionProtection": awsapi.Op(s.putLogGroupDeletionProtection),
		"PutRetentionPolicy":            awsapi.Op(s.putRetentionPolicy),
		"DeleteRetentionPolicy":         awsapi.Op(s.deleteRetentionPolicy),

		"CreateLogStream":    awsapi.Op(s.createLogStream),
		"DescribeLogStreams": awsapi.Op(s.describeLogStreams),
		"DeleteLogStream":    awsapi.Op(s.deleteLogStream),

		"PutLogEvents":     awsapi.Op(s.putLogEvents),
		"GetLogEvents":     awsapi.Op(s.getLogEvents),
		"FilterLogEvents":  awsapi.Op(s.filterLogEvents),
		"TestMetricFilter": awsapi.Op(s.testMetricFilter),

		"ListTagsForResource": awsapi.Op(s.listTagsForResource),
		"TagResource":         awsapi.Op(s.tagResource),
		"UntagResource":       awsapi.Op(s.untagResource),
		"ListTagsLogGroup":    awsapi.Op(s.listTagsLogGroup),
		"TagLogGroup":         awsapi.Op(s.tagLogGroup),
		"UntagLogGroup":       awsapi.Op(s.untagLogGroup),

		"PutMetricFilter":             awsapi.Op(s.putMetricFilter),
		"DescribeMetricFilters":       awsapi.Op(s.describeMetricFilters),
		"DeleteMetricFilter":          awsapi.Op(s.deleteMetricFilter),
		"DescribeSubscriptionFilters": awsapi.Op(s.describeSubscriptionFilters),

		"PutResourcePolicy":        awsapi.Op(s.putResourcePolicy),
		"DescribeResourcePolicies": awsapi.Op(s.describeResourcePolicies),
		"DeleteResourcePolicy":     awsapi.Op(s.deleteResourcePolicy),
	}
}

// txn is one transaction on behalf of one caller.
type txn struct {
	*store.Tx
	s     *Service
	scope store.Scope
}

func (s *Service) txn(ctx context.Context, tx *store.Tx) *txn {
	return &txn{Tx: tx, s: s, scope: awsapi.IdentityFrom(ctx).Scope()}
}

// edit runs one changing transaction whose answer is a wire shape.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Edit(ctx, s.db, s.txn, fn)
}

// read runs one reading transaction whose answer is a wire shape.
func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Read(ctx, s.db, s.txn, fn)
}

// maxDescribe is the page size of the Describe operations.
const maxDescribe = 50

func page[T any](list []T, token *string, limit *int) (cut []T, next *string, err error) {
	cut, n, ok := awsapi.Page(list, awsapi.Val(token), awsapi.Val(limit), maxDescribe, maxDescribe)
	if !ok {
		return nil, nil, badToken()
	}
	if cut == nil {
		cut = []T{}
	}
	return cut, awsapi.NonEmpty(n), nil
}

func badToken() error { return invalidParameter("The specified nextToken is invalid.") }

func invalidParameter(text string) *awsapi.Error {
	return awsapi.Errorf("InvalidParameterException", "%s", text)
}

func notFound(what string) *awsapi.Error {
	return awsapi.Errorf("ResourceNotFoundException", "The specified %s does not exist.", what)
}

func alreadyExists(what string) *awsapi.Error {
	return awsapi.Errorf("ResourceAlreadyExistsException", "The specified %s already exists", what)
}
