package apigateway

import (
	"context"
	"net/http"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/runtime/snapshot"
)

// testStage is the name of the stage that test invocations say they run in.
const testStage = "test-invoke-stage"

// testInvokeMethod runs a method of the draft, deployed or not.
func (s *Service) testInvokeMethod(ctx context.Context, in *wire.TestInvokeMethodInput) (*wire.TestInvokeMethodOutput, error) {
	var stage *snapshot.Stage
	err := s.view(ctx, func(tx *txn) error {
		_, m, err := tx.getMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		if m.Integration == nil {
			return errIntegration
		}
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return err
		}
		draft := tx.freeze(api)
		draft.Resources = onlyResource(draft.Resources, *in.ResourceId)
		stage = &snapshot.Stage{
			API: tx.snapshotAPI(api), Name: testStage, DeploymentID: testStage, Variables: in.StageVariables, REST: &snapshot.REST{Deployment: draft},
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	request := snapshot.RESTTestRequest{ResourceID: *in.ResourceId, HTTPMethod: *in.HttpMethod, Header: testHeader(in), Body: []byte(awsapi.Val(in.Body))}
	request.Path, request.RawQuery, _ = strings.Cut(awsapi.Val(in.PathWithQueryString), "?")
	res, err := s.test(ctx, stage, request)
	if err != nil {
		return nil, err
	}
	out := &wire.TestInvokeMethodOutput{
		Status: &res.Status, Body: awsapi.Ptr(string(res.Body)), Headers: map[string]string{}, MultiValueHeaders: map[string][]string{},
		Log: &res.Log, Latency: awsapi.Ptr(res.Latency.Milliseconds()),
	}
	for name, values := range res.Header {
		if len(values) > 0 {
			out.Headers[name], out.MultiValueHeaders[name] = values[len(values)-1], values
		}
	}
	return out, nil
}

// onlyResource leaves out the other resources: they need not be complete.
func onlyResource(list []snapshot.RESTResource, id string) []snapshot.RESTResource {
	for i := range list {
		if list[i].ID == id {
			return list[i : i+1]
		}
	}
	return nil
}

func testHeader(in *wire.TestInvokeMethodInput) http.Header {
	h := http.Header{}
	for name, v := range in.Headers {
		h.Set(name, v)
	}
	for name, values := range in.MultiValueHeaders {
		h.Del(name)
		for _, v := range values {
			h.Add(name, v)
		}
	}
	return h
}
