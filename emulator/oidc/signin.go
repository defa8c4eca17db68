package oidc

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	cookieName = "postern_oidc"
	maxName    = 255 // of a sub
	maxClaims  = 2000
	maxPerson  = 2900 // that browsers take for a cookie, encoded
	maxSignIn  = 64 << 10
)

// person is who signed in. The browser keeps it: nobody has to prove here who they are,
// so there is nothing to sign.
type person struct {
	Name   string         `json:"name"`
	At     int64          `json:"at"`
	Claims map[string]any `json:"claims,omitempty"`
}

// session gives the person that signed in with this browser before.
func session(r *http.Request) (person, bool) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return person{}, false
	}
	var who person
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(text, &who) != nil || checkName(who.Name) != nil || len(text) > maxPerson {
		return person{}, false
	}
	return who, checkClaims(who.Claims) == nil
}

// keep has the browser remember the person until it is closed; nil forgets.
func keep(w http.ResponseWriter, r *http.Request, who *person) error {
	cookie := &http.Cookie{Name: cookieName, Path: Path, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil, MaxAge: -1}
	if who != nil {
		text, err := json.Marshal(who)
		if err != nil {
			return err
		}
		if len(text) > maxPerson {
			return refuse(invalidRequest, "the claims are too many for a cookie")
		}
		cookie.Value, cookie.MaxAge = base64.RawURLEncoding.EncodeToString(text), 0
	}
	http.SetCookie(w, cookie)
	return nil
}

// signInFields are what the page asks for.
type signInFields struct {
	Name   string
	Claims string // name=value, one a line
}

// serveSignIn takes the page's form. Its address has the authorization request.
func (i *Issuer) serveSignIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxSignIn)
	if err := r.ParseForm(); err != nil {
		showError(w, refuse(invalidRequest, "the form cannot be read: %v", err))
		return
	}
	a, err := parseAuthorization(r.URL.Query(), r.Host)
	if err != nil {
		i.refuseAuthorization(w, r, a, err)
		return
	}
	// Whoever pressed a button has seen where it leads.
	if r.PostForm.Get("action") == "cancel" {
		a.direct = true
		i.refuseAuthorization(w, r, a, refuse(accessDenied, "the person did not sign in"))
		return
	}
	fields := signInFields{Name: strings.TrimSpace(r.PostForm.Get("name")), Claims: r.PostForm.Get("claims")}
	who, err := fields.person(i.now())
	if err == nil {
		err = keep(w, r, &who)
	}
	if err != nil {
		showSignIn(w, a, fields, protocol(err).description)
		return
	}
	i.sendCode(w, r, a, who)
}

func (f signInFields) person(now time.Time) (person, error) {
	if err := checkName(f.Name); err != nil {
		return person{}, err
	}
	if len(f.Claims) > maxClaims {
		return person{}, refuse(invalidRequest, "the claims are over %d bytes", maxClaims)
	}
	var lines []string
	for line := range strings.Lines(f.Claims) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	claims, err := parseClaims(lines)
	if err == nil {
		err = checkClaims(claims)
	}
	return person{Name: f.Name, At: now.Unix(), Claims: claims}, err
}

func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return refuse(invalidRequest, "a name is missing")
	case len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return refuse(invalidRequest, "a name has up to %d bytes of text", maxName)
	}
	return nil
}

// checkClaims refuses claims that the issuer makes itself.
func checkClaims(claims map[string]any) error {
	for name := range claims {
		if ownClaims[name] {
			return refuse(invalidRequest, "the claim %s is made by the issuer", name)
		}
	}
	return nil
}

// serveSignOut forgets the person, and leads back where the client asks for it and that
// is on this machine.
func (i *Issuer) serveSignOut(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		showError(w, refuse(invalidRequest, "the request cannot be read: %v", err))
		return
	}
	if err := keep(w, r, nil); err != nil {
		showError(w, err)
		return
	}
	redirect, err := only(r.Form, "post_logout_redirect_uri")
	if redirect == "" && err == nil {
		showSignedOut(w)
		return
	}
	var target *url.URL
	if err == nil {
		target, err = parseRedirect(redirect)
	}
	if err == nil && !isHere(target.Hostname(), r.Host) {
		err = refuse(invalidRequest, "post_logout_redirect_uri %q is not on this machine; the person has signed out", redirect)
	}
	if err != nil {
		showError(w, err)
		return
	}
	back := &authorization{grant: grant{redirect: redirect}, state: r.Form.Get("state")}
	back.send(w, r, url.Values{})
}
