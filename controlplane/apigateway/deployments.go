package apigateway

import (
	"context"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// Deployment is the record of one deployment. What it froze is in a table of its
// own, so that lists and edits do not carry it.
type Deployment struct {
	ID          string
	Description string
	CreatedDate time.Time
}

var (
	deployments = store.NewTable[Deployment]("apigateway.deployment")
	frozenAPIs  = store.NewTable[snapshot.RESTDeployment]("apigateway.deployment.frozen")
	frozenParts = store.NewTable[exportedParts]("apigateway.deployment.exported")
)

var errDeployment = awsapi.NotFound("Invalid Deployment identifier specified")

func (tx *txn) deployment(apiID, id *string) (*Deployment, error) {
	if d, ok := deployments.Get(tx.Tx, tx.scope, awsapi.Val(apiID)+"/"+awsapi.Val(id)); ok {
		return d, nil
	}
	return nil, errDeployment
}

func (s *Service) createDeployment(ctx context.Context, in *wire.CreateDeploymentInput) (*wire.Deployment, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Deployment, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		st, exists := stages.Edit(tx.Tx, tx.scope, api.ID+"/"+awsapi.Val(in.StageName))
		if err := checkCanaryDeployment(in, exists); err != nil {
			return nil, err
		}
		if err := tx.checkDeployable(api); err != nil {
			return nil, err
		}
		d := &Deployment{ID: tx.s.NewID(6), Description: awsapi.Val(in.Description), CreatedDate: tx.s.Now()}
		deployments.Put(tx.Tx, tx.scope, api.ID+"/"+d.ID, d)
		frozenAPIs.Put(tx.Tx, tx.scope, api.ID+"/"+d.ID, tx.freeze(api))
		frozenParts.Put(tx.Tx, tx.scope, api.ID+"/"+d.ID, tx.freezeParts(api))
		if awsapi.Val(in.StageName) == "" {
			return d.wire(), nil
		}
		if err := tx.deployTo(api, st, d.ID, in); err != nil {
			return nil, err
		}
		return d.wire(), nil
	})
}

func checkCanaryDeployment(in *wire.CreateDeploymentInput, stageExists bool) error {
	if in.CanarySettings == nil {
		return nil
	}
	const invalid = "Invalid deployment content specified."
	switch {
	case in.StageName == nil:
		return awsapi.BadRequest(invalid + "Non null and non empty stageName must be provided for canary deployment. Provided value is null")
	case *in.StageName == "":
		return awsapi.BadRequest(invalid + "Non null and non empty stageName must be provided for canary deployment. Provided value is ")
	case !stageExists:
		return awsapi.BadRequest(invalid+"Stage %s must already be created before making a canary release deployment", *in.StageName)
	case !validPercent(awsapi.Val(in.CanarySettings.PercentTraffic)):
		return errPercent
	}
	return nil
}

// checkDeployable refuses to freeze an API that could not serve.
func (tx *txn) checkDeployable(api *RestAPI) error {
	found := false
	for _, r := range tx.resourcesOf(api.ID) {
		for _, m := range r.Methods {
			found = true
			if m.Integration == nil {
				return awsapi.BadRequest("No integration defined for method")
			}
		}
	}
	if !found {
		return awsapi.BadRequest("The REST API doesn't contain any methods")
	}
	if api.EndpointType == "PRIVATE" && api.Policy == "" {
		// AWS: https://github.com/aws/serverless-application-model/issues/1327
		return awsapi.BadRequest("Private REST API doesn't have a resource policy attached to it")
	}
	return nil
}

// deployTo points a stage at a new deployment, or starts a canary with it, or
// makes the stage.
func (tx *txn) deployTo(api *RestAPI, st *Stage, deploymentID string, in *wire.CreateDeploymentInput) error {
	now := tx.s.Now()
	if st == nil {
		if err := checkStageName(*in.StageName); err != nil {
			return err
		}
		if err := tx.checkStageCount(api.ID); err != nil {
			return err
		}
		st = &Stage{StageName: *in.StageName, CreatedDate: now}
		stages.Put(tx.Tx, tx.scope, api.ID+"/"+st.StageName, st)
	}
	st.LastUpdatedDate = now
	if c := in.CanarySettings; c != nil {
		st.Canary = &Canary{
			DeploymentID: deploymentID, PercentTraffic: awsapi.Val(c.PercentTraffic),
			VariableOverrides: c.StageVariableOverrides, UseStageCache: awsapi.Val(c.UseStageCache),
		}
	} else {
		st.DeploymentID = deploymentID
	}
	if in.StageDescription != nil {
		st.Description = *in.StageDescription
	}
	if in.Variables != nil {
		st.Variables = in.Variables
	}
	if in.TracingEnabled != nil {
		st.TracingEnabled = *in.TracingEnabled
	}
	if in.CacheClusterEnabled != nil || in.CacheClusterSize != nil {
		enabled := st.CacheClusterEnabled
		if in.CacheClusterEnabled != nil {
			enabled = *in.CacheClusterEnabled
		}
		st.setCacheCluster(enabled, awsapi.Val(in.CacheClusterSize), now)
	}
	if err := st.checkVariables(); err != nil {
		return err
	}
	return tx.publish(api, st)
}

func (s *Service) getDeployment(ctx context.Context, in *wire.GetDeploymentInput) (*wire.Deployment, error) {
	return read(ctx, s, func(tx *txn) (*wire.Deployment, error) {
		d, err := tx.deployment(in.RestApiId, in.DeploymentId)
		if err != nil {
			return nil, err
		}
		out := d.wire()
		if slices.Contains(in.Embed, "apisummary") {
			if frozen, ok := frozenAPIs.Get(tx.Tx, tx.scope, *in.RestApiId+"/"+d.ID); ok {
				out.ApiSummary = apiSummary(frozen)
			}
		}
		return out, nil
	})
}

func apiSummary(frozen *snapshot.RESTDeployment) map[string]map[string]wire.MethodSnapshot {
	out := map[string]map[string]wire.MethodSnapshot{}
	for i := range frozen.Resources {
		r := &frozen.Resources[i]
		if len(r.Methods) == 0 {
			continue
		}
		byVerb := make(map[string]wire.MethodSnapshot, len(r.Methods))
		for j := range r.Methods {
			m := &r.Methods[j]
			byVerb[m.HTTPMethod] = wire.MethodSnapshot{AuthorizationType: &m.AuthorizationType, ApiKeyRequired: &m.APIKeyRequired}
		}
		out[r.Path] = byVerb
	}
	return out
}

func (s *Service) getDeployments(ctx context.Context, in *wire.GetDeploymentsInput) (*wire.Deployments, error) {
	return read(ctx, s, func(tx *txn) (*wire.Deployments, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V1(deployments.List(tx.Tx, tx.scope, api.ID+"/"), in.Position, in.Limit, (*Deployment).wire)
		return &wire.Deployments{Items: items, Position: next}, err
	})
}

func (s *Service) updateDeployment(ctx context.Context, in *wire.UpdateDeploymentInput) (*wire.Deployment, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Deployment, error) {
		d, ok := deployments.Edit(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.DeploymentId)
		if !ok {
			return nil, errDeployment
		}
		if err := deploymentPatches.Apply(d, in.PatchOperations); err != nil {
			return nil, err
		}
		return d.wire(), nil
	})
}

var deploymentPatches = patch.Table[*Deployment]{Family: patch.Listed, Rules: []patch.Rule[*Deployment]{
	patch.Text("/description", func(d *Deployment) *string { return &d.Description }),
}}

func (s *Service) deleteDeployment(ctx context.Context, in *wire.DeleteDeploymentInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		d, err := tx.deployment(in.RestApiId, in.DeploymentId)
		if err != nil {
			return nil, err
		}
		for _, st := range stages.List(tx.Tx, tx.scope, *in.RestApiId+"/") {
			if st.DeploymentID == d.ID || (st.Canary != nil && st.Canary.DeploymentID == d.ID) {
				return nil, awsapi.BadRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		deployments.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+d.ID)
		frozenAPIs.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+d.ID)
		frozenParts.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+d.ID)
		return nil, nil
	})
}

func (d *Deployment) wire() *wire.Deployment {
	return &wire.Deployment{Id: &d.ID, Description: awsapi.NonEmpty(d.Description), CreatedDate: seconds(d.CreatedDate)}
}

var validStageName = lazyregexp.New(`^[a-zA-Z0-9_-]{1,128}$`)

func checkStageName(name string) error {
	if !validStageName().MatchString(name) {
		return awsapi.BadRequest("Stage name only allows a-zA-Z0-9_-")
	}
	return nil
}
