package process

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// interpreters finds the program that runs a runtime's functions, once per runtime.
type interpreters struct {
	mu    sync.Mutex
	found map[string][]string
}

// probes makes an interpreter say where it really is and which version: what PATH finds may be a shim that takes longer than
// the interpreter to start.
const (
	pythonProbe = `import sys; print(sys.executable); print("%d.%d" % sys.version_info[:2])`
	nodeProbe   = `console.log(process.execPath + "\n" + process.versions.node.split(".")[0])`
)

// command is the command line of a runtime, whose last word is the runtime client below the client directory; nil for provided.*.
func (i *interpreters) command(ctx context.Context, name string, log *slog.Logger) ([]string, error) {
	var version string
	var candidates, probe, command []string
	switch {
	case strings.HasPrefix(name, "provided"):
		return nil, nil
	case strings.HasPrefix(name, "python"):
		version = strings.TrimPrefix(name, "python")
		candidates, probe, command = []string{name, "python3", "python"}, []string{"-c", pythonProbe}, []string{"-s", "bootstrap.py"}
	case strings.HasPrefix(name, "nodejs"):
		version = strings.TrimSuffix(strings.TrimPrefix(name, "nodejs"), ".x")
		candidates, probe, command = []string{"node"}, []string{"-e", nodeProbe}, []string{"bootstrap.cjs"}
	default:
		return nil, fmt.Errorf("the process executor cannot run %s functions: use --executor docker", name)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if found := i.found[name]; found != nil {
		return found, nil
	}
	for _, candidate := range candidates {
		path, actual, err := resolve(ctx, candidate, probe)
		if err != nil {
			log.Debug("interpreter does not answer", "runtime", name, "program", candidate, "err", err)
			continue
		}
		if actual != version {
			log.Warn("another version of the interpreter runs the function", "runtime", name, "program", path, "version", actual)
		}
		if i.found == nil {
			i.found = map[string][]string{}
		}
		i.found[name] = append([]string{path}, command...)
		return i.found[name], nil
	}
	return nil, fmt.Errorf("no %s found on PATH to run %s functions: install it or use --executor docker", candidates[len(candidates)-1], name)
}

// resolve asks an interpreter for its real path and version.
func resolve(ctx context.Context, program string, probe []string) (path, version string, err error) {
	found, err := exec.LookPath(program)
	if err != nil {
		return "", "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, found, probe...).Output()
	if err != nil {
		return "", "", err
	}
	path, version, ok := strings.Cut(strings.TrimSpace(strings.ReplaceAll(string(out), "\r", "")), "\n")
	if !ok || path == "" {
		return "", "", errors.New("unexpected answer")
	}
	return path, version, nil
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
