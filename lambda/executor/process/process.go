package process

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/code"
)

//go:embed client
var clients embed.FS

// Config configures the executor. Now and Logger are required.
type Config struct {
	Now    func() time.Time
	Logger *slog.Logger
	// Dir is where code is unpacked, in a directory of the executor's own; the system's temporary directory if empty.
	Dir string
	// EndpointURL is AWS_ENDPOINT_URL for functions, so that their SDK calls reach Postern; none if empty.
	EndpointURL string
}

// Process is the process executor.
type Process struct {
	config       Config
	log          *slog.Logger
	interpreters interpreters
	warn         sync.Once

	mu           sync.Mutex
	dir          string // made by the first Prepare
	prepared     int
	closed       bool
	environments map[*environment]struct{}
}

var _ executor.Executor = (*Process)(nil)

// New returns an executor that has touched nothing yet.
func New(config Config) *Process {
	return &Process{
		config: config, log: config.Logger.With("component", "executor", "executor", "process"),
		environments: map[*environment]struct{}{},
	}
}

// Name is "process".
func (*Process) Name() string { return "process" }

// Prepare unpacks the code and finds the interpreter.
func (p *Process) Prepare(ctx context.Context, spec *executor.Spec) (executor.Prepared, error) {
	if spec.Image != nil {
		return nil, errors.New("the process executor cannot run container images: use --executor docker")
	}
	interpreter, err := p.interpreters.find(ctx, spec.Runtime, p.log)
	if err != nil {
		return nil, err
	}
	root, dir, err := p.newDir()
	if err != nil {
		return nil, err
	}
	f := &function{executor: p, spec: spec, interpreter: interpreter, clientDir: filepath.Join(root, "runtime"), dir: dir}
	if err := f.unpack(); err != nil {
		return nil, errors.Join(err, code.Remove(dir))
	}
	if err := f.check(); err != nil {
		return nil, errors.Join(err, code.Remove(dir))
	}
	p.warn.Do(func() {
		p.log.Warn("functions run as processes of this machine with your own rights: this executor is no sandbox")
	})
	return f, nil
}

// newDir makes a directory for one more function version, and on first use what all of them share.
func (p *Process) newDir() (root, dir string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return "", "", executor.ErrClosed
	}
	if p.dir == "" {
		if p.dir, err = p.makeRoot(); err != nil {
			return "", "", err
		}
	}
	p.prepared++
	dir = filepath.Join(p.dir, "functions", fmt.Sprint(p.prepared))
	return p.dir, dir, os.MkdirAll(dir, 0o755)
}

// makeRoot makes the executor's directory with the runtime clients in it.
func (p *Process) makeRoot() (string, error) {
	parent := p.config.Dir
	if parent == "" {
		parent = os.TempDir()
	}
	sweep(parent)
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-", dirPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make a directory for functions: %w", err)
	}
	// Where TMPDIR is itself a link, stack traces name its target.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	client, err := fs.Sub(clients, "client")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(filepath.Join(dir, "runtime"), client); err != nil {
		return "", fmt.Errorf("write the runtime clients: %w", err)
	}
	return dir, nil
}

// Close ends every environment and removes the executor's directory.
func (p *Process) Close(context.Context) error {
	p.mu.Lock()
	p.closed = true
	dir := p.dir
	var running []*environment
	for e := range p.environments {
		running = append(running, e)
	}
	p.mu.Unlock()
	for _, e := range running {
		e.Kill()
	}
	for _, e := range running {
		e.Shutdown(0)
	}
	if dir == "" {
		return nil
	}
	return code.Remove(dir)
}

// function is one prepared function version.
type function struct {
	executor    *Process
	spec        *executor.Spec
	interpreter *interpreter // nil for provided.*
	clientDir   string
	dir         string
	task, opt   string
	bootstrap   string // of a provided.* function; empty when there is none
}

// unpack writes the code and layers, once for all environments.
func (f *function) unpack() error {
	f.task, f.opt = filepath.Join(f.dir, "task"), filepath.Join(f.dir, "opt")
	for _, dir := range []string{f.task, f.opt} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	for _, layer := range f.spec.Layers {
		if err := layer.Unpack(f.opt); err != nil {
			return err
		}
	}
	if f.spec.CodeDir != "" {
		var err error
		f.task, err = filepath.Abs(f.spec.CodeDir)
		return err
	}
	if f.spec.Code != nil {
		if err := f.spec.Code.Unpack(f.task); err != nil {
			return err
		}
	}
	return code.Seal(f.dir)
}

// check looks for what would make every start fail for a reason that the function's owner should hear at once.
func (f *function) check() error {
	if entries, err := os.ReadDir(filepath.Join(f.opt, "extensions")); err == nil && len(entries) > 0 {
		f.executor.log.Warn("external extensions are not started", "function", f.spec.FunctionName)
	}
	if f.interpreter != nil {
		return nil
	}
	for _, dir := range []string{f.task, f.opt} {
		name := filepath.Join(dir, "bootstrap")
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			f.bootstrap = name
			return checkBinary(name)
		}
	}
	return nil
}

// Close removes the code.
func (f *function) Close() error { return code.Remove(f.dir) }

// variables are those that depend on where things are on this machine.
func (f *function) variables(tmp string) map[string]string {
	under := func(list ...string) string { return strings.Join(list, string(os.PathListSeparator)) }
	in := filepath.Join
	v := map[string]string{
		"PATH": under(in(f.opt, "bin"), os.Getenv("PATH")), "LANG": "en_US.UTF-8", "TZ": ":UTC", "HOME": tmp, "TMPDIR": tmp,
		"LD_LIBRARY_PATH": under(f.task, in(f.task, "lib"), in(f.opt, "lib")),
	}
	for name, value := range systemVariables(tmp) {
		v[name] = value
	}
	runtime := f.spec.Runtime
	switch {
	case strings.HasPrefix(runtime, "python"):
		v["PYTHONPATH"] = under(in(f.opt, "python"), in(f.opt, "python", "lib", runtime, "site-packages"))
		// The locale above need not exist here; AWS sets this from Python 3.13 on.
		v["LC_CTYPE"] = "C.UTF-8"
	case strings.HasPrefix(runtime, "nodejs"):
		v["NODE_PATH"] = under(in(f.opt, "nodejs", strings.TrimSuffix(strings.Replace(runtime, "nodejs", "node", 1), ".x"), "node_modules"),
			in(f.opt, "nodejs", "node_modules"), in(f.task, "node_modules"))
	}
	return v
}
