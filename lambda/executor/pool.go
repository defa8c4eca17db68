package executor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Errors of Invoke that are no TooManyRequests.
var (
	// ErrRetired says that the Function was retired: look the function up again.
	ErrRetired = errors.New("function version was replaced or deleted")
	// ErrClosed says that the pool is closed.
	ErrClosed = errors.New("lambda executor is shutting down")
)

// Config configures a Pool. Executor, Sink, Now and Logger are required.
type Config struct {
	Executor Executor
	Sink     LogSink
	Now      func() time.Time
	Logger   *slog.Logger

	// NewID returns n lower-case hexadecimal digits; random ones if nil.
	NewID func(n int) string
	// IdleTTL is how long an environment may wait for its next event; 10 minutes if zero, never reused if negative.
	IdleTTL time.Duration
	// InitTimeout ends an init, which is then repeated as part of the invocation; AWS's 10 s if zero.
	InitTimeout time.Duration
	// MaxEnvironments is how many environments there may be at once; 100 if zero. Invocations beyond wait: this
	// protects the machine and is no limit of AWS's, which are Limits.
	MaxEnvironments int
}

// finishingGrace is how long an invocation waits for an environment that has answered and is about to ask for its next event,
// rather than start another: a client that calls again as soon as it has its answer is quicker than the runtime.
const finishingGrace = 5 * time.Millisecond

// Pool runs functions in environments of one executor. The mutex guards the pool, its functions, their
// environments and calls; it is never held while anything waits or writes.
type Pool struct {
	config   Config
	executor Executor
	limits   *Limits
	log      *slog.Logger

	mu        sync.Mutex
	closed    bool
	functions map[*Function]struct{} // those with environments or waiting calls, or not retired
	count     int                    // environments that exist, ending ones included
	blocked   []*Function            // that want an environment which MaxEnvironments forbids, oldest first
	sweeper   *time.Timer            // ends idle environments; nil while there is nothing to end
	cleaning  sync.WaitGroup         // of files of retired functions
	empty     chan struct{}          // closed when the last environment of a closed pool is gone
}

// NewPool returns a pool without environments.
func NewPool(config Config) *Pool {
	if config.NewID == nil {
		config.NewID = randomHex
	}
	if config.IdleTTL == 0 {
		config.IdleTTL = 10 * time.Minute
	}
	if config.InitTimeout == 0 {
		config.InitTimeout = 10 * time.Second
	}
	if config.MaxEnvironments == 0 {
		config.MaxEnvironments = 100
	}
	return &Pool{
		config: config, executor: config.Executor, limits: newLimits(), functions: map[*Function]struct{}{},
		log: config.Logger.With("component", "executor", "executor", config.Executor.Name()), empty: make(chan struct{}),
	}
}

// Limits counts the pool's concurrent invocations.
func (p *Pool) Limits() *Limits { return p.limits }

// Environments gives the number of environments that exist.
func (p *Pool) Environments() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// Prepare makes a function version ready to run. The error says why it cannot run, in words for its StateReason.
func (p *Pool) Prepare(ctx context.Context, spec *Spec) (*Function, error) {
	prepared, err := p.executor.Prepare(ctx, spec)
	if err != nil {
		return nil, err
	}
	f := &Function{pool: p, spec: spec, prepared: prepared, lines: platformLogOf(spec)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.functions[f] = struct{}{}
	return f, nil
}

// Close refuses new invocations, lets running ones finish until ctx ends, then ends every environment and removes what
// the executor created.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	if first && p.count == 0 {
		close(p.empty)
	}
	for f := range p.functions {
		f.refuseWaiting(ErrClosed)
		f.endIdle()
	}
	p.mu.Unlock()

	select {
	case <-p.empty:
	case <-ctx.Done():
		p.killAll()
	}
	// Every environment is ending: the executor waits for that and removes what is left.
	err := p.executor.Close(context.WithoutCancel(ctx))
	<-p.empty
	p.cleaning.Wait()
	return err
}

func (p *Pool) killAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for f := range p.functions {
		for e := range f.environments {
			e.kill()
		}
	}
}

// reuses reports whether an environment may have a second call.
func (p *Pool) reuses() bool { return p.config.IdleTTL >= 0 }

// makeRoom reports whether one more environment may start, ending the one that has been idle longest if that helps.
// p.mu is held.
func (p *Pool) makeRoom() bool {
	if p.count < p.config.MaxEnvironments {
		return true
	}
	var oldest *environment
	for f := range p.functions {
		if len(f.idle) > 0 && (oldest == nil || f.idle[0].idleSince.Before(oldest.idleSince)) {
			oldest = f.idle[0]
		}
	}
	// The room is there when it has ended: gone then looks at who is blocked.
	if oldest != nil {
		oldest.end()
	}
	return false
}

// gone forgets an environment that has ended and left nothing behind.
func (p *Pool) gone(e *environment) {
	p.mu.Lock()
	p.count--
	delete(e.function.environments, e)
	e.function.forgetIfDone()
	blocked := p.blocked
	p.blocked = nil
	for _, f := range blocked {
		f.isBlocked = false
		f.grow(false)
	}
	if p.closed && p.count == 0 {
		close(p.empty)
	}
	p.mu.Unlock()
}

// sweepLater makes sure that an environment that just became idle ends in time. p.mu is held.
func (p *Pool) sweepLater() {
	if p.sweeper == nil {
		p.sweeper = time.AfterFunc(p.config.IdleTTL, p.sweep)
	}
}

// sweep ends the environments that have been idle for too long.
func (p *Pool) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweeper = nil
	now := p.config.Now()
	next := time.Duration(-1)
	for f := range p.functions {
		for len(f.idle) > 0 {
			left := p.config.IdleTTL - now.Sub(f.idle[0].idleSince)
			if left > 0 {
				if next < 0 || left < next {
					next = left
				}
				break
			}
			f.idle[0].end()
		}
	}
	if next > 0 {
		p.sweeper = time.AfterFunc(next, p.sweep)
	}
}

func randomHex(n int) string {
	raw := make([]byte, (n+1)/2)
	rand.Read(raw) // never fails
	return hex.EncodeToString(raw)[:n]
}

// uuid is a new identifier in the form of a version 4 UUID.
func (p *Pool) uuid() string {
	h := []byte(p.config.NewID(32))
	h[12], h[16] = '4', "89ab"[h[16]&3]
	return string(h[:8]) + "-" + string(h[8:12]) + "-" + string(h[12:16]) + "-" + string(h[16:20]) + "-" + string(h[20:])
}
