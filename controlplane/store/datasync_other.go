//go:build !linux

package store

import "os"

// datasync makes a file's content durable.
func datasync(f *os.File) error { return f.Sync() }
