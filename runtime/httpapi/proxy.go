package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// proxyRequest makes the request of an HTTP_PROXY integration.
type proxyRequest struct {
	method  string // ANY: the client's
	url     *urlTemplate
	private bool // behind a VPC link: the client's path is sent, stage and all
	mapping *mapping
}

func (b *proxyRequest) Build(rc *reqcontext.Context, r *http.Request, route *route) (*integration.Request, error) {
	out := outgoing{header: backendHeader(rc), rawQuery: rc.RawQuery}
	req := &integration.Request{Context: rc, Method: b.method, Header: out.header}
	if b.method == anyMethod {
		req.Method = rc.Method
	}
	if err := b.body(rc, r, req); err != nil {
		return nil, err
	}
	if b.mapping.changesQuery {
		out.query = rc.Query()
	}
	b.mapping.request(rc, &out)
	req.Header = out.header
	req.URL = b.target(rc, route, &out)
	return req, nil
}

// body hands the client's body on. It is read whole where a mapping looks into it or
// where its length is not known: AWS always sends one.
func (b *proxyRequest) body(rc *reqcontext.Context, r *http.Request, req *integration.Request) error {
	if r.ContentLength == 0 {
		return nil
	}
	if r.ContentLength < 0 || b.mapping.readsBody {
		if err := readBody(r, rc); err != nil {
			return err
		}
		req.Body, req.Length = rc.Body, rc.BodySize
		return nil
	}
	rc.BodySize = r.ContentLength
	req.Stream, req.Length = r.Body, r.ContentLength
	return nil
}

func (b *proxyRequest) target(rc *reqcontext.Context, route *route, out *outgoing) *url.URL {
	u := b.url.expand(rc)
	switch {
	case out.path != "":
		setPath(u, out.path)
	case b.private:
		setPath(u, rc.Path)
	case route.key == defaultKey:
		// AWS: the default route adds the whole path to the URI, others nothing.
		setPath(u, u.EscapedPath()+rc.RoutePath)
	}
	switch {
	case u.RawQuery == "":
		u.RawQuery = out.rawQuery
	case out.rawQuery != "":
		u.RawQuery += "&" + out.rawQuery
	}
	return u
}

// setPath sets an escaped path, leaving its escapes as they are. What clients send
// unescaped that has to be is escaped: net/url would else write all of it anew.
func setPath(u *url.URL, escaped string) {
	u.Path, u.RawPath = escaped, ""
	if !plain(escaped) {
		escaped = reqcontext.EscapePath(escaped)
		u.Path, u.RawPath = reqcontext.DecodePath(escaped), escaped
	}
}

// plain tells whether net/url would write a path as it stands.
func plain(path string) bool {
	for i := range len(path) {
		c := path[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '/' || c == '-' || c == '_' || c == '.' || c == '~') {
			return false
		}
	}
	return true
}

// proxyResponse hands the backend's answer on.
type proxyResponse struct{ mapping *mapping }

var errResponseTooLarge = errors.New("response is over 10 MB")

func (s *proxyResponse) Select(rc *reqcontext.Context, res *integration.Response) (*integration.Response, error) {
	rc.Integration.Status = res.Status
	if res.Length > maxPayload {
		res.Close()
		return nil, internal(errResponseTooLarge) // unverified against AWS: the status
	}
	res.Header = forwardResponse(res.Header)
	if res.Stream != nil && (res.Length < 0 || s.mapping.readsResponse) {
		if err := buffer(rc, res); err != nil {
			return nil, err
		}
	}
	s.mapping.response(rc, res)
	return res, nil
}

// buffer reads the body whole.
//
// AWS: HTTP APIs do not stream. A body of unknown length is answered once it is
// there, within the integration's timeout.
func buffer(rc *reqcontext.Context, res *integration.Response) error {
	defer res.Close()
	body, err := io.ReadAll(io.LimitReader(res.Stream, maxPayload+1))
	if err != nil {
		rc.Integration.Error = err.Error()
		return gwerr.New(gwerr.IntegrationTimeout, fmt.Errorf("read backend's answer: %w", err))
	}
	if len(body) > maxPayload {
		return internal(errResponseTooLarge)
	}
	res.Body, res.Stream, res.Length = body, nil, int64(len(body))
	return nil
}

// forwardResponse drops what ends at the gateway. The header is the response's own:
// it is changed in place.
func forwardResponse(h http.Header) http.Header {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for name := range h {
		if hopByHop[name] || strings.HasPrefix(name, "Apigw-") {
			delete(h, name)
		}
	}
	return h
}
