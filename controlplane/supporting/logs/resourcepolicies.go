package logs

import (
	"context"
	"encoding/json"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
	"github.com/postern/postern/controlplane/store"
)

// resourcePolicy lets services write to the account's groups, or (Resource set) to
// one of them. Postern keeps the policies; its own services write without asking.
type resourcePolicy struct {
	Name     string
	Document string
	Resource string `json:",omitempty"`
	Revision string `json:",omitempty"`
	Updated  int64
}

var resourcePolicies = store.NewTable[resourcePolicy]("logs.resourcepolicy")

// AWS: account-wide policies per region.
const maxResourcePolicies = 10

func policyKey(name, resource *string) string {
	if resource != nil {
		return "resource:" + *resource
	}
	return "name:" + awsapi.Val(name)
}

func (s *Service) putResourcePolicy(ctx context.Context, in *wire.PutResourcePolicyInput) (*wire.PutResourcePolicyOutput, error) {
	// unverified against AWS: the texts of this operation.
	if in.PolicyName == nil && in.ResourceArn == nil {
		return nil, invalidParameter("The policy name is required.")
	}
	if !json.Valid([]byte(awsapi.Val(in.PolicyDocument))) {
		return nil, invalidParameter("The policy document is not valid JSON.")
	}
	return edit(ctx, s, func(tx *txn) (*wire.PutResourcePolicyOutput, error) {
		key := policyKey(in.PolicyName, in.ResourceArn)
		have, exists := resourcePolicies.Get(tx.Tx, tx.scope, key)
		if in.ResourceArn != nil {
			if _, err := tx.group(tx.nameOf(*in.ResourceArn)); err != nil {
				return nil, err
			}
		} else if !exists && len(resourcePolicies.List(tx.Tx, tx.scope, "name:")) >= maxResourcePolicies {
			return nil, awsapi.Errorf("LimitExceededException", "Resource limit exceeded.")
		}
		if err := checkRevision(have, in.ExpectedRevisionId); err != nil {
			return nil, err
		}
		p := &resourcePolicy{
			Name:     awsapi.Val(in.PolicyName),
			Document: *in.PolicyDocument,
			Resource: awsapi.Val(in.ResourceArn),
			Updated:  s.now().UnixMilli(),
		}
		if p.Resource != "" {
			p.Revision = s.newID(32)
		}
		resourcePolicies.Put(tx.Tx, tx.scope, key, p)
		return &wire.PutResourcePolicyOutput{ResourcePolicy: p.wire(), RevisionId: awsapi.NonEmpty(p.Revision)}, nil
	})
}

func checkRevision(have *resourcePolicy, expected *string) error {
	if expected == nil || have != nil && have.Revision == *expected {
		return nil
	}
	return awsapi.Errorf("OperationAbortedException", "The policy has another revision than the one expected.")
}

func (s *Service) describeResourcePolicies(ctx context.Context, in *wire.DescribeResourcePoliciesInput) (*wire.DescribeResourcePoliciesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.DescribeResourcePoliciesOutput, error) {
		all := []wire.ResourcePolicy{}
		ofResources := awsapi.Val(in.PolicyScope) == "RESOURCE" || in.ResourceArn != nil
		for _, p := range resourcePolicies.List(tx.Tx, tx.scope, "") {
			if (p.Resource != "") == ofResources && (in.ResourceArn == nil || p.Resource == *in.ResourceArn) {
				all = append(all, *p.wire())
			}
		}
		cut, next, err := page(all, in.NextToken, in.Limit)
		return &wire.DescribeResourcePoliciesOutput{ResourcePolicies: cut, NextToken: next}, err
	})
}

func (s *Service) deleteResourcePolicy(ctx context.Context, in *wire.DeleteResourcePolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		key := policyKey(in.PolicyName, in.ResourceArn)
		have, ok := resourcePolicies.Get(tx.Tx, tx.scope, key)
		if !ok {
			return nil, awsapi.Errorf("ResourceNotFoundException", "Policy with name [%s] does not exist", awsapi.Val(in.PolicyName))
		}
		if err := checkRevision(have, in.ExpectedRevisionId); err != nil {
			return nil, err
		}
		resourcePolicies.Delete(tx.Tx, tx.scope, key)
		return nil, nil
	})
}

func (p *resourcePolicy) wire() *wire.ResourcePolicy {
	scope := "ACCOUNT"
	if p.Resource != "" {
		scope = "RESOURCE"
	}
	return &wire.ResourcePolicy{
		PolicyName:      awsapi.NonEmpty(p.Name),
		PolicyDocument:  &p.Document,
		LastUpdatedTime: &p.Updated,
		PolicyScope:     &scope,
		ResourceArn:     awsapi.NonEmpty(p.Resource),
		RevisionId:      awsapi.NonEmpty(p.Revision),
	}
}
