package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

var errNoPrivateTarget = errors.New("no local target is configured for the private integration")

// integration compiles one integration with its request and response steps. One
// that cannot be compiled fails its own requests and not the stage, as AWS finds out
// about a bad URI when it is called.
func (c *compiler) integration(in *snapshot.HTTPIntegration) *target {
	out := &target{kind: in.Type, uri: c.substitute(in.URI), method: in.Method}
	mapping, err := compileMapping(in)
	switch {
	case err != nil:
	case in.Subtype != "":
		err = c.service(out, in, mapping)
	case in.Type == "AWS_PROXY":
		err = c.lambda(out, in, mapping)
	case in.Type == "HTTP_PROXY":
		err = c.proxy(out, in, mapping)
	default:
		err = fmt.Errorf("integration type %s is none of an HTTP API", in.Type)
	}
	if err != nil {
		out.request = broken{fmt.Errorf("integration %s: %w", in.ID, err)}
	}
	return out
}

func (c *compiler) lambda(out *target, in *snapshot.HTTPIntegration, m *mapping) error {
	arn, ok := integration.FunctionARN(out.uri)
	if !ok {
		return fmt.Errorf("%s names no Lambda function", out.uri)
	}
	out.integration = &integration.Lambda{
		Invoker:        c.deps.Lambda,
		FunctionARN:    arn,
		CredentialsARN: c.substitute(in.CredentialsARN),
		Timeout:        timeout(in),
	}
	v2 := in.PayloadFormat == "2.0"
	out.request, out.response = &lambdaRequest{v2: v2, mapping: m}, &lambdaResponse{v2: v2, mapping: m}
	return nil
}

func (c *compiler) service(out *target, in *snapshot.HTTPIntegration, m *mapping) error {
	request, err := compileServiceRequest(in, c.stage.API.Region)
	if err != nil {
		return err
	}
	out.integration = &integration.AWSService{
		Target:   integration.ServiceTarget{Region: c.stage.API.Region, Service: request.operation.service},
		Services: &c.deps.Services, Backends: c.deps.Backends, Role: c.substitute(in.CredentialsARN), Timeout: timeout(in), Now: c.deps.Now,
	}
	out.uri = in.Subtype
	out.request, out.response = request, &serviceResponse{mapping: m}
	return nil
}

func (c *compiler) proxy(out *target, in *snapshot.HTTPIntegration, m *mapping) (err error) {
	req := &proxyRequest{method: in.Method, mapping: m}
	uri := out.uri
	if req.private = in.ConnectionType == "VPC_LINK"; req.private {
		if uri, err = c.privateURL(in); err != nil {
			return gwerr.New(gwerr.IntegrationFailure, err)
		}
	}
	if req.url, err = parseURL(uri); err != nil {
		return err
	}
	out.integration = &integration.HTTP{Backends: c.deps.Backends, Timeout: timeout(in), TLS: integration.ClientTLS{ServerName: in.ServerName}}
	out.request, out.response = req, &proxyResponse{mapping: m}
	return nil
}

func timeout(in *snapshot.HTTPIntegration) time.Duration {
	return time.Duration(in.TimeoutMillis) * time.Millisecond
}

// broken stands for what could not be compiled.
type broken struct{ err error }

func (b broken) Build(rc *reqcontext.Context, _ *http.Request, _ *route) (*integration.Request, error) {
	rc.Integration.Error = b.err.Error()
	return nil, b.err
}

func (c *compiler) privateURL(in *snapshot.HTTPIntegration) (string, error) {
	if c.deps.PrivateTarget != nil {
		if base, ok := c.deps.PrivateTarget(in.URI, in.ConnectionID); ok {
			return base, nil
		}
	}
	return "", fmt.Errorf("%s: %w", in.URI, errNoPrivateTarget)
}

var stageVariable = lazyregexp.New(`\$\{stageVariables\.([A-Za-z0-9._-]+)\}`)

// substitute fills in the stage variables of a URI or ARN: they are the stage's own,
// so it is done once.
//
// unverified against AWS: a variable that is not set leaves nothing.
func (c *compiler) substitute(s string) string {
	return stageVariable().ReplaceAllStringFunc(s, func(m string) string {
		return c.stage.Variables[stageVariable().FindStringSubmatch(m)[1]]
	})
}
