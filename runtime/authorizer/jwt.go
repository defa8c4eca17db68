package authorizer

import (
	"context"
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

// JWT is a JWT authorizer of an HTTP API with the scopes of one route.
type JWT struct {
	ID       string
	Issuer   string
	Audience []string
	Sources  Sources
	Scopes   []string // of the route; one of them must be granted
	Keys     *KeySets
	Now      func() time.Time
}

// Authorize lets the request pass, or refuses it with 401 or, for want of a scope,
// with 403.
func (j *JWT) Authorize(ctx context.Context, rc *reqcontext.Context, _ *http.Request) error {
	a := &rc.Authorizer
	a.Kind, a.ID = reqcontext.JWTAuthorizer, j.ID
	start := j.Now()
	identity, ok := j.Sources.Values(rc)
	if !ok || len(identity) == 0 {
		a.Decision = string(exchange.Unauthorized)
		return refuse(gwerr.Unauthorized, "Bearer", errors.New("no token"))
	}
	claims, err := j.verify(ctx, identity[0])
	a.Latency = j.Now().Sub(start)
	if err != nil {
		a.Decision, a.Error = string(exchange.Unauthorized), "invalid_token: "+err.Error()
		return refuse(gwerr.Unauthorized, j.challenge("invalid_token", err), err)
	}
	a.Claims, a.PrincipalID = claims.text(), claims.string("sub")
	if len(j.Scopes) > 0 {
		a.Scopes = claims.scopes()
		if !intersect(j.Scopes, a.Scopes) {
			a.Decision, a.Error = string(exchange.Deny), "insufficient_scope: "+errScope.Error()
			return refuse(gwerr.AccessDenied, j.challenge("insufficient_scope", errScope), errScope)
		}
	}
	a.Decision = string(exchange.Allow)
	return nil
}

func intersect(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func refuse(t gwerr.Type, challenge string, err error) error {
	return &gwerr.Error{Type: t, Header: http.Header{"Www-Authenticate": {challenge}}, Err: err}
}

// challenge is the WWW-Authenticate header; its scope lists those of the route.
func (j *JWT) challenge(code string, err error) string {
	return fmt.Sprintf(`Bearer scope="%s" error="%s" error_description="%s"`, strings.Join(j.Scopes, " "), code, err)
}

func (j *JWT) verify(ctx context.Context, value string) (claims, error) {
	t, err := parseToken(value)
	if err != nil {
		return nil, err
	}
	key, err := j.Keys.Key(ctx, j.Issuer, t.keyID)
	if err != nil {
		return nil, err
	}
	if err := t.verify(key); err != nil {
		return nil, err
	}
	return t.claims, j.check(t.claims)
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
	return c.current(j.Now())
}
