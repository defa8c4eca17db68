package usage

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// APIKey is the record of one API key.
type APIKey struct {
	ID              string
	Value           string
	Name            string
	Description     string
	CustomerID      string
	Enabled         bool
	StageKeys       []string // "{apiId}/{stage}", from before there were usage plans
	Labels          []string
	Tags            map[string]string
	CreatedDate     time.Time
	LastUpdatedDate time.Time
}

var (
	apiKeys = store.NewTable[APIKey]("apigateway.apikey")
	// keyValues has who has a value, which only one key of an account can have.
	keyValues = store.NewTable[string]("apigateway.apikey.value")
)

var errAPIKey = awsapi.NotFound("Invalid API Key identifier specified")

const (
	minValue       = 20
	maxValue       = 128
	generatedValue = 40
	maxName        = 1024
	maxDescription = 125000
	maxKeys        = 10000 // of an account in a region
)

func (s *Service) createApiKey(ctx context.Context, in *wire.CreateApiKeyInput) (*wire.ApiKey, error) {
	return edit(ctx, s, func(tx *txn) (*wire.ApiKey, error) {
		now := s.Now()
		k := &APIKey{
			ID: s.NewID(10), Value: awsapi.Val(in.Value), Name: awsapi.Val(in.Name), Description: awsapi.Val(in.Description),
			CustomerID: awsapi.Val(in.CustomerId), Enabled: awsapi.Val(in.Enabled), Tags: in.Tags, CreatedDate: now, LastUpdatedDate: now,
		}
		for _, sk := range in.StageKeys {
			stageKey := awsapi.Val(sk.RestApiId) + "/" + awsapi.Val(sk.StageName)
			if err := tx.checkStageKey(stageKey); err != nil {
				return nil, err
			}
			k.StageKeys = append(k.StageKeys, stageKey)
		}
		if err := tags.Check(k.Tags); err != nil {
			return nil, err
		}
		if in.GenerateDistinctId != nil && !*in.GenerateDistinctId {
			// AWS: the key's id is its value then. It advises against this.
			k.Value = cmp.Or(k.Value, s.NewID(generatedValue))
			k.ID = k.Value
		}
		if err := tx.putKey(k); err != nil {
			return nil, err
		}
		return k.wire(true, false), nil
	})
}

// putKey checks and stores a new key; a key without a value is given one.
func (tx *txn) putKey(k *APIKey) error {
	if err := k.check(); err != nil {
		return err
	}
	if k.Value == "" {
		k.Value = tx.s.NewID(generatedValue)
	}
	switch {
	case utf8.RuneCountInString(k.Value) < minValue:
		return awsapi.BadRequest("API Key value should be at least 20 characters")
	case utf8.RuneCountInString(k.Value) > maxValue:
		return awsapi.BadRequest("API Key value exceeds maximum size of 128 characters")
	}
	if _, taken := keyValues.Get(tx.Tx, tx.scope, k.Value); taken {
		return awsapi.Conflict("API Key already exists")
	}
	if apiKeys.Len(tx.Tx, tx.scope, "") >= maxKeys {
		return limits.Reached("API Keys", limits.OfAccount)
	}
	apiKeys.Put(tx.Tx, tx.scope, k.ID, k)
	keyValues.Put(tx.Tx, tx.scope, k.Value, &k.ID)
	return nil
}

func (k *APIKey) check() error {
	switch {
	case utf8.RuneCountInString(k.Name) > maxName:
		return awsapi.BadRequest("Invalid API Key name, can be at most 1024 characters.")
	case utf8.RuneCountInString(k.Description) > maxDescription:
		return awsapi.BadRequest("Invalid API Key description specified.")
	}
	return nil
}

func (s *Service) getApiKey(ctx context.Context, in *wire.GetApiKeyInput) (*wire.ApiKey, error) {
	return read(ctx, s, func(tx *txn) (*wire.ApiKey, error) {
		k, ok := apiKeys.Get(tx.Tx, tx.scope, *in.ApiKey)
		if !ok {
			return nil, errAPIKey
		}
		return k.wire(awsapi.Val(in.IncludeValue), true), nil
	})
}

func (s *Service) getApiKeys(ctx context.Context, in *wire.GetApiKeysInput) (*wire.ApiKeys, error) {
	return read(ctx, s, func(tx *txn) (*wire.ApiKeys, error) {
		var found []*APIKey
		for _, k := range newestFirst(apiKeys.List(tx.Tx, tx.scope, "")) {
			// AWS: a name is looked for by its beginning, case-sensitively.
			if strings.HasPrefix(k.Name, awsapi.Val(in.NameQuery)) && (in.CustomerId == nil || *in.CustomerId == k.CustomerID) {
				found = append(found, k)
			}
		}
		items, next, err := paging.V1(found, in.Position, in.Limit, func(k *APIKey) *wire.ApiKey { return k.wire(awsapi.Val(in.IncludeValues), false) })
		return &wire.ApiKeys{Items: items, Position: next}, err
	})
}

func (s *Service) updateApiKey(ctx context.Context, in *wire.UpdateApiKeyInput) (*wire.ApiKey, error) {
	return edit(ctx, s, func(tx *txn) (*wire.ApiKey, error) {
		k, ok := apiKeys.Edit(tx.Tx, tx.scope, *in.ApiKey)
		if !ok {
			return nil, errAPIKey
		}
		if err := apiKeyPatches.Apply(keyPatch{tx, k}, in.PatchOperations); err != nil {
			return nil, err
		}
		if err := k.check(); err != nil {
			return nil, err
		}
		k.LastUpdatedDate = s.Now()
		for _, p := range tx.plansOf(k.ID) {
			s.Meter.Subscribe(p.freeze(), k.freeze())
		}
		return k.wire(false, true), nil
	})
}

func (s *Service) deleteApiKey(ctx context.Context, in *wire.DeleteApiKeyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		k, ok := apiKeys.Get(tx.Tx, tx.scope, *in.ApiKey)
		if !ok {
			return nil, errAPIKey
		}
		for _, p := range tx.plansOf(k.ID) {
			planKeys.Delete(tx.Tx, tx.scope, p.ID+"/"+k.ID)
			s.Meter.Unsubscribe(p.freeze(), k.Value)
		}
		apiKeys.Delete(tx.Tx, tx.scope, k.ID)
		keyValues.Delete(tx.Tx, tx.scope, k.Value)
		return nil, nil
	})
}

// plansOf gives the plans that a key is in.
func (tx *txn) plansOf(keyID string) []*UsagePlan {
	var in []*UsagePlan
	for _, p := range usagePlans.List(tx.Tx, tx.scope, "") {
		if _, ok := planKeys.Get(tx.Tx, tx.scope, p.ID+"/"+keyID); ok {
			in = append(in, p)
		}
	}
	return in
}

func (k *APIKey) wire(withValue, single bool) *wire.ApiKey {
	out := &wire.ApiKey{
		Id: &k.ID, Name: awsapi.NonEmpty(k.Name), Description: awsapi.NonEmpty(k.Description), CustomerId: awsapi.NonEmpty(k.CustomerID),
		Enabled: &k.Enabled, CreatedDate: seconds(k.CreatedDate), LastUpdatedDate: seconds(k.LastUpdatedDate),
		StageKeys: k.StageKeys, Tags: tags.Shown(k.Tags, single),
	}
	if out.StageKeys == nil {
		out.StageKeys = []string{}
	}
	if withValue {
		out.Value = &k.Value
	}
	return out
}

type keyPatch struct {
	tx *txn
	k  *APIKey
}

var apiKeyPatches = patch.Table[keyPatch]{Family: patch.Listed, Rules: []patch.Rule[keyPatch]{
	patch.Text("/description", func(r keyPatch) *string { return &r.k.Description }),
	{Path: "/enabled", Ops: patch.Replace, Apply: func(r keyPatch, p patch.Op) error {
		r.k.Enabled = p.Truth()
		return nil
	}},
	patch.Text("/name", func(r keyPatch) *string { return &r.k.Name }),
	patch.Text("/customerId", func(r keyPatch) *string { return &r.k.CustomerID }),
	{Path: "/stages", Ops: patch.AddRemove, Unlisted: true, Apply: func(r keyPatch, p patch.Op) error {
		if p.Op == "add" {
			if err := r.tx.checkStageKey(p.Value); err != nil {
				return err
			}
		}
		r.k.StageKeys = addOrRemove(r.k.StageKeys, p)
		return nil
	}},
	{Path: "/labels", Ops: patch.AddRemove, Unlisted: true, Apply: func(r keyPatch, p patch.Op) error {
		r.k.Labels = addOrRemove(r.k.Labels, p)
		return nil
	}},
}}

// checkStageKey wants the "{apiId}/{stage}" of a key from before there were usage
// plans to be a stage.
func (tx *txn) checkStageKey(stageKey string) error {
	api, stage, _ := strings.Cut(stageKey, "/")
	if !tx.s.StageExists(tx.Tx, tx.scope, api, stage) {
		// unverified against AWS: code and text.
		return awsapi.BadRequest("Invalid stage identifier specified")
	}
	return nil
}

func addOrRemove(list []string, p patch.Op) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(v string) bool { return v == p.Value })
	if p.Op == "add" {
		list = append(list, p.Value)
	}
	return list
}
