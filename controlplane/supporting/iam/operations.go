package iam

import "github.com/postern/postern/controlplane/awsapi"

func (s *Service) operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"CreateRole":                    awsapi.Op(s.createRole),
		"GetRole":                       awsapi.Op(s.getRole),
		"ListRoles":                     awsapi.Op(s.listRoles),
		"UpdateRole":                    awsapi.Op(s.updateRole),
		"UpdateRoleDescription":         awsapi.Op(s.updateRoleDescription),
		"UpdateAssumeRolePolicy":        awsapi.Op(s.updateAssumeRolePolicy),
		"PutRolePermissionsBoundary":    awsapi.Op(s.putRolePermissionsBoundary),
		"DeleteRolePermissionsBoundary": awsapi.Op(s.deleteRolePermissionsBoundary),
		"DeleteRole":                    awsapi.Op(s.deleteRole),
		"ListInstanceProfilesForRole":   awsapi.Op(s.listInstanceProfilesForRole),

		"CreateServiceLinkedRole":            awsapi.Op(s.createServiceLinkedRole),
		"DeleteServiceLinkedRole":            awsapi.Op(s.deleteServiceLinkedRole),
		"GetServiceLinkedRoleDeletionStatus": awsapi.Op(s.getServiceLinkedRoleDeletionStatus),

		"PutRolePolicy":            awsapi.Op(s.putRolePolicy),
		"GetRolePolicy":            awsapi.Op(s.getRolePolicy),
		"ListRolePolicies":         awsapi.Op(s.listRolePolicies),
		"DeleteRolePolicy":         awsapi.Op(s.deleteRolePolicy),
		"AttachRolePolicy":         awsapi.Op(s.attachRolePolicy),
		"DetachRolePolicy":         awsapi.Op(s.detachRolePolicy),
		"ListAttachedRolePolicies": awsapi.Op(s.listAttachedRolePolicies),

		"CreatePolicy":            awsapi.Op(s.createPolicy),
		"GetPolicy":               awsapi.Op(s.getPolicy),
		"ListPolicies":            awsapi.Op(s.listPolicies),
		"DeletePolicy":            awsapi.Op(s.deletePolicy),
		"ListEntitiesForPolicy":   awsapi.Op(s.listEntitiesForPolicy),
		"CreatePolicyVersion":     awsapi.Op(s.createPolicyVersion),
		"GetPolicyVersion":        awsapi.Op(s.getPolicyVersion),
		"ListPolicyVersions":      awsapi.Op(s.listPolicyVersions),
		"DeletePolicyVersion":     awsapi.Op(s.deletePolicyVersion),
		"SetDefaultPolicyVersion": awsapi.Op(s.setDefaultPolicyVersion),

		"TagRole":        awsapi.Op(s.tagRole),
		"UntagRole":      awsapi.Op(s.untagRole),
		"ListRoleTags":   awsapi.Op(s.listRoleTags),
		"TagPolicy":      awsapi.Op(s.tagPolicy),
		"UntagPolicy":    awsapi.Op(s.untagPolicy),
		"ListPolicyTags": awsapi.Op(s.listPolicyTags),

		"CreateUser":        awsapi.Op(s.createUser),
		"GetUser":           awsapi.Op(s.getUser),
		"ListUsers":         awsapi.Op(s.listUsers),
		"UpdateUser":        awsapi.Op(s.updateUser),
		"DeleteUser":        awsapi.Op(s.deleteUser),
		"TagUser":           awsapi.Op(s.tagUser),
		"UntagUser":         awsapi.Op(s.untagUser),
		"ListUserTags":      awsapi.Op(s.listUserTags),
		"ListGroupsForUser": awsapi.Op(s.listGroupsForUser),

		"PutUserPermissionsBoundary":    awsapi.Op(s.putUserPermissionsBoundary),
		"DeleteUserPermissionsBoundary": awsapi.Op(s.deleteUserPermissionsBoundary),

		"PutUserPolicy":            awsapi.Op(s.putUserPolicy),
		"GetUserPolicy":            awsapi.Op(s.getUserPolicy),
		"ListUserPolicies":         awsapi.Op(s.listUserPolicies),
		"DeleteUserPolicy":         awsapi.Op(s.deleteUserPolicy),
		"AttachUserPolicy":         awsapi.Op(s.attachUserPolicy),
		"DetachUserPolicy":         awsapi.Op(s.detachUserPolicy),
		"ListAttachedUserPolicies": awsapi.Op(s.listAttachedUserPolicies),

		"CreateAccessKey": awsapi.Op(s.createAccessKey),
		"ListAccessKeys":  awsapi.Op(s.listAccessKeys),
		"UpdateAccessKey": awsapi.Op(s.updateAccessKey),
		"DeleteAccessKey": awsapi.Op(s.deleteAccessKey),
	}
}
