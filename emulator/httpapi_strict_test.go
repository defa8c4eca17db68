package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// A strict emulator asks the issuer of a JWT authorizer for its discovery document, as
// AWS does, its own issuer among them; any other emulator takes what it is told.
func TestIssuersOfJWTAuthorizers(t *testing.T) {
	garbage := httptest.NewServer(http.NotFoundHandler())
	defer garbage.Close()
	good := newTokenIssuer(t)
	for _, strict := range []bool{false, true} {
		p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = strict })
		api := newHTTPAPI(t, p, "arn:aws:lambda:us-east-1:000000000000:function:f")
		for name, tc := range map[string]struct {
			issuer string
			works  bool
		}{
			"own":         {strings.Replace(p.URL(), "127.0.0.1", "localhost", 1) + emulator.IssuerPath, true},
			"another":     {good.URL, true},
			"garbage":     {garbage.URL, false},
			"unreachable": {"http://127.0.0.1:1", false},
		} {
			_, err := api.sdk.CreateAuthorizer(t.Context(), &apigatewayv2.CreateAuthorizerInput{ApiId: &api.id, Name: &name, AuthorizerType: v2types.AuthorizerTypeJwt,
				IdentitySource: []string{"$request.header.Authorization"}, JwtConfiguration: &v2types.JWTConfiguration{Issuer: &tc.issuer, Audience: []string{"api"}}})
			want := "BadRequestException: Caught exception when connecting to " + tc.issuer + "/.well-known/openid-configuration for issuer " + tc.issuer + ". Please try again later. Error: "
			switch {
			case !strict || tc.works:
				if err != nil {
					t.Errorf("strict %t, %s: %v", strict, name, err)
				}
			case err == nil || !strings.Contains(err.Error(), want):
				t.Errorf("strict, %s: %v\nwant %s", name, err, want)
			}
		}
	}
}

// Ids have AWS's forms.
func TestFormsOfIDs(t *testing.T) {
	p := emulatortest.Start(t)
	v2 := p.APIGatewayV2()
	api := newHTTPAPI(t, p, "arn:aws:lambda:us-east-1:000000000000:function:f")
	authorizer, err := v2.CreateAuthorizer(t.Context(), &apigatewayv2.CreateAuthorizerInput{ApiId: &api.id, Name: aws.String("a"), AuthorizerType: v2types.AuthorizerTypeJwt,
		IdentitySource: []string{"$request.header.Authorization"}, JwtConfiguration: &v2types.JWTConfiguration{Issuer: aws.String("https://issuer.example.com"), Audience: []string{"a"}}})
	if err != nil {
		t.Fatal(err)
	}
	api.route("GET /a", v2types.AuthorizationTypeNone, nil)
	routes, err := v2.GetRoutes(t.Context(), &apigatewayv2.GetRoutesInput{ApiId: &api.id})
	if err != nil {
		t.Fatal(err)
	}
	stage, err := v2.GetStage(t.Context(), &apigatewayv2.GetStageInput{ApiId: &api.id, StageName: aws.String("$default")})
	if err != nil {
		t.Fatal(err)
	}
	link, err := v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: aws.String("l"), SubnetIds: []string{"subnet-1"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []struct{ kind, id, form string }{
		{"API", api.id, `^[a-z0-9]{10}$`},
		{"integration", api.target, `^integrations/[a-z0-9]{7}$`},
		{"route", *routes.Items[0].RouteId, `^[a-z0-9]{7}$`},
		{"authorizer", *authorizer.AuthorizerId, `^[a-z0-9]{6}$`},
		{"deployment", *stage.DeploymentId, `^[a-z0-9]{6}$`},
		{"VPC link", *link.VpcLinkId, `^[a-z0-9]{6,7}$`},
	} {
		if !regexp.MustCompile(id.form).MatchString(id.id) {
			t.Errorf("%s id %s is not of the form %s", id.kind, id.id, id.form)
		}
	}
	if want := "Successfully deployed stage with deployment ID '" + *stage.DeploymentId + "'"; aws.ToString(stage.LastDeploymentStatusMessage) != want {
		t.Errorf("%s, want %s", aws.ToString(stage.LastDeploymentStatusMessage), want)
	}
}
