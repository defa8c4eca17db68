package executortest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
)

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
}

// reporter tells when it starts and when it is told to end, over a connection to the test.
const reporter = `
import os, socket, subprocess, sys
conn = socket.create_connection((os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")[0], int(os.environ["PORT"])))
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], pass_fds=[conn.fileno()])
def handler(event, context):
    import time
    time.sleep(event.get("seconds", 0))
    return conn.getsockname()[1]
`

// lifeline accepts the connections of environments: one ends when the last process of its environment does.
type lifeline struct{ conns chan net.Conn }

func newLifeline(t *testing.T) (*lifeline, func(*executor.Spec)) {
	// Environments call this machine what the Runtime API's address does; which of its addresses that is, executors differ in.
	ln, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &lifeline{conns: make(chan net.Conn, 16)}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			l.conns <- conn
		}
	}()
	t.Cleanup(func() { ln.Close() })
	return l, func(s *executor.Spec) {
		s.Variables = map[string]string{"PORT": fmt.Sprint(ln.Addr().(*net.TCPAddr).Port)}
	}
}

// ends waits for the end of the environment behind the next connection.
func (l *lifeline) ends(t *testing.T) {
	t.Helper()
	conn := <-l.conns
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var timeout net.Error
	if _, err := conn.Read(make([]byte, 1)); errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("something of the environment is still running")
	}
}

// untilEnvironments waits until the pool has n environments.
func (f *fixture) untilEnvironments(n int) {
	f.t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	deadline := time.After(10 * time.Second)
	for f.pool.Environments() != n {
		select {
		case <-look.C:
		case <-deadline:
			f.t.Fatalf("there are %d environments, not %d", f.pool.Environments(), n)
		}
	}
}

var poolCases = []plainCase{
	{name: "evicts idle environments", config: executor.Config{IdleTTL: 200 * time.Millisecond}, run: func(t *testing.T, f *fixture) {
		line, connect := newLifeline(t)
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": reporter}), connect)
		f.invoke(fn, `{}`)
		line.ends(t)
		f.invoke(fn, `{}`)
		if n := len(f.logs.Streams()); n != 2 {
			t.Errorf("%d environments", n)
		}
	}},
	{name: "never reuses with a negative TTL", config: executor.Config{IdleTTL: -1}, run: func(t *testing.T, f *fixture) {
		fn := f.actions(Languages[2])
		for range 4 {
			f.want(f.do(fn, executor.Invocation{Payload: []byte(`{"do":"count"}`)}), "1")
		}
	}},
	{name: "a timeout ends what the handler started", run: func(t *testing.T, f *fixture) {
		line, connect := newLifeline(t)
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": reporter}), connect, seconds(1))
		f.invoke(fn, `{"seconds":60}`)
		line.ends(t)
	}},
	{name: "retire ends idle environments now and busy ones after their event", run: func(t *testing.T, f *fixture) {
		line, connect := newLifeline(t)
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": reporter}), connect)
		f.invoke(fn, `{}`)
		done := make(chan *executor.Result, 1)
		go func() { done <- f.do(fn, executor.Invocation{Payload: []byte(`{"seconds":0.5}`)}) }()
		if _, err := f.logs.Wait(t.Context(), func(all string) bool { return strings.Count(all, "START RequestId") == 2 }); err != nil {
			t.Fatal(err)
		}
		fn.Retire()
		if res := <-done; res.FunctionError != "" {
			t.Errorf("got %s", res.Payload)
		}
		line.ends(t)
		if _, err := fn.Invoke(t.Context(), executor.Invocation{}); !errors.Is(err, executor.ErrRetired) {
			t.Errorf("Invoke after Retire: %v", err)
		}
	}},
	{name: "closing ends everything", run: func(t *testing.T, f *fixture) {
		line, connect := newLifeline(t)
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": reporter}), connect)
		f.invoke(fn, `{}`)
		busy := make(chan error, 1)
		go func() {
			_, err := fn.Invoke(context.Background(), executor.Invocation{Payload: []byte(`{"seconds":60}`)})
			busy <- err
		}()
		if _, err := f.logs.Wait(t.Context(), func(all string) bool { return strings.Count(all, "START RequestId") == 2 }); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := f.pool.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-busy; err != nil {
			t.Errorf("busy invocation: %v", err)
		}
		line.ends(t)
		if _, err := fn.Invoke(t.Context(), executor.Invocation{}); !errors.Is(err, executor.ErrClosed) {
			t.Errorf("Invoke after Close: %v", err)
		}
	}},
	{name: "a caller that leaves does not end the invocation", run: func(t *testing.T, f *fixture) {
		fn := f.actions(Languages[2])
		f.invoke(fn, `{"do":"count"}`)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := fn.Invoke(ctx, executor.Invocation{Payload: []byte(`{"do":"sleep","count":300}`)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		all, err := f.logs.Wait(t.Context(), func(all string) bool { return strings.Count(all, "REPORT") == 2 })
		if err != nil {
			t.Fatalf("log is %q: %v", all, err)
		}
		f.want(f.invoke(fn, `{"do":"count"}`), "3")
	}},
	{name: "limits concurrency", run: func(t *testing.T, f *fixture) {
		fn := f.actions(Languages[2])
		limits := f.pool.Limits()
		limits.Reserve("000000000000", "us-east-1", "fn", 0)
		var refused *executor.TooManyRequests
		if _, err := fn.Invoke(t.Context(), executor.Invocation{}); !errors.As(err, &refused) || refused.Reason != executor.ReasonReserved {
			t.Errorf("reserved 0: %v", err)
		}
		limits.Reserve("000000000000", "us-east-1", "fn", 1)
		for range 3 {
			f.do(fn, executor.Invocation{Payload: []byte(`{"do":"count"}`)})
		}
		limits.Unreserve("000000000000", "us-east-1", "fn")
		limits.SetAccount("000000000000", "us-east-1", 0)
		if _, err := fn.Invoke(t.Context(), executor.Invocation{}); !errors.As(err, &refused) || refused.Reason != executor.ReasonAccount {
			t.Errorf("account 0: %v", err)
		}
	}},
	{name: "waits for room beyond the machine's limit", config: executor.Config{MaxEnvironments: 1}, run: func(t *testing.T, f *fixture) {
		one, other := f.actions(Languages[1]), f.actions(Languages[2])
		f.want(f.invoke(one, `{"do":"count"}`), "1")
		f.want(f.invoke(other, `{"do":"count"}`), "1")
		results := make(chan string)
		for range 3 {
			go func() {
				results <- string(f.do(other, executor.Invocation{Payload: []byte(`{"do":"sleep","count":50}`)}).Payload)
			}()
		}
		for range 3 {
			<-results
		}
		f.want(f.invoke(other, `{"do":"count"}`), "5")
	}},
	{name: "replaces an idle environment that died", run: func(t *testing.T, f *fixture) {
		line, connect := newLifeline(t)
		fn := f.prepare(python(t, "app.handler", map[string]string{"app.py": `
import os, socket, threading
conn = socket.create_connection((os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")[0], int(os.environ["PORT"])))
def end():
    conn.recv(1)
    os._exit(1)
threading.Thread(target=end).start()
def handler(event, context): return "ok"
`}), connect)
		for range 5 {
			f.want(f.invoke(fn, `{}`), `"ok"`)
			conn := <-line.conns
			if _, err := conn.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			io.ReadAll(conn) // until the process is gone
			conn.Close()
			// An event that is sent before the end is known would be lost with the process, as on AWS.
			f.untilEnvironments(0)
		}
	}},
	{name: "refuses a runtime that it cannot run", run: func(t *testing.T, f *fixture) {
		if _, err := f.pool.Prepare(t.Context(), newSpec("cobol85", "x.y", Archive(t, nil))); err == nil {
			t.Error("prepared")
		}
	}},
}
