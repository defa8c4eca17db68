package oidc

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestExchangeRefusals(t *testing.T) {
	v := visit(t)
	for _, tc := range []struct {
		name    string
		request []string
		change  []string
		status  int
		want    string // empty: tokens
	}{
		{"as asked for", nil, nil, 200, ""},
		{"plain", []string{"code_challenge", verifier, "code_challenge_method", "plain"}, nil, 200, ""},
		{"plain by default", []string{"code_challenge", verifier, "code_challenge_method", ""}, nil, 200, ""},
		{"without a challenge", []string{"code_challenge", "", "code_challenge_method", ""}, []string{"code_verifier", ""}, 200, ""},
		{"no code", nil, []string{"code", ""}, 400, "invalid_request: code is missing"},
		{"another code", nil, []string{"code", "x"}, 400, "invalid_grant: the code is unknown or has expired"},
		{"no client", nil, []string{"client_id", ""}, 401, "invalid_client: client_id is missing"},
		{"another client", nil, []string{"client_id", "other"}, 400, "invalid_grant: the code was given to another client"},
		{"another address", nil, []string{"redirect_uri", callback + "x"}, 400, "invalid_grant: redirect_uri is not that of the authorization request"},
		{"no address", nil, []string{"redirect_uri", ""}, 400, "invalid_grant: redirect_uri is not that of the authorization request"},
		{"no verifier", nil, []string{"code_verifier", ""}, 400, "invalid_grant: code_verifier is missing"},
		{"a short verifier", nil, []string{"code_verifier", "x"}, 400, "invalid_grant: code_verifier is malformed"},
		{"the challenge as the verifier", nil, []string{"code_verifier", challenge256}, 400, "invalid_grant: code_verifier does not match the code_challenge"},
		{"a challenge that was lost", []string{"code_challenge", "", "code_challenge_method", ""}, nil, 400, "invalid_grant: there is a code_verifier, but the code was asked for without a code_challenge"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code := v.code(request(tc.request...), "ann")
			status, answer := v.post(TokenPath, exchange(code, tc.change...))
			if tc.want == "" {
				if status != tc.status || answer.IDToken == "" || answer.Error != "" {
					t.Errorf("%d %+v", status, answer)
				}
				return
			}
			if status != tc.status || answer.Error+": "+answer.Description != tc.want || answer.AccessToken != "" {
				t.Errorf("%d %+v", status, answer)
			}
		})
	}
}

func TestClients(t *testing.T) {
	v := visit(t)
	form := func(changes ...string) url.Values {
		out := url.Values{"grant_type": {clientCredentials}}
		for i := 0; i < len(changes); i += 2 {
			out.Set(changes[i], changes[i+1])
		}
		return out
	}
	for _, tc := range []struct {
		name   string
		form   url.Values
		basic  []string
		status int
		want   string // the client, or the error
	}{
		{"none", form(), nil, 200, "postern"},
		{"named", form("client_id", "c"), nil, 200, "c"},
		{"post", form("client_id", "c", "client_secret", "s"), nil, 200, "c"},
		{"basic", form(), []string{"c%3A1", "s"}, 200, "c:1"},
		{"basic and the same name", form("client_id", "c"), []string{"c", ""}, 200, "c"},
		{"two names", form("client_id", "d"), []string{"c", "s"}, 400, "client_id is not that of the Authorization header"},
		{"two secrets", form("client_id", "c", "client_secret", "s"), []string{"c", "s"}, 400, "the client shows its secret in two ways"},
		{"no name", form(), []string{"", "s"}, 401, "the Authorization header does not name a client"},
		{"a malformed name", form(), []string{"%zz", "s"}, 401, "the Authorization header does not name a client"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, answer := v.post(TokenPath, tc.form, tc.basic...)
			if status != tc.status {
				t.Fatalf("%d %+v", status, answer)
			}
			if status != 200 {
				if answer.Description != tc.want {
					t.Errorf("%+v", answer)
				}
				return
			}
			if claims := verified(t, v.base, answer.AccessToken); claims["client_id"] != tc.want {
				t.Errorf("claims %v", claims)
			}
		})
	}
	res, err := http.Post(v.base+TokenPath, "application/json", strings.NewReader(`{"grant_type":"client_credentials"}`))
	var answer tokenAnswer
	if status := decode(t, res, err, &answer); status != 400 || answer.Description != "grant_type is missing" {
		t.Errorf("JSON: %d %+v", status, answer)
	}
}

// Codes and refresh tokens are good once, for a time, and for their client.
func TestGrantsEnd(t *testing.T) {
	v := visit(t)
	refused := func(form url.Values, want string) {
		t.Helper()
		if status, answer := v.post(TokenPath, form); status != 400 || answer.Error+": "+answer.Description != want {
			t.Errorf("%d %+v, want %s", status, answer, want)
		}
	}
	renewal := func(token string) url.Values {
		return url.Values{"grant_type": {refreshToken}, "client_id": {"app"}, "refresh_token": {token}}
	}
	tokensFor := func(form url.Values) tokenAnswer {
		t.Helper()
		status, answer := v.post(TokenPath, form)
		if status != 200 {
			t.Fatalf("%d %+v", status, answer)
		}
		return answer
	}
	const used = "invalid_grant: the refresh token is unknown, was used before, or has expired"

	code := v.code(request(), "ann")
	first := tokensFor(exchange(code))
	second := tokensFor(renewal(first.RefreshToken))
	refused(renewal(first.RefreshToken), used)
	other := renewal(second.RefreshToken)
	other.Set("client_id", "other")
	refused(other, "invalid_grant: the refresh token was given to another client")
	more := renewal(second.RefreshToken)
	more.Set("scope", "openid admin")
	refused(more, "invalid_scope: scope 'admin' was not granted")
	refused(url.Values{"grant_type": {refreshToken}, "client_id": {"app"}}, "invalid_request: refresh_token is missing")
	second = tokensFor(renewal(second.RefreshToken))
	// The code again: whoever has it may have the tokens too.
	refused(exchange(code), "invalid_grant: the code was used before")
	refused(renewal(second.RefreshToken), used)

	code = v.code(request(), "ann")
	v.later.Store(int64(codeLifetime))
	refused(exchange(code), "invalid_grant: the code is unknown or has expired")
	last := tokensFor(exchange(v.code(request(), "ann")))
	v.later.Add(int64(refreshLifetime))
	refused(renewal(last.RefreshToken), used)
}

func TestGrantsAreBounded(t *testing.T) {
	var g grants
	g.reset()
	first := g.code(&grant{}, testNow)
	var codes []string
	for range maxCodes {
		codes = append(codes, g.code(&grant{}, testNow))
	}
	pass := func(*grant) error { return nil }
	if _, _, err := g.redeem(first, "", testNow, pass); err == nil {
		t.Error("the oldest code is still good")
	}
	for _, code := range []string{codes[0], codes[maxCodes-1]} {
		if _, _, err := g.redeem(code, "", testNow, pass); err != nil {
			t.Error(err)
		}
	}
	g.code(&grant{}, testNow.Add(time.Hour))
	if n := len(g.codes.held); n != 1 || g.codes.order.Len() != 1 {
		t.Errorf("%d codes, of which all but one have expired", n)
	}
}

func TestRevoke(t *testing.T) {
	v := visit(t)
	status, answer := v.post(TokenPath, exchange(v.code(request(), "ann")))
	if status != 200 {
		t.Fatal(status)
	}
	revoke := func(form url.Values) (int, string) {
		t.Helper()
		res, err := v.client.PostForm(v.base+revokePath, form)
		status, _, body := v.read(res, err)
		return status, body
	}
	for _, tc := range []struct {
		name   string
		form   url.Values
		status int
		body   string
	}{
		{"no token", url.Values{"client_id": {"app"}}, 400, "token is missing"},
		{"no client", url.Values{"token": {answer.RefreshToken}}, 401, "client_id is missing"},
		{"another client", url.Values{"client_id": {"other"}, "token": {answer.RefreshToken}}, 400, "given to another client"},
		{"a signed one", url.Values{"client_id": {"app"}, "token": {answer.AccessToken}}, 400, "unsupported_token_type"},
		{"unknown", url.Values{"client_id": {"app"}, "token": {"x"}}, 200, ""},
		{"a refresh token", url.Values{"client_id": {"app"}, "token": {answer.RefreshToken}, "token_type_hint": {"access_token"}}, 200, ""},
		{"again", url.Values{"client_id": {"app"}, "token": {answer.RefreshToken}}, 200, ""},
	} {
		if status, body := revoke(tc.form); status != tc.status || !strings.Contains(body, tc.body) {
			t.Errorf("%s: %d %s", tc.name, status, body)
		}
	}
	if status, answer := v.post(TokenPath, url.Values{"grant_type": {refreshToken}, "client_id": {"app"}, "refresh_token": {answer.RefreshToken}}); status != 400 || answer.Error != invalidGrant {
		t.Errorf("renewed: %d %+v", status, answer)
	}
}

func TestUserInfoRefusals(t *testing.T) {
	v := visit(t)
	_, answer := v.post(TokenPath, exchange(v.code(request(), "ann")))
	other := mint(t, serve(t, ""), url.Values{"scope": {"openid"}})
	const invalid = `Bearer error="invalid_token", error_description="`
	for _, tc := range []struct {
		name, header, form string
		status             int
		challenge          string
	}{
		{"nothing", "", "", 401, "Bearer"},
		{"another scheme", "Basic YTpi", "", 401, "Bearer"},
		{"no token", "Bearer x", "", 401, invalid + `the token is not of this issuer"`},
		{"of another issuer", "Bearer " + other, "", 401, invalid + `the token is not of this issuer"`},
		{"expired", "Bearer " + mint(t, v.base, url.Values{"scope": {"openid"}, "expires": {"-1s"}}), "", 401, invalid + `the token has expired"`},
		{"without the scope", "Bearer " + mint(t, v.base, nil), "", 403, `Bearer error="insufficient_scope", error_description="the token does not have the scope openid", scope="openid"`},
		{"an ID token", "Bearer " + answer.IDToken, "", 403, `Bearer error="insufficient_scope", error_description="the token does not have the scope openid", scope="openid"`},
		{"two tokens", "Bearer " + answer.AccessToken, answer.AccessToken, 400, `Bearer error="invalid_request", error_description="the token is shown in two ways"`},
		{"good", "bearer " + answer.AccessToken, "", 200, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.base+userInfoPath, strings.NewReader(url.Values{"access_token": {tc.form}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", tc.header)
		res, err := v.client.Do(req)
		if status, _, body := v.read(res, err); status != tc.status || res.Header.Get("WWW-Authenticate") != tc.challenge {
			t.Errorf("%s: %d %s %s", tc.name, status, res.Header.Get("WWW-Authenticate"), body)
		}
	}
}

// Scripts of other origins may call what is meant for them, and nothing else.
func TestCrossOrigin(t *testing.T) {
	v := visit(t)
	for path, want := range map[string]string{
		discoveryPath: "GET", keySetPath: "GET", TokenPath: "POST", userInfoPath: "GET, POST", revokePath: "POST",
		authorizePath: "", signInPath: "", signOutPath: "", rotatePath: "",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, v.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := v.client.Do(req)
		status, _, _ := v.read(res, err)
		h := res.Header
		if want == "" {
			if status != 405 || h.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %d %v", path, status, h)
			}
			continue
		}
		if status != 204 || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Methods") != want || h.Get("Access-Control-Allow-Headers") != "Authorization, *" {
			t.Errorf("%s: %d %v", path, status, h)
		}
	}
	// Also where the answer is an error.
	res, err := v.client.PostForm(v.base+TokenPath, nil)
	if status, _, _ := v.read(res, err); status != 400 || res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %v", status, res.Header)
	}
}
