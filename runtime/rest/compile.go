package rest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/validate"
)

// compiler compiles one deployment for one stage.
type compiler struct {
	*Type
	stage     *snapshot.Stage
	api       *snapshot.RESTDeployment
	variables map[string]string
	models    *validate.Models // made by the first method that needs it
	policy    *policy.Policy   // likewise

	certificate *integration.ClientCertificate // nil: none is shown
}

func millis(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// add compiles a method and puts it among its resource's. One for ANY verb is compiled
// again for each verb that the stage has settings of its own for.
func (c *compiler) add(v *verbs, r *snapshot.RESTResource, m *snapshot.RESTMethod) error {
	compiled, err := c.method(r, m, m.HTTPMethod)
	if err != nil {
		return err
	}
	if m.HTTPMethod != anyVerb {
		v.exact[m.HTTPMethod] = compiled
		return nil
	}
	v.any = compiled
	for _, verb := range everyVerb {
		if _, own := c.stage.REST.MethodSettings[settingsKey(r.Path, verb)]; !own || v.has(verb) {
			continue
		}
		if v.exact[verb], err = c.method(r, m, verb); err != nil {
			return err
		}
	}
	return nil
}

// method compiles a method for the verb that its settings are found by.
func (c *compiler) method(r *snapshot.RESTResource, m *snapshot.RESTMethod, verb string) (*method, error) {
	out := &method{
		resourceID: r.ID, resourcePath: r.Path, configured: m.HTTPMethod, operationName: m.OperationName,
		variables: pathVariables(r.Path), keys: open{},
	}
	settings, key := c.settings(r.Path, m.HTTPMethod, verb)
	out.limits = c.limits(settings, key)
	out.authorizer, out.logging = c.authorizer(m), c.logging(settings, m)
	if m.APIKeyRequired {
		out.keys = c.keys(r.Path + "/" + m.HTTPMethod)
	}
	var err error
	if out.validator, err = c.validator(m); err != nil {
		return nil, err
	}
	if out.cache, err = c.cache(r.Path, m); err != nil {
		return nil, err
	}
	if err := c.integration(out, &m.Integration); err != nil {
		return nil, err
	}
	if r, ok := out.response.(*customResponse); ok {
		r.declare(m.Responses)
	}
	return out, nil
}

// integration chooses a method's request builder, integration and responder.
//
// An address or a function that stage variables make unusable is found out by those
// who call: AWS deploys such an API.
func (c *compiler) integration(m *method, in *snapshot.RESTIntegration) error {
	m.integrationKind, m.integrationMethod = in.Type, in.HTTPMethod
	// AWS takes a slash too many behind path.
	m.uri = strings.Replace(expandStageVariables(in.URI, c.variables), ":path//", ":path/", 1)
	credentials := expandStageVariables(in.Credentials, c.variables)
	parameters, err := compileRequestParameters(in.Type, in.RequestParameters)
	if err != nil {
		return err
	}
	switch in.Type {
	case "AWS_PROXY":
		if _, function := integration.FunctionARN(m.uri); !function {
			return c.proxiedService(m, in, parameters, credentials)
		}
		m.request, m.response = &lambdaProxy{parameters}, lambdaProxyResponse{}
		m.integration = c.lambdaIntegration(m.uri, in.HTTPMethod, credentials, in.TimeoutMillis)
		if l, ok := m.integration.(*integration.Lambda); ok && in.TransferMode == transferStream {
			l.Streaming, l.Idle, m.response = true, c.streamIdle(), lambdaStream{}
		}
		return nil
	case "HTTP_PROXY":
		backend, err := compileURL(m.uri)
		m.request, m.response = &httpProxy{in.HTTPMethod, backend, parameters}, httpProxyResponse{}
		m.integration = faults{c.httpIntegration(m.uri, in), in.ConnectionType == "VPC_LINK"}
		if in.TransferMode == transferStream {
			m.response = httpProxyStream{}
		}
		return m.unusable(err)
	}
	return c.custom(m, in, parameters, credentials)
}

func (c *compiler) custom(m *method, in *snapshot.RESTIntegration, parameters requestParameters, credentials string) error {
	var err error
	request := &customRequest{
		method: in.HTTPMethod, parameters: parameters, templates: compileTemplates(in.RequestTemplates),
		passthrough: in.PassthroughBehavior, handling: contentHandling(in.ContentHandling),
	}
	m.request = request
	_, function := integration.FunctionARN(m.uri)
	if m.response, err = compileResponses(in, in.Type == "AWS" && function); err != nil {
		return err
	}
	switch {
	case in.Type == "MOCK":
		m.integration = mock{}
	case in.Type == "HTTP":
		m.integration = faults{c.httpIntegration(m.uri, in), in.ConnectionType == "VPC_LINK"}
		request.url, err = compileURL(m.uri)
		return m.unusable(err)
	case function:
		m.integration = c.lambdaIntegration(m.uri, in.HTTPMethod, credentials, in.TimeoutMillis)
	case in.Type == "AWS":
		return c.awsService(m, request, in, credentials)
	default:
		return fmt.Errorf("integration type %q is none", in.Type)
	}
	return nil
}

// unusable makes a method whose address makes no sense answer as AWS does.
func (m *method) unusable(err error) error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, errEndpoint) {
		return err
	}
	m.request, m.integration = emptyRequest{}, misconfigured{gwerr.APIConfigurationError, err}
	return nil
}

// emptyRequest goes to an integration that will not make use of it.
type emptyRequest struct{}

func (emptyRequest) Build(_ context.Context, c *call) (*integration.Request, error) {
	return &integration.Request{Context: c.rc}, nil
}
