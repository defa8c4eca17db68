package apigateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

const account = "111111111111"

// plane is a data plane that remembers.
type plane struct {
	mu     sync.Mutex
	apis   map[string]snapshot.API
	stages map[string]*snapshot.Stage
	refuse error
	test   func(context.Context, *snapshot.Stage, snapshot.RESTTestRequest) (snapshot.RESTTestResult, error)
	ask    func(*snapshot.Stage, snapshot.RESTTestRequest) (snapshot.RESTAuthorizerResult, error)
}

func (p *plane) Register(a snapshot.API) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.apis[a.ID] = a
	return nil
}

func (p *plane) Known(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.apis[id]
	return ok
}

func (p *plane) Unregister(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.apis, id)
	for k, s := range p.stages {
		if s.API.ID == id {
			delete(p.stages, k)
		}
	}
}

func (p *plane) Publish(s *snapshot.Stage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != nil {
		return p.refuse
	}
	p.stages[s.API.ID+"/"+s.Name] = s
	return s.Validate()
}

func (p *plane) Withdraw(api, stage string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.stages, api+"/"+stage)
}

func (p *plane) stage(api, name string) *snapshot.Stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stages[api+"/"+name]
}

// fixture is a service behind HTTP with the SDK's client in front.
type fixture struct {
	*testing.T
	c     *sdk.Client
	plane *plane
	url   string
	db    *store.DB
	now   time.Time
}

var epoch = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func newPlane() *plane {
	return &plane{apis: map[string]snapshot.API{}, stages: map[string]*snapshot.Stage{}}
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, plane: newPlane(), db: db, now: epoch}
	svc := apigateway.New(apigateway.Config{
		DB: db, DataPlane: f.plane, Now: func() time.Time { return f.now },
		TestInvoke: func(ctx context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTTestResult, error) {
			return f.plane.test(ctx, s, in)
		},
		TestAuthorize: func(_ context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTAuthorizerResult, error) {
			return f.plane.ask(s, in)
		},
		CheckPattern: func(expression string) error { _, err := regexp.Compile(expression); return err },
	})
	mux := svc.Mux()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: account, Region: "us-east-1", RequestID: "req"})
		mux.ServeHTTP(w, r.WithContext(ctx))
	}))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	f.c = sdk.New(sdk.Options{
		BaseEndpoint: aws.String(srv.URL), Region: "us-east-1", Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return f
}

// must fails the test on an error of the call.
func must[Out any](f *fixture) func(*Out, error) *Out {
	return func(out *Out, err error) *Out {
		f.Helper()
		if err != nil {
			f.Fatal(err)
		}
		return out
	}
}

// refused checks an error's code and its text, to the letter.
func (f *fixture) refused(err error, code, message string) {
	f.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		f.Errorf("got %v, want %s", err, code)
		return
	}
	if api.ErrorCode() != code || api.ErrorMessage() != message {
		f.Errorf("got  %s: %s\nwant %s: %s", api.ErrorCode(), api.ErrorMessage(), code, message)
	}
}

func (f *fixture) api() (id, root string) {
	f.Helper()
	out := must[sdk.CreateRestApiOutput](f)(f.c.CreateRestApi(f.Context(), &sdk.CreateRestApiInput{Name: aws.String("pets")}))
	return *out.Id, *out.RootResourceId
}

func (f *fixture) resource(api, parent, part string) string {
	f.Helper()
	return *must[sdk.CreateResourceOutput](f)(f.c.CreateResource(f.Context(), &sdk.CreateResourceInput{RestApiId: &api, ParentId: &parent, PathPart: &part})).Id
}

func (f *fixture) method(api, resource, verb string) {
	f.Helper()
	must[sdk.PutMethodOutput](f)(f.c.PutMethod(f.Context(), &sdk.PutMethodInput{
		RestApiId: &api, ResourceId: &resource, HttpMethod: &verb, AuthorizationType: aws.String("NONE"),
	}))
}

// mock puts a method with a mock integration.
func (f *fixture) mock(api, resource, verb string) {
	f.Helper()
	f.method(api, resource, verb)
	must[sdk.PutIntegrationOutput](f)(f.c.PutIntegration(f.Context(), &sdk.PutIntegrationInput{
		RestApiId: &api, ResourceId: &resource, HttpMethod: &verb, Type: types.IntegrationTypeMock,
		RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	}))
}

func (f *fixture) deploy(api, stage string) string {
	f.Helper()
	in := &sdk.CreateDeploymentInput{RestApiId: &api}
	if stage != "" {
		in.StageName = &stage
	}
	return *must[sdk.CreateDeploymentOutput](f)(f.c.CreateDeployment(f.Context(), in)).Id
}

func ops(list ...string) []types.PatchOperation {
	if len(list)%3 != 0 {
		panic(fmt.Sprint("ops wants op, path, value: ", list))
	}
	var out []types.PatchOperation
	for i := 0; i < len(list); i += 3 {
		o := types.PatchOperation{Op: types.Op(list[i]), Path: &list[i+1]}
		if list[i+2] != "-" {
			o.Value = &list[i+2]
		}
		out = append(out, o)
	}
	return out
}

// A pinned id is the first part of a host name, which belongs to one API of all
// kinds, accounts and regions.
func TestPinnedID(t *testing.T) {
	f := newFixture(t)
	f.plane.apis["http1"] = snapshot.API{ID: "http1", Kind: snapshot.KindHTTP, AccountID: "222222222222"}
	pin := func(id string) (*sdk.CreateRestApiOutput, error) {
		return f.c.CreateRestApi(t.Context(), &sdk.CreateRestApiInput{Name: aws.String("a"), Tags: map[string]string{"_custom_id_": id}})
	}
	if out := must[sdk.CreateRestApiOutput](f)(pin("mine")); *out.Id != "mine" {
		t.Errorf("id %s", *out.Id)
	}
	for _, taken := range []string{"mine", "http1"} {
		_, err := pin(taken)
		f.refused(err, "ConflictException", "API id "+taken+" is in use")
	}
	_, err := pin("a/b")
	f.refused(err, "BadRequestException", "Tag _custom_id_ must be a host name's part of lower-case letters, digits and hyphens")
}
