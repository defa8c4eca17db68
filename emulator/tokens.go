package emulator

import (
	"context"
	"net/url"

	"github.com/postern/postern/emulator/oidc"
	"github.com/postern/postern/runtime/authorizer"
)

// Where the emulator's own issuer of tokens is, below its URL.
const (
	IssuerPath = oidc.Path
	TokenPath  = oidc.TokenPath
)

// keyAddress gives the address at which a token issuer's URL is reached. The emulator's
// own issuer is always here, whatever the name and port that users know it by: from
// inside a container those may lead nowhere.
func (e *Emulator) keyAddress(issuer string) string {
	if u, err := url.Parse(issuer); err == nil && oidc.Owns(u.Path) {
		return e.url + u.EscapedPath()
	}
	return e.issuerAddress(issuer)
}

// issuerCheck asks an issuer for its discovery document when a JWT authorizer is made,
// as AWS does. Only a strict emulator does: what is deployed offline may name issuers
// that cannot be reached from here, and their tokens are refused anyway.
func (e *Emulator) issuerCheck(keys *authorizer.KeySets) func(ctx context.Context, issuer string) error {
	if !e.cfg.Strict {
		return nil
	}
	return func(ctx context.Context, issuer string) error {
		_, err := keys.Discover(ctx, issuer)
		return err
	}
}
