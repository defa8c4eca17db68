package apigateway

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// Authorizer is the record of a Lambda or Cognito authorizer.
type Authorizer struct {
	ID                   string
	Name                 string
	Type                 string
	ProviderARNs         []string
	AuthType             string
	URI                  string
	Credentials          string
	IdentitySource       string
	ValidationExpression string
	TTLSeconds           *int // nil: not given, which is not shown and means the default
}

const (
	defaultAuthorizerTTL = 300
	maxAuthorizers       = 10
)

var authorizers = store.NewTable[Authorizer]("apigateway.authorizer")

var (
	errAuthorizer         = awsapi.NotFound("Invalid Authorizer identifier specified")
	errTooManyAuthorizers = limits.Reached("Authorizers", limits.OfAPI)
)

func (s *Service) createAuthorizer(ctx context.Context, in *wire.CreateAuthorizerInput) (*wire.Authorizer, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Authorizer, error) {
		a := &Authorizer{
			ID: tx.s.NewID(6), Name: *in.Name, Type: *in.Type, ProviderARNs: in.ProviderARNs, AuthType: awsapi.Val(in.AuthType),
			URI: awsapi.Val(in.AuthorizerUri), Credentials: awsapi.Val(in.AuthorizerCredentials),
			IdentitySource: awsapi.Val(in.IdentitySource), ValidationExpression: awsapi.Val(in.IdentityValidationExpression),
			TTLSeconds: in.AuthorizerResultTtlInSeconds,
		}
		if a.AuthType == "" {
			a.AuthType = "custom"
			if a.Type == "COGNITO_USER_POOLS" {
				a.AuthType = "cognito_user_pools"
			}
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		if _, err := tx.restAPI(in.RestApiId); err != nil {
			// AWS: a wrong API id is reported as a conflict, after the URI was checked.
			return nil, awsapi.Conflict("Unable to complete operation due to concurrent modification. Please try again later.")
		}
		if err := tx.checkAuthorizerName(*in.RestApiId, a); err != nil {
			return nil, err
		}
		if authorizers.Len(tx.Tx, tx.scope, *in.RestApiId+"/") >= maxAuthorizers {
			return nil, errTooManyAuthorizers
		}
		authorizers.Put(tx.Tx, tx.scope, *in.RestApiId+"/"+a.ID, a)
		return a.wire(), nil
	})
}

var lambdaURI = lazyregexp.New(`^arn:[^:]+:apigateway:[^:]+:lambda:path/[^/]+/functions/.+/invocations$`)

var userPool = lazyregexp.New(`^arn:[^:]+:cognito-idp:[^:]+:[0-9]{12}:userpool/[^/]+$`)

// AWS: request parameters, stage variables and the context are all that identities are
// taken from.
var identitySource = lazyregexp.New(`^(?:method\.request\.(?:header|querystring)\.[^\s,]+|stageVariables\.[a-zA-Z0-9_]+|context\.[a-zA-Z0-9._-]+)$`)

// AWS: a token is in one header.
var identityHeader = lazyregexp.New(`^\s*method\.request\.header\.[^\s,]+\s*$`)

// check judges an authorizer as a whole.
func (a *Authorizer) check() error {
	if a.Type == "COGNITO_USER_POOLS" {
		if len(a.ProviderARNs) == 0 {
			return awsapi.BadRequest("ProviderARNs cannot be empty")
		}
		if bad := slices.DeleteFunc(slices.Clone(a.ProviderARNs), userPool().MatchString); len(bad) > 0 {
			// AWS: https://github.com/aws/aws-cdk/issues/31735
			// unverified against AWS: what stands between several.
			return awsapi.BadRequest("ProviderARNs need to be valid Cognito Userpools. Invalid ARNs- %s", strings.Join(bad, ", "))
		}
	} else if !lambdaURI().MatchString(a.URI) {
		return awsapi.BadRequest("Invalid Authorizer URI: %s. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.", a.URI)
	}
	ttl := a.ttl()
	if ttl < 0 || ttl > 3600 {
		return awsapi.BadRequest("Authorizer result TTL outside allowable range. TTL must be between 0 and 3600 seconds.")
	}
	if a.Type != "REQUEST" && a.IdentitySource != "" && !identityHeader().MatchString(a.IdentitySource) {
		// unverified against AWS: the text.
		return errMapping(a.IdentitySource)
	}
	for source := range strings.SplitSeq(a.IdentitySource, ",") {
		if source = strings.TrimSpace(source); source != "" && !identitySource().MatchString(source) {
			return awsapi.BadRequest("Invalid request identity source expression: %s. The sources must be separated by comma, and each source must be either a method request parameter, "+
				"matching 'method.request.querystring|header.[a-zA-Z0-9._-]+', or a stage variable, matching 'stageVariables.[a-zA-Z0-9._-]+', "+
				"or a context parameter, matching 'context.[a-zA-Z0-9._-]+'", source)
		}
	}
	switch {
	case a.Type == "TOKEN" && a.IdentitySource == "":
		a.IdentitySource = "method.request.header.Authorization"
	case a.Type == "REQUEST" && a.IdentitySource == "" && ttl > 0:
		// unverified against AWS: the text.
		return awsapi.BadRequest("Identity source is required when caching is enabled for a REQUEST authorizer.")
	}
	return nil
}

func (a *Authorizer) ttl() int {
	if a.TTLSeconds == nil {
		return defaultAuthorizerTTL
	}
	return *a.TTLSeconds
}

func (tx *txn) checkAuthorizerName(apiID string, a *Authorizer) error {
	for _, other := range authorizers.List(tx.Tx, tx.scope, apiID+"/") {
		if other.Name == a.Name && other.ID != a.ID {
			return awsapi.BadRequest("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", a.Name)
		}
	}
	return nil
}

func (s *Service) getAuthorizer(ctx context.Context, in *wire.GetAuthorizerInput) (*wire.Authorizer, error) {
	return read(ctx, s, func(tx *txn) (*wire.Authorizer, error) {
		a, ok := authorizers.Get(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.AuthorizerId)
		if !ok {
			return nil, errAuthorizer
		}
		return a.wire(), nil
	})
}

func (s *Service) getAuthorizers(ctx context.Context, in *wire.GetAuthorizersInput) (*wire.Authorizers, error) {
	return read(ctx, s, func(tx *txn) (*wire.Authorizers, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V1(authorizers.List(tx.Tx, tx.scope, api.ID+"/"), in.Position, in.Limit, (*Authorizer).wire)
		return &wire.Authorizers{Items: items, Position: next}, err
	})
}

func (s *Service) updateAuthorizer(ctx context.Context, in *wire.UpdateAuthorizerInput) (*wire.Authorizer, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Authorizer, error) {
		a, ok := authorizers.Edit(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.AuthorizerId)
		if !ok {
			return nil, errAuthorizer
		}
		if err := authorizerPatches.Apply(a, in.PatchOperations); err != nil {
			return nil, err
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		return a.wire(), tx.checkAuthorizerName(*in.RestApiId, a)
	})
}

func (s *Service) deleteAuthorizer(ctx context.Context, in *wire.DeleteAuthorizerInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		key := *in.RestApiId + "/" + *in.AuthorizerId
		a, ok := authorizers.Get(tx.Tx, tx.scope, key)
		if !ok {
			return nil, errAuthorizer
		}
		for _, r := range tx.resourcesOf(*in.RestApiId) {
			for _, verb := range sortedNames(r.Methods) {
				if r.Methods[verb].AuthorizerID == a.ID {
					return nil, awsapi.Conflict("Cannot delete authorizer, is referenced in method: %s/%s", verb, r.Path)
				}
			}
		}
		authorizers.Delete(tx.Tx, tx.scope, key)
		return nil, nil
	})
}

func (a *Authorizer) wire() *wire.Authorizer {
	return &wire.Authorizer{
		Id: &a.ID, Name: &a.Name, Type: &a.Type, ProviderARNs: nonEmptyList(a.ProviderARNs), AuthType: &a.AuthType,
		AuthorizerUri: awsapi.NonEmpty(a.URI), AuthorizerCredentials: awsapi.NonEmpty(a.Credentials),
		IdentitySource: awsapi.NonEmpty(a.IdentitySource), IdentityValidationExpression: awsapi.NonEmpty(a.ValidationExpression),
		AuthorizerResultTtlInSeconds: a.TTLSeconds,
	}
}

func (a *Authorizer) freeze() snapshot.RESTAuthorizer {
	return snapshot.RESTAuthorizer{
		ID: a.ID, Name: a.Name, AuthType: a.AuthType, Type: a.Type, URI: a.URI, Credentials: a.Credentials, IdentitySource: a.IdentitySource,
		ValidationExpression: a.ValidationExpression, TTLSeconds: a.ttl(), ProviderARNs: a.ProviderARNs,
	}
}

var authorizerPatches = patch.Table[*Authorizer]{Family: patch.Bare, Rules: []patch.Rule[*Authorizer]{
	patch.Text("/authorizerUri", func(a *Authorizer) *string { return &a.URI }),
	patch.Text("/authorizerCredentials", func(a *Authorizer) *string { return &a.Credentials }),
	patch.Text("/authType", func(a *Authorizer) *string { return &a.AuthType }),
	patch.Text("/identityValidationExpression", func(a *Authorizer) *string { return &a.ValidationExpression }),
	patch.Text("/name", func(a *Authorizer) *string { return &a.Name }),
	patch.Enum("/type", []string{"TOKEN", "REQUEST", "COGNITO_USER_POOLS"}, func(a *Authorizer) *string { return &a.Type }),
	{Path: "/authorizerResultTtlInSeconds", Ops: patch.Replace, Apply: func(a *Authorizer, p patch.Op) error {
		n, err := strconv.Atoi(p.Value)
		if err != nil {
			n = -1 // refused with the others that are out of range
		}
		a.TTLSeconds = &n
		return nil
	}},
	{Path: "/identitySource", Ops: patch.AddReplaceRemove, Apply: func(a *Authorizer, p patch.Op) error {
		a.IdentitySource = p.Value
		if p.Op == "remove" {
			a.IdentitySource = ""
		}
		return nil
	}},
	{Path: "/providerARNs", Ops: patch.AddRemove, Apply: func(a *Authorizer, p patch.Op) error {
		if p.Op == "remove" {
			a.ProviderARNs = without(a.ProviderARNs, p.Value)
		} else if !slices.Contains(a.ProviderARNs, p.Value) {
			a.ProviderARNs = append(a.ProviderARNs, p.Value)
		}
		return nil
	}},
}}
