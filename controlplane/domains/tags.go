package domains

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/internal/tags"
	"github.com/postern/postern/controlplane/store"
)

// Tags gives the tags of the domain or association at a path, after change (nil: only
// read). found is false for a path that is neither.
func (s *Service) Tags(ctx context.Context, path string, change func(map[string]string) (map[string]string, error)) (have map[string]string, found bool, err error) {
	kind, key, _ := strings.Cut(path, "/")
	if kind != "domainnames" && kind != "domainnameaccessassociations" || kind == "domainnames" && strings.Contains(key, "/") {
		return nil, false, nil
	}
	run := s.DB.View
	if change != nil {
		run = func(fn func(*store.Tx) error) error { return s.DB.Update(ctx, fn) }
	}
	err = run(func(stx *store.Tx) error {
		tx := &txn{stx, ctx, s, scopeOf(ctx)}
		holder, err := tx.tagHolder(kind, key, change != nil)
		if err != nil {
			return err
		}
		if change != nil {
			if *holder, err = change(*holder); err != nil {
				return err
			}
		}
		have = *holder
		return tags.Check(have)
	})
	return have, true, err
}

func (tx *txn) tagHolder(kind, key string, editable bool) (*map[string]string, error) {
	if kind == "domainnames" {
		d, ok := record(tx, domains, key, editable)
		if !ok {
			return nil, errDomain
		}
		return &d.Tags, nil
	}
	a, ok := record(tx, associations, tx.associationARN(key), editable)
	if !ok {
		return nil, errAssociation
	}
	return &a.Tags, nil
}

func record[T any](tx *txn, table store.Table[T], key string, editable bool) (*T, bool) {
	if editable {
		return table.Edit(tx.Tx, tx.scope, key)
	}
	return table.Get(tx.Tx, tx.scope, key)
}
