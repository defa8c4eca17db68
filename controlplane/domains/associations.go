package domains

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/internal/lazyregexp"
)

var vpcEndpoint = lazyregexp.New(`^vpce-[a-z0-9]{1,64}$`)

// unverified against AWS: the text.
var errAssociation = awsapi.NotFound("Invalid domain name access association identifier specified")

// associationARN is the ARN of the association at a path behind
// /domainnameaccessassociations/.
func (tx *txn) associationARN(path string) string {
	return awsapi.ARN{Partition: awsapi.Partition(tx.scope.Region), Service: "apigateway", Region: tx.scope.Region,
		Account: tx.scope.Account, Resource: "/domainnameaccessassociations/" + path}.String()
}

// privateDomain finds a private domain by its ARN. Domains of other accounts are not
// found: they are not shared.
func (tx *txn) privateDomain(arn *string) (*Domain, error) {
	a, _ := awsapi.ParseARN(awsapi.Val(arn))
	key, ok := strings.CutPrefix(a.Resource, "/domainnames/")
	if d, found := domains.Get(tx.Tx, tx.scope, key); ok && found && d.ID != "" && tx.arn(d) == *arn {
		return d, nil
	}
	return nil, errDomain
}

func (s *Service) createAssociation(ctx context.Context, in *wire.CreateDomainNameAccessAssociationInput) (*wire.DomainNameAccessAssociation, error) {
	return edit(ctx, s, func(tx *txn) (*wire.DomainNameAccessAssociation, error) {
		d, err := tx.privateDomain(in.DomainNameArn)
		if err != nil {
			return nil, err
		}
		if !vpcEndpoint().MatchString(*in.AccessAssociationSource) {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Invalid access association source specified: %s", *in.AccessAssociationSource)
		}
		a := &Association{
			ARN:       tx.associationARN("domainname/" + d.Name + "/vpcesource/" + *in.AccessAssociationSource),
			DomainARN: *in.DomainNameArn, Source: *in.AccessAssociationSource, Tags: in.Tags,
		}
		if _, taken := associations.Get(tx.Tx, tx.scope, a.ARN); taken {
			// unverified against AWS: the text.
			return nil, awsapi.Conflict("The domain name access association already exists")
		}
		associations.Put(tx.Tx, tx.scope, a.ARN, a)
		return a.wire(), tags.Check(a.Tags)
	})
}

func (s *Service) getAssociations(ctx context.Context, in *wire.GetDomainNameAccessAssociationsInput) (*wire.DomainNameAccessAssociations, error) {
	return read(ctx, s, func(tx *txn) (*wire.DomainNameAccessAssociations, error) {
		list := associations.List(tx.Tx, tx.scope, "")
		if awsapi.Val(in.ResourceOwner) == "OTHER_ACCOUNTS" {
			list = nil // domains are not shared between accounts
		}
		items, next, err := paging.V1(list, in.Position, in.Limit, (*Association).wire)
		return &wire.DomainNameAccessAssociations{Items: items, Position: next}, err
	})
}

func (s *Service) deleteAssociation(ctx context.Context, in *wire.DeleteDomainNameAccessAssociationInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if !associations.Delete(tx.Tx, tx.scope, *in.DomainNameAccessAssociationArn) {
			return nil, errAssociation
		}
		return nil, nil
	})
}

// rejectAssociation takes an association away on behalf of the domain's owner.
func (s *Service) rejectAssociation(ctx context.Context, in *wire.RejectDomainNameAccessAssociationInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if _, err := tx.privateDomain(in.DomainNameArn); err != nil {
			return nil, err
		}
		a, ok := associations.Get(tx.Tx, tx.scope, *in.DomainNameAccessAssociationArn)
		if !ok || a.DomainARN != *in.DomainNameArn {
			return nil, errAssociation
		}
		associations.Delete(tx.Tx, tx.scope, a.ARN)
		return nil, nil
	})
}

func (a *Association) wire() *wire.DomainNameAccessAssociation {
	return &wire.DomainNameAccessAssociation{
		DomainNameAccessAssociationArn: &a.ARN, DomainNameArn: &a.DomainARN, AccessAssociationSourceType: awsapi.Ptr("VPCE"),
		AccessAssociationSource: &a.Source, Tags: a.Tags,
	}
}
