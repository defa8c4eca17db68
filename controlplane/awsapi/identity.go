package awsapi

import (
	"context"

	"github.com/postern/postern/controlplane/store"
)

// Identity says on whose behalf a management call is made. Every record belongs
// to its (Account, Region).
type Identity struct {
	Account     string // 12 digits
	Region      string
	AccessKeyID string // empty for unsigned calls
	RequestID   string
	BaseURL     string // scheme://host:port the caller used
	// Denied is set when the caller's signature does not hold; the service answers
	// it in its own shape, whatever the operation.
	Denied *Error
}

// Scope is where the caller's records are.
func (id Identity) Scope() store.Scope {
	return store.Scope{Account: id.Account, Region: id.Region}
}

type identityKey struct{}

// WithIdentity attaches the caller's identity; the front door does it once.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityFrom gives the caller's identity, with AWS-like defaults when a test
// calls an operation without one.
func IdentityFrom(ctx context.Context) Identity {
	if id, ok := ctx.Value(identityKey{}).(Identity); ok {
		return id
	}
	return Identity{Account: "000000000000", Region: "us-east-1"}
}
