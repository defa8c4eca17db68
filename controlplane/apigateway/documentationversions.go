package apigateway

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// DocumentationVersion is a snapshot of an API's documentation parts.
type DocumentationVersion struct {
	Version     string
	Description string
	CreatedDate time.Time
	Parts       []DocumentationPart
}

var documentationVersions = store.NewTable[DocumentationVersion]("apigateway.documentationversion")

// unverified against AWS: the text.
var errDocumentationVersion = awsapi.NotFound("Invalid Documentation version specified")

func (s *Service) createDocumentationVersion(ctx context.Context, in *wire.CreateDocumentationVersionInput) (*wire.DocumentationVersion, error) {
	return edit(ctx, s, func(tx *txn) (*wire.DocumentationVersion, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		if n := len(*in.DocumentationVersion); n == 0 || n > maxNameLength {
			return nil, awsapi.BadRequest("Documentation version must have 1 to %d characters", maxNameLength)
		}
		key := api.ID + "/" + *in.DocumentationVersion
		if _, exists := documentationVersions.Get(tx.Tx, tx.scope, key); exists {
			// unverified against AWS: the text.
			return nil, awsapi.Conflict("Documentation version already exists")
		}
		v := &DocumentationVersion{Version: *in.DocumentationVersion, Description: awsapi.Val(in.Description), CreatedDate: tx.s.Now()}
		for _, d := range documentationParts.List(tx.Tx, tx.scope, api.ID+"/") {
			v.Parts = append(v.Parts, *d)
		}
		documentationVersions.Put(tx.Tx, tx.scope, key, v)
		if in.StageName != nil {
			st, ok := stages.Edit(tx.Tx, tx.scope, api.ID+"/"+*in.StageName)
			if !ok {
				return nil, errStage
			}
			st.DocumentationVersion = v.Version
		}
		return v.wire(), nil
	})
}

func (s *Service) getDocumentationVersion(ctx context.Context, in *wire.GetDocumentationVersionInput) (*wire.DocumentationVersion, error) {
	return read(ctx, s, func(tx *txn) (*wire.DocumentationVersion, error) {
		v, ok := documentationVersions.Get(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.DocumentationVersion)
		if !ok {
			return nil, errDocumentationVersion
		}
		return v.wire(), nil
	})
}

func (s *Service) getDocumentationVersions(ctx context.Context, in *wire.GetDocumentationVersionsInput) (*wire.DocumentationVersions, error) {
	return read(ctx, s, func(tx *txn) (*wire.DocumentationVersions, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V1(documentationVersions.List(tx.Tx, tx.scope, api.ID+"/"), in.Position, in.Limit, (*DocumentationVersion).wire)
		return &wire.DocumentationVersions{Items: items, Position: next}, err
	})
}

func (s *Service) updateDocumentationVersion(ctx context.Context, in *wire.UpdateDocumentationVersionInput) (*wire.DocumentationVersion, error) {
	return edit(ctx, s, func(tx *txn) (*wire.DocumentationVersion, error) {
		v, ok := documentationVersions.Edit(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.DocumentationVersion)
		if !ok {
			return nil, errDocumentationVersion
		}
		if err := documentationVersionPatches.Apply(v, in.PatchOperations); err != nil {
			return nil, err
		}
		return v.wire(), nil
	})
}

func (s *Service) deleteDocumentationVersion(ctx context.Context, in *wire.DeleteDocumentationVersionInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if !documentationVersions.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.DocumentationVersion) {
			return nil, errDocumentationVersion
		}
		return nil, nil
	})
}

func (v *DocumentationVersion) wire() *wire.DocumentationVersion {
	return &wire.DocumentationVersion{Version: &v.Version, Description: awsapi.NonEmpty(v.Description), CreatedDate: seconds(v.CreatedDate)}
}

var documentationVersionPatches = patch.Table[*DocumentationVersion]{Family: patch.Listed, Rules: []patch.Rule[*DocumentationVersion]{
	patch.Text("/description", func(v *DocumentationVersion) *string { return &v.Description }),
}}
