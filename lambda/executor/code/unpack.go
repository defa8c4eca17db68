package code

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Unpack writes the archive into dir, which exists, over what is there already: of two layers the later wins.
// Nothing is ever written outside dir, whatever the archive or dir holds.
func (a *Archive) Unpack(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	defer root.Close()
	for _, e := range a.entries {
		if err := e.unpack(root); err != nil {
			return fmt.Errorf("unpack %s: %w", e.name, err)
		}
	}
	return nil
}

func (e entry) unpack(root *os.Root) error {
	name := filepath.FromSlash(e.name)
	if e.mode.IsDir() {
		return makeDir(root, name)
	}
	if parent := path.Dir(e.name); parent != "." {
		if err := makeDir(root, filepath.FromSlash(parent)); err != nil {
			return err
		}
	}
	if err := root.RemoveAll(name); err != nil {
		return err
	}
	if e.link != "" {
		return root.Symlink(filepath.FromSlash(e.link), name)
	}
	r, err := e.file.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	// Exclusive, so that an entry never goes through something that appeared in between.
	w, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, e.mode.Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		w.Close()
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return root.Chtimes(name, e.modified(), e.modified())
}

// makeDir makes a directory and its parents; a file of an earlier layer in the way gives way.
func makeDir(root *os.Root, name string) error {
	err := root.MkdirAll(name, 0o755)
	if err == nil || !errors.Is(err, fs.ErrExist) && !isNotDir(root, name) {
		return err
	}
	for at := name; at != "."; at = filepath.Dir(at) {
		if info, err := root.Stat(at); err == nil && !info.IsDir() {
			if err := root.Remove(at); err != nil {
				return err
			}
		}
	}
	return root.MkdirAll(name, 0o755)
}

// isNotDir reports whether something that is no directory is in the way of name.
func isNotDir(root *os.Root, name string) bool {
	for at := name; at != "."; at = filepath.Dir(at) {
		if info, err := root.Stat(at); err == nil {
			return !info.IsDir()
		}
	}
	return false
}

// Seal takes the write permission from everything below dir: environments share it.
func Seal(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Type() == fs.ModeSymlink {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chmod(name, info.Mode().Perm()&^0o222)
	})
}

// Remove removes dir and everything below it, sealed or not.
func Remove(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	// A sealed directory has to be writable for its entries to go.
	walk := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
		if d != nil && d.IsDir() {
			return os.Chmod(name, 0o700)
		}
		return nil
	})
	if walk != nil {
		return errors.Join(err, walk)
	}
	return os.RemoveAll(dir)
}
