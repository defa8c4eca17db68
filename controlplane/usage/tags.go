package usage

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/internal/tags"
	"github.com/postern/postern/controlplane/store"
)

// Tags gives the tags of the key or plan at a path, after change (nil: only read).
// found is false for a path that is neither.
func (s *Service) Tags(ctx context.Context, path string, change tags.Change) (have map[string]string, found bool, err error) {
	kind, id, _ := strings.Cut(path, "/")
	if kind != "apikeys" && kind != "usageplans" {
		return nil, false, nil
	}
	have, err = tags.Of(ctx, s.DB, change, func(tx *store.Tx, editable bool) (*map[string]string, error) {
		return tagHolder(tx, scopeOf(ctx), kind, id, editable)
	})
	return have, true, err
}

func tagHolder(tx *store.Tx, scope store.Scope, kind, id string, editable bool) (*map[string]string, error) {
	if kind == "apikeys" {
		k, ok := tags.Record(tx, apiKeys, scope, id, editable)
		if !ok {
			return nil, errAPIKey
		}
		return &k.Tags, nil
	}
	p, ok := tags.Record(tx, usagePlans, scope, id, editable)
	if !ok {
		return nil, errUsagePlan
	}
	return &p.Tags, nil
}
