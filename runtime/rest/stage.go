package rest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/postern/postern/runtime"
	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

var _ runtime.Stage = (*stage)(nil)

// stage is a compiled stage: its deployment and, under a canary, a second one.
type stage struct {
	main    *deployment
	canary  *deployment // nil: none
	percent float64
	draw    func() float64 // in [0, 100)
	traced  bool
}

// deployment is one compiled deployment with the stage's variables.
type deployment struct {
	id        string
	variables map[string]string
	matcher   matcher
	responses gatewayResponses
	binary    binaryTypes
	compress  compression
	now       func() time.Time
}

// Compile makes a snapshot ready to serve.
func (t *Type) Compile(s *snapshot.Stage) (runtime.Stage, error) {
	out := &stage{draw: func() float64 { return rand.Float64() * 100 }, traced: s.REST.TracingEnabled}
	if !s.REST.CacheClusterEnabled {
		t.clusters.Close(s.API.ID, s.Name)
	}
	var err error
	if out.main, err = t.compile(s, s.DeploymentID, s.REST.Deployment, s.Variables); err != nil {
		return nil, err
	}
	if c := s.REST.Canary; c != nil {
		variables := make(map[string]string, len(s.Variables)+len(c.VariableOverrides))
		maps.Copy(variables, s.Variables)
		maps.Copy(variables, c.VariableOverrides)
		if out.canary, err = t.compile(s, c.DeploymentID, c.Deployment, variables); err != nil {
			return nil, fmt.Errorf("canary: %w", err)
		}
		out.percent = c.PercentTraffic
	}
	return out, nil
}

func (t *Type) compile(s *snapshot.Stage, id string, api *snapshot.RESTDeployment, variables map[string]string) (*deployment, error) {
	d := &deployment{id: id, variables: variables, binary: newBinaryTypes(api.BinaryMediaTypes), compress: newCompression(api.MinimumCompressionSize), now: t.deps.Now}
	var err error
	if d.responses, err = compileGatewayResponses(api.GatewayResponses); err != nil {
		return nil, err
	}
	c := compiler{Type: t, stage: s, api: api, variables: variables}
	if c.certificate, err = clientCertificate(s.REST); err != nil {
		return nil, err
	}
	for i := range api.Resources {
		r := &api.Resources[i]
		v := &verbs{exact: map[string]*method{}}
		for j := range r.Methods {
			if err := c.add(v, r, &r.Methods[j]); err != nil {
				return nil, fmt.Errorf("method %s %s: %w", r.Methods[j].HTTPMethod, r.Path, err)
			}
		}
		if err := d.matcher.add(r.Path, v); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Serve answers one request.
func (s *stage) Serve(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context) {
	d := s.main
	if s.canary != nil {
		rc.HasCanary = true
		if s.draw() < s.percent {
			rc.Canary, d = true, s.canary
		}
	}
	rc.DeploymentID, rc.StageVariables = d.id, d.variables
	if s.traced {
		sampleTrace(rc)
	}
	if !rc.CustomDomain && len(rc.Path) > len("/")+len(rc.Stage)+len(rc.RoutePath) {
		// AWS: slashes before the stage are gone, those behind it are not.
		rc.Path = "/" + rc.Stage + rc.RoutePath
	}
	if override := r.Header.Get(methodOverride); override != "" {
		rc.Method = override
	}
	c := &call{rc: rc, r: r, deployment: d}
	res, err := c.respond()
	if err != nil {
		e := gwerr.From(err)
		res = d.responses.render(c, e)
		c.log.refused(e, res)
	} else {
		c.log.succeeded(res)
	}
	d.compress.response(r, res)
	write(w, r, rc, res)
	c.log.close(c, res)
}

func (c *call) respond() (*integration.Response, error) {
	if err := c.checkSize(); err != nil {
		return nil, err
	}
	m, params := c.deployment.matcher.find(c.rc.Method, c.rc.RoutePath)
	if m == nil {
		return nil, auth.NoMethod(c.rc.Header)
	}
	c.m = m
	c.rc.ResourceID, c.rc.ResourcePath, c.rc.OperationName = m.resourceID, m.resourcePath, m.operationName
	c.rc.PathParameters = params
	m.logging.open(c)
	// AWS: a client that leaves ends neither the authorizer's call nor the integration's.
	return m.serve(context.Background(), c)
}

// eventPath is the path that functions see: without the stage, one slash in front.
// Under a custom domain it is the client's, base path and all.
func (c *call) eventPath() string {
	if c.rc.CustomDomain {
		return c.rc.Path
	}
	return "/" + strings.TrimLeft(c.rc.RoutePath, "/")
}
