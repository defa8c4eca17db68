package iam

import (
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// PrincipalTags gives the tags of a user, or those of the role behind a session.
// Tags of the session itself are not kept.
func (s *Service) PrincipalTags(arn string) map[string]string {
	a, _ := awsapi.ParseARN(arn)
	var tags []tag
	// The function below returns no error.
	_ = s.db.View(func(tx *store.Tx) error {
		if session, ok := strings.CutPrefix(a.Resource, "assumed-role/"); ok {
			name, _, _ := strings.Cut(session, "/")
			if r, ok := roles.Get(tx, scopeOf(a.Account), nameKey(name)); ok {
				tags = r.Tags
			}
		} else if path, ok := strings.CutPrefix(a.Resource, "user/"); ok {
			if u, ok := users.Get(tx, scopeOf(a.Account), nameKey(path[strings.LastIndexByte(path, '/')+1:])); ok {
				tags = u.Tags
			}
		}
		return nil
	})
	out := make(map[string]string, len(tags))
	for _, t := range tags {
		out[strings.ToLower(t.Key)] = t.Value
	}
	return out
}

// SessionPolicies gives the policy documents that say what a role's session may do:
// the role's inline policies, and the default versions of those attached. false: the
// ARN is no session's, or there is no such role, so that nothing is known of what it
// may do.
func (s *Service) SessionPolicies(arn string) (documents []string, ok bool) {
	a, valid := awsapi.ParseARN(arn)
	session, assumed := strings.CutPrefix(a.Resource, "assumed-role/")
	if !valid || !assumed {
		return nil, false
	}
	name, _, _ := strings.Cut(session, "/")
	// The function below returns no error.
	_ = s.db.View(func(stx *store.Tx) error {
		var r *role
		if r, ok = roles.Get(stx, scopeOf(a.Account), nameKey(name)); !ok {
			return nil
		}
		documents = r.documents(&txn{Tx: stx, scope: scopeOf(a.Account)})
		return nil
	})
	return documents, ok
}

// UserPolicies gives the policy documents that say what a user may do. false: the ARN is
// no user's, or there is no such user.
func (s *Service) UserPolicies(arn string) (documents []string, ok bool) {
	a, valid := awsapi.ParseARN(arn)
	path, isUser := strings.CutPrefix(a.Resource, "user/")
	if !valid || !isUser {
		return nil, false
	}
	// The function below returns no error.
	_ = s.db.View(func(stx *store.Tx) error {
		var u *user
		if u, ok = users.Get(stx, scopeOf(a.Account), nameKey(path[strings.LastIndexByte(path, '/')+1:])); ok {
			documents = u.documents(&txn{Tx: stx, scope: scopeOf(a.Account)})
		}
		return nil
	})
	return documents, ok
}

// RolePolicies are the policy documents that say what a role may do.
type RolePolicies struct {
	Granted []string
	// Boundary is the permissions boundary: what it does not allow the role may not do.
	// Empty: there is none.
	Boundary string
}

// PoliciesOf gives the policies of a role. false: there is no such role, or one of its
// policies is not to be found.
func (s *Service) PoliciesOf(roleARN string) (out RolePolicies, ok bool) {
	a, valid := awsapi.ParseARN(roleARN)
	if !valid || !strings.HasPrefix(a.Resource, "role/") {
		return out, false
	}
	// The function below returns no error.
	_ = s.db.View(func(stx *store.Tx) error {
		r, found := roles.Get(stx, scopeOf(a.Account), nameKey(a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]))
		if !found || r.ARN != roleARN {
			return nil
		}
		tx := &txn{Tx: stx, scope: scopeOf(a.Account)}
		out.Granted = r.documents(tx)
		ok = len(out.Granted) == len(r.Inline)+len(r.Attached)
		if r.Boundary != "" {
			bound := (&grants{Attached: []string{r.Boundary}}).documents(tx)
			if ok = ok && len(bound) == 1; ok {
				out.Boundary = bound[0]
			}
		}
		return nil
	})
	return out, ok
}
