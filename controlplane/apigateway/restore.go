package apigateway

import (
	"context"
	"fmt"

	"github.com/postern/postern/controlplane/store"
)

// Restore hands every API and stage that the store holds to the data plane. It is
// called once at start, before requests are served. A stage that does not compile
// any more is reported and left out; the others are served.
func (s *Service) Restore(ctx context.Context) error {
	return s.DB.View(func(tx *store.Tx) error {
		for _, e := range restAPIs.All(tx) {
			t := &txn{Tx: tx, ctx: ctx, s: s, scope: e.Scope}
			if err := s.DataPlane.Register(t.snapshotAPI(e.Rec)); err != nil {
				return fmt.Errorf("restore REST API %s: %w", e.Rec.ID, err)
			}
			for _, st := range stages.List(tx, e.Scope, e.Rec.ID+"/") {
				snap, err := t.snapshot(e.Rec, st)
				if err == nil {
					err = s.DataPlane.Publish(snap)
				}
				if err != nil {
					s.Logger.ErrorContext(ctx, "stage is not served", "api_id", e.Rec.ID, "stage", st.StageName, "err", err)
				}
			}
		}
		return nil
	})
}
