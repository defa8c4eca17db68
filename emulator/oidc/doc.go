// Package oidc is an OpenID Connect issuer of the emulator's own, so that JWT
// authorizers can be tried without a network: a discovery document, a key set, the
// authorization code flow with a sign-in page, refresh tokens, client credentials, user
// info, revocation and sign-out. It has no list of users or clients and asks for no
// secret; whoever reaches the emulator may have any token of it.
//
// Issuer is the http.Handler of everything below Path. authorize.go takes authorization
// requests and signin.go puts the page before them; token.go answers the token endpoint
// from what grants.go remembers, and claims.go says what stands in a token. Keys are
// made when first needed, rotated on request, and kept in the data directory where there
// is one; codes and refresh tokens live as long as the process.
//
// Codes are sent to every well-formed http or https address, for there is nowhere to
// register one. To an address of this machine the issuer redirects by itself; to any
// other only after somebody has pressed the button of a page that names it.
package oidc
