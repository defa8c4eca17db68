package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTick is USER_HZ, 100 on every Linux that Go runs on.
const clockTick = time.Second / 100

// cpuTime gives a process's user + system time so far.
func cpuTime(pid int) time.Duration {
	if pid == 0 {
		return 0
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The command name may hold spaces; it ends with the last parenthesis.
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.ParseInt(f[11], 10, 64)
	sys, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+sys) * clockTick
}

// rss gives a process's resident memory in MiB.
func rss(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// A server is a child process of the bench; stop ends it by its own pid.
type server struct {
	cmd *exec.Cmd
}

// start runs a command and, with a ready prefix, waits for the line that begins
// with it and gives the rest of that line.
func start(env []string, ready, name string, args ...string) (*server, string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	s := &server{cmd}
	if ready == "" {
		go func() { _, _ = io.Copy(io.Discard, out) }()
		return s, "", nil
	}
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		if i := strings.Index(sc.Text(), ready); i >= 0 {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s, strings.TrimSpace(sc.Text()[i+len(ready):]), nil
		}
	}
	s.stop()
	return nil, "", fmt.Errorf("%s ended without saying %q", name, ready)
}

func (s *server) pid() int { return s.cmd.Process.Pid }

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(10*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait()
	timer.Stop()
}

// freePort finds a port for servers that cannot tell which one they took.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// awaitPort tries until something accepts connections at addr.
func awaitPort(addr string) error {
	ticker := time.NewTicker(200 * time.Microsecond)
	defer ticker.Stop()
	deadline := time.After(10 * time.Second)
	for {
		if c, err := net.Dial("tcp", addr); err == nil {
			return c.Close()
		}
		select {
		case <-ticker.C:
		case <-deadline:
			return fmt.Errorf("nothing listens at %s", addr)
		}
	}
}
