package apigatewayv2

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Authorizer is the record of an authorizer.
type Authorizer struct {
	ID              string
	Name            string
	Type            string // REQUEST, JWT
	URI             string
	CredentialsARN  string
	PayloadFormat   string
	SimpleResponses *bool
	IdentitySources []string
	TTL             *int // nil: not set
	JWT             *JWT
	// ValidationExpression is kept and shown only: see Unenforced.
	ValidationExpression string
}

// JWT is the configuration of a JWT authorizer.
type JWT struct {
	Audience []string
	Issuer   string
}

var authorizers = store.NewTable[Authorizer]("apigatewayv2.authorizer")

const (
	requestAuthorizer = "REQUEST"
	jwtAuthorizer     = "JWT"

	maxAuthorizers = 10
	defaultTTL     = 300
)

func (tx *txn) authorizer(apiID, id *string) (*API, *Authorizer, error) {
	a, err := tx.api(apiID)
	if err != nil {
		return nil, nil, err
	}
	auth, ok := authorizers.Get(tx.Tx, tx.scope, a.ID+"/"+awsapi.Val(id))
	if !ok {
		return nil, nil, awsapi.NotFound("Invalid Authorizer identifier specified %s", awsapi.Val(id))
	}
	return a, auth, nil
}

func (s *Service) createAuthorizer(ctx context.Context, in *wire.CreateAuthorizerInput) (*wire.CreateAuthorizerOutput, error) {
	if err := s.checkIssuer(ctx, in.JwtConfiguration); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreateAuthorizerOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		if in.IdentitySource == nil {
			// AWS: the model requires it, the service does not.
			in.IdentitySource = []string{}
		}
		auth := &Authorizer{ID: tx.newID(6)}
		sent := &wire.UpdateAuthorizerInput{
			ApiId: in.ApiId, AuthorizerCredentialsArn: in.AuthorizerCredentialsArn, AuthorizerPayloadFormatVersion: in.AuthorizerPayloadFormatVersion,
			AuthorizerResultTtlInSeconds: in.AuthorizerResultTtlInSeconds, AuthorizerType: in.AuthorizerType, AuthorizerUri: in.AuthorizerUri,
			EnableSimpleResponses: in.EnableSimpleResponses, IdentitySource: in.IdentitySource,
			IdentityValidationExpression: in.IdentityValidationExpression, JwtConfiguration: in.JwtConfiguration, Name: in.Name,
		}
		if err := auth.patch(sent); err != nil {
			return nil, err
		}
		if err := model("CreateAuthorizer", in); err != nil {
			return nil, err
		}
		if err := tx.unenforced("Authorizer", authorizerUnenforced(auth)); err != nil {
			return nil, err
		}
		if err := tx.uniqueName(a, auth); err != nil {
			return nil, err
		}
		if len(authorizers.List(tx.Tx, tx.scope, a.ID+"/")) >= maxAuthorizers {
			return nil, tooMany("authorizers")
		}
		authorizers.Put(tx.Tx, tx.scope, a.ID+"/"+auth.ID, auth)
		return (*wire.CreateAuthorizerOutput)(auth.wire()), tx.autoDeploy(a)
	})
}

func (s *Service) getAuthorizer(ctx context.Context, in *wire.GetAuthorizerInput) (*wire.GetAuthorizerOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetAuthorizerOutput, error) {
		_, auth, err := tx.authorizer(in.ApiId, in.AuthorizerId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetAuthorizerOutput)(auth.wire()), nil
	})
}

func (s *Service) getAuthorizers(ctx context.Context, in *wire.GetAuthorizersInput) (*wire.GetAuthorizersOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetAuthorizersOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V2(authorizers.List(tx.Tx, tx.scope, a.ID+"/"), in.MaxResults, in.NextToken, (*Authorizer).wire)
		return &wire.GetAuthorizersOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateAuthorizer(ctx context.Context, in *wire.UpdateAuthorizerInput) (*wire.UpdateAuthorizerOutput, error) {
	if err := s.checkIssuer(ctx, in.JwtConfiguration); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.UpdateAuthorizerOutput, error) {
		a, have, err := tx.authorizer(in.ApiId, in.AuthorizerId)
		if err != nil {
			return nil, err
		}
		auth, _ := authorizers.Edit(tx.Tx, tx.scope, a.ID+"/"+have.ID)
		if err := auth.patch(in); err != nil {
			return nil, err
		}
		if err := tx.uniqueName(a, auth); err != nil {
			return nil, err
		}
		if err := model("UpdateAuthorizer", in); err != nil {
			return nil, err
		}
		if err := tx.unenforced("Authorizer", authorizerUnenforced(auth)); err != nil {
			return nil, err
		}
		return (*wire.UpdateAuthorizerOutput)(auth.wire()), tx.autoDeploy(a)
	})
}

func (s *Service) deleteAuthorizer(ctx context.Context, in *wire.DeleteAuthorizerInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, auth, err := tx.authorizer(in.ApiId, in.AuthorizerId)
		if err != nil {
			return nil, err
		}
		var used []string
		for _, r := range routes.List(tx.Tx, tx.scope, a.ID+"/") {
			if r.AuthorizerID == auth.ID {
				used = append(used, r.Key)
			}
		}
		if len(used) > 0 {
			return nil, awsapi.Conflict("Cannot delete authorizer '%s', is referenced in route: %s", auth.Name, strings.Join(used, ", "))
		}
		authorizers.Delete(tx.Tx, tx.scope, a.ID+"/"+auth.ID)
		return nil, tx.autoDeploy(a)
	})
}

func (s *Service) resetAuthorizersCache(ctx context.Context, in *wire.ResetAuthorizersCacheInput) (*awsapi.Empty, error) {
	return read(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, st, err := tx.stage(in.ApiId, in.StageName)
		if err != nil {
			return nil, err
		}
		tx.s.cfg.DataPlane.ResetAuthorizers(a.ID, st.Name)
		return nil, nil
	})
}

func (a *Authorizer) patch(in *wire.UpdateAuthorizerInput) error {
	set(&a.Name, in.Name)
	set(&a.Type, in.AuthorizerType)
	set(&a.URI, in.AuthorizerUri)
	set(&a.CredentialsARN, in.AuthorizerCredentialsArn)
	set(&a.PayloadFormat, in.AuthorizerPayloadFormatVersion)
	if in.EnableSimpleResponses != nil {
		a.SimpleResponses = in.EnableSimpleResponses
	}
	if in.IdentitySource != nil {
		a.IdentitySources = in.IdentitySource
	}
	if in.AuthorizerResultTtlInSeconds != nil {
		a.TTL = in.AuthorizerResultTtlInSeconds
	}
	if sent := in.JwtConfiguration; sent != nil {
		jwt := awsapi.Val(a.JWT)
		if sent.Audience != nil {
			jwt.Audience = sent.Audience
		}
		set(&jwt.Issuer, sent.Issuer)
		a.JWT = &jwt
	}
	set(&a.ValidationExpression, in.IdentityValidationExpression)
	return a.check()
}

// ttl is how long a result is kept.
//
// AWS: 300 seconds where there is an identity source to keep it by.
func (a *Authorizer) ttl() int {
	switch {
	case a.Type != requestAuthorizer:
		return 0
	case a.TTL != nil:
		return *a.TTL
	case len(a.IdentitySources) > 0:
		return defaultTTL
	}
	return 0
}

func (a *Authorizer) snapshot() snapshot.HTTPAuthorizer {
	out := snapshot.HTTPAuthorizer{
		ID: a.ID, Name: a.Name, Type: a.Type, URI: a.URI, CredentialsARN: a.CredentialsARN, PayloadFormat: a.PayloadFormat,
		IdentitySources: a.IdentitySources, SimpleResponses: awsapi.Val(a.SimpleResponses), TTLSeconds: a.ttl(),
	}
	if a.JWT != nil {
		out.Issuer, out.Audience = a.JWT.Issuer, a.JWT.Audience
	}
	return out
}

func (a *Authorizer) wire() *wire.Authorizer {
	out := &wire.Authorizer{
		AuthorizerCredentialsArn:       awsapi.NonEmpty(a.CredentialsARN),
		AuthorizerId:                   &a.ID,
		AuthorizerPayloadFormatVersion: awsapi.NonEmpty(a.PayloadFormat),
		AuthorizerType:                 &a.Type,
		AuthorizerUri:                  awsapi.NonEmpty(a.URI),
		EnableSimpleResponses:          a.SimpleResponses,
		IdentityValidationExpression:   awsapi.NonEmpty(a.ValidationExpression),
		Name:                           &a.Name,
	}
	if len(a.IdentitySources) > 0 {
		out.IdentitySource = a.IdentitySources
	}
	if a.Type == requestAuthorizer {
		out.AuthorizerResultTtlInSeconds = awsapi.Ptr(a.ttl())
	}
	if a.JWT != nil {
		out.JwtConfiguration = &wire.JWTConfiguration{Audience: a.JWT.Audience, Issuer: &a.JWT.Issuer}
	}
	return out
}
