package usage

import (
	"context"
	"strconv"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

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
		page, next, err := pageOf(planKeys.List(tx.Tx, tx.scope, p.ID+"/"), in.Position, in.Limit, func(k *UsagePlanKey) string { return k.KeyID })
		if err != nil {
			return nil, err
		}
		frozen := tx.freeze(p)
		out := &wire.Usage{UsagePlanId: &p.ID, StartDate: in.StartDate, EndDate: in.EndDate, Position: next, Items: map[string][][]int64{}}
		for _, keyID := range page {
			if in.KeyId == nil || *in.KeyId == keyID {
				out.Items[keyID] = days(s.Meter.Days(&frozen, keyID, first, last))
			}
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

type usagePatch struct {
	tx    *txn
	p     *UsagePlan
	keyID string
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
		if err := usagePatches.Apply(usagePatch{tx, p, *in.KeyId}, in.PatchOperations); err != nil {
			return nil, err
		}
		today := s.Now().UTC()
		frozen := tx.freeze(p)
		date := today.Format(dateFormat)
		return &wire.Usage{UsagePlanId: &p.ID, StartDate: &date, EndDate: &date, Items: map[string][][]int64{
			*in.KeyId: days(s.Meter.Days(&frozen, *in.KeyId, today, today)),
		}}, nil
	})
}

var usagePatches = patch.Table[usagePatch]{Family: patch.Bare, Rules: []patch.Rule[usagePatch]{
	{Path: "/remaining", Ops: patch.Replace, Apply: func(r usagePatch, p patch.Op) error {
		n, err := strconv.ParseInt(p.Value, 10, 64)
		if err != nil || n < 0 {
			return errValue(p)
		}
		if r.p.Quota == nil {
			// unverified against AWS: the text.
			return awsapi.BadRequest("Usage Plan %s has no quota", r.p.ID)
		}
		frozen := r.tx.freeze(r.p)
		r.tx.s.Meter.SetRemaining(&frozen, r.keyID, n)
		return nil
	}},
}}
