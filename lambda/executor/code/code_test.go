package code_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda/executor/code"
)

// file is one entry to be zipped.
type file struct {
	name, data string
	mode       fs.FileMode
	dos        bool // made without Unix modes
}

func pack(t testing.TB, files ...file) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if !f.dos {
			header.SetMode(f.mode)
		}
		entry, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func open(data []byte) (*code.Archive, error) {
	return code.Open(bytes.NewReader(data), int64(len(data)))
}

func TestOpenRefuses(t *testing.T) {
	const link = fs.ModeSymlink | 0o777
	for name, files := range map[string][]file{
		"parent":               {{name: "../evil"}},
		"parent inside":        {{name: "a/../../evil"}},
		"absolute":             {{name: "/etc/passwd"}},
		"drive":                {{name: `C:\evil`}},
		"backslash parent":     {{name: `..\evil`}},
		"NUL":                  {{name: "a\x00b"}},
		"absolute link":        {{name: "l", data: "/etc", mode: link}},
		"link to the parent":   {{name: "l", data: "..", mode: link}},
		"link out of a folder": {{name: "a/l", data: "../../x", mode: link}},
		"link through a link":  {{name: "a/b/l", data: "../../", mode: link}, {name: "m", data: "a/b/l/../x", mode: link}},
		"file below a link":    {{name: "l", data: "d", mode: link}, {name: "l/x"}},
		"file below a file":    {{name: "f"}, {name: "f/x"}},
		"device":               {{name: "dev", mode: fs.ModeDevice | 0o666}},
		"pipe":                 {{name: "pipe", mode: fs.ModeNamedPipe | 0o666}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := open(pack(t, files...)); !errors.Is(err, code.ErrNotZip) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := open([]byte("no zip")); !errors.Is(err, code.ErrNotZip) || !strings.HasPrefix(err.Error(), "Could not unzip uploaded file. Please check your file, then try to upload again.") {
		t.Errorf("got %v", err)
	}
}

func TestOpenCountsWhatIsInflated(t *testing.T) {
	// One mebibyte of zeros is compressed once and is the content of every entry.
	zeros := make([]byte, 1<<20)
	var deflated bytes.Buffer
	compress, err := flate.NewWriter(&deflated, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	compress.Write(zeros)
	compress.Close()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := range 251 {
		entry, err := w.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprint(i), Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(zeros),
			CompressedSize64: uint64(deflated.Len()), UncompressedSize64: uint64(len(zeros)),
		})
		if err != nil {
			t.Fatal(err)
		}
		entry.Write(deflated.Bytes())
	}
	w.Close()
	if _, err := open(buf.Bytes()); !errors.Is(err, code.ErrTooLarge) || err.Error() != "Unzipped size must be smaller than 262144000 bytes" {
		t.Errorf("got %v", err)
	}
}

func TestOpenDoesNotTrustDeclaredSizes(t *testing.T) {
	data := pack(t, file{name: "f", data: strings.Repeat("x", 1000)})
	// The uncompressed size in the central directory, 24 bytes into its only record.
	at := bytes.Index(data, []byte("PK\x01\x02")) + 24
	binary.LittleEndian.PutUint32(data[at:], 10)
	if _, err := open(data); !errors.Is(err, code.ErrNotZip) {
		t.Errorf("got %v", err)
	}
}

// want is what the archive of sample unpacks to, in a directory and in a tar alike.
var want = map[string]string{
	"bootstrap": "-rwxr-xr-x run", "lib": "drwxr-xr-x", "lib/a.so": "-rw-r--r-- a", "lib/deep": "drwxr-xr-x", "lib/deep/b": "-r--r--r-- b",
	"link": "L lib/a.so", "lib/back": "L ../bootstrap", "twice": "-rw-r--r-- second", "secret": "-rw-r--r-- s", "extensions": "drwxr-xr-x",
	"extensions/e": "-rwxr-xr-x e", "win": "drwxr-xr-x", "win/f": "-rw-r--r-- w", "setuid": "-rwxr-xr-x u", "empty": "drwxr-xr-x",
}

func sample(t testing.TB) *code.Archive {
	archive, err := open(pack(t,
		file{name: "link", data: "lib/a.so", mode: fs.ModeSymlink | 0o777},
		file{name: "lib/back", data: "../bootstrap", mode: fs.ModeSymlink | 0o777},
		file{name: "bootstrap", data: "run", dos: true}, file{name: "extensions/e", data: "e", dos: true},
		file{name: "lib/a.so", data: "a", mode: 0o644}, file{name: "lib/deep/b", data: "b", mode: 0o400},
		file{name: "twice", data: "first", mode: 0o644}, file{name: "twice", data: "second", mode: 0o644},
		file{name: "secret", data: "s", mode: 0o600}, file{name: `win\f`, data: "w", dos: true},
		file{name: "setuid", data: "u", mode: fs.ModeSetuid | 0o755}, file{name: "empty/", mode: fs.ModeDir | 0o700},
	))
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	if err := sample(t).Unpack(dir); err != nil {
		t.Fatal(err)
	}
	got := list(t, dir)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := code.Seal(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "bootstrap")); err != nil || info.Mode().Perm() != 0o555 {
		t.Errorf("sealed: %v, %v", info.Mode(), err)
	}
	if err := code.Remove(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

// list describes the tree below dir.
func list(t *testing.T, dir string) map[string]string {
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		rel = filepath.ToSlash(rel)
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			got[rel] = "L " + target
			return err
		case d.IsDir():
			got[rel] = info.Mode().String()
			return nil
		}
		data, err := os.ReadFile(name)
		got[rel] = info.Mode().String() + " " + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLaterLayersWin(t *testing.T) {
	dir := t.TempDir()
	for _, files := range [][]file{
		{{name: "a", data: "one", mode: 0o644}, {name: "b/c", data: "one", mode: 0o644}, {name: "d", data: "file", mode: 0o644}, {name: "l", data: "a", mode: fs.ModeSymlink | 0o777}},
		{{name: "a", data: "two", mode: 0o644}, {name: "b/e", data: "two", mode: 0o644}, {name: "d/f", data: "two", mode: 0o644}, {name: "l", data: "two", mode: 0o644}},
	} {
		archive, err := open(pack(t, files...))
		if err != nil {
			t.Fatal(err)
		}
		if err := archive.Unpack(dir); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{
		"a": "-rw-r--r-- two", "b": "drwxr-xr-x", "b/c": "-rw-r--r-- one", "b/e": "-rw-r--r-- two", "d": "drwxr-xr-x", "d/f": "-rw-r--r-- two", "l": "-rw-r--r-- two",
	}
	if diff := cmp.Diff(want, list(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteTar(t *testing.T) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	if err := sample(t).WriteTar(w, "var/task", time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	got := map[string]string{}
	r := tar.NewReader(&buf)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(h.Name, "var/task/"), "/")
		if _, twice := got[name]; twice {
			t.Errorf("%s is there twice", name)
		}
		if dir := filepath.Dir(name); dir != "." && got[filepath.ToSlash(dir)] == "" {
			t.Errorf("%s comes before its directory", name)
		}
		if h.Uid != 0 || h.Gid != 0 {
			t.Errorf("%s belongs to %d:%d", name, h.Uid, h.Gid)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		switch h.Typeflag {
		case tar.TypeSymlink:
			got[name] = "L " + h.Linkname
		case tar.TypeDir:
			got[name] = h.FileInfo().Mode().String()
		default:
			got[name] = h.FileInfo().Mode().String() + " " + string(data)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzOpen: whatever is accepted unpacks without leaving its directory and says the same in a tar.
func FuzzOpen(f *testing.F) {
	f.Add(pack(f, file{name: "a/b", data: "x", mode: 0o644}, file{name: "l", data: "a", mode: fs.ModeSymlink | 0o777}))
	f.Add(pack(f, file{name: "../a", data: "x", mode: 0o644}))
	f.Fuzz(func(t *testing.T, data []byte) {
		archive, err := open(data)
		if err != nil {
			if !errors.Is(err, code.ErrNotZip) && !errors.Is(err, code.ErrTooLarge) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		outside := t.TempDir()
		dir := filepath.Join(outside, "in")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		archive.Unpack(dir) // names that this file system does not take fail
		if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
			t.Fatalf("something was written outside: %v, %v", entries, err)
		}
		if err := archive.WriteTar(tar.NewWriter(io.Discard), "var/task", time.Unix(0, 0)); err != nil && archive.Size() < 1<<20 {
			t.Logf("tar: %v", err)
		}
	})
}

// TestFilesKeepTheirDates has a file of an archive unpacked with the archive's date, or with
// the first that there is: else environments of one version would not agree on it.
func TestFilesKeepTheirDates(t *testing.T) {
	dated := time.Date(2024, time.May, 6, 7, 8, 10, 0, time.UTC)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, modified := range map[string]time.Time{"dated": dated, "undated": {}} {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: name, Modified: modified}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	archive, err := code.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := archive.Unpack(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]time.Time{"dated": dated, "undated": time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !info.ModTime().Equal(want) {
			t.Errorf("%s: %v, want %v", name, info.ModTime().UTC(), want)
		}
	}
}
