package iam

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

const defaultMaxSession = 3600

// maxTrustPolicy is the quota of a trust policy's length without white space.
const maxTrustPolicy = 2048

func (s *Service) createRole(ctx context.Context, in *wire.CreateRoleInput) (*wire.CreateRoleOutput, error) {
	if err := checkTrustPolicy(*in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreateRoleOutput, error) {
		name := *in.RoleName
		if _, ok := roles.Get(tx.Tx, tx.scope, nameKey(name)); ok {
			return nil, awsapi.Errorf("EntityAlreadyExists", "Role with name %s already exists.", name)
		}
		r := &role{
			Name:        name,
			Path:        pathOr(in.Path),
			ID:          s.uniqueID("AROA"),
			Created:     tx.now(),
			TrustPolicy: *in.AssumeRolePolicyDocument,
			Description: awsapi.Val(in.Description),
			MaxSession:  defaultMaxSession,
			Tags:        tags,
		}
		r.ARN = tx.arn("role" + r.Path + r.Name)
		if in.MaxSessionDuration != nil {
			r.MaxSession = *in.MaxSessionDuration
		}
		if in.PermissionsBoundary != nil {
			if err := tx.checkAttachable(*in.PermissionsBoundary); err != nil {
				return nil, err
			}
			r.Boundary = *in.PermissionsBoundary
		}
		roles.Put(tx.Tx, tx.scope, nameKey(name), r)
		w := roleHead(r)
		w.Tags = wireTags(r.Tags)
		w.PermissionsBoundary = wireBoundary(r.Boundary)
		return &wire.CreateRoleOutput{Role: w}, nil
	})
}

func (s *Service) getRole(ctx context.Context, in *wire.GetRoleInput) (*wire.GetRoleOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetRoleOutput, error) {
		r, err := tx.role(*in.RoleName)
		if err != nil {
			return nil, err
		}
		return &wire.GetRoleOutput{Role: wholeRole(r)}, nil
	})
}

func (s *Service) listRoles(ctx context.Context, in *wire.ListRolesInput) (*wire.ListRolesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListRolesOutput, error) {
		out := []wire.Role{}
		for _, r := range roles.List(tx.Tx, tx.scope, "") {
			if underPath(r.Path, in.PathPrefix) {
				out = append(out, *listedRole(r))
			}
		}
		cut, truncated, marker, err := page(out, in.Marker, in.MaxItems)
		return &wire.ListRolesOutput{Roles: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) updateRole(ctx context.Context, in *wire.UpdateRoleInput) (*wire.UpdateRoleOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateRoleOutput, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		if in.Description != nil {
			r.Description = *in.Description
		}
		if in.MaxSessionDuration != nil {
			r.MaxSession = *in.MaxSessionDuration
		}
		return &wire.UpdateRoleOutput{}, nil
	})
}

func (s *Service) updateRoleDescription(ctx context.Context, in *wire.UpdateRoleDescriptionInput) (*wire.UpdateRoleDescriptionOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateRoleDescriptionOutput, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		r.Description = *in.Description
		return &wire.UpdateRoleDescriptionOutput{Role: listedRole(r)}, nil
	})
}

func (s *Service) updateAssumeRolePolicy(ctx context.Context, in *wire.UpdateAssumeRolePolicyInput) (*awsapi.Empty, error) {
	if err := checkTrustPolicy(*in.PolicyDocument); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		r.TrustPolicy = *in.PolicyDocument
		return nil, nil
	})
}

func (s *Service) putRolePermissionsBoundary(ctx context.Context, in *wire.PutRolePermissionsBoundaryInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		if err := tx.checkAttachable(*in.PermissionsBoundary); err != nil {
			return nil, err
		}
		r.Boundary = *in.PermissionsBoundary
		return nil, nil
	})
}

func (s *Service) deleteRolePermissionsBoundary(ctx context.Context, in *wire.DeleteRolePermissionsBoundaryInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		if r.Boundary == "" {
			return nil, noSuchEntity("Role %s does not have a permissions boundary.", *in.RoleName) // unverified against AWS: the text
		}
		r.Boundary = ""
		return nil, nil
	})
}

func (s *Service) deleteRole(ctx context.Context, in *wire.DeleteRoleInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.role(*in.RoleName)
		switch {
		case err != nil:
			return nil, err
		case r.LinkedTo != "":
			return nil, protected(*in.RoleName)
		}
		if err := r.checkGone(); err != nil {
			return nil, err
		}
		roles.Delete(tx.Tx, tx.scope, nameKey(r.Name))
		return nil, nil
	})
}

// listInstanceProfilesForRole is always empty: there are no instances. Terraform
// asks before it deletes a role.
func (s *Service) listInstanceProfilesForRole(ctx context.Context, in *wire.ListInstanceProfilesForRoleInput) (*wire.ListInstanceProfilesForRoleOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListInstanceProfilesForRoleOutput, error) {
		if _, err := tx.role(*in.RoleName); err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page([]wire.InstanceProfile{}, in.Marker, in.MaxItems)
		return &wire.ListInstanceProfilesForRoleOutput{InstanceProfiles: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

// roleHead is what CreateRole answers.
func roleHead(r *role) *wire.Role {
	return &wire.Role{
		Path:                     &r.Path,
		RoleName:                 &r.Name,
		RoleId:                   &r.ID,
		Arn:                      &r.ARN,
		CreateDate:               &r.Created,
		AssumeRolePolicyDocument: awsapi.Ptr(encodeDocument(r.TrustPolicy)),
	}
}

// listedRole is what ListRoles answers: no tags, no boundary, no last use.
func listedRole(r *role) *wire.Role {
	w := roleHead(r)
	w.Description = awsapi.NonEmpty(r.Description)
	w.MaxSessionDuration = &r.MaxSession
	return w
}

// wholeRole is what GetRole answers.
func wholeRole(r *role) *wire.Role {
	w := listedRole(r)
	w.PermissionsBoundary = wireBoundary(r.Boundary)
	w.Tags = wireTags(r.Tags)
	w.RoleLastUsed = &wire.RoleLastUsed{}
	return w
}

func wireBoundary(arn string) *wire.AttachedPermissionsBoundary {
	if arn == "" {
		return nil
	}
	return &wire.AttachedPermissionsBoundary{PermissionsBoundaryType: awsapi.Ptr("Policy"), PermissionsBoundaryArn: &arn}
}

func pathOr(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}

func underPath(path string, prefix *string) bool {
	return prefix == nil || strings.HasPrefix(path, *prefix)
}
