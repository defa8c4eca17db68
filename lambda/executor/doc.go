// Package executor runs Lambda functions: it starts execution environments, gives each one event at a time, reuses
// them, and reports failures and log lines as AWS does.
//
// # For lambda.Service
//
// A [Pool] belongs to one [Executor] (docker or process). For each function version, and again whenever its code or
// configuration changes, the service makes an immutable [Spec] and from it a [Function]:
//
//	fn, err := pool.Prepare(ctx, spec)   // unpacks or pulls; err is the reason for State Failed
//	res, err := fn.Invoke(ctx, executor.Invocation{RequestID: id, Payload: body, LogTail: true})
//	fn.Warm(1)                           // optional: start environments ahead
//	fn.Retire()                          // after a change or deletion: idle environments end now, busy ones after their event
//	pool.Close(ctx)
//
// A caller that holds a Function which is retired meanwhile gets [ErrRetired] and looks the function up again. Invoke answers with a [Result] for everything that AWS answers with status 200, function errors, crashes and timeouts
// included. Its errors are [*TooManyRequests] (429), ctx's own error when the caller stops waiting (the function runs on), and
// failures of the executor (answer 500 ServiceException).
//
// Concurrency is counted by [Pool.Limits]: set an account's limit and a function's reserved concurrency there.
//
// Log events go to the [LogSink] given to the pool; Postern's own logger never receives them.
//
// # Where this differs from AWS
//
// Environments are not frozen between events: timers and threads of a function run on. After a timeout, a crash or a failed init the
// next environment starts with an empty /tmp, where AWS resets the same one. External extensions are not started. A response
// stream is not throttled. A call that comes while an environment has answered but not yet asked for its next event waits
// a few milliseconds for it.
//
// # For an executor
//
// An executor implements [Executor], [Prepared] and [Environment] and uses [Spec.Environ] for the environment and package code
// for the files. It knows nothing of invocations: it serves the http.Handler that it is given on an address that the
// environment can reach, passes on output lines and tells when the process ends. Both are held to the same behaviour by
// package executortest.
//
// The Runtime API itself is package runtimeapi; the pool owns timeouts, concurrency, log lines and error payloads.
package executor
