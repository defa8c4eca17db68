package rest

import (
	"fmt"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// awsService makes the call of an AWS service other than a function.
func (c *compiler) awsService(m *method, request *customRequest, in *snapshot.RESTIntegration, role string) error {
	target, ok := integration.ParseServiceTarget(m.uri)
	if !ok {
		return m.unusable(fmt.Errorf("%w: %s", errEndpoint, m.uri))
	}
	var err error
	request.service = true
	request.url, err = compileURL(target.URL)
	m.integration = &integration.AWSService{
		Target: target, Services: &c.deps.Services, Backends: c.deps.Backends, Role: role, Timeout: millis(in.TimeoutMillis), Now: c.deps.Now,
	}
	return m.unusable(err)
}

// proxiedService hands requests to an AWS service as they are, and its answers back.
// AWS: Firehose is the one that there is beside functions.
func (c *compiler) proxiedService(m *method, in *snapshot.RESTIntegration, parameters requestParameters, role string) error {
	request := &customRequest{method: in.HTTPMethod, parameters: parameters, passthrough: "WHEN_NO_MATCH"}
	m.request, m.response = request, httpProxyResponse{}
	return c.awsService(m, request, in, role)
}
