package usage

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// keyUsages are the counts of the meter, by plan and key, as they were last kept.
var keyUsages = store.NewTable[snapshot.KeyUsage]("apigateway.usage")

// Save keeps what the meter has counted since the last time. GetUsage and the quotas
// look at the meter: a record is for the next start.
func (s *Service) Save(ctx context.Context) error {
	changed := s.Meter.Changed()
	if len(changed) == 0 {
		return nil
	}
	return s.DB.Update(ctx, func(tx *store.Tx) error {
		owners := map[string]store.Scope{}
		for _, e := range usagePlans.All(tx) {
			owners[e.Rec.ID] = e.Scope
		}
		for _, u := range changed {
			if scope, exists := owners[u.PlanID]; exists {
				keyUsages.Put(tx, scope, u.PlanID+"/"+u.KeyID, &u)
			}
		}
		return nil
	})
}

const (
	dateFormat = "2006-01-02"
	maxDays    = 90
)

func (s *Service) getUsage(ctx context.Context, in *wire.GetUsageInput) (*wire.Usage, error) {
	return read(ctx, s, func(tx *txn) (*wire.Usage, error) {
		p, err := tx.usagePlan(in.UsagePlanId)
		if err != nil {
			return nil, err
		}
		first, err1 := time.Parse(dateFormat, *in.StartDate)
		last, err2 := time.Parse(dateFormat, *in.EndDate)
		if err1 != nil || err2 != nil || last.Before(first) || last.Sub(first) >= maxDays*24*time.Hour {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Invalid date range specified: dates are YYYY-MM-DD and at most %d days apart", maxDays)
		}
		keys := planKeys.List(tx.Tx, tx.scope, p.ID+"/")
		if in.KeyId != nil {
			keys = slices.DeleteFunc(keys, func(k *UsagePlanKey) bool { return k.KeyID != *in.KeyId })
		}
		page, next, err := paging.V1(keys, in.Position, in.Limit, func(k *UsagePlanKey) *string { return &k.KeyID })
		if err != nil {
			return nil, err
		}
		frozen := tx.freeze(p)
		out := &wire.Usage{UsagePlanId: &p.ID, StartDate: in.StartDate, EndDate: in.EndDate, Position: next, Items: map[string][][]int64{}}
		for _, keyID := range page {
			out.Items[keyID] = days(s.Meter.Days(&frozen, keyID, first, last))
		}
		return out, nil
	})
}

func days(list [][2]int64) [][]int64 {
	out := make([][]int64, len(list))
	for i := range list {
		out[i] = list[i][:]
	}
	return out
}

// usagePatch takes up what is to be left. The meter hears of it when all of the PATCH
// is accepted.
type usagePatch struct {
	p         *UsagePlan
	remaining *int64
}

func (s *Service) updateUsage(ctx context.Context, in *wire.UpdateUsageInput) (*wire.Usage, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Usage, error) {
		p, err := tx.usagePlan(in.UsagePlanId)
		if err != nil {
			return nil, err
		}
		if _, ok := planKeys.Get(tx.Tx, tx.scope, p.ID+"/"+*in.KeyId); !ok {
			return nil, errPlanKey
		}
		patched := &usagePatch{p: p}
		if err := usagePatches.Apply(patched, in.PatchOperations); err != nil {
			return nil, err
		}
		frozen := tx.freeze(p)
		if patched.remaining != nil {
			s.Meter.SetRemaining(&frozen, *in.KeyId, *patched.remaining)
		}
		used := s.Meter.Usage(p.ID, *in.KeyId)
		keyUsages.Put(tx.Tx, tx.scope, p.ID+"/"+*in.KeyId, &used)
		today := s.Now().UTC()
		date := today.Format(dateFormat)
		return &wire.Usage{UsagePlanId: &p.ID, StartDate: &date, EndDate: &date, Items: map[string][][]int64{
			*in.KeyId: days(s.Meter.Days(&frozen, *in.KeyId, today, today)),
		}}, nil
	})
}

// AWS: https://github.com/boto/boto3/issues/2504 has the family's text.
var usagePatches = patch.Table[*usagePatch]{Family: patch.Listed, Rules: []patch.Rule[*usagePatch]{
	{Path: "/remaining", Ops: patch.Replace, Apply: func(r *usagePatch, p patch.Op) error {
		n, err := strconv.ParseInt(p.Value, 10, 64)
		if err != nil || n < 0 {
			return errValue(p)
		}
		if r.p.Quota == nil {
			// unverified against AWS: the text.
			return awsapi.BadRequest("Usage Plan %s has no quota", r.p.ID)
		}
		r.remaining = &n
		return nil
	}},
}}
