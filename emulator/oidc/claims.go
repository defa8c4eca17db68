package oidc

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Scopes that mean something here; any other may be asked for and is granted.
const (
	scopeOpenID  = "openid"
	scopeProfile = "profile"
	scopeEmail   = "email"
)

const defaultLifetime = time.Hour

// ownClaims are those that nobody adds in signing in, nor learns from the user info
// but sub.
var ownClaims = map[string]bool{
	"iss": true, "sub": true, "aud": true, "exp": true, "nbf": true, "iat": true, "jti": true, "azp": true,
	"auth_time": true, "nonce": true, "at_hash": true, "client_id": true, "scope": true,
}

// about is what the scopes tell of a person, with what was said in signing in.
func (p person) about(scope []string) map[string]any {
	out := map[string]any{"sub": p.Name}
	if slices.Contains(scope, scopeProfile) {
		out["name"], out["preferred_username"] = p.Name, p.Name
	}
	if slices.Contains(scope, scopeEmail) && strings.Contains(p.Name, "@") {
		out["email"], out["email_verified"] = p.Name, true
	}
	maps.Copy(out, p.Claims)
	return out
}

// accessClaims are those of an access token. The audience is whom the client named;
// otherwise there is none, as with Cognito, and an authorizer looks at client_id.
func (g *grant) accessClaims(scope []string, now time.Time) map[string]any {
	out := map[string]any{
		"iss": g.issuer, "sub": g.person.Name, "client_id": g.client, "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(defaultLifetime).Unix(), "auth_time": g.person.At,
	}
	if len(scope) > 0 {
		out["scope"] = strings.Join(scope, " ")
	}
	setAudience(out, g.audience)
	maps.Copy(out, g.person.Claims)
	return out
}

// idClaims are those of an ID token that goes with an access token.
func (g *grant) idClaims(scope []string, nonce, access string, now time.Time) map[string]any {
	out := g.person.about(scope)
	sum := sha256.Sum256([]byte(access))
	maps.Copy(out, map[string]any{
		"iss": g.issuer, "aud": g.client, "iat": now.Unix(), "exp": now.Add(defaultLifetime).Unix(), "auth_time": g.person.At,
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2]),
	})
	if nonce != "" {
		out["nonce"] = nonce
	}
	return out
}

func setAudience(claims map[string]any, audience []string) {
	switch len(audience) {
	case 0:
	case 1:
		claims["aud"] = audience[0]
	default:
		claims["aud"] = audience
	}
}

// mintClaims are those of a token that somebody describes.
func mintClaims(form url.Values, issuer, client string, now time.Time) (map[string]any, time.Duration, error) {
	lifetime, err := duration(form.Get("expires"))
	if err != nil {
		return nil, 0, err
	}
	claims := map[string]any{
		"iss": issuer, "sub": client, "client_id": client, "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(lifetime).Unix(),
	}
	for claim, value := range map[string]string{"iss": form.Get("issuer"), "sub": form.Get("subject"), "scope": strings.Join(form["scope"], " ")} {
		if value != "" {
			claims[claim] = value
		}
	}
	if lifetime < 0 {
		claims["iat"] = now.Add(lifetime - defaultLifetime).Unix() // it was valid once
	}
	setAudience(claims, slices.Concat(form["audience"], form["resource"]))
	more, err := parseClaims(form["claim"])
	maps.Copy(claims, more)
	return claims, lifetime, err
}

func duration(s string) (time.Duration, error) {
	if s == "" {
		return defaultLifetime, nil
	}
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, refuse(invalidRequest, "expires %q is neither like 15m nor a number of seconds", s)
	}
	return d, nil
}

// parseClaims reads claims that are written name=value.
func parseClaims(list []string) (map[string]any, error) {
	out := map[string]any{}
	for _, text := range list {
		claim, value, ok := strings.Cut(text, "=")
		if !ok || claim == "" {
			return nil, refuse(invalidRequest, "claim %q is not like name=value", text)
		}
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			v = value
		}
		out[claim] = v
	}
	return out, nil
}

func (i *Issuer) sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("the token cannot be signed: %w", err)
	}
	signer, err := i.signer()
	if err != nil {
		return "", fmt.Errorf("the token cannot be signed: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("the token cannot be signed: %w", err)
	}
	return signed.CompactSerialize()
}

var errNotOurs = errors.New("the token is not of this issuer")

// verify gives the claims of a token that this issuer signed and that has not expired.
func (i *Issuer) verify(token string) (map[string]any, error) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
	if err != nil {
		return nil, errNotOurs
	}
	set, err := i.keys.public()
	if err != nil {
		return nil, err
	}
	for _, key := range set.Key(signed.Signatures[0].Header.KeyID) {
		payload, err := signed.Verify(key)
		if err != nil {
			continue
		}
		var claims map[string]any
		if err := json.Unmarshal(payload, &claims); err != nil {
			return nil, errNotOurs
		}
		if exp, ok := claims["exp"].(float64); !ok || float64(i.now().Unix()) >= exp {
			return nil, errors.New("the token has expired")
		}
		return claims, nil
	}
	return nil, errNotOurs
}

// subject gives the sub of a token that a client has, as a hint that proves nothing.
func subject(token string) (string, error) {
	var claims struct {
		Subject string `json:"sub"`
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
	if err == nil {
		err = json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims)
	}
	if err != nil || claims.Subject == "" {
		return "", refuse(invalidRequest, "id_token_hint is not a token of this issuer")
	}
	return claims.Subject, nil
}
