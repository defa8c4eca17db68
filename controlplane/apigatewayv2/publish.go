package apigatewayv2

import (
	"context"
	"fmt"

	"github.com/postern/postern/controlplane/store"
)

// publish brings a stage's deployment and settings before its users.
func (tx *txn) publish(a *API, st *Stage) error {
	snap := tx.snapshotStage(a, st)
	if snap == nil {
		return nil
	}
	snap.Version = tx.s.version.Add(1)
	return tx.s.cfg.DataPlane.Publish(snap)
}

// autoDeploy makes a deployment for every stage that deploys itself. Every change of
// an API calls it last.
//
// AWS does so about a second later; here the change is visible when its call returns.
func (tx *txn) autoDeploy(a *API) error {
	for _, st := range stages.List(tx.Tx, tx.scope, a.ID+"/") {
		if !st.AutoDeploy {
			continue
		}
		edited, _ := stages.Edit(tx.Tx, tx.scope, a.ID+"/"+st.Name)
		edited.Updated = tx.now()
		if err := tx.autoDeployTo(a, edited); err != nil {
			return err
		}
	}
	return nil
}

// autoDeployTo makes a deployment for one stage. One that fails leaves the old
// deployment serving and says so in the stage.
func (tx *txn) autoDeployTo(a *API, st *Stage) error {
	content := tx.freeze(a)
	if len(content.Routes) == 0 {
		// unverified against AWS: what a stage says that has nothing to deploy.
		st.LastStatus = errNoRoutes().Message
		return nil
	}
	d, err := tx.putDeployment(a, content, &Deployment{Description: automaticSummary, Automatic: true})
	if err != nil {
		return err
	}
	before := st.DeploymentID
	st.DeploymentID = d.ID
	if err := tx.publish(a, st); err != nil {
		st.DeploymentID = before
		d.Status, d.StatusMessage = failed, err.Error()
		st.LastStatus = fmt.Sprintf("Deployment attempt failed: %s", err)
		tx.s.log.ErrorContext(tx.ctx, "automatic deployment failed", "api_id", a.ID, "stage", st.Name, "err", err)
		return nil
	}
	st.LastStatus = fmt.Sprintf("Successfully deployed stage with deployment ID '%s'", d.ID)
	return nil
}

// Restore hands every API and stage that the store holds to the data plane. It is
// called once at start, before requests are served. A stage that does not compile
// any more is reported and left out; the others are served.
func (s *Service) Restore(ctx context.Context) error {
	return s.cfg.DB.View(func(tx *store.Tx) error {
		for _, e := range apis.All(tx) {
			t := &txn{Tx: tx, ctx: ctx, s: s, scope: e.Scope}
			if err := s.cfg.DataPlane.Register(snapshotAPI(e.Scope, e.Rec)); err != nil {
				return fmt.Errorf("restore HTTP API %s: %w", e.Rec.ID, err)
			}
			for _, st := range stages.List(tx, e.Scope, e.Rec.ID+"/") {
				if err := t.publish(e.Rec, st); err != nil {
					s.log.ErrorContext(ctx, "stage is not served", "api_id", e.Rec.ID, "stage", st.Name, "err", err)
				}
			}
		}
		return nil
	})
}
