package oidc

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	callback = "http://localhost:5173/callback?from=here"
	verifier = "a-verifier-of-forty-three-characters-or-more"
)

var challenge256 = func() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}()

// visitor is a person with a browser, and the issuer they visit.
type visitor struct {
	*testing.T
	base   string
	later  *atomic.Int64 // nanoseconds after testNow
	client *http.Client
}

func visit(t *testing.T) *visitor {
	t.Helper()
	v := &visitor{T: t, later: new(atomic.Int64)}
	srv := httptest.NewServer(New("", func() time.Time { return testNow.Add(time.Duration(v.later.Load())) }))
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v.base = srv.URL
	v.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return v
}

// request is an authorization request with some parameters changed; empty removes.
func request(changes ...string) url.Values {
	out := url.Values{"response_type": {"code"}, "client_id": {"app"}, "redirect_uri": {callback}, "scope": {"openid profile email"}, "state": {"s 1"}, "nonce": {"n1"},
		"code_challenge": {challenge256}, "code_challenge_method": {"S256"}}
	for i := 0; i < len(changes); i += 2 {
		if out.Del(changes[i]); changes[i+1] != "" {
			out.Set(changes[i], changes[i+1])
		}
	}
	return out
}

// read gives the status, where the answer leads, and its body.
func (v *visitor) read(res *http.Response, err error) (status int, location *url.URL, body string) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	if location, err = url.Parse(res.Header.Get("Location")); err != nil {
		v.Fatal(err)
	}
	return res.StatusCode, location, string(text)
}

// authorize asks for authorization.
func (v *visitor) authorize(params url.Values) (status int, location *url.URL, body string) {
	v.Helper()
	return v.read(v.client.Get(v.base + authorizePath + "?" + params.Encode()))
}

var formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)

// signIn fills in the page.
func (v *visitor) signIn(page string, form url.Values) (status int, location *url.URL, body string) {
	v.Helper()
	action := formAction.FindStringSubmatch(page)
	if action == nil {
		v.Fatalf("no form in %s", page)
	}
	return v.read(v.client.PostForm(v.base+html.UnescapeString(action[1]), form))
}

// code signs somebody in and gives the code.
func (v *visitor) code(params url.Values, name string) string {
	v.Helper()
	status, location, body := v.authorize(params)
	if status == 200 {
		status, location, body = v.signIn(body, url.Values{"name": {name}})
	}
	code := location.Query().Get("code")
	if status != 303 || code == "" {
		v.Fatalf("status %d to %s: %s", status, location, body)
	}
	return code
}

type tokenAnswer struct {
	tokens
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// post calls the token endpoint, or another that answers like it.
func (v *visitor) post(path string, form url.Values, credentials ...string) (int, tokenAnswer) {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(credentials) == 2 {
		req.SetBasicAuth(credentials[0], credentials[1])
	}
	var out tokenAnswer
	res, err := v.client.Do(req)
	return decode(v.T, res, err, &out), out
}

// exchange is a redemption of a code with some parameters changed.
func exchange(code string, changes ...string) url.Values {
	out := url.Values{"grant_type": {authorizationCode}, "code": {code}, "client_id": {"app"}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i < len(changes); i += 2 {
		if out.Del(changes[i]); changes[i+1] != "" {
			out.Set(changes[i], changes[i+1])
		}
	}
	return out
}

func TestFlow(t *testing.T) {
	v := visit(t)
	status, location, page := v.authorize(request("login_hint", "ann@example.com", "audience", "the-api"))
	if status != 200 || !strings.Contains(page, `value="ann@example.com"`) || !strings.Contains(page, "<b>app</b>") || !strings.Contains(page, "<b>http://localhost:5173</b>") {
		t.Fatalf("%d to %s: %s", status, location, page)
	}
	if status, _, again := v.signIn(page, url.Values{"name": {" "}, "claims": {"groups=[1]"}}); status != 400 || !strings.Contains(again, "a name is missing") || !strings.Contains(again, "groups=[1]") {
		t.Errorf("without a name: %d %s", status, again)
	}
	if status, _, again := v.signIn(page, url.Values{"name": {"ann"}, "claims": {"scope=all"}}); status != 400 || !strings.Contains(again, "the claim scope is made by the issuer") {
		t.Errorf("with another scope: %d %s", status, again)
	}
	v.later.Store(int64(time.Second))
	status, location, _ = v.signIn(page, url.Values{"name": {" ann@example.com "}, "claims": {"groups=[\"a\",\"b\"]\r\n\r\nteam=x\r\n"}})
	got := location.Query()
	if status != 303 || !strings.HasPrefix(location.String(), callback+"&") || got.Get("state") != "s 1" || got.Get("code") == "" {
		t.Fatalf("%d to %s", status, location)
	}
	v.later.Store(int64(3 * time.Second))
	status, answer := v.post(TokenPath, exchange(got.Get("code")))
	if status != 200 || answer.TokenType != "Bearer" || answer.ExpiresIn != 3600 || answer.Scope != "openid profile email" || answer.RefreshToken == "" {
		t.Fatalf("%d %+v", status, answer)
	}
	issuer, now := strings.Replace(v.base, "127.0.0.1", "localhost", 1)+Path, float64(testNow.Unix()+3)
	sum := sha256.Sum256([]byte(answer.AccessToken))
	id := map[string]any{"iss": issuer, "sub": "ann@example.com", "aud": "app", "iat": now, "exp": now + 3600, "auth_time": now - 2, "nonce": "n1",
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]), "name": "ann@example.com", "preferred_username": "ann@example.com", "email": "ann@example.com",
		"email_verified": true, "groups": []any{"a", "b"}, "team": "x"}
	if diff := cmp.Diff(verified(t, v.base, answer.IDToken), id); diff != "" {
		t.Errorf("ID token (-got +want):\n%s", diff)
	}
	access := map[string]any{"iss": issuer, "sub": "ann@example.com", "aud": "the-api", "client_id": "app", "scope": "openid profile email", "iat": now, "exp": now + 3600,
		"auth_time": now - 2, "groups": []any{"a", "b"}, "team": "x"}
	withoutID := cmpopts.IgnoreMapEntries(func(k string, _ any) bool { return k == "jti" })
	if diff := cmp.Diff(verified(t, v.base, answer.AccessToken), access, withoutID); diff != "" {
		t.Errorf("access token (-got +want):\n%s", diff)
	}
	info := map[string]any{}
	res, err := v.client.PostForm(v.base+userInfoPath, url.Values{"access_token": {answer.AccessToken}})
	want := map[string]any{"sub": "ann@example.com", "name": "ann@example.com", "preferred_username": "ann@example.com", "email": "ann@example.com", "email_verified": true,
		"groups": []any{"a", "b"}, "team": "x"}
	if status := decode(t, res, err, &info); status != 200 || cmp.Diff(info, want) != "" {
		t.Errorf("user info: %d %v", status, info)
	}

	// The next tokens have no nonce, and fewer scopes where the client wants that.
	v.later.Store(int64(time.Hour))
	status, next := v.post(TokenPath, url.Values{"grant_type": {refreshToken}, "refresh_token": {answer.RefreshToken}, "scope": {"openid"}}, "app", "any secret")
	if status != 200 || next.Scope != "openid" || next.RefreshToken == answer.RefreshToken {
		t.Fatalf("%d %+v", status, next)
	}
	claims := verified(t, v.base, next.IDToken)
	if claims["nonce"] != nil || claims["name"] != nil || claims["auth_time"] != now-2 || claims["iat"] != float64(testNow.Unix()+3600) {
		t.Errorf("renewed ID token %v", claims)
	}
	status, next = v.post(TokenPath, url.Values{"grant_type": {refreshToken}, "refresh_token": {next.RefreshToken}, "client_id": {"app"}})
	if status != 200 || next.Scope != "openid profile email" {
		t.Errorf("%d %+v", status, next)
	}
}

// A request whose client or address is in doubt is answered to the person; everything
// else that is wrong, to the client.
func TestAuthorizationRefusals(t *testing.T) {
	v := visit(t)
	for _, tc := range []struct {
		name   string
		change []string
		page   string // what the page says
		want   string // what the client is told
	}{
		{"no client", []string{"client_id", ""}, "client_id is missing", ""},
		{"no address", []string{"redirect_uri", ""}, "redirect_uri is missing", ""},
		{"a relative address", []string{"redirect_uri", "/callback"}, "is not an absolute", ""},
		{"an address without a scheme", []string{"redirect_uri", "//evil.example.com"}, "is not an absolute", ""},
		{"a script", []string{"redirect_uri", "javascript:alert(1)"}, "is not an absolute", ""},
		{"data", []string{"redirect_uri", "data:text/html,x"}, "is not an absolute", ""},
		{"no host", []string{"redirect_uri", "http:///callback"}, "is not an absolute", ""},
		{"no host but a port", []string{"redirect_uri", "http://:80/callback"}, "is not an absolute", ""},
		{"a user", []string{"redirect_uri", "http://localhost@evil.example.com/"}, "is not an absolute", ""},
		{"a fragment", []string{"redirect_uri", callback + "#"}, "is not an absolute", ""},
		{"a backslash", []string{"redirect_uri", `http://localhost\@evil.example.com/`}, "is not an absolute", ""},
		{"a line break", []string{"redirect_uri", "http://localhost/\r\nX: y"}, "is not an absolute", ""},
		{"a long request", []string{"state", strings.Repeat("s", maxAuthorization)}, "the request is over 4096 bytes", ""},
		{"another machine, no answer type", []string{"redirect_uri", "https://app.example.com/", "response_type", ""}, "response_type is missing", ""},
		{"another machine, none", []string{"redirect_uri", "https://app.example.com/", "prompt", "none"}, "nobody has signed in", ""},
		{"no answer type", []string{"response_type", ""}, "", "invalid_request: response_type is missing"},
		{"implicit", []string{"response_type", "id_token token"}, "", "unsupported_response_type: response_type 'id_token token' is not code"},
		{"a mode", []string{"response_mode", "form_post"}, "", "invalid_request: response_mode 'form_post' is neither query nor fragment"},
		{"a request object", []string{"request", "x.y.z"}, "", "request_not_supported: there is no request here"},
		{"a request elsewhere", []string{"request_uri", "http://localhost/"}, "", "request_uri_not_supported: there is no request_uri here"},
		{"a registration", []string{"registration", "{}"}, "", "registration_not_supported: there is no registration here"},
		{"a scope", []string{"scope", `open"id`}, "", "invalid_scope: scope 'open?'id' has characters that are not for scopes"},
		{"a resource", []string{"resource", "api"}, "", "invalid_target: resource 'api' is not an absolute address without a fragment"},
		{"a method", []string{"code_challenge_method", "S512"}, "", "invalid_request: code_challenge_method 'S512' is neither S256 nor plain"},
		{"no challenge", []string{"code_challenge", ""}, "", "invalid_request: code_challenge is missing"},
		{"a short challenge", []string{"code_challenge", "short"}, "", "invalid_request: code_challenge is malformed"},
		{"a challenge in base64", []string{"code_challenge", challenge256[:42] + "="}, "", "invalid_request: code_challenge is malformed"},
		{"none and more", []string{"prompt", "none login"}, "", "invalid_request: prompt has none and more"},
		{"none", []string{"prompt", "none"}, "", "login_required: nobody has signed in whom the request would take"},
		{"an age", []string{"max_age", "-1"}, "", "invalid_request: max_age '-1' is not a number of seconds"},
		{"a hint", []string{"id_token_hint", "x"}, "", "invalid_request: id_token_hint is not a token of this issuer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, mode := range []string{modeQuery, modeFragment} {
				params := request(tc.change...)
				if !params.Has("response_mode") && mode == modeFragment {
					params.Set("response_mode", mode)
				}
				status, location, body := v.authorize(params)
				if tc.page != "" {
					if status != 400 || location.String() != "" || !strings.Contains(html.UnescapeString(body), tc.page) {
						t.Errorf("%d to %s: %s", status, location, body)
					}
					continue
				}
				got := location.Query()
				if params.Get("response_mode") == modeFragment {
					got, _ = url.ParseQuery(location.Fragment)
				}
				if status != 303 || !strings.HasPrefix(location.String(), callback) || got.Get("error")+": "+got.Get("error_description") != tc.want || got.Get("state") != "s 1" {
					t.Errorf("%d to %s", status, location)
				}
			}
		})
	}
	twice := request()
	twice.Add("nonce", "n2")
	if _, location, _ := v.authorize(twice); location.Query().Get("error_description") != "nonce is there more than once" {
		t.Errorf("to %s", location)
	}
	twice = request()
	twice.Add("redirect_uri", "https://evil.example.com/")
	if status, location, body := v.authorize(twice); status != 400 || location.String() != "" || !strings.Contains(body, "redirect_uri is there more than once") {
		t.Errorf("%d to %s: %s", status, location, body)
	}
	_, _, page := v.authorize(request())
	if status, location, _ := v.signIn(page, url.Values{"action": {"cancel"}}); status != 303 || location.Query().Get("error") != "access_denied" {
		t.Errorf("cancelled: %d to %s", status, location)
	}
}

// Who signed in before is not asked again, as far as the request goes along with it.
func TestSession(t *testing.T) {
	v := visit(t)
	v.code(request(), "ann")
	hint := func(name string) string {
		_, answer := v.post(TokenPath, exchange(v.code(request("login_hint", name), name)))
		return answer.IDToken
	}
	ben, ann := hint("ben"), hint("ann")
	v.later.Store(int64(time.Minute))
	for _, tc := range []struct {
		name   string
		change []string
		page   bool
	}{
		{"at once", nil, false},
		{"without a page", []string{"prompt", "none"}, false},
		{"with a page", []string{"prompt", "login"}, true},
		{"asked for consent", []string{"prompt", "consent"}, true},
		{"another person", []string{"login_hint", "ben"}, true},
		{"the same person", []string{"login_hint", "ann"}, false},
		{"the same person's token", []string{"id_token_hint", ann}, false},
		{"another person's token", []string{"id_token_hint", ben}, true},
		{"long ago", []string{"max_age", "59"}, true},
		{"not so long ago", []string{"max_age", "60"}, false},
		{"another machine", []string{"redirect_uri", "https://app.example.com/"}, true},
		{"this machine by its address", []string{"redirect_uri", "http://[::1]:80/"}, false},
		{"this machine by another name", []string{"redirect_uri", "http://App.Localhost/"}, false},
		{"a name that looks like it", []string{"redirect_uri", "http://localhost.example.com/"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, location, body := v.authorize(request(tc.change...))
			if page := status == 200 && formAction.MatchString(body); page != tc.page || !page && (status != 303 || location.Query().Get("code") == "") {
				t.Errorf("%d to %s", status, location)
			}
		})
	}
	// As the form of a client, which is as good.
	if status, location, _ := v.read(v.client.PostForm(v.base+authorizePath, request())); status != 303 || location.Query().Get("code") == "" {
		t.Errorf("posted: %d to %s", status, location)
	}
	// The button leads to another machine.
	_, _, page := v.authorize(request("redirect_uri", "https://app.example.com/"))
	if status, location, _ := v.signIn(page, url.Values{"name": {"ann"}}); status != 303 || location.Host != "app.example.com" || location.Query().Get("code") == "" {
		t.Errorf("%d to %s", status, location)
	}

	if status, location, _ := v.read(v.client.Get(v.base + signOutPath + "?state=x&post_logout_redirect_uri=" + url.QueryEscape(callback))); status != 303 || location.String() != callback+"&state=x" {
		t.Errorf("signed out: %d to %s", status, location)
	}
	if status, _, _ := v.authorize(request()); status != 200 {
		t.Errorf("after signing out: %d", status)
	}
	for _, tc := range []struct {
		redirect string
		status   int
		body     string
	}{
		{"", 200, "You have signed out"},
		{"https://app.example.com/", 400, "is not on this machine"},
		{"/x", 400, "is not an absolute"},
	} {
		if status, _, body := v.read(v.client.PostForm(v.base+signOutPath, url.Values{"post_logout_redirect_uri": {tc.redirect}})); status != tc.status || !strings.Contains(body, tc.body) {
			t.Errorf("%q: %d %s", tc.redirect, status, body)
		}
	}
}
