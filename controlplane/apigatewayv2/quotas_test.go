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
		{"authorizers", 10, func(i int) error {
			in := requestAuthorizerInput(api)
			in.Name = aws.String(fmt.Sprintf("a%d", i))
			_, err := f.CreateAuthorizer(ctx, in)
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
	long := func(n int) *string { return aws.String(strings.Repeat("x", n)) }
	const tooLong = "Member must have length less than or equal to "
	for _, tc := range []struct {
		name, limit string
		call        func() error
	}{
		{"an API's name", "128", func() error {
			_, err := f.CreateApi(ctx, &sdk.CreateApiInput{Name: long(129), ProtocolType: types.ProtocolTypeHttp})
			return err
		}},
		{"an API's description", "1024", func() error {
			_, err := f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, Description: long(1025)})
			return err
		}},
		{"an API's version", "64", func() error {
			_, err := f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: api, Version: long(65)})
			return err
		}},
		{"an operation's name", "64", func() error {
			_, err := f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /long"), OperationName: long(65)})
			return err
		}},
		{"an authorizer's name", "128", func() error {
			in := requestAuthorizerInput(api)
			in.Name = long(129)
			_, err := f.CreateAuthorizer(ctx, in)
			return err
		}},
		{"a mapping's value", "512", func() error {
			_, err := f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: aws.String(function),
				PayloadFormatVersion: aws.String("2.0"), RequestParameters: map[string]string{"append:header.x": *long(513)}})
			return err
		}},
		{"a URI", "2048", func() error {
			_, err := f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("GET"),
				IntegrationUri: aws.String("https://example.com/" + *long(2048)), PayloadFormatVersion: aws.String("1.0")})
			return err
		}},
		{"a stage's description", "1024", func() error {
			_, err := f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("long"), Description: long(1025)})
			return err
		}},
		{"a VPC link's name", "128", func() error {
			_, err := f.CreateVpcLink(ctx, &sdk.CreateVpcLinkInput{Name: long(129), SubnetIds: []string{"subnet-1"}})
			return err
		}},
	} {
		if err := tc.call(); err == nil || !strings.Contains(err.Error(), badRequest) || !strings.Contains(err.Error(), tooLong+tc.limit) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	log := func(n int) error {
		_, err := f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String(fmt.Sprintf("log%d", n)),
			AccessLogSettings: &types.AccessLogSettings{DestinationArn: aws.String("arn:aws:logs:us-west-2:123456789012:log-group:g"), Format: aws.String("$context.requestId" + *long(n - 18))}})
		return err
	}
	if err := log(3 << 10); err != nil {
		t.Errorf("a format of 3 KB: %v", err)
	}
	wantError(t, log(3<<10+1), badRequest, "Access Log format exceeds the maximum of 3 KB")
	_, err := f.CreateVpcLink(ctx, &sdk.CreateVpcLinkInput{Name: aws.String("l"), SubnetIds: strings.Split(strings.Repeat("subnet-1,", 10)+"subnet-1", ",")})
	wantError(t, err, badRequest, "The number of subnets exceeds the maximum of 10")

	// Tags count with those that are there.
	arn := aws.String("arn:aws:apigateway:us-west-2::/apis/" + *api)
	must(f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: arn, Tags: numbered("a", 30)}))(t)
	more := numbered("b", 20)
	must(f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: arn, Tags: more}))(t)
	_, err = f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"c": ""}})
	wantError(t, err, badRequest, "The number of tags exceeds the maximum of 50")
	if got := must(f.GetTags(ctx, &sdk.GetTagsInput{ResourceArn: arn}))(t).Tags; len(got) != 50 || !maps.Equal(more, numbered("b", 20)) {
		t.Errorf("%d tags", len(got))
	}
}
