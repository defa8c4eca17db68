package iam

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

// maxInlinePolicies is AWS's quota of characters in all inline policies of a role.
const maxInlinePolicies = 10240

func (s *Service) putRolePolicy(ctx context.Context, in *wire.PutRolePolicyInput) (*awsapi.Empty, error) {
	if err := checkPermissionPolicy(*in.PolicyDocument); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		if r.put(*in.PolicyName, *in.PolicyDocument) > maxInlinePolicies {
			return nil, awsapi.Errorf("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, r.Name)
		}
		return nil, nil
	})
}

func noSuchRolePolicy(name string) error {
	return noSuchEntity("The role policy with name %s cannot be found.", name)
}

func (s *Service) getRolePolicy(ctx context.Context, in *wire.GetRolePolicyInput) (*wire.GetRolePolicyOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetRolePolicyOutput, error) {
		r, err := tx.role(*in.RoleName)
		if err != nil {
			return nil, err
		}
		at := r.inline(*in.PolicyName)
		if at < 0 {
			return nil, noSuchRolePolicy(*in.PolicyName)
		}
		return &wire.GetRolePolicyOutput{
			RoleName:       &r.Name,
			PolicyName:     &r.Inline[at].Name,
			PolicyDocument: awsapi.Ptr(encodeDocument(r.Inline[at].Document)),
		}, nil
	})
}

func (s *Service) listRolePolicies(ctx context.Context, in *wire.ListRolePoliciesInput) (*wire.ListRolePoliciesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListRolePoliciesOutput, error) {
		r, err := tx.role(*in.RoleName)
		if err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page(r.inlineNames(), in.Marker, in.MaxItems)
		return &wire.ListRolePoliciesOutput{PolicyNames: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) deleteRolePolicy(ctx context.Context, in *wire.DeleteRolePolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		at := r.inline(*in.PolicyName)
		if at < 0 {
			return nil, noSuchRolePolicy(*in.PolicyName)
		}
		r.Inline = slices.Delete(r.Inline, at, at+1)
		return nil, nil
	})
}

func (s *Service) attachRolePolicy(ctx context.Context, in *wire.AttachRolePolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		return nil, r.attach(tx, *in.PolicyArn, "PoliciesPerRole")
	})
}

func (s *Service) detachRolePolicy(ctx context.Context, in *wire.DetachRolePolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		return nil, r.detach(*in.PolicyArn)
	})
}

func (s *Service) listAttachedRolePolicies(ctx context.Context, in *wire.ListAttachedRolePoliciesInput) (*wire.ListAttachedRolePoliciesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListAttachedRolePoliciesOutput, error) {
		r, err := tx.role(*in.RoleName)
		if err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page(r.attached(in.PathPrefix), in.Marker, in.MaxItems)
		return &wire.ListAttachedRolePoliciesOutput{AttachedPolicies: cut, IsTruncated: truncated, Marker: marker}, err
	})
}
