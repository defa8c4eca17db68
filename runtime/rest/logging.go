package rest

import (
	"cmp"
	"strings"

	"github.com/postern/postern/runtime/execlog"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// logging is what a method writes into its stage's execution log.
type logging struct {
	settings   execlog.Settings
	write      execlog.Writer
	authorizer *snapshot.RESTAuthorizer // nil: none is asked
	function   string                   // the authorizer's
	needsKey   bool
	traced     bool
}

// logging compiles a method's log by the stage's settings; nil: it has none.
func (c *compiler) logging(ms snapshot.RESTMethodSettings, m *snapshot.RESTMethod) *logging {
	if c.deps.ExecutionLogs == nil || ms.LoggingLevel != "INFO" && ms.LoggingLevel != "ERROR" {
		return nil
	}
	out := &logging{
		settings: execlog.Settings{Steps: ms.LoggingLevel == "INFO", Bodies: ms.DataTraceEnabled},
		write:    c.deps.ExecutionLogs, needsKey: m.APIKeyRequired, traced: c.stage.REST.TracingEnabled,
	}
	if m.AuthorizerID != "" {
		out.authorizer = &snapshot.RESTAuthorizer{ID: m.AuthorizerID} // one that was not deployed
	}
	for i := range c.api.Authorizers {
		if a := &c.api.Authorizers[i]; a.ID == m.AuthorizerID {
			out.authorizer = a
			out.function, _ = integration.FunctionARN(expandStageVariables(a.URI, c.variables))
		}
	}
	return out
}

// open begins the log of a request that comes from a client.
func (g *logging) open(c *call) {
	if g == nil {
		return
	}
	c.log = newCallLog(c.rc, g.settings, c.deployment.now)
	c.log.logging = g
	c.log.Step("Extended Request Id: %s", c.rc.ExtendedRequestID)
	if g.authorizer != nil {
		c.log.Step("Starting authorizer: %s for request: %s", g.authorizer.ID, c.log.ID)
	}
}

// authorized tells what the authorizer was shown and said. A result that was kept is
// not told again.
func (l *callLog) authorized(c *call, err error) {
	if l == nil || l.logging == nil || !l.Steps || l.authorizer == nil {
		return
	}
	rc := c.rc
	l.Step("Incoming identity: %s", incomingIdentity(rc, l.authorizer))
	if a := &rc.Authorizer; a.Asked != nil {
		l.request(functionURL(rc, l.function), l.functionRequestHeader(rc), a.Asked)
		l.Body("Authorizer result body before parsing: %s", a.Answered)
	}
	if err != nil && rc.Authorizer.PrincipalID == "" {
		return // it did not come to a policy
	}
	if l.function != "" {
		l.Step("Using valid authorizer policy for principal: %s", masked(rc.Authorizer.PrincipalID))
	}
	l.Step("Successfully completed authorizer execution")
}

// keyRefused tells of a key whose usage plan throttles it.
//
// unverified against AWS: how the line goes on.
func (l *callLog) keyRefused(id string, err error) {
	if l != nil && gwerr.From(err).Type == gwerr.Throttled {
		l.Fail("Key throttle limit exceeded for key %s", id)
	}
}

// admitting tells of the usage plan, once the authorizer has let the request pass.
// A method that is tried has neither.
func (l *callLog) admitting(c *call) {
	if l == nil || l.logging == nil || !l.Steps {
		return
	}
	key := masked(cmp.Or(c.rc.Authorizer.UsageKey, c.r.Header.Get("X-Api-Key")))
	stage := c.rc.APIID + "/" + c.rc.Stage
	l.Step("Verifying Usage Plan for request: %s. API Key: %s API Stage: %s", l.ID, key, stage)
	if !l.needsKey {
		l.Step("API Key %s authorized because method '%s %s' does not require API Key. Request will not contribute to throttle or quota limits", key, c.rc.Method, c.rc.ResourcePath)
	}
}

// admitted tells of a request that may go on.
func (l *callLog) admitted(c *call) error {
	if l == nil || l.logging == nil || !l.Steps {
		return nil
	}
	l.Step("Usage Plan check succeeded for API Key %s and API Stage %s/%s", masked(c.rc.Identity.APIKey), c.rc.APIID, c.rc.Stage)
	var body []byte
	if l.Bodies {
		var err error
		if body, err = c.body(); err != nil {
			return err
		}
		if c.deployment.binary.matches(c.r.Header.Get("Content-Type")) {
			body = []byte("[Binary Data]") // AWS: an empty one too
		}
	}
	l.begin(c, c.r.Header, body)
	return nil
}

// refused tells of an error and of what the client is answered for it.
func (l *callLog) refused(e *gwerr.Error, res *integration.Response) {
	if l == nil {
		return
	}
	switch e.Type {
	case gwerr.Unauthorized:
		l.Fail("Unauthorized request: %s", l.ID)
	case gwerr.AccessDenied, gwerr.ExpiredToken, gwerr.InvalidAPIKey, gwerr.InvalidSignature, gwerr.MissingAuthenticationToken,
		gwerr.QuotaExceeded, gwerr.Throttled, gwerr.BadRequestParameters:
		// The gateway response below says all.
	default:
		l.failed(e)
	}
	l.Step("Gateway response type: %s with status code: %d", e.Type, res.Status)
	l.Body("Gateway response body: %s", res.Body)
	l.Step("Gateway response headers: %s", javaHeader(res.Header))
}

// close writes the log. The call's answer has been made, and is not waited for.
func (l *callLog) close(c *call, res *integration.Response) {
	if l == nil {
		return
	}
	l.Step("Method completed with status: %d", res.Status)
	l.ended(c.rc)
	if events := l.Events(); len(events) > 0 {
		rc := c.rc
		l.write(rc.AccountID, rc.Region, execlog.Group(rc.APIID, rc.Stage, rc.Canary), execlog.Stream(rc.APIID, rc.Stage), events)
	}
}

// ended names the call of the backend, and the trace.
//
// unverified against AWS: where these lines stand.
func (l *callLog) ended(rc *reqcontext.Context) {
	if id := rc.Integration.RequestID; id != "" {
		l.Step("AWS Integration Endpoint RequestId : %s", id)
	}
	if l.traced {
		root, _, _ := strings.Cut(rc.TraceID, ";")
		l.Step("X-ray Tracing ID : %s", root)
	}
}
