package rest

import (
	"context"
	"errors"
	"net/url"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
)

// customRequest transforms a request for an HTTP, AWS or MOCK integration.
type customRequest struct {
	method      string
	url         *backendURL // nil: the integration is no HTTP backend
	parameters  requestParameters
	templates   templates
	passthrough string
	handling    contentHandling
	service     bool // it goes to an AWS service
}

func (b *customRequest) Build(ctx context.Context, c *call) (*integration.Request, error) {
	if err := b.parameters.check(); err != nil {
		return nil, err
	}
	if c.deployment.compress.on {
		// AWS: mappings see the request without its content coding.
		if _, err := c.body(); err != nil {
			return nil, err
		}
	}
	values, err := b.parameters.apply(c)
	if err != nil {
		return nil, err
	}
	body, err := b.transform(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := c.override(&values); err != nil {
		return nil, err
	}
	req := &integration.Request{Context: c.rc, Body: body, Length: int64(len(body)), SourceARN: c.m.sourceARN(c.rc)}
	req.InvocationType = values.header.Get("X-Amz-Invocation-Type")
	if b.url == nil {
		return req, nil
	}
	req.Method, req.Header = backendMethod(b.method, c), customHeader(c)
	if b.service {
		// AWS: the type of the client's body is no concern of services.
		delete(req.Header, "Content-Type")
		if hasRequestBody(req.Method) {
			req.Header["Content-Type"] = jsonType
		}
	}
	values.setHeaders(req.Header)
	if req.URL, err = b.target(values); err != nil {
		return nil, err
	}
	if !hasRequestBody(req.Method) {
		req.Body, req.Length = nil, 0
	}
	return req, nil
}

func (b *customRequest) target(values mapped) (*url.URL, error) {
	u, err := b.url.expand(values.path)
	if err != nil {
		return nil, internal(err)
	}
	addQuery(u, "", values.query)
	return u, nil
}

var (
	errBinaryTemplate = errors.New("a template cannot read a binary payload")
	errNoTemplate     = errors.New("no template for the request's content type")
)

// transform makes the integration's body: contentHandling, then a template or, as
// the passthrough behaviour has it, the body as it is.
func (b *customRequest) transform(ctx context.Context, c *call) ([]byte, error) {
	contentType := c.r.Header.Get("Content-Type")
	tmpl, found := b.templates.request(contentType)
	if !found && (b.passthrough == "NEVER" || b.passthrough == "WHEN_NO_TEMPLATES" && len(b.templates.byType) > 0) {
		return nil, gwerr.New(gwerr.UnsupportedMediaType, errNoTemplate)
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	body, binary, err := convertRequest(body, c.deployment.binary.matches(contentType), b.handling)
	if err != nil || tmpl == nil {
		return body, err
	}
	if binary {
		// AWS: an empty body too. A preflight's mock behind */* wants CONVERT_TO_TEXT.
		return nil, untransformed("request", errBinaryTemplate)
	}
	if body, err = c.render(ctx, tmpl, body); err != nil {
		return nil, untransformed("request", err)
	}
	return body, nil
}
