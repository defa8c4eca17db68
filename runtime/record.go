package runtime

import (
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

func exchangeKind(k snapshot.Kind) exchange.Kind {
	switch k {
	case snapshot.KindREST:
		return exchange.REST
	case snapshot.KindHTTP:
		return exchange.HTTP
	}
	return exchange.WebSocket
}

var authorizerTypes = map[reqcontext.AuthorizerKind]string{
	reqcontext.LambdaAuthorizer:  "REQUEST",
	reqcontext.JWTAuthorizer:     "JWT",
	reqcontext.CognitoAuthorizer: "COGNITO_USER_POOLS",
	reqcontext.IAMAuthorizer:     "AWS_IAM",
}

// record copies what sinks want to know: rc itself ends with its request.
func record(rc *reqcontext.Context, a *api, p *published) *exchange.Record {
	r := &exchange.Record{
		RequestID:         rc.RequestID,
		ExtendedRequestID: rc.ExtendedRequestID,
		TraceID:           rc.TraceID,
		Account:           rc.AccountID,
		Region:            rc.Region,
		APIID:             rc.APIID,
		Stage:             rc.Stage,
		DeploymentID:      rc.DeploymentID,
		Canary:            rc.Canary,
		RouteKey:          rc.RouteKey,
		ResourceID:        rc.ResourceID,
		ResourcePath:      rc.ResourcePath,
		APIKeyID:          rc.Identity.APIKeyID,
		Method:            rc.Method,
		Host:              rc.Host,
		Path:              rc.Path,
		Protocol:          rc.Protocol,
		SourceIP:          rc.SourceIP,
		UserAgent:         rc.UserAgent,
		Start:             rc.Start,
		Status:            rc.Status,
		Latency:           rc.Latency,
		RequestSize:       rc.BodySize,
		ResponseSize:      rc.ResponseLength,
		ErrorType:         rc.Error.ResponseType,
		ErrorMessage:      rc.Error.Message,
		Integration: exchange.Integration{
			Type:          rc.Integration.Type,
			URI:           rc.Integration.URI,
			Method:        rc.Integration.Method,
			Status:        rc.Integration.Status,
			ServiceStatus: rc.Integration.ServiceStatus,
			Latency:       rc.Integration.Latency,
			RequestID:     rc.Integration.RequestID,
			Called:        rc.Integration.Called,
			CacheHit:      rc.Integration.CacheHit,
			CacheMiss:     rc.Integration.CacheMiss,
			Error:         rc.Integration.Error,
		},
	}
	if a != nil {
		r.Kind, r.APIName = exchangeKind(a.Kind), a.Name
	}
	if p != nil {
		r.DetailedMetrics = p.detail.wanted(rc)
	}
	if p != nil && p.accessLog != nil {
		r.AccessLog = exchange.AccessLog{Destination: p.snapshot.AccessLog.DestinationARN, Line: p.accessLog.Line(rc)}
	}
	// A resource policy alone decides without an authorizer.
	if rc.Authorizer.Kind != reqcontext.NoAuthorizer || rc.Authorizer.Decision != "" {
		r.Authorizer = authorizerOf(&rc.Authorizer)
	}
	if rc.Integration.FunctionARN != "" {
		r.Function = &exchange.Function{ARN: rc.Integration.FunctionARN, RequestID: rc.Integration.RequestID}
	}
	return r
}

func authorizerOf(a *reqcontext.Authorizer) *exchange.Authorizer {
	out := &exchange.Authorizer{
		ID: a.ID, Type: authorizerTypes[a.Kind], Decision: exchange.Decision(a.Decision), PrincipalID: a.PrincipalID,
		Cached: a.Cached, Status: a.Status, Latency: a.Latency, RequestID: a.RequestID, Error: a.Error,
	}
	if a.Token {
		out.Type = "TOKEN"
	}
	return out
}
