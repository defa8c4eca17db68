package rest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/postern/postern/runtime/execlog"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

var errNoMethod = errors.New("the deployment has no such method")

// TestInvoke runs one method of a stage that nobody serves, without its guards, and
// tells what happened in the words of AWS's execution log.
func (t *Type) TestInvoke(ctx context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest) (snapshot.RESTTestResult, error) {
	heard := &listener{invoker: t.deps.Lambda}
	t = t.through(heard)
	d, err := t.compile(s, s.DeploymentID, s.REST.Deployment, s.Variables)
	if err != nil {
		return snapshot.RESTTestResult{}, err
	}
	// AWS: what is tried is text. A mock that */* fails for clients answers a test.
	d.binary = binaryTypes{}
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
	c.log.heard = heard
	c.log.begin(c, in.Header, in.Body)
	start := t.deps.Now()
	res, err := open.serve(ctx, c)
	if err != nil {
		e := gwerr.From(err)
		res = d.responses.render(c, e)
		c.log.failed(e)
	} else {
		c.log.succeeded(res)
	}
	c.log.Step("Method completed with status: %d", res.Status)
	return snapshot.RESTTestResult{Status: res.Status, Header: res.Header, Body: res.Body, Log: c.log.Text(), Latency: t.deps.Now().Sub(start)}, nil
}

var openGuards = method{authorizer: open{}, keys: open{}}

// byID finds what a resource does with a verb; ANY is its ANY method.
func (t *matcher) byID(resourceID, verb string) *method { return t.root.byID(resourceID, verb) }

func (n *matchNode) byID(resourceID, verb string) *method {
	for _, v := range []*verbs{n.here, n.greedy} {
		if v == nil {
			continue
		}
		m := v.exact[verb]
		if m == nil {
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
	if in.Path == "" {
		in.Path = m.resourcePath
	}
	rc, r, err := t.testRequest(ctx, s, in)
	if err != nil {
		return nil, err
	}
	rc.ResourceID, rc.ResourcePath, rc.OperationName = m.resourceID, m.resourcePath, m.operationName
	if one, params := (&matcher{root: t.onlyPath(m)}).find(rc.Method, in.Path); one != nil {
		rc.PathParameters = params
	}
	return &call{rc: rc, r: r, m: m, deployment: d, log: newCallLog(rc, execlog.Everything, t.deps.Now)}, nil
}

// onlyPath is the tree of a single method's path.
func (t *Type) onlyPath(m *method) matchNode {
	var tree matcher
	// The path was taken before, into the deployment's tree.
	_ = tree.add(m.resourcePath, &verbs{any: m, exact: map[string]*method{m.configured: m}})
	return tree.root
}

// testRequest makes the request of a test as if it had come in.
func (t *Type) testRequest(ctx context.Context, s *snapshot.Stage, in snapshot.RESTTestRequest) (*reqcontext.Context, *http.Request, error) {
	verb := in.HTTPMethod
	if verb == anyVerb || verb == "" {
		verb = http.MethodGet
	}
	r, err := http.NewRequestWithContext(ctx, verb, "http://localhost/", bytes.NewReader(in.Body))
	if err != nil {
		return nil, nil, err
	}
	r.URL = &url.URL{Path: in.Path, RawQuery: in.RawQuery}
	for name, values := range in.Header {
		for _, v := range values {
			r.Header.Add(name, v)
		}
	}
	api := &s.API
	rc := &reqcontext.Context{
		Start: t.deps.Now(), Method: verb, Path: in.Path, RoutePath: in.Path, RawQuery: in.RawQuery, Header: r.Header, Protocol: "HTTP/1.1",
		SourceIP: "test-invoke-source-ip", UserAgent: r.Header.Get("User-Agent"), AccountID: api.AccountID, Region: api.Region, APIID: api.ID,
		Stage: s.Name, DeploymentID: s.DeploymentID, StageVariables: s.Variables, DomainName: "testPrefix.testDomainName", DomainPrefix: "testPrefix",
	}
	t.Begin(rc)
	return rc, r, nil
}
