package apigateway

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// DocumentationPart documents one place of an API. The location keeps what the
// caller gave: what is left out is inherited and not shown.
type DocumentationPart struct {
	ID         string
	Location   DocumentationLocation
	Properties string
}

// DocumentationLocation names the place; nil members were not given.
type DocumentationLocation struct {
	Type                           string
	Path, Method, StatusCode, Name *string
}

var documentationParts = store.NewTable[DocumentationPart]("apigateway.documentationpart")

const maxDocumentationParts = 2000

var (
	errDocumentationPart = awsapi.NotFound("Invalid Documentation part identifier specified")
	errTooManyParts      = limits.Reached("Documentation Parts", limits.OfAPI)
)

func (s *Service) createDocumentationPart(ctx context.Context, in *wire.CreateDocumentationPartInput) (*wire.DocumentationPart, error) {
	return edit(ctx, s, func(tx *txn) (*wire.DocumentationPart, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		d := &DocumentationPart{ID: tx.s.NewID(6), Properties: *in.Properties, Location: DocumentationLocation{
			Type: *in.Location.Type, Path: in.Location.Path, Method: in.Location.Method, StatusCode: in.Location.StatusCode, Name: in.Location.Name,
		}}
		if err := checkProperties(d.Properties); err != nil {
			return nil, err
		}
		if err := d.Location.check(); err != nil {
			return nil, err
		}
		for _, other := range documentationParts.List(tx.Tx, tx.scope, api.ID+"/") {
			if other.Location.key() == d.Location.key() {
				// unverified against AWS: the text.
				return nil, awsapi.Conflict("Documentation part already exists for the specified location: %s", d.Location.key())
			}
		}
		if documentationParts.Len(tx.Tx, tx.scope, api.ID+"/") >= maxDocumentationParts {
			return nil, errTooManyParts
		}
		documentationParts.Put(tx.Tx, tx.scope, api.ID+"/"+d.ID, d)
		return d.wire(), nil
	})
}

func checkProperties(text string) error {
	if strings.TrimSpace(text) == "" {
		return awsapi.BadRequest("Documentation part properties must be non-empty")
	}
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Documentation part properties must be a JSON object")
	}
	return nil
}

// locationMembers are the members of the places of each type.
var locationMembers = map[string]string{
	"API": "", "AUTHORIZER": "name", "MODEL": "name", "RESOURCE": "path", "METHOD": "path method", "REQUEST_BODY": "path method",
	"PATH_PARAMETER": "path method name", "QUERY_PARAMETER": "path method name", "REQUEST_HEADER": "path method name",
	"RESPONSE": "path method statusCode", "RESPONSE_BODY": "path method statusCode", "RESPONSE_HEADER": "path method statusCode name",
}

// check refuses members that the type of place does not have, and wants the name of
// one that has it.
//
// unverified against AWS: the text of a name that is missing.
func (l *DocumentationLocation) check() error {
	allowed := strings.Fields(locationMembers[l.Type])
	var not []string
	wrong := false
	for _, m := range []struct {
		name  string
		value *string
	}{{"path", l.Path}, {"method", l.Method}, {"statusCode", l.StatusCode}, {"name", l.Name}} {
		switch has := slices.Contains(allowed, m.name); {
		case !has:
			not, wrong = append(not, m.name), wrong || awsapi.Val(m.value) != ""
		case m.name == "name" && awsapi.Val(m.value) == "":
			return awsapi.BadRequest("Invalid location specified: name is required for locations of type %s", l.Type)
		}
	}
	if !wrong {
		return nil
	}
	names := not[len(not)-1]
	if len(not) > 1 {
		names = strings.Join(not[:len(not)-1], ", ") + " or " + names
	}
	return awsapi.BadRequest("[Location type: %s cannot have %s defined.]", l.Type, names)
}

// key tells places apart: defaults are filled in.
func (l *DocumentationLocation) key() string {
	or := func(p *string, def string) string {
		if p == nil || *p == "" {
			return def
		}
		return *p
	}
	return strings.Join([]string{l.Type, or(l.Path, "/"), or(l.Method, "*"), or(l.StatusCode, "*"), or(l.Name, "")}, " ")
}

func (s *Service) getDocumentationPart(ctx context.Context, in *wire.GetDocumentationPartInput) (*wire.DocumentationPart, error) {
	return read(ctx, s, func(tx *txn) (*wire.DocumentationPart, error) {
		d, ok := documentationParts.Get(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.DocumentationPartId)
		if !ok {
			return nil, errDocumentationPart
		}
		return d.wire(), nil
	})
}

func (s *Service) getDocumentationParts(ctx context.Context, in *wire.GetDocumentationPartsInput) (*wire.DocumentationParts, error) {
	return read(ctx, s, func(tx *txn) (*wire.DocumentationParts, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		var found []*DocumentationPart
		for _, d := range documentationParts.List(tx.Tx, tx.scope, api.ID+"/") {
			if d.matches(in) {
				found = append(found, d)
			}
		}
		items, next, err := paging.V1(found, in.Position, in.Limit, (*DocumentationPart).wire)
		return &wire.DocumentationParts{Items: items, Position: next}, err
	})
}

// matches applies a list's filters. Every part that is kept documents something:
// UNDOCUMENTED finds none.
func (d *DocumentationPart) matches(in *wire.GetDocumentationPartsInput) bool {
	switch {
	case in.Type != nil && *in.Type != d.Location.Type,
		in.NameQuery != nil && *in.NameQuery != awsapi.Val(d.Location.Name),
		in.Path != nil && *in.Path != awsapi.Val(d.Location.Path),
		awsapi.Val(in.LocationStatus) == "UNDOCUMENTED":
		return false
	}
	return true
}

func (s *Service) updateDocumentationPart(ctx context.Context, in *wire.UpdateDocumentationPartInput) (*wire.DocumentationPart, error) {
	return edit(ctx, s, func(tx *txn) (*wire.DocumentationPart, error) {
		d, ok := documentationParts.Edit(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.DocumentationPartId)
		if !ok {
			return nil, errDocumentationPart
		}
		return d.wire(), documentationPartPatches.Apply(d, in.PatchOperations)
	})
}

func (s *Service) deleteDocumentationPart(ctx context.Context, in *wire.DeleteDocumentationPartInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		// AWS: unlike reading and updating, deleting names a wrong API.
		if _, err := tx.restAPI(in.RestApiId); err != nil {
			return nil, err
		}
		if !documentationParts.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+*in.DocumentationPartId) {
			return nil, errDocumentationPart
		}
		return nil, nil
	})
}

func (d *DocumentationPart) wire() *wire.DocumentationPart {
	return &wire.DocumentationPart{Id: &d.ID, Properties: &d.Properties, Location: &wire.DocumentationPartLocation{
		Type: &d.Location.Type, Path: d.Location.Path, Method: d.Location.Method, StatusCode: d.Location.StatusCode, Name: d.Location.Name,
	}}
}

var documentationPartPatches = patch.Table[*DocumentationPart]{Family: patch.Listed, Rules: []patch.Rule[*DocumentationPart]{
	{Path: "/properties", Ops: patch.Replace, Apply: func(d *DocumentationPart, p patch.Op) error {
		d.Properties = p.Value
		return checkProperties(p.Value)
	}},
}}
