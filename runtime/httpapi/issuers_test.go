package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/snapshot"
)

// Whatever an issuer does in place of its duty, its tokens do not pass.
func TestFailingIssuers(t *testing.T) {
	good := newIssuer(t)
	const discovery, keys = "OIDC discovery endpoint communication error", "JWKS communication error"
	document := func(jwks string) string { return fmt.Sprintf(`{"jwks_uri":%q}`, jwks) }
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
	}
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc // nil: nobody listens
		want   string
	}{
		{"unreachable", nil, discovery},
		{"slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, discovery},
		{"not found", http.NotFound, discovery},
		{"an error page", text("<html>welcome</html>"), discovery},
		{"another document", text(`{"issuer":"x"}`), discovery},
		{"a list", text(`[]`), discovery},
		{"broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, discovery},
		{"keys that nobody gives", text(document("http://127.0.0.1:1/keys")), keys},
		{"keys of no address", text(document("::")), keys},
		{"another's keys", text(document(newIssuer(t).URL + "/keys")), "signature is invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			idp := httptest.NewServer(tc.answer)
			if tc.answer == nil {
				idp.Close()
			} else {
				defer idp.Close()
			}
			f := &invoker{payload: `{}`}
			api := authorized(snapshot.HTTPAuthorizer{Type: "JWT", IdentitySources: []string{"$request.header.Authorization"}, Issuer: idp.URL, Audience: []string{"app"}}, "GET /")
			s := serve(t, httpapi.Deps{Lambda: f}, api)
			token := good.token(t, `{"alg":"RS256","kid":"k1"}`, fmt.Sprintf(`{"iss":%q,"aud":"app","exp":1587485300}`, idp.URL))
			got := s.do(t, "GET", "/", "", "Authorization", "Bearer "+token)
			gatewayError(t, got, 401)
			if want := `Bearer scope="" error="invalid_token" error_description="` + tc.want + `"`; got.header.Get("Www-Authenticate") != want {
				t.Errorf("%s\nwant %s", got.header.Get("Www-Authenticate"), want)
			}
			if f.request.Payload != nil {
				t.Error("the integration was called")
			}
		})
	}
}

// What stands where a token should stand.
func TestMalformedTokens(t *testing.T) {
	idp := newIssuer(t)
	f := &invoker{payload: `{}`}
	api := authorized(snapshot.HTTPAuthorizer{Type: "JWT", IdentitySources: []string{"$request.header.Authorization"}, Issuer: idp.URL, Audience: []string{"app"}}, "GET /")
	s := serve(t, httpapi.Deps{Lambda: f}, api)
	const segments, malformed = "token contains an invalid number of segments", "token is malformed"
	good := idp.token(t, `{"alg":"RS256","kid":"k1"}`, fmt.Sprintf(`{"iss":%q,"aud":"app","exp":1587485300}`, idp.URL))
	parts := strings.Split(good, ".")
	for _, tc := range []struct{ name, value, want string }{
		{"the scheme alone", "Bearer", segments},
		{"another scheme", "Basic dXNlcjpwYXNzd29yZA==", segments},
		{"one word", "Bearer token", segments},
		{"two segments", "Bearer " + parts[0] + "." + parts[1], segments},
		{"four segments", "Bearer " + good + ".x", segments},
		{"empty segments", "Bearer ..", "signing method is not supported"},
		{"a header that is no JSON", "Bearer x." + parts[1] + "." + parts[2], malformed},
		{"a header that is no base64", "Bearer %%." + parts[1] + "." + parts[2], malformed},
		{"no algorithm", idp.token(t, `{"kid":"k1"}`, `{}`), "signing method is not supported"},
		{"alg none", idp.token(t, `{"alg":"none","kid":"k1"}`, `{}`), "signing method is not supported"},
		{"alg none, unsigned", strings.Join(strings.Split(idp.token(t, `{"alg":"none","kid":"k1"}`, `{}`), ".")[:2], ".") + ".", "signing method is not supported"},
		{"alg nOnE", idp.token(t, `{"alg":"nOnE","kid":"k1"}`, `{}`), "signing method is not supported"},
		{"alg HS256", idp.token(t, `{"alg":"HS256","kid":"k1"}`, `{}`), "signing method is not supported"},
		{"claims that are no JSON", idp.token(t, `{"alg":"RS256","kid":"k1"}`, `x`), malformed},
		{"claims that are a list", idp.token(t, `{"alg":"RS256","kid":"k1"}`, `[]`), malformed},
		{"no signature", parts[0] + "." + parts[1] + ".", "signature is invalid"},
		{"another's claims", parts[0] + "." + strings.Split(idp.token(t, `{}`, fmt.Sprintf(`{"iss":%q,"aud":"app","exp":1987485300}`, idp.URL)), ".")[1] + "." + parts[2], "signature is invalid"},
		{"without an audience", idp.token(t, `{"alg":"RS256","kid":"k1"}`, fmt.Sprintf(`{"iss":%q,"exp":1587485300}`, idp.URL)), "the token does not have a valid audience"},
		{"two tokens", good + "," + good, segments},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := s.do(t, "GET", "/", "", "Authorization", tc.value)
			gatewayError(t, got, 401)
			if want := `Bearer scope="" error="invalid_token" error_description="` + tc.want + `"`; got.header.Get("Www-Authenticate") != want {
				t.Errorf("%s\nwant %s", got.header.Get("Www-Authenticate"), want)
			}
			if f.request.Payload != nil {
				t.Error("the integration was called")
			}
		})
	}
	// Twice the header is one value with a comma: neither token is taken.
	got := s.do(t, "GET", "/", "", "Authorization", good, "Authorization", good)
	gatewayError(t, got, 401)
	got = s.do(t, "GET", "/", "")
	gatewayError(t, got, 401)
	if challenge := got.header.Get("Www-Authenticate"); challenge != "Bearer" {
		t.Errorf("without a token: %s", challenge)
	}
}
