package oidc

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	modeQuery    = "query"
	modeFragment = "fragment"

	// maxAuthorization bounds an authorization request, most of which is remembered
	// with its code.
	maxAuthorization = 4 << 10
)

// authorization is an authorization request.
type authorization struct {
	grant
	params   url.Values // as it came
	state    string
	fragment bool // the answer goes into the fragment
	// direct tells that the answer may be sent without anybody's consent: it stays on
	// this machine.
	direct  bool
	prompt  []string
	maxAge  time.Duration // of the sign-in; below zero: any
	hint    string        // who is expected to sign in
	tokenOf string        // sub of the token that the client has already
}

// serveAuthorize answers an authorization request: by the page to sign in, or at once
// where somebody has signed in before and nothing asks for the page.
func (i *Issuer) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		showError(w, refuse(invalidRequest, "the request cannot be read: %v", err))
		return
	}
	params := r.URL.Query()
	if r.Method == http.MethodPost {
		params = r.PostForm
	}
	a, err := parseAuthorization(params, r.Host)
	if err != nil {
		i.refuseAuthorization(w, r, a, err)
		return
	}
	who, signedIn := session(r)
	if signedIn = signedIn && a.takes(who, i.now()); signedIn && a.direct && !a.asks() {
		i.sendCode(w, r, a, who)
		return
	}
	if slices.Contains(a.prompt, "none") {
		i.refuseAuthorization(w, r, a, refuse(loginRequired, "nobody has signed in whom the request would take"))
		return
	}
	showSignIn(w, a, signInFields{Name: cmp.Or(a.hint, who.Name)}, "")
}

// parseAuthorization reads an authorization request. Where there is an error and an
// authorization, the client is to be told; else only the person in front of it.
func parseAuthorization(params url.Values, host string) (*authorization, error) {
	if len(params.Encode()) > maxAuthorization {
		return nil, refuse(invalidRequest, "the request is over %d bytes", maxAuthorization)
	}
	client, err := only(params, "client_id")
	if err == nil && client == "" {
		err = refuse(invalidRequest, "client_id is missing")
	}
	if err != nil {
		return nil, err
	}
	redirect, err := only(params, "redirect_uri")
	if err != nil {
		return nil, err
	}
	target, err := parseRedirect(redirect)
	if err != nil {
		return nil, err
	}
	a := &authorization{params: params, grant: grant{client: client, redirect: redirect}, direct: isHere(target.Hostname(), host), maxAge: -1}
	return a, a.parse(params)
}

// parse reads what the client is told about when it is wrong.
func (a *authorization) parse(params url.Values) error {
	a.state, a.fragment = params.Get("state"), params.Get("response_mode") == modeFragment
	for name := range params {
		if name == "resource" || name == "audience" {
			continue
		}
		if _, err := only(params, name); err != nil {
			return err
		}
	}
	for _, unsupported := range []string{"request", "request_uri", "registration"} {
		if params.Has(unsupported) {
			return refuse(unsupported+"_not_supported", "there is no %s here", unsupported)
		}
	}
	switch answer := params.Get("response_type"); answer {
	case "code":
	case "":
		return refuse(invalidRequest, "response_type is missing")
	default:
		return refuse(unsupportedAnswer, "response_type %q is not code", answer)
	}
	if mode := params.Get("response_mode"); mode != "" && mode != modeQuery && mode != modeFragment {
		return refuse(invalidRequest, "response_mode %q is neither query nor fragment", mode)
	}
	var err error
	if a.scope, err = parseScope(params.Get("scope")); err != nil {
		return err
	}
	if a.proof, err = parseProof(params.Get("code_challenge"), params.Get("code_challenge_method")); err != nil {
		return err
	}
	if a.audience, err = parseAudience(params); err != nil {
		return err
	}
	a.prompt = strings.Fields(params.Get("prompt"))
	if len(a.prompt) > 1 && slices.Contains(a.prompt, "none") {
		return refuse(invalidRequest, "prompt has none and more")
	}
	if text := params.Get("max_age"); text != "" {
		seconds, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return refuse(invalidRequest, "max_age %q is not a number of seconds", text)
		}
		a.maxAge = time.Duration(seconds) * time.Second
	}
	a.nonce, a.hint = params.Get("nonce"), params.Get("login_hint")
	if hint := params.Get("id_token_hint"); hint != "" {
		a.tokenOf, err = subject(hint)
	}
	return err
}

// only gives a parameter that may be there once.
func only(params url.Values, name string) (string, error) {
	if len(params[name]) > 1 {
		return "", refuse(invalidRequest, "%s is there more than once", name)
	}
	return params.Get(name), nil
}

// parseRedirect takes absolute http and https addresses without a fragment.
func parseRedirect(text string) (*url.URL, error) {
	if text == "" {
		return nil, refuse(invalidRequest, "redirect_uri is missing")
	}
	u, err := url.Parse(text)
	// What is not plain ASCII, browsers and we might read differently.
	odd := strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' })
	if err != nil || odd || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Contains(text, "#") {
		return nil, refuse(invalidRequest, "redirect_uri %q is not an absolute http or https address without a fragment", text)
	}
	return u, nil
}

// isHere tells whether a name is one of this machine: a loopback one, or that by which
// this request reached it.
func isHere(name, host string) bool {
	name = strings.ToLower(name)
	if own, _, err := net.SplitHostPort(host); err == nil {
		host = own
	}
	if name == strings.ToLower(strings.Trim(host, "[]")) || name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

// parseScope takes any scopes, of the characters that RFC 6749 has for them.
func parseScope(text string) ([]string, error) {
	var out []string
	for _, scope := range strings.Fields(text) {
		if plain(scope) != scope {
			return nil, refuse(invalidScope, "scope %q has characters that are not for scopes", scope)
		}
		if !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out, nil
}

// parseAudience reads whom the access token is for: audience, which any text may be, and
// resource of RFC 8707.
func parseAudience(params url.Values) ([]string, error) {
	for _, resource := range params["resource"] {
		if u, err := url.Parse(resource); err != nil || !u.IsAbs() || strings.Contains(resource, "#") {
			return nil, refuse(invalidTarget, "resource %q is not an absolute address without a fragment", resource)
		}
	}
	return slices.Concat(params["audience"], params["resource"]), nil
}

// takes tells whether somebody who signed in before will do.
func (a *authorization) takes(who person, now time.Time) bool {
	age := now.Sub(time.Unix(who.At, 0))
	return (a.hint == "" || a.hint == who.Name) && (a.tokenOf == "" || a.tokenOf == who.Name) && (a.maxAge < 0 || age >= 0 && age <= a.maxAge)
}

// asks tells whether the page shall be shown in any case.
func (a *authorization) asks() bool {
	return slices.ContainsFunc(a.prompt, func(p string) bool { return p == "login" || p == "consent" || p == "select_account" })
}

func (i *Issuer) sendCode(w http.ResponseWriter, r *http.Request, a *authorization, who person) {
	granted := a.grant
	granted.person = who
	a.send(w, r, url.Values{"code": {i.grants.code(&granted, i.now())}})
}

// refuseAuthorization tells the client of an error, or else the person.
func (i *Issuer) refuseAuthorization(w http.ResponseWriter, r *http.Request, a *authorization, err error) {
	if a == nil || !a.direct {
		showError(w, err)
		return
	}
	e := protocol(err)
	a.send(w, r, url.Values{"error": {e.code}, "error_description": {e.description}})
}

// send redirects to the client with an answer.
func (a *authorization) send(w http.ResponseWriter, r *http.Request, answer url.Values) {
	if a.state != "" {
		answer.Set("state", a.state)
	}
	separator := "?"
	switch {
	case len(answer) == 0:
		separator = ""
	case a.fragment:
		separator = "#"
	case strings.Contains(a.redirect, "?"):
		separator = "&"
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, a.redirect+separator+answer.Encode(), http.StatusSeeOther)
}
