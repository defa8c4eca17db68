package authorizer

import (
	"context"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha256" // RS256
	_ "crypto/sha512" // RS384, RS512
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

// JWT is a JWT authorizer with the scopes of one route.
type JWT struct {
	ID       string
	Issuer   string
	Audience []string
	Sources  Sources
	Scopes   []string // of the route; one of them must be granted
	Keys     *KeySets
	Now      func() time.Time
}

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
var algorithms = map[string]crypto.Hash{"RS256": crypto.SHA256, "RS384": crypto.SHA384, "RS512": crypto.SHA512}

// Authorize lets the request pass, or refuses it with 401 or, for want of a scope,
// with 403.
func (j *JWT) Authorize(ctx context.Context, rc *reqcontext.Context) error {
	a := &rc.Authorizer
	a.Kind, a.ID = reqcontext.JWTAuthorizer, j.ID
	start := j.Now()
	identity, ok := j.Sources.Values(rc)
	if !ok {
		a.Decision = string(exchange.Unauthorized)
		return refuse(gwerr.Unauthorized, "Bearer", errors.New("no token"))
	}
	claims, err := j.verify(ctx, bearer(identity[0]))
	a.Latency = j.Now().Sub(start)
	if err != nil {
		a.Decision, a.Error = string(exchange.Unauthorized), "invalid_token: "+err.Error()
		return refuse(gwerr.Unauthorized, j.challenge("invalid_token", err), err)
	}
	a.Claims, a.PrincipalID = claims.text(), claims.string("sub")
	if len(j.Scopes) > 0 {
		granted := claims.scopes()
		if !slices.ContainsFunc(j.Scopes, func(s string) bool { return slices.Contains(granted, s) }) {
			a.Decision, a.Error = string(exchange.Deny), "insufficient_scope: "+errScope.Error()
			return refuse(gwerr.AccessDenied, j.challenge("insufficient_scope", errScope), errScope)
		}
		a.Scopes = granted
	}
	a.Decision = string(exchange.Allow)
	return nil
}

func refuse(t gwerr.Type, challenge string, err error) error {
	return &gwerr.Error{Type: t, Header: http.Header{"Www-Authenticate": {challenge}}, Err: err}
}

// challenge is the WWW-Authenticate header; its scope lists those of the route.
func (j *JWT) challenge(code string, err error) string {
	return fmt.Sprintf(`Bearer scope="%s" error="%s" error_description="%s"`, strings.Join(j.Scopes, " "), code, err)
}

// bearer takes a token with or without the scheme before it.
func bearer(value string) string {
	if len(value) > 7 && strings.EqualFold(value[:7], "bearer ") {
		return strings.TrimSpace(value[7:])
	}
	return value
}

func (j *JWT) verify(ctx context.Context, token string) (claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errSegments
	}
	var head struct{ Alg, Kid string }
	if err := decodePart(parts[0], &head); err != nil {
		return nil, errMalformed
	}
	var c claims
	if err := decodePart(parts[1], &c); err != nil || c == nil {
		return nil, errMalformed
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, errMalformed
	}
	hash, ok := algorithms[head.Alg]
	if !ok {
		return nil, errAlgorithm
	}
	key, err := j.Keys.Key(ctx, j.Issuer, head.Kid)
	if err != nil {
		return nil, err
	}
	h := hash.New()
	h.Write([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, hash, h.Sum(nil), signature); err != nil {
		return nil, errSignature
	}
	return c, j.check(c)
}

// check tests the registered claims.
//
// AWS: client_id stands in for the audience only where aud is absent.
func (j *JWT) check(c claims) error {
	if c.string("iss") != j.Issuer {
		return errIssuer
	}
	audience := c.list("aud")
	if _, present := c["aud"]; !present {
		audience = []string{c.string("client_id")}
	}
	if !slices.ContainsFunc(audience, func(a string) bool { return a != "" && slices.Contains(j.Audience, a) }) {
		return errAudience
	}
	now := float64(j.Now().Unix())
	if exp, ok := c.number("exp"); !ok || now >= exp {
		return errExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		if _, present := c[name]; !present {
			continue
		}
		if at, ok := c.number(name); !ok || now < at {
			return errEarly
		}
	}
	return nil
}

// decodePart reads one part of a token. Numbers keep their text.
func decodePart(part string, into any) error {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	if err != nil {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	return dec.Decode(into)
}
