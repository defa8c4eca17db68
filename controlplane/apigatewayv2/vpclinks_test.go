package apigatewayv2

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
)

func TestVPCLink(t *testing.T) {
	f := setup(t)
	created := must(f.CreateVpcLink(ctx, &sdk.CreateVpcLinkInput{Name: aws.String("link"), SubnetIds: []string{"subnet-1", "subnet-2"}, Tags: map[string]string{"k": "v"}}))(t)
	if created.VpcLinkStatus != types.VpcLinkStatusPending || *created.VpcLinkStatusMessage != "VPC link is provisioning ENIs" {
		t.Errorf("created: %s %s", created.VpcLinkStatus, *created.VpcLinkStatusMessage)
	}
	id := created.VpcLinkId
	must(f.UpdateVpcLink(ctx, &sdk.UpdateVpcLinkInput{VpcLinkId: id, Name: aws.String("renamed")}))(t)
	arn := aws.String("arn:aws:apigateway:us-west-2::/vpclinks/" + *id)
	must(f.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"more": "1"}}))(t)
	must(f.UntagResource(ctx, &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"k"}}))(t)

	got := must(f.GetVpcLink(ctx, &sdk.GetVpcLinkInput{VpcLinkId: id}))(t)
	want := &sdk.GetVpcLinkOutput{
		CreatedDate: aws.Time(testNow.Truncate(time.Second)), Name: aws.String("renamed"), SecurityGroupIds: []string{}, SubnetIds: []string{"subnet-1", "subnet-2"},
		Tags: map[string]string{"more": "1"}, VpcLinkId: id, VpcLinkStatus: types.VpcLinkStatusAvailable,
		VpcLinkStatusMessage: aws.String("VPC link is ready to route traffic"), VpcLinkVersion: types.VpcLinkVersionV2,
	}
	if diff := cmp.Diff(got, want, ignoreMetadata, ignoreDocuments); diff != "" {
		t.Errorf("GetVpcLink (-got +want):\n%s", diff)
	}
	if list := must(f.GetVpcLinks(ctx, &sdk.GetVpcLinksInput{}))(t).Items; len(list) != 1 || *list[0].Name != "renamed" {
		t.Errorf("links %+v", list)
	}

	api := newAPI(t, f)
	listener := aws.String("arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/a/b/c")
	integration := must(f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"),
		IntegrationUri: listener, PayloadFormatVersion: aws.String("1.0"), ConnectionType: types.ConnectionTypeVpcLink, ConnectionId: id}))(t)
	if *integration.ConnectionId != *id || integration.ConnectionType != types.ConnectionTypeVpcLink {
		t.Errorf("integration %+v", integration)
	}

	status, _, body := f.call(t, "DELETE", "/v2/vpclinks/"+*id, "")
	if status != 202 || body != "{}" {
		t.Errorf("DeleteVpcLink: %d %s", status, body)
	}
	_, err := f.GetVpcLink(ctx, &sdk.GetVpcLinkInput{VpcLinkId: id})
	wantError(t, err, notFound, "Invalid VpcLink identifier specified "+*id)
}

// Lists of what HTTP APIs cannot have are empty.
func TestListsOfWebSocketParts(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	integration := newIntegration(t, f, api)
	route := must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /a")}))(t)
	if n := len(must(f.GetModels(ctx, &sdk.GetModelsInput{ApiId: api}))(t).Items); n != 0 {
		t.Errorf("%d models", n)
	}
	if n := len(must(f.GetRouteResponses(ctx, &sdk.GetRouteResponsesInput{ApiId: api, RouteId: route.RouteId}))(t).Items); n != 0 {
		t.Errorf("%d route responses", n)
	}
	if n := len(must(f.GetIntegrationResponses(ctx, &sdk.GetIntegrationResponsesInput{ApiId: api, IntegrationId: integration}))(t).Items); n != 0 {
		t.Errorf("%d integration responses", n)
	}
}
