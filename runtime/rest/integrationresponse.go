package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/regex"
	"github.com/postern/postern/runtime/snapshot"
)

// customResponse answers for an HTTP, AWS or MOCK integration.
type customResponse struct {
	responses []*integrationResponse // those with a pattern, in their order
	fallback  *integrationResponse   // nil: none
	function  bool                   // patterns are for a function's errorMessage
	trace     bool                   // the answer carries X-Amzn-Trace-Id
}

// declare tells which method responses there are: integration responses without one
// are of no use.
//
// AWS refuses an integration response that has none, also where a method declares none
// at all. Such a method is served here: setups that were never on AWS leave them out.
func (s *customResponse) declare(list []snapshot.RESTMethodResponse) {
	if len(list) == 0 {
		return
	}
	declared := map[string]bool{}
	for i := range list {
		declared[list[i].StatusCode] = true
	}
	all := s.responses
	if s.fallback != nil {
		all = append(all[:len(all):len(all)], s.fallback)
	}
	for _, r := range all {
		r.undeclared = !declared[strconv.Itoa(r.status)]
	}
}

// integrationResponse is one compiled integration response.
type integrationResponse struct {
	status     int
	undeclared bool // the method has responses, and none of this status
	pattern    *regex.Regexp
	header     []parameter
	templates  templates
	handling   contentHandling
}

func compileResponses(in *snapshot.RESTIntegration, function bool) (*customResponse, error) {
	out := &customResponse{function: function, trace: in.Type != "MOCK"}
	for i := range in.Responses {
		r, err := compileIntegrationResponse(&in.Responses[i])
		if err != nil {
			return nil, fmt.Errorf("integration response %s: %w", in.Responses[i].StatusCode, err)
		}
		if r.pattern == nil {
			if out.fallback == nil {
				out.fallback = r
			}
			continue
		}
		out.responses = append(out.responses, r)
	}
	return out, nil
}

func compileIntegrationResponse(in *snapshot.RESTIntegrationResponse) (*integrationResponse, error) {
	out := &integrationResponse{handling: contentHandling(in.ContentHandling)}
	var err error
	if out.status, err = strconv.Atoi(in.StatusCode); err != nil {
		return nil, err
	}
	if in.SelectionPattern != "" {
		// AWS: the whole text has to match, and . is no line end.
		if out.pattern, err = regex.CompileWhole(in.SelectionPattern); err != nil {
			return nil, fmt.Errorf("selection pattern: %w", err)
		}
	}
	for _, dest := range sortedKeys(in.ResponseParameters) {
		from, err := compileSource(in.ResponseParameters[dest])
		if err != nil {
			return nil, err
		}
		out.header = append(out.header, parameter{strings.TrimPrefix(dest, "method.response.header."), from})
	}
	out.templates = compileTemplates(in.ResponseTemplates)
	return out, nil
}

func (s *customResponse) Select(ctx context.Context, c *call, res *integration.Response) (*integration.Response, error) {
	c.rc.Integration.Status = res.Status
	if err := buffer(c, res); err != nil {
		return nil, err
	}
	chosen := s.choose(res)
	if chosen == nil {
		return nil, internal(fmt.Errorf("no match for output mapping and no default output mapping configured. Endpoint Response Status Code: %d", res.Status))
	}
	if chosen.undeclared {
		return nil, internal(fmt.Errorf("output mapping refers to an invalid method response: %d", chosen.status))
	}
	out, err := chosen.answer(ctx, c, res)
	if err == nil && s.trace {
		out.Header["X-Amzn-Trace-Id"] = []string{c.rc.TraceID}
	}
	return out, err
}

func (s *customResponse) choose(res *integration.Response) *integrationResponse {
	text := strconv.Itoa(res.Status)
	if s.function {
		text = errorMessage(res.Body)
	}
	for _, r := range s.responses {
		if r.pattern.MatchString(text) {
			return r
		}
	}
	return s.fallback
}

// errorMessage is what selection patterns of functions are matched against. AWS: the
// member of that name, whether the function failed or not; none is the empty text.
func errorMessage(body []byte) string {
	var e struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	return e.ErrorMessage
}

var errBinaryResponse = errors.New("a template cannot read a binary response")

// answer builds the client's response.
func (r *integrationResponse) answer(ctx context.Context, c *call, res *integration.Response) (*integration.Response, error) {
	out := &integration.Response{Status: r.status, Header: make(http.Header, len(r.header)+5)}
	from := &answer{header: res.Header, body: res.Body}
	for _, p := range r.header {
		values, err := p.from(c, from)
		if err != nil {
			return nil, err
		}
		setResponseHeader(out.Header, p.name, values, mappedNames)
	}
	backend := c.deployment.binary.matches(res.Header.Get("Content-Type"))
	accept := c.deployment.binary.matches(c.r.Header.Get("Accept"))
	tmpl := r.templates.response(c.r.Header.Get("Accept"))
	if tmpl != nil {
		accept = accept && backend // a template makes text: there is nothing to decode
	}
	body, binary, err := convertResponse(res.Body, backend, accept, r.handling)
	if err != nil {
		return nil, err
	}
	if tmpl != nil {
		if binary && len(body) > 0 {
			return nil, untransformed("response", errBinaryResponse)
		}
		if body, err = c.render(ctx, tmpl, body); err != nil {
			return nil, untransformed("response", err)
		}
	}
	out.Body = body
	return out, c.overrideResponse(out)
}

// overrideResponse lays what templates wrote to $context.responseOverride over the
// answer, those of the request template too.
func (c *call) overrideResponse(out *integration.Response) error {
	if c.templates == nil {
		return nil
	}
	o, err := c.templates.ResponseOverride()
	if err != nil {
		return internal(err)
	}
	c.rc.Override.ResponseHeader = overridden(o.Header)
	if o.Status != 0 {
		out.Status, c.rc.Override.ResponseStatus = o.Status, o.Status
	}
	for _, h := range o.Header {
		delete(out.Header, sameName(out.Header, h.Name))
		setResponseHeader(out.Header, h.Name, h.Values, mappedNames)
	}
	return nil
}
