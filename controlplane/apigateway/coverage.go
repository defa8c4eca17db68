package apigateway

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/store"
)

// Coverage lists, by the Unenforced table's names, what of an API's settings is kept
// but not acted on. found is false when there is no such API.
func (s *Service) Coverage(ctx context.Context, apiID string) (settings []string, found bool) {
	// The view itself never fails.
	_ = s.DB.View(func(stx *store.Tx) error {
		for _, e := range restAPIs.All(stx) {
			if e.Rec.ID == apiID {
				tx := &txn{Tx: stx, ctx: ctx, s: s, scope: e.Scope}
				settings, found = tx.coverage(e.Rec), true
			}
		}
		return nil
	})
	return settings, found
}

func (tx *txn) coverage(api *RestAPI) []string {
	var out []string
	add := func(resource string, names []string) {
		for _, n := range names {
			out = append(out, resource+"."+n)
		}
	}
	add("RestApi", restAPIUnenforced(api))
	for _, st := range stages.List(tx.Tx, tx.scope, api.ID+"/") {
		add("Stage", tx.stageUnenforced(st))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
