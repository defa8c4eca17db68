package emulator_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// streamer answers in two parts: the second when there is a file of the name that
// the request asks for.
const streamer = `
const fs = require("node:fs");
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { "Content-Type": "text/plain" } });
  stream.write("first\n");
  while (!fs.existsSync(event.queryStringParameters.file)) await new Promise((next) => setTimeout(next, 10));
  stream.write("last\n");
  stream.end();
});
`

// integrate puts ANY / in front of an integration.
func (a *restAPI) integrate(in apigateway.PutIntegrationInput) {
	a.Helper()
	if _, err := a.sdk.PutMethod(a.Context(), &apigateway.PutMethodInput{
		RestApiId: &a.id, ResourceId: &a.root, HttpMethod: aws.String("ANY"), AuthorizationType: aws.String("NONE"),
	}); err != nil {
		a.Fatal(err)
	}
	in.RestApiId, in.ResourceId, in.HttpMethod = &a.id, &a.root, aws.String("ANY")
	if _, err := a.sdk.PutIntegration(a.Context(), &in); err != nil {
		a.Fatal(err)
	}
}

// stage changes the stage that deploy made.
func (a *restAPI) stage(changes ...string) {
	a.Helper()
	in := &apigateway.UpdateStageInput{RestApiId: &a.id, StageName: aws.String("prod")}
	for _, c := range changes {
		path, value, _ := strings.Cut(c, "=")
		in.PatchOperations = append(in.PatchOperations, v1types.PatchOperation{Op: v1types.OpReplace, Path: &path, Value: &value})
	}
	if _, err := a.sdk.UpdateStage(a.Context(), in); err != nil {
		a.Fatal(err)
	}
}

func TestRESTFunctionStreams(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	arn := function(t, p, "streamer", "nodejs20.x", "index.js", streamer)
	a := newRestAPI(t, p, "")
	in := apigateway.PutIntegrationInput{
		Type: v1types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), ResponseTransferMode: v1types.ResponseTransferModeStream,
		TimeoutInMillis: aws.Int32(900000), Uri: aws.String(strings.NewReplacer("2015-03-31", "2021-11-15", "/invocations", "/response-streaming-invocations").Replace(*invocations(arn))),
	}
	a.integrate(in)
	file := filepath.Join(t.TempDir(), "go-on")
	res, err := p.HTTP().Get(a.deploy() + "?file=" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 201 || res.Header.Get("Content-Type") != "text/plain" || res.ContentLength != -1 {
		t.Errorf("got %d %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewReader(res.Body)
	if got, err := lines.ReadString('\n'); got != "first\n" {
		t.Fatalf("got %q, %v before the last part was made", got, err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(lines); string(got) != "last\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	in.ResponseTransferMode, in.TimeoutInMillis = v1types.ResponseTransferModeBuffered, nil
	in.RestApiId, in.ResourceId, in.HttpMethod = &a.id, &a.root, aws.String("ANY")
	var bad *v1types.BadRequestException
	if _, err := a.sdk.PutIntegration(t.Context(), &in); !errors.As(err, &bad) {
		t.Errorf("an address for streaming without streaming: got %v", err)
	}
}

func TestRESTStageCache(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	var calls atomic.Int64
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, calls.Add(1)) }))
	t.Cleanup(backend.Close)
	a := newRestAPI(t, p, "")
	a.integrate(apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: &backend.URL})
	address := a.deploy()
	want := func(what, want string, header ...string) {
		t.Helper()
		if _, body, h := call(t, p, address, nil, header...); body != want || h.Get("X-Cache") != "" {
			t.Errorf("%s: got %s %v", what, body, h)
		}
	}
	want("no cluster", "1")
	a.stage("/cacheClusterEnabled=true", "/cacheClusterSize=0.5", "/*/*/caching/enabled=true", "/*/*/caching/dataEncrypted=true")
	want("first", "2")
	want("cached", "2")
	want("not allowed to invalidate", "2", "Cache-Control", "max-age=0")
	a.stage("/*/*/caching/requireAuthorizationForCacheControl=false")
	want("still there", "2")
	want("invalidated", "3", "Cache-Control", "max-age=0")
	if _, err := a.sdk.FlushStageCache(t.Context(), &apigateway.FlushStageCacheInput{RestApiId: &a.id, StageName: aws.String("prod")}); err != nil {
		t.Fatal(err)
	}
	want("flushed", "4")
	want("cached anew", "4")
	_, err := a.sdk.FlushStageCache(t.Context(), &apigateway.FlushStageCacheInput{RestApiId: &a.id, StageName: aws.String("other")})
	if err == nil || !strings.Contains(err.Error(), "Invalid stage identifier specified") {
		t.Errorf("flush of a stage that is none: got %v", err)
	}
}

func TestRESTClientCertificate(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.TLS.PeerCertificates {
			fmt.Fprint(w, c.Subject.CommonName)
		}
	}))
	backend.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	backend.Config.ErrorLog = log.New(io.Discard, "", 0)
	backend.StartTLS()
	t.Cleanup(backend.Close)
	a := newRestAPI(t, p, "")
	in := apigateway.PutIntegrationInput{
		Type: v1types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: &backend.URL,
		TlsConfig: &v1types.TlsConfig{InsecureSkipVerification: true},
	}
	a.integrate(in)
	address := a.deploy()
	if status, body, _ := call(t, p, address, nil); status != 200 || body != "" {
		t.Errorf("without a certificate: got %d %s", status, body)
	}
	cert, err := a.sdk.GenerateClientCertificate(t.Context(), &apigateway.GenerateClientCertificateInput{})
	if err != nil {
		t.Fatal(err)
	}
	a.stage("/clientCertificateId=" + *cert.ClientCertificateId)
	if status, body, _ := call(t, p, address, nil); status != 200 || body != "ApiGateway" {
		t.Errorf("with a certificate: got %d %s", status, body)
	}
}

func TestRESTVPCLinks(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host, r.URL) }))
	t.Cleanup(backend.Close)
	const host = "pets-0123456789abcdef.elb.us-east-1.amazonaws.com"
	p := emulatortest.Start(t, func(c *emulator.Config) {
		c.Strict, c.VPCLinks = true, map[string]string{"abc123": backend.URL, host: backend.URL}
	})
	for link, uri := range map[string]string{"abc123": "http://pets.internal:8080/pets", "other1": "http://" + host + "/pets"} {
		a := newRestAPI(t, p, "")
		a.integrate(apigateway.PutIntegrationInput{
			Type: v1types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: &uri, ConnectionType: v1types.ConnectionTypeVpcLink, ConnectionId: &link,
		})
		if status, body, _ := call(t, p, a.deploy(), nil); status != 200 || "http://"+body != uri {
			t.Errorf("%s: got %d %s", link, status, body)
		}
	}
}

// Without a target a link's integration calls its own address, as long as there is
// such a link.
func TestRESTVPCLinkWithoutTarget(t *testing.T) {
	backend := echoServer(t)
	p := emulatortest.Start(t)
	v1, err := p.APIGateway().CreateVpcLink(t.Context(), &apigateway.CreateVpcLinkInput{Name: aws.String("l"), TargetArns: []string{"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/l/1"}})
	if err != nil {
		t.Fatal(err)
	}
	v2, err := p.APIGatewayV2().CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: aws.String("l"), SubnetIds: []string{"subnet-1"}})
	if err != nil {
		t.Fatal(err)
	}
	for link, want := range map[string]int{*v1.Id: 200, *v2.VpcLinkId: 200, "zzzzzz": 500} {
		a := newRestAPI(t, p, "")
		a.integrate(apigateway.PutIntegrationInput{
			Type: v1types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: &backend, ConnectionType: v1types.ConnectionTypeVpcLink, ConnectionId: &link,
		})
		if status, body, _ := call(t, p, a.deploy(), nil); status != want {
			t.Errorf("%s: got %d %s", link, status, body)
		}
	}
}

func TestPrivateRESTAPI(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) {
		c.Strict, c.VPCEndpoints = true, map[string]string{"vpce-0a1b2c3d": "vpc-1", "vpce-00000000": "vpc-2"}
	})
	out, err := p.APIGateway().CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{
		Name: aws.String("private"), EndpointConfiguration: &v1types.EndpointConfiguration{Types: []v1types.EndpointType{v1types.EndpointTypePrivate}},
		Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*",
			"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d","aws:SourceVpc":"vpc-1"},"IpAddress":{"aws:VpcSourceIp":["127.0.0.0/8","::1"]},"Null":{"aws:SourceIp":"true"}}},
			{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "inside") }))
	t.Cleanup(backend.Close)
	a := &restAPI{t, p, p.APIGateway(), *out.Id, *out.RootResourceId}
	a.integrate(apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: &backend.URL})
	a.deploy()
	for _, tc := range []struct {
		name, host string
		header     []string
		status     int
	}{
		{"public", a.id + ".execute-api.localhost", nil, 403},
		{"its endpoint", a.id + "-vpce-0a1b2c3d.execute-api.us-east-1.localhost", nil, 200},
		{"another endpoint", a.id + "-vpce-0a1b2c3e.execute-api.us-east-1.localhost", nil, 403},
		{"endpoint by its own name", "vpce-0a1b2c3d-abcdefgh.execute-api.us-east-1.vpce.localhost", []string{"x-apigw-api-id", a.id}, 200},
	} {
		if status, body, _ := call(t, p, "http://"+tc.host+"/prod", nil, tc.header...); status != tc.status || status == 200 && body != "inside" {
			t.Errorf("%s: got %d %s", tc.name, status, body)
		}
	}
}
