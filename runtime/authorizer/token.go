package authorizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// tokenError is a token that does not pass; its text goes into WWW-Authenticate.
type tokenError string

func (e tokenError) Error() string { return string(e) }

// The texts of refused tokens. AWS recorded: segments, audience, and the two of
// KeySets.
//
// unverified against AWS: the others, in the style of the recorded ones.
const (
	errSegments  tokenError = "token contains an invalid number of segments"
	errMalformed tokenError = "token is malformed"
	errAlgorithm tokenError = "signing method is not supported"
	errKey       tokenError = "unable to find a signing key that matches"
	errSignature tokenError = "signature is invalid"
	errIssuer    tokenError = "the token does not have a valid issuer"
	errAudience  tokenError = "the token does not have a valid audience"
	errExpired   tokenError = "the token has expired"
	errEarly     tokenError = "the token is not valid yet"
	errScope     tokenError = "the token does not have sufficient scopes"
)

// AWS: RSA only.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512}

// token is a parsed token that nobody verified yet.
type token struct {
	signed *jose.JSONWebSignature
	keyID  string
	claims claims // not to be trusted before verify
}

// parseToken takes a token apart, with or without the scheme before it.
func parseToken(value string) (*token, error) {
	if len(value) > 7 && strings.EqualFold(value[:7], "bearer ") {
		value = strings.TrimSpace(value[7:])
	}
	if strings.Count(value, ".") != 2 {
		return nil, errSegments
	}
	signed, err := jose.ParseSignedCompact(value, algorithms)
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &algorithm):
		return nil, errAlgorithm
	case err != nil || len(signed.Signatures) != 1:
		return nil, errMalformed
	}
	t := &token{signed: signed, keyID: signed.Signatures[0].Header.KeyID}
	dec := json.NewDecoder(bytes.NewReader(signed.UnsafePayloadWithoutVerification()))
	dec.UseNumber() // numbers keep their text
	if err := dec.Decode(&t.claims); err != nil || t.claims == nil {
		return nil, errMalformed
	}
	if _, err := dec.Token(); err != io.EOF { // nothing but white space may follow
		return nil, errMalformed
	}
	return t, nil
}

func (t *token) verify(key any) error {
	if _, err := t.signed.Verify(key); err != nil {
		return errSignature
	}
	return nil
}
