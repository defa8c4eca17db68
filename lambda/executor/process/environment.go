package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/postern/postern/internal/http1"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/runtimeapi"
)

// leftoverOutput is how long output is still read after the process has ended: something it started may hold the pipe open.
const leftoverOutput = 100 * time.Millisecond

// environment is one process.
type environment struct {
	executor *Process
	cmd      *exec.Cmd
	group    group
	server   *http1.Server
	output   *output
	tmp      string
	memory   memory
	exited   chan struct{}
	exit     executor.Exit
	clean    sync.Once
}

var _ executor.Environment = (*environment)(nil)

// Start starts one process.
func (f *function) Start(_ context.Context, start executor.Start) (executor.Environment, error) {
	if f.interpreter == nil && f.bootstrap == "" {
		return nil, &executor.RuntimeError{
			Type: "Runtime.InvalidEntrypoint", Message: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
		}
	}
	p := f.executor
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the Runtime API: %w", err)
	}
	e := &environment{executor: p, tmp: filepath.Join(filepath.Dir(f.clientDir), "tmp", start.ID), exited: make(chan struct{})}
	if err := p.add(e); err != nil {
		ln.Close()
		return nil, err
	}
	e.server = runtimeapi.Serve(ln, start.API, p.log)
	if err := e.start(f, ln.Addr().String(), start); err != nil {
		e.remove()
		return nil, f.startError(err)
	}
	e.memory = memory{pid: e.cmd.Process.Pid, now: p.config.Now}
	go e.wait()
	return e, nil
}

func (e *environment) start(f *function, address string, start executor.Start) error {
	if err := os.MkdirAll(e.tmp, 0o700); err != nil {
		return err
	}
	out, in, err := newOutput(start.Output)
	if err != nil {
		return err
	}
	defer in.Close()
	e.output = out
	argv := f.argv()
	e.cmd = &exec.Cmd{
		Path: argv[0], Args: argv, Dir: f.task, Stdout: in, Stderr: in,
		Env: f.spec.Environ(start, executor.Place{
			RuntimeAPI: address, TaskRoot: f.task, RuntimeDir: f.clientDir, OptDir: f.opt, EndpointURL: e.executor.config.EndpointURL,
		}, f.variables(e.tmp)),
	}
	e.group.prepare(e.cmd)
	if err := e.cmd.Start(); err != nil {
		out.close()
		return err
	}
	go out.run()
	if err := e.group.started(e.cmd); err != nil {
		e.cmd.Process.Kill()
		e.cmd.Wait()
		out.finish(leftoverOutput)
		return err
	}
	return nil
}

// argv is the command line.
func (f *function) argv() []string {
	if f.interpreter == nil {
		return []string{f.bootstrap}
	}
	argv := f.interpreter.command(f.clientDir)
	wrapper := f.spec.Variables["AWS_LAMBDA_EXEC_WRAPPER"]
	if wrapper == "" {
		return argv
	}
	// AWS: the wrapper script gets the interpreter's command line as its arguments.
	if rest, ok := strings.CutPrefix(wrapper, "/opt/"); ok {
		wrapper = filepath.Join(f.opt, rest)
	} else if rest, ok := strings.CutPrefix(wrapper, "/var/task/"); ok {
		wrapper = filepath.Join(f.task, rest)
	}
	return append([]string{wrapper}, argv...)
}

// startError makes a failure to execute the function's own program the function's.
func (f *function) startError(err error) error {
	if f.spec.Variables["AWS_LAMBDA_EXEC_WRAPPER"] != "" && errors.Is(err, fs.ErrNotExist) {
		return &executor.RuntimeError{Type: "Runtime.ExitError", Message: "Runtime exited with error: exit status 127"}
	}
	var cause syscall.Errno
	if f.interpreter == nil && errors.As(err, &cause) {
		return &executor.RuntimeError{
			Type: "Runtime.InvalidEntrypoint", Message: "fork/exec /var/task/bootstrap: " + cause.Error(),
		}
	}
	return fmt.Errorf("start the runtime: %w", err)
}

// wait follows the process to its end.
func (e *environment) wait() {
	err := e.cmd.Wait()
	e.exit = exitOf(e.cmd.ProcessState, err)
	e.memory.ended(e.cmd.ProcessState)
	// What the process started ends with it.
	e.group.kill(e.cmd)
	e.output.finish(leftoverOutput)
	close(e.exited)
}

func (e *environment) Exited() <-chan struct{} { return e.exited }
func (e *environment) Exit() executor.Exit     { return e.exit }
func (e *environment) MemoryUsed() int64       { return e.memory.peak() }

func (e *environment) Flush(done func()) {
	e.output.flush()
	done()
}

func (e *environment) Kill() {
	select {
	case <-e.exited:
	default:
		e.group.kill(e.cmd)
	}
}

func (e *environment) Shutdown(grace time.Duration) {
	if grace > 0 && e.group.terminate(e.cmd) {
		timer := time.NewTimer(grace)
		select {
		case <-e.exited:
		case <-timer.C:
		}
		timer.Stop()
	}
	e.Kill()
	<-e.exited
	e.clean.Do(e.remove)
}

// remove takes away what start made.
func (e *environment) remove() {
	e.server.Close() // closing a listener of our own does not fail
	if err := os.RemoveAll(e.tmp); err != nil {
		e.executor.log.Warn("remove an environment's /tmp", "err", err)
	}
	e.executor.drop(e)
}

func (p *Process) add(e *environment) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return executor.ErrClosed
	}
	p.environments[e] = struct{}{}
	return nil
}

func (p *Process) drop(e *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.environments, e)
}
