package domains

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/runtime/snapshot"
)

var (
	errMapping      = awsapi.NotFound("Invalid base path mapping identifier specified")
	errBasePath     = awsapi.Conflict("Base path already exists for this domain name")
	errSeveralParts = awsapi.BadRequest("API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2.")
)

// none is how v1 writes an empty base path, and a stage that the path is to name.
const none = "(none)"

func fromNone(text *string) string {
	if awsapi.Val(text) == none {
		return ""
	}
	return awsapi.Val(text)
}

func (s *Service) createBasePathMapping(ctx context.Context, in *wire.CreateBasePathMappingInput) (*wire.BasePathMapping, error) {
	return edit(ctx, s, func(tx *txn) (*wire.BasePathMapping, error) {
		d, ok := tx.find(in.DomainName, in.DomainNameId)
		if !ok {
			return nil, errDomain
		}
		m := &Mapping{ID: tx.s.NewID(6), Key: fromNone(in.BasePath), APIID: *in.RestApiId, Stage: fromNone(in.Stage)}
		if err := tx.keepBasePath(d, m); err != nil {
			return nil, err
		}
		return m.wireV1(), nil
	})
}

func (tx *txn) keepBasePath(d *Domain, m *Mapping) error {
	if strings.Contains(m.Key, "/") {
		return errSeveralParts
	}
	if kind, ok := tx.s.APIs.Kind(tx.Tx, tx.scope, m.APIID); !ok || kind != snapshot.KindREST {
		return awsapi.BadRequest("Invalid REST API identifier specified")
	}
	if m.Stage != "" && !tx.s.APIs.HasStage(tx.Tx, tx.scope, m.APIID, m.Stage) {
		return awsapi.BadRequest("Invalid stage identifier specified")
	}
	return tx.keepMapping(d, m, errBasePath)
}

// basePath finds a mapping by the domain's name and the base path.
func (tx *txn) basePath(name, id, base *string) (*Domain, *Mapping, error) {
	d, ok := tx.find(name, id)
	if !ok {
		return nil, nil, errDomain
	}
	for _, m := range tx.mappingsOf(d) {
		if m.Key == fromNone(base) {
			return d, m, nil
		}
	}
	return nil, nil, errMapping
}

func (s *Service) getBasePathMapping(ctx context.Context, in *wire.GetBasePathMappingInput) (*wire.BasePathMapping, error) {
	return read(ctx, s, func(tx *txn) (*wire.BasePathMapping, error) {
		_, m, err := tx.basePath(in.DomainName, in.DomainNameId, in.BasePath)
		if err != nil {
			return nil, err
		}
		return m.wireV1(), nil
	})
}

// getBasePathMappings lists v2's mappings too.
//
// unverified against AWS: that it does for those of HTTP APIs and of several levels.
func (s *Service) getBasePathMappings(ctx context.Context, in *wire.GetBasePathMappingsInput) (*wire.BasePathMappings, error) {
	return read(ctx, s, func(tx *txn) (*wire.BasePathMappings, error) {
		d, ok := tx.find(in.DomainName, in.DomainNameId)
		if !ok {
			return nil, errDomain
		}
		items, next, err := paging.V1(tx.mappingsOf(d), in.Position, in.Limit, (*Mapping).wireV1)
		return &wire.BasePathMappings{Items: items, Position: next}, err
	})
}

// unverified against AWS: the words of the refusals, which are those of its family.
var mappingPatches = patch.Table[*Mapping]{Family: patch.Bare, Rules: []patch.Rule[*Mapping]{
	basePathRule("/basePath"),
	basePathRule("/basepath"),
	patch.Text("/restapiId", func(m *Mapping) *string { return &m.APIID }),
	{Path: "/stage", Ops: patch.Replace, Apply: func(m *Mapping, p patch.Op) error {
		m.Stage = fromNone(&p.Value)
		return nil
	}},
}}

func basePathRule(path string) patch.Rule[*Mapping] {
	return patch.Rule[*Mapping]{Path: path, Ops: patch.Replace, Apply: func(m *Mapping, p patch.Op) error {
		m.Key = fromNone(&p.Value)
		return nil
	}}
}

func (s *Service) updateBasePathMapping(ctx context.Context, in *wire.UpdateBasePathMappingInput) (*wire.BasePathMapping, error) {
	return edit(ctx, s, func(tx *txn) (*wire.BasePathMapping, error) {
		d, have, err := tx.basePath(in.DomainName, in.DomainNameId, in.BasePath)
		if err != nil {
			return nil, err
		}
		m := *have
		if err := mappingPatches.Apply(&m, in.PatchOperations); err != nil {
			return nil, err
		}
		if err := tx.keepBasePath(d, &m); err != nil {
			return nil, err
		}
		return m.wireV1(), nil
	})
}

func (s *Service) deleteBasePathMapping(ctx context.Context, in *wire.DeleteBasePathMappingInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		d, m, err := tx.basePath(in.DomainName, in.DomainNameId, in.BasePath)
		if err != nil {
			return nil, err
		}
		mappings.Delete(tx.Tx, tx.scope, d.key()+"/"+m.ID)
		return nil, nil
	})
}

func (m *Mapping) wireV1() *wire.BasePathMapping {
	base := m.Key
	if base == "" {
		base = none
	}
	return &wire.BasePathMapping{BasePath: &base, RestApiId: &m.APIID, Stage: awsapi.NonEmpty(m.Stage)}
}
