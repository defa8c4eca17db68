package emulator

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/emulator/frontdoor"
	"github.com/postern/postern/emulator/recorder"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// awsServices lets integrations call AWS services.
func (s *services) awsServices(r *roles) integration.AWSServices {
	return integration.AWSServices{Upstream: s.serviceAddress, Credentials: s.roleCredentials, Denies: r.denies, StandIn: s.record}
}

// record shows the recorder a call of a service that is nowhere.
func (s *services) record(ctx context.Context, call *integration.ServiceCall) (*integration.Response, bool) {
	rc, header := call.Context, call.Header.Clone()
	// The signature says nothing beyond the role, and the keys are nobody's business.
	header.Del("Authorization")
	header.Del("X-Amz-Security-Token")
	status, header, body, ok := s.recorder.Answer(ctx, recorder.Call{
		RequestID: rc.RequestID, APIID: rc.APIID, Stage: rc.Stage, Account: rc.AccountID, Region: call.Region, Service: call.Service, Role: call.Role,
		Method: call.Method, Path: call.URL.EscapedPath(), Query: call.URL.RawQuery, Header: header, Body: call.Body,
	})
	if !ok {
		s.e.log.Warn("an integration calls a service that is nowhere: start postern with --upstream "+call.Service+"=http://HOST:PORT", "service", call.Service)
	}
	return &integration.Response{Status: status, Header: header, Body: body, Length: int64(len(body))}, ok
}

// serviceAddress is where a service answers: Postern itself for those that it has.
func (s *services) serviceAddress(service string) (string, bool) {
	e, name := s.e, frontdoor.ServiceName(service)
	if s.muxes[name] != nil && !e.upstreams.Named(name) {
		return e.url, true
	}
	base, ok := e.upstreams.Base(service)
	if !ok {
		return "", false
	}
	return base.String(), true
}

// roleSession is the name of the sessions in which API Gateway uses a role.
const roleSession = "BackplaneAssumeRoleSession"

var (
	errNoRole    = errors.New("it is no role")
	errDistrust  = errors.New("its trust policy does not let apigateway.amazonaws.com assume it")
	errNoSigning = errors.New("the caller did not sign the request")
)

// roleCredentials gives the keys of a role as STS would issue them, or the caller's.
func (s *services) roleCredentials(_ context.Context, role string, rc *reqcontext.Context) (aws.Credentials, error) {
	if role == integration.CallerCredentials {
		return s.callerCredentials(rc)
	}
	arn, ok := awsapi.ParseARN(role)
	if !ok || arn.Service != "iam" || !strings.HasPrefix(arn.Resource, "role/") {
		return aws.Credentials{}, errNoRole
	}
	if s.iam.Distrusts(role, integration.Principal) {
		return aws.Credentials{}, errDistrust
	}
	c := s.keys.forFunction(arn.Account, role, roleSession)
	return aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}, nil
}

func (s *services) callerCredentials(rc *reqcontext.Context) (aws.Credentials, error) {
	id := rc.Identity.AccessKey
	if id == "" {
		return aws.Credentials{}, errNoSigning
	}
	if c, ok := s.keys.lookup(id); ok {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}, nil
	}
	// A key that nobody issued was let in, and has no secret that anybody knows.
	return aws.Credentials{AccessKeyID: id, SecretAccessKey: wellKnownSecret}, nil
}
