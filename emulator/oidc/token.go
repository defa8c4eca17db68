package oidc

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	clientCredentials = "client_credentials"
	defaultClient     = "postern"
	defaultLifetime   = time.Hour
	maxRequest        = 1 << 20
)

// serveToken signs a token. It is an OAuth 2.0 token endpoint for client credentials,
// any of them; the form may say more of the token than OAuth has members for:
//
//	audience   aud; may be repeated
//	scope      scope, with spaces between
//	subject    sub; the client's id by default
//	expires    a duration such as 15m, or seconds; negative makes an expired token
//	claim      name=value, where a value that is JSON is taken as such; may be repeated
//	issuer     iss, for a name of this emulator that the caller does not use itself
func (i *Issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		fail(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	if grant := r.PostForm.Get("grant_type"); grant != clientCredentials {
		fail(w, http.StatusBadRequest, "unsupported_grant_type", fmt.Sprintf("grant type %q is not %s", grant, clientCredentials))
		return
	}
	client := r.PostForm.Get("client_id")
	if id, _, ok := r.BasicAuth(); ok {
		client = id
	}
	if client == "" {
		client = defaultClient
	}
	claims, lifetime, err := i.claims(r.PostForm, name(r), client)
	if err != nil {
		fail(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	token, err := i.sign(claims)
	if err != nil {
		fail(w, http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	out := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int64(lifetime.Seconds())}
	if scope, ok := claims["scope"]; ok {
		out["scope"] = scope
	}
	answer(w, http.StatusOK, out)
}

func (i *Issuer) claims(form url.Values, issuer, client string) (map[string]any, time.Duration, error) {
	lifetime, err := duration(form.Get("expires"))
	if err != nil {
		return nil, 0, err
	}
	now := i.now()
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
	switch audience := form["audience"]; len(audience) {
	case 0:
	case 1:
		claims["aud"] = audience[0]
	default:
		claims["aud"] = audience
	}
	more, err := named(form["claim"])
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
		return 0, fmt.Errorf("expires %q is neither like 15m nor a number of seconds", s)
	}
	return d, nil
}

// named reads claims that are written name=value.
func named(list []string) (map[string]any, error) {
	out := map[string]any{}
	for _, text := range list {
		claim, value, ok := strings.Cut(text, "=")
		if !ok || claim == "" {
			return nil, fmt.Errorf("claim %q is not like name=value", text)
		}
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			v = value
		}
		out[claim] = v
	}
	return out, nil
}

var errSign = errors.New("the token cannot be signed")

func (i *Issuer) sign(claims map[string]any) (string, error) {
	key, err := i.keys.private()
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSign, err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSign, err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSign, err)
	}
	return signed.CompactSerialize()
}
