package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern/postern/lambda/runtimeapi"
)

// state is where an environment stands.
type state int

const (
	starting state = iota // init runs
	idle                  // waits for an event
	busy                  // has a call
	ended                 // is being removed; nothing it says counts any more
)

// environment is one execution environment: one process that polls one Runtime API. When init fails it is repeated
// in a new environment that carries on with the same log stream.
type environment struct {
	function *Function
	id       string
	log      *log
	api      *runtimeapi.Server
	launched chan struct{} // closed when running is set, or start failed
	running  Environment   // nil if it could not be started

	// Guarded by the pool's mutex.
	state     state
	phase     string // of init: phaseInit, or phaseInvoke when it is repeated for a call
	began     time.Time
	initTimer *time.Timer
	initLog   *segment
	initTime  time.Duration // to report with the first invocation
	used      bool          // had a call
	idleSince time.Time
	call      *call   // the one it works on; during init the one that init is repeated for
	failure   failure // why init failed
}

// launch starts an environment, for nobody in particular or, when init is repeated, for a call. The pool's mutex is held.
func (f *Function) launch(repeat *environment) {
	p := f.pool
	now := p.config.Now()
	e := &environment{
		function: f, id: p.config.NewID(32), launched: make(chan struct{}), phase: phaseInit, began: now,
	}
	if repeat != nil {
		e.log, e.phase, e.call = repeat.log, phaseInvoke, repeat.call
	} else {
		e.log = &log{sink: p.config.Sink, now: p.config.Now, stream: LogStream{
			Account: f.spec.Account, Region: f.spec.Region, Group: f.spec.Logging.Group, Stream: f.streamName(now, e.id),
		}}
	}
	e.api = runtimeapi.New(runtimeapi.Function{
		Name: f.spec.FunctionName, Version: f.spec.Version, Handler: f.spec.Handler, AccountID: f.spec.Account,
	}, p.uuid, e)
	p.count++
	if f.environments == nil {
		f.environments = map[*environment]struct{}{}
	}
	f.environments[e] = struct{}{}
	if e.phase == phaseInit {
		f.starting++
	} else {
		// The repeated init runs in the invocation's own time.
		e.call.began, e.call.deadline = now, now.Add(f.spec.Timeout)
		e.initTimer = time.AfterFunc(f.spec.Timeout, func() { e.initFailed(timedOut(f.spec.Timeout)) })
	}
	go e.run()
}

// streamName is the log stream of a new environment. AWS: with a group of its own the stream names the function.
func (f *Function) streamName(now time.Time, id string) string {
	name := now.UTC().Format("2006/01/02/")
	if f.spec.Logging.Group != "/aws/lambda/"+f.spec.FunctionName {
		name += f.spec.FunctionName
	}
	return name + "[" + f.spec.Version + "]" + id
}

// run is the environment's goroutine, from its start to its removal.
func (e *environment) run() {
	f := e.function
	defer f.pool.gone(e)
	e.initLog = e.log.begin(false)
	if e.phase == phaseInit {
		e.log.say(e.initLog, f.lines.initStart(f.pool.config.Now(), e.phase))
	}
	running, err := f.prepared.Start(context.Background(), Start{
		ID: e.id, LogStream: e.log.stream.Stream, API: e.api, InitType: initializationType, Output: e.log.write,
	})
	if err != nil {
		close(e.launched)
		e.startFailed(err)
		return
	}
	e.started(running)
	<-running.Exited()
	e.exited(running.Exit())
	running.Shutdown(0)
}

// started says that the process runs. What it took to get there, such as creating a container, is not init.
func (e *environment) started(running Environment) {
	p := e.function.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	e.running = running
	if e.phase == phaseInit {
		e.began = p.config.Now()
		e.initTimer = time.AfterFunc(p.config.InitTimeout, func() {
			e.initFailed(failure{kind: errorTimedOut, timeout: true})
		})
	}
	close(e.launched)
	if e.state == ended {
		running.Kill()
	}
}

// initOver stops counting the environment as starting. The pool's mutex is held.
func (e *environment) initOver() {
	if e.initTimer != nil {
		e.initTimer.Stop()
	}
	if e.phase == phaseInit {
		e.function.starting--
	}
}

// take gives the environment a call. The pool's mutex is held; handOut must follow.
func (e *environment) take(c *call) {
	now := e.function.pool.config.Now()
	timeout := e.function.spec.Timeout
	e.state, e.call, e.used = busy, c, true
	if c.deadline.IsZero() {
		c.began, c.deadline = now, now.Add(timeout)
	}
	c.timer = time.AfterFunc(c.deadline.Sub(now), func() { e.timedOut(c) })
}

// handOut lets the runtime have the call's event.
func (e *environment) handOut(c *call) {
	f := e.function
	segment := e.log.begin(c.LogTail, f.lines.start(c.began, c.RequestID)...)
	f.pool.mu.Lock()
	mine := e.call == c
	if mine {
		c.log = segment
		// Under the mutex, so that an exit finds the call either not handed out or with the event in the API.
		e.api.Invoke(&runtimeapi.Invocation{
			RequestID: c.RequestID, FunctionARN: c.FunctionARN, TraceID: c.TraceID, Deadline: c.deadline,
			ClientContext: c.ClientContext, CognitoIdentity: c.CognitoIdentity, Payload: c.Payload, Stream: c.Stream,
		})
	}
	f.pool.mu.Unlock()
	if !mine {
		// The process ended meanwhile and the call was given back.
		e.log.close(segment)
	}
}

// Ready is the runtime asking for an event: init has ended, or an invocation is complete.
func (e *environment) Ready() {
	<-e.launched
	p, now := e.function.pool, e.function.pool.config.Now()
	p.mu.Lock()
	was := e.state
	switch was {
	case starting:
		e.initOver()
		// Above zero, so that it is reported even where the clock is coarse.
		e.initTime = max(now.Sub(e.began), 10*time.Microsecond)
		e.state = idle // but on no list yet: nobody else takes it
	case busy:
		e.call.timer.Stop()
	}
	p.mu.Unlock()
	switch was {
	case starting:
		e.initDone(now)
	case busy:
		if !e.complete(now) {
			return
		}
	default:
		return
	}
	p.mu.Lock()
	if was == busy {
		// Only now: a caller that had its answer and calls again counts on this environment.
		e.function.finishing--
	}
	var c *call
	switch {
	case e.state == ended:
	case was == starting && e.call != nil:
		c = e.call
		e.take(c)
	default:
		c = e.function.offer(e)
	}
	p.mu.Unlock()
	if c != nil {
		e.handOut(c)
	}
}

// initDone closes the log of a successful init.
func (e *environment) initDone(now time.Time) {
	lines := e.function.lines.initEnd(now, e.phase, e.initTime, failure{})
	e.log.finished(e.initLog)
	e.running.Flush(func() { e.log.close(e.initLog, lines...) })
}

// complete ends an invocation whose runtime asks for the next event, unless it was ended already. The order of the log never holds the environment up: an
// executor that learns of lines late closes the log later.
func (e *environment) complete(now time.Time) bool {
	p := e.function.pool
	memory := e.running.MemoryUsed()
	p.mu.Lock()
	c := e.call
	if e.state != busy {
		p.mu.Unlock()
		return false
	}
	e.call = nil
	r := e.report(c, now, memory)
	p.mu.Unlock()
	e.log.finished(c.log)
	e.running.Flush(func() { e.finish(c, now, r) })
	return true
}

// report is what the log says about a call that ends now. The pool's mutex is held.
func (e *environment) report(c *call, now time.Time, memory int64) report {
	r := report{
		requestID: c.RequestID, duration: now.Sub(c.began), initDuration: e.initTime, failure: c.failure,
		errorType: c.outcome.ErrorType, produced: c.produced, memoryUsed: memory,
	}
	if c.failure.timeout {
		r.duration = e.function.spec.Timeout
	}
	c.outcome.Duration, c.outcome.InitDuration = r.duration, e.initTime
	e.initTime = 0
	return r
}

// finish closes a call's log and delivers the result of a caller that waits for that.
func (e *environment) finish(c *call, at time.Time, r report) {
	if c.log == nil {
		c.log = e.log.begin(c.LogTail, e.function.lines.start(c.began, c.RequestID)...)
	}
	c.outcome.LogTail = e.log.close(c.log, e.function.lines.end(at, r)...)
	if c.LogTail {
		c.deliver()
	}
}

// Responded is the runtime's answer to the call.
func (e *environment) Responded(out runtimeapi.Outcome) {
	p := e.function.pool
	p.mu.Lock()
	c := e.call
	if e.state != busy || c.answered {
		p.mu.Unlock()
		return
	}
	e.function.finishing++
	r := Result{
		Payload: out.Payload, ErrorType: out.ErrorType, ContentType: out.ContentType, Streamed: out.Streamed,
		Duration: p.config.Now().Sub(c.began), InitDuration: e.initTime,
	}
	if out.ErrorType != "" {
		r.FunctionError = Unhandled
	}
	c.produced = out.Size
	e.settle(c, r)
	p.mu.Unlock()
	if !c.LogTail {
		c.deliver()
	}
}

// settle fixes a call's outcome. The pool's mutex is held.
func (e *environment) settle(c *call, r Result) {
	r.Version, r.TraceID = e.function.spec.Version, c.TraceID
	c.settle(r)
}

// InitFailed is the runtime's report that it cannot run the function.
func (e *environment) InitFailed(report runtimeapi.InitError) {
	e.initFailed(failure{kind: report.Type, payload: report.Payload})
}

// kill ends the environment's process at once, or as soon as it exists. The pool's mutex is held.
func (e *environment) kill() {
	if e.state == starting {
		e.failInit(failure{kind: errorExit, message: "Runtime exited with error: signal: killed"})
	}
	if e.running != nil {
		e.running.Kill()
	}
}

// end ends an idle environment in the background. The pool's mutex is held.
func (e *environment) end() {
	e.unlist()
	// AWS: without extensions there is no SIGTERM.
	if grace := e.api.ShutdownGrace(); grace > 0 {
		go e.running.Shutdown(grace)
		return
	}
	e.running.Kill()
}

// unlist takes an environment that can have no more calls off the list. The pool's mutex is held.
func (e *environment) unlist() {
	e.state = ended
	f := e.function
	if i := slices.Index(f.idle, e); i >= 0 {
		f.idle = slices.Delete(f.idle, i, i+1)
	}
}

// startFailed ends an environment that the executor could not start.
func (e *environment) startFailed(err error) {
	p := e.function.pool
	var fault *RuntimeError
	if errors.As(err, &fault) {
		e.initFailed(failure{kind: fault.Type, message: fault.Message})
	}
	p.mu.Lock()
	failed := !e.failure.none()
	var c *call
	if !failed {
		if e.state == starting {
			e.initOver()
		}
		e.state = ended
		c = e.nextCall()
	}
	p.mu.Unlock()
	if failed {
		e.exited(Exit{})
		return
	}
	p.log.Error("start an execution environment", "function", e.function.spec.FunctionName, "err", err)
	if c != nil {
		c.fail(fmt.Errorf("start an execution environment of %s: %w", e.function.spec.FunctionName, err))
	}
}
