// Package oidc is an OpenID Connect issuer of the emulator's own, so that JWT
// authorizers can be tried without a network: discovery document, key set, and a token
// endpoint that signs what it is asked for. It knows no users and asks for no secret;
// whoever reaches the emulator may have any token of it.
//
// Issuer is the http.Handler of everything below Path. Its key is made when first
// needed, and kept in the data directory where there is one.
package oidc
