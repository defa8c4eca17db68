package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/postern/postern/controlplane/store"
)

// own is a transaction as a service sees it.
type own struct {
	*store.Tx
	scope store.Scope
}

func begin(_ context.Context, tx *store.Tx) *own { return &own{tx, us} }

func TestEditGivesItsAnswer(t *testing.T) {
	eachKind(t, func(t *testing.T, db *store.DB) {
		ctx, want := context.Background(), &item{N: 1}
		got, err := store.Edit(ctx, db, begin, func(tx *own) (*item, error) {
			items.Put(tx.Tx, tx.scope, "a", want)
			return want, nil
		})
		if got != want || err != nil {
			t.Errorf("Edit gave %v, %v", got, err)
		}
		got, err = store.Read(ctx, db, begin, func(tx *own) (*item, error) {
			it, _ := items.Get(tx.Tx, tx.scope, "a")
			return it, nil
		})
		if got != want || err != nil {
			t.Errorf("Read gave %v, %v", got, err)
		}
	})
}

func TestFailedEditGivesNoAnswer(t *testing.T) {
	eachKind(t, func(t *testing.T, db *store.DB) {
		ctx, fails := context.Background(), errors.New("fails")
		got, err := store.Edit(ctx, db, begin, func(tx *own) (*item, error) {
			it := &item{N: 1}
			items.Put(tx.Tx, tx.scope, "a", it)
			return it, fails
		})
		if got != nil || !errors.Is(err, fails) {
			t.Errorf("Edit gave %v, %v", got, err)
		}
		if left := listed(t, db, us, ""); len(left) != 0 {
			t.Errorf("it left %v", left)
		}
		got, err = store.Read(ctx, db, begin, func(*own) (*item, error) { return &item{}, fails })
		if got != nil || !errors.Is(err, fails) {
			t.Errorf("Read gave %v, %v", got, err)
		}
	})
}
