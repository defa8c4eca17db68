package iam

import (
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

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
		for _, p := range r.Inline {
			documents = append(documents, p.Document)
		}
		tx := &txn{Tx: stx, scope: scopeOf(a.Account)}
		for _, attached := range r.Attached {
			// What is attached exists: it cannot be deleted while it is.
			if p, err := tx.policy(attached); err == nil {
				if i, err := p.version(versionID(p.Default)); err == nil {
					documents = append(documents, p.Versions[i].Document)
				}
			}
		}
		return nil
	})
	return documents, ok
}
