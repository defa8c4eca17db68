package process

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// interpreters finds the program that runs a runtime's functions, once per runtime.
type interpreters struct {
	mu    sync.Mutex
	found map[string]*interpreter
}

// probes makes an interpreter say where it really is and which version: what PATH finds may be a shim that takes longer than
// the interpreter to start.
const (
	pythonProbe = `import sys
print(sys.executable, "%d.%d" % sys.version_info[:2], *[p for p in sys.path if p.endswith(("site-packages", "dist-packages"))], sep="\n")`
	nodeProbe = `console.log(process.execPath + "\n" + process.versions.node.split(".")[0])`
)

// interpreter is how a runtime's functions are run.
type interpreter struct {
	path    string
	options []string
	client  string   // runtime client, below the client directory
	args    []string // for the client
}

// command is the command line that runs the client in dir.
func (i *interpreter) command(dir string) []string {
	argv := append([]string{i.path}, i.options...)
	return append(append(argv, filepath.Join(dir, i.client)), i.args...)
}

// find finds a runtime's interpreter; nil for provided.*, which need none.
func (i *interpreters) find(ctx context.Context, name string, log *slog.Logger) (*interpreter, error) {
	var version string
	var candidates, probe []string
	var client interpreter
	switch {
	case strings.HasPrefix(name, "provided"):
		return nil, nil
	case strings.HasPrefix(name, "python"):
		version = strings.TrimPrefix(name, "python")
		candidates, probe = []string{name, "python3", "python"}, []string{"-c", pythonProbe}
		// Without the host's site module, which may run anything at every start; the client gets the paths of the
		// packages instead.
		client = interpreter{options: []string{"-s", "-S"}, client: "bootstrap.py"}
	case strings.HasPrefix(name, "nodejs"):
		version = strings.TrimSuffix(strings.TrimPrefix(name, "nodejs"), ".x")
		candidates, probe = []string{"node"}, []string{"-e", nodeProbe}
		client = interpreter{client: "bootstrap.cjs"}
	default:
		return nil, fmt.Errorf("the process executor cannot run %s functions: use --executor docker", name)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if found := i.found[name]; found != nil {
		return found, nil
	}
	for _, candidate := range candidates {
		path, actual, args, err := resolve(ctx, candidate, probe)
		if err != nil {
			log.Debug("interpreter does not answer", "runtime", name, "program", candidate, "err", err)
			continue
		}
		if actual != version {
			log.Warn("another version of the interpreter runs the function", "runtime", name, "program", path, "version", actual)
		}
		if i.found == nil {
			i.found = map[string]*interpreter{}
		}
		client.path, client.args = path, args
		i.found[name] = &client
		return &client, nil
	}
	return nil, fmt.Errorf("no %s found on PATH to run %s functions: install it or use --executor docker", candidates[len(candidates)-1], name)
}

// resolve asks an interpreter for its real path, its version and what else its client has to know.
func resolve(ctx context.Context, program string, probe []string) (path, version string, args []string, err error) {
	found, err := exec.LookPath(program)
	if err != nil {
		return "", "", nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, found, probe...).Output()
	if err != nil {
		return "", "", nil, err
	}
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(out), "\r", "")), "\n")
	if len(lines) < 2 {
		return "", "", nil, errors.New("unexpected answer")
	}
	return lines[0], lines[1], lines[2:], nil
}

var machines = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}

// checkBinary refuses a Linux program that this machine cannot run; scripts and anything else are left to the system.
func checkBinary(name string) error {
	f, err := elf.Open(name)
	if err != nil {
		return nil // no ELF file
	}
	defer f.Close()
	if machine := machines[f.Machine]; runtime.GOOS != "linux" || machine != runtime.GOARCH {
		return fmt.Errorf("bootstrap is a linux/%s program and this machine is %s/%s: use --executor docker", machine, runtime.GOOS, runtime.GOARCH)
	}
	return nil
}
