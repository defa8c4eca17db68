package apigateway

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// VPCLink is the record of a link to a network load balancer.
type VPCLink struct {
	ID          string
	Name        string
	Description string
	TargetARNs  []string
	Tags        map[string]string
}

var vpcLinks = store.NewTable[VPCLink]("apigateway.vpclink")

const maxVPCLinks = 20

var errVPCLink = awsapi.NotFound("Invalid Vpc Link identifier specified")

func (s *Service) createVpcLink(ctx context.Context, in *wire.CreateVpcLinkInput) (*wire.VpcLink, error) {
	return edit(ctx, s, func(tx *txn) (*wire.VpcLink, error) {
		if *in.Name == "" {
			return nil, awsapi.BadRequest("Name cannot be empty")
		}
		for _, arn := range in.TargetArns {
			if _, ok := awsapi.ParseARN(arn); !ok {
				return nil, awsapi.BadRequest("Invalid ARN. ARN is not well formed %s", arn)
			}
		}
		if len(in.TargetArns) > 1 {
			return nil, awsapi.BadRequest("More than one target arn specified for vpc link.")
		}
		if err := tags.Check(in.Tags); err != nil {
			return nil, err
		}
		if vpcLinks.Len(tx.Tx, tx.scope, "") >= maxVPCLinks {
			return nil, limits.Reached("VPC Links", limits.OfAccount)
		}
		v := &VPCLink{ID: tx.s.NewID(6), Name: *in.Name, Description: awsapi.Val(in.Description), TargetARNs: in.TargetArns, Tags: in.Tags}
		vpcLinks.Put(tx.Tx, tx.scope, v.ID, v)
		out := v.wire(false)
		// AWS: a link is made in the background. Here it is ready at the next look.
		out.Status, out.StatusMessage = awsapi.Ptr("PENDING"), nil
		return out, nil
	})
}

func (s *Service) getVpcLink(ctx context.Context, in *wire.GetVpcLinkInput) (*wire.VpcLink, error) {
	return read(ctx, s, func(tx *txn) (*wire.VpcLink, error) {
		v, ok := vpcLinks.Get(tx.Tx, tx.scope, *in.VpcLinkId)
		if !ok {
			return nil, errVPCLink
		}
		return v.wire(true), nil
	})
}

func (s *Service) getVpcLinks(ctx context.Context, in *wire.GetVpcLinksInput) (*wire.VpcLinks, error) {
	return read(ctx, s, func(tx *txn) (*wire.VpcLinks, error) {
		items, next, err := paging.V1(vpcLinks.List(tx.Tx, tx.scope, ""), in.Position, in.Limit, func(v *VPCLink) *wire.VpcLink { return v.wire(false) })
		return &wire.VpcLinks{Items: items, Position: next}, err
	})
}

func (s *Service) updateVpcLink(ctx context.Context, in *wire.UpdateVpcLinkInput) (*wire.VpcLink, error) {
	return edit(ctx, s, func(tx *txn) (*wire.VpcLink, error) {
		v, ok := vpcLinks.Edit(tx.Tx, tx.scope, *in.VpcLinkId)
		if !ok {
			return nil, errVPCLink
		}
		if err := vpcLinkPatches.Apply(v, in.PatchOperations); err != nil {
			return nil, err
		}
		return v.wire(true), nil
	})
}

func (s *Service) deleteVpcLink(ctx context.Context, in *wire.DeleteVpcLinkInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		id := *in.VpcLinkId
		if _, ok := vpcLinks.Get(tx.Tx, tx.scope, id); !ok {
			return nil, errVPCLink
		}
		if users := tx.vpcLinkUsers(id); len(users) > 0 {
			return nil, awsapi.BadRequest("Cannot delete vpc link. Vpc link '%s', is referenced in [%s] in format of [Method:Resource:Stage].", id, strings.Join(users, ", "))
		}
		vpcLinks.Delete(tx.Tx, tx.scope, id)
		return nil, nil
	})
}

// vpcLinkUsers names the deployed methods that go through a link.
func (tx *txn) vpcLinkUsers(id string) []string {
	var users []string
	for _, api := range restAPIs.List(tx.Tx, tx.scope, "") {
		for _, st := range stages.List(tx.Tx, tx.scope, api.ID+"/") {
			frozen, ok := frozenAPIs.Get(tx.Tx, tx.scope, api.ID+"/"+st.DeploymentID)
			if ok {
				users = append(users, throughVPCLink(frozen, st.StageName, id)...)
			}
		}
	}
	return users
}

func throughVPCLink(frozen *snapshot.RESTDeployment, stage, id string) []string {
	var users []string
	for _, r := range frozen.Resources {
		for _, m := range r.Methods {
			if m.Integration.ConnectionID == id {
				users = append(users, m.HTTPMethod+":"+r.ID+":"+stage)
			}
		}
	}
	return users
}

func (v *VPCLink) wire(single bool) *wire.VpcLink {
	return &wire.VpcLink{
		Id: &v.ID, Name: &v.Name, Description: awsapi.NonEmpty(v.Description), TargetArns: v.TargetARNs,
		Status: awsapi.Ptr("AVAILABLE"), StatusMessage: awsapi.Ptr("Your vpc link is ready for use"), Tags: tags.Shown(v.Tags, single),
	}
}

var vpcLinkPatches = patch.Table[*VPCLink]{Family: patch.Listed, Rules: []patch.Rule[*VPCLink]{
	{Path: "/name", Ops: patch.Replace, Apply: func(v *VPCLink, p patch.Op) error {
		if p.Value == "" {
			return awsapi.BadRequest("Name cannot be empty")
		}
		v.Name = p.Value
		return nil
	}},
	patch.Text("/description", func(v *VPCLink) *string { return &v.Description }),
}}
