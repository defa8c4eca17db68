package authorizer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/regex"
	"github.com/postern/postern/runtime/reqcontext"
)

// Cognito is a COGNITO_USER_POOLS authorizer of a REST API with the scopes of one
// method. It is judged by REST.
type Cognito struct {
	id      string
	sources Sources
	issuers []string
	valid   *regex.Regexp // what the audience has to look like; nil: anyhow
	scopes  []string
	keys    *KeySets
	now     func() time.Time
}

// CognitoConfig says what a Cognito authorizer looks at.
type CognitoConfig struct {
	ID         string
	Sources    Sources
	PoolARNs   []string
	Validation string // what the audience has to match; empty: anything
	Scopes     []string
	Keys       *KeySets
	Now        func() time.Time
}

// NewCognito makes an authorizer.
func NewCognito(c CognitoConfig) (*Cognito, error) {
	out := &Cognito{id: c.ID, sources: c.Sources, scopes: c.Scopes, keys: c.Keys, now: c.Now}
	if len(c.Sources) != 1 {
		return nil, errors.New("a Cognito authorizer has one identity source")
	}
	for _, arn := range c.PoolARNs {
		p := strings.SplitN(arn, ":", 6)
		if len(p) != 6 || p[2] != "cognito-idp" || !strings.HasPrefix(p[5], "userpool/") {
			return nil, fmt.Errorf("%q is no user pool's ARN", arn)
		}
		out.issuers = append(out.issuers, "https://cognito-idp."+p[3]+".amazonaws.com/"+strings.TrimPrefix(p[5], "userpool/"))
	}
	var err error
	out.valid, err = compileValidation(c.Validation)
	return out, err
}

func (c *Cognito) kind() (reqcontext.AuthorizerKind, string) {
	return reqcontext.CognitoAuthorizer, c.id
}

// identify verifies the caller's token.
func (c *Cognito) identify(ctx context.Context, rc *reqcontext.Context, _ *http.Request, _ string) (verdict, error) {
	identity, ok := c.sources.Values(rc)
	if !ok {
		return verdict{}, gwerr.New(gwerr.Unauthorized, errIdentity)
	}
	start := c.now()
	claims, err := c.verify(ctx, identity[0])
	rc.Authorizer.Latency = c.now().Sub(start)
	if err != nil {
		e := gwerr.New(gwerr.Unauthorized, err)
		if errors.Is(err, errExpired) {
			e.Message = "The incoming token has expired"
		}
		return verdict{}, e
	}
	rc.Authorizer.Claims = claims.restText()
	return verdict{outcome: policy.Allow, rule: policyToo}, nil
}

func (c *Cognito) verify(ctx context.Context, value string) (claims, error) {
	t, err := parseToken(value)
	if err != nil {
		return nil, err
	}
	issuer, err := c.issuer(t.claims)
	if err != nil {
		return nil, err
	}
	key, err := c.keys.PoolKey(ctx, issuer, t.keyID)
	if err != nil {
		return nil, err
	}
	if err := t.verify(key); err != nil {
		return nil, err
	}
	if err := c.check(t.claims); err != nil {
		return nil, err
	}
	return t.claims, t.claims.current(c.now())
}

// issuer finds the pool that a token says it is from. A pool of a local Cognito may
// name itself by its own address.
func (c *Cognito) issuer(got claims) (string, error) {
	for _, issuer := range c.issuers {
		if iss := got.string("iss"); iss == issuer || iss == c.keys.locate(issuer) {
			return issuer, nil
		}
	}
	return "", errIssuer
}

var errUse = errors.New("the token is of the other use")

// check tells identity and access tokens apart.
//
// AWS: a method without scopes takes identity tokens, one with scopes access tokens
// that have one of them. That the audience is a client of the pool is known from the
// signature only: a pool signs for its own clients.
//
// unverified against AWS: an access token without the scopes is a 401 too.
func (c *Cognito) check(got claims) error {
	use, audience := "id", got.list("aud")
	if len(c.scopes) > 0 {
		use, audience = "access", []string{got.string("client_id")}
	}
	switch {
	case got.string("token_use") != use:
		return errUse
	case c.valid != nil && !slices.ContainsFunc(audience, c.valid.MatchString):
		return errAudience
	case len(c.scopes) > 0 && !intersect(c.scopes, got.scopes()):
		return errScope
	}
	return nil
}
