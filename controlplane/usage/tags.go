package usage

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/store"
)

// Tags gives the tags of the key or plan at a path, after change (nil: only read).
// found is false for a path that is neither.
func (s *Service) Tags(ctx context.Context, path string, change func(map[string]string) (map[string]string, error)) (tags map[string]string, found bool, err error) {
	kind, id, _ := strings.Cut(path, "/")
	if kind != "apikeys" && kind != "usageplans" {
		return nil, false, nil
	}
	run := s.DB.View
	if change != nil {
		run = func(fn func(*store.Tx) error) error { return s.DB.Update(ctx, fn) }
	}
	err = run(func(tx *store.Tx) error {
		holder, err := tagHolder(tx, scopeOf(ctx), kind, id, change != nil)
		if err != nil {
			return err
		}
		if change != nil {
			if *holder, err = change(*holder); err != nil {
				return err
			}
		}
		tags = *holder
		return nil
	})
	return tags, true, err
}

func tagHolder(tx *store.Tx, scope store.Scope, kind, id string, editable bool) (*map[string]string, error) {
	if kind == "apikeys" {
		k, ok := record(tx, apiKeys, scope, id, editable)
		if !ok {
			return nil, errAPIKey
		}
		return &k.Tags, nil
	}
	p, ok := record(tx, usagePlans, scope, id, editable)
	if !ok {
		return nil, errUsagePlan
	}
	return &p.Tags, nil
}

func record[T any](tx *store.Tx, table store.Table[T], scope store.Scope, id string, editable bool) (*T, bool) {
	if editable {
		return table.Edit(tx, scope, id)
	}
	return table.Get(tx, scope, id)
}
