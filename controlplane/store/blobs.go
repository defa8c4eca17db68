package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
)

// Blobs keeps large byte strings under their SHA-256, in memory or as files. Put a
// blob before the record that names it: a crash between the two leaves a blob that
// nothing names, never a record without its blob.
type Blobs struct {
	dir string
	mu  sync.Mutex
	mem map[string][]byte
}

// Put stores b and gives its key. It returns when b is durable.
func (s *Blobs) Put(b []byte) (string, error) {
	sum := sha256.Sum256(b)
	key := hex.EncodeToString(sum[:])
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.mem == nil {
			s.mem = map[string][]byte{}
		}
		s.mem[key] = b
		return key, nil
	}
	path := filepath.Join(s.dir, key)
	if _, err := os.Stat(path); err == nil {
		// Whoever put it may not have synced the directory yet.
		return key, syncDir(s.dir)
	}
	if err := writeFileSync(path, b); err != nil {
		return "", fmt.Errorf("store blob: %w", err)
	}
	return key, nil
}

func writeFileSync(path string, b []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(b); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename durable where directories can be synced.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// Get gives the blob of a key, not to be changed.
func (s *Blobs) Get(key string) ([]byte, error) {
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		if b, ok := s.mem[key]; ok {
			return b, nil
		}
		return nil, fmt.Errorf("blob %s: %w", key, fs.ErrNotExist)
	}
	return os.ReadFile(filepath.Join(s.dir, key))
}

// Delete forgets a blob; the caller knows that no record names it any more.
func (s *Blobs) Delete(key string) error {
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.mem, key)
		return nil
	}
	err := os.Remove(filepath.Join(s.dir, key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Sweep forgets every blob that keep does not want, and what a crash left half
// written. The caller sees to it that no blob is being put meanwhile.
func (s *Blobs) Sweep(keep func(key string) bool) error {
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		maps.DeleteFunc(s.mem, func(key string, _ []byte) bool { return !keep(key) })
		return nil
	}
	files, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range files {
		if !keep(f.Name()) {
			err = errors.Join(err, s.Delete(f.Name()))
		}
	}
	return err
}
