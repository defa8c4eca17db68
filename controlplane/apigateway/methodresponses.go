package apigateway

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// MethodResponse declares one status that a method answers with. A map that was
// given empty is kept as empty, one that was not given is nil: AWS shows the
// difference.
type MethodResponse struct {
	StatusCode         string
	ResponseParameters map[string]bool
	ResponseModels     map[string]string
}

var errStatus = awsapi.NotFound("Invalid Response status code specified")

func (s *Service) putMethodResponse(ctx context.Context, in *wire.PutMethodResponseInput) (*wire.MethodResponse, error) {
	return edit(ctx, s, func(tx *txn) (*wire.MethodResponse, error) {
		_, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		if m.Responses[*in.StatusCode] != nil {
			return nil, awsapi.Conflict("Response already exists for this resource")
		}
		r := &MethodResponse{StatusCode: *in.StatusCode, ResponseParameters: in.ResponseParameters, ResponseModels: in.ResponseModels}
		if err := tx.checkMethodResponse(*in.RestApiId, r); err != nil {
			return nil, err
		}
		if m.Responses == nil {
			m.Responses = map[string]*MethodResponse{}
		}
		m.Responses[r.StatusCode] = r
		return r.wire(), nil
	})
}

func (tx *txn) checkMethodResponse(apiID string, r *MethodResponse) error {
	for _, expr := range sortedNames(r.ResponseParameters) {
		if !responseDestination().MatchString(expr) {
			return errMapping(expr)
		}
	}
	return tx.checkModelNames(apiID, r.ResponseModels)
}

func (s *Service) getMethodResponse(ctx context.Context, in *wire.GetMethodResponseInput) (*wire.MethodResponse, error) {
	return read(ctx, s, func(tx *txn) (*wire.MethodResponse, error) {
		_, m, err := tx.getMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		r := m.Responses[*in.StatusCode]
		if r == nil {
			return nil, errStatus
		}
		return r.wire(), nil
	})
}

func (s *Service) updateMethodResponse(ctx context.Context, in *wire.UpdateMethodResponseInput) (*wire.MethodResponse, error) {
	return edit(ctx, s, func(tx *txn) (*wire.MethodResponse, error) {
		_, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		r := m.Responses[*in.StatusCode]
		if r == nil {
			return nil, errStatus
		}
		if err := methodResponsePatches.Apply(r, in.PatchOperations); err != nil {
			return nil, err
		}
		if err := tx.checkMethodResponse(*in.RestApiId, r); err != nil {
			return nil, err
		}
		return r.wire(), nil
	})
}

func (s *Service) deleteMethodResponse(ctx context.Context, in *wire.DeleteMethodResponseInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		_, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		if m.Responses[*in.StatusCode] == nil {
			return nil, errStatus
		}
		delete(m.Responses, *in.StatusCode)
		return nil, nil
	})
}

func (r *MethodResponse) wire() *wire.MethodResponse {
	return &wire.MethodResponse{StatusCode: &r.StatusCode, ResponseParameters: r.ResponseParameters, ResponseModels: r.ResponseModels}
}

var methodResponsePatches = patch.Table[*MethodResponse]{Family: patch.Bare, Rules: []patch.Rule[*MethodResponse]{
	{Path: "/responseParameters/{}", Ops: patch.AddReplaceRemove, Apply: func(r *MethodResponse, p patch.Op) error {
		if _, ok := r.ResponseParameters[p.Arg()]; !ok && p.Op != "add" {
			return errParameterName
		}
		if p.Op == "remove" {
			delete(r.ResponseParameters, p.Arg())
			if len(r.ResponseParameters) == 0 {
				r.ResponseParameters = nil
			}
			return nil
		}
		if r.ResponseParameters == nil {
			r.ResponseParameters = map[string]bool{}
		}
		r.ResponseParameters[p.Arg()] = p.Truth()
		return nil
	}},
	patch.MustExist(errContentType, patch.Map("/responseModels", func(r *MethodResponse) *map[string]string { return &r.ResponseModels }, nil),
		func(r *MethodResponse) map[string]string { return r.ResponseModels }),
}}

var (
	errParameterName = awsapi.NotFound("Invalid parameter name specified")
	errContentType   = awsapi.NotFound("Content-Type specified was not found")
)
