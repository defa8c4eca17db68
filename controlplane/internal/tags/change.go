package tags

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// A Change makes a resource's new tags of those it has.
type Change = func(have map[string]string) map[string]string

// Add gives a resource more tags.
func Add(more map[string]string) Change {
	return func(have map[string]string) map[string]string { return awsapi.MergeTags(have, more) }
}

// Remove takes the tags of some keys away.
func Remove(keys []string) Change {
	return func(have map[string]string) map[string]string { return awsapi.RemoveTags(have, keys) }
}

// Of gives the tags of a resource after a change (nil: they are only read) that keeps
// to AWS's limits. holder finds where its record has them; editable asks for a record
// that may be changed.
func Of(ctx context.Context, db *store.DB, change Change, holder func(tx *store.Tx, editable bool) (*map[string]string, error)) (map[string]string, error) {
	var have map[string]string
	run := db.View
	if change != nil {
		run = func(fn func(*store.Tx) error) error { return db.Update(ctx, fn) }
	}
	err := run(func(tx *store.Tx) error {
		at, err := holder(tx, change != nil)
		if err != nil {
			return err
		}
		if change == nil {
			have = *at
			return nil
		}
		*at = change(*at)
		have = *at
		return Check(have)
	})
	return have, err
}

// Record gives the record at key, one that may be changed if it is to be editable.
func Record[T any](tx *store.Tx, table store.Table[T], scope store.Scope, key string, editable bool) (*T, bool) {
	if editable {
		return table.Edit(tx, scope, key)
	}
	return table.Get(tx, scope, key)
}
