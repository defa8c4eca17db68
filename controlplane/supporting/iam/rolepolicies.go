package iam

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

// AWS: quotas of one role, IAM and STS quotas.
const (
	maxInlinePolicies  = 10240 // characters of all inline policies together
	maxAttachedPerRole = 10
)

func (s *Service) putRolePolicy(ctx context.Context, in *wire.PutRolePolicyInput) (*awsapi.Empty, error) {
	if err := checkPermissionPolicy(*in.PolicyDocument); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		p := inlinePolicy{Name: *in.PolicyName, Document: *in.PolicyDocument}
		if at := r.inline(p.Name); at >= 0 {
			r.Inline[at] = p
		} else {
			r.Inline = append(r.Inline, p)
		}
		size := 0
		for _, p := range r.Inline {
			size += documentSize(p.Document)
		}
		if size > maxInlinePolicies {
			return nil, awsapi.Errorf("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, r.Name)
		}
		return nil, nil
	})
}

func (r *role) inline(name string) int {
	return slices.IndexFunc(r.Inline, func(p inlinePolicy) bool { return p.Name == name })
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
		var names []string
		for _, p := range r.Inline {
			names = append(names, p.Name)
		}
		cut, truncated, marker, err := page(names, in.Marker, in.MaxItems)
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
		if err := tx.checkAttachable(*in.PolicyArn); err != nil {
			return nil, err
		}
		if slices.Contains(r.Attached, *in.PolicyArn) {
			return nil, nil
		}
		if len(r.Attached) >= maxAttachedPerRole {
			return nil, awsapi.Errorf("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttachedPerRole)
		}
		r.Attached = append(r.Attached, *in.PolicyArn)
		return nil, nil
	})
}

func (s *Service) detachRolePolicy(ctx context.Context, in *wire.DetachRolePolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		at := slices.Index(r.Attached, *in.PolicyArn)
		if at < 0 {
			return nil, policyNotFound(*in.PolicyArn)
		}
		r.Attached = slices.Delete(r.Attached, at, at+1)
		return nil, nil
	})
}

func (s *Service) listAttachedRolePolicies(ctx context.Context, in *wire.ListAttachedRolePoliciesInput) (*wire.ListAttachedRolePoliciesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListAttachedRolePoliciesOutput, error) {
		r, err := tx.role(*in.RoleName)
		if err != nil {
			return nil, err
		}
		out := []wire.AttachedPolicy{}
		for _, arn := range r.Attached {
			path, name := policyPathAndName(arn)
			if underPath(path, in.PathPrefix) {
				out = append(out, wire.AttachedPolicy{PolicyName: &name, PolicyArn: &arn})
			}
		}
		cut, truncated, marker, err := page(out, in.Marker, in.MaxItems)
		return &wire.ListAttachedRolePoliciesOutput{AttachedPolicies: cut, IsTruncated: truncated, Marker: marker}, err
	})
}
