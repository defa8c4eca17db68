package acm

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
	"github.com/postern/postern/controlplane/store"
)

// Configuration is the record of an account's settings in a region.
type Configuration struct {
	DaysBeforeExpiry int
	Token            string // of the request that made it so
	Changed          time.Time
}

const defaultDaysBeforeExpiry = 45

// Configurations lie at configurationKey.
var configurations = store.NewTable[Configuration]("acm.configuration")

const configurationKey = "account"

func (s *Service) getAccountConfiguration(ctx context.Context, _ *awsapi.Empty) (*wire.GetAccountConfigurationOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetAccountConfigurationOutput, error) {
		days := defaultDaysBeforeExpiry
		if c, ok := configurations.Get(tx.Tx, tx.scope, configurationKey); ok {
			days = c.DaysBeforeExpiry
		}
		return &wire.GetAccountConfigurationOutput{ExpiryEvents: &wire.ExpiryEventsConfiguration{DaysBeforeExpiry: &days}}, nil
	})
}

func (s *Service) putAccountConfiguration(ctx context.Context, in *wire.PutAccountConfigurationInput) (*awsapi.Empty, error) {
	days := defaultDaysBeforeExpiry
	if in.ExpiryEvents != nil && in.ExpiryEvents.DaysBeforeExpiry != nil {
		days = *in.ExpiryEvents.DaysBeforeExpiry
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		have, ok := configurations.Get(tx.Tx, tx.scope, configurationKey)
		if ok && have.Token == *in.IdempotencyToken && have.DaysBeforeExpiry != days && s.Now().Sub(have.Changed) < tokenTime {
			// unverified against AWS: the text.
			return nil, awsapi.Conflict("The idempotency token was used for another configuration.")
		}
		configurations.Put(tx.Tx, tx.scope, configurationKey, &Configuration{DaysBeforeExpiry: days, Token: *in.IdempotencyToken, Changed: s.Now()})
		return nil, nil
	})
}
