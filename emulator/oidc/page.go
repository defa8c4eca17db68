package oidc

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what a person gets to see.
type page struct {
	Title  string
	SignIn *signInPage // nil: the page only tells something
	Wrong  string
	Text   string
}

type signInPage struct {
	Client, Target string
	Scope          []string
	Action         string
	Fields         signInFields
	Wrong          string // with what was filled in before
}

func showSignIn(w http.ResponseWriter, a *authorization, fields signInFields, wrong string) {
	target := a.redirect
	if u, err := url.Parse(a.redirect); err == nil {
		target = u.Scheme + "://" + u.Host
	}
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusBadRequest
	}
	show(w, status, page{Title: "Sign in", SignIn: &signInPage{
		Client: a.client, Target: target, Scope: a.scope, Action: signInPath + "?" + a.params.Encode(), Fields: fields, Wrong: wrong,
	}})
}

// showError tells the person what the client cannot be told.
func showError(w http.ResponseWriter, err error) {
	e, status := protocol(err), http.StatusBadRequest
	if e.code == serverError {
		status = http.StatusInternalServerError
	}
	show(w, status, page{Title: "This cannot go on", Wrong: e.description, Text: "Error " + e.code + "; nothing was sent to the client."})
}

func showSignedOut(w http.ResponseWriter) {
	show(w, http.StatusOK, page{Title: "You have signed out", Text: "The next client asks for a user name again."})
}

func show(w http.ResponseWriter, status int, p page) {
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, p); err != nil {
		fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// No form-action: browsers hold it against the redirect to the client, too.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'")
	// The form's own request has to name its origin, which no-referrer would hide.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // a client that went away is nobody's concern
}
