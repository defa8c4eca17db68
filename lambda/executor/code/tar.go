package code

import (
	"archive/tar"
	"fmt"
	"io"
	"path"
	"time"
)

// WriteTar writes the archive's entries below prefix (var/task, opt), every directory explicitly and before what it holds, all
// owned by root, so that the function's user can read but not change them. It neither writes prefix's own parents nor closes w.
func (a *Archive) WriteTar(w *tar.Writer, prefix string, modified time.Time) error {
	made := map[string]bool{}
	for _, e := range a.entries {
		for _, dir := range missing(made, path.Dir(e.name)) {
			if err := w.WriteHeader(header(prefix, dir, 0o755, modified)); err != nil {
				return fmt.Errorf("tar %s: %w", dir, err)
			}
		}
		if err := e.writeTar(w, prefix, made, modified); err != nil {
			return fmt.Errorf("tar %s: %w", e.name, err)
		}
	}
	return nil
}

// missing lists the directories that still have to be written for dir to exist, outermost first.
func missing(made map[string]bool, dir string) []string {
	if dir == "." || made[dir] {
		return nil
	}
	made[dir] = true
	return append(missing(made, path.Dir(dir)), dir)
}

func (e entry) writeTar(w *tar.Writer, prefix string, made map[string]bool, modified time.Time) error {
	h := header(prefix, e.name, int64(e.mode.Perm()), modified)
	switch {
	case e.mode.IsDir():
		if made[e.name] {
			return nil
		}
		made[e.name] = true
		return w.WriteHeader(h)
	case e.link != "":
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, e.link, 0o777
		return w.WriteHeader(h)
	}
	h.Typeflag, h.Size, h.ModTime = tar.TypeReg, int64(e.file.UncompressedSize64), e.modified()
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	r, err := e.file.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	return err
}

// header is a directory's header, the base of the others.
func header(prefix, name string, mode int64, modified time.Time) *tar.Header {
	return &tar.Header{
		Typeflag: tar.TypeDir, Name: path.Join(prefix, name), Mode: mode, ModTime: modified, Format: tar.FormatPAX,
	}
}
