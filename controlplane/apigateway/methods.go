package apigateway

import (
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// Method is what a resource does for one verb, or for ANY.
type Method struct {
	HTTPMethod          string
	AuthorizationType   string
	AuthorizerID        string
	APIKeyRequired      bool
	OperationName       string
	RequestValidatorID  string
	RequestParameters   map[string]bool
	RequestModels       map[string]string
	AuthorizationScopes []string
	Responses           map[string]*MethodResponse // by status code
	Integration         *Integration
}

var (
	errMethod = awsapi.NotFound("Invalid Method identifier specified")
	errVerb   = awsapi.BadRequest("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
)

var verbs = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}

// method finds a method in a resource.
func (r *Resource) method(verb *string) (*Method, error) {
	if m := r.Methods[awsapi.Val(verb)]; m != nil {
		return m, nil
	}
	return nil, errMethod
}

// editMethod finds a method, its resource first, for changing.
func (tx *txn) editMethod(apiID, resourceID, verb *string) (*Resource, *Method, error) {
	r, err := tx.editResource(apiID, resourceID)
	if err != nil {
		return nil, nil, err
	}
	m, err := r.method(verb)
	return r, m, err
}

func (tx *txn) getMethod(apiID, resourceID, verb *string) (*Resource, *Method, error) {
	r, err := tx.resource(apiID, resourceID)
	if err != nil {
		return nil, nil, err
	}
	m, err := r.method(verb)
	return r, m, err
}

func (s *Service) putMethod(ctx context.Context, in *wire.PutMethodInput) (*wire.Method, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Method, error) {
		r, err := tx.editResource(in.RestApiId, in.ResourceId)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(verbs, *in.HttpMethod) {
			return nil, errVerb
		}
		if r.Methods[*in.HttpMethod] != nil {
			return nil, awsapi.Conflict("Method already exists for this resource")
		}
		m := &Method{
			HTTPMethod: *in.HttpMethod, AuthorizationType: strings.ToUpper(*in.AuthorizationType), AuthorizerID: awsapi.Val(in.AuthorizerId),
			APIKeyRequired: awsapi.Val(in.ApiKeyRequired), OperationName: awsapi.Val(in.OperationName),
			RequestValidatorID: awsapi.Val(in.RequestValidatorId), RequestParameters: in.RequestParameters,
			RequestModels: in.RequestModels, AuthorizationScopes: in.AuthorizationScopes,
		}
		if len(m.AuthorizationScopes) > 0 && m.AuthorizationType != "COGNITO_USER_POOLS" {
			return nil, errScopes
		}
		if err := tx.checkMethod(*in.RestApiId, m); err != nil {
			return nil, err
		}
		if r.Methods == nil {
			r.Methods = map[string]*Method{}
		}
		r.Methods[m.HTTPMethod] = m
		return m.wire(), nil
	})
}

// unverified against AWS: that an update of a method may make one that this refuses.
var errScopes = awsapi.BadRequest("Invalid Method authorization type specified. Authorization Scopes are only valid for COGNITO_USER_POOLS authorization type")

func (s *Service) getMethod(ctx context.Context, in *wire.GetMethodInput) (*wire.Method, error) {
	return read(ctx, s, func(tx *txn) (*wire.Method, error) {
		_, m, err := tx.getMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		return m.wire(), nil
	})
}

func (s *Service) updateMethod(ctx context.Context, in *wire.UpdateMethodInput) (*wire.Method, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Method, error) {
		_, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		if err := methodPatches.Apply(methodPatch{tx, *in.RestApiId, m}, in.PatchOperations); err != nil {
			return nil, err
		}
		// AWS: the authorization type and the authorizer are judged together after
		// the last operation, so their order in one request does not matter.
		if err := tx.checkMethod(*in.RestApiId, m); err != nil {
			return nil, err
		}
		return m.wire(), nil
	})
}

func (s *Service) deleteMethod(ctx context.Context, in *wire.DeleteMethodInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		delete(r.Methods, m.HTTPMethod)
		return nil, nil
	})
}

// wire shows the method with everything below it. AWS: a map that is empty is
// left out.
func (m *Method) wire() *wire.Method {
	out := &wire.Method{
		HttpMethod: &m.HTTPMethod, AuthorizationType: &m.AuthorizationType, AuthorizerId: awsapi.NonEmpty(m.AuthorizerID),
		ApiKeyRequired: &m.APIKeyRequired, OperationName: awsapi.NonEmpty(m.OperationName),
		RequestValidatorId: awsapi.NonEmpty(m.RequestValidatorID), AuthorizationScopes: nonEmptyList(m.AuthorizationScopes),
	}
	if len(m.RequestParameters) > 0 {
		out.RequestParameters = m.RequestParameters
	}
	if len(m.RequestModels) > 0 {
		out.RequestModels = m.RequestModels
	}
	if len(m.Responses) > 0 {
		out.MethodResponses = make(map[string]wire.MethodResponse, len(m.Responses))
		for status, r := range m.Responses {
			out.MethodResponses[status] = *r.wire()
		}
	}
	if m.Integration != nil {
		out.MethodIntegration = m.Integration.wire()
	}
	return out
}
