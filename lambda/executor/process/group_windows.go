package process

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/postern/postern/lambda/executor"
)

// group is a job object: whatever the function starts ends with it, and with Postern.
type group struct{ job windows.Handle }

func (*group) prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

func (g *group) started(cmd *exec.Cmd) error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return err
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		windows.CloseHandle(job)
		return err
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
	if err != nil {
		windows.CloseHandle(job)
		return err
	}
	defer windows.CloseHandle(process)
	g.job = job
	return windows.AssignProcessToJobObject(job, process)
}

// kill ends the job; the handle stays open until Postern ends, so that it may be called often.
func (g *group) kill(cmd *exec.Cmd) {
	if g.job != 0 {
		windows.TerminateJobObject(g.job, 1)
		return
	}
	cmd.Process.Kill()
}

// terminate reports false: there is no SIGTERM here.
func (*group) terminate(*exec.Cmd) bool { return false }

// alive reports whether a process exists.
func alive(pid int) bool {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return err == windows.ERROR_ACCESS_DENIED
	}
	windows.CloseHandle(process)
	return true
}

// systemVariables are what every process of this system needs.
func systemVariables(tmp string) map[string]string {
	return map[string]string{"SystemRoot": os.Getenv("SystemRoot"), "TEMP": tmp, "TMP": tmp}
}

// exitOf reads how the process ended.
func exitOf(state *os.ProcessState, _ error) executor.Exit {
	return executor.Exit{Code: state.ExitCode()}
}
