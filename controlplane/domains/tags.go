package domains

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/internal/tags"
	"github.com/postern/postern/controlplane/store"
)

// Tags gives the tags of the domain or association at a path, after change (nil: only
// read). found is false for a path that is neither.
func (s *Service) Tags(ctx context.Context, path string, change tags.Change) (have map[string]string, found bool, err error) {
	kind, key, _ := strings.Cut(path, "/")
	if kind != "domainnames" && kind != "domainnameaccessassociations" || kind == "domainnames" && strings.Contains(key, "/") {
		return nil, false, nil
	}
	have, err = tags.Of(ctx, s.DB, change, func(tx *store.Tx, editable bool) (*map[string]string, error) {
		return s.txn(ctx, tx).tagHolder(kind, key, editable)
	})
	return have, true, err
}

func (tx *txn) tagHolder(kind, key string, editable bool) (*map[string]string, error) {
	if kind == "domainnames" {
		d, ok := tags.Record(tx.Tx, domains, tx.scope, key, editable)
		if !ok {
			return nil, errDomain
		}
		return &d.Tags, nil
	}
	a, ok := tags.Record(tx.Tx, associations, tx.scope, tx.associationARN(key), editable)
	if !ok {
		return nil, errAssociation
	}
	return &a.Tags, nil
}
