package code

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Limits of an archive. MaxEntries is Postern's own; AWS documents none.
const (
	MaxUnzipped = 262144000
	MaxEntries  = 100_000
	maxLink     = 4096
)

// Errors with AWS's texts.
var (
	ErrNotZip   = errors.New("Could not unzip uploaded file. Please check your file, then try to upload again.")
	ErrTooLarge = fmt.Errorf("Unzipped size must be smaller than %d bytes", MaxUnzipped)
)

// Archive is a checked zip archive: every name is a clean relative path, every link stays inside, and all entries
// inflate to Size bytes, at most MaxUnzipped. Safe for use by several goroutines.
type Archive struct {
	entries []entry
	size    int64
}

type entry struct {
	name string // slash-separated, clean, relative
	mode fs.FileMode
	link string    // target, for a symbolic link
	file *zip.File // for a regular file
}

// firstDate is the earliest that an archive can tell.
var firstDate = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// modified is when the file was changed last, as the archive says: environments that unpack the same code agree on it.
func (e entry) modified() time.Time {
	if e.file.Modified.Before(firstDate) {
		return firstDate
	}
	return e.file.Modified
}

// Open checks the archive in r, inflating all of it once. The errors are ErrNotZip and ErrTooLarge, wrapped with the detail
// for the log. r must stay readable for as long as the archive is used.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	z, err := zip.NewReader(r, size)
	// A name that leaves the target makes NewReader complain as well; checkName says it better.
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, refuse(err)
	}
	if len(z.File) > MaxEntries {
		return nil, refuse(fmt.Errorf("%d entries, at most %d", len(z.File), MaxEntries))
	}
	a := &Archive{}
	last := map[string]int{}
	for _, f := range z.File {
		e, n, err := check(f, MaxUnzipped-a.size)
		if err != nil {
			return nil, err
		}
		a.size += n
		if e.name == "." {
			continue
		}
		// AWS: of two entries with one name the later wins.
		if i, seen := last[e.name]; seen {
			a.entries[i] = e
			continue
		}
		last[e.name] = len(a.entries)
		a.entries = append(a.entries, e)
	}
	if err := a.checkParents(last); err != nil {
		return nil, err
	}
	// Links come last, so that no file is ever written through one.
	slices.SortStableFunc(a.entries, func(x, y entry) int { return rank(x) - rank(y) })
	return a, nil
}

// Size is the number of bytes that the archive's files inflate to.
func (a *Archive) Size() int64 { return a.size }

// Has reports whether the archive holds a regular file or a link with this name.
func (a *Archive) Has(name string) bool {
	return slices.ContainsFunc(a.entries, func(e entry) bool { return e.name == name && !e.mode.IsDir() })
}

// HasPrefix reports whether any entry lies below the directory.
func (a *Archive) HasPrefix(dir string) bool {
	return slices.ContainsFunc(a.entries, func(e entry) bool { return strings.HasPrefix(e.name, dir+"/") })
}

func refuse(err error) error { return fmt.Errorf("%w (%w)", ErrNotZip, err) }

func rank(e entry) int {
	switch {
	case e.mode.IsDir():
		return 0
	case e.link == "":
		return 1
	}
	return 2
}

// check validates one entry and counts what it inflates to, giving up beyond limit.
func check(f *zip.File, limit int64) (entry, int64, error) {
	name, err := checkName(f.Name)
	if err != nil {
		return entry{}, 0, refuse(err)
	}
	e := entry{name: name, mode: mode(f, name)}
	if e.mode.IsDir() {
		return e, 0, nil
	}
	if !e.mode.IsRegular() && e.mode.Type() != fs.ModeSymlink {
		return entry{}, 0, refuse(fmt.Errorf("entry %q is neither a file, a directory nor a link", f.Name))
	}
	r, err := f.Open()
	if err != nil {
		return entry{}, 0, refuse(err)
	}
	defer r.Close()
	if e.mode.IsRegular() {
		e.file = f
		n, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
		if err != nil {
			return entry{}, 0, refuse(err)
		}
		if n > limit {
			return entry{}, 0, ErrTooLarge
		}
		return e, n, nil
	}
	target, err := io.ReadAll(io.LimitReader(r, maxLink+1))
	if err != nil {
		return entry{}, 0, refuse(err)
	}
	if e.link, err = checkLink(name, string(target)); err != nil {
		return entry{}, 0, refuse(err)
	}
	return e, 0, nil
}

// checkName cleans an entry's name and refuses one that could be written outside the target.
func checkName(name string) (string, error) {
	// Zips made by older Windows tools separate with backslashes.
	slashed := strings.ReplaceAll(name, `\`, "/")
	clean := path.Clean(slashed)
	switch {
	case name == "", strings.ContainsRune(name, 0), path.IsAbs(slashed),
		clean == "..", strings.HasPrefix(clean, "../"),
		len(clean) >= 2 && clean[1] == ':': // C:
		return "", fmt.Errorf("entry %q lies outside the archive", name)
	}
	return clean, nil
}

// checkLink refuses a link that points out of the archive.
func checkLink(name, target string) (string, error) {
	if target == "" || len(target) > maxLink || strings.ContainsRune(target, 0) || strings.Contains(target, `\`) || path.IsAbs(target) {
		return "", fmt.Errorf("link %q points outside the archive", name)
	}
	// Only leading ".." are allowed: they climb real directories (see checkParents), while one behind a name could
	// climb out of where another link led.
	rest := target
	for strings.HasPrefix(rest, "../") {
		rest = strings.TrimLeft(rest[3:], "/")
	}
	dest := path.Join(path.Dir(name), target)
	if dest == ".." || strings.HasPrefix(dest, "../") || rest != ".." && strings.Contains("/"+rest+"/", "/../") {
		return "", fmt.Errorf("link %q points outside the archive", name)
	}
	return target, nil
}

// checkParents refuses entries below a file or a link, the other way out of the target.
func (a *Archive) checkParents(byName map[string]int) error {
	for _, e := range a.entries {
		for dir := path.Dir(e.name); dir != "."; dir = path.Dir(dir) {
			if i, ok := byName[dir]; ok && !a.entries[i].mode.IsDir() {
				return refuse(fmt.Errorf("entry %q lies below %q, which is no directory", e.name, dir))
			}
		}
	}
	return nil
}

// mode is the entry's type and the permissions that it is unpacked with.
func mode(f *zip.File, name string) fs.FileMode {
	const unix, macOS = 3, 19
	m := f.Mode()
	if strings.HasSuffix(f.Name, "/") || strings.HasSuffix(f.Name, `\`) {
		m = m.Perm() | fs.ModeDir
	}
	perm := m.Perm()
	if made := f.CreatorVersion >> 8; (made != unix && made != macOS) || perm == 0 {
		// Made where files have no Unix mode.
		perm = 0o644
		if m.IsDir() || name == "bootstrap" || path.Dir(name) == "extensions" {
			perm = 0o755
		}
	}
	// AWS: the sandbox's user must be able to read everything; set-id bits are dropped.
	perm |= 0o444
	if m.IsDir() {
		perm |= 0o555
	}
	return m.Type() | perm
}
