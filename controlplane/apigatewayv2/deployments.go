package apigatewayv2

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Deployment is the record of a deployment. What it froze stands in a table of its
// own: a change of the description need not write it again.
type Deployment struct {
	ID            string
	Description   string
	Automatic     bool
	Status        string
	StatusMessage string
	Created       time.Time
}

var deployments = store.NewTable[Deployment]("apigatewayv2.deployment")

const (
	deployed         = "DEPLOYED"
	failed           = "FAILED"
	automaticSummary = "Automatic deployment triggered by changes to the Api configuration"
)

func (tx *txn) deployment(apiID, id *string) (*API, *Deployment, error) {
	a, err := tx.api(apiID)
	if err != nil {
		return nil, nil, err
	}
	d, ok := deployments.Get(tx.Tx, tx.scope, a.ID+"/"+awsapi.Val(id))
	if !ok {
		return nil, nil, awsapi.NotFound("Invalid deployment identifier specified")
	}
	return a, d, nil
}

func (s *Service) createDeployment(ctx context.Context, in *wire.CreateDeploymentInput) (*wire.CreateDeploymentOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.CreateDeploymentOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		if err := model("CreateDeployment", in); err != nil {
			return nil, err
		}
		var st *Stage
		if in.StageName != nil {
			if _, st, err = tx.editStage(in.ApiId, in.StageName); err != nil {
				return nil, err
			}
		}
		content := tx.freeze(a)
		if len(content.Routes) == 0 {
			return nil, errNoRoutes()
		}
		d, err := tx.putDeployment(a, content, &Deployment{Description: awsapi.Val(in.Description)})
		if err != nil {
			return nil, err
		}
		if st != nil {
			st.DeploymentID = d.ID
			if err := tx.publish(a, st); err != nil {
				return nil, err
			}
		}
		return (*wire.CreateDeploymentOutput)(d.wire()), nil
	})
}

func errNoRoutes() *awsapi.Error {
	return awsapi.BadRequest("Unable to deploy API because no routes exist in this API")
}

func (tx *txn) putDeployment(a *API, content *snapshot.HTTPDeployment, d *Deployment) (*Deployment, error) {
	d.ID, d.Status, d.Created = tx.newID(6), deployed, tx.now()
	deployments.Put(tx.Tx, tx.scope, a.ID+"/"+d.ID, d)
	return d, tx.putFrozen(a.ID, d.ID, content)
}

func (s *Service) getDeployment(ctx context.Context, in *wire.GetDeploymentInput) (*wire.GetDeploymentOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetDeploymentOutput, error) {
		_, d, err := tx.deployment(in.ApiId, in.DeploymentId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetDeploymentOutput)(d.wire()), nil
	})
}

func (s *Service) getDeployments(ctx context.Context, in *wire.GetDeploymentsInput) (*wire.GetDeploymentsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetDeploymentsOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V2(deployments.List(tx.Tx, tx.scope, a.ID+"/"), in.MaxResults, in.NextToken, (*Deployment).wire)
		return &wire.GetDeploymentsOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateDeployment(ctx context.Context, in *wire.UpdateDeploymentInput) (*wire.UpdateDeploymentOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateDeploymentOutput, error) {
		a, have, err := tx.deployment(in.ApiId, in.DeploymentId)
		if err != nil {
			return nil, err
		}
		if err := model("UpdateDeployment", in); err != nil {
			return nil, err
		}
		d, _ := deployments.Edit(tx.Tx, tx.scope, a.ID+"/"+have.ID)
		set(&d.Description, in.Description)
		return (*wire.UpdateDeploymentOutput)(d.wire()), nil
	})
}

func (s *Service) deleteDeployment(ctx context.Context, in *wire.DeleteDeploymentInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, d, err := tx.deployment(in.ApiId, in.DeploymentId)
		if err != nil {
			return nil, err
		}
		for _, st := range stages.List(tx.Tx, tx.scope, a.ID+"/") {
			if st.DeploymentID == d.ID {
				return nil, awsapi.BadRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		deployments.Delete(tx.Tx, tx.scope, a.ID+"/"+d.ID)
		frozen.Delete(tx.Tx, tx.scope, a.ID+"/"+d.ID)
		return nil, nil
	})
}

func (d *Deployment) wire() *wire.Deployment {
	return &wire.Deployment{
		AutoDeployed:            &d.Automatic,
		CreatedDate:             &d.Created,
		DeploymentId:            &d.ID,
		DeploymentStatus:        &d.Status,
		DeploymentStatusMessage: awsapi.NonEmpty(d.StatusMessage),
		Description:             awsapi.NonEmpty(d.Description),
	}
}
