package apigateway

import (
	"context"
	"errors"
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
			// AWS: an ANY method is tried with any verb.
			var missing error
			if _, m, missing = tx.getMethod(in.RestApiId, in.ResourceId, awsapi.Ptr("ANY")); missing != nil {
				return err
			}
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
		return tx.showCertificate(stage.REST, awsapi.Val(in.ClientCertificateId))
	})
	if err != nil {
		return nil, err
	}
	request := snapshot.RESTTestRequest{ResourceID: *in.ResourceId, HTTPMethod: *in.HttpMethod, Header: testHeader(in.Headers, in.MultiValueHeaders), Body: []byte(awsapi.Val(in.Body))}
	request.Path, request.RawQuery, _ = strings.Cut(awsapi.Val(in.PathWithQueryString), "?")
	res, err := s.TestInvoke(ctx, stage, request)
	if err != nil {
		// As with a deployment, what does not compile is the API's author's to mend.
		// unverified against AWS: it tells of that in the log of the test.
		return nil, awsapi.BadRequest("Unable to test the method: %v", err)
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

// showCertificate has backends be shown a client certificate, "" being none.
func (tx *txn) showCertificate(rest *snapshot.REST, id string) error {
	if id == "" {
		return nil
	}
	c, ok := clientCertificates.Get(tx.Tx, tx.scope, id)
	if !ok {
		return errClientCertificate
	}
	rest.ClientCertificateID, rest.ClientCertificate = id, &snapshot.KeyPair{CertificatePEM: c.CertificatePEM, KeyPEM: c.KeyPEM}
	return nil
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

// testAuthorizerStage is the stage that functions see in the ARN of a test.
const testAuthorizerStage = "ESTestInvoke-stage"

// testInvokeAuthorizer asks an authorizer of the draft, deployed or not.
func (s *Service) testInvokeAuthorizer(ctx context.Context, in *wire.TestInvokeAuthorizerInput) (*wire.TestInvokeAuthorizerOutput, error) {
	var stage *snapshot.Stage
	err := s.view(ctx, func(tx *txn) error {
		a, ok := authorizers.Get(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.AuthorizerId)
		if !ok {
			return errAuthorizer
		}
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return err
		}
		stage = &snapshot.Stage{
			API: tx.snapshotAPI(api), Name: testAuthorizerStage, DeploymentID: testAuthorizerStage, Variables: in.StageVariables,
			REST: &snapshot.REST{Deployment: &snapshot.RESTDeployment{EndpointType: api.EndpointType, Authorizers: []snapshot.RESTAuthorizer{a.freeze()}}},
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	request := snapshot.RESTTestRequest{Header: testHeader(in.Headers, in.MultiValueHeaders), Body: []byte(awsapi.Val(in.Body)), Context: in.AdditionalContext}
	if request.Path, request.RawQuery, _ = strings.Cut(awsapi.Val(in.PathWithQueryString), "?"); request.Path == "" {
		request.Path = "/"
	}
	res, err := s.TestAuthorize(ctx, stage, request)
	var unknown *snapshot.UnknownContextError
	if errors.As(err, &unknown) {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Invalid additional context specified: %s", unknown.Name)
	}
	if err != nil {
		return nil, err
	}
	return &wire.TestInvokeAuthorizerOutput{
		ClientStatus: &res.ClientStatus, Log: &res.Log, Latency: awsapi.Ptr(res.Latency.Milliseconds()),
		PrincipalId: awsapi.NonEmpty(res.PrincipalID), Policy: awsapi.NonEmpty(res.Policy), Claims: res.Claims,
	}, nil
}

// testHeader joins both forms of headers. The names stay as they are written.
func testHeader(single map[string]string, multi map[string][]string) http.Header {
	h := http.Header{}
	for name, v := range single {
		h[name] = []string{v}
	}
	for name, values := range multi {
		h[name] = values
	}
	return h
}
