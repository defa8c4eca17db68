package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/store"
)

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "here")
	at := time.Date(2026, 1, 15, 12, 0, 0, 123456789, time.UTC)
	rec := &item{N: 1, Name: "a\x00b\u2028 <é>", Tags: map[string]string{"k": ""}, Inner: &item{At: at}, List: []*item{{N: 2}, nil}}
	t.Run("write", func(t *testing.T) {
		db := open(t, dir)
		update(t, db, func(tx *store.Tx) {
			items.Put(tx, us, "rec", rec)
			items.Put(tx, us, "first", &item{N: 2})
			items.Put(tx, us, "gone", &item{N: 3})
			items.Put(tx, us, "last\x00with\x00zeros", &item{N: 4})
		})
		update(t, db, func(tx *store.Tx) {
			items.Delete(tx, us, "gone")
			e, _ := items.Edit(tx, us, "first")
			e.N = 5
		})
	})
	t.Run("change after a restart", func(t *testing.T) {
		db := open(t, dir)
		wantListed(t, db, us, "", 1, 5, 4)
		if err := db.View(func(tx *store.Tx) error {
			got, ok := items.Get(tx, us, "rec")
			if diff := cmp.Diff(rec, got); !ok || diff != "" {
				t.Error(diff)
			}
			again, _ := items.Get(tx, us, "rec")
			if got != again {
				t.Error("one record is decoded twice")
			}
			_, ok = items.Get(tx, us, "last\x00with\x00zeros")
			if !ok {
				t.Error("a key with zeros is lost")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		// A record that was never decoded is rolled back and deleted all the same.
		_ = db.Update(t.Context(), func(tx *store.Tx) error {
			items.DeletePrefix(tx, us, "")
			return errors.New("no")
		})
		update(t, db, func(tx *store.Tx) { items.Put(tx, us, "new", &item{N: 6}) })
	})
	wantListed(t, open(t, dir), us, "", 1, 5, 4, 6)
}

func TestOpenRefusals(t *testing.T) {
	t.Run("in use", func(t *testing.T) {
		dir := t.TempDir()
		open(t, dir)
		if _, err := store.Open(dir); err == nil || !strings.Contains(err.Error(), "in use by another postern") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("not a database", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "postern.db"), []byte(strings.Repeat("garbage ", 4096)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a file in the way", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(file); err == nil {
			t.Error("no error")
		}
	})
}

func TestAfterClose(t *testing.T) {
	db := open(t, t.TempDir())
	update(t, db, func(tx *store.Tx) { items.Put(tx, us, "a", &item{}) })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), func(tx *store.Tx) error { items.Put(tx, us, "b", &item{}); return nil }); err == nil {
		t.Error("a change after the end was acknowledged")
	}
	if err := db.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// Whoever waits for a write while the store is closed gets it written.
func TestCloseWaitsForWriters(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	var mu sync.Mutex
	acknowledged := 0
	started := make(chan struct{}, 8)
	for w := range 8 {
		writing.Go(func() {
			for i := 0; ; i++ {
				err := db.Update(context.Background(), func(tx *store.Tx) error { items.Put(tx, us, fmt.Sprint(w, "-", i), &item{}); return nil })
				if err != nil {
					return
				}
				if i == 0 {
					started <- struct{}{}
				}
				mu.Lock()
				acknowledged++
				mu.Unlock()
			}
		})
	}
	for range 8 {
		<-started
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	writing.Wait()
	if got := len(listed(t, open(t, dir), us, "")); got < acknowledged {
		t.Errorf("%d of %d acknowledged changes are there", got, acknowledged)
	}
}

// A caller that goes away stops waiting; the write happens all the same.
func TestCancelledWait(t *testing.T) {
	dir := t.TempDir()
	t.Run("write", func(t *testing.T) {
		db := open(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Update(ctx, func(tx *store.Tx) error { items.Put(tx, us, "a", &item{N: 1}); cancel(); return nil })
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	wantListed(t, open(t, dir), us, "", 1)
}

func TestBlobs(t *testing.T) {
	dir := t.TempDir()
	var key string
	eachKind(t, func(t *testing.T, db *store.DB) {
		b := db.Blobs()
		const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		if key, err := b.Put(nil); err != nil || key != empty {
			t.Errorf("empty blob: %s %v", key, err)
		}
		var putting sync.WaitGroup
		for range 8 {
			putting.Go(func() {
				if _, err := b.Put([]byte("same")); err != nil {
					t.Error(err)
				}
			})
		}
		putting.Wait()
		key, err := b.Put([]byte("same"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Get(key); err != nil || string(got) != "same" {
			t.Errorf("got %q %v", got, err)
		}
		for range 2 { // deleting what is gone is no error
			if err := b.Delete(key); err != nil {
				t.Error(err)
			}
		}
		if _, err := b.Get(key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after the deletion: %v", err)
		}
	})
	t.Run("put", func(t *testing.T) {
		var err error
		if key, err = open(t, dir).Blobs().Put([]byte("kept")); err != nil {
			t.Fatal(err)
		}
	})
	if got, err := open(t, dir).Blobs().Get(key); err != nil || string(got) != "kept" {
		t.Errorf("after a restart: %q %v", got, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "blobs", "new-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
