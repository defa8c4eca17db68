package domains

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
)

var (
	errMappingV2  = awsapi.NotFound("The api mapping resource specified in the request was not found.")
	errMappingKey = awsapi.Conflict("ApiMapping key already exists for this domain name")
)

func (tx *txn) errAPI(id string) error {
	e := awsapi.NotFound("Invalid API identifier specified %s:%s", tx.scope.Account, id)
	e.Fields = map[string]any{"resourceType": "Api"}
	return e
}

func (s *Service) createApiMapping(ctx context.Context, in *wire.CreateApiMappingInput) (*wire.CreateApiMappingOutput, error) {
	if err := model("CreateApiMapping", in); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreateApiMappingOutput, error) {
		d, ok := tx.find(in.DomainName, nil)
		if !ok {
			return nil, errDomainV2
		}
		m := &Mapping{ID: tx.s.NewID(6), Key: awsapi.Val(in.ApiMappingKey), APIID: *in.ApiId, Stage: *in.Stage}
		if err := tx.keepAPIMapping(d, m); err != nil {
			return nil, err
		}
		return (*wire.CreateApiMappingOutput)(m.wireV2()), nil
	})
}

func (tx *txn) keepAPIMapping(d *Domain, m *Mapping) error {
	if _, ok := tx.s.APIs.Kind(tx.Tx, tx.scope, m.APIID); !ok {
		return tx.errAPI(m.APIID)
	}
	// A mapping that v1 made may leave the stage to the path.
	if m.Stage != "" && !tx.s.APIs.HasStage(tx.Tx, tx.scope, m.APIID, m.Stage) {
		return awsapi.BadRequest("Invalid stage identifier specified")
	}
	return tx.keepMapping(d, m, errMappingKey)
}

func (tx *txn) apiMapping(name, id *string) (*Domain, *Mapping, error) {
	d, ok := tx.find(name, nil)
	if !ok {
		return nil, nil, errDomainV2
	}
	m, ok := mappings.Get(tx.Tx, tx.scope, d.key()+"/"+awsapi.Val(id))
	if !ok {
		return nil, nil, errMappingV2
	}
	return d, m, nil
}

func (s *Service) getApiMapping(ctx context.Context, in *wire.GetApiMappingInput) (*wire.GetApiMappingOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetApiMappingOutput, error) {
		_, m, err := tx.apiMapping(in.DomainName, in.ApiMappingId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetApiMappingOutput)(m.wireV2()), nil
	})
}

func (s *Service) getApiMappings(ctx context.Context, in *wire.GetApiMappingsInput) (*wire.GetApiMappingsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetApiMappingsOutput, error) {
		d, ok := tx.find(in.DomainName, nil)
		if !ok {
			return nil, errDomainV2
		}
		items, next, err := paging.V2(tx.mappingsOf(d), in.MaxResults, in.NextToken, (*Mapping).wireV2)
		return &wire.GetApiMappingsOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateApiMapping(ctx context.Context, in *wire.UpdateApiMappingInput) (*wire.UpdateApiMappingOutput, error) {
	if err := model("UpdateApiMapping", in); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.UpdateApiMappingOutput, error) {
		d, have, err := tx.apiMapping(in.DomainName, in.ApiMappingId)
		if err != nil {
			return nil, err
		}
		m := *have
		m.APIID = *in.ApiId
		if in.ApiMappingKey != nil {
			m.Key = *in.ApiMappingKey
		}
		if in.Stage != nil {
			m.Stage = *in.Stage
		}
		if err := tx.keepAPIMapping(d, &m); err != nil {
			return nil, err
		}
		return (*wire.UpdateApiMappingOutput)(m.wireV2()), nil
	})
}

func (s *Service) deleteApiMapping(ctx context.Context, in *wire.DeleteApiMappingInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		d, m, err := tx.apiMapping(in.DomainName, in.ApiMappingId)
		if err != nil {
			return nil, err
		}
		mappings.Delete(tx.Tx, tx.scope, d.key()+"/"+m.ID)
		return nil, nil
	})
}

// wireV2 shows a mapping. AWS: the root's key is the empty text.
func (m *Mapping) wireV2() *wire.ApiMapping {
	return &wire.ApiMapping{ApiId: &m.APIID, ApiMappingId: &m.ID, ApiMappingKey: &m.Key, Stage: awsapi.NonEmpty(m.Stage)}
}
