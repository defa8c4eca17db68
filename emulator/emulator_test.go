package emulator_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

func TestSeveralEmulatorsShareNothing(t *testing.T) {
	a, b := emulatortest.Start(t), emulatortest.Start(t)
	if _, err := a.APIGateway().CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("pets")}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		p    *emulatortest.Postern
		want int
	}{{"own", a, 1}, {"other account", a.Account("111122223333"), 0}, {"other emulator", b, 0}} {
		out, err := tc.p.APIGateway().GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
		if err != nil || len(out.Items) != tc.want {
			t.Errorf("%s: got %d APIs (%v), want %d", tc.name, len(out.Items), err, tc.want)
		}
	}
}

func TestAccountIsTwelveDigitKey(t *testing.T) {
	p := emulatortest.Start(t)
	out, err := p.Account("111122223333").STS().GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(out.Account) != "111122223333" {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestResetForgetsEverything(t *testing.T) {
	p := emulatortest.Start(t)
	api := quickCreate(t, p, "http://127.0.0.1:9/")
	if res, _ := get(t, p, api+"/"); res.StatusCode == http.StatusNotFound {
		t.Fatalf("the API is not served: %s", res.Status)
	}
	if res := post(t, p.URL()+"/_postern/reset", ""); res.StatusCode != http.StatusOK {
		t.Fatalf("reset answered %s", res.Status)
	}
	out, err := p.APIGatewayV2().GetApis(t.Context(), &apigatewayv2.GetApisInput{})
	if err != nil || len(out.Items) != 0 {
		t.Errorf("after reset there are %d APIs, %v", len(out.Items), err)
	}
	res, body := get(t, p, api+"/")
	t.Logf("unknown API: %s %s", res.Status, body)
	if res.StatusCode < 400 {
		t.Errorf("the API is still served: %s", res.Status)
	}
}

func TestClockMoves(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) {
		c.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	})
	if res := post(t, p.URL()+"/_postern/clock", `{"advance": "1h"}`); res.StatusCode != http.StatusOK {
		t.Fatalf("clock answered %s", res.Status)
	}
	api, err := p.APIGatewayV2().CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("late"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 1, 2, 4, 4, 5, 0, time.UTC); !api.CreatedDate.Equal(want) {
		t.Errorf("created at %v, want %v", api.CreatedDate, want)
	}
	if res := post(t, p.URL()+"/_postern/clock", `{"advance": "soon"}`); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a bad duration answered %s", res.Status)
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = emulator.Start(t.Context(), emulator.Config{Listen: l.Addr().String(), Lambda: emulator.LambdaConfig{Executor: emulator.ExecutorProcess}})
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that names the address", err)
	}
}

func TestDataDirKeepsAPIsServed(t *testing.T) {
	dir := t.TempDir()
	backend := backendURL(t)
	keep := func(c *emulator.Config) { c.DataDir = dir }
	p := emulatortest.Start(t, keep)
	id := quickCreateID(t, p, backend)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Fatal(err)
	}
	p = emulatortest.Start(t, keep)
	res, body := get(t, p, p.URL()+"/_aws/execute-api/"+id+"/$default/x")
	if res.StatusCode != http.StatusOK || body != "from the backend" {
		t.Errorf("after a restart: %s %q", res.Status, body)
	}
}

func TestCoverageNamesWhatIsNotBuilt(t *testing.T) {
	p := emulatortest.Start(t)
	_, body := get(t, p, p.URL()+"/_postern/coverage")
	var got struct {
		Services []struct {
			Service        string
			Built, Unbuilt []string
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	totals := map[string]int{}
	for _, s := range got.Services {
		totals[s.Service] = len(s.Built) + len(s.Unbuilt)
	}
	for service, want := range map[string]int{"apigateway": 124, "apigatewayv2": 103, "apigatewaymanagementapi": 3, "lambda": 85} {
		if totals[service] != want {
			t.Errorf("%s has %d operations, want %d", service, totals[service], want)
		}
	}
}

func TestVerifySignatures(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.VerifySignatures = true })
	if _, err := p.APIGateway().GetRestApis(t.Context(), &apigateway.GetRestApisInput{}); err != nil {
		t.Errorf("the default key pair: %v", err)
	}
	cfg := p.AWS.Copy()
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "wrong"}, nil
	})
	_, err := apigateway.NewFromConfig(cfg).GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
	if err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") {
		t.Errorf("a wrong secret: %v", err)
	}
}

func quickCreateID(t *testing.T, p *emulatortest.Postern, target string) string {
	t.Helper()
	api, err := p.APIGatewayV2().CreateApi(t.Context(), &apigatewayv2.CreateApiInput{
		Name: aws.String("quick"), ProtocolType: v2types.ProtocolTypeHttp, Target: aws.String(target)})
	if err != nil {
		t.Fatal(err)
	}
	return *api.ApiId
}

func quickCreate(t *testing.T, p *emulatortest.Postern, target string) string {
	t.Helper()
	return p.URL() + "/_aws/execute-api/" + quickCreateID(t, p, target) + "/$default"
}

func get(t *testing.T, p *emulatortest.Postern, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.HTTP().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func post(t *testing.T, url, body string) *http.Response {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return res
}
