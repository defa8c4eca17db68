package iam

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// Distrusts tells whether a role that was created here keeps an AWS service from
// assuming it: its trust policy names the service nowhere, or denies it. Conditions
// are not looked at. Roles that nobody created here distrust no one.
func (s *Service) Distrusts(roleARN, service string) bool {
	arn, ok := awsapi.ParseARN(roleARN)
	if !ok {
		return true
	}
	name := arn.Resource[strings.LastIndexByte(arn.Resource, '/')+1:]
	distrusts := false
	// The function below returns no error.
	_ = s.db.View(func(tx *store.Tx) error {
		if r, ok := roles.Get(tx, scopeOf(arn.Account), nameKey(name)); ok {
			distrusts = !trusts(r.TrustPolicy, service)
		}
		return nil
	})
	return distrusts
}

func trusts(policy, service string) bool {
	d, err := parseDocument(policy)
	if err != nil {
		return false
	}
	allowed := false
	for i := range d.Statement {
		st := &d.Statement[i]
		if !st.names(service) || !st.assumes() {
			continue
		}
		if st.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// names tells whether a statement is about an AWS service.
func (st *statement) names(service string) bool {
	switch p := st.Principal.(type) {
	case string:
		return p == "*"
	case map[string]any:
		return slices.Contains(texts(p["Service"]), service) || slices.Contains(texts(p["AWS"]), "*")
	}
	return false
}

func (st *statement) assumes() bool {
	return slices.ContainsFunc(texts(st.Action), func(action string) bool {
		action = strings.ToLower(action)
		return action == "*" || action == "sts:*" || action == "sts:assumerole"
	})
}
