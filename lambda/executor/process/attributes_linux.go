package process

import "syscall"

// attributes: a group of its own, which ends with Postern whatever ends Postern.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
