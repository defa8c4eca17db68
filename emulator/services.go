package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/apigatewaymanagementapi"
	"github.com/postern/postern/controlplane/apigatewayv2"
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/domains"
	"github.com/postern/postern/controlplane/supporting/acm"
	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/controlplane/supporting/logs"
	"github.com/postern/postern/controlplane/supporting/sts"
	"github.com/postern/postern/controlplane/usage"
	"github.com/postern/postern/emulator/oidc"
	"github.com/postern/postern/emulator/recorder"
	"github.com/postern/postern/lambda"
	lambdaapi "github.com/postern/postern/lambda/api"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/authorizer"
	domaintable "github.com/postern/postern/runtime/domains"
	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
	meter "github.com/postern/postern/runtime/usage"
	"github.com/postern/postern/runtime/validate"
)

// service is an AWS service behind the port.
type service interface {
	http.Handler
	Coverage() awsapi.Coverage
}

// services are the parts behind the front door, joined.
type services struct {
	e              *Emulator
	muxes          map[string]service // by the name that the front door gives them
	executor       executor.Executor
	executorReason string
	pool           *executor.Pool
	iam            *iam.Service
	keys           *keys
	logs           *logs.Service
	cloudwatch     *cloudwatch.Service
	acm            *acm.Service
	lambda         *lambda.Service
	lambdaAPI      *lambdaapi.API
	gateway        *runtime.Gateway
	rest           *apigateway.Service
	usage          *usage.Service
	meter          *meter.Meter
	counts         *counts // nil: nothing outlives this process
	http           *apigatewayv2.Service
	domains        *domains.Service
	names          *domaintable.Table
	recorder       *recorder.Recorder
	issuer         *oidc.Issuer
}

func (e *Emulator) newServices(ctx context.Context) (*services, error) {
	s := &services{e: e}
	var err error
	if s.executor, s.executorReason, err = e.chooseExecutor(ctx); err != nil {
		return nil, err
	}
	now := e.clock.Now
	s.iam = iam.New(iam.Config{DB: e.db, Now: now, Logger: e.log, Strict: e.cfg.Strict})
	s.keys = &keys{iam: s.iam}
	s.logs = logs.New(logs.Config{DB: e.db, Now: now, Logger: e.log, Strict: e.cfg.Strict})
	s.cloudwatch = e.newCloudWatch()
	s.acm = acm.New(acm.Config{DB: e.db, Issue: e.authority.Issue, InUseBy: domains.CertificateUsers, Now: now, Logger: e.log, Strict: e.cfg.Strict})
	s.pool = executor.NewPool(executor.Config{
		Executor: s.executor, Sink: functionLogs{s.logs}, Now: now, Logger: e.log,
		IdleTTL: e.cfg.Lambda.Idle, MaxEnvironments: e.cfg.Lambda.MaxEnvironments,
	})
	s.lambda = lambda.New(lambda.Config{DB: e.db, Pool: s.pool, Now: now, Logger: e.log, NewID: newRequestID, Credentials: s.keys.forFunction, FetchObject: e.fetchObject, OnInvocation: e.publishInvocation})
	s.lambdaAPI = lambdaapi.New(lambdaapi.Config{Service: s.lambda, Logger: e.log, Strict: e.cfg.Strict})

	backends := integration.NewBackends()
	s.issuer = oidc.New(e.cfg.DataDir, now)
	s.recorder = recorder.New(recorder.DefaultSize, now)
	s.meter = meter.NewMeter(now)
	issuers := authorizer.NewKeySets(nil, now)
	issuers.Locate = e.keyAddress
	signers := &signers{keys: s.keys, account: e.cfg.Account, lenient: e.cfg.IAM == IAMLenient}
	invoker := functionInvoker{s.lambda, &roles{s.iam, signers}}
	restType := rest.New(rest.Deps{ExecutionLogs: executionLogs(s.logs), Lambda: invoker, Backends: backends, Services: s.awsServices(), PrivateTarget: e.cfg.privateTarget, Usage: s.meter, Keys: issuers, AccessKeys: signers.accessKey, Now: now, Logger: e.log})
	s.gateway = runtime.New(runtime.Config{
		Types: map[snapshot.Kind]runtime.APIType{
			snapshot.KindREST: restType,
			snapshot.KindHTTP: httpapi.New(httpapi.Deps{Lambda: invoker, Backends: backends, Services: s.awsServices(), Keys: issuers, AccessKeys: signers.accessKey, PrivateTarget: e.cfg.privateTarget, Now: now, Logger: e.log}),
		},
		Now: now, Exchanges: e.stream, VPCs: e.cfg.VPCEndpoints, Logger: e.log,
	})
	s.usage = usage.New(usage.Config{DB: e.db, Meter: s.meter, StageExists: apigateway.StageExists, Now: now, Logger: e.log})
	s.names = domaintable.New(now)
	s.domains = domains.New(domains.Config{DB: e.db, Table: s.names, APIs: mappable{}, Certificates: certificates{now}, ReadObject: e.readTruststore, Now: now, Logger: e.log, Strict: e.cfg.Strict})
	_, firehose := e.upstreams.Base("firehose")
	s.rest = apigateway.New(apigateway.Config{
		DB: e.db, DataPlane: s.gateway, FlushAuthorizers: restType.FlushAuthorizers, FlushCache: restType.FlushCache, TestInvoke: restType.TestInvoke, TestAuthorize: restType.TestAuthorize, Taggables: []apigateway.Taggable{s.usage, s.domains}, Mapped: domains.MappedBy,
		StageDeleted: s.usage.StageDeleted, CheckModels: checkModels, Firehose: firehose, Now: now, Logger: e.log, Strict: e.cfg.Strict,
	})
	s.http = apigatewayv2.New(apigatewayv2.Config{
		DB: e.db, DataPlane: s.gateway, Taggables: []apigatewayv2.Taggable{s.domains}, Mapped: domains.MappedBy, Endpoint: e.apiEndpoint,
		Now: now, Logger: e.log, CheckMapping: httpapi.CheckMapping, CheckIssuer: e.issuerCheck(issuers), Strict: e.cfg.Strict,
	})
	s.muxes = map[string]service{
		"apigateway":              s.rest.Mux(s.usage.Operations(), s.domains.OperationsV1()),
		"apigatewayv2":            s.http.Mux(s.domains.OperationsV2()),
		"apigatewaymanagementapi": apigatewaymanagementapi.Mux(e.log),
		"lambda":                  s.lambdaAPI,
		"iam":                     s.iam.Mux(),
		"sts":                     sts.New(sts.Config{IAM: s.iam, Logger: e.log, Strict: e.cfg.Strict}).Mux(),
		"logs":                    s.logs.Mux(),
		"cloudwatch":              s.cloudwatch.Mux(),
		"acm":                     s.acm.Mux(),
	}
	e.attachAccessLogs(s.logs)
	return s, nil
}

// checkModels has a model judged by what will check requests with it.
func checkModels(apiID string, schemas map[string]string, name string) error {
	_, err := validate.NewModels(apiID, schemas).Get(name)
	return err
}

// restore takes up what the data directory holds.
func (s *services) restore(ctx context.Context) error {
	for _, r := range []struct {
		name    string
		restore func(context.Context) error
	}{
		{"functions", s.lambda.Restore},
		{"REST APIs", s.rest.Restore},
		{"usage plans", s.usage.Restore},
		{"HTTP APIs", s.http.Restore},
		{"certificates", s.acm.Restore},
		{"domain names", s.domains.Restore},
	} {
		if err := r.restore(ctx); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	if s.e.cfg.DataDir != "" {
		s.counts = s.e.keepCounts(s.usage.Save)
	}
	return nil
}

func (s *services) close(ctx context.Context) error {
	err := s.lambda.Close(ctx)
	// Access logs come through the stream, and function logs directly: the sink of
	// both closes last.
	err = errors.Join(err, s.e.stream.Close(ctx))
	s.logs.Close()
	if s.counts != nil {
		err = errors.Join(err, s.counts.close(ctx))
	}
	return err
}

// reset forgets what is not a record: those are gone already.
func (s *services) reset() {
	s.gateway.Reset()
	s.names.Reset()
	s.meter.Reset()
	s.lambda.Reset()
	s.logs.Reset()
	s.recorder.Reset()
	s.issuer.Reset()
}

// mount adds the pages that belong to services.
func (s *services) mount(m *http.ServeMux) {
	m.Handle(lambdaapi.CodePath, s.lambdaAPI.CodeHandler())
	m.Handle("GET /_postern/calls", s.recorder)
	m.Handle(oidc.Path+"/", s.issuer)
	m.HandleFunc("GET /_postern/apis/{id}/coverage", s.serveAPICoverage)
}

// apiEndpoint is the URL that an API is answered to have: one that works here. A
// caller that uses AWS's own host names gets AWS's own form.
func (e *Emulator) apiEndpoint(ctx context.Context, apiID string) string {
	id := awsapi.IdentityFrom(ctx)
	base, err := url.Parse(id.BaseURL)
	if err != nil || base.Host == "" {
		base, _ = url.Parse(e.url)
	}
	return e.endpointURL(base, apiID, id.Region)
}
