package usage

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// UsagePlanKey puts a key into a plan.
type UsagePlanKey struct{ PlanID, KeyID string }

var planKeys = store.NewTable[UsagePlanKey]("apigateway.usageplankey")

// unverified against AWS: the text.
var errPlanKey = awsapi.NotFound("Invalid API Key identifier specified")

const keyType = "API_KEY"

func (s *Service) createUsagePlanKey(ctx context.Context, in *wire.CreateUsagePlanKeyInput) (*wire.UsagePlanKey, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UsagePlanKey, error) {
		p, err := tx.usagePlan(in.UsagePlanId)
		if err != nil {
			return nil, err
		}
		k, ok := apiKeys.Get(tx.Tx, tx.scope, *in.KeyId)
		if !ok {
			return nil, errAPIKey
		}
		if *in.KeyType != keyType {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Invalid key type specified: %s", *in.KeyType)
		}
		if err := tx.checkSubscription(p, k.ID); err != nil {
			return nil, err
		}
		planKeys.Put(tx.Tx, tx.scope, p.ID+"/"+k.ID, &UsagePlanKey{PlanID: p.ID, KeyID: k.ID})
		s.Meter.Subscribe(p.freeze(), k.freeze())
		return k.inPlan(), nil
	})
}

// maxPlansOfKey is how many usage plans a key can be in.
const maxPlansOfKey = 10

// checkSubscription refuses a key that has the plan already, or too many.
//
// unverified against AWS: the texts.
func (tx *txn) checkSubscription(p *UsagePlan, keyID string) error {
	if _, ok := planKeys.Get(tx.Tx, tx.scope, p.ID+"/"+keyID); ok {
		return awsapi.Conflict("Usage Plan %s already has the API Key %s", p.ID, keyID)
	}
	plans := tx.plansOf(keyID)
	if len(plans) >= maxPlansOfKey {
		return awsapi.Errorf("LimitExceededException", "API Key %s can be in at most %d Usage Plans", keyID, maxPlansOfKey)
	}
	return checkOverlap(p, keyID, plans)
}

// checkOverlap refuses that a key reaches the same stage by two plans.
//
// unverified against AWS: the text.
func checkOverlap(p *UsagePlan, keyID string, plans []*UsagePlan) error {
	for _, other := range plans {
		for _, st := range other.Stages {
			if other.ID != p.ID && p.stageAt(st.APIID, st.Stage) >= 0 {
				return awsapi.Conflict("API Key %s can't subscribe to %s, it is subscribed to the same API stage by %s", keyID, p.ID, other.ID)
			}
		}
	}
	return nil
}

// checkOverlaps is checkOverlap for all keys of a plan.
func (tx *txn) checkOverlaps(p *UsagePlan) error {
	for _, pk := range planKeys.List(tx.Tx, tx.scope, p.ID+"/") {
		if err := checkOverlap(p, pk.KeyID, tx.plansOf(pk.KeyID)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) getUsagePlanKey(ctx context.Context, in *wire.GetUsagePlanKeyInput) (*wire.UsagePlanKey, error) {
	return read(ctx, s, func(tx *txn) (*wire.UsagePlanKey, error) {
		if _, err := tx.usagePlan(in.UsagePlanId); err != nil {
			return nil, err
		}
		k, ok := apiKeys.Get(tx.Tx, tx.scope, *in.KeyId)
		if _, in := planKeys.Get(tx.Tx, tx.scope, *in.UsagePlanId+"/"+*in.KeyId); !ok || !in {
			return nil, errPlanKey
		}
		return k.inPlan(), nil
	})
}

// getUsagePlanKeys lists a plan's keys. AWS: an unknown plan has none.
func (s *Service) getUsagePlanKeys(ctx context.Context, in *wire.GetUsagePlanKeysInput) (*wire.UsagePlanKeys, error) {
	return read(ctx, s, func(tx *txn) (*wire.UsagePlanKeys, error) {
		var found []*APIKey
		for _, pk := range newestFirst(planKeys.List(tx.Tx, tx.scope, *in.UsagePlanId+"/")) {
			k, ok := apiKeys.Get(tx.Tx, tx.scope, pk.KeyID)
			if ok && strings.HasPrefix(k.Name, awsapi.Val(in.NameQuery)) {
				found = append(found, k)
			}
		}
		items, next, err := paging.V1(found, in.Position, in.Limit, (*APIKey).inPlan)
		return &wire.UsagePlanKeys{Items: items, Position: next}, err
	})
}

func (s *Service) deleteUsagePlanKey(ctx context.Context, in *wire.DeleteUsagePlanKeyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		p, err := tx.usagePlan(in.UsagePlanId)
		if err != nil {
			return nil, err
		}
		if !planKeys.Delete(tx.Tx, tx.scope, p.ID+"/"+*in.KeyId) {
			return nil, errPlanKey
		}
		if k, ok := apiKeys.Get(tx.Tx, tx.scope, *in.KeyId); ok {
			s.Meter.Unsubscribe(p.freeze(), k.Value)
		}
		return nil, nil
	})
}

func (k *APIKey) inPlan() *wire.UsagePlanKey {
	return &wire.UsagePlanKey{Id: &k.ID, Type: awsapi.Ptr(keyType), Value: &k.Value, Name: awsapi.NonEmpty(k.Name)}
}
