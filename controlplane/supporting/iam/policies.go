package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

// maxManagedPolicy is the quota of a managed policy's length without white space.
const maxManagedPolicy = 6144

func policyNotFound(arn string) error {
	return noSuchEntity("Policy %s was not found.", arn)
}

// policyPathAndName takes the resource of a policy's ARN apart: policy/path/name.
func policyPathAndName(arn string) (path, name string) {
	a, _ := awsapi.ParseARN(arn)
	rest := strings.TrimPrefix(a.Resource, "policy")
	cut := strings.LastIndexByte(rest, '/') + 1
	return rest[:cut], rest[cut:]
}

// policy finds a policy of the account or one that AWS manages.
func (tx *txn) policy(arn string) (*policy, error) {
	a, ok := awsapi.ParseARN(arn)
	if !ok || a.Service != "iam" || !strings.HasPrefix(a.Resource, "policy/") {
		// unverified against AWS: the text for an ARN that is none.
		return nil, awsapi.Errorf("ValidationError", "ARN %s is not valid.", arn)
	}
	if p := managedByAWS(a); p != nil {
		return p, nil
	}
	_, name := policyPathAndName(arn)
	p, ok := policies.Get(tx.Tx, tx.scope, nameKey(name))
	if !ok || p.ARN != arn {
		return nil, policyNotFound(arn)
	}
	return p, nil
}

// editPolicy gives a policy of the account to change.
func (tx *txn) editPolicy(arn string) (*policy, error) {
	p, err := tx.policy(arn)
	if err != nil {
		return nil, err
	}
	edited, ok := policies.Edit(tx.Tx, tx.scope, nameKey(p.Name))
	if !ok || edited.ARN != arn {
		// unverified against AWS: the text for a change of AWS's own policies.
		return nil, &awsapi.Error{Code: "AccessDenied", Message: "Policies that AWS manages cannot be changed.", Status: 403}
	}
	return edited, nil
}

// checkAttachable tells whether a policy may be attached or be a boundary.
func (tx *txn) checkAttachable(arn string) error {
	if _, ok := awsapi.ParseARN(arn); !ok {
		return awsapi.Errorf("ValidationError", "Invalid ARN:  Could not be parsed!")
	}
	_, err := tx.policy(arn)
	if e, ok := awsapi.AsError(err); ok && e.Code == "NoSuchEntity" {
		return noSuchEntity("Policy %s does not exist or is not attachable.", arn)
	}
	return err
}

func (s *Service) createPolicy(ctx context.Context, in *wire.CreatePolicyInput) (*wire.CreatePolicyOutput, error) {
	if err := checkManagedPolicy(*in.PolicyDocument); err != nil {
		return nil, err
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreatePolicyOutput, error) {
		name := *in.PolicyName
		if _, ok := policies.Get(tx.Tx, tx.scope, nameKey(name)); ok {
			return nil, awsapi.Errorf("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", name)
		}
		now := tx.now()
		p := &policy{
			Name:        name,
			Path:        pathOr(in.Path),
			ID:          s.uniqueID("ANPA"),
			Description: awsapi.Val(in.Description),
			Created:     now,
			Updated:     now,
			Tags:        tags,
			Default:     1,
			LastVersion: 1,
			Versions:    []policyVersion{{Number: 1, Document: *in.PolicyDocument, Created: now}},
		}
		p.ARN = tx.arn("policy" + p.Path + p.Name)
		policies.Put(tx.Tx, tx.scope, nameKey(name), p)
		w := tx.wirePolicy(p)
		w.Tags = wireTags(p.Tags)
		return &wire.CreatePolicyOutput{Policy: w}, nil
	})
}

func checkManagedPolicy(text string) error {
	if err := checkPermissionPolicy(text); err != nil {
		return err
	}
	if documentSize(text) > maxManagedPolicy {
		return awsapi.Errorf("LimitExceeded", "Cannot exceed quota for PolicySize: %d", maxManagedPolicy)
	}
	return nil
}

func (s *Service) getPolicy(ctx context.Context, in *wire.GetPolicyInput) (*wire.GetPolicyOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetPolicyOutput, error) {
		p, err := tx.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		w := tx.wirePolicy(p)
		w.Description = awsapi.NonEmpty(p.Description)
		w.Tags = wireTags(p.Tags)
		return &wire.GetPolicyOutput{Policy: w}, nil
	})
}

// listPolicies leaves out the description and tags, as AWS does. Of the policies
// that AWS manages it lists those whose document Postern knows.
func (s *Service) listPolicies(ctx context.Context, in *wire.ListPoliciesInput) (*wire.ListPoliciesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListPoliciesOutput, error) {
		var all []*policy
		scope := awsapi.Val(in.Scope)
		if scope != "AWS" {
			all = policies.List(tx.Tx, tx.scope, "")
		}
		if scope != "Local" {
			all = append(slices.Clip(all), knownManaged(tx.id.Region)...)
		}
		out := []wire.Policy{}
		for _, p := range all {
			w := tx.wirePolicy(p)
			used := *w.AttachmentCount
			if awsapi.Val(in.PolicyUsageFilter) == "PermissionsBoundary" {
				used = *w.PermissionsBoundaryUsageCount
			}
			if awsapi.Val(in.OnlyAttached) && used == 0 || in.PolicyUsageFilter != nil && used == 0 || !underPath(p.Path, in.PathPrefix) {
				continue
			}
			out = append(out, *w)
		}
		cut, truncated, marker, err := page(out, in.Marker, in.MaxItems)
		return &wire.ListPoliciesOutput{Policies: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) deletePolicy(ctx context.Context, in *wire.DeletePolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		p, err := tx.editPolicy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		attached, boundary := tx.usage(p.ARN)
		if attached+boundary > 0 {
			return nil, deleteConflict("Cannot delete a policy attached to entities.")
		}
		if len(p.Versions) > 1 {
			return nil, deleteConflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		policies.Delete(tx.Tx, tx.scope, nameKey(p.Name))
		return nil, nil
	})
}

// usage counts the roles and users that a policy is attached to, and those whose
// boundary it is.
func (tx *txn) usage(arn string) (attached, boundary int) {
	for _, r := range roles.List(tx.Tx, tx.scope, "") {
		if slices.Contains(r.Attached, arn) {
			attached++
		}
		if r.Boundary == arn {
			boundary++
		}
	}
	for _, u := range users.List(tx.Tx, tx.scope, "") {
		if slices.Contains(u.Attached, arn) {
			attached++
		}
		if u.Boundary == arn {
			boundary++
		}
	}
	return attached, boundary
}

func (s *Service) listEntitiesForPolicy(ctx context.Context, in *wire.ListEntitiesForPolicyInput) (*wire.ListEntitiesForPolicyOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListEntitiesForPolicyOutput, error) {
		p, err := tx.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		filter, usage := awsapi.Val(in.EntityFilter), awsapi.Val(in.PolicyUsageFilter)
		used := func(attached []string, boundary string) bool {
			return usage != "PermissionsBoundary" && slices.Contains(attached, p.ARN) ||
				usage != "PermissionsPolicy" && boundary == p.ARN
		}
		// One page runs over roles, then users, as one list.
		type entity struct {
			role *wire.PolicyRole
			user *wire.PolicyUser
		}
		var all []entity
		for _, r := range roles.List(tx.Tx, tx.scope, "") {
			if (filter == "" || filter == "Role") && underPath(r.Path, in.PathPrefix) && used(r.Attached, r.Boundary) {
				all = append(all, entity{role: &wire.PolicyRole{RoleName: &r.Name, RoleId: &r.ID}})
			}
		}
		for _, u := range users.List(tx.Tx, tx.scope, "") {
			if (filter == "" || filter == "User") && underPath(u.Path, in.PathPrefix) && used(u.Attached, u.Boundary) {
				all = append(all, entity{user: &wire.PolicyUser{UserName: &u.Name, UserId: &u.ID}})
			}
		}
		cut, truncated, marker, err := page(all, in.Marker, in.MaxItems)
		out := &wire.ListEntitiesForPolicyOutput{
			PolicyGroups: []wire.PolicyGroup{}, PolicyUsers: []wire.PolicyUser{}, PolicyRoles: []wire.PolicyRole{},
			IsTruncated: truncated, Marker: marker,
		}
		for _, e := range cut {
			if e.role != nil {
				out.PolicyRoles = append(out.PolicyRoles, *e.role)
			} else {
				out.PolicyUsers = append(out.PolicyUsers, *e.user)
			}
		}
		return out, err
	})
}

func (tx *txn) wirePolicy(p *policy) *wire.Policy {
	attached, boundary := tx.usage(p.ARN)
	return &wire.Policy{
		PolicyName:                    &p.Name,
		PolicyId:                      &p.ID,
		Arn:                           &p.ARN,
		Path:                          &p.Path,
		DefaultVersionId:              awsapi.Ptr(versionID(p.Default)),
		AttachmentCount:               &attached,
		PermissionsBoundaryUsageCount: &boundary,
		IsAttachable:                  awsapi.Ptr(true),
		CreateDate:                    &p.Created,
		UpdateDate:                    &p.Updated,
	}
}
