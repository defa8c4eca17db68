package executortest

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// Run runs the suite. newExecutor makes an executor for one test; the suite closes it.
func Run(t *testing.T, newExecutor func(t *testing.T) executor.Executor) {
	// No function may see the host's variables.
	t.Setenv("POSTERN_SECRET", "must not be seen")
	t.Setenv("NODE_EXTRA_CA_CERTS", "/nowhere")
	for _, language := range Languages {
		t.Run(language.Name, func(t *testing.T) {
			for _, c := range languageCases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel() // mostly, an environment is waited for
					c.run(t, open(t, newExecutor, c.config), language)
				})
			}
		})
	}
	for _, group := range []struct {
		name  string
		cases []plainCase
	}{{"init", initCases}, {"go", goCases}, {"node", nodeCases}, {"python", pythonCases}, {"pool", poolCases}} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(t, open(t, newExecutor, c.config))
				})
			}
		})
	}
}

type languageCase struct {
	name   string
	config executor.Config
	run    func(t *testing.T, f *fixture, language Language)
}

type plainCase struct {
	name   string
	config executor.Config
	run    func(t *testing.T, f *fixture)
}

// fixture is a pool over one executor, and what it logged.
type fixture struct {
	t    *testing.T
	pool *executor.Pool
	logs *Logs
}

func open(t *testing.T, newExecutor func(t *testing.T) executor.Executor, config executor.Config) *fixture {
	t.Helper()
	f := &fixture{t: t, logs: NewLogs()}
	config.Executor, config.Sink, config.Now = newExecutor(t), f.logs, time.Now
	config.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	f.pool = executor.NewPool(config)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := f.pool.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return f
}

// prepare makes a function of a language's actions handler.
func (f *fixture) actions(language Language, change ...func(*executor.Spec)) *executor.Function {
	f.t.Helper()
	return f.prepare(language.Spec(f.t), change...)
}

func (f *fixture) prepare(spec *executor.Spec, change ...func(*executor.Spec)) *executor.Function {
	f.t.Helper()
	for _, apply := range change {
		apply(spec)
	}
	fn, err := f.pool.Prepare(f.t.Context(), spec)
	if err != nil {
		f.t.Fatalf("Prepare: %v", err)
	}
	return fn
}

// requestID is used where a test looks for it in what comes back.
const requestID = "7ef1e7f4-0c9a-4d3b-8f6e-1a2b3c4d5e6f"

// invoke runs one event with the log's tail.
func (f *fixture) invoke(fn *executor.Function, payload string) *executor.Result {
	f.t.Helper()
	return f.do(fn, executor.Invocation{RequestID: requestID, Payload: []byte(payload), LogTail: true})
}

func (f *fixture) do(fn *executor.Function, inv executor.Invocation) *executor.Result {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	defer cancel()
	res, err := fn.Invoke(ctx, inv)
	if err != nil {
		f.t.Fatalf("Invoke: %v", err)
	}
	return res
}

// want checks a successful result.
func (f *fixture) want(res *executor.Result, payload string) {
	f.t.Helper()
	if res.FunctionError != "" || string(res.Payload) != payload {
		f.t.Fatalf("got %.300s (function error %q), want %s\nlog: %s", res.Payload, res.FunctionError, payload, res.LogTail)
	}
}

// wantError checks a failed result.
func (f *fixture) wantError(res *executor.Result, payload string) {
	f.t.Helper()
	if res.FunctionError != executor.Unhandled || string(res.Payload) != payload {
		f.t.Fatalf("got %.500s (function error %q), want %s\nlog: %s", res.Payload, res.FunctionError, payload, res.LogTail)
	}
}
