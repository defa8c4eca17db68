package executor

import "time"

// This file is how environments end on their own: init that fails, timeouts, exits.

// initFailed ends an init that went wrong; exited does the rest once the process is gone and its output complete.
func (e *environment) initFailed(why failure) {
	p := e.function.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.state != starting {
		return
	}
	e.failInit(why)
	e.kill()
}

// failInit marks the environment as ended by a failing init. The pool's mutex is held.
func (e *environment) failInit(why failure) {
	e.initOver()
	e.state, e.failure = ended, why
}

// timedOut ends a call that took too long, and the environment with it.
func (e *environment) timedOut(c *call) {
	p := e.function.pool
	p.mu.Lock()
	if e.state != busy || e.call != c {
		p.mu.Unlock()
		return
	}
	c.failure = timedOut(e.function.spec.Timeout)
	tell := e.lose(c)
	e.kill()
	p.mu.Unlock()
	if tell {
		c.deliver()
	}
}

// lose settles a call whose environment ends under it with its failure, unless it was answered: that answer stands. It
// reports whether the caller should be told now. The pool's mutex is held.
func (e *environment) lose(c *call) bool {
	e.state = ended
	if c.answered {
		e.function.finishing--
		return false
	}
	r := c.failure.result(c.RequestID)
	r.Duration, r.InitDuration = e.function.pool.config.Now().Sub(c.began), e.initTime
	e.settle(c, r)
	return !c.LogTail
}

// exited follows the end of the process, when all its output is in the log.
func (e *environment) exited(exit Exit) {
	p, now := e.function.pool, e.function.pool.config.Now()
	var memory int64
	if e.running != nil {
		memory = e.running.MemoryUsed()
	}
	p.mu.Lock()
	if e.state == starting {
		e.failInit(exited(exit))
	}
	if !e.failure.none() {
		p.mu.Unlock()
		e.repeatInit(now, memory)
		return
	}
	c := e.call
	if c == nil {
		// Idle, or ended on purpose.
		if e.state != ended {
			p.log.Debug("idle environment exited", "function", e.function.spec.FunctionName, "code", exit.Code, "signal", exit.Signal)
		}
		e.unlist()
		p.mu.Unlock()
		return
	}
	tell := false
	if e.state != ended {
		if c.log == nil || e.api.Withdraw() {
			e.giveBack(c)
			p.mu.Unlock()
			return
		}
		c.timer.Stop()
		c.failure = exited(exit)
		tell = e.lose(c)
	}
	r := e.report(c, now, memory)
	p.mu.Unlock()
	if tell {
		c.deliver()
	}
	e.finish(c, now, r)
}

// giveBack returns an event that the runtime never took to the head of the queue: the call is as good as new. The
// pool's mutex is held.
func (e *environment) giveBack(c *call) {
	if c.timer != nil {
		c.timer.Stop()
	}
	c.deadline, c.log = time.Time{}, nil
	e.state, e.call = ended, nil
	f := e.function
	f.waiting = append([]*call{c}, f.waiting...)
	f.grow(false)
}

// nextCall is the call that a failed start or init is answered to: the one it was repeated for, else the one that
// waits longest. The pool's mutex is held.
func (e *environment) nextCall() *call {
	if e.call != nil {
		return e.call
	}
	f := e.function
	if len(f.waiting) == 0 {
		return nil
	}
	c := f.waiting[0]
	f.waiting = f.waiting[1:]
	return c
}

// repeatInit follows a failed init. AWS runs it once more as part of the invocation; when that fails too, the
// invocation does.
func (e *environment) repeatInit(now time.Time, memory int64) {
	p, f := e.function.pool, e.function
	e.log.close(e.initLog, f.lines.initEnd(now, e.phase, now.Sub(e.began), e.failure)...)
	p.mu.Lock()
	c := e.nextCall()
	switch {
	case c == nil:
		p.mu.Unlock()
	case p.closed:
		c.fail(ErrClosed)
		p.mu.Unlock()
	case e.phase == phaseInit:
		e.call = c
		f.launch(e)
		p.mu.Unlock()
	default:
		c.failure = e.failure
		e.settle(c, c.failure.result(c.RequestID))
		c.outcome.Duration = now.Sub(c.began)
		r := e.report(c, now, memory)
		p.mu.Unlock()
		// unverified against AWS: START follows the INIT_REPORT of the invoke phase, as in public logs.
		c.log = e.log.begin(c.LogTail, f.lines.start(c.began, c.RequestID)...)
		if !c.LogTail {
			c.deliver()
		}
		e.finish(c, now, r)
	}
}
