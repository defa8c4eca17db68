package apigateway_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern/postern/controlplane/apigateway"
)

// The getting-started walk: a greedy resource in front of a function.
func TestWalk(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	resources := must[sdk.GetResourcesOutput](f)(f.c.GetResources(t.Context(), &sdk.GetResourcesInput{RestApiId: &api}))
	if len(resources.Items) != 1 || *resources.Items[0].Path != "/" || *resources.Items[0].Id != root {
		t.Fatalf("resources %+v", resources.Items)
	}
	id := f.resource(api, root, "{proxy+}")
	f.method(api, id, "ANY")
	uri := "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:f/invocations"
	integration := must[sdk.PutIntegrationOutput](f)(f.c.PutIntegration(t.Context(), &sdk.PutIntegrationInput{
		RestApiId: &api, ResourceId: &id, HttpMethod: aws.String("ANY"), Type: types.IntegrationTypeAwsProxy,
		IntegrationHttpMethod: aws.String("POST"), Uri: &uri,
	}))
	if *integration.CacheNamespace != id || integration.TimeoutInMillis != 29000 || integration.ConnectionType != "" {
		t.Errorf("integration %+v", integration)
	}
	first := f.deploy(api, "dev")
	served := f.plane.stage(api, "dev")
	if served == nil || served.DeploymentID != first || served.API.AccountID != account || len(served.REST.Deployment.Resources) != 2 {
		t.Fatalf("published %+v", served)
	}
	if got := served.REST.Deployment.Resources[1].Methods[0]; got.HTTPMethod != "ANY" || got.Integration.URI != uri {
		t.Errorf("frozen method %+v", got)
	}

	f.mock(api, root, "GET")
	if f.plane.stage(api, "dev") != served {
		t.Error("an edit was published without a deployment")
	}
	second := f.deploy(api, "dev")
	if got := f.plane.stage(api, "dev"); got.DeploymentID != second || got.Version <= served.Version || len(got.REST.Deployment.Resources[0].Methods) != 1 {
		t.Errorf("after the second deployment %+v", got)
	}

	if _, err := f.c.DeleteRestApi(t.Context(), &sdk.DeleteRestApiInput{RestApiId: &api}); err != nil {
		t.Fatal(err)
	}
	if f.plane.stage(api, "dev") != nil || len(f.plane.apis) != 0 {
		t.Error("the deleted API is still served")
	}
	_, err := f.c.GetRestApi(t.Context(), &sdk.GetRestApiInput{RestApiId: &api})
	f.refused(err, "NotFoundException", "Invalid API identifier specified "+account+":"+api)
}

// What was deployed is served again after a restart, as it was deployed.
func TestRestore(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	f.deploy(api, "dev")
	f.mock(api, root, "POST")

	again := newPlane()
	if err := apigateway.New(apigateway.Config{DB: f.db, DataPlane: again}).Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := again.stage(api, "dev")
	if s == nil || len(s.REST.Deployment.Resources[0].Methods) != 1 || s.API.AccountID != account {
		t.Errorf("restored %+v", s)
	}
}

// A deployment that does not compile leaves nothing behind.
func TestRefusedPublishChangesNothing(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	f.plane.refuse = errors.New("does not compile")
	if _, err := f.c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: &api, StageName: aws.String("dev")}); err == nil {
		t.Fatal("the deployment was accepted")
	}
	out := must[sdk.GetDeploymentsOutput](f)(f.c.GetDeployments(t.Context(), &sdk.GetDeploymentsInput{RestApiId: &api}))
	if len(out.Items) != 0 {
		t.Errorf("deployments %+v", out.Items)
	}
}
