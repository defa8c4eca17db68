package apigatewayv2

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Deployments share what they have in common; each can be served again, after a
// restart too.
func TestDeploymentsShareParts(t *testing.T) {
	dir := t.TempDir()
	db := must(store.Open(dir))(t)
	f := setup(t, func(c *Config) { c.DB = db })
	api := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, Target: aws.String(function)}))(t).ApiId
	const n = 20
	for i := range n {
		must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String(fmt.Sprintf("GET /%d", i))}))(t)
	}
	kept := func() (deployments, shared int) {
		_ = db.View(func(tx *store.Tx) error {
			deployments, shared = len(frozen.All(tx)), len(parts.All(tx))
			return nil
		})
		return
	}
	if d, p := kept(); d != n+1 || p != n+2 {
		t.Errorf("%d deployments and %d parts for %d routes and an integration, want %d and %d", d, p, n+1, n+1, n+2)
	}

	old := must(f.GetDeployments(ctx, &sdk.GetDeploymentsInput{ApiId: api}))(t).Items[3].DeploymentId
	stage := aws.String("$default")
	must(f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: api, StageName: stage, AutoDeploy: aws.Bool(false)}))(t)
	must(f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: api, StageName: stage, DeploymentId: old}))(t)
	want := f.plane.stages[*api+"/$default"].HTTP.Deployment
	if got := f.plane.routeKeys(*api, "$default"); !cmp.Equal(got, []string{"$default", "GET /0", "GET /1", "GET /2"}) {
		t.Errorf("an old deployment serves %v", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = must(store.Open(dir))(t)
	defer db.Close()
	f = setup(t, func(c *Config) { c.DB = db })
	if err := f.svc.Restore(ctx); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.plane.stages[*api+"/$default"].HTTP.Deployment, want); diff != "" {
		t.Errorf("after a restart (-got +want):\n%s", diff)
	}

	must(f.DeleteApi(ctx, &sdk.DeleteApiInput{ApiId: api}))(t)
	if d, p := kept(); d != 0 || p != 0 {
		t.Errorf("a deleted API leaves %d deployments and %d parts", d, p)
	}
}

// Data directories of before hold deployments whole.
func TestWholeDeployment(t *testing.T) {
	want := &snapshot.HTTPDeployment{Routes: []snapshot.HTTPRoute{{ID: "r", Key: "GET /a"}}, Integrations: []snapshot.HTTPIntegration{{ID: "i"}}}
	text := must(json.Marshal(want))(t)
	rec := &frozenDeployment{}
	if err := json.Unmarshal(text, rec); err != nil {
		t.Fatal(err)
	}
	scope := store.Scope{Account: "123456789012", Region: "us-west-2"}
	err := must(store.Open(""))(t).Update(ctx, func(in *store.Tx) error {
		frozen.Put(in, scope, "api/dep", rec)
		got, ok := (&txn{Tx: in, scope: scope}).frozen("api", "dep")
		if diff := cmp.Diff(got, want); !ok || diff != "" {
			t.Errorf("found: %t (-got +want):\n%s", ok, diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
