package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

func TestLayers(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.executor.Handlers["app.layers"] = func(e lambdatest.Event) ([]byte, error) {
		return fmt.Appendf(nil, "%d", len(e.Spec.Layers)), nil
	}
	c, ctx := s.client(), t.Context()
	name := aws.String("my-layer")
	zip := lambdatest.Zip(t, "python/lib.py", "x")
	publish := func() *awslambda.PublishLayerVersionOutput {
		t.Helper()
		out, err := c.PublishLayerVersion(ctx, &awslambda.PublishLayerVersionInput{
			LayerName: name, Content: &types.LayerVersionContentInput{ZipFile: zip}, CompatibleRuntimes: []types.Runtime{"python3.12"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first, second := publish(), publish()
	if first.Version != 1 || second.Version != 2 || *first.LayerVersionArn != "arn:aws:lambda:us-east-1:000000000000:layer:my-layer:1" {
		t.Errorf("published %d, %d as %s", first.Version, second.Version, *first.LayerVersionArn)
	}
	if !bytes.Equal(get(t, s, *first.Content.Location), zip) {
		t.Error("Content.Location serves other bytes")
	}
	s.create(t, "fn", "app.layers", func(in *awslambda.CreateFunctionInput) { in.Layers = []string{*first.LayerVersionArn} })
	_, err := c.UpdateFunctionConfiguration(ctx, &awslambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("fn"), Layers: []string{*first.LayerVersionArn, *second.LayerVersionArn},
	})
	wantText(t, err, "Two different versions of the same layer are not allowed to be referenced in the same function. "+
		*first.LayerVersionArn+" and "+*second.LayerVersionArn+" are versions of the same layer.")

	for _, tc := range []struct {
		runtime types.Runtime
		want    int
	}{{"", 1}, {"python3.12", 1}, {"nodejs20.x", 0}} {
		list, err := c.ListLayers(ctx, &awslambda.ListLayersInput{CompatibleRuntime: tc.runtime})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Layers) != tc.want || tc.want == 1 && list.Layers[0].LatestMatchingVersion.Version != 2 {
			t.Errorf("layers for %q: %+v", tc.runtime, list.Layers)
		}
	}

	// The function keeps a version that is deleted, and numbers go on.
	for _, v := range []int64{1, 2, 2} {
		if _, err := c.DeleteLayerVersion(ctx, &awslambda.DeleteLayerVersionInput{LayerName: name, VersionNumber: &v}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.GetLayerVersion(ctx, &awslambda.GetLayerVersionInput{LayerName: name, VersionNumber: aws.Int64(1)})
	wantText(t, err, "The resource you requested does not exist.")
	_, err = c.GetLayerVersion(ctx, &awslambda.GetLayerVersionInput{LayerName: name, VersionNumber: aws.Int64(0)})
	wantText(t, err, "Layer Version Cannot be less than 1")
	res, err := c.Invoke(ctx, &awslambda.InvokeInput{FunctionName: aws.String("fn")})
	if err != nil || string(res.Payload) != "1" {
		t.Errorf("the function ran with %s layers, %v", res.Payload, err)
	}
	if _, err := c.DeleteFunction(ctx, &awslambda.DeleteFunctionInput{FunctionName: aws.String("fn")}); err != nil {
		t.Fatal(err)
	}
	if res, _ := s.request(t, "GET "+strings.TrimPrefix(*first.Content.Location, s.URL), ""); res.StatusCode != 404 {
		t.Errorf("the layer's content is still served: %s", res.Status)
	}
	if third := publish(); third.Version != 3 {
		t.Errorf("published %d after deletions", third.Version)
	}
}

func TestLayerPermissions(t *testing.T) {
	s := newServer(t, lambda.Config{})
	c, ctx := s.client(), t.Context()
	name, one := aws.String("shared"), aws.Int64(1)
	if _, err := c.PublishLayerVersion(ctx, &awslambda.PublishLayerVersionInput{
		LayerName: name, Content: &types.LayerVersionContentInput{ZipFile: lambdatest.Zip(t, "a", "b")},
	}); err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:lambda:us-east-1:000000000000:layer:shared:1"
	byArn := func() int {
		res, _ := s.request(t, "GET /2018-10-31/layers?find=LayerVersion&Arn="+arn, "", "Test-Account", "111122223333")
		return res.StatusCode
	}
	if got := byArn(); got != 404 {
		t.Errorf("another account got %d without a permission", got)
	}
	added, err := c.AddLayerVersionPermission(ctx, &awslambda.AddLayerVersionPermissionInput{
		LayerName: name, VersionNumber: one, StatementId: aws.String("s"), Action: aws.String("lambda:GetLayerVersion"), Principal: aws.String("111122223333"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Sid":"s","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"lambda:GetLayerVersion","Resource":"` + arn + `"}`; *added.Statement != want {
		t.Errorf("got %s", *added.Statement)
	}
	if got := byArn(); got != 200 {
		t.Errorf("another account got %d with a permission", got)
	}
	_, err = c.RemoveLayerVersionPermission(ctx, &awslambda.RemoveLayerVersionPermissionInput{LayerName: name, VersionNumber: one, StatementId: aws.String("s"), RevisionId: aws.String("x")})
	wantText(t, err, "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id")
	if _, err := c.RemoveLayerVersionPermission(ctx, &awslambda.RemoveLayerVersionPermissionInput{LayerName: name, VersionNumber: one, StatementId: aws.String("s"), RevisionId: added.RevisionId}); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetLayerVersionPolicy(ctx, &awslambda.GetLayerVersionPolicyInput{LayerName: name, VersionNumber: one})
	wantText(t, err, "No policy is associated with the given resource.")
	_, err = c.GetLayerVersionPolicy(ctx, &awslambda.GetLayerVersionPolicyInput{LayerName: name, VersionNumber: aws.Int64(2)})
	wantText(t, err, "Layer version arn:aws:lambda:us-east-1:000000000000:layer:shared:2 does not exist.")
}

func TestEventInvokeConfig(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	const path = "/2019-09-25/functions/fn/event-invoke-config"
	const missing = `{"Message":"The function ` + farn + `fn:$LATEST doesn't have an EventInvokeConfig","Type":"User"}`
	for _, tc := range []struct{ line, body, want string }{
		{"GET " + path, "", missing},
		{"PUT " + path, "{}", `{"Type":"User","message":"You must specify at least one of error handling or destination setting."}`},
		{"PUT /2019-09-25/functions/none/event-invoke-config", `{"MaximumRetryAttempts":0}`, `{"Message":"The function doesn't exist.","Type":"User"}`},
		{"PUT " + path, `{"DestinationConfig":{"OnFailure":{"Destination":"` + farn + `fn"}}}`, `{"Type":"User","message":"You can't specify the function as a destination for itself."}`},
		{"PUT " + path, `{"DestinationConfig":{"OnFailure":{"Destination":"` + farn + `none"}}}`, `{"Type":"User","message":"The destination ARN ` + farn + `none is invalid."}`},
		{"PUT " + path, `{"DestinationConfig":{"OnSuccess":{"Destination":"arn:aws:iam::000000000000:role/r"}}}`, `{"Type":"User","message":"The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:iam::000000000000:role/r), onFailure=null) is invalid."}`},
		{"PUT " + path, `{"MaximumRetryAttempts":0}`, `{"LastModified":TIME,"FunctionArn":"` + farn + `fn:$LATEST","MaximumRetryAttempts":0,"DestinationConfig":{"OnSuccess":{},"OnFailure":{}}}`},
		{"POST " + path, `{"MaximumEventAgeInSeconds":60}`, `{"LastModified":TIME,"FunctionArn":"` + farn + `fn:$LATEST","MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":60,"DestinationConfig":{"OnSuccess":{},"OnFailure":{}}}`},
		{"GET " + path + "/list", "", `{"FunctionEventInvokeConfigs":[{"LastModified":TIME,"FunctionArn":"` + farn + `fn:$LATEST","MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":60,"DestinationConfig":{"OnSuccess":{},"OnFailure":{}}}]}`},
		{"DELETE " + path, "", ""},
		{"GET " + path, "", missing},
	} {
		if _, body := s.request(t, tc.line, tc.body); lastModified.ReplaceAllString(body, `"LastModified":TIME`) != tc.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", tc.line, tc.body, body, tc.want)
		}
	}
}
