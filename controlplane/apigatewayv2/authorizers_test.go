package apigatewayv2

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
)

func jwtAuthorizerInput(api *string, issuer string) *sdk.CreateAuthorizerInput {
	return &sdk.CreateAuthorizerInput{ApiId: api, Name: aws.String("jwt"), AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.Authorization"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: &issuer, Audience: []string{"a"}}}
}

func requestAuthorizerInput(api *string) *sdk.CreateAuthorizerInput {
	return &sdk.CreateAuthorizerInput{ApiId: api, Name: aws.String("request"), AuthorizerType: types.AuthorizerTypeRequest, AuthorizerUri: aws.String(function),
		AuthorizerPayloadFormatVersion: aws.String("2.0"), IdentitySource: []string{"$request.header.Authorization"}}
}

// A route takes an authorizer of its authorization type, of its own API.
func TestRouteAuthorizers(t *testing.T) {
	f := setup(t)
	api, other := newAPI(t, f), newAPI(t, f)
	jwt := must(f.CreateAuthorizer(ctx, jwtAuthorizerInput(api, "https://issuer.example.com")))(t).AuthorizerId
	request := must(f.CreateAuthorizer(ctx, requestAuthorizerInput(api)))(t).AuthorizerId
	foreign := must(f.CreateAuthorizer(ctx, jwtAuthorizerInput(other, "https://issuer.example.com")))(t).AuthorizerId
	const (
		needsJWT    = "Setting the authorization type to JWT requires a valid JWT authorizer."
		needsCustom = "Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
		invalid     = "Invalid authorizer ID specified. "
	)
	for _, tc := range []struct {
		name    string
		kind    types.AuthorizationType
		id      *string
		message string
	}{
		{"JWT without one", types.AuthorizationTypeJwt, nil, invalid + needsJWT},
		{"JWT with a Lambda authorizer", types.AuthorizationTypeJwt, request, invalid + needsJWT},
		{"JWT of another API", types.AuthorizationTypeJwt, foreign, invalid + needsJWT},
		{"JWT that is not there", types.AuthorizationTypeJwt, aws.String("zzz"), invalid + needsJWT},
		{"CUSTOM without one", types.AuthorizationTypeCustom, nil, invalid + needsCustom},
		{"CUSTOM with a JWT authorizer", types.AuthorizationTypeCustom, jwt, invalid + needsCustom},
		{"JWT", types.AuthorizationTypeJwt, jwt, ""},
		{"CUSTOM", types.AuthorizationTypeCustom, request, ""},
		{"IAM", types.AuthorizationTypeAwsIam, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /" + strings.ReplaceAll(tc.name, " ", "-")), AuthorizationType: tc.kind, AuthorizerId: tc.id})
			if tc.message != "" {
				wantError(t, err, badRequest, tc.message)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestJWTAuthorizerMembers(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	const only = "Only identity source and JwtConfiguration are valid for JWT Authorizer"
	for _, tc := range []struct {
		name    string
		change  func(*sdk.CreateAuthorizerInput)
		message string
	}{
		{"two sources", func(in *sdk.CreateAuthorizerInput) {
			in.IdentitySource = []string{"$request.header.a", "$request.header.b"}
		}, "JWT Authorizer must have exactly one identity source"},
		{"no source", func(in *sdk.CreateAuthorizerInput) { in.IdentitySource = []string{} }, "JWT Authorizer must have exactly one identity source"},
		{"51 audiences", func(in *sdk.CreateAuthorizerInput) {
			in.JwtConfiguration.Audience = strings.Split(strings.Repeat("a,", 50)+"a", ",")
		}, "The number of audiences exceeds the maximum of 50"},
		{"a URI", func(in *sdk.CreateAuthorizerInput) { in.AuthorizerUri = aws.String(function) }, only},
		{"simple responses", func(in *sdk.CreateAuthorizerInput) { in.EnableSimpleResponses = aws.Bool(false) }, only},
		{"credentials", func(in *sdk.CreateAuthorizerInput) {
			in.AuthorizerCredentialsArn = aws.String("arn:aws:iam::123456789012:role/r")
		}, only},
		{"no issuer", func(in *sdk.CreateAuthorizerInput) { in.JwtConfiguration.Issuer = nil }, "Invalid issuer: Issuer is not a valid URL for JWT Authorizer"},
		{"no URL", func(in *sdk.CreateAuthorizerInput) { in.JwtConfiguration.Issuer = aws.String("issuer.example.com") }, "Invalid issuer: Issuer is not a valid URL for JWT Authorizer"},
		{"no TLS", func(in *sdk.CreateAuthorizerInput) {
			in.JwtConfiguration.Issuer = aws.String("http://issuer.example.com")
		}, "Invalid issuer: Issuer is not a valid URL for JWT Authorizer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := jwtAuthorizerInput(api, "https://issuer.example.com")
			tc.change(in)
			_, err := f.CreateAuthorizer(ctx, in)
			wantError(t, err, badRequest, tc.message)
		})
	}
}

func TestJWTConfigurationIsMerged(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	id := must(f.CreateAuthorizer(ctx, jwtAuthorizerInput(api, "https://issuer.example.com")))(t).AuthorizerId
	got := must(f.UpdateAuthorizer(ctx, &sdk.UpdateAuthorizerInput{ApiId: api, AuthorizerId: id, JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://other.example.com")}}))(t)
	if diff := cmp.Diff(got.JwtConfiguration, &types.JWTConfiguration{Issuer: aws.String("https://other.example.com"), Audience: []string{"a"}}, ignoreDocuments); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Where issuers are asked, one that does not answer makes no authorizer.
func TestIssuerIsAsked(t *testing.T) {
	var asked []string
	f := setup(t, func(c *Config) {
		c.CheckIssuer = func(_ context.Context, issuer string) error {
			asked = append(asked, issuer)
			if strings.Contains(issuer, "good") {
				return nil
			}
			return errors.New("unreachable")
		}
	})
	api := newAPI(t, f)
	refusal := func(issuer string) string {
		return "Caught exception when connecting to " + strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration for issuer " + issuer + ". Please try again later. " +
			"Error: Invalid issuer: " + issuer + ". Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'"
	}
	_, err := f.CreateAuthorizer(ctx, jwtAuthorizerInput(api, "https://bad.example.com/"))
	wantError(t, err, badRequest, refusal("https://bad.example.com/"))
	if list := must(f.GetAuthorizers(ctx, &sdk.GetAuthorizersInput{ApiId: api}))(t).Items; len(list) != 0 {
		t.Errorf("authorizers %+v", list)
	}
	id := must(f.CreateAuthorizer(ctx, jwtAuthorizerInput(api, "https://good.example.com")))(t).AuthorizerId
	_, err = f.UpdateAuthorizer(ctx, &sdk.UpdateAuthorizerInput{ApiId: api, AuthorizerId: id, JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://bad.example.com")}})
	wantError(t, err, badRequest, refusal("https://bad.example.com"))
	if got := must(f.GetAuthorizer(ctx, &sdk.GetAuthorizerInput{ApiId: api, AuthorizerId: id}))(t); *got.JwtConfiguration.Issuer != "https://good.example.com" {
		t.Errorf("a refused change was made: %s", *got.JwtConfiguration.Issuer)
	}
	// Neither a Lambda authorizer nor an issuer that is no URL is asked for.
	must(f.CreateAuthorizer(ctx, requestAuthorizerInput(api)))(t)
	_, err = f.CreateAuthorizer(ctx, jwtAuthorizerInput(api, "ftp://bad.example.com"))
	wantError(t, err, badRequest, "Invalid issuer: Issuer is not a valid URL for JWT Authorizer")
	if diff := cmp.Diff(asked, []string{"https://bad.example.com/", "https://good.example.com", "https://bad.example.com"}); diff != "" {
		t.Error(diff)
	}

	// An import leaves the authorizer and its routes out, and says so.
	got := importAPI(t, f, strings.ReplaceAll(petStore, "issuer.example.com", "bad.example.com"))
	if diff := cmp.Diff(got.Warnings, []string{"Unable to create Authorizer 'jwt': " + refusal("https://bad.example.com")}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(routeKeys(t, f, got.ApiId), []string{"$default", "POST /pets", "GET /secret"}, sorted); diff != "" {
		t.Error(diff)
	}
}

func TestAuthorizerNamesAreUnique(t *testing.T) {
	f := setup(t)
	api, other := newAPI(t, f), newAPI(t, f)
	first := must(f.CreateAuthorizer(ctx, requestAuthorizerInput(api)))(t)
	second := must(f.CreateAuthorizer(ctx, jwtAuthorizerInput(api, "https://issuer.example.com")))(t)
	must(f.CreateAuthorizer(ctx, requestAuthorizerInput(other)))(t)
	const taken = "Authorizer name must be unique. Authorizer request already exists in this RestApi."
	_, err := f.CreateAuthorizer(ctx, requestAuthorizerInput(api))
	wantError(t, err, badRequest, taken)
	_, err = f.UpdateAuthorizer(ctx, &sdk.UpdateAuthorizerInput{ApiId: api, AuthorizerId: second.AuthorizerId, Name: first.Name})
	wantError(t, err, badRequest, taken)
	must(f.UpdateAuthorizer(ctx, &sdk.UpdateAuthorizerInput{ApiId: api, AuthorizerId: first.AuthorizerId, Name: first.Name}))(t)
}

// AWS's guide: a token is read off a header or the query.
func TestTokensAreReadOffTheRequest(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	for source, refused := range map[string]bool{
		"$request.header.Token": false, "$request.querystring.token": false, "$context.requestId": true, "$stageVariables.token": true, "$request.body.token": true,
	} {
		in := jwtAuthorizerInput(api, "https://issuer.example.com")
		in.Name, in.IdentitySource = &source, []string{source}
		_, err := f.CreateAuthorizer(ctx, in)
		if refused {
			wantError(t, err, badRequest, "Invalid identity source expression: "+source+". The source must be a request header, request querystring, stage variable or context parameter")
		} else if err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}
