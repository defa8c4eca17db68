package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/store"
)

// Rows of several parents are in insertion order among themselves too, and stay so
// through replacement, deletion and a transaction that fails.
func TestListOrderOverParents(t *testing.T) {
	ctx, table := context.Background(), store.NewTable[item]("families")
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	update := func(fn func(tx *store.Tx) error) error { return db.Update(ctx, fn) }
	put := func(tx *store.Tx, keys ...string) {
		for _, k := range keys {
			table.Put(tx, us, k, &item{Name: k})
		}
	}
	_ = update(func(tx *store.Tx) error {
		put(tx, "b/2", "a/1", "plain", "b/1", "a/2/x", "c/1", "a/2/y", "a/1")
		return nil
	})
	failed := errors.New("on purpose")
	if err := update(func(tx *store.Tx) error {
		table.DeletePrefix(tx, us, "a/")
		table.Delete(tx, us, "b/2")
		put(tx, "d/1", "b/0")
		return failed
	}); !errors.Is(err, failed) {
		t.Fatalf("got %v, want the transaction's own error", err)
	}
	_ = update(func(tx *store.Tx) error {
		table.DeletePrefix(tx, us, "c/")
		return nil
	})
	for prefix, want := range map[string][]string{
		"":     {"b/2", "a/1", "plain", "b/1", "a/2/x", "a/2/y"},
		"a/":   {"a/1", "a/2/x", "a/2/y"},
		"a/2/": {"a/2/x", "a/2/y"},
		"b":    {"b/2", "b/1"},
		"p":    {"plain"},
		"c/":   nil,
		"d/":   nil,
	} {
		var got []string
		_ = db.View(func(tx *store.Tx) error {
			for _, rec := range table.List(tx, us, prefix) {
				got = append(got, rec.Name)
			}
			if n := table.Len(tx, us, prefix); n != len(want) {
				t.Errorf("%q: counted %d", prefix, n)
			}
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("prefix %q (-want +got):\n%s", prefix, diff)
		}
	}
}

// The children of one parent cost what they are, however many parents there are.
func BenchmarkListChildren(b *testing.B) {
	for _, parents := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("%d parents of 300", parents), func(b *testing.B) {
			db, err := store.Open("")
			if err != nil {
				b.Fatal(err)
			}
			if err := db.Update(context.Background(), func(tx *store.Tx) error {
				for i := range parents * 300 {
					benched.Put(tx, us, fmt.Sprintf("api%d/%d", i%parents, i), &item{N: i})
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				_ = db.View(func(tx *store.Tx) error {
					if n := len(benched.List(tx, us, "api0/")); n != 300 {
						b.Fatalf("got %d children, want 300", n)
					}
					return nil
				})
			}
		})
	}
}
