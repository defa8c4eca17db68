package emulatortest

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/postern/postern/emulator"
)

// closeTime bounds how long a test waits for its emulator to end.
const closeTime = 30 * time.Second

// Postern is a running emulator and the way to it.
type Postern struct {
	*emulator.Emulator
	// AWS is the SDK configuration of a client: endpoint, region, credentials.
	AWS aws.Config
}

// Start runs an emulator until the test ends. Changes adjust its configuration; by
// default functions run as processes, which needs nothing installed.
func Start(t testing.TB, changes ...func(*emulator.Config)) *Postern {
	t.Helper()
	config := emulator.Config{Listen: "127.0.0.1:0", Lambda: emulator.LambdaConfig{Executor: emulator.ExecutorProcess}}
	for _, change := range changes {
		change(&config)
	}
	e, err := emulator.Start(t.Context(), config)
	if err != nil {
		t.Fatalf("start postern: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Errorf("close postern: %v", err)
		}
	})
	return &Postern{Emulator: e, AWS: aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(e.URL()),
		Credentials:  Credentials("test"),
	}}
}

// Credentials are those of an access key; a key of twelve digits is an account.
func Credentials(accessKey string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "test"}, nil
	})
}

// Account gives the same emulator as another account sees it.
func (p *Postern) Account(id string) *Postern {
	cfg := p.AWS.Copy()
	cfg.Credentials = Credentials(id)
	return &Postern{Emulator: p.Emulator, AWS: cfg}
}

// APIGateway is a client for REST APIs.
func (p *Postern) APIGateway() *apigateway.Client { return apigateway.NewFromConfig(p.AWS) }

// APIGatewayV2 is a client for HTTP and WebSocket APIs.
func (p *Postern) APIGatewayV2() *apigatewayv2.Client { return apigatewayv2.NewFromConfig(p.AWS) }

// Lambda is a client for functions.
func (p *Postern) Lambda() *lambda.Client { return lambda.NewFromConfig(p.AWS) }

// IAM is a client for roles and policies.
func (p *Postern) IAM() *iam.Client { return iam.NewFromConfig(p.AWS) }

// STS is a client for identities and temporary credentials.
func (p *Postern) STS() *sts.Client { return sts.NewFromConfig(p.AWS) }

// Logs is a client for CloudWatch Logs.
func (p *Postern) Logs() *cloudwatchlogs.Client { return cloudwatchlogs.NewFromConfig(p.AWS) }

// CloudWatch is a client for metrics and alarms.
func (p *Postern) CloudWatch() *cloudwatch.Client { return cloudwatch.NewFromConfig(p.AWS) }

// ACM is a client for certificates.
func (p *Postern) ACM() *acm.Client { return acm.NewFromConfig(p.AWS) }

// HTTP is a client for the APIs themselves: it reaches {api}.execute-api.localhost
// without DNS and follows no redirect.
func (p *Postern) HTTP() *http.Client {
	own, err := url.Parse(p.URL())
	if err != nil {
		return http.DefaultClient // URL is the emulator's own and always parses
	}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, ".localhost") {
			addr = own.Host
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
