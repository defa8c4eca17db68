package apigateway

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// Account holds what one account has set for a region.
type Account struct {
	CloudWatchRoleARN string
	Features          []string
}

var accounts = store.NewTable[Account]("apigateway.account")

func (tx *txn) account() *Account {
	if a, ok := accounts.Get(tx.Tx, tx.scope, "account"); ok {
		return a
	}
	return &Account{Features: []string{"UsagePlans"}}
}

// loggingRole is the role that lets stages write logs; without one AWS refuses to
// turn logging on.
func (tx *txn) loggingRole() string { return tx.account().CloudWatchRoleARN }

func (s *Service) getAccount(ctx context.Context, _ *wire.GetAccountInput) (*wire.Account, error) {
	return read(ctx, s, func(tx *txn) (*wire.Account, error) { return tx.account().wire(s), nil })
}

func (s *Service) updateAccount(ctx context.Context, in *wire.UpdateAccountInput) (*wire.Account, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Account, error) {
		a := store.Clone(tx.account())
		if err := accountPatches.Apply(a, in.PatchOperations); err != nil {
			return nil, err
		}
		accounts.Put(tx.Tx, tx.scope, "account", a)
		return a.wire(s), nil
	})
}

func (a *Account) wire(s *Service) *wire.Account {
	return &wire.Account{
		CloudwatchRoleArn: awsapi.NonEmpty(a.CloudWatchRoleARN), Features: a.Features, ApiKeyVersion: awsapi.Ptr("4"),
		ThrottleSettings: &wire.ThrottleSettings{BurstLimit: &s.AccountBurst, RateLimit: &s.AccountRate},
	}
}

var accountPatches = patch.Table[*Account]{Family: patch.Bare, Rules: []patch.Rule[*Account]{
	{Path: "/cloudwatchRoleArn", Ops: patch.AddReplaceRemove, Apply: func(a *Account, p patch.Op) error {
		if p.Op == "remove" {
			p.Value = ""
		}
		if arn, ok := awsapi.ParseARN(p.Value); p.Value != "" && (!ok || arn.Service != "iam") {
			return awsapi.BadRequest("The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.")
		}
		a.CloudWatchRoleARN = p.Value
		return nil
	}},
	{Path: "/features", Ops: patch.AddRemove, Apply: func(a *Account, p patch.Op) error {
		switch {
		case p.Value != "UsagePlans":
			// unverified against AWS: the text.
			return awsapi.BadRequest("Invalid feature specified: %s", p.Value)
		case p.Op == "remove":
			// AWS: usage plans cannot be turned off again.
			return awsapi.BadRequest("Usage Plans cannot be disabled once enabled")
		case !slices.Contains(a.Features, p.Value):
			a.Features = append(a.Features, p.Value)
		}
		return nil
	}},
}}
