package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

func ownIssuer(p *emulatortest.Postern) string {
	return strings.Replace(p.URL(), "127.0.0.1", "localhost", 1) + emulator.IssuerPath
}

// loopback is a client that finds localhost without asking anybody.
func loopback(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.Replace(addr, "localhost:", "127.0.0.1:", 1))
	}}}
}

// webApp is a web application that signs its visitors in, written as the documentation
// of its libraries has it.
type webApp struct {
	*httptest.Server
	context  context.Context
	provider *oidc.Provider
	config   oauth2.Config
	now      func() time.Time
}

// visitor is what a sign-in gives.
type visitor struct {
	Token   *oauth2.Token
	IDToken string
	Sub     string
}

func newWebApp(t *testing.T, issuer string, now func() time.Time) *webApp {
	t.Helper()
	app := &webApp{context: oidc.ClientContext(context.Background(), loopback(t)), now: now}
	var err error
	if app.provider, err = oidc.NewProvider(app.context, issuer); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	app.Server = httptest.NewServer(mux)
	t.Cleanup(app.Close)
	app.config = oauth2.Config{ClientID: "web-app", ClientSecret: "a secret", Endpoint: app.provider.Endpoint(), RedirectURL: app.URL + "/callback",
		Scopes: []string{oidc.ScopeOpenID, "profile", "pets/read"}}
	mux.HandleFunc("/login", app.login)
	mux.HandleFunc("/callback", app.callback)
	return app
}

func (a *webApp) login(w http.ResponseWriter, r *http.Request) {
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	for name, value := range map[string]string{"state": state, "nonce": nonce, "verifier": verifier} {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, HttpOnly: true})
	}
	http.Redirect(w, r, a.config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusFound)
}

func (a *webApp) callback(w http.ResponseWriter, r *http.Request) {
	out, err := a.exchange(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(out) // the test's own values always encode
}

func (a *webApp) exchange(r *http.Request) (*visitor, error) {
	kept := map[string]string{}
	for _, c := range r.Cookies() {
		kept[c.Name] = c.Value
	}
	query := r.URL.Query()
	if query.Get("state") != kept["state"] {
		return nil, errors.New("state did not match")
	}
	if query.Has("error") {
		return nil, errors.New(query.Get("error"))
	}
	token, err := a.config.Exchange(a.context, query.Get("code"), oauth2.VerifierOption(kept["verifier"]))
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := a.verify(raw)
	if err != nil {
		return nil, err
	}
	if id.Nonce != kept["nonce"] {
		return nil, errors.New("nonce did not match")
	}
	return &visitor{token, raw, id.Subject}, id.VerifyAccessToken(token.AccessToken)
}

func (a *webApp) verify(raw string) (*oidc.IDToken, error) {
	return a.provider.Verifier(&oidc.Config{ClientID: a.config.ClientID, Now: a.now}).Verify(a.context, raw)
}

var signInForm = regexp.MustCompile(`<form method="post" action="([^"]+)"`)

// signIn visits the application as a person does, who fills in the issuer's page where
// it is shown.
func (a *webApp) signIn(t *testing.T, browser *http.Client, name string) (out visitor, asked bool) {
	t.Helper()
	read := func(res *http.Response, err error) (*http.Response, []byte) {
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, body
	}
	res, body := read(browser.Get(a.URL + "/login"))
	if form := signInForm.FindSubmatch(body); form != nil {
		asked = true
		action, err := res.Request.URL.Parse(html.UnescapeString(string(form[1])))
		if err != nil {
			t.Fatal(err)
		}
		res, body = read(browser.PostForm(action.String(), url.Values{"name": {name}, "action": {"signin"}}))
	}
	if err := json.Unmarshal(body, &out); err != nil || res.StatusCode != 200 {
		t.Fatalf("%s: %d %s", res.Request.URL, res.StatusCode, body)
	}
	return out, asked
}

// A web application on well-known libraries signs a person in with the emulator's own
// issuer and calls an API for them, until its token expires, and after; keys change.
func TestSignInWithLibraries(t *testing.T) {
	p := emulatortest.Start(t)
	var later atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	wait := func(d time.Duration) {
		t.Helper()
		later.Add(int64(d))
		advance(t, p, d)
	}
	app := newWebApp(t, ownIssuer(p), now)
	api := newGuardedAPI(t, p)
	// The access token names no audience, so its client stands for one, as with Cognito.
	guard := api.guard(ownIssuer(p), "web-app")
	api.route("GET /me", guard)
	api.route("GET /pets", guard, "pets/read", "pets/all")
	api.route("GET /orders", guard, "orders/read")

	browser := loopback(t)
	ann, asked := app.signIn(t, browser, "ann")
	if !asked || ann.Sub != "ann" || ann.Token.RefreshToken == "" {
		t.Fatalf("signed in: %t %+v", asked, ann)
	}
	api.passes("/me", ann.Token.AccessToken, "ann")
	api.passes("/pets", ann.Token.AccessToken, "ann")
	api.passes("/me", ann.IDToken, "ann") // its audience is the client
	api.refuses("/pets", "Bearer "+ann.IDToken, 403, `Bearer scope="pets/read pets/all" error="insufficient_scope" error_description="the token does not have sufficient scopes"`)
	api.refuses("/orders", "Bearer "+ann.Token.AccessToken, 403, `Bearer scope="orders/read" error="insufficient_scope" error_description="the token does not have sufficient scopes"`)
	info, err := app.provider.UserInfo(app.context, oauth2.StaticTokenSource(ann.Token))
	if err != nil || info.Subject != "ann" {
		t.Errorf("user info: %+v %v", info, err)
	}
	var denied *oauth2.RetrieveError
	if _, err := app.config.Exchange(app.context, "unknown"); !errors.As(err, &denied) || denied.ErrorCode != "invalid_grant" {
		t.Errorf("an unknown code: %v", err)
	}

	wait(time.Hour)
	api.refuses("/me", "Bearer "+ann.Token.AccessToken, 401, challengeFor("", "the token has expired"))
	renewed, err := app.config.TokenSource(app.context, &oauth2.Token{RefreshToken: ann.Token.RefreshToken}).Token()
	if err != nil {
		t.Fatal(err)
	}
	api.passes("/pets", renewed.AccessToken, "ann")
	raw, _ := renewed.Extra("id_token").(string)
	if id, err := app.verify(raw); err != nil || id.Subject != "ann" {
		t.Errorf("renewed: %+v %v", id, err)
	}
	if _, err := app.config.TokenSource(app.context, &oauth2.Token{RefreshToken: ann.Token.RefreshToken}).Token(); !errors.As(err, &denied) || denied.ErrorCode != "invalid_grant" {
		t.Errorf("the refresh token again: %v", err)
	}

	wait(time.Minute)
	rotated := post(t, p.URL()+emulator.IssuerPath+"/rotate", "")
	defer rotated.Body.Close()
	if rotated.StatusCode != 200 {
		t.Fatalf("rotate: %d", rotated.StatusCode)
	}
	again, asked := app.signIn(t, browser, "")
	if asked || again.Sub != "ann" {
		t.Errorf("signed in again: %t %+v", asked, again)
	}
	if head := func(token string) string { h, _, _ := strings.Cut(token, "."); return h }; head(again.IDToken) == head(ann.IDToken) {
		t.Error("the key is still the same")
	}
	api.passes("/me", again.Token.AccessToken, "ann")
	api.passes("/me", renewed.AccessToken, "ann")

	if err := p.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := app.config.TokenSource(app.context, &oauth2.Token{RefreshToken: again.Token.RefreshToken}).Token(); !errors.As(err, &denied) || denied.ErrorCode != "invalid_grant" {
		t.Errorf("after a reset: %v", err)
	}
}
