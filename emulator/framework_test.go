package emulator_test

import (
	"bytes"
	"image"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/postern/postern/emulator/emulatortest"
)

// framework is a web framework, with adapters in front of it that turn events into
// requests; all as their makers publish them.
type framework struct {
	name    string
	runtime string
	install func(*testing.T) fs.FS
	// handlers are the handler of each adapter.
	handlers map[string]string
	missing  string // what it answers where it has no page
}

var frameworks = []framework{
	{"Express", "nodejs22.x", express, map[string]string{"serverless-http": "serverless-http.handler", "serverless-express": "serverless-express.handler"}, "Cannot GET "},
	{"chi", "provided.al2023", chi, map[string]string{"aws-lambda-go-api-proxy": "bootstrap"}, "404 page not found"},
}

// express installs the packages of the site in Express.
func express(t *testing.T) fs.FS {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/functions/express")); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "npm", "ci", "--omit=dev", "--no-bin-links", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts")
	return os.DirFS(dir)
}

// chi builds the site in Go, which is a module of its own.
func chi(t *testing.T) fs.FS {
	t.Helper()
	dir := t.TempDir()
	run(t, "../testdata/functions/chi", "go", "build", "-ldflags", "-s -w", "-o", filepath.Join(dir, "bootstrap"), ".")
	return os.DirFS(dir)
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// files are those of the function's package, with a picture to serve.
func (f *framework) files(t *testing.T, logo []byte) map[string]string {
	t.Helper()
	files := map[string]string{"public/logo.png": string(logo)}
	root := f.install(t)
	if err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, path)
		files[path] = string(b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

// create makes a function that API Gateway may call.
func (f *framework) create(t *testing.T, p *emulatortest.Postern, adapter string, files map[string]string) string {
	t.Helper()
	arn := createFunction(t, p, adapter, f.runtime, f.handlers[adapter], files)
	if _, err := p.Lambda().UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: &adapter, Timeout: aws.Int32(20)}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Lambda().AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: &adapter, StatementId: aws.String("gw"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	return arn
}

// front is a kind of API in front of a framework.
type front struct {
	name   string
	stage  string // before the paths of requests
	seen   string // before the paths that the framework sees
	create func(t *testing.T, p *emulatortest.Postern, arn string) (id string)
	custom bool // a domain name of one's own, with the API under shop/v1
	// crashed is what it answers when the function's process ends.
	crashed string
}

const (
	httpCrashed = `500 application/json {"message":"Internal Server Error"}`
	restCrashed = `502 application/json {"message": "Internal server error"}`
)

var fronts = []front{
	{"HTTP API, format 2.0, default stage", "", "", quickCreateID, false, httpCrashed},
	{"HTTP API, format 2.0, stage", "/dev", "/dev", httpFront("2.0"), false, httpCrashed},
	// AWS: the path in events of format 2.0 has the stage, which the request had not, and not the mapping's key.
	{"HTTP API, format 2.0, custom domain", "/shop/v1", "/dev", httpFront("2.0"), true, httpCrashed},
	{"HTTP API, format 1.0, stage", "/dev", "/dev", httpFront("1.0"), false, httpCrashed},
	// AWS: the path in events of REST APIs has no stage.
	{"REST API", "/dev", "", restFront, false, restCrashed},
}

func httpFront(format string) func(*testing.T, *emulatortest.Postern, string) string {
	return func(t *testing.T, p *emulatortest.Postern, arn string) string {
		t.Helper()
		v2, ctx := p.APIGatewayV2(), t.Context()
		api, err := v2.CreateApi(ctx, &apigatewayv2.CreateApiInput{Name: aws.String("site"), ProtocolType: v2types.ProtocolTypeHttp})
		if err != nil {
			t.Fatal(err)
		}
		integration, err := v2.CreateIntegration(ctx, &apigatewayv2.CreateIntegrationInput{ApiId: api.ApiId, IntegrationType: v2types.IntegrationTypeAwsProxy,
			IntegrationUri: &arn, PayloadFormatVersion: &format})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v2.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String("$default"),
			Target: aws.String("integrations/" + *integration.IntegrationId)}); err != nil {
			t.Fatal(err)
		}
		if _, err := v2.CreateStage(ctx, &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String("dev"), AutoDeploy: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		return *api.ApiId
	}
}

func restFront(t *testing.T, p *emulatortest.Postern, arn string) string {
	t.Helper()
	v1, ctx := p.APIGateway(), t.Context()
	api, err := v1.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("site"), BinaryMediaTypes: []string{"*/*"}})
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := v1.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: aws.String("{proxy+}")})
	if err != nil {
		t.Fatal(err)
	}
	for _, resource := range []*string{api.RootResourceId, proxy.Id} {
		if _, err := v1.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: resource, HttpMethod: aws.String("ANY"), AuthorizationType: aws.String("NONE")}); err != nil {
			t.Fatal(err)
		}
		if _, err := v1.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: resource, HttpMethod: aws.String("ANY"),
			Type: v1types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), Uri: invocations(arn)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v1.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("dev")}); err != nil {
		t.Fatal(err)
	}
	return *api.Id
}

// TestFramework puts the same web site, written for frameworks that know nothing of
// Postern, behind each kind of API, and uses it as a browser would.
func TestFramework(t *testing.T) {
	p := emulatortest.Start(t)
	logo := picture(t)
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			files := f.files(t, logo)
			for adapter := range f.handlers {
				arn := f.create(t, p, adapter, files)
				t.Run(adapter, func(t *testing.T) {
					for _, front := range fronts {
						t.Run(front.name, func(t *testing.T) {
							id := front.create(t, p, arn)
							host := id + ".execute-api.localhost"
							if front.custom {
								host = id + ".example.localhost"
								createDomain(t, p, host, "")
								mapAPI(t, p, host, "shop/v1", id, "dev")
							}
							s := &website{T: t, p: p, front: &front, framework: &f, client: p.HTTP(), id: id, host: host, logo: logo}
							s.check()
						})
					}
				})
			}
		})
	}
}

// picture is a PNG that compresses badly.
func picture(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(random.UintN(256))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return slices.Clip(b.Bytes())
}
