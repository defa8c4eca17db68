package apigateway

import (
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// Resource is the record of one path of an API with its methods, by verb.
type Resource struct {
	ID       string
	ParentID string // empty on the root
	PathPart string
	Path     string
	Methods  map[string]*Method
}

var resources = store.NewTable[Resource]("apigateway.resource")

const maxResources = 300

var (
	errResource         = awsapi.NotFound("Invalid Resource identifier specified")
	errTooManyResources = limits.Reached("Resources", limits.OfAPI)
)

func (tx *txn) putResource(apiID string, r *Resource) {
	resources.Put(tx.Tx, tx.scope, apiID+"/"+r.ID, r)
}

// resource finds a resource. AWS: a wrong API id is answered like a wrong
// resource id.
func (tx *txn) resource(apiID, id *string) (*Resource, error) {
	if r, ok := resources.Get(tx.Tx, tx.scope, awsapi.Val(apiID)+"/"+awsapi.Val(id)); ok {
		return r, nil
	}
	return nil, errResource
}

// editResource is resource for changing.
func (tx *txn) editResource(apiID, id *string) (*Resource, error) {
	if r, ok := resources.Edit(tx.Tx, tx.scope, awsapi.Val(apiID)+"/"+awsapi.Val(id)); ok {
		return r, nil
	}
	return nil, errResource
}

func (tx *txn) resourcesOf(apiID string) []*Resource {
	return resources.List(tx.Tx, tx.scope, apiID+"/")
}

func (s *Service) createResource(ctx context.Context, in *wire.CreateResourceInput) (*wire.Resource, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Resource, error) {
		parent, err := tx.resource(in.RestApiId, in.ParentId)
		if err != nil {
			return nil, err
		}
		all := tx.resourcesOf(*in.RestApiId)
		if len(all) > maxResources { // the root does not count
			return nil, errTooManyResources
		}
		r := &Resource{ID: tx.s.NewID(6), ParentID: parent.ID, PathPart: *in.PathPart}
		if err := checkPlace(all, r, parent); err != nil {
			return nil, err
		}
		r.Path = childPath(parent.Path, r.PathPart)
		tx.putResource(*in.RestApiId, r)
		return r.wire(false), nil
	})
}

func (s *Service) getResource(ctx context.Context, in *wire.GetResourceInput) (*wire.Resource, error) {
	return read(ctx, s, func(tx *txn) (*wire.Resource, error) {
		r, err := tx.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return nil, err
		}
		return r.wire(slices.Contains(in.Embed, "methods")), nil
	})
}

func (s *Service) getResources(ctx context.Context, in *wire.GetResourcesInput) (*wire.Resources, error) {
	return read(ctx, s, func(tx *txn) (*wire.Resources, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		embed := slices.Contains(in.Embed, "methods")
		items, next, err := paging.V1(tx.resourcesOf(api.ID), in.Position, in.Limit, func(r *Resource) *wire.Resource { return r.wire(embed) })
		return &wire.Resources{Items: items, Position: next}, err
	})
}

func (s *Service) deleteResource(ctx context.Context, in *wire.DeleteResourceInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return nil, err
		}
		if r.ParentID == "" {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Unable to delete root resource")
		}
		for _, d := range append(descendants(tx.resourcesOf(*in.RestApiId), r.ID), r) {
			resources.Delete(tx.Tx, tx.scope, *in.RestApiId+"/"+d.ID)
		}
		return nil, nil
	})
}

func (s *Service) updateResource(ctx context.Context, in *wire.UpdateResourceInput) (*wire.Resource, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Resource, error) {
		r, err := tx.editResource(in.RestApiId, in.ResourceId)
		if err != nil {
			return nil, err
		}
		if err := resourcePatches.Apply(resourcePatch{tx, *in.RestApiId, r}, in.PatchOperations); err != nil {
			return nil, err
		}
		return r.wire(false), nil
	})
}

type resourcePatch struct {
	tx    *txn
	apiID string
	r     *Resource
}

var resourcePatches = patch.Table[resourcePatch]{Family: patch.Listed, Rules: []patch.Rule[resourcePatch]{
	{Path: "/parentId", Ops: patch.Replace, Apply: func(r resourcePatch, p patch.Op) error {
		if r.r.ParentID == "" {
			return awsapi.BadRequest("Root resource cannot update its parentId.")
		}
		return r.settle(p.Value, r.r.PathPart)
	}},
	{Path: "/pathPart", Ops: patch.Replace, Apply: func(r resourcePatch, p patch.Op) error {
		if r.r.ParentID == "" {
			return awsapi.BadRequest("Root resource cannot update its pathPart.")
		}
		return r.settle(r.r.ParentID, p.Value)
	}},
}}

// settle moves a resource to a new place and gives its subtree new paths.
func (r resourcePatch) settle(parentID, part string) error {
	parent, err := r.tx.resource(&r.apiID, &parentID)
	if err != nil {
		return err
	}
	all := r.tx.resourcesOf(r.apiID)
	below := descendants(all, r.r.ID)
	if parent.ID == r.r.ID || slices.ContainsFunc(below, func(d *Resource) bool { return d.ID == parent.ID }) {
		return awsapi.BadRequest("Resources cannot be cyclical.")
	}
	was := r.r.Path
	r.r.ParentID, r.r.PathPart = parentID, part
	if err := checkPlace(all, r.r, parent); err != nil {
		return err
	}
	if variableKind(part) == greedyVariable && len(below) > 0 {
		return errGreedyParent(part)
	}
	r.r.Path = childPath(parent.Path, part)
	for _, d := range below {
		e, _ := resources.Edit(r.tx.Tx, r.tx.scope, r.apiID+"/"+d.ID)
		e.Path = r.r.Path + strings.TrimPrefix(d.Path, was)
	}
	return nil
}

// wire shows the resource; its methods by name only unless embed is asked for.
func (r *Resource) wire(embed bool) *wire.Resource {
	out := &wire.Resource{Id: &r.ID, ParentId: awsapi.NonEmpty(r.ParentID), PathPart: awsapi.NonEmpty(r.PathPart), Path: &r.Path}
	if len(r.Methods) > 0 {
		out.ResourceMethods = make(map[string]wire.Method, len(r.Methods))
	}
	for verb, m := range r.Methods {
		if embed {
			out.ResourceMethods[verb] = *m.wire()
		} else {
			out.ResourceMethods[verb] = wire.Method{}
		}
	}
	return out
}

func childPath(parent, part string) string {
	if parent == "/" {
		return "/" + part
	}
	return parent + "/" + part
}
