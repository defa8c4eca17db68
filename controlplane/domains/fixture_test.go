package domains_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/smithy-go"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/domains"
	wirev1 "github.com/postern/postern/controlplane/internal/wire/apigateway"
	wirev2 "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

const (
	certificate = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
	otherRegion = "arn:aws:acm:eu-west-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
)

var epoch = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// table remembers what it was handed.
type table struct{ last *snapshot.Domains }

func (t *table) Set(d *snapshot.Domains) { t.last = d }

// apis are one REST and one HTTP API with a stage each, and a WebSocket API.
type apis struct{}

var kinds = map[string]snapshot.Kind{"rest": snapshot.KindREST, "http": snapshot.KindHTTP, "ws": snapshot.KindWebSocket}

func (apis) Kind(_ *store.Tx, _ store.Scope, id string) (snapshot.Kind, bool) {
	kind, ok := kinds[id]
	return kind, ok
}

func (apis) HasStage(_ *store.Tx, _ store.Scope, id, stage string) bool {
	return kinds[id] != "" && (stage == "dev" || stage == "prod")
}

type fixture struct {
	*testing.T
	one   *v1.Client
	two   *v2.Client
	table *table
	db    *store.DB
	svc   *domains.Service
	// other gives clients of another account or region of the same service.
	other func(account, region string) (*v1.Client, *v2.Client)
}

func newFixture(t *testing.T, change ...func(*domains.Config)) *fixture {
	t.Helper()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, table: &table{}, db: db}
	bundle := newBundle(t)
	cfg := domains.Config{
		DB: db, Table: f.table, APIs: apis{}, Now: func() time.Time { return epoch },
		ReadObject: func(_ context.Context, scope store.Scope, bucket, key, version string) ([]byte, error) {
			switch bucket + "/" + key + "@" + version {
			case "trust/good.pem@", "trust/good.pem@v2":
				return bundle, nil
			case "trust/bad.pem@":
				return append([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), bundle...), nil
			case "trust/large.pem@":
				return make([]byte, 1<<20+1), nil
			}
			return nil, errors.New("NoSuchKey: The specified key does not exist.")
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	f.svc = domains.New(cfg)
	muxV1 := awsapi.NewMux(&wirev1.Service, f.svc.OperationsV1(), awsapi.Options{})
	muxV2 := awsapi.NewMux(&wirev2.Service, f.svc.OperationsV2(), awsapi.Options{Unchecked: true, ISOTimes: true})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Credential=ACCOUNT/DATE/REGION/…: enough of the front door for a test.
		_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		parts := strings.Split(credential, "/")
		r = r.WithContext(awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: parts[0], Region: parts[2]}))
		if strings.HasPrefix(r.URL.Path, "/v2/") {
			muxV2.ServeHTTP(w, r)
			return
		}
		muxV1.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	f.other = func(account, region string) (*v1.Client, *v2.Client) {
		creds := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "test"}, nil
		})
		return v1.New(v1.Options{BaseEndpoint: &srv.URL, Region: region, Retryer: aws.NopRetryer{}, Credentials: creds}),
			v2.New(v2.Options{BaseEndpoint: &srv.URL, Region: region, Retryer: aws.NopRetryer{}, Credentials: creds})
	}
	f.one, f.two = f.other("000000000000", "us-east-1")
	return f
}

func newBundle(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: epoch.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func must[Out any](f *fixture) func(*Out, error) *Out {
	return func(out *Out, err error) *Out {
		f.Helper()
		if err != nil {
			f.Fatal(err)
		}
		return out
	}
}

func (f *fixture) refused(err error, code, message string) {
	f.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || api.ErrorMessage() != message {
		f.Errorf("got  %v\nwant %s: %s", err, code, message)
	}
}

// regional makes a public domain by v1.
func (f *fixture) regional(name string) *v1.CreateDomainNameOutput {
	f.Helper()
	return must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(f.Context(), &v1.CreateDomainNameInput{
		DomainName: &name, RegionalCertificateArn: aws.String(certificate), EndpointConfiguration: endpoint("REGIONAL")}))
}

// private makes a private domain.
func (f *fixture) private(name string) *v1.CreateDomainNameOutput {
	f.Helper()
	return must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(f.Context(), &v1.CreateDomainNameInput{
		DomainName: &name, CertificateArn: aws.String(certificate), EndpointConfiguration: endpoint("PRIVATE"),
		Policy: aws.String(`{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}`)}))
}

func endpoint(types ...v1types.EndpointType) *v1types.EndpointConfiguration {
	return &v1types.EndpointConfiguration{Types: types}
}

// configuration is what v2 needs to make a domain.
func configuration(arn string) []v2types.DomainNameConfiguration {
	return []v2types.DomainNameConfiguration{{CertificateArn: &arn}}
}

// ops reads "op path value" triples; "-" is no value.
func ops(list ...string) []v1types.PatchOperation {
	var out []v1types.PatchOperation
	for i := 0; i < len(list); i += 3 {
		o := v1types.PatchOperation{Op: v1types.Op(list[i]), Path: &list[i+1]}
		if list[i+2] != "-" {
			o.Value = &list[i+2]
		}
		out = append(out, o)
	}
	return out
}
