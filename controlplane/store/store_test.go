package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/postern/postern/controlplane/store"
)

func TestMain(m *testing.M) {
	if childOfKillTest() {
		return
	}
	goleak.VerifyTestMain(m)
}

type item struct {
	N     int
	Name  string            `json:",omitempty"`
	Tags  map[string]string `json:",omitempty"`
	Inner *item             `json:",omitempty"`
	List  []*item           `json:",omitempty"`
	Free  any               `json:",omitempty"`
	At    time.Time         `json:",omitzero"`
}

var (
	items  = store.NewTable[item]("test.item")
	others = store.NewTable[item]("test.other")
	us     = store.Scope{Account: "000000000000", Region: "us-east-1"}
	eu     = store.Scope{Account: "000000000000", Region: "eu-west-1"}
)

// eachKind runs a test on a store in memory and on one with a directory.
func eachKind(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Run("memory", func(t *testing.T) { test(t, open(t, "")) })
	t.Run("directory", func(t *testing.T) { test(t, open(t, t.TempDir())) })
}

func open(t *testing.T, dir string) *store.DB {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx)) {
	t.Helper()
	if err := db.Update(context.Background(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// listed gives the numbers of a scope's items with a key prefix.
func listed(t *testing.T, db *store.DB, s store.Scope, prefix string) []int {
	t.Helper()
	got := []int{}
	if err := db.View(func(tx *store.Tx) error {
		for _, it := range items.List(tx, s, prefix) {
			got = append(got, it.N)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func wantListed(t *testing.T, db *store.DB, s store.Scope, prefix string, want ...int) {
	t.Helper()
	if want == nil {
		want = []int{}
	}
	if diff := cmp.Diff(want, listed(t, db, s, prefix)); diff != "" {
		t.Error(diff)
	}
}

func TestOrderAndScopes(t *testing.T) {
	eachKind(t, func(t *testing.T, db *store.DB) {
		wantListed(t, db, us, "")
		update(t, db, func(tx *store.Tx) {
			for i, key := range []string{"z", "a/2", "m", "a/1"} {
				items.Put(tx, us, key, &item{N: i})
			}
			items.Put(tx, eu, "z", &item{N: 9})
		})
		wantListed(t, db, us, "", 0, 1, 2, 3)
		wantListed(t, db, us, "a/", 1, 3)
		wantListed(t, db, eu, "", 9)
		// A record that is replaced keeps its place; one put anew goes to the end.
		update(t, db, func(tx *store.Tx) {
			items.Put(tx, us, "a/2", &item{N: 10})
			if !items.Delete(tx, us, "z") || items.Delete(tx, us, "z") || items.Delete(tx, us, "none") {
				t.Error("Delete does not tell what was there")
			}
		})
		update(t, db, func(tx *store.Tx) { items.Put(tx, us, "z", &item{N: 11}) })
		wantListed(t, db, us, "", 10, 2, 3, 11)
		update(t, db, func(tx *store.Tx) { items.DeletePrefix(tx, us, "a/") })
		wantListed(t, db, us, "", 2, 11)
		if err := db.View(func(tx *store.Tx) error {
			if got := len(items.All(tx)); got != 3 {
				t.Errorf("%d records in all scopes", got)
			}
			if _, ok := items.Get(tx, eu, "m"); ok {
				t.Error("a record is seen in another region")
			}
			if _, ok := others.Get(tx, us, "z"); ok {
				t.Error("a record is seen in another table")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	eachKind(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) {
			for i, key := range []string{"a", "b", "c"} {
				items.Put(tx, us, key, &item{N: i, Tags: map[string]string{"k": "v"}})
			}
		})
		everything := func(tx *store.Tx) {
			items.Put(tx, us, "a", &item{N: 100})
			items.Delete(tx, us, "a")
			items.Put(tx, us, "a", &item{N: 101})
			items.Delete(tx, us, "b")
			items.Put(tx, us, "d", &item{N: 102})
			if e, ok := items.Edit(tx, us, "c"); ok {
				e.N, e.Tags["k"] = 103, "changed"
			}
			others.Put(tx, eu, "x", &item{})
			items.DeletePrefix(tx, us, "")
			items.Put(tx, us, "e", &item{N: 104})
		}
		boom := errors.New("boom")
		if err := db.Update(t.Context(), func(tx *store.Tx) error { everything(tx); return boom }); !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Update(t.Context(), func(tx *store.Tx) error { everything(tx); panic("boom") })
		}()
		wantListed(t, db, us, "", 0, 1, 2)
		if err := db.View(func(tx *store.Tx) error {
			if c, _ := items.Get(tx, us, "c"); c.Tags["k"] != "v" {
				t.Error("a stored record was changed")
			}
			if len(others.All(tx)) != 0 {
				t.Error("a record of the failed transaction is there")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A record that cannot be kept fails its own transaction, not those of others.
func TestRecordThatCannotBeEncoded(t *testing.T) {
	db := open(t, t.TempDir())
	for name, put := range map[string]func(tx *store.Tx){
		"no JSON":  func(tx *store.Tx) { items.Put(tx, us, "bad", &item{Free: func() {}}) },
		"long key": func(tx *store.Tx) { items.Put(tx, us, strings.Repeat("k", 1<<16), &item{}) },
	} {
		if err := db.Update(t.Context(), func(tx *store.Tx) error {
			items.Put(tx, us, "beside", &item{})
			put(tx)
			return nil
		}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	wantListed(t, db, us, "")
	update(t, db, func(tx *store.Tx) { items.Put(tx, us, "good", &item{N: 1}) })
	wantListed(t, db, us, "", 1)
}

func TestEditCopiesDeeply(t *testing.T) {
	db := open(t, "")
	before := &item{N: 1, Tags: map[string]string{"k": "v"}, Inner: &item{Tags: map[string]string{"i": "1"}}, List: []*item{{N: 2}}, Free: map[string]any{"a": []any{"b"}}}
	update(t, db, func(tx *store.Tx) { items.Put(tx, us, "a", before) })
	kept := store.Clone(before)
	update(t, db, func(tx *store.Tx) {
		e, _ := items.Edit(tx, us, "a")
		e.Tags["k"], e.Inner.Tags["i"], e.List[0].N = "x", "x", 99
		e.Free.(map[string]any)["a"].([]any)[0] = "x"
		if _, ok := items.Edit(tx, us, "none"); ok {
			t.Error("edited what is not there")
		}
	})
	if diff := cmp.Diff(kept, before); diff != "" {
		t.Errorf("a reader's record changed: %s", diff)
	}
}

func TestWriteInViewPanics(t *testing.T) {
	db := open(t, "")
	defer func() {
		if recover() == nil {
			t.Error("a read-only transaction wrote")
		}
	}()
	_ = db.View(func(tx *store.Tx) error { items.Put(tx, us, "a", &item{}); return nil })
}

// Readers see whole transactions, whatever writers do.
func TestConcurrentTransactions(t *testing.T) {
	eachKind(t, func(t *testing.T, db *store.DB) {
		const writers, rounds = 8, 30
		update(t, db, func(tx *store.Tx) { items.Put(tx, us, "sum", &item{}) })
		done := make(chan struct{})
		var readers, writing sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					_ = db.View(func(tx *store.Tx) error {
						sum, _ := items.Get(tx, us, "sum")
						if n := len(items.List(tx, us, "w")); n != sum.N {
							t.Errorf("a torn read: %d records, sum %d", n, sum.N)
						}
						return nil
					})
				}
			})
		}
		for w := range writers {
			writing.Go(func() {
				for i := range rounds {
					err := db.Update(context.Background(), func(tx *store.Tx) error {
						items.Put(tx, us, fmt.Sprintf("w%d-%d", w, i), &item{})
						sum, _ := items.Edit(tx, us, "sum")
						sum.N++
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		close(done)
		readers.Wait()
		if got := len(listed(t, db, us, "w")); got != writers*rounds {
			t.Errorf("%d of %d changes", got, writers*rounds)
		}
	})
}

func TestReset(t *testing.T) {
	dir := t.TempDir()
	t.Run("reset", func(t *testing.T) {
		db := open(t, dir)
		update(t, db, func(tx *store.Tx) {
			for i := range 1000 {
				items.Put(tx, us, fmt.Sprint(i), &item{N: i})
				others.Put(tx, eu, fmt.Sprint(i), &item{N: i})
			}
		})
		if err := db.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantListed(t, db, us, "")
		update(t, db, func(tx *store.Tx) { items.Put(tx, us, "new", &item{N: 7}) })
		wantListed(t, db, us, "", 7)
	})
	db := open(t, dir)
	wantListed(t, db, us, "", 7)
	if err := db.View(func(tx *store.Tx) error {
		if n := len(others.All(tx)); n != 0 {
			t.Errorf("%d records after a reset and a restart", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
