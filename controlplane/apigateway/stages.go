package apigateway

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// Stage is the record of one stage: which deployment it serves, and settings that
// apply without deploying.
type Stage struct {
	StageName            string
	DeploymentID         string
	Description          string
	Version              uint64 // of what was last published
	CacheClusterEnabled  bool
	CacheClusterSize     string
	CacheClusterRemoved  time.Time // when it was last switched off
	ClientCertificateID  string
	DocumentationVersion string
	TracingEnabled       bool
	WebACLARN            string
	Variables            map[string]string
	MethodSettings       map[string]*MethodSetting
	AccessLog            *AccessLogSettings
	Canary               *Canary
	Tags                 map[string]string
	CreatedDate          time.Time
	LastUpdatedDate      time.Time
}

// Canary is a second deployment that serves a share of the stage's requests.
type Canary struct {
	DeploymentID      string
	PercentTraffic    float64
	VariableOverrides map[string]string
	UseStageCache     bool
}

// AccessLogSettings say where access log lines go and what they hold.
type AccessLogSettings struct {
	DestinationARN string
	Format         string
}

var stages = store.NewTable[Stage]("apigateway.stage")

var (
	errStage             = awsapi.NotFound("Invalid stage identifier specified")
	errDeploymentMissing = awsapi.BadRequest("Deployment id does not exist")
)

const maxStages = 10

const defaultCacheClusterSize = "0.5"

func (s *Service) createStage(ctx context.Context, in *wire.CreateStageInput) (*wire.Stage, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Stage, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		st, err := tx.newStage(api, in)
		if err != nil {
			return nil, err
		}
		if _, exists := stages.Get(tx.Tx, tx.scope, api.ID+"/"+st.StageName); exists {
			return nil, awsapi.Conflict("Stage already exists")
		}
		if err := tx.checkStageCount(api.ID); err != nil {
			return nil, err
		}
		stages.Put(tx.Tx, tx.scope, api.ID+"/"+st.StageName, st)
		if err := tx.publish(api, st); err != nil {
			return nil, err
		}
		return st.wireAfter(false, s.Now()), nil
	})
}

// checkDocumentationVersion wants the version that a stage shows to be one.
func (tx *txn) checkDocumentationVersion(apiID, version string) error {
	if _, ok := documentationVersions.Get(tx.Tx, tx.scope, apiID+"/"+version); version != "" && !ok {
		return errDocumentationVersion
	}
	return nil
}

func (tx *txn) newStage(api *RestAPI, in *wire.CreateStageInput) (*Stage, error) {
	if err := checkStageName(*in.StageName); err != nil {
		return nil, err
	}
	if err := tags.Check(in.Tags); err != nil {
		return nil, err
	}
	now := tx.s.Now()
	st := &Stage{
		StageName: *in.StageName, DeploymentID: *in.DeploymentId, Description: awsapi.Val(in.Description),
		DocumentationVersion: awsapi.Val(in.DocumentationVersion), TracingEnabled: awsapi.Val(in.TracingEnabled),
		Variables: in.Variables, Tags: in.Tags, CreatedDate: now, LastUpdatedDate: now,
	}
	st.setCacheCluster(awsapi.Val(in.CacheClusterEnabled), awsapi.Val(in.CacheClusterSize), st.CreatedDate)
	if _, err := tx.deployment(&api.ID, in.DeploymentId); err != nil {
		return nil, errDeploymentMissing
	}
	if err := tx.checkDocumentationVersion(api.ID, st.DocumentationVersion); err != nil {
		return nil, err
	}
	if c := in.CanarySettings; c != nil {
		if _, err := tx.deployment(&api.ID, c.DeploymentId); err != nil {
			return nil, errDeploymentMissing
		}
		if !validPercent(awsapi.Val(c.PercentTraffic)) {
			return nil, errPercent
		}
		st.Canary = &Canary{
			DeploymentID: *c.DeploymentId, PercentTraffic: awsapi.Val(c.PercentTraffic),
			VariableOverrides: c.StageVariableOverrides, UseStageCache: awsapi.Val(c.UseStageCache),
		}
	}
	return st, st.checkVariables()
}

func (st *Stage) setCacheCluster(enabled bool, size string, now time.Time) {
	if st.CacheClusterEnabled && !enabled {
		st.CacheClusterRemoved = now
	}
	st.CacheClusterEnabled = enabled
	if size != "" {
		st.CacheClusterSize = size
	}
	if enabled && st.CacheClusterSize == "" {
		st.CacheClusterSize = defaultCacheClusterSize
	}
}

func (tx *txn) checkStageCount(apiID string) error {
	if stages.Len(tx.Tx, tx.scope, apiID+"/") >= maxStages {
		return limits.Reached("Stages", limits.OfAPI)
	}
	return nil
}

// StageExists tells the services beside this one whether an API has a stage.
func StageExists(tx *store.Tx, scope store.Scope, apiID, stage string) bool {
	_, ok := stages.Get(tx, scope, apiID+"/"+stage)
	return ok
}

func (s *Service) getStage(ctx context.Context, in *wire.GetStageInput) (*wire.Stage, error) {
	return read(ctx, s, func(tx *txn) (*wire.Stage, error) {
		st, ok := stages.Get(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.StageName)
		if !ok {
			return nil, errStage
		}
		return st.wire(s.Now()), nil
	})
}

func (s *Service) getStages(ctx context.Context, in *wire.GetStagesInput) (*wire.Stages, error) {
	return read(ctx, s, func(tx *txn) (*wire.Stages, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		out := &wire.Stages{Item: []wire.Stage{}}
		for _, st := range stages.List(tx.Tx, tx.scope, api.ID+"/") {
			if in.DeploymentId == nil || *in.DeploymentId == st.DeploymentID {
				out.Item = append(out.Item, *st.wire(s.Now()))
			}
		}
		return out, nil
	})
}

func (s *Service) updateStage(ctx context.Context, in *wire.UpdateStageInput) (*wire.Stage, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Stage, error) {
		st, ok := stages.Edit(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.StageName)
		if !ok {
			return nil, errStage
		}
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		cached := st.CacheClusterEnabled
		if err := (stagePatch{tx, api.ID, st}).apply(in.PatchOperations); err != nil {
			return nil, err
		}
		if err := st.checkVariables(); err != nil {
			return nil, err
		}
		st.LastUpdatedDate = tx.s.Now()
		if err := tx.publish(api, st); err != nil {
			return nil, err
		}
		return st.wireAfter(cached, st.LastUpdatedDate), nil
	})
}

func (s *Service) deleteStage(ctx context.Context, in *wire.DeleteStageInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if err := tx.unmapped(*in.RestApiId, *in.StageName); err != nil {
			return nil, err
		}
		if !stages.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.StageName) {
			return nil, errStage
		}
		s.StageDeleted(tx.Tx, tx.scope, *in.RestApiId, *in.StageName)
		s.DataPlane.Withdraw(*in.RestApiId, *in.StageName)
		return nil, nil
	})
}

// flushStageAuthorizersCache forgets what a stage's Lambda authorizers returned.
func (s *Service) flushStageAuthorizersCache(ctx context.Context, in *wire.FlushStageAuthorizersCacheInput) (*awsapi.Empty, error) {
	return read(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if !StageExists(tx.Tx, tx.scope, *in.RestApiId, *in.StageName) {
			return nil, errStage
		}
		if s.FlushAuthorizers != nil {
			s.FlushAuthorizers(*in.RestApiId, *in.StageName)
		}
		return nil, nil
	})
}

// flushStageCache forgets what a stage has cached.
func (s *Service) flushStageCache(ctx context.Context, in *wire.FlushStageCacheInput) (*awsapi.Empty, error) {
	return read(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if !StageExists(tx.Tx, tx.scope, *in.RestApiId, *in.StageName) {
			return nil, errStage
		}
		if s.FlushCache != nil {
			s.FlushCache(*in.RestApiId, *in.StageName)
		}
		return nil, nil
	})
}

// wireAfter shows the stage to whoever changed it. AWS: a cache cluster comes in the
// background; here it has come at the next look.
func (st *Stage) wireAfter(cached bool, now time.Time) *wire.Stage {
	out := st.wire(now)
	if st.CacheClusterEnabled && !cached {
		out.CacheClusterStatus = awsapi.Ptr("CREATE_IN_PROGRESS")
	}
	return out
}

// cacheRemoval is how long a cache cluster takes to go. AWS: some minutes, in which
// tools want to see it going.
// unverified against AWS: how many.
const cacheRemoval = 4 * time.Minute

func (st *Stage) cacheClusterStatus(now time.Time) string {
	switch {
	case st.CacheClusterEnabled:
		return "AVAILABLE"
	case now.Before(st.CacheClusterRemoved.Add(cacheRemoval)):
		return "DELETE_IN_PROGRESS"
	}
	return "NOT_AVAILABLE"
}

func (st *Stage) wire(now time.Time) *wire.Stage {
	out := &wire.Stage{
		StageName: &st.StageName, DeploymentId: &st.DeploymentID, Description: awsapi.NonEmpty(st.Description),
		CacheClusterEnabled: &st.CacheClusterEnabled, CacheClusterSize: awsapi.NonEmpty(st.CacheClusterSize),
		CacheClusterStatus: awsapi.Ptr(st.cacheClusterStatus(now)), ClientCertificateId: awsapi.NonEmpty(st.ClientCertificateID),
		DocumentationVersion: awsapi.NonEmpty(st.DocumentationVersion), TracingEnabled: &st.TracingEnabled,
		WebAclArn: awsapi.NonEmpty(st.WebACLARN), MethodSettings: make(map[string]wire.MethodSetting, len(st.MethodSettings)),
		Tags: tags.Shown(st.Tags, false), CreatedDate: seconds(st.CreatedDate), LastUpdatedDate: seconds(st.LastUpdatedDate),
	}
	if len(st.Variables) > 0 {
		out.Variables = st.Variables
	}
	for key, ms := range st.MethodSettings {
		out.MethodSettings[key] = ms.wire()
	}
	if a := st.AccessLog; a != nil {
		out.AccessLogSettings = &wire.AccessLogSettings{DestinationArn: awsapi.NonEmpty(a.DestinationARN), Format: awsapi.NonEmpty(a.Format)}
	}
	if c := st.Canary; c != nil {
		out.CanarySettings = &wire.CanarySettings{DeploymentId: &c.DeploymentID, PercentTraffic: &c.PercentTraffic, UseStageCache: &c.UseStageCache}
		if len(c.VariableOverrides) > 0 {
			out.CanarySettings.StageVariableOverrides = c.VariableOverrides
		}
	}
	return out
}
