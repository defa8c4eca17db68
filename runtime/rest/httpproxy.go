package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/postern/postern/runtime/integration"
)

// httpProxy makes the request of an HTTP_PROXY integration.
type httpProxy struct {
	method     string // ANY or empty: the client's
	url        *backendURL
	parameters requestParameters
}

func (b *httpProxy) Build(_ context.Context, c *call) (*integration.Request, error) {
	if err := b.parameters.check(); err != nil {
		return nil, err
	}
	values, err := b.parameters.apply(c)
	if err != nil {
		return nil, err
	}
	u, err := b.url.expand(values.path)
	if err != nil {
		return nil, internal(err)
	}
	addQuery(u, strings.ReplaceAll(c.rc.RawQuery, ";", "&"), values.query)
	req := &integration.Request{Context: c.rc, Method: backendMethod(b.method, c), URL: u, Header: proxyHeader(c)}
	values.setHeaders(req.Header)
	if !hasRequestBody(req.Method) || c.r.ContentLength == 0 {
		return req, nil
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	if !c.deployment.binary.matches(c.r.Header.Get("Content-Type")) {
		body = validText(body)
	}
	req.Body, req.Length = body, int64(len(body))
	return req, nil
}

// backendMethod is the verb that a backend sees.
func backendMethod(configured string, c *call) string {
	if configured == "" || configured == anyVerb {
		return c.rc.Method
	}
	return configured
}

// httpProxyResponse hands a backend's answer on.
type httpProxyResponse struct{}

func (httpProxyResponse) Select(_ context.Context, c *call, res *integration.Response) (*integration.Response, error) {
	c.rc.Integration.Status = res.Status
	if err := buffer(c, res); err != nil {
		return nil, err
	}
	backend := c.deployment.binary.names(res.Header, "Content-Type")
	accept := c.deployment.binary.names(c.r.Header, "Accept")
	body, _, err := convertResponse(res.Body, backend, accept, passContent)
	if err != nil {
		return nil, err
	}
	res.Header, res.Body, res.Length = proxiedHeader(res.Header), body, int64(len(body))
	return res, nil
}

// proxiedHeader leaves in a backend's header what the client gets. Its names are canonical:
// no two of them are the same.
func proxiedHeader(h http.Header) http.Header {
	for name, values := range h {
		as, ok := proxiedNames.client(name)
		if ok {
			h[as] = slices.Clip(inLines(values))
		}
		if as != name {
			delete(h, name)
		}
	}
	return h
}
