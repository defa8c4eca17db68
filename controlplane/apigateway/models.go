package apigateway

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
)

// Model is a named JSON schema (draft 4) of an API.
type Model struct {
	ID          string
	Name        string
	Description string
	Schema      string
	ContentType string
	Imported    bool // and not changed since
}

var models = store.NewTable[Model]("apigateway.model")

// The two models that every new API has, worded and laid out as AWS's.
var defaultModels = []Model{
	{Name: "Empty", Description: "This is a default empty schema model", ContentType: "application/json", Schema: `{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title" : "Empty Schema",
  "type" : "object"
}`},
	{Name: "Error", Description: "This is a default error schema model", ContentType: "application/json", Schema: `{
  "$schema" : "http://json-schema.org/draft-04/schema#",
  "title" : "Error Schema",
  "type" : "object",
  "properties" : {
    "message" : { "type" : "string" }
  }
}`},
}

func (tx *txn) putDefaultModels(apiID string) {
	for i := range defaultModels {
		m := defaultModels[i]
		m.ID = tx.s.NewID(6)
		models.Put(tx.Tx, tx.scope, apiID+"/"+m.Name, &m)
	}
}

func (tx *txn) model(apiID, name *string) (*Model, error) {
	if m, ok := models.Get(tx.Tx, tx.scope, awsapi.Val(apiID)+"/"+awsapi.Val(name)); ok {
		return m, nil
	}
	return nil, errModel(name)
}

func errModel(name *string) error {
	return awsapi.NotFound("Invalid model name specified: %s", awsapi.Val(name))
}

func (s *Service) createModel(ctx context.Context, in *wire.CreateModelInput) (*wire.Model, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Model, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		m := &Model{
			ID: tx.s.NewID(6), Name: *in.Name, Description: awsapi.Val(in.Description),
			Schema: awsapi.Val(in.Schema), ContentType: *in.ContentType,
		}
		if err := checkModelName(m.Name); err != nil {
			return nil, err
		}
		if !mediaType().MatchString(m.ContentType) {
			return nil, errNoMediaType(m.ContentType)
		}
		if _, exists := models.Get(tx.Tx, tx.scope, api.ID+"/"+m.Name); exists {
			return nil, awsapi.Conflict("Model name already exists for this REST API")
		}
		if err := tx.checkModel(api.ID, m); err != nil {
			return nil, err
		}
		models.Put(tx.Tx, tx.scope, api.ID+"/"+m.Name, m)
		return m.wire(), nil
	})
}

var alphanumeric = lazyregexp.New(`^[a-zA-Z0-9]+$`)

// maxNameLength is of the names that records are found by.
//
// unverified against AWS: the limit, and the texts that tell of it.
const maxNameLength = 1024

func checkModelName(name string) error {
	switch {
	case name == "":
		return awsapi.BadRequest("Model name must be non-empty")
	case !alphanumeric().MatchString(name):
		return awsapi.BadRequest("Model name must be alphanumeric: %s", name)
	case len(name) > maxNameLength:
		return awsapi.BadRequest("Model name can be at most %d characters", maxNameLength)
	}
	return nil
}

func (s *Service) getModel(ctx context.Context, in *wire.GetModelInput) (*wire.Model, error) {
	return read(ctx, s, func(tx *txn) (*wire.Model, error) {
		m, err := tx.model(in.RestApiId, in.ModelName)
		if err != nil {
			return nil, err
		}
		out := m.wire()
		if awsapi.Val(in.Flatten) {
			schema, err := tx.flatten(*in.RestApiId, m)
			if err != nil {
				return nil, err
			}
			out.Schema = &schema
		}
		return out, nil
	})
}

func (s *Service) getModels(ctx context.Context, in *wire.GetModelsInput) (*wire.Models, error) {
	return read(ctx, s, func(tx *txn) (*wire.Models, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V1(models.List(tx.Tx, tx.scope, api.ID+"/"), in.Position, in.Limit, (*Model).wire)
		return &wire.Models{Items: items, Position: next}, err
	})
}

func (s *Service) updateModel(ctx context.Context, in *wire.UpdateModelInput) (*wire.Model, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Model, error) {
		m, ok := models.Edit(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.ModelName)
		if !ok {
			return nil, errModel(in.ModelName)
		}
		if err := modelPatches.Apply(m, in.PatchOperations); err != nil {
			return nil, err
		}
		m.Imported = false
		if err := tx.checkModel(*in.RestApiId, m); err != nil {
			return nil, err
		}
		return m.wire(), nil
	})
}

func (s *Service) deleteModel(ctx context.Context, in *wire.DeleteModelInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		m, err := tx.model(in.RestApiId, in.ModelName)
		if err != nil {
			return nil, err
		}
		uses := func(byType map[string]string) bool {
			return slices.Contains(slices.Collect(maps.Values(byType)), m.Name)
		}
		if user := tx.methodUsing(*in.RestApiId, func(method *Method) bool { return uses(method.RequestModels) }); user != "" {
			return nil, awsapi.Conflict("Cannot delete model '%s', is referenced in method request: %s", m.Name, user)
		}
		user := tx.methodUsing(*in.RestApiId, func(method *Method) bool {
			for _, r := range method.Responses {
				if uses(r.ResponseModels) {
					return true
				}
			}
			return false
		})
		if user != "" {
			// unverified against AWS: the text, which is that of requests.
			return nil, awsapi.Conflict("Cannot delete model '%s', is referenced in method response: %s", m.Name, user)
		}
		for _, other := range models.List(tx.Tx, tx.scope, *in.RestApiId+"/") {
			if other.Name != m.Name && strings.Contains(other.Schema, `/models/`+m.Name+`"`) {
				// unverified against AWS: the text.
				return nil, awsapi.Conflict("Cannot delete model '%s', is referenced in model: %s", m.Name, other.Name)
			}
		}
		models.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+m.Name)
		return nil, nil
	})
}

func (m *Model) wire() *wire.Model {
	return &wire.Model{Id: &m.ID, Name: &m.Name, Description: awsapi.NonEmpty(m.Description), Schema: &m.Schema, ContentType: &m.ContentType}
}

var modelPatches = patch.Table[*Model]{Family: patch.Listed, Rules: []patch.Rule[*Model]{
	patch.Text("/description", func(m *Model) *string { return &m.Description }),
	patch.Text("/schema", func(m *Model) *string { return &m.Schema }),
}}
