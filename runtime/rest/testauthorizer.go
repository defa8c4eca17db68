package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/execlog"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// TestAuthorize asks the only authorizer of a stage that nobody serves, and tells
// what happened in the words of AWS's execution log. Nothing is kept of it.
//
// AWS: a policy is shown and not judged: one that denies is a success here.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
func (t *Type) TestAuthorize(ctx context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTAuthorizerResult, error) {
	heard := &listener{invoker: t.deps.Lambda}
	t = t.through(heard)
	a := s.REST.Deployment.Authorizers[0]
	a.TTLSeconds = 0
	deployment := *s.REST.Deployment
	deployment.Authorizers = []snapshot.RESTAuthorizer{a}
	rc, r, err := t.testRequest(ctx, s, in)
	if err != nil {
		return snapshot.RESTAuthorizerResult{}, err
	}
	for name, value := range in.Context {
		field, ok := testContext[name]
		if !ok {
			return snapshot.RESTAuthorizerResult{}, &snapshot.UnknownContextError{Name: name}
		}
		*field(rc) = value
	}
	log := newCallLog(rc, execlog.Everything, t.deps.Now)
	log.heard = heard
	log.Step("Starting authorizer: %s for request: %s", a.ID, log.ID)
	log.Step("Incoming identity: %s", incomingIdentity(rc, &a))

	c := &compiler{Type: t, stage: s, api: &deployment, variables: s.Variables}
	identity, err := c.identity(&snapshot.RESTMethod{AuthorizationType: "CUSTOM", AuthorizerID: a.ID})
	start := t.deps.Now()
	if err == nil {
		guard := auth.REST{Identity: identity}
		err = guard.Authorize(ctx, rc, r)
	}
	out := snapshot.RESTAuthorizerResult{Latency: t.deps.Now().Sub(start)}
	if heard.called {
		log.request(functionURL(rc, heard.request.FunctionARN), log.functionRequestHeader(rc), heard.request.Payload)
		if heard.err == nil {
			log.Step("Authorizer result body before parsing: %s", heard.response.Payload)
		}
	}
	var refused *gwerr.Error
	switch {
	case err == nil, errors.As(err, &refused) && refused.Type == gwerr.AccessDenied && rc.Authorizer.PrincipalID != "":
		out.PrincipalID, out.Claims = rc.Authorizer.PrincipalID, rc.Authorizer.Claims
		if heard.called {
			out.Policy = policyOf(heard.response.Payload)
			log.Step("Using valid authorizer policy for principal: %s", masked(out.PrincipalID))
		}
		log.Step("Successfully completed authorizer execution")
	case refused != nil && refused.StatusCode() == http.StatusUnauthorized:
		out.ClientStatus = http.StatusUnauthorized
		log.Step("Unauthorized request: %s", log.ID)
	default:
		out.ClientStatus = http.StatusInternalServerError
		log.Step("Execution failed due to configuration error: %s", log.authorizerFailure(err))
		log.Step("AuthorizerConfigurationException")
	}
	out.Log = log.Text()
	return out, nil
}

// testContext are the variables of $context that identity sources can name and that
// a test can set.
var testContext = map[string]func(*reqcontext.Context) *string{
	"accountId":          func(rc *reqcontext.Context) *string { return &rc.AccountID },
	"apiId":              func(rc *reqcontext.Context) *string { return &rc.APIID },
	"domainName":         func(rc *reqcontext.Context) *string { return &rc.DomainName },
	"domainPrefix":       func(rc *reqcontext.Context) *string { return &rc.DomainPrefix },
	"httpMethod":         func(rc *reqcontext.Context) *string { return &rc.Method },
	"identity.apiKey":    func(rc *reqcontext.Context) *string { return &rc.Identity.APIKey },
	"identity.sourceIp":  func(rc *reqcontext.Context) *string { return &rc.SourceIP },
	"identity.userAgent": func(rc *reqcontext.Context) *string { return &rc.UserAgent },
	"path":               func(rc *reqcontext.Context) *string { return &rc.Path },
	"protocol":           func(rc *reqcontext.Context) *string { return &rc.Protocol },
	"requestId":          func(rc *reqcontext.Context) *string { return &rc.RequestID },
	"resourceId":         func(rc *reqcontext.Context) *string { return &rc.ResourceID },
	"resourcePath":       func(rc *reqcontext.Context) *string { return &rc.ResourcePath },
	"stage":              func(rc *reqcontext.Context) *string { return &rc.Stage },
}

// authorizerFailure says why an authorizer could not be asked or understood.
//
// unverified against AWS: all texts but that of an answer that is no JSON.
func (l *callLog) authorizerFailure(err error) string {
	switch {
	case errors.Is(l.heard.err, integration.ErrNoPermission), errors.Is(l.heard.err, integration.ErrFunctionMissing):
		return "Invalid permissions on Lambda function"
	case l.heard.err != nil:
		return l.heard.err.Error()
	case l.heard.response.FunctionError != "":
		return "Authorizer function failed with response body: " + string(l.heard.response.Payload)
	}
	if l.heard.called {
		for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
			err = next
		}
		return "Invalid JSON in response: " + err.Error()
	}
	return err.Error()
}

// incomingIdentity is the identity as AWS logs it: a token by itself, the sources of
// a REQUEST authorizer by name.
func incomingIdentity(rc *reqcontext.Context, a *snapshot.RESTAuthorizer) string {
	var parts []string
	for source := range strings.SplitSeq(a.IdentitySource, ",") {
		source = strings.TrimSpace(source)
		compiled, err := auth.CompileRESTSources(source)
		if err != nil || len(compiled) == 0 {
			continue
		}
		value := masked(compiled[0](rc))
		if a.Type != "REQUEST" {
			return value
		}
		parts = append(parts, source+"="+value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// policyOf is the policy of a function's answer, on one line.
func policyOf(payload []byte) string {
	var answer struct {
		PolicyDocument json.RawMessage `json:"policyDocument"`
	}
	var out bytes.Buffer
	if json.Unmarshal(payload, &answer) != nil || json.Compact(&out, answer.PolicyDocument) != nil {
		return ""
	}
	return out.String()
}
