package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// mint asks the emulator's own issuer for a token.
func mint(t *testing.T, p *emulatortest.Postern, form url.Values) string {
	t.Helper()
	form.Set("grant_type", "client_credentials")
	res, err := http.PostForm(p.URL()+emulator.TokenPath, form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("token: %d %v", res.StatusCode, err)
	}
	return answer.AccessToken
}

// A JWT authorizer takes the tokens of the emulator's own issuer, and no others.
func TestOwnIssuer(t *testing.T) {
	p := emulatortest.Start(t)
	v2 := p.APIGatewayV2()
	backend := echoServer(t)
	issuer := strings.Replace(p.URL(), "127.0.0.1", "localhost", 1) + emulator.IssuerPath
	id := quickCreateID(t, p, backend)
	auth, err := v2.CreateAuthorizer(t.Context(), &apigatewayv2.CreateAuthorizerInput{ApiId: &id, Name: aws.String("own"), AuthorizerType: v2types.AuthorizerTypeJwt,
		IdentitySource: []string{"$request.header.Authorization"}, JwtConfiguration: &v2types.JWTConfiguration{Issuer: &issuer, Audience: []string{"api"}}})
	if err != nil {
		t.Fatal(err)
	}
	routes, err := v2.GetRoutes(t.Context(), &apigatewayv2.GetRoutesInput{ApiId: &id})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v2.UpdateRoute(t.Context(), &apigatewayv2.UpdateRouteInput{ApiId: &id, RouteId: routes.Items[0].RouteId,
		AuthorizationType: v2types.AuthorizationTypeJwt, AuthorizerId: auth.AuthorizerId, AuthorizationScopes: []string{"read"}}); err != nil {
		t.Fatal(err)
	}
	const invalid = `Bearer scope="read" error="invalid_token" error_description="`
	for _, tc := range []struct {
		name      string
		form      url.Values
		change    func(string) string
		status    int
		challenge string
	}{
		{"valid", url.Values{"audience": {"api"}, "scope": {"read write"}}, nil, 200, ""},
		{"another audience", url.Values{"audience": {"other"}, "scope": {"read"}}, nil, 401, invalid + `the token does not have a valid audience"`},
		{"no audience", url.Values{"scope": {"read"}}, nil, 401, invalid + `the token does not have a valid audience"`},
		{"expired", url.Values{"audience": {"api"}, "scope": {"read"}, "expires": {"-1m"}}, nil, 401, invalid + `the token has expired"`},
		{"another issuer", url.Values{"audience": {"api"}, "scope": {"read"}, "issuer": {"https://issuer.example.com"}}, nil, 401, invalid + `the token does not have a valid issuer"`},
		{"without the scope", url.Values{"audience": {"api"}, "scope": {"write"}}, nil, 403, `Bearer scope="read" error="insufficient_scope" error_description="`},
		{"changed", url.Values{"audience": {"api"}, "scope": {"read"}}, func(s string) string {
			parts := strings.Split(s, ".")
			return parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2]))
		}, 401, invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			token := mint(t, p, tc.form)
			if tc.change != nil {
				token = tc.change(token)
			}
			status, header := authorized(t, p, id, token)
			if challenge := header.Get("Www-Authenticate"); status != tc.status || !strings.HasPrefix(challenge, tc.challenge) || tc.status == 200 && challenge != "" {
				t.Errorf("%d %s, want %d %s", status, challenge, tc.status, tc.challenge)
			}
		})
	}
}

func authorized(t *testing.T, p *emulatortest.Postern, id, token string) (int, http.Header) {
	t.Helper()
	req, err := http.NewRequest("GET", p.URL()+"/_aws/execute-api/"+id+"/$default/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := p.HTTP().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header
}
