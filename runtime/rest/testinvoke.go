package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

var errNoMethod = errors.New("the deployment has no such method")

// TestInvoke runs one method of a stage that nobody serves, without its guards, and
// tells what happened in the words of AWS's execution log.
func (t *Type) TestInvoke(ctx context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTTestResult, error) {
	d, err := t.compile(s, s.DeploymentID, s.REST.Deployment, s.Variables)
	if err != nil {
		return snapshot.RESTTestResult{}, err
	}
	m := d.matcher.byID(in.ResourceID, in.HTTPMethod)
	if m == nil {
		return snapshot.RESTTestResult{}, errNoMethod
	}
	open := *m
	open.authorizer, open.keys, open.limits = openGuards.authorizer, openGuards.keys, openGuards.limits
	c, err := t.testCall(ctx, s, in, d, &open)
	if err != nil {
		return snapshot.RESTTestResult{}, err
	}
	c.log.begin(c, in.Body)
	start := t.deps.Now()
	res, err := open.serve(ctx, c)
	if err != nil {
		e := gwerr.From(err)
		res = d.responses.render(c, e)
		c.log.failed(e)
	} else {
		if res.Header["Content-Type"] == nil {
			res.Header["Content-Type"] = jsonType
		}
		c.log.line("Method response body after transformations: %s", res.Body)
		c.log.line("Method response headers: %s", javaHeader(res.Header))
		c.log.line("Successfully completed execution")
	}
	c.log.line("Method completed with status: %d", res.Status)
	return snapshot.RESTTestResult{Status: res.Status, Header: res.Header, Body: res.Body, Log: c.log.text.String(), Latency: t.deps.Now().Sub(start)}, nil
}

var openGuards = method{authorizer: open{}, keys: open{}, limits: open{}}

// byID finds a method by its resource and configured verb.
func (t *matcher) byID(resourceID, verb string) *method { return t.root.byID(resourceID, verb) }

func (n *matchNode) byID(resourceID, verb string) *method {
	for _, v := range []*verbs{n.here, n.greedy} {
		if v == nil {
			continue
		}
		m := v.exact[verb]
		if verb == anyVerb {
			m = v.any
		}
		if m != nil && m.resourceID == resourceID {
			return m
		}
	}
	if n.variable != nil {
		if m := n.variable.byID(resourceID, verb); m != nil {
			return m
		}
	}
	for _, next := range n.literal {
		if m := next.byID(resourceID, verb); m != nil {
			return m
		}
	}
	return nil
}

// testCall makes the request. AWS: a path that is not the resource's gives no path
// parameters, and no path at all is the resource's own, braces included.
func (t *Type) testCall(ctx context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest, d *deployment, m *method) (*call, error) {
	path := in.Path
	if path == "" {
		path = m.resourcePath
	}
	r, err := http.NewRequestWithContext(ctx, m.verb(), "http://localhost/", bytes.NewReader(in.Body))
	if err != nil {
		return nil, err
	}
	r.URL = &url.URL{Path: path, RawQuery: in.RawQuery}
	r.Header = in.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	api := &s.API
	rc := &reqcontext.Context{
		Start: t.deps.Now(), Method: r.Method, Path: path, RoutePath: path, RawQuery: in.RawQuery, Header: r.Header, Protocol: "HTTP/1.1",
		SourceIP: "test-invoke-source-ip", UserAgent: r.Header.Get("User-Agent"), AccountID: api.AccountID, Region: api.Region, APIID: api.ID,
		Stage: s.Name, DeploymentID: s.DeploymentID, StageVariables: s.Variables, ResourceID: m.resourceID, ResourcePath: m.resourcePath,
		OperationName: m.operationName, DomainName: "testPrefix.testDomainName", DomainPrefix: "testPrefix",
	}
	t.Begin(rc)
	if one, params := (&matcher{root: t.onlyPath(m)}).find(rc.Method, path); one != nil {
		rc.PathParameters = params
	}
	return &call{rc: rc, r: r, m: m, deployment: d, log: &testLog{id: rc.RequestID, now: t.deps.Now}}, nil
}

// onlyPath is the tree of a single method's path.
func (t *Type) onlyPath(m *method) matchNode {
	var tree matcher
	// The path was taken before, into the deployment's tree.
	_ = tree.add(m.resourcePath, &verbs{any: m, exact: map[string]*method{m.configured: m}})
	return tree.root
}

// verb is the verb of a made-up request: ANY is tried with GET.
func (m *method) verb() string {
	if m.configured == anyVerb {
		return http.MethodGet
	}
	return m.configured
}

// testLog is the execution log of one call; nil logs nothing.
type testLog struct {
	id   string
	now  func() time.Time
	text strings.Builder
}

func (l *testLog) line(format string, args ...any) {
	if l == nil {
		return
	}
	l.text.WriteString(l.now().UTC().Format("Mon Jan 02 15:04:05 UTC 2006") + " : ")
	fmt.Fprintf(&l.text, format, args...)
	l.text.WriteByte('\n')
}

func (l *testLog) begin(c *call, body []byte) {
	l.text.WriteString("Execution log for request " + l.id + "\n")
	l.line("Starting execution for request: %s", l.id)
	l.line("HTTP Method: %s, Resource Path: %s", c.rc.Method, c.rc.RoutePath)
	l.line("Method request path: %s", javaParams(c.rc.PathParameters))
	l.line("Method request query string: %s", javaParams(c.rc.Query()))
	l.line("Method request headers: %s", javaHeader(c.r.Header))
	l.line("Method request body before transformations: %s", body)
}

// sending tells what goes to a backend; a mock has none.
func (l *testLog) sending(c *call, req *integration.Request) {
	if l == nil || c.m.integrationKind == "MOCK" {
		return
	}
	uri, header := "", req.Header
	if req.URL != nil {
		uri = req.URL.String()
	} else if arn, ok := integration.FunctionARN(c.m.uri); ok {
		uri = "https://lambda." + c.rc.Region + ".amazonaws.com/2015-03-31/functions/" + arn + "/invocations"
		header = http.Header{"x-amzn-lambda-integration-tag": {l.id}, "x-amzn-apigateway-api-id": {c.rc.APIID}, "Accept": jsonType, "User-Agent": {"AmazonAPIGateway_" + c.rc.APIID}}
	} else {
		return // nothing will be sent
	}
	l.line("Endpoint request URI: %s", uri)
	l.line("Endpoint request headers: %s", truncated(javaHeader(header)))
	l.line("Endpoint request body after transformations: %s", req.Body)
	l.line("Sending request to %s", uri)
}

func (l *testLog) received(c *call, res *integration.Response) error {
	if l == nil || c.m.integrationKind == "MOCK" {
		return nil
	}
	if err := buffer(c, res); err != nil {
		return err
	}
	l.line("Received response. Status: %d, Integration latency: %d ms", res.Status, c.rc.Integration.Latency.Milliseconds())
	l.line("Endpoint response headers: %s", truncated(javaHeader(res.Header)))
	l.line("Endpoint response body before transformations: %s", res.Body)
	return nil
}

func (l *testLog) failed(e *gwerr.Error) {
	switch {
	case errors.Is(e, errEndpoint):
		l.line("Execution failed due to configuration error: Invalid endpoint address")
	case e.Type == gwerr.IntegrationTimeout:
		l.line("Execution failed due to a timeout error")
	case e.Type == gwerr.IntegrationFailure:
		l.line("Execution failed due to a network error communicating with endpoint")
	default:
		l.line("Execution failed due to configuration error: %s", failureText(e))
	}
}

func failureText(e *gwerr.Error) string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return e.Text()
}

const maxLogged = 1000

// truncated cuts what AWS cuts.
func truncated(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	return s[:maxLogged] + " [TRUNCATED]"
}

func javaParams(params []reqcontext.Param) string {
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = p.Name + "=" + p.Value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func javaHeader(h http.Header) string {
	var parts []string
	for _, name := range sortedKeys(h) {
		for _, v := range h[name] {
			parts = append(parts, name+"="+v)
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
