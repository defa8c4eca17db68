package apigatewayv2

import (
	"context"
	"errors"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/openapi"
)

// imported is a document that was read, and what there is to say about it.
type imported struct {
	*openapi.Document
	warnings       []string
	failOnWarnings bool
}

// parse reads the document of an import.
func (s *Service) parse(ctx context.Context, body, basePath *string, failOnWarnings *bool) (*imported, error) {
	id := awsapi.IdentityFrom(ctx)
	opts := openapi.Options{
		Protocol: openapi.HTTP, FailOnWarnings: awsapi.Val(failOnWarnings),
		Account: id.Account, Partition: awsapi.Partition(id.Region), Region: id.Region, NewID: s.cfg.NewID,
		CheckAuthorizer: func(a openapi.Authorizer) error {
			auth := importedAuthorizer(&a)
			err := auth.check()
			if err == nil {
				err = s.checkIssuer(ctx, auth.wire().JwtConfiguration)
			}
			if err != nil {
				return errors.New(awsapi.MessageOf(err))
			}
			return nil
		},
	}
	if err := opts.SetParameters(map[string]string{"basepath": awsapi.Val(basePath)}); err != nil {
		return nil, refusedDocument(err)
	}
	doc, warnings, err := openapi.Parse([]byte(awsapi.Val(body)), opts)
	if err != nil {
		return nil, refusedDocument(err)
	}
	if doc.Name == "" {
		return nil, awsapi.BadRequest("Invalid API name specified")
	}
	return &imported{Document: doc, warnings: warnings, failOnWarnings: opts.FailOnWarnings}, nil
}

// refusedDocument is an error of a document as API Gateway answers it.
func refusedDocument(err error) error {
	var refused *openapi.Error
	if errors.As(err, &refused) {
		return awsapi.BadRequest("%s", refused.Message)
	}
	return err
}

func (s *Service) importApi(ctx context.Context, in *wire.ImportApiInput) (*wire.ImportApiOutput, error) {
	doc, err := s.parse(ctx, in.Body, in.Basepath, in.FailOnWarnings)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.ImportApiOutput, error) {
		a := &API{RouteSelection: httpSelection, KeySelection: keySelection, IPAddressType: "ipv4", Created: tx.now()}
		if a.ID, err = tx.newAPIID(doc.Tags); err != nil {
			return nil, err
		}
		apis.Put(tx.Tx, tx.scope, a.ID, a)
		if err := tx.apply(a, doc); err != nil {
			return nil, err
		}
		if err := tx.s.cfg.DataPlane.Register(snapshotAPI(tx.scope, a)); err != nil {
			return nil, err
		}
		return (*wire.ImportApiOutput)(tx.importedAPI(a, doc)), nil
	})
}

func (s *Service) reimportApi(ctx context.Context, in *wire.ReimportApiInput) (*wire.ReimportApiOutput, error) {
	doc, err := s.parse(ctx, in.Body, in.Basepath, in.FailOnWarnings)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.ReimportApiOutput, error) {
		a, err := tx.editAPI(in.ApiId)
		if err != nil {
			return nil, err
		}
		// AWS: routes, integrations and authorizers are the document's alone; stages
		// stay, with their settings.
		prefix := a.ID + "/"
		routes.DeletePrefix(tx.Tx, tx.scope, prefix)
		integrations.DeletePrefix(tx.Tx, tx.scope, prefix)
		authorizers.DeletePrefix(tx.Tx, tx.scope, prefix)
		if err := tx.apply(a, doc); err != nil {
			return nil, err
		}
		if err := tx.s.cfg.DataPlane.Register(snapshotAPI(tx.scope, a)); err != nil {
			return nil, err
		}
		return (*wire.ReimportApiOutput)(tx.importedAPI(a, doc)), tx.autoDeploy(a)
	})
}

// importedAPI answers an import. AWS: what there was to say of the document is in
// this answer only.
func (tx *txn) importedAPI(a *API, doc *imported) *wire.Api {
	out := tx.wireAPI(a)
	out.ImportInfo, out.Warnings = doc.Info, doc.warnings
	return out
}

// apply makes the API what the document says. An error leaves nothing changed: the
// transaction ends with it.
func (tx *txn) apply(a *API, doc *imported) error {
	a.Name, a.Description, a.Version = doc.Name, doc.Description, doc.Version
	if disabled := doc.Endpoint.DisableExecuteAPIEndpoint; disabled != nil {
		a.DisableDefaultEndpoint = *disabled
	}
	if len(doc.Tags) > 0 {
		// unverified against AWS: a document without tags leaves an API's own.
		if err := tags.Check(doc.Tags); err != nil {
			return err
		}
		a.Tags = doc.Tags
	}
	a.CORS = nil
	if c := doc.CORS; c != nil {
		a.CORS = mergeCORS(nil, &wire.Cors{
			AllowCredentials: awsapi.NonEmpty(c.AllowCredentials), AllowHeaders: c.AllowHeaders, AllowMethods: c.AllowMethods,
			AllowOrigins: c.AllowOrigins, ExposeHeaders: c.ExposeHeaders, MaxAge: c.MaxAge,
		})
		if err := checkCORS(a.CORS); err != nil {
			return err
		}
	}
	authorizerIDs := map[string]string{}
	for i := range doc.Authorizers {
		auth := importedAuthorizer(&doc.Authorizers[i])
		auth.ID = tx.newID(6)
		authorizerIDs[auth.Name] = auth.ID
		authorizers.Put(tx.Tx, tx.scope, a.ID+"/"+auth.ID, auth)
	}
	var failures []string
	for _, resource := range doc.Resources {
		for _, m := range resource.Methods {
			failures = append(failures, tx.importRoute(a, resource.Path, m, authorizerIDs)...)
		}
	}
	if len(doc.Authorizers) > maxAuthorizers {
		return tooMany("authorizers")
	}
	if len(routes.List(tx.Tx, tx.scope, a.ID+"/")) > maxPerAPI {
		return tooMany("routes")
	}
	return refusedDocument(openapi.Reject(failures, doc.warnings, doc.failOnWarnings))
}
