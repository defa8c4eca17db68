package httpapi

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

var errNoPrivateTarget = errors.New("no local target is configured for the private integration")

// integration compiles one integration with its request and response steps.
func (c *compiler) integration(in *snapshot.HTTPIntegration) (*target, error) {
	mapping, err := compileMapping(in)
	if err != nil {
		return nil, err
	}
	uri := c.substitute(in.URI)
	out := &target{kind: in.Type, uri: uri, method: in.Method}
	timeout := time.Duration(in.TimeoutMillis) * time.Millisecond
	switch in.Type {
	case "AWS_PROXY":
		if in.Subtype != "" {
			return nil, fmt.Errorf("service integration %s is not served", in.Subtype)
		}
		arn, ok := integration.FunctionARN(uri)
		if !ok {
			return nil, fmt.Errorf("%s names no Lambda function", uri)
		}
		out.integration = &integration.Lambda{
			Invoker:        c.deps.Lambda,
			FunctionARN:    arn,
			CredentialsARN: c.substitute(in.CredentialsARN),
			Timeout:        timeout,
		}
		out.request = &lambdaRequest{v2: in.PayloadFormat == "2.0", mapping: mapping}
		out.response = &lambdaResponse{v2: in.PayloadFormat == "2.0", mapping: mapping}
	case "HTTP_PROXY":
		req := &proxyRequest{method: in.Method, mapping: mapping}
		backend := integration.HTTP{Backends: c.deps.Backends, Timeout: timeout, ServerName: in.ServerName}
		if in.ConnectionType == "VPC_LINK" {
			if uri, err = c.privateURL(in); err != nil {
				// Not the API's fault: its other routes still work.
				out.request, out.integration, out.response = req, unreachable{err}, &proxyResponse{mapping: mapping}
				return out, nil
			}
			req.private = true
		}
		if req.url, err = parseURL(uri); err != nil {
			return nil, err
		}
		out.request, out.integration, out.response = req, &backend, &proxyResponse{mapping: mapping}
	default:
		return nil, fmt.Errorf("integration type %s is none of an HTTP API", in.Type)
	}
	return out, nil
}

func (c *compiler) privateURL(in *snapshot.HTTPIntegration) (string, error) {
	if c.deps.PrivateTarget != nil {
		if base, ok := c.deps.PrivateTarget(in.URI); ok {
			return base, nil
		}
	}
	return "", fmt.Errorf("%s: %w", in.URI, errNoPrivateTarget)
}

var stageVariable = regexp.MustCompile(`\$\{stageVariables\.([A-Za-z0-9._-]+)\}`)

// substitute fills in the stage variables of a URI or ARN: they are the stage's own,
// so it is done once.
//
// unverified against AWS: a variable that is not set leaves nothing.
func (c *compiler) substitute(s string) string {
	return stageVariable.ReplaceAllStringFunc(s, func(m string) string {
		return c.stage.Variables[stageVariable.FindStringSubmatch(m)[1]]
	})
}
