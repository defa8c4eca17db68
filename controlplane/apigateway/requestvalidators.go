package apigateway

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// RequestValidator says which parts of a request a method checks.
type RequestValidator struct {
	ID                        string
	Name                      string
	ValidateRequestBody       bool
	ValidateRequestParameters bool
}

var requestValidators = store.NewTable[RequestValidator]("apigateway.requestvalidator")

var errRequestValidator = awsapi.NotFound("Invalid Request Validator identifier specified")

func (s *Service) createRequestValidator(ctx context.Context, in *wire.CreateRequestValidatorInput) (*wire.RequestValidator, error) {
	return edit(ctx, s, func(tx *txn) (*wire.RequestValidator, error) {
		if _, err := tx.restAPI(in.RestApiId); err != nil {
			// AWS: this one operation has its own status and text for a wrong API.
			return nil, awsapi.BadRequest("Invalid REST API identifier specified")
		}
		v := &RequestValidator{
			ID: tx.s.NewID(6), Name: awsapi.Val(in.Name),
			ValidateRequestBody: awsapi.Val(in.ValidateRequestBody), ValidateRequestParameters: awsapi.Val(in.ValidateRequestParameters),
		}
		requestValidators.Put(tx.Tx, tx.scope, *in.RestApiId+"/"+v.ID, v)
		return v.wire(), nil
	})
}

func (s *Service) getRequestValidator(ctx context.Context, in *wire.GetRequestValidatorInput) (*wire.RequestValidator, error) {
	return read(ctx, s, func(tx *txn) (*wire.RequestValidator, error) {
		v, ok := requestValidators.Get(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.RequestValidatorId)
		if !ok {
			return nil, errRequestValidator
		}
		return v.wire(), nil
	})
}

func (s *Service) getRequestValidators(ctx context.Context, in *wire.GetRequestValidatorsInput) (*wire.RequestValidators, error) {
	return read(ctx, s, func(tx *txn) (*wire.RequestValidators, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V1(requestValidators.List(tx.Tx, tx.scope, api.ID+"/"), in.Position, in.Limit, (*RequestValidator).wire)
		return &wire.RequestValidators{Items: items, Position: next}, err
	})
}

func (s *Service) updateRequestValidator(ctx context.Context, in *wire.UpdateRequestValidatorInput) (*wire.RequestValidator, error) {
	return edit(ctx, s, func(tx *txn) (*wire.RequestValidator, error) {
		v, ok := requestValidators.Edit(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.RequestValidatorId)
		if !ok {
			return nil, errRequestValidator
		}
		if err := requestValidatorPatches.Apply(v, in.PatchOperations); err != nil {
			return nil, err
		}
		return v.wire(), nil
	})
}

func (s *Service) deleteRequestValidator(ctx context.Context, in *wire.DeleteRequestValidatorInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		key := *in.RestApiId + "/" + *in.RequestValidatorId
		v, ok := requestValidators.Get(tx.Tx, tx.scope, key)
		if !ok {
			return nil, errRequestValidator
		}
		if user := tx.methodUsing(*in.RestApiId, func(m *Method) bool { return m.RequestValidatorID == v.ID }); user != "" {
			// unverified against AWS: the text.
			return nil, awsapi.Conflict("Cannot delete validator '%s', is referenced in method %s", v.Name, user)
		}
		requestValidators.Delete(tx.Tx, tx.scope, key)
		return nil, nil
	})
}

// methodUsing names a method that matches, as {resource path}/{VERB}; AWS names
// the last one it finds.
func (tx *txn) methodUsing(apiID string, uses func(*Method) bool) string {
	user := ""
	for _, r := range tx.resourcesOf(apiID) {
		for _, verb := range sortedNames(r.Methods) {
			if uses(r.Methods[verb]) {
				user = r.Path + "/" + verb
			}
		}
	}
	return user
}

func (v *RequestValidator) wire() *wire.RequestValidator {
	return &wire.RequestValidator{Id: &v.ID, Name: awsapi.NonEmpty(v.Name), ValidateRequestBody: &v.ValidateRequestBody, ValidateRequestParameters: &v.ValidateRequestParameters}
}

var requestValidatorPatches = patch.Table[*RequestValidator]{Family: patch.Listed, Rules: []patch.Rule[*RequestValidator]{
	{Path: "/name", Ops: patch.Replace, Apply: func(v *RequestValidator, p patch.Op) error {
		if p.Value == "" {
			return awsapi.BadRequest("Request Validator name cannot be blank")
		}
		v.Name = p.Value
		return nil
	}},
	{Path: "/validateRequestParameters", Ops: patch.Replace, Apply: func(v *RequestValidator, p patch.Op) error {
		v.ValidateRequestParameters = p.Truth()
		return nil
	}},
	{Path: "/validateRequestBody", Ops: patch.Replace, Apply: func(v *RequestValidator, p patch.Op) error {
		v.ValidateRequestBody = p.Truth()
		return nil
	}},
}}
