//go:build unix

package process

import (
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/postern/postern/lambda/executor"
)

// group is the process group of an environment: whatever the function starts ends with it.
type group struct{}

func (group) prepare(cmd *exec.Cmd) { cmd.SysProcAttr = attributes() }

func (group) started(*exec.Cmd) error { return nil }

// kill ends the group. That the process itself was waited for already does not matter: the group's number stays taken while it
// has a member, and is not given out again at once.
func (group) kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// terminate asks the group to end and reports whether it was asked.
func (group) terminate(cmd *exec.Cmd) bool {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) == nil
}

// alive reports whether a process exists.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}

// systemVariables are what every process of this system needs.
func systemVariables(string) map[string]string { return nil }

var signalNames = map[syscall.Signal]string{
	syscall.SIGABRT: "aborted", syscall.SIGBUS: "bus error", syscall.SIGFPE: "floating point exception",
	syscall.SIGHUP: "hangup", syscall.SIGILL: "illegal instruction", syscall.SIGINT: "interrupt", syscall.SIGKILL: "killed",
	syscall.SIGPIPE: "broken pipe", syscall.SIGQUIT: "quit", syscall.SIGSEGV: "segmentation fault",
	syscall.SIGTERM: "terminated", syscall.SIGTRAP: "trace/breakpoint trap",
}

// exitOf reads how the process ended.
func exitOf(state *os.ProcessState, _ error) executor.Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return executor.Exit{Code: state.ExitCode()}
	}
	name := signalNames[status.Signal()]
	if name == "" {
		name = strings.ToLower(status.Signal().String())
	}
	return executor.Exit{Signal: name, CoreDumped: status.CoreDump()}
}
