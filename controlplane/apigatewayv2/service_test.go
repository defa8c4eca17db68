package apigatewayv2

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// plane is a data plane that keeps what it is told.
type plane struct {
	known  map[string]snapshot.API
	stages map[string]*snapshot.Stage
	refuse error
	reset  []string
}

func newPlane() *plane {
	return &plane{known: map[string]snapshot.API{}, stages: map[string]*snapshot.Stage{}}
}

func (p *plane) Known(id string) bool { _, ok := p.known[id]; return ok }
func (p *plane) Register(a snapshot.API) error {
	p.known[a.ID] = a
	return nil
}
func (p *plane) Unregister(id string) {
	delete(p.known, id)
	for k, s := range p.stages {
		if s.API.ID == id {
			delete(p.stages, k)
		}
	}
}
func (p *plane) Publish(s *snapshot.Stage) error {
	if p.refuse != nil {
		return p.refuse
	}
	if err := s.Validate(); err != nil {
		return err
	}
	p.stages[s.API.ID+"/"+s.Name] = s
	return nil
}
func (p *plane) Withdraw(id, stage string) { delete(p.stages, id+"/"+stage) }

func (p *plane) ResetAuthorizers(id, stage string) { p.reset = append(p.reset, id+"/"+stage) }

func (p *plane) routeKeys(api, stage string) []string {
	s := p.stages[api+"/"+stage]
	if s == nil {
		return nil
	}
	keys := []string{}
	for _, r := range s.HTTP.Deployment.Routes {
		keys = append(keys, r.Key)
	}
	return keys
}

var testNow = time.Date(2026, 4, 8, 19, 5, 45, 123e6, time.UTC)

type fixture struct {
	*sdk.Client
	plane *plane
	svc   *Service
	url   string
}

func setup(t *testing.T, change ...func(*Config)) *fixture {
	t.Helper()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{plane: newPlane()}
	n := 0
	cfg := Config{
		DB: db, DataPlane: f.plane, Now: func() time.Time { return testNow },
		NewID: func(size int) string { n++; return fmt.Sprintf("%0*d", size, n) },
	}
	for _, c := range change {
		c(&cfg)
	}
	f.svc = New(cfg)
	mux := f.svc.Mux()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := awsapi.Identity{Account: "123456789012", Region: "us-west-2", RequestID: "req-1"}
		if a := r.Header.Get("X-Test-Account"); a != "" {
			id.Account = a
		}
		mux.ServeHTTP(w, r.WithContext(awsapi.WithIdentity(r.Context(), id)))
	}))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	f.Client = sdk.New(sdk.Options{
		BaseEndpoint: &srv.URL, Region: "us-west-2", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}), Retryer: aws.NopRetryer{},
	})
	return f
}

// must gives the value of a call that succeeded.
func must[T any](out T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var ae smithy.APIError
	if !errors.As(err, &ae) {
		t.Fatalf("error %v, want %s: %s", err, code, message)
	}
	if ae.ErrorCode() != code || ae.ErrorMessage() != message {
		t.Errorf("error %s: %s\nwant  %s: %s", ae.ErrorCode(), ae.ErrorMessage(), code, message)
	}
}

const (
	badRequest = "BadRequestException"
	conflict   = "ConflictException"
	notFound   = "NotFoundException"
	function   = "arn:aws:lambda:us-west-2:123456789012:function:my-lambda-function"
)

var ctx = context.Background()

func newAPI(t *testing.T, f *fixture) *string {
	t.Helper()
	return must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("api"), ProtocolType: types.ProtocolTypeHttp}))(t).ApiId
}

func newIntegration(t *testing.T, f *fixture, api *string) *string {
	t.Helper()
	return must(f.CreateIntegration(ctx, &sdk.CreateIntegrationInput{ApiId: api, IntegrationType: types.IntegrationTypeAwsProxy,
		IntegrationUri: aws.String(function), PayloadFormatVersion: aws.String("2.0")}))(t).IntegrationId
}

// The data plane hears of an API when nothing can refuse it any more.
func TestRefusedAPIIsNotKnown(t *testing.T) {
	f := setup(t)
	pinned := &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, Target: aws.String("nothing"), Tags: map[string]string{"_custom_id_": "pinned"}}
	_, err := f.CreateApi(ctx, pinned)
	wantError(t, err, badRequest, "Invalid target specified. Target must be a Lambda function ARN or a fully qualified URL")
	if len(f.plane.known) > 0 {
		t.Errorf("known: %v", f.plane.known)
	}
	pinned.Target = aws.String(function)
	id := must(f.CreateApi(ctx, pinned))(t).ApiId
	if f.plane.known[*id].Name != "a" || f.plane.stages["pinned/$default"] == nil {
		t.Errorf("known %v, stages %v", f.plane.known, f.plane.stages)
	}
	if _, err = f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: id, Name: aws.String("b"), Target: aws.String("nothing")}); err == nil || f.plane.known[*id].Name != "a" {
		t.Errorf("a refused change gave %v and is known as %v", err, f.plane.known[*id])
	}
}

func TestQuickCreate(t *testing.T) {
	f := setup(t)
	got := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("my-http-api"), ProtocolType: types.ProtocolTypeHttp, Target: aws.String(function)}))(t)
	id := *got.ApiId
	want := &sdk.CreateApiOutput{
		ApiEndpoint: aws.String("https://" + id + ".execute-api.us-west-2.amazonaws.com"), ApiId: &id,
		ApiKeySelectionExpression: aws.String("$request.header.x-api-key"), CreatedDate: aws.Time(testNow.Truncate(time.Second)),
		DisableExecuteApiEndpoint: aws.Bool(false), IpAddressType: types.IpAddressTypeIpv4, Name: aws.String("my-http-api"),
		ProtocolType: types.ProtocolTypeHttp, RouteSelectionExpression: aws.String("$request.method $request.path"), Tags: map[string]string{},
	}
	got.ResultMetadata = want.ResultMetadata
	if diff := cmp.Diff(got, want, ignoreMetadata, ignoreDocuments); diff != "" {
		t.Errorf("CreateApi (-got +want):\n%s", diff)
	}
	routes := must(f.GetRoutes(ctx, &sdk.GetRoutesInput{ApiId: &id}))(t).Items
	if len(routes) != 1 || *routes[0].RouteKey != "$default" || !aws.ToBool(routes[0].ApiGatewayManaged) {
		t.Errorf("routes %+v", routes)
	}
	in := must(f.GetIntegrations(ctx, &sdk.GetIntegrationsInput{ApiId: &id}))(t).Items[0]
	if in.IntegrationType != types.IntegrationTypeAwsProxy || *in.IntegrationMethod != "POST" || *in.PayloadFormatVersion != "2.0" ||
		*in.TimeoutInMillis != 30000 || in.ConnectionType != types.ConnectionTypeInternet || !*in.ApiGatewayManaged || *in.IntegrationUri != function {
		t.Errorf("integration %+v", in)
	}
	st := must(f.GetStages(ctx, &sdk.GetStagesInput{ApiId: &id}))(t).Items[0]
	if *st.StageName != "$default" || !*st.AutoDeploy || !*st.ApiGatewayManaged || st.DeploymentId == nil ||
		*st.LastDeploymentStatusMessage != "Successfully deployed stage with deployment ID '"+*st.DeploymentId+"'" {
		t.Errorf("stage %+v", st)
	}
	d := must(f.GetDeployment(ctx, &sdk.GetDeploymentInput{ApiId: &id, DeploymentId: st.DeploymentId}))(t)
	if !*d.AutoDeployed || d.DeploymentStatus != types.DeploymentStatusDeployed || *d.Description != "Automatic deployment triggered by changes to the Api configuration" {
		t.Errorf("deployment %+v", d)
	}
	if diff := cmp.Diff(f.plane.routeKeys(id, "$default"), []string{"$default"}); diff != "" {
		t.Error(diff)
	}

	must(f.UpdateApi(ctx, &sdk.UpdateApiInput{ApiId: &id, Target: aws.String("https://example.com/x")}))(t)
	in = must(f.GetIntegrations(ctx, &sdk.GetIntegrationsInput{ApiId: &id}))(t).Items[0]
	if in.IntegrationType != types.IntegrationTypeHttpProxy || *in.IntegrationMethod != "ANY" || *in.PayloadFormatVersion != "1.0" {
		t.Errorf("integration after UpdateApi %+v", in)
	}

	must(f.DeleteApi(ctx, &sdk.DeleteApiInput{ApiId: &id}))(t)
	_, err := f.GetApi(ctx, &sdk.GetApiInput{ApiId: &id})
	wantError(t, err, notFound, "Invalid API identifier specified 123456789012:"+id)
	var nf *types.NotFoundException
	if !errors.As(err, &nf) || aws.ToString(nf.ResourceType) != "Api" {
		t.Errorf("resource type %v", err)
	}
	if len(f.plane.stages) != 0 || len(f.plane.known) != 0 {
		t.Error("the data plane still serves a deleted API")
	}
}

func TestCustomID(t *testing.T) {
	f := setup(t)
	pin := &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, Tags: map[string]string{"_custom_id_": "pinned"}}
	if got := must(f.CreateApi(ctx, pin))(t); *got.ApiId != "pinned" {
		t.Errorf("id %s", *got.ApiId)
	}
	_, err := f.CreateApi(ctx, pin)
	wantError(t, err, conflict, "API id pinned is in use")
	_, err = f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, Tags: map[string]string{"_custom_id_": "a/b"}})
	wantError(t, err, badRequest, "Tag _custom_id_ must be a host name's part of lower-case letters, digits and hyphens")
}

func TestManualDeployment(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	stage := must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("dev")}))(t)
	want := &sdk.CreateStageOutput{
		CreatedDate: aws.Time(testNow.Truncate(time.Second)), LastUpdatedDate: aws.Time(testNow.Truncate(time.Second)), StageName: aws.String("dev"),
		DefaultRouteSettings: &types.RouteSettings{DetailedMetricsEnabled: aws.Bool(false)},
		RouteSettings:        map[string]types.RouteSettings{}, StageVariables: map[string]string{}, Tags: map[string]string{},
	}
	if diff := cmp.Diff(stage, want, ignoreMetadata, ignoreDocuments); diff != "" {
		t.Errorf("CreateStage (-got +want):\n%s", diff)
	}
	_, err := f.CreateDeployment(ctx, &sdk.CreateDeploymentInput{ApiId: api, StageName: aws.String("dev")})
	wantError(t, err, badRequest, "Unable to deploy API because no routes exist in this API")

	target := aws.String("integrations/" + *newIntegration(t, f, api))
	route := must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /a"), Target: target}))(t)
	if f.plane.stages[*api+"/dev"] != nil {
		t.Error("a stage without a deployment is served")
	}
	d := must(f.CreateDeployment(ctx, &sdk.CreateDeploymentInput{ApiId: api, StageName: aws.String("dev")}))(t)
	if *d.AutoDeployed || d.DeploymentStatus != types.DeploymentStatusDeployed {
		t.Errorf("%+v", d)
	}
	must(f.UpdateRoute(ctx, &sdk.UpdateRouteInput{ApiId: api, RouteId: route.RouteId, RouteKey: aws.String("GET /b")}))(t)
	if diff := cmp.Diff(f.plane.routeKeys(*api, "dev"), []string{"GET /a"}); diff != "" {
		t.Errorf("a change shows before it is deployed: %s", diff)
	}
	must(f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: api, StageName: aws.String("dev"), StageVariables: map[string]string{"k": "v"}}))(t)
	if got := f.plane.stages[*api+"/dev"]; got.Variables["k"] != "v" || got.HTTP.Deployment.Routes[0].Key != "GET /a" {
		t.Errorf("stage settings apply at once, to the deployment that is served: %+v", got)
	}
	second := must(f.CreateDeployment(ctx, &sdk.CreateDeploymentInput{ApiId: api}))(t)
	if diff := cmp.Diff(f.plane.routeKeys(*api, "dev"), []string{"GET /a"}); diff != "" {
		t.Errorf("a deployment without a stage is served: %s", diff)
	}
	_, err = f.DeleteDeployment(ctx, &sdk.DeleteDeploymentInput{ApiId: api, DeploymentId: d.DeploymentId})
	wantError(t, err, badRequest, "Active stages pointing to this deployment must be moved or deleted")
	must(f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: api, StageName: aws.String("dev"), DeploymentId: second.DeploymentId}))(t)
	if diff := cmp.Diff(f.plane.routeKeys(*api, "dev"), []string{"GET /b"}); diff != "" {
		t.Error(diff)
	}
	must(f.DeleteDeployment(ctx, &sdk.DeleteDeploymentInput{ApiId: api, DeploymentId: d.DeploymentId}))(t)
	must(f.DeleteStage(ctx, &sdk.DeleteStageInput{ApiId: api, StageName: aws.String("dev")}))(t)
	_, err = f.GetStage(ctx, &sdk.GetStageInput{ApiId: api, StageName: aws.String("dev")})
	wantError(t, err, notFound, "Invalid stage identifier specified")
	if f.plane.stages[*api+"/dev"] != nil {
		t.Error("a deleted stage is served")
	}
}

func TestAutoDeploy(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	must(f.CreateStage(ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true)}))(t)
	target := aws.String("integrations/" + *newIntegration(t, f, api))
	for _, key := range []string{"GET /a", "GET /b"} {
		must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: &key, Target: target}))(t)
	}
	if diff := cmp.Diff(f.plane.routeKeys(*api, "$default"), []string{"GET /a", "GET /b"}); diff != "" {
		t.Error(diff)
	}
	st := must(f.GetStage(ctx, &sdk.GetStageInput{ApiId: api, StageName: aws.String("$default")}))(t)
	_, err := f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: api, StageName: aws.String("$default"), DeploymentId: aws.String("other1")})
	wantError(t, err, badRequest, "Deployment ID cannot be set on this stage because AutoDeploy is enabled")

	f.plane.refuse = errors.New("no room")
	must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /c"), Target: target}))(t)
	after := must(f.GetStage(ctx, &sdk.GetStageInput{ApiId: api, StageName: aws.String("$default")}))(t)
	if *after.DeploymentId != *st.DeploymentId || *after.LastDeploymentStatusMessage != "Deployment attempt failed: no room" {
		t.Errorf("after a failed deployment: %s %s", *after.DeploymentId, *after.LastDeploymentStatusMessage)
	}
	all := must(f.GetDeployments(ctx, &sdk.GetDeploymentsInput{ApiId: api}))(t).Items
	if last := all[len(all)-1]; last.DeploymentStatus != types.DeploymentStatusFailed || *last.DeploymentStatusMessage != "no room" {
		t.Errorf("%+v", last)
	}
}

func TestRestore(t *testing.T) {
	dir := t.TempDir()
	db := must(store.Open(dir))(t)
	f := setup(t, func(c *Config) { c.DB = db })
	created := must(f.CreateApi(ctx, &sdk.CreateApiInput{Name: aws.String("a"), ProtocolType: types.ProtocolTypeHttp, Target: aws.String(function)}))(t)
	must(f.UpdateStage(ctx, &sdk.UpdateStageInput{ApiId: created.ApiId, StageName: aws.String("$default"), StageVariables: map[string]string{"k": "v"}}))(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db = must(store.Open(dir))(t)
	defer db.Close()
	fresh := newPlane()
	if err := New(Config{DB: db, DataPlane: fresh, Now: func() time.Time { return testNow }}).Restore(ctx); err != nil {
		t.Fatal(err)
	}
	got, want := fresh.stages[*created.ApiId+"/$default"], f.plane.stages[*created.ApiId+"/$default"]
	got.Version = want.Version // counts anew in each process
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("after a restart (-got +want):\n%s", diff)
	}
}

// Every route of an API that deploys itself is a deployment.
func BenchmarkCreateRoute(b *testing.B) {
	db := must(store.Open(""))(b)
	s := New(Config{DB: db, DataPlane: newPlane(), Now: func() time.Time { return testNow }})
	api, err := s.createApi(ctx, &wire.CreateApiInput{Name: aws.String("a"), ProtocolType: aws.String("HTTP"), Target: aws.String(function)})
	if err != nil {
		b.Fatal(err)
	}
	for i := range maxPerAPI - 2 {
		if _, err := s.createRoute(ctx, &wire.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String(fmt.Sprintf("GET /r%d/{id}", i))}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := s.createRoute(ctx, &wire.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String("GET /last")})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.deleteRoute(ctx, &wire.DeleteRouteInput{ApiId: api.ApiId, RouteId: r.RouteId}); err != nil {
			b.Fatal(err)
		}
	}
}

// Request parameters of a route are kept and shown, and named among what has no effect.
func TestRouteRequestParameters(t *testing.T) {
	f := setup(t)
	api := newAPI(t, f)
	const key = "route.request.querystring.q"
	r := must(f.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String("GET /pets"),
		RequestParameters: map[string]types.ParameterConstraints{key: {Required: aws.Bool(true)}}}))(t)
	if got := r.RequestParameters[key]; !aws.ToBool(got.Required) {
		t.Errorf("got %v", r.RequestParameters)
	}
	if got, _ := f.svc.Coverage(ctx, *api); !cmp.Equal(got, []string{"Route.requestParameters"}) {
		t.Errorf("unenforced: %v", got)
	}
	remove := &sdk.DeleteRouteRequestParameterInput{ApiId: api, RouteId: r.RouteId, RequestParameterKey: aws.String(key)}
	must(f.DeleteRouteRequestParameter(ctx, remove))(t)
	if got := must(f.GetRoute(ctx, &sdk.GetRouteInput{ApiId: api, RouteId: r.RouteId}))(t); len(got.RequestParameters) != 0 {
		t.Errorf("after the deletion: %v", got.RequestParameters)
	}
	strict := setup(t, func(c *Config) { c.Strict = true })
	_, err := strict.CreateRoute(ctx, &sdk.CreateRouteInput{ApiId: newAPI(t, strict), RouteKey: aws.String("GET /pets"),
		RequestParameters: map[string]types.ParameterConstraints{key: {}}})
	wantError(t, err, badRequest, "Route.requestParameters is not emulated: AWS checks parameters for WebSocket APIs only")
}
