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
