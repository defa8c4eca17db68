package emulator

import (
	"cmp"
	"context"
	"net/url"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/apigatewaymanagementapi"
	"github.com/postern/postern/controlplane/apigatewayv2"
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/domains"
	"github.com/postern/postern/controlplane/supporting/acm"
	"github.com/postern/postern/controlplane/supporting/iam"
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
	"github.com/postern/postern/runtime/regex"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/throttle"
	meter "github.com/postern/postern/runtime/usage"
	"github.com/postern/postern/runtime/validate"
)

// newServices joins the parts: what others stand on first.
func (e *Emulator) newServices(ctx context.Context) (*services, error) {
	s := &services{e: e}
	var err error
	if s.executor, s.executorReason, err = e.chooseExecutor(ctx); err != nil {
		return nil, err
	}
	s.addSupporting()
	s.addFunctions()
	s.addDataPlane()
	s.addControlPlane()
	e.attachAccessLogs(s.logs)
	return s, nil
}

// addSupporting makes the services around the gateway.
func (s *services) addSupporting() {
	e, now := s.e, s.e.clock.Now
	s.iam = iam.New(iam.Config{DB: e.db, Now: now, Logger: e.log, Strict: e.cfg.Strict})
	s.keys = &keys{iam: s.iam}
	s.logs = e.newLogs()
	s.cloudwatch = e.newCloudWatch()
	s.acm = acm.New(acm.Config{
		DB: e.db, Issue: e.authority.Issue, InUseBy: domains.CertificateUsers, Now: now, Logger: e.log, Strict: e.cfg.Strict,
	})
	s.issuer = oidc.New(e.cfg.DataDir, now)
	s.recorder = recorder.New(recorder.DefaultSize, now)
	e.clock.moved = s.recorder.Wake
}

func (s *services) addFunctions() {
	e, now := s.e, s.e.clock.Now
	s.pool = executor.NewPool(executor.Config{
		Executor: s.executor, Sink: functionLogs{s.logs}, Now: now, Logger: e.log,
		IdleTTL: e.cfg.Lambda.Idle, MaxEnvironments: e.cfg.Lambda.MaxEnvironments,
	})
	s.lambda = lambda.New(lambda.Config{
		DB: e.db, Pool: s.pool, Now: now, Logger: e.log,
		Credentials: s.keys.forFunction, FetchObject: e.fetchObject, OnInvocation: e.publishInvocation,
	})
	s.lambdaAPI = lambdaapi.New(lambdaapi.Config{Service: s.lambda, Logger: e.log, Strict: e.cfg.Strict})
}

// addDataPlane makes what serves APIs.
func (s *services) addDataPlane() {
	e, now := s.e, s.e.clock.Now
	s.meter = meter.NewMeter(now)
	s.names = domaintable.New(now)
	s.issuers = authorizer.NewKeySets(nil, now)
	s.issuers.Locate = e.keyAddress
	backends := integration.NewBackends()
	signers := &signers{keys: s.keys, account: e.cfg.Account, lenient: e.cfg.IAM == IAMLenient}
	var accounts *throttle.Accounts // nil: none
	if e.cfg.AccountRate > 0 {
		accounts = throttle.NewAccounts(e.cfg.AccountRate, e.cfg.AccountBurst, now)
	}
	roles := &roles{s.iam, signers}
	invoker := functionInvoker{s.lambda, roles}
	s.restType = rest.New(rest.Deps{
		Lambda: invoker, Backends: backends, Services: s.awsServices(roles), PrivateTarget: e.cfg.privateTarget,
		VPCLink: e.vpcLinkExists, Usage: s.meter, Accounts: accounts, Keys: s.issuers, AccessKeys: signers.accessKey,
		ExecutionLogs: executionLogs(s.logs), Now: now, Logger: e.log,
	})
	httpType := httpapi.New(httpapi.Deps{
		Lambda: invoker, Backends: backends, Services: s.awsServices(roles), PrivateTarget: e.cfg.privateTarget,
		Accounts: accounts, Keys: s.issuers, AccessKeys: signers.accessKey, Now: now, Logger: e.log,
	})
	s.gateway = runtime.New(runtime.Config{
		Types: map[snapshot.Kind]runtime.APIType{snapshot.KindREST: s.restType, snapshot.KindHTTP: httpType},
		Now:   now, Exchanges: e.stream, VPCs: e.cfg.VPCEndpoints, Logger: e.log,
	})
}

// addControlPlane makes what manages APIs, and tells the front door who answers for
// which service.
func (s *services) addControlPlane() {
	e, now := s.e, s.e.clock.Now
	s.usage = usage.New(usage.Config{DB: e.db, Meter: s.meter, StageExists: apigateway.StageExists, Now: now, Logger: e.log})
	s.domains = domains.New(domains.Config{
		DB: e.db, Table: s.names, APIs: mappable{}, Certificates: certificates{now}, ReadObject: e.readTruststore,
		Now: now, Logger: e.log, Strict: e.cfg.Strict,
	})
	_, firehose := e.upstreams.Base("firehose")
	s.rest = apigateway.New(apigateway.Config{
		DB: e.db, DataPlane: s.gateway, FlushAuthorizers: s.restType.FlushAuthorizers, FlushCache: s.restType.FlushCache,
		TestInvoke: s.restType.TestInvoke, TestAuthorize: s.restType.TestAuthorize,
		Taggables: []apigateway.Taggable{s.usage, s.domains}, Mapped: domains.MappedBy, StageDeleted: s.usage.StageDeleted,
		CheckModels: checkModels, CheckPattern: checkPattern, Firehose: firehose, AccountRate: cmp.Or(e.cfg.AccountRate, DefaultAccountRate), AccountBurst: e.cfg.AccountBurst, Now: now, Logger: e.log, Strict: e.cfg.Strict,
	})
	s.http = apigatewayv2.New(apigatewayv2.Config{
		DB: e.db, DataPlane: s.gateway, Taggables: []apigatewayv2.Taggable{s.domains}, Mapped: domains.MappedBy, Endpoint: e.apiEndpoint,
		CheckMapping: httpapi.CheckMapping, CheckIssuer: e.issuerCheck(s.issuers), Now: now, Logger: e.log, Strict: e.cfg.Strict,
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
}

// checkModels has a model judged by what will check requests with it.
func checkModels(apiID string, schemas map[string]string, name string) error {
	_, err := validate.NewModels(apiID, schemas).Get(name)
	return err
}

// checkPattern has a selection pattern judged by what will match with it.
func checkPattern(expression string) error {
	_, err := regex.CompileWhole(expression)
	return err
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
