package oidc

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Grant types.
const (
	authorizationCode = "authorization_code"
	refreshToken      = "refresh_token"
	clientCredentials = "client_credentials"
)

const (
	defaultClient = "postern"
	maxRequest    = 1 << 20
)

// authMethods are the ways in which clients may say who they are; no secret is wrong.
var authMethods = []string{"none", "client_secret_basic", "client_secret_post"}

// tokens is the answer of the token endpoint.
type tokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

// serveToken is the token endpoint.
func (i *Issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	out, err := i.grantTokens(w, r)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, out)
}

func (i *Issuer) grantTokens(w http.ResponseWriter, r *http.Request) (*tokens, error) {
	form, client, err := readForm(w, r)
	if err != nil {
		return nil, err
	}
	switch grant := form.Get("grant_type"); grant {
	case authorizationCode:
		return i.redeem(form, client, name(r))
	case refreshToken:
		return i.renew(form, client)
	case clientCredentials:
		return i.mint(form, client, name(r))
	case "":
		return nil, refuse(invalidRequest, "grant_type is missing")
	default:
		return nil, refuse(unsupportedGrant, "grant_type %q is none of %s, %s and %s", grant, authorizationCode, refreshToken, clientCredentials)
	}
}

// severally are the parameters that may be repeated.
var severally = []string{"audience", "resource", "scope", "claim"}

// readForm gives the parameters of a request of a client, and the client.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		return nil, "", refuse(invalidRequest, "the request cannot be read: %v", err)
	}
	for name := range r.PostForm {
		if slices.Contains(severally, name) {
			continue
		}
		if _, err := only(r.PostForm, name); err != nil {
			return nil, "", err
		}
	}
	client, err := clientOf(r)
	return r.PostForm, client, err
}

// clientOf tells which client calls. Its secret is not looked at: there is no client
// here that somebody else must not be.
func clientOf(r *http.Request) (string, error) {
	inForm := r.PostForm.Get("client_id")
	if r.Header.Get("Authorization") == "" {
		return inForm, nil
	}
	id, _, ok := r.BasicAuth()
	id, err := url.QueryUnescape(id)
	switch {
	case !ok || err != nil || id == "":
		return "", refuse(invalidClient, "the Authorization header does not name a client")
	case r.PostForm.Has("client_secret"):
		return "", refuse(invalidRequest, "the client shows its secret in two ways")
	case inForm != "" && inForm != id:
		return "", refuse(invalidRequest, "client_id is not that of the Authorization header")
	}
	return id, nil
}

func (i *Issuer) redeem(form url.Values, client, issuer string) (*tokens, error) {
	if client == "" {
		return nil, refuse(invalidClient, "client_id is missing")
	}
	code := form.Get("code")
	if code == "" {
		return nil, refuse(invalidRequest, "code is missing")
	}
	g, next, err := i.grants.redeem(code, issuer, i.now(), func(g *grant) error {
		switch {
		case g.client != client:
			return refuse(invalidGrant, "the code was given to another client")
		case g.redirect != form.Get("redirect_uri"):
			return refuse(invalidGrant, "redirect_uri is not that of the authorization request")
		}
		return g.proof.check(form.Get("code_verifier"))
	})
	if err != nil {
		return nil, err
	}
	return i.issue(g, g.scope, g.nonce, next)
}

func (i *Issuer) renew(form url.Values, client string) (*tokens, error) {
	if client == "" {
		return nil, refuse(invalidClient, "client_id is missing")
	}
	token := form.Get("refresh_token")
	if token == "" {
		return nil, refuse(invalidRequest, "refresh_token is missing")
	}
	wanted, err := parseScope(strings.Join(form["scope"], " "))
	if err != nil {
		return nil, err
	}
	g, next, err := i.grants.renew(token, i.now(), func(g *grant) error {
		if g.client != client {
			return refuse(invalidGrant, "the refresh token was given to another client")
		}
		for _, scope := range wanted {
			if !slices.Contains(g.scope, scope) {
				return refuse(invalidScope, "scope %q was not granted", scope)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if wanted == nil {
		wanted = g.scope
	}
	return i.issue(g, wanted, "", next) // the nonce was for the first one
}

// issue makes the tokens of a grant.
func (i *Issuer) issue(g *grant, scope []string, nonce, refresh string) (*tokens, error) {
	now := i.now()
	access, err := i.sign(g.accessClaims(scope, now))
	if err != nil {
		return nil, err
	}
	out := &tokens{AccessToken: access, TokenType: "Bearer", ExpiresIn: int64(defaultLifetime.Seconds()), RefreshToken: refresh, Scope: strings.Join(scope, " ")}
	if slices.Contains(scope, scopeOpenID) {
		out.IDToken, err = i.sign(g.idClaims(scope, nonce, access, now))
	}
	return out, err
}

// mint answers client credentials, any of them; the form may say more of the token than
// OAuth has members for:
//
//	audience   aud; may be repeated
//	scope      scope, with spaces between
//	subject    sub; the client's id by default
//	expires    a duration such as 15m, or seconds; negative makes an expired token
//	claim      name=value, where a value that is JSON is taken as such; may be repeated
//	issuer     iss, for a name of this emulator that the caller does not use itself
func (i *Issuer) mint(form url.Values, client, issuer string) (*tokens, error) {
	if client == "" {
		client = defaultClient
	}
	claims, lifetime, err := mintClaims(form, issuer, client, i.now())
	if err != nil {
		return nil, err
	}
	token, err := i.sign(claims)
	if err != nil {
		return nil, err
	}
	scope, _ := claims["scope"].(string)
	return &tokens{AccessToken: token, TokenType: "Bearer", ExpiresIn: int64(lifetime.Seconds()), Scope: scope}, nil
}

// serveRevoke forgets a refresh token (RFC 7009). What is unknown is as good as revoked.
func (i *Issuer) serveRevoke(w http.ResponseWriter, r *http.Request) {
	form, client, err := readForm(w, r)
	token := form.Get("token")
	switch {
	case err != nil:
	case client == "":
		err = refuse(invalidClient, "client_id is missing")
	case token == "":
		err = refuse(invalidRequest, "token is missing")
	default:
		err = i.revoke(token, client)
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

func (i *Issuer) revoke(token, client string) error {
	found, err := i.grants.revoke(token, i.now(), func(g *grant) error {
		if g.client != client {
			return refuse(invalidGrant, "the refresh token was given to another client")
		}
		return nil
	})
	if found || err != nil {
		return err
	}
	if _, err := i.verify(token); err == nil {
		return refuse(unsupportedRevoked, "a signed token is good until it expires")
	}
	return nil
}

func (i *Issuer) signer() (jose.Signer, error) {
	keys, err := i.keys.private()
	if err != nil {
		return nil, err
	}
	return jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: keys[0]}, (&jose.SignerOptions{}).WithType("JWT"))
}
