package apigatewayv2

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Stage is the record of a stage.
type Stage struct {
	Name          string
	Description   string
	AutoDeploy    bool
	DeploymentID  string // empty: nothing is served yet
	LastStatus    string // of the last automatic deployment
	Created       time.Time
	Updated       time.Time
	Variables     map[string]string
	Default       RouteSettings
	RouteSettings map[string]RouteSettings
	AccessLog     *snapshot.AccessLog
	Tags          map[string]string
	Managed       bool // made by quick create
}

// RouteSettings are a stage's settings for a route. nil: not set.
type RouteSettings struct {
	DetailedMetrics *bool
	Burst           *int
	Rate            *float64
}

var stages = store.NewTable[Stage]("apigatewayv2.stage")

func (tx *txn) newStage(name string) *Stage {
	return &Stage{Name: name, Created: tx.now(), Updated: tx.now(), Default: RouteSettings{DetailedMetrics: awsapi.Ptr(false)}}
}

func (tx *txn) stage(apiID, name *string) (*API, *Stage, error) {
	a, err := tx.api(apiID)
	if err != nil {
		return nil, nil, err
	}
	st, ok := stages.Get(tx.Tx, tx.scope, a.ID+"/"+awsapi.Val(name))
	if !ok {
		return nil, nil, errStage()
	}
	return a, st, nil
}

func errStage() error { return awsapi.NotFound("Invalid stage identifier specified") }

func (tx *txn) editStage(apiID, name *string) (*API, *Stage, error) {
	a, have, err := tx.stage(apiID, name)
	if err != nil {
		return nil, nil, err
	}
	st, _ := stages.Edit(tx.Tx, tx.scope, a.ID+"/"+have.Name)
	st.Updated = tx.now()
	return a, st, nil
}

func (s *Service) createStage(ctx context.Context, in *wire.CreateStageInput) (*wire.CreateStageOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.CreateStageOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		if !stageName().MatchString(awsapi.Val(in.StageName)) {
			return nil, awsapi.BadRequest("Stage name only allows a-zA-Z0-9_")
		}
		if _, taken := stages.Get(tx.Tx, tx.scope, a.ID+"/"+*in.StageName); taken {
			return nil, awsapi.Conflict("Stage already exists")
		}
		if err := tags.Check(in.Tags); err != nil {
			return nil, err
		}
		if len(stages.List(tx.Tx, tx.scope, a.ID+"/")) >= maxStages {
			return nil, tooMany("stages")
		}
		st := tx.newStage(*in.StageName)
		st.Tags = in.Tags
		sent := &wire.UpdateStageInput{
			AccessLogSettings: in.AccessLogSettings, ApiId: in.ApiId, AutoDeploy: in.AutoDeploy, ClientCertificateId: in.ClientCertificateId,
			DefaultRouteSettings: in.DefaultRouteSettings, DeploymentId: in.DeploymentId, Description: in.Description,
			RouteSettings: in.RouteSettings, StageName: in.StageName, StageVariables: in.StageVariables,
		}
		if err := tx.patchStage(a, st, sent); err != nil {
			return nil, err
		}
		if err := model("CreateStage", in); err != nil {
			return nil, err
		}
		stages.Put(tx.Tx, tx.scope, a.ID+"/"+st.Name, st)
		if err := tx.changedStage(a, st, st.AutoDeploy); err != nil {
			return nil, err
		}
		return (*wire.CreateStageOutput)(st.wire()), nil
	})
}

// maxStages is AWS's quota of an API.
const maxStages = 10

func (s *Service) getStage(ctx context.Context, in *wire.GetStageInput) (*wire.GetStageOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetStageOutput, error) {
		_, st, err := tx.stage(in.ApiId, in.StageName)
		if err != nil {
			return nil, err
		}
		return (*wire.GetStageOutput)(st.wire()), nil
	})
}

func (s *Service) getStages(ctx context.Context, in *wire.GetStagesInput) (*wire.GetStagesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetStagesOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V2(stages.List(tx.Tx, tx.scope, a.ID+"/"), in.MaxResults, in.NextToken, (*Stage).wire)
		return &wire.GetStagesOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateStage(ctx context.Context, in *wire.UpdateStageInput) (*wire.UpdateStageOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateStageOutput, error) {
		a, st, err := tx.editStage(in.ApiId, in.StageName)
		if err != nil {
			return nil, err
		}
		automatic := st.AutoDeploy
		if err := tx.patchStage(a, st, in); err != nil {
			return nil, err
		}
		if err := model("UpdateStage", in); err != nil {
			return nil, err
		}
		if err := tx.changedStage(a, st, st.AutoDeploy && !automatic); err != nil {
			return nil, err
		}
		return (*wire.UpdateStageOutput)(st.wire()), nil
	})
}

// changedStage brings a changed stage before its users: as a new deployment when it
// has begun to deploy itself, else with the one it has.
func (tx *txn) changedStage(a *API, st *Stage, deploy bool) error {
	if deploy {
		return tx.autoDeployTo(a, st)
	}
	return tx.publish(a, st)
}

func (s *Service) deleteStage(ctx context.Context, in *wire.DeleteStageInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, st, err := tx.stage(in.ApiId, in.StageName)
		if err != nil {
			return nil, err
		}
		if err := tx.unmapped(a.ID, st.Name); err != nil {
			return nil, err
		}
		stages.Delete(tx.Tx, tx.scope, a.ID+"/"+st.Name)
		tx.s.cfg.DataPlane.Withdraw(a.ID, st.Name)
		return nil, nil
	})
}

func (s *Service) deleteAccessLogSettings(ctx context.Context, in *wire.DeleteAccessLogSettingsInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, st, err := tx.editStage(in.ApiId, in.StageName)
		if err != nil {
			return nil, err
		}
		st.AccessLog = nil
		return nil, tx.publish(a, st)
	})
}

func (s *Service) deleteRouteSettings(ctx context.Context, in *wire.DeleteRouteSettingsInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, st, err := tx.editStage(in.ApiId, in.StageName)
		if err != nil {
			return nil, err
		}
		key := awsapi.Val(in.RouteKey)
		if _, ok := st.RouteSettings[key]; !ok {
			return nil, errRouteSettings(key)
		}
		delete(st.RouteSettings, key)
		return nil, tx.publish(a, st)
	})
}

func (st *Stage) wire() *wire.Stage {
	out := &wire.Stage{
		ApiGatewayManaged:           awsapi.NonEmpty(st.Managed),
		AutoDeploy:                  awsapi.NonEmpty(st.AutoDeploy),
		CreatedDate:                 &st.Created,
		DefaultRouteSettings:        awsapi.Ptr(st.Default.wire()),
		DeploymentId:                awsapi.NonEmpty(st.DeploymentID),
		Description:                 awsapi.NonEmpty(st.Description),
		LastDeploymentStatusMessage: awsapi.NonEmpty(st.LastStatus),
		LastUpdatedDate:             &st.Updated,
		RouteSettings:               map[string]wire.RouteSettings{},
		StageName:                   &st.Name,
		StageVariables:              orEmpty(st.Variables),
		Tags:                        orEmpty(st.Tags),
	}
	for key, r := range st.RouteSettings {
		out.RouteSettings[key] = r.wire()
	}
	if st.AccessLog != nil {
		out.AccessLogSettings = &wire.AccessLogSettings{DestinationArn: &st.AccessLog.DestinationARN, Format: &st.AccessLog.Format}
	}
	return out
}

func (r RouteSettings) wire() wire.RouteSettings {
	return wire.RouteSettings{DetailedMetricsEnabled: r.DetailedMetrics, ThrottlingBurstLimit: r.Burst, ThrottlingRateLimit: r.Rate}
}
