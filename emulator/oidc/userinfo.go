package oidc

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// serveUserInfo tells of the person that an access token stands for.
func (i *Issuer) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	token, err := bearer(w, r)
	if err == nil && token == "" {
		challenge(w, nil) // nothing was shown, so nothing was wrong
		return
	}
	var about map[string]any
	if err == nil {
		about, err = i.userInfo(token)
	}
	if err != nil {
		challenge(w, protocol(err))
		return
	}
	answer(w, http.StatusOK, about)
}

func (i *Issuer) userInfo(token string) (map[string]any, error) {
	claims, err := i.verify(token)
	if err != nil {
		return nil, refuse(invalidToken, "%v", err)
	}
	granted, _ := claims["scope"].(string)
	scope := strings.Fields(granted)
	if !slices.Contains(scope, scopeOpenID) {
		return nil, refuse(insufficientScope, "the token does not have the scope openid")
	}
	sub, _ := claims["sub"].(string)
	maps.DeleteFunc(claims, func(name string, _ any) bool { return ownClaims[name] })
	return person{Name: sub, Claims: claims}.about(scope), nil
}

// bearer gives the token that a request shows, in its header or its form (RFC 6750).
func bearer(w http.ResponseWriter, r *http.Request) (string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		return "", refuse(invalidRequest, "the request cannot be read: %v", err)
	}
	inForm, err := only(r.PostForm, "access_token")
	if err != nil {
		return "", err
	}
	scheme, inHeader, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer"):
		return inForm, nil
	case inForm != "":
		return "", refuse(invalidRequest, "the token is shown in two ways")
	}
	return strings.TrimSpace(inHeader), nil
}

// challenge answers as RFC 6750 has it.
func challenge(w http.ResponseWriter, e *protocolError) {
	status, header := http.StatusUnauthorized, "Bearer"
	if e != nil {
		header += ` error="` + e.code + `", error_description="` + e.description + `"`
		switch e.code {
		case insufficientScope:
			status = http.StatusForbidden
			header += `, scope="` + scopeOpenID + `"`
		case invalidRequest:
			status = http.StatusBadRequest
		}
	}
	w.Header().Set("WWW-Authenticate", header)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
}
