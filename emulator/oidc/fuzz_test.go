package oidc

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func FuzzParseClaims(f *testing.F) {
	f.Add("a=1")
	f.Add("=")
	f.Add(`groups=["x"]`)
	f.Fuzz(func(t *testing.T, text string) {
		claims, err := parseClaims([]string{text})
		if err != nil {
			return
		}
		if _, err := json.Marshal(claims); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// Whatever the request and the cookie: an answer leads to the address that was asked
// for, and without a button pressed to this machine only.
func FuzzAuthorize(f *testing.F) {
	issuer := New("", func() time.Time { return testNow })
	f.Add(request().Encode(), "", "")
	f.Add(request().Encode(), "eyJuYW1lIjoiYW5uIiwiYXQiOjF9", "")
	f.Add(request("redirect_uri", `http://localhost\@evil.example.com/`).Encode(), "eyJuYW1lIjoiYW5uIiwiYXQiOjF9", "")
	f.Add(request("redirect_uri", "https://app.example.com/", "prompt", "none").Encode(), "eyJuYW1lIjoiYW5uIn0", "")
	f.Add(request("response_mode", modeFragment, "max_age", "1", "id_token_hint", "e30.e30.e30").Encode(), "x", "name=ann&claims=a%3D1")
	f.Add(request("redirect_uri", "http://[::1]/", "resource", "urn:x").Encode(), "", "action=cancel")
	f.Add("client_id=%zz&;", "", "name=%zz")
	f.Fuzz(func(t *testing.T, query, cookie, form string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:4566"+authorizePath, strings.NewReader(query))
		if form != "" {
			r = httptest.NewRequest(http.MethodPost, "http://localhost:4566"+signInPath, strings.NewReader(form))
			r.URL.RawQuery = query
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookieName+"="+cookie)
		w := httptest.NewRecorder()
		issuer.ServeHTTP(w, r)
		location := w.Header().Get("Location")
		if location == "" {
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
				t.Errorf("status %d", w.Code)
			}
			return
		}
		params, err := url.ParseQuery(query)
		if err != nil {
			t.Fatalf("%q is not a query, but leads to %q", query, location)
		}
		u, err := url.Parse(location)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.HasPrefix(location, params.Get("redirect_uri")) {
			t.Fatalf("to %q", location)
		}
		if form == "" && !isHere(u.Hostname(), r.Host) {
			t.Errorf("to %q without a button", location)
		}
	})
}

// Whatever the form and the token: the endpoints answer in JSON or with nothing, and
// give no token for a code or a refresh token that was never given.
func FuzzEndpoints(f *testing.F) {
	issuer := New("", func() time.Time { return testNow })
	f.Add(TokenPath, exchange("x").Encode(), "Basic YTpi")
	f.Add(TokenPath, "grant_type=refresh_token&refresh_token=x&client_id=c&scope=a", "")
	f.Add(TokenPath, "grant_type=client_credentials&expires=-1h&claim=sub%3D1&audience=a&audience=b", "Basic !")
	f.Add(revokePath, "token=e30.e30.e30&client_id=c", "")
	f.Add(userInfoPath, "access_token=e30.e30.e30", "")
	f.Add(userInfoPath, "", "Bearer eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, path, form, authorization string) {
		if path != TokenPath && path != revokePath {
			path = userInfoPath
		}
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		issuer.ServeHTTP(w, r)
		if body := w.Body.Bytes(); len(body) > 0 && !json.Valid(body) {
			t.Errorf("status %d, %q", w.Code, body)
		}
		var out tokens
		if w.Code == http.StatusOK && path == TokenPath && (json.Unmarshal(w.Body.Bytes(), &out) != nil || out.AccessToken == "" || out.RefreshToken != "") {
			t.Errorf("tokens %s", w.Body)
		}
		if path == userInfoPath && w.Code == http.StatusOK {
			t.Errorf("user info %s", w.Body)
		}
	})
}
