package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// walOf writes records 1 to n and gives the file, with the end of each record.
func walOf(t testing.TB, n int) (content []byte, ends []int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.wal")
	w, _, err := openWAL(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.f.Close()
	for i := 1; i <= n; i++ {
		if err := w.append(changesOf(i)); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(w.size))
	}
	content, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content, ends
}

func changesOf(i int) []diskChange {
	return []diskChange{{table: "u", key: []byte("gone")}, {table: "t", key: fmt.Append(nil, "key-", i), value: fmt.Append(nil, "value-", i)}}
}

// read gives how many of the records from number first on were read.
func read(t *testing.T, b []byte, done uint64) (records int, next uint64, err error) {
	t.Helper()
	changes, next, err := readWAL(b, done)
	if err != nil {
		return 0, 0, err
	}
	for i := 0; 2*i < len(changes); i++ {
		if diff := cmp.Diff(changesOf(int(done)+i+1), changes[2*i:2*i+2], cmp.AllowUnexported(diskChange{})); diff != "" {
			t.Error(diff)
		}
	}
	return len(changes) / 2, next, nil
}

// Wherever a crash cuts the log, the records before the cut are there.
func TestWALTorn(t *testing.T) {
	b, ends := walOf(t, 3)
	for cut := range len(b) + 1 {
		want := 0
		for _, end := range ends {
			if cut >= end {
				want++
			}
		}
		for name, torn := range map[string][]byte{
			"cut":    b[:cut],
			"zeros":  append(bytes.Clone(b[:cut]), make([]byte, 50)...),
			"padded": append(bytes.Clone(b[:cut]), make([]byte, len(b)-cut)...),
		} {
			got, next, err := read(t, torn, 0)
			if err != nil || got != want || next != uint64(want)+1 {
				t.Fatalf("%s at %d: %d records, next %d, %v; want %d", name, cut, got, next, err, want)
			}
		}
	}
}

// Damage before the last record is an error, not the end of the log.
func TestWALDamage(t *testing.T) {
	b, ends := walOf(t, 3)
	for at := range len(b) {
		bad := bytes.Clone(b)
		bad[at] ^= 0x40
		got, _, err := read(t, bad, 0)
		switch {
		case at >= ends[1] && (err != nil || got != 2):
			t.Errorf("last record damaged at %d: %d records, %v", at, got, err)
		case at < ends[1] && (err == nil || !strings.Contains(err.Error(), "damaged at byte")):
			t.Errorf("damaged at %d: %d records, %v", at, got, err)
		}
	}
	if _, _, err := readWAL(b[ends[0]:], 0); err == nil {
		t.Error("the first record is missing, and nobody noticed")
	}
}

// What a checkpoint already moved is not applied again.
func TestWALAfterCheckpoint(t *testing.T) {
	b, ends := walOf(t, 4)
	for done := range uint64(5) {
		if got, next, err := read(t, b, done); err != nil || got != 4-int(done) || next != 5 {
			t.Errorf("after %d: %d records, next %d, %v", done, got, next, err)
		}
	}
	// The truncation was lost, a newer record stands at the head of the old ones.
	w, _ := walOf(t, 9)
	newer := w[len(w)-(ends[1]-ends[0]):]
	mixed := append(bytes.Clone(newer), b[len(newer):]...)
	if got, next, err := read(t, mixed, 8); err != nil || got != 1 || next != 10 {
		t.Errorf("old records behind: %d records, next %d, %v", got, next, err)
	}
}

func FuzzReadWAL(f *testing.F) {
	b, ends := walOf(f, 3)
	f.Add(b, uint64(0))
	f.Add(b[:ends[1]+5], uint64(1))
	f.Add(b[ends[0]:], uint64(1))
	f.Add([]byte(walMagic), uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, done uint64) {
		if done == ^uint64(0) {
			return
		}
		if _, next, err := readWAL(b, done); err == nil && next <= done {
			t.Errorf("the next number %d was used before %d", next, done)
		}
		// A payload that decodes is encoded to what decodes to the same.
		changes, err := decodeChanges(b, nil)
		if err != nil {
			return
		}
		again, err := decodeChanges(encodeChanges(nil, changes), nil)
		if diff := cmp.Diff(changes, again, cmp.AllowUnexported(diskChange{})); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
}
