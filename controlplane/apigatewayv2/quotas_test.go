package apigatewayv2

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// Of each kind of resource there are as many as AWS's default quota says, and no more.
func TestQuotas(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	for _, tc := range []struct {
		name   string
		quota  int
		create func(i int) error
	}{
		{"routes", 300, func(i int) error {
			_, err := f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String(fmt.Sprintf("GET /r%d", i))})
			return err
		}},
		{"integrations", 300, func(int) error {
			_, err := f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeAwsProxy,
				IntegrationUri: aws.String(function), PayloadFormatVersion: aws.String("2.0")})
			return err
		}},
		{"authorizers", 10, func(int) error {
			_, err := f.CreateAuthorizer(ctx, requestAuthorizerInput(api))
			return err
		}},
		{"stages", 10, func(i int) error {
			_, err := f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String(fmt.Sprintf("s%d", i))})
			return err
		}},
		{"VPC links", 10, func(int) error {
			_, err := f.CreateVpcLink(ctx, &sdk.CreateVpcLinkInput{Name: aws.String("l"), SubnetIds: []string{"subnet-1"}})
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for i := range tc.quota {
				if err := tc.create(i); err != nil {
					t.Fatalf("number %d: %v", i+1, err)
				}
			}
			err := tc.create(tc.quota)
			wantError(t, err, "TooManyRequestsException", "Maximum number of "+tc.name+" for this API has been reached. Please contact AWS if you need additional "+tc.name+".")
		})
	}
}

func numbered(prefix string, n int) map[string]string {
	out := map[string]string{}
	for i := range n {
		out[fmt.Sprintf("%s%d", prefix, i)] = "v"
	}
	return out
}

// What one resource may hold.
func TestLimitsOfOneResource(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	jwt := must(f.CreateAuthorizer(ctx, jwtAuthorizerInput(api, "https://issuer.example.com")))(t).AuthorizerId
	scopes := func(n int) error {
		_, err := f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String(fmt.Sprintf("GET /s%d", n)), AuthorizationType: types.AuthorizationTypeJwt, AuthorizerId: jwt,
			AuthorizationScopes: strings.Split(strings.Repeat("s,", n-1)+"s", ",")})
		return err
	}
	stages := 0
	stage := func(variables, tags map[string]string) error {
		stages++
		_, err := f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String(fmt.Sprintf("s%d", stages)), StageVariables: variables, Tags: tags})
		return err
	}
	for _, tc := range []struct {
		name    string
		err     error
		message string
	}{
		{"10 scopes", scopes(10), ""},
		{"11 scopes", scopes(11), "The number of authorization scopes exceeds the maximum of 10"},
		{"100 variables", stage(numbered("v", 100), nil), ""},
		{"101 variables", stage(numbered("v", 101), nil), "The number of stage variables exceeds the maximum of 100"},
		{"a variable's name", stage(map[string]string{strings.Repeat("n", 64): strings.Repeat("v", 512)}, nil), ""},
		{"a longer value", stage(map[string]string{"n": strings.Repeat("v", 513)}, nil), "The value of stage variable n exceeds 512 characters"},
		{"a strange name", stage(map[string]string{"a-b": "v"}, nil), "Stage variable name a-b is not valid: only a-zA-Z0-9_ and up to 64 characters are allowed"},
		{"50 tags", stage(nil, numbered("t", 50)), ""},
		{"51 tags", stage(nil, numbered("t", 51)), "The number of tags exceeds the maximum of 50"},
		{"a reserved tag", stage(nil, map[string]string{"aws:x": "v"}), "Invalid tag key: aws:x. The prefix aws: is reserved."},
		{"a long tag", stage(nil, map[string]string{"k": strings.Repeat("v", 257)}), "Invalid tag: keys have 1 to 128 characters, values at most 256"},
	} {
		if tc.message == "" {
			if tc.err != nil {
				t.Errorf("%s: %v", tc.name, tc.err)
			}
			continue
		}
		wantError(t, tc.err, badRequest, tc.message)
	}
	// Tags count with those that are there.
	arn := aws.String("arn:aws:apigateway:us-west-2::/apis/" + *api)
	must(f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: arn, Tags: numbered("a", 30)}))(t)
	more := numbered("b", 20)
	must(f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: arn, Tags: more}))(t)
	_, err := f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"c": ""}})
	wantError(t, err, badRequest, "The number of tags exceeds the maximum of 50")
	if got := must(f.GetTags(ctx, &sdk.GetTagsInput{ResourceArn: arn}))(t).Tags; len(got) != 50 || !maps.Equal(more, numbered("b", 20)) {
		t.Errorf("%d tags", len(got))
	}
}
