package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/apigatewayv2"
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/domains"
	"github.com/postern/postern/controlplane/supporting/acm"
	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/controlplane/supporting/logs"
	"github.com/postern/postern/controlplane/usage"
	"github.com/postern/postern/emulator/oidc"
	"github.com/postern/postern/emulator/recorder"
	"github.com/postern/postern/lambda"
	lambdaapi "github.com/postern/postern/lambda/api"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/authorizer"
	domaintable "github.com/postern/postern/runtime/domains"
	"github.com/postern/postern/runtime/rest"
	meter "github.com/postern/postern/runtime/usage"
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
	restType       *rest.Type
	issuers        *authorizer.KeySets // of tokens
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
