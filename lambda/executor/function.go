package executor

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Function is one function version, with one configuration, that can be invoked.
type Function struct {
	pool     *Pool
	spec     *Spec
	prepared Prepared
	lines    platformLog

	// Guarded by the pool's mutex.
	environments map[*environment]struct{}
	idle         []*environment // the one used last is last, and is used next
	waiting      []*call        // oldest first
	starting     int            // environments that will take a waiting call, or be idle, when their init ends
	finishing    int            // environments that have answered and will soon ask for an event
	isBlocked    bool           // in pool.blocked
	retired      bool
	forgotten    bool
}

// Spec is what the function was prepared from.
func (f *Function) Spec() *Spec { return f.spec }

// Invoke runs one invocation. See the package's documentation for its errors. When ctx ends, Invoke returns ctx's error, and an
// invocation that has an environment runs on to its own timeout, as on AWS.
func (f *Function) Invoke(ctx context.Context, inv Invocation) (*Result, error) {
	p := f.pool
	slot, err := p.limits.take(f.spec.Account, f.spec.Region, f.spec.FunctionName)
	if err != nil {
		return nil, err
	}
	c := &call{Invocation: inv, result: make(chan answer, 1), slot: slot}
	f.complete(c)

	p.mu.Lock()
	if err := f.usable(); err != nil {
		p.mu.Unlock()
		slot.release()
		return nil, err
	}
	if n := len(f.idle); n > 0 {
		e := f.idle[n-1]
		f.idle = f.idle[:n-1]
		e.take(c)
		p.mu.Unlock()
		e.handOut(c)
	} else {
		f.waiting = append(f.waiting, c)
		f.grow(true)
		p.mu.Unlock()
	}

	select {
	case a := <-c.result:
		return a.result, a.err
	case <-ctx.Done():
		f.abandon(c)
		return nil, ctx.Err()
	}
}

// complete fills in what the caller left out.
func (f *Function) complete(c *call) {
	if len(c.Payload) == 0 {
		c.Payload = []byte("{}")
	}
	if c.FunctionARN == "" {
		c.FunctionARN = f.spec.FunctionARN
	}
	if c.RequestID == "" {
		c.RequestID = f.pool.uuid()
	}
	if c.TraceID == "" {
		id := f.pool.config.NewID
		c.TraceID = fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", uint32(f.pool.config.Now().Unix()), id(24), id(16))
	}
}

// usable says why the function cannot be invoked. The pool's mutex is held.
func (f *Function) usable() error {
	switch {
	case f.pool.closed:
		return ErrClosed
	case f.retired:
		return ErrRetired
	}
	return nil
}

// Warm starts environments until n exist, so that n concurrent invocations find one.
func (f *Function) Warm(n int) {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	for len(f.environments) < n && f.usable() == nil && f.pool.count < f.pool.config.MaxEnvironments {
		f.launch(nil)
	}
}

// Retire ends the function: Invoke refuses from now on, idle environments end at once, busy ones after their event. Calls
// that wait for an environment still run.
func (f *Function) Retire() {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	f.retired = true
	f.endIdle()
	f.forgetIfDone()
}

// grow starts environments for the calls that wait. With patience it counts on those that are about to finish, for a
// moment. The pool's mutex is held.
func (f *Function) grow(patient bool) {
	expected := f.starting
	if patient && f.pool.reuses() {
		expected += f.finishing
	}
	for n := len(f.waiting) - expected; n > 0; n-- {
		if !f.pool.makeRoom() {
			if !f.isBlocked {
				f.isBlocked = true
				f.pool.blocked = append(f.pool.blocked, f)
			}
			return
		}
		f.launch(nil)
	}
	if patient && f.finishing > 0 && len(f.waiting) > f.starting {
		time.AfterFunc(finishingGrace, func() {
			f.pool.mu.Lock()
			defer f.pool.mu.Unlock()
			f.grow(false)
		})
	}
}

// offer gives an environment that waits for an event the oldest waiting call, which is returned for hand-out; else it
// becomes idle or ends. The pool's mutex is held.
func (f *Function) offer(e *environment) *call {
	spent := e.used && !f.pool.reuses()
	if len(f.waiting) > 0 && !spent {
		c := f.waiting[0]
		f.waiting = f.waiting[1:]
		e.take(c)
		return c
	}
	e.state = idle
	e.idleSince = f.pool.config.Now()
	if f.retired || f.pool.closed || spent {
		e.end()
		return nil
	}
	f.idle = append(f.idle, e)
	// A function that waited for room may have been served by its own environments since.
	if slices.ContainsFunc(f.pool.blocked, func(b *Function) bool { return len(b.waiting) > 0 }) {
		f.pool.makeRoom()
		return nil
	}
	f.pool.sweepLater()
	return nil
}

// abandon takes a call out of the queue if nothing is being started for it.
func (f *Function) abandon(c *call) {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	if !f.isBlocked {
		return
	}
	if i := slices.Index(f.waiting, c); i >= 0 {
		f.waiting = slices.Delete(f.waiting, i, i+1)
		c.slot.release()
	}
}

// refuseWaiting fails every waiting call. The pool's mutex is held.
func (f *Function) refuseWaiting(err error) {
	for _, c := range f.waiting {
		c.fail(err)
	}
	f.waiting = nil
}

// endIdle ends the idle environments. The pool's mutex is held.
func (f *Function) endIdle() {
	for len(f.idle) > 0 {
		f.idle[0].end()
	}
}

// forgetIfDone gives up what was prepared once a retired function has nothing left to run. The pool's mutex is held.
func (f *Function) forgetIfDone() {
	if !f.retired || f.forgotten || len(f.environments) > 0 || len(f.waiting) > 0 {
		return
	}
	f.forgotten = true
	delete(f.pool.functions, f)
	f.pool.cleaning.Go(func() {
		if err := f.prepared.Close(); err != nil {
			f.pool.log.Warn("remove a function's files", "function", f.spec.FunctionName, "err", err)
		}
	})
}
