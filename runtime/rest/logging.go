package rest

import (
	"cmp"
	"strings"

	"github.com/postern/postern/runtime/execlog"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// logging is what a method writes into its stage's execution log.
type logging struct {
	settings   execlog.Settings
	write      execlog.Writer
	authorizer string // id; empty: none is asked
	needsKey   bool
}

// logging compiles a method's log by the stage's settings; nil: it has none.
func (c *compiler) logging(path string, m *snapshot.RESTMethod) *logging {
	ms, ok := c.stage.REST.MethodSettings[strings.TrimPrefix(path, "/")+"/"+m.HTTPMethod]
	if !ok {
		ms = c.stage.REST.MethodSettings["*/*"]
	}
	if c.deps.ExecutionLogs == nil || ms.LoggingLevel != "INFO" && ms.LoggingLevel != "ERROR" {
		return nil
	}
	return &logging{
		settings: execlog.Settings{Steps: ms.LoggingLevel == "INFO", Bodies: ms.DataTraceEnabled},
		write:    c.deps.ExecutionLogs, authorizer: m.AuthorizerID, needsKey: m.APIKeyRequired,
	}
}

// open begins the log of a request that comes from a client.
func (g *logging) open(c *call) {
	if g == nil {
		return
	}
	c.log = newCallLog(c.rc, g.settings, c.deployment.now)
	c.log.logging = g
	c.log.Step("Extended Request Id: %s", c.rc.ExtendedRequestID)
	if g.authorizer != "" {
		c.log.Step("Starting authorizer: %s for request: %s", g.authorizer, c.log.ID)
	}
}

// admitting tells of the usage plan, once the authorizer has let the request pass.
// A method that is tried has neither.
func (l *callLog) admitting(c *call) {
	if l == nil || l.logging == nil || !l.Steps {
		return
	}
	if l.authorizer != "" {
		l.Step("Successfully completed authorizer execution")
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
	if events := l.Events(); len(events) > 0 {
		rc := c.rc
		l.write(rc.AccountID, rc.Region, execlog.Group(rc.APIID, rc.Stage, rc.Canary), execlog.Stream(rc.APIID, rc.Stage), events)
	}
}
