package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/mapping"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/throttle"
)

// method is one compiled method of a resource.
type method struct {
	resourceID                              string
	resourcePath                            string
	configured                              string // the method's own verb, ANY included
	operationName                           string
	variables                               []pathVariable
	integrationKind, uri, integrationMethod string

	authorizer  authorizer
	keys        keyCheck
	limits      throttle.Limit
	validator   validator
	cache       responseCache
	logging     *logging // nil: no execution log
	request     requestBuilder
	integration integration.Integration
	response    responder
}

// call is one request on its way through a method's steps.
type call struct {
	rc         *reqcontext.Context
	r          *http.Request
	m          *method
	deployment *deployment

	bodyRead  bool
	templates *mapping.Context // made by the first template
	params    *templateParams
	cached    cached
	invoked   time.Time // when the integration was called

	log *callLog // nil: nobody reads it
}

// authorizer says whether a request may go on, and notes in rc who it comes from.
type authorizer interface {
	Authorize(ctx context.Context, c *call) error
}

// keyCheck finds the caller's API key and asks its usage plan.
type keyCheck interface {
	Check(c *call) error
}

// validator checks parameters and body.
type validator interface {
	Validate(c *call) error
}

// requestBuilder makes the integration's request, with mappings and templates.
type requestBuilder interface {
	Build(ctx context.Context, c *call) (*integration.Request, error)
}

// responder makes the client's answer of what the integration answered.
type responder interface {
	Select(ctx context.Context, c *call, res *integration.Response) (*integration.Response, error)
}

// open is the step that lets every request pass.
type open struct{}

func (open) Authorize(context.Context, *call) error { return nil }
func (open) Check(*call) error                      { return nil }
func (open) Validate(*call) error                   { return nil }

// serve runs a method's steps in AWS's order.
func (m *method) serve(ctx context.Context, c *call) (*integration.Response, error) {
	err := m.authorizer.Authorize(ctx, c)
	c.log.authorized(c, err)
	if err != nil {
		return nil, err
	}
	c.log.admitting(c)
	if err := m.keys.Check(c); err != nil {
		return nil, err
	}
	if err := m.limits.Allow(c.rc); err != nil {
		return nil, err
	}
	if err := c.log.admitted(c); err != nil {
		return nil, err
	}
	if err := m.validator.Validate(c); err != nil {
		return nil, err
	}
	in := &c.rc.Integration
	in.Type, in.URI, in.Method, in.Streamed = m.integrationKind, m.uri, m.integrationMethod, m.streams()
	if res, err := m.cache.Get(c); res != nil || err != nil {
		return res, err
	}
	req, err := m.request.Build(ctx, c)
	if err != nil {
		return nil, err
	}
	c.log.sending(c, req)
	c.invoked = c.deployment.now()
	verb := req.Method
	res, err := m.integration.Invoke(ctx, req)
	in.Latency = c.deployment.now().Sub(c.invoked)
	if err != nil {
		return nil, err
	}
	if verb == http.MethodHead {
		// The length that comes with it is that of a body which GET would give.
		res.Close()
		res.Stream, res.Length = nil, 0
	}
	if err := c.log.received(c, res); err != nil {
		return nil, err
	}
	if res, err = m.response.Select(ctx, c, res); err == nil {
		m.cache.Put(c, res)
	}
	return res, err
}

// sourceARN is what the policy of a function behind the method is asked about.
// AWS: verb and path are the configured ones, variables and all.
func (m *method) sourceARN(rc *reqcontext.Context) string {
	return "arn:aws:execute-api:" + rc.Region + ":" + rc.AccountID + ":" + rc.APIID + "/" + rc.Stage + "/" + m.configured + m.resourcePath
}

// streams tells whether answers are passed on as they come.
func (m *method) streams() bool {
	switch m.response.(type) {
	case lambdaStream, httpProxyStream:
		return true
	}
	return false
}
