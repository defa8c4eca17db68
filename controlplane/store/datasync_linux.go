package store

import (
	"os"
	"syscall"
)

// datasync makes a file's content durable, without times that nobody reads.
func datasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return err
		}
	}
}
