package apigateway

import (
	"context"
	"errors"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/openapi"
)

// importOptions are the options of an import as its query parameters give them.
func (s *Service) importOptions(ctx context.Context, apiID string, parameters map[string]string, failOnWarnings *bool) (openapi.Options, error) {
	id := awsapi.IdentityFrom(ctx)
	opts := openapi.Options{
		Protocol: openapi.REST, Account: id.Account, Partition: awsapi.Partition(id.Region), Region: id.Region, APIID: apiID, NewID: s.NewID,
		CheckAuthorizer: func(a openapi.Authorizer) error {
			rec := importedAuthorizer(&a)
			if err, ok := awsapi.AsError(rec.check()); ok {
				return errors.New(err.Message)
			}
			return nil
		},
	}
	err := opts.SetParameters(parameters)
	if failOnWarnings != nil {
		opts.FailOnWarnings = *failOnWarnings
	}
	return opts, refusedDocument(err)
}

// refusedDocument is an error of a document as API Gateway answers it.
func refusedDocument(err error) error {
	var refused *openapi.Error
	if errors.As(err, &refused) {
		return awsapi.BadRequest("%s", refused.Message)
	}
	return err
}

func (s *Service) importRestApi(ctx context.Context, in *wire.ImportRestApiInput) (*wire.RestApi, error) {
	apiID := s.NewID(10)
	opts, err := s.importOptions(ctx, apiID, in.Parameters, in.FailOnWarnings)
	if err != nil {
		return nil, err
	}
	doc, warnings, err := openapi.Parse(in.Body, opts)
	if err != nil {
		return nil, refusedDocument(err)
	}
	return edit(ctx, s, func(tx *txn) (*wire.RestApi, error) {
		api := &RestAPI{ID: apiID, CreatedDate: s.Now(), RootResourceID: s.NewID(10), APIKeySource: "HEADER"}
		endpoint := wire.EndpointConfiguration{IpAddressType: awsapi.NonEmpty(doc.Endpoint.IPAddressType), VpcEndpointIds: doc.Endpoint.VPCEndpointIDs}
		if len(doc.Endpoint.Types) > 0 {
			endpoint.Types = doc.Endpoint.Types
		}
		if err := api.setEndpoint(&endpoint); err != nil {
			return nil, err
		}
		if err := tx.checkAPICount(api.EndpointType); err != nil {
			return nil, err
		}
		api.DisableExecuteAPI = awsapi.Val(doc.Endpoint.DisableExecuteAPIEndpoint)
		tx.putResource(api.ID, &Resource{ID: api.RootResourceID, Path: "/"})
		if err := (&applier{tx: tx, api: api, doc: doc, failOnWarnings: opts.FailOnWarnings, warnings: warnings}).apply(); err != nil {
			return nil, err
		}
		return tx.imported(api, warnings, false)
	})
}

func (s *Service) putRestApi(ctx context.Context, in *wire.PutRestApiInput) (*wire.RestApi, error) {
	opts, err := s.importOptions(ctx, *in.RestApiId, in.Parameters, in.FailOnWarnings)
	if err != nil {
		return nil, err
	}
	// AWS: a body that is no document is told of before a wrong API is.
	doc, warnings, err := openapi.Parse(in.Body, opts)
	if err != nil {
		return nil, refusedDocument(err)
	}
	return edit(ctx, s, func(tx *txn) (*wire.RestApi, error) {
		if _, err := tx.restAPI(in.RestApiId); err != nil {
			return nil, err
		}
		api, _ := restAPIs.Edit(tx.Tx, tx.scope, *in.RestApiId)
		// AWS: the type of the endpoint stays, what the document says of it is taken.
		if disabled := doc.Endpoint.DisableExecuteAPIEndpoint; disabled != nil {
			api.DisableExecuteAPI = *disabled
		}
		if ids := doc.Endpoint.VPCEndpointIDs; ids != nil && api.EndpointType == "PRIVATE" {
			api.VPCEndpointIDs = ids
		}
		a := &applier{tx: tx, api: api, doc: doc, overwrite: awsapi.Val(in.Mode) == "overwrite", ignoreDocumentation: opts.IgnoreDocumentation, failOnWarnings: opts.FailOnWarnings, warnings: warnings}
		if err := a.apply(); err != nil {
			return nil, err
		}
		return tx.imported(api, warnings, true)
	})
}

// imported stores the API and answers. AWS: warnings are in this answer only.
func (tx *txn) imported(api *RestAPI, warnings []string, single bool) (*wire.RestApi, error) {
	restAPIs.Put(tx.Tx, tx.scope, api.ID, api)
	if err := tx.unenforced("RestApi", restAPIUnenforced(api)); err != nil {
		return nil, err
	}
	out := api.wire(single)
	out.Warnings = nonEmptyList(warnings)
	return out, tx.s.DataPlane.Register(tx.snapshotAPI(api))
}

func (s *Service) importDocumentationParts(ctx context.Context, in *wire.ImportDocumentationPartsInput) (*wire.DocumentationPartIds, error) {
	opts, err := s.importOptions(ctx, *in.RestApiId, nil, in.FailOnWarnings)
	if err != nil {
		return nil, err
	}
	parts, err := openapi.ParseDocumentation(in.Body, opts)
	if err != nil {
		return nil, refusedDocument(err)
	}
	return edit(ctx, s, func(tx *txn) (*wire.DocumentationPartIds, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		ids := tx.putDocumentation(api.ID, parts, awsapi.Val(in.Mode) == "overwrite")
		if documentationParts.Len(tx.Tx, tx.scope, api.ID+"/") > maxDocumentationParts {
			return nil, errTooManyParts
		}
		return &wire.DocumentationPartIds{Ids: ids}, nil
	})
}

// putDocumentation stores imported parts and gives their ids. Under merge a part
// takes the place of the one at its location.
func (tx *txn) putDocumentation(apiID string, parts []openapi.DocumentationPart, overwrite bool) []string {
	prefix := apiID + "/"
	if overwrite {
		documentationParts.DeletePrefix(tx.Tx, tx.scope, prefix)
	}
	have := map[string]string{}
	for _, d := range documentationParts.List(tx.Tx, tx.scope, prefix) {
		have[d.Location.key()] = d.ID
	}
	ids := make([]string, 0, len(parts))
	for i := range parts {
		p := &parts[i]
		d := &DocumentationPart{Properties: p.Properties, Location: DocumentationLocation{
			Type: p.Type, Path: awsapi.NonEmpty(p.Path), Method: awsapi.NonEmpty(p.Method),
			StatusCode: awsapi.NonEmpty(p.StatusCode), Name: awsapi.NonEmpty(p.Name),
		}}
		if d.ID = have[d.Location.key()]; d.ID == "" {
			d.ID = tx.s.NewID(6)
			have[d.Location.key()] = d.ID
		}
		documentationParts.Put(tx.Tx, tx.scope, prefix+d.ID, d)
		ids = append(ids, d.ID)
	}
	return ids
}
