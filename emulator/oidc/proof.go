package oidc

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// Methods of RFC 7636.
const (
	challengeS256  = "S256"
	challengePlain = "plain"
)

// proof is what a client has to prove when it redeems a code (PKCE): that it is the one
// that asked for it. The zero proof asks for nothing.
type proof struct{ challenge, method string }

func parseProof(challenge, method string) (proof, error) {
	switch {
	case challenge == "" && method == "":
		return proof{}, nil
	case challenge == "":
		return proof{}, refuse(invalidRequest, "code_challenge is missing")
	case method == "":
		method = challengePlain
	case method != challengeS256 && method != challengePlain:
		return proof{}, refuse(invalidRequest, "code_challenge_method %q is neither S256 nor plain", method)
	}
	if !isVerifier(challenge) || method == challengeS256 && len(challenge) != 43 {
		return proof{}, refuse(invalidRequest, "code_challenge is malformed")
	}
	return proof{challenge, method}, nil
}

func (p proof) check(verifier string) error {
	switch {
	case p.challenge == "" && verifier == "":
		return nil
	case p.challenge == "":
		// Or the challenge was taken out of the request on its way.
		return refuse(invalidGrant, "there is a code_verifier, but the code was asked for without a code_challenge")
	case verifier == "":
		return refuse(invalidGrant, "code_verifier is missing")
	case !isVerifier(verifier):
		return refuse(invalidGrant, "code_verifier is malformed")
	}
	got := verifier
	if p.method == challengeS256 {
		sum := sha256.Sum256([]byte(verifier))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if subtle.ConstantTimeCompare([]byte(got), []byte(p.challenge)) == 0 {
		return refuse(invalidGrant, "code_verifier does not match the code_challenge")
	}
	return nil
}

// isVerifier tells whether a text is of the length and characters of a verifier.
func isVerifier(s string) bool {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	return len(s) >= 43 && len(s) <= 128 && strings.Trim(s, unreserved) == ""
}
