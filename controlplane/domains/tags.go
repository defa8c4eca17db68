package domains

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

const maxTags = 50

// checkTags applies AWS's limits to the tags of one resource.
//
// unverified against AWS: the texts.
func checkTags(tags map[string]string) error {
	if key := awsapi.ReservedTagKey(tags); key != "" {
		return awsapi.BadRequest("Invalid tag key: %s. The prefix aws: is reserved.", key)
	}
	if len(tags) > maxTags {
		return awsapi.BadRequest("The number of tags exceeds the maximum of %d", maxTags)
	}
	for k, v := range tags {
		if k == "" || len(k) > 128 || len(v) > 256 {
			return awsapi.BadRequest("Invalid tag: keys have 1 to 128 characters, values at most 256")
		}
	}
	return nil
}

// Tags gives the tags of the domain or association at a path, after change (nil: only
// read). found is false for a path that is neither.
func (s *Service) Tags(ctx context.Context, path string, change func(map[string]string) (map[string]string, error)) (tags map[string]string, found bool, err error) {
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
		tags = *holder
		return checkTags(tags)
	})
	return tags, true, err
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
