package usage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
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

var apiKeys = store.NewTable[APIKey]("apigateway.apikey")

var errAPIKey = awsapi.NotFound("Invalid API Key identifier specified")

const (
	minValue       = 20
	maxValue       = 128
	generatedValue = 40
	maxName        = 1024
	maxDescription = 125000
)

func (s *Service) createApiKey(ctx context.Context, in *wire.CreateApiKeyInput) (*wire.ApiKey, error) {
	return edit(ctx, s, func(tx *txn) (*wire.ApiKey, error) {
		now := s.Now()
		k := &APIKey{
			ID: s.NewID(10), Value: awsapi.Val(in.Value), Name: awsapi.Val(in.Name), Description: awsapi.Val(in.Description),
			CustomerID: awsapi.Val(in.CustomerId), Enabled: awsapi.Val(in.Enabled), Tags: in.Tags, CreatedDate: now, LastUpdatedDate: now,
		}
		for _, sk := range in.StageKeys {
			k.StageKeys = append(k.StageKeys, awsapi.Val(sk.RestApiId)+"/"+awsapi.Val(sk.StageName))
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
	case len(k.Value) < minValue:
		return awsapi.BadRequest("API Key value should be at least 20 characters")
	case len(k.Value) > maxValue:
		return awsapi.BadRequest("API Key value exceeds maximum size of 128 characters")
	}
	for _, other := range apiKeys.List(tx.Tx, tx.scope, "") {
		if other.Value == k.Value {
			return awsapi.Conflict("API Key already exists")
		}
	}
	apiKeys.Put(tx.Tx, tx.scope, k.ID, k)
	return nil
}

func (k *APIKey) check() error {
	switch {
	case len(k.Name) > maxName:
		return awsapi.BadRequest("Invalid API Key name, can be at most 1024 characters.")
	case len(k.Description) > maxDescription:
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
		items, next, err := pageOf(found, in.Position, in.Limit, func(k *APIKey) wire.ApiKey { return *k.wire(awsapi.Val(in.IncludeValues), false) })
		return &wire.ApiKeys{Items: items, Position: next}, err
	})
}

func (s *Service) updateApiKey(ctx context.Context, in *wire.UpdateApiKeyInput) (*wire.ApiKey, error) {
	return edit(ctx, s, func(tx *txn) (*wire.ApiKey, error) {
		k, ok := apiKeys.Edit(tx.Tx, tx.scope, *in.ApiKey)
		if !ok {
			return nil, errAPIKey
		}
		if err := apiKeyPatches.Apply(k, in.PatchOperations); err != nil {
			return nil, err
		}
		k.LastUpdatedDate = s.Now()
		return k.wire(false, true), k.check()
	})
}

func (s *Service) deleteApiKey(ctx context.Context, in *wire.DeleteApiKeyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if !apiKeys.Delete(tx.Tx, tx.scope, *in.ApiKey) {
			return nil, errAPIKey
		}
		for _, p := range usagePlans.List(tx.Tx, tx.scope, "") {
			planKeys.Delete(tx.Tx, tx.scope, p.ID+"/"+*in.ApiKey)
		}
		return nil, nil
	})
}

func (k *APIKey) wire(withValue, single bool) *wire.ApiKey {
	out := &wire.ApiKey{
		Id: &k.ID, Name: awsapi.NonEmpty(k.Name), Description: awsapi.NonEmpty(k.Description), CustomerId: awsapi.NonEmpty(k.CustomerID),
		Enabled: &k.Enabled, CreatedDate: seconds(k.CreatedDate), LastUpdatedDate: seconds(k.LastUpdatedDate),
		StageKeys: k.StageKeys, Tags: wireTags(k.Tags, single),
	}
	if out.StageKeys == nil {
		out.StageKeys = []string{}
	}
	if withValue {
		out.Value = &k.Value
	}
	return out
}

var apiKeyPatches = patch.Table[*APIKey]{Family: patch.Listed, Rules: []patch.Rule[*APIKey]{
	patch.Text("/description", func(k *APIKey) *string { return &k.Description }),
	{Path: "/enabled", Ops: patch.Replace, Apply: func(k *APIKey, p patch.Op) error {
		k.Enabled = p.Truth()
		return nil
	}},
	patch.Text("/name", func(k *APIKey) *string { return &k.Name }),
	patch.Text("/customerId", func(k *APIKey) *string { return &k.CustomerID }),
	{Path: "/stages", Ops: patch.AddRemove, Unlisted: true, Apply: func(k *APIKey, p patch.Op) error {
		k.StageKeys = addOrRemove(k.StageKeys, p)
		return nil
	}},
	{Path: "/labels", Ops: patch.AddRemove, Unlisted: true, Apply: func(k *APIKey, p patch.Op) error {
		k.Labels = addOrRemove(k.Labels, p)
		return nil
	}},
}}

func addOrRemove(list []string, p patch.Op) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(v string) bool { return v == p.Value })
	if p.Op == "add" {
		list = append(list, p.Value)
	}
	return list
}
