//go:build race

package socket

import "syscall"

// The race detector takes it from package syscall that what is read was written before.

func read(fd uintptr, p []byte) (int, error) { return syscall.Read(int(fd), p) }

func write(fd uintptr, p []byte) (int, error) { return syscall.Write(int(fd), p) }
