package executor

import (
	"context"
	"net/http"
	"time"
)

// Executor turns function versions into running execution environments. There are two: docker and process.
type Executor interface {
	// Name is how flags and messages call the executor: "docker" or "process".
	Name() string

	// Prepare does once per function version what every environment of it needs: unpacking the code, pulling
	// the image. It is called before a function becomes Active, so that the first invocation finds it done.
	// An error says why this executor cannot run the version (runtime, architecture, image) in words for the
	// function's StateReason. Prepare must not keep ctx.
	Prepare(ctx context.Context, spec *Spec) (Prepared, error)

	// Close ends every environment, removes whatever the executor created and waits for both until ctx ends.
	Close(ctx context.Context) error
}

// Prepared is a function version that is ready to start environments.
type Prepared interface {
	// Start starts one execution environment and returns as soon as its process runs: it does not wait for the
	// runtime to poll. It opens a listener of its own for the environment, serves start.API there and passes
	// the address as AWS_LAMBDA_RUNTIME_API. Cancelling ctx afterwards does not end the environment.
	//
	// A *RuntimeError says that the function is at fault (no bootstrap); any other error that the executor is.
	Start(ctx context.Context, start Start) (Environment, error)

	// Close removes what Prepare made. Environments that still run keep working until they end.
	Close() error
}

// Start is what differs between two environments of the same function version.
type Start struct {
	ID        string       // unique among all environments; safe in file and container names
	LogStream string       // AWS_LAMBDA_LOG_STREAM_NAME
	API       http.Handler // the environment's own Runtime API
	InitType  string       // AWS_LAMBDA_INITIALIZATION_TYPE: on-demand or provisioned-concurrency

	// Output receives what the environment writes to stdout and stderr. Calls do not overlap and keep the
	// order of writing. The executor may reuse Line.Text after the call. Output returns quickly.
	Output func(Line)
}

// Line is one line of a function's output, or a part of one that is longer than MaxLine or was unfinished when
// Flush was called. Text holds the line's "\n" if it had one.
type Line struct {
	// Time is when it was written, for an executor that learns of lines late (docker: the engine's time stamp). It
	// then decides which invocation the line belongs to. Zero: Flush keeps the order exactly.
	Time time.Time
	Text []byte
}

// MaxLine is the most bytes in one Line; CloudWatch Logs takes no longer event.
const MaxLine = 256 << 10

// Environment is one running execution environment: one process or one container.
type Environment interface {
	// Flush calls done once everything that the environment wrote before the call has gone to Start.Output, or when
	// the executor does not wait for it any longer (docker: 20 ms without any). Flush itself does not wait for what is
	// not there yet: it either calls done before it returns or leaves that to a goroutine or timer of the executor.
	// It works, and done is called, after the process has ended as well.
	Flush(done func())

	// MemoryUsed is the most memory in bytes that the environment has used so far, 0 if unknown. It is cheap:
	// the executor remembers a recent value.
	MemoryUsed() int64

	// Kill ends the environment at once (SIGKILL to everything in it). It does not wait, and may be called often.
	Kill()

	// Shutdown asks the environment to end (SIGTERM), kills it after grace and waits until it has ended, its
	// listener is closed and everything that Start made is gone. With no grace it kills at once. After an
	// environment exited or was killed, Shutdown is how what it left is removed.
	Shutdown(grace time.Duration)

	// Exited is closed when the process has ended, for whatever reason, and all its output has gone to
	// Start.Output.
	Exited() <-chan struct{}

	// Exit tells how it ended. Valid once Exited is closed.
	Exit() Exit
}

// Exit is how an environment's process ended.
type Exit struct {
	Code        int    // exit status, when no signal ended it
	Signal      string // name as in "signal: killed"; empty when it exited by itself
	CoreDumped  bool
	OutOfMemory bool // the memory limit ended it
}

// RuntimeError is a failure that AWS reports as the function's and not as Lambda's: the caller of Invoke gets a
// payload with this type and message and the function error Unhandled.
type RuntimeError struct {
	Type    string // e.g. Runtime.InvalidEntrypoint
	Message string // without the "RequestId: … Error: " in front
}

func (e *RuntimeError) Error() string { return e.Type + ": " + e.Message }
