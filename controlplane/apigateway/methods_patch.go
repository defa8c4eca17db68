package apigateway

import (
	"slices"
	"sort"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	"github.com/postern/postern/internal/lazyregexp"
)

var authorizationTypes = []string{"NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"}

var methodParameter = lazyregexp.New(`^method\.request\.(path|querystring|header)\.([a-zA-Z0-9._$:\[\]-]+)$`)

// checkMethod judges a method as a whole: parameters, authorizer, validator and
// models, in AWS's order.
func (tx *txn) checkMethod(apiID string, m *Method) error {
	if err := checkRequestParameters(m.RequestParameters); err != nil {
		return err
	}
	if !slices.Contains(authorizationTypes, m.AuthorizationType) {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS")
	}
	if m.AuthorizationType == "CUSTOM" || m.AuthorizationType == "COGNITO_USER_POOLS" {
		a, ok := authorizers.Get(tx.Tx, tx.scope, apiID+"/"+m.AuthorizerID)
		if !ok || (a.Type == "COGNITO_USER_POOLS") != (m.AuthorizationType == "COGNITO_USER_POOLS") {
			return awsapi.BadRequest("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
		}
	} else {
		// AWS: an authorizer given to a method that does not use one is dropped.
		m.AuthorizerID = ""
	}
	if m.RequestValidatorID != "" {
		if _, ok := requestValidators.Get(tx.Tx, tx.scope, apiID+"/"+m.RequestValidatorID); !ok {
			return awsapi.BadRequest("Invalid Request Validator identifier specified")
		}
	}
	return tx.checkModelNames(apiID, m.RequestModels)
}

func checkRequestParameters(params map[string]bool) error {
	seen := map[string]bool{}
	for _, expr := range sortedNames(params) {
		parts := methodParameter().FindStringSubmatch(expr)
		if parts == nil {
			return errMapping(expr)
		}
		if seen[parts[2]] {
			return awsapi.BadRequest("Parameter names must be unique across querystring, header and path")
		}
		seen[parts[2]] = true
	}
	return nil
}

func errMapping(expr string) error {
	return awsapi.BadRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", expr)
}

// errUndeclared refuses a mapping from or to a parameter that the method lacks.
func errUndeclared(expr string) error {
	return awsapi.BadRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: %s]", expr)
}

// checkModelNames wants every model of a content type map to exist.
func (tx *txn) checkModelNames(apiID string, byType map[string]string) error {
	for _, contentType := range sortedNames(byType) {
		if _, ok := models.Get(tx.Tx, tx.scope, apiID+"/"+byType[contentType]); !ok {
			return awsapi.BadRequest("Invalid model identifier specified: %s", byType[contentType])
		}
	}
	return nil
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}

type methodPatch struct {
	tx    *txn
	apiID string
	m     *Method
}

var methodPatches = patch.Table[methodPatch]{Family: patch.Bare, Rules: []patch.Rule[methodPatch]{
	{Path: "/authorizationType", Ops: patch.Replace, Apply: func(r methodPatch, p patch.Op) error {
		r.m.AuthorizationType = strings.ToUpper(p.Value)
		return nil
	}},
	patch.Text("/authorizerId", func(r methodPatch) *string { return &r.m.AuthorizerID }),
	{Path: "/apiKeyRequired", Ops: patch.Replace, Apply: func(r methodPatch, p patch.Op) error {
		r.m.APIKeyRequired = p.Truth()
		return nil
	}},
	patch.Text("/operationName", func(r methodPatch) *string { return &r.m.OperationName }),
	patch.Text("/requestValidatorId", func(r methodPatch) *string { return &r.m.RequestValidatorID }),
	{Path: "/requestParameters/{}", Ops: patch.AddReplaceRemove, Apply: func(r methodPatch, p patch.Op) error {
		if p.Op == "remove" {
			delete(r.m.RequestParameters, p.Arg())
			return nil
		}
		if r.m.RequestParameters == nil {
			r.m.RequestParameters = map[string]bool{}
		}
		r.m.RequestParameters[p.Arg()] = p.Truth()
		return nil
	}},
	patch.Map("/requestModels", func(r methodPatch) *map[string]string { return &r.m.RequestModels }, nil),
	{Path: "/authorizationScopes", Ops: patch.AddRemove, Apply: func(r methodPatch, p patch.Op) error {
		r.m.AuthorizationScopes = without(r.m.AuthorizationScopes, p.Value)
		if p.Op == "add" {
			r.m.AuthorizationScopes = append(r.m.AuthorizationScopes, p.Value)
		}
		return nil
	}},
}}
