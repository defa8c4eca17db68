package lambda

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/store"
)

// Permission is what AddPermission adds; empty fields set no condition.
type Permission struct {
	Sid, Action, Principal      string
	SourceARN, SourceAccount    string
	EventSourceToken            string
	OrganizationID, URLAuthType string
	ViaFunctionURL              *bool
	Revision                    string // that the caller expects
}

func (p *Permission) statement(resource string) (Statement, error) {
	principal, err := parsePrincipal(p.Principal)
	if err != nil {
		return Statement{}, err
	}
	st := Statement{Sid: p.Sid, Effect: "Allow", Principal: principal, Action: Strings{p.Action}, Resource: resource}
	equals := map[string]Strings{}
	for key, value := range map[string]string{
		"AWS:SourceAccount": p.SourceAccount, "lambda:EventSourceToken": p.EventSourceToken,
		"lambda:FunctionUrlAuthType": p.URLAuthType, "aws:PrincipalOrgID": p.OrganizationID,
	} {
		if value != "" {
			equals[key] = Strings{value}
		}
	}
	if len(equals) > 0 {
		st.Condition.StringEquals = equals
	}
	if p.ViaFunctionURL != nil {
		st.Condition.Bool = map[string]Strings{"lambda:InvokedViaFunctionUrl": {compactJSON(*p.ViaFunctionURL)}}
	}
	if p.SourceARN != "" {
		st.Condition.ArnLike = map[string]Strings{"AWS:SourceArn": {p.SourceARN}}
	}
	return st, nil
}

// AddPermission adds a statement to the policy of what ref means and gives its JSON.
func (s *Service) AddPermission(ctx context.Context, ref Ref, p Permission) (string, error) {
	if ref.Qualifier == Latest {
		return "", invalid("We currently do not support adding policies for $LATEST.")
	}
	st, err := p.statement(ref.QualifiedARN())
	if err != nil {
		return "", err
	}
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		if err := s.policyOwner(tx, ref); err != nil {
			return err
		}
		key := partKey(ref.Name, ref.Qualifier)
		have, ok := policies.Edit(tx, ref.Scope, key)
		if !ok {
			have = &Policy{}
			policies.Put(tx, ref.Scope, key, have)
		}
		return have.add(st, p.Revision, "GetPolicy", s.config.NewID())
	})
	return compactJSON(st), err
}

// add appends a statement and gives the policy a new revision.
func (p *Policy) add(st Statement, expected, call, revision string) error {
	if expected != "" && expected != p.Revision {
		return staleRevision(call)
	}
	if slices.ContainsFunc(p.Statements, func(have Statement) bool { return have.Sid == st.Sid }) {
		return conflict("The statement id (%s) provided already exists. "+
			"Please provide a new statement id, or remove the existing statement.", st.Sid)
	}
	p.Statements, p.Revision = append(p.Statements, st), revision
	return nil
}

// remove deletes a statement and gives the policy a new revision.
func (p *Policy) remove(sid, expected, call, revision string) error {
	at := slices.IndexFunc(p.Statements, func(st Statement) bool { return st.Sid == sid })
	if at < 0 {
		return notFound("Statement %s is not found in resource policy.", sid)
	}
	if expected != "" && expected != p.Revision {
		return staleRevision(call)
	}
	p.Statements, p.Revision = slices.Delete(p.Statements, at, at+1), revision
	return nil
}

// policyOwner checks that what a policy shall belong to exists.
func (s *Service) policyOwner(tx *store.Tx, ref Ref) error {
	if _, err := s.find(tx, ref.at("")); err != nil {
		return err
	}
	if ref.Qualifier == "" {
		return nil
	}
	if _, err := s.find(tx, ref); err != nil {
		if isVersion(ref.Qualifier) || ref.Qualifier[0] == '$' {
			return err
		}
		return notFound("Cannot find alias arn: %s", ref.QualifiedARN())
	}
	return nil
}

// Policy gives the policy of what ref means.
func (s *Service) Policy(ref Ref) (p *Policy, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		var ok bool
		if p, ok = policies.Get(tx, ref.Scope, partKey(ref.Name, ref.Qualifier)); !ok {
			return errNoResource()
		}
		return nil
	})
	return p, err
}

// RemovePermission removes a statement.
func (s *Service) RemovePermission(ctx context.Context, ref Ref, sid, revision string) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		if _, ok := functions.Get(tx, ref.Scope, ref.Name); !ok {
			return notFound("No policy found for: %s", ref.ARN())
		}
		key := partKey(ref.Name, ref.Qualifier)
		p, ok := policies.Edit(tx, ref.Scope, key)
		if !ok {
			return notFound("No policy is associated with the given resource.")
		}
		if err := p.remove(sid, revision, "GetPolicy", s.config.NewID()); err != nil {
			return err
		}
		if len(p.Statements) == 0 {
			policies.Delete(tx, ref.Scope, key)
		}
		return nil
	})
}
