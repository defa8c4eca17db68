package apigatewayv2

import (
	"context"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
)

// VPCLink is the record of a VPC link. What a link leads to is configured where the
// emulator is: by the link's id, or by the ARN that an integration names.
type VPCLink struct {
	ID             string
	Name           string
	SecurityGroups []string
	Subnets        []string
	Tags           map[string]string
	Created        time.Time
}

var vpcLinks = store.NewTable[VPCLink]("apigatewayv2.vpclink")

// AWS's quotas: of an account and region, and of a link.
const (
	maxVPCLinks = 10
	maxSubnets  = 10
)

func (tx *txn) vpcLink(id *string) (*VPCLink, error) {
	if v, ok := vpcLinks.Get(tx.Tx, tx.scope, awsapi.Val(id)); ok {
		return v, nil
	}
	return nil, errVPCLink(awsapi.Val(id))
}

func errVPCLink(id string) error {
	return awsapi.NotFound("Invalid VpcLink identifier specified %s", id)
}

func (s *Service) createVpcLink(ctx context.Context, in *wire.CreateVpcLinkInput) (*wire.CreateVpcLinkOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.CreateVpcLinkOutput, error) {
		switch {
		case awsapi.Val(in.Name) == "":
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Invalid VpcLink name specified")
		case len(in.SubnetIds) == 0 || slices.Contains(in.SubnetIds, ""):
			return nil, awsapi.BadRequest("SubnetIds for a vpc link cannot be empty")
		case len(in.SubnetIds) > maxSubnets:
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("The number of subnets exceeds the maximum of %d", maxSubnets)
		}
		if err := tags.Check(in.Tags); err != nil {
			return nil, err
		}
		if err := model("CreateVpcLink", in); err != nil {
			return nil, err
		}
		if len(vpcLinks.List(tx.Tx, tx.scope, "")) >= maxVPCLinks {
			return nil, tooMany("VPC links")
		}
		v := &VPCLink{
			ID: tx.newID(6), Name: *in.Name, SecurityGroups: in.SecurityGroupIds, Subnets: in.SubnetIds, Tags: in.Tags, Created: tx.now(),
		}
		vpcLinks.Put(tx.Tx, tx.scope, v.ID, v)
		if err := tx.unenforced("VpcLink", vpcLinkUnenforced(v)); err != nil {
			return nil, err
		}
		out := v.wire()
		// AWS: a link is made in the background. Here it is ready at the next look.
		out.VpcLinkStatus, out.VpcLinkStatusMessage = awsapi.Ptr("PENDING"), awsapi.Ptr("VPC link is provisioning ENIs")
		return (*wire.CreateVpcLinkOutput)(out), nil
	})
}

func (s *Service) getVpcLink(ctx context.Context, in *wire.GetVpcLinkInput) (*wire.GetVpcLinkOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetVpcLinkOutput, error) {
		v, err := tx.vpcLink(in.VpcLinkId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetVpcLinkOutput)(v.wire()), nil
	})
}

func (s *Service) getVpcLinks(ctx context.Context, in *wire.GetVpcLinksInput) (*wire.GetVpcLinksOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetVpcLinksOutput, error) {
		items, next, err := paging.V2(vpcLinks.List(tx.Tx, tx.scope, ""), in.MaxResults, in.NextToken, (*VPCLink).wire)
		return &wire.GetVpcLinksOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateVpcLink(ctx context.Context, in *wire.UpdateVpcLinkInput) (*wire.UpdateVpcLinkOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateVpcLinkOutput, error) {
		have, err := tx.vpcLink(in.VpcLinkId)
		if err != nil {
			return nil, err
		}
		if in.Name != nil && *in.Name == "" {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Invalid VpcLink name specified")
		}
		if err := model("UpdateVpcLink", in); err != nil {
			return nil, err
		}
		v, _ := vpcLinks.Edit(tx.Tx, tx.scope, have.ID)
		set(&v.Name, in.Name)
		return (*wire.UpdateVpcLinkOutput)(v.wire()), nil
	})
}

// deleteVpcLink takes a link away.
//
// unverified against AWS: a link that integrations name can be deleted.
func (s *Service) deleteVpcLink(ctx context.Context, in *wire.DeleteVpcLinkInput) (*wire.DeleteVpcLinkOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.DeleteVpcLinkOutput, error) {
		v, err := tx.vpcLink(in.VpcLinkId)
		if err != nil {
			return nil, err
		}
		vpcLinks.Delete(tx.Tx, tx.scope, v.ID)
		return &wire.DeleteVpcLinkOutput{}, nil
	})
}

func (v *VPCLink) wire() *wire.VpcLink {
	return &wire.VpcLink{
		CreatedDate:          &v.Created,
		Name:                 &v.Name,
		SecurityGroupIds:     orNone(v.SecurityGroups),
		SubnetIds:            v.Subnets,
		Tags:                 orEmpty(v.Tags),
		VpcLinkId:            &v.ID,
		VpcLinkStatus:        awsapi.Ptr("AVAILABLE"),
		VpcLinkStatusMessage: awsapi.Ptr("VPC link is ready to route traffic"),
		VpcLinkVersion:       awsapi.Ptr("V2"),
	}
}

// orNone is for lists that AWS shows as [] and never leaves out.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
