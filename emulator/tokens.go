package emulator

import (
	"net/url"

	"github.com/postern/postern/emulator/oidc"
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
