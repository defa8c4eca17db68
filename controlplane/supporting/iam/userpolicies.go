package iam

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

// maxInlineOfUser is AWS's quota of characters in all inline policies of a user.
const maxInlineOfUser = 2048

func (s *Service) putUserPolicy(ctx context.Context, in *wire.PutUserPolicyInput) (*awsapi.Empty, error) {
	if err := checkPermissionPolicy(*in.PolicyDocument); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		if u.put(*in.PolicyName, *in.PolicyDocument) > maxInlineOfUser {
			return nil, awsapi.Errorf("LimitExceeded", "Maximum policy size of %d bytes exceeded for user %s", maxInlineOfUser, u.Name)
		}
		return nil, nil
	})
}

func noSuchUserPolicy(name string) error {
	return noSuchEntity("The user policy with name %s cannot be found.", name)
}

func (s *Service) getUserPolicy(ctx context.Context, in *wire.GetUserPolicyInput) (*wire.GetUserPolicyOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetUserPolicyOutput, error) {
		u, err := tx.user(in.UserName)
		if err != nil {
			return nil, err
		}
		at := u.inline(*in.PolicyName)
		if at < 0 {
			return nil, noSuchUserPolicy(*in.PolicyName)
		}
		return &wire.GetUserPolicyOutput{
			UserName:       &u.Name,
			PolicyName:     &u.Inline[at].Name,
			PolicyDocument: awsapi.Ptr(encodeDocument(u.Inline[at].Document)),
		}, nil
	})
}

func (s *Service) listUserPolicies(ctx context.Context, in *wire.ListUserPoliciesInput) (*wire.ListUserPoliciesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListUserPoliciesOutput, error) {
		u, err := tx.user(in.UserName)
		if err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page(u.inlineNames(), in.Marker, in.MaxItems)
		return &wire.ListUserPoliciesOutput{PolicyNames: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) deleteUserPolicy(ctx context.Context, in *wire.DeleteUserPolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		at := u.inline(*in.PolicyName)
		if at < 0 {
			return nil, noSuchUserPolicy(*in.PolicyName)
		}
		u.Inline = slices.Delete(u.Inline, at, at+1)
		return nil, nil
	})
}

func (s *Service) attachUserPolicy(ctx context.Context, in *wire.AttachUserPolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		return nil, u.attach(tx, *in.PolicyArn, "PoliciesPerUser")
	})
}

func (s *Service) detachUserPolicy(ctx context.Context, in *wire.DetachUserPolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		return nil, u.detach(*in.PolicyArn)
	})
}

func (s *Service) listAttachedUserPolicies(ctx context.Context, in *wire.ListAttachedUserPoliciesInput) (*wire.ListAttachedUserPoliciesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListAttachedUserPoliciesOutput, error) {
		u, err := tx.user(in.UserName)
		if err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page(u.attached(in.PathPrefix), in.Marker, in.MaxItems)
		return &wire.ListAttachedUserPoliciesOutput{AttachedPolicies: cut, IsTruncated: truncated, Marker: marker}, err
	})
}
