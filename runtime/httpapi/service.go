package httpapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// regionParameter is the parameter of every subtype that is not the service's own.
const regionParameter = "Region"

// serviceRequest makes the call of an AWS service integration: its parameters are
// mapped, then written as the service's operation wants them.
type serviceRequest struct {
	operation  serviceOperation
	region     string
	required   []string
	parameters map[string]value
	readsBody  bool
}

func compileServiceRequest(in *snapshot.HTTPIntegration, region string) (*serviceRequest, error) {
	operation, ok := serviceOperations[in.Subtype]
	if !ok {
		return nil, fmt.Errorf("service integration %s is none", in.Subtype)
	}
	out := &serviceRequest{
		operation: operation, region: region, required: snapshot.ServiceSubtypes[in.Subtype].Required,
		parameters: make(map[string]value, len(in.RequestParameters)),
	}
	for name, text := range in.RequestParameters {
		v, err := compileValue(text, fromRequest)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out.parameters[name] = v
		out.readsBody = out.readsBody || v.readsBody
	}
	return out, nil
}

func (b *serviceRequest) Build(rc *reqcontext.Context, r *http.Request, _ *route) (*integration.Request, error) {
	if b.readsBody {
		if err := readBody(r, rc); err != nil {
			return nil, err
		}
	}
	s := source{rc: rc, header: rc.Header, body: rc.Body}
	call := make(serviceParameters, len(b.parameters))
	for name, v := range b.parameters {
		if text, ok := v.text(&s); ok {
			call[name] = text
		}
	}
	for _, name := range b.required {
		if call[name] == "" {
			// unverified against AWS: a required value that resolves to nothing is the
			// client's fault.
			return nil, badParameter(rc, fmt.Errorf("parameter %s has no value", name))
		}
	}
	region := b.region
	if own := call[regionParameter]; own != "" {
		// The region becomes part of a host name.
		if strings.Trim(own, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return nil, badParameter(rc, fmt.Errorf("region %q is none", own))
		}
		region = own
	}
	req := &integration.Request{Context: rc, Region: region}
	if err := b.operation.encode(call, req); err != nil {
		return nil, badParameter(rc, err)
	}
	req.URL.Scheme, req.URL.Host = "https", b.operation.host+"."+region+".amazonaws.com"
	return req, nil
}

func badParameter(rc *reqcontext.Context, err error) error {
	rc.Integration.Error = err.Error()
	return &gwerr.Error{Type: gwerr.BadRequestParameters, Err: err}
}

// serviceResponse hands a service's answer on: AWS lets nothing but headers and the
// status be changed.
type serviceResponse struct{ mapping *mapping }

func (s *serviceResponse) Select(rc *reqcontext.Context, res *integration.Response) (*integration.Response, error) {
	rc.Integration.Status = res.Status
	if res.Length > maxPayload {
		res.Close()
		return nil, internal(errResponseTooLarge) // unverified against AWS: the status
	}
	if res.Stream != nil {
		if err := buffer(rc, res); err != nil {
			return nil, err
		}
	}
	res.Header = forwardResponse(res.Header.Clone())
	delete(res.Header, "Content-Length")
	s.mapping.response(rc, res)
	// AWS: an HTTP API's answer has none of the services' own headers. They go after
	// the mapping, which can read them and cannot set any like them.
	for name := range res.Header {
		if strings.HasPrefix(name, "X-Amz") || name == "Server" || name == "Date" {
			delete(res.Header, name)
		}
	}
	return res, nil
}
