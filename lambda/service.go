package lambda

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda/executor"
)

// Config joins a Service with its surroundings. DB, Pool, Now and Logger are required.
type Config struct {
	DB     *store.DB
	Pool   *executor.Pool
	Now    func() time.Time
	Logger *slog.Logger

	NewID  func() string  // a UUID; a random one if nil
	Random func() float64 // in [0,1), for weighted aliases; a random one if nil

	// Credentials gives what a function's SDK calls are signed with; RoleCredentials if nil.
	Credentials func(account, roleARN, function string) executor.Credentials

	// FetchObject reads code from S3. The error is an *ObjectError for what S3 said, or ErrObjectTooLarge. nil: no
	// bucket exists.
	FetchObject func(ctx context.Context, o Object) ([]byte, error)

	// Deliver sends the outcome of an asynchronous invocation to a destination or dead-letter queue that is no Lambda
	// function. nil: such outcomes are only logged.
	Deliver func(ctx context.Context, d Delivery) error

	// RetryDelay is the wait before the second attempt of an asynchronous invocation, and half of the one
	// before the third; AWS's minute if zero.
	RetryDelay time.Duration

	// Ahead is how many environments are started as soon as a version is ready, so that its first invocations are warm.
	// AWS promises none.
	Ahead int

	// OnInvocation is told of each finished invocation. It returns quickly.
	OnInvocation func(Invocation)
}

// Service is AWS Lambda in every account and region.
type Service struct {
	config Config
	db     *store.DB
	pool   *executor.Pool
	log    *slog.Logger

	// codeUse is read-locked from storing a blob until a record names it, and locked while unnamed blobs are removed.
	codeUse  sync.RWMutex
	archives archiveCache

	mu      sync.Mutex
	live    map[versionKey]*deployment
	changed chan struct{} // closed and replaced when a preparation has ended
	events  int           // asynchronous invocations that wait or run
	forget  chan struct{} // closed and replaced by Reset: waiting events end
	closed  bool

	reserved map[functionKey]bool // functions whose reserved concurrency the pool knows

	background context.Context // ends at Close: for what outlives the request that began it
	stop       context.CancelFunc
	work       sync.WaitGroup
}

// New returns the service over the records in config.DB. Call Restore when they came from a data directory.
func New(config Config) *Service {
	config.RetryDelay = cmp.Or(config.RetryDelay, time.Minute)
	if config.NewID == nil {
		config.NewID = newUUID
	}
	if config.Random == nil {
		config.Random = mathrand.Float64
	}
	if config.Credentials == nil {
		config.Credentials = RoleCredentials
	}
	if config.OnInvocation == nil {
		config.OnInvocation = func(Invocation) {}
	}
	s := &Service{
		config: config, db: config.DB, pool: config.Pool, log: config.Logger.With("component", "lambda"),
		live: map[versionKey]*deployment{}, changed: make(chan struct{}), forget: make(chan struct{}),
		reserved: map[functionKey]bool{},
	}
	s.background, s.stop = context.WithCancel(context.Background())
	return s
}

// Restore takes up the records as they are in the store: reserved concurrency holds again, and preparations that
// the last process did not finish are begun anew. Everything else is prepared by its first invocation.
func (s *Service) Restore(ctx context.Context) error {
	type unfinished struct {
		key versionKey
		rec *Version
	}
	var begin []unfinished
	var limited []functionKey
	err := s.db.View(func(tx *store.Tx) error {
		for _, e := range functions.All(tx) {
			if e.Rec.Reserved != nil {
				limited = append(limited, functionKey{e.Scope, e.Rec.Name})
			}
			if e.Rec.Latest.settling() {
				begin = append(begin, unfinished{versionKey{e.Scope, e.Rec.Name, Latest}, &e.Rec.Latest})
			}
		}
		for _, e := range versions.All(tx) {
			if e.Rec.settling() {
				name, number := splitKey(e.Key)
				begin = append(begin, unfinished{versionKey{e.Scope, name, number}, e.Rec})
			}
		}
		return ctx.Err()
	})
	for _, key := range limited {
		s.limit(key)
	}
	for _, u := range begin {
		s.deploy(u.key, u.rec)
	}
	return errors.Join(err, s.sweep())
}

// Reset forgets what runs and what waits: the records are gone already.
func (s *Service) Reset() {
	s.mu.Lock()
	gone, reserved := s.live, slices.Collect(maps.Keys(s.reserved))
	s.live = map[versionKey]*deployment{}
	close(s.forget)
	s.forget = make(chan struct{})
	s.mu.Unlock()
	for _, d := range gone {
		d.retire()
	}
	for _, key := range reserved {
		s.limit(key)
	}
	if err := s.sweep(); err != nil {
		s.log.Error("reset", "err", err)
	}
}

// functionKey names a function.
type functionKey struct {
	scope store.Scope
	name  string
}

// limit tells the pool of a function's reserved concurrency, as its record has it at this moment.
func (s *Service) limit(key functionKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.db.View(func(tx *store.Tx) error {
		if f, ok := functions.Get(tx, key.scope, key.name); ok && f.Reserved != nil {
			s.reserved[key] = true
			s.pool.Limits().Reserve(key.scope.Account, key.scope.Region, key.name, *f.Reserved)
		} else {
			delete(s.reserved, key)
			s.pool.Limits().Unreserve(key.scope.Account, key.scope.Region, key.name)
		}
		return nil
	})
}

// Close stops preparations and the retries of asynchronous invocations, waits for those that run until ctx ends, and
// closes the pool.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	done := make(chan struct{})
	go func() {
		s.work.Wait()
		close(done)
	}()
	var late error
	select {
	case <-done:
	case <-ctx.Done():
		late = fmt.Errorf("lambda: invocations still running: %w", ctx.Err())
	}
	return errors.Join(late, s.pool.Close(ctx))
}

// goes runs f in the background, unless the service is closed.
func (s *Service) goes(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Go(f)
	return true
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte
	at := 0
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], part)
	}
	return string(text[:])
}
