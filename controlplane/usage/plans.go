package usage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// UsagePlan is the record of one usage plan.
type UsagePlan struct {
	ID          string
	Name        string
	Description string
	ProductCode string
	Stages      []PlanStage
	Throttle    *Throttle
	Quota       *Quota
	Tags        map[string]string
	CreatedDate time.Time
}

// PlanStage is a stage that a plan's keys may call. Throttle is by
// "{resource path}/{VERB}".
type PlanStage struct {
	APIID    string
	Stage    string
	Throttle map[string]*Throttle
}

// Throttle limits requests per second.
type Throttle struct {
	Rate  float64
	Burst int
}

// Quota limits requests per period.
type Quota struct {
	Limit  int
	Offset int
	Period string
}

var usagePlans = store.NewTable[UsagePlan]("apigateway.usageplan")

const maxPlans = 300 // of an account in a region

var errUsagePlan = awsapi.NotFound("Invalid Usage Plan ID specified")

func (s *Service) createUsagePlan(ctx context.Context, in *wire.CreateUsagePlanInput) (*wire.UsagePlan, error) {
	return editPlans(ctx, s, func(tx *txn) (*wire.UsagePlan, error) {
		p := &UsagePlan{ID: s.NewID(6), Name: *in.Name, Description: awsapi.Val(in.Description), Tags: in.Tags, CreatedDate: s.Now()}
		for _, st := range in.ApiStages {
			stage := PlanStage{APIID: awsapi.Val(st.ApiId), Stage: awsapi.Val(st.Stage)}
			if stage.APIID == "" || stage.Stage == "" {
				return nil, errNoPlanStage
			}
			if !s.StageExists(tx.Tx, tx.scope, stage.APIID, stage.Stage) {
				return nil, awsapi.NotFound("API Stage not found: %s:%s", stage.APIID, stage.Stage)
			}
			if len(st.Throttle) > maxMethodThrottles {
				return nil, errMethodThrottles(stage.APIID + ":" + stage.Stage)
			}
			for method, t := range st.Throttle {
				if !strings.Contains(method, "/") {
					return nil, awsapi.BadRequest("Invalid method {resourcePath: %s,method: } specified", method)
				}
				if stage.Throttle == nil {
					stage.Throttle = map[string]*Throttle{}
				}
				stage.Throttle[method] = &Throttle{Rate: awsapi.Val(t.RateLimit), Burst: awsapi.Val(t.BurstLimit)}
			}
			p.Stages = append(p.Stages, stage)
		}
		if t := in.Throttle; t != nil {
			p.Throttle = &Throttle{Rate: awsapi.Val(t.RateLimit), Burst: awsapi.Val(t.BurstLimit)}
		}
		if q := in.Quota; q != nil {
			p.Quota = &Quota{Limit: awsapi.Val(q.Limit), Offset: awsapi.Val(q.Offset), Period: awsapi.Val(q.Period)}
		}
		if err := p.check(); err != nil {
			return nil, err
		}
		if p.throttlesMethodsOnly() {
			return nil, errFineThrottle
		}
		if err := tags.Check(p.Tags); err != nil {
			return nil, err
		}
		if usagePlans.Len(tx.Tx, tx.scope, "") >= maxPlans {
			return nil, limits.Reached("Usage Plans", limits.OfAccount)
		}
		usagePlans.Put(tx.Tx, tx.scope, p.ID, p)
		return p.wire(false), nil
	})
}

// AWS: the placeholders of the text are left as they are.
// https://github.com/aws/aws-sdk/issues/354
var errNoPlanStage = awsapi.BadRequest("%s", "Invalid API Stage {api: %s, stage: %s} specified for usageplan %s")

// AWS: https://github.com/aws/aws-cdk/pull/6411
var errFineThrottle = awsapi.BadRequest("Can not define fine grain throttling if usage plan throttle is not defined.")

// throttlesMethodsOnly tells whether methods have a throttle where the plan has none.
func (p *UsagePlan) throttlesMethodsOnly() bool {
	return p.Throttle == nil && slices.ContainsFunc(p.Stages, func(s PlanStage) bool { return len(s.Throttle) > 0 })
}

func errPlanStage(api, stage, plan string) error {
	return awsapi.NotFound("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", api, stage, plan)
}

// check judges a plan as a whole.
func (p *UsagePlan) check() error {
	switch {
	case strings.TrimSpace(p.Name) == "":
		// unverified against AWS: the text.
		return awsapi.BadRequest("Usage Plan name must be non-empty")
	case p.Quota == nil:
		return nil
	case p.Quota.Limit < 1:
		return awsapi.BadRequest("Usage Plan quota limit must be a non-negative numeric")
	}
	most, known := maxOffset[p.Quota.Period]
	switch {
	case !known:
		return awsapi.BadRequest("Invalid Usage Plan quota period specified. Must be one of [DAY, WEEK, MONTH]")
	case p.Quota.Offset < 0 || p.Quota.Offset > most:
		return awsapi.BadRequest("Usage Plan quota offset must be between 0 and %d inclusive in the %s period", most, p.Quota.Period)
	}
	return nil
}

// maxOffset is what AWS takes for a quota's offset in each period.
var maxOffset = map[string]int{"DAY": 0, "WEEK": 6, "MONTH": 27}

func (tx *txn) usagePlan(id *string) (*UsagePlan, error) {
	if p, ok := usagePlans.Get(tx.Tx, tx.scope, awsapi.Val(id)); ok {
		return p, nil
	}
	return nil, errUsagePlan
}

func (s *Service) getUsagePlan(ctx context.Context, in *wire.GetUsagePlanInput) (*wire.UsagePlan, error) {
	return read(ctx, s, func(tx *txn) (*wire.UsagePlan, error) {
		p, err := tx.usagePlan(in.UsagePlanId)
		if err != nil {
			return nil, err
		}
		return p.wire(true), nil
	})
}

func (s *Service) getUsagePlans(ctx context.Context, in *wire.GetUsagePlansInput) (*wire.UsagePlans, error) {
	return read(ctx, s, func(tx *txn) (*wire.UsagePlans, error) {
		var found []*UsagePlan
		for _, p := range usagePlans.List(tx.Tx, tx.scope, "") {
			if in.KeyId != nil {
				if _, ok := planKeys.Get(tx.Tx, tx.scope, p.ID+"/"+*in.KeyId); !ok {
					continue
				}
			}
			found = append(found, p)
		}
		items, next, err := paging.V1(found, in.Position, in.Limit, func(p *UsagePlan) *wire.UsagePlan { return p.wire(false) })
		return &wire.UsagePlans{Items: items, Position: next}, err
	})
}

func (s *Service) updateUsagePlan(ctx context.Context, in *wire.UpdateUsagePlanInput) (*wire.UsagePlan, error) {
	return editPlans(ctx, s, func(tx *txn) (*wire.UsagePlan, error) {
		p, ok := usagePlans.Edit(tx.Tx, tx.scope, *in.UsagePlanId)
		if !ok {
			return nil, errUsagePlan
		}
		throttled := p.Throttle != nil || p.throttlesMethodsOnly()
		if err := planPatches.Apply(planPatch{tx, p}, escapeMethods(in.PatchOperations)); err != nil {
			return nil, err
		}
		// unverified against AWS: that the plan's throttle may go before its methods'.
		if !throttled && p.throttlesMethodsOnly() {
			return nil, errFineThrottle
		}
		return p.wire(true), p.check()
	})
}

func (s *Service) deleteUsagePlan(ctx context.Context, in *wire.DeleteUsagePlanInput) (*awsapi.Empty, error) {
	return editPlans(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		p, err := tx.usagePlan(in.UsagePlanId)
		if err != nil {
			return nil, err
		}
		if len(p.Stages) > 0 {
			return nil, awsapi.BadRequest("Cannot delete Usage Plan %s because there are API Stages associated with it", p.ID)
		}
		planKeys.DeletePrefix(tx.Tx, tx.scope, p.ID+"/")
		keyUsages.DeletePrefix(tx.Tx, tx.scope, p.ID+"/")
		usagePlans.Delete(tx.Tx, tx.scope, p.ID)
		return nil, nil
	})
}

// StageDeleted takes a stage that is no more out of the usage plans.
func (s *Service) StageDeleted(stx *store.Tx, scope store.Scope, apiID, stage string) {
	tx := &txn{stx, s, scope}
	changed := false
	for _, p := range usagePlans.List(stx, scope, "") {
		if at := p.stageAt(apiID, stage); at >= 0 {
			edited, _ := usagePlans.Edit(stx, scope, p.ID)
			edited.Stages = slices.Delete(edited.Stages, at, at+1)
			changed = true
		}
	}
	if changed {
		s.Meter.Set(tx.snapshot())
	}
}

func (p *UsagePlan) wire(single bool) *wire.UsagePlan {
	out := &wire.UsagePlan{
		Id: &p.ID, Name: &p.Name, Description: awsapi.NonEmpty(p.Description), ProductCode: awsapi.NonEmpty(p.ProductCode),
		ApiStages: []wire.ApiStage{}, Tags: tags.Shown(p.Tags, single),
	}
	for i := range p.Stages {
		st := &p.Stages[i]
		stage := wire.ApiStage{ApiId: &st.APIID, Stage: &st.Stage}
		for method, t := range st.Throttle {
			if stage.Throttle == nil {
				stage.Throttle = map[string]wire.ThrottleSettings{}
			}
			stage.Throttle[method] = *t.wire()
		}
		out.ApiStages = append(out.ApiStages, stage)
	}
	if p.Throttle != nil {
		out.Throttle = p.Throttle.wire()
	}
	if q := p.Quota; q != nil {
		out.Quota = &wire.QuotaSettings{Limit: &q.Limit, Offset: &q.Offset, Period: &q.Period}
	}
	return out
}

func (t *Throttle) wire() *wire.ThrottleSettings {
	return &wire.ThrottleSettings{RateLimit: &t.Rate, BurstLimit: &t.Burst}
}
