package lambda

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
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
		current, err := s.policyOwner(tx, ref)
		if err != nil {
			return err
		}
		key := partKey(ref.Name, ref.Qualifier)
		have, ok := policies.Edit(tx, ref.Scope, key)
		if !ok {
			// AWS: before there is a policy, the revision is that of what it shall belong to.
			have = &Policy{Revision: current}
			policies.Put(tx, ref.Scope, key, have)
		}
		if err := have.add(st, p.Revision, "GetPolicy", s.config.NewID()); err != nil {
			return err
		}
		s.revise(tx, ref, have.Revision)
		return nil
	})
	return compactJSON(st), err
}

// revise gives a function the revision of its changed policy. AWS does; unverified against AWS: that it does not for
// versions and aliases.
func (s *Service) revise(tx *store.Tx, ref Ref, revision string) {
	if ref.Qualifier != "" {
		return
	}
	if f, ok := functions.Edit(tx, ref.Scope, ref.Name); ok {
		f.Latest.Revision = revision
	}
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

// policyOwner finds what a policy belongs to and gives its revision.
func (s *Service) policyOwner(tx *store.Tx, ref Ref) (revision string, err error) {
	if _, ok := functions.Get(tx, ref.Scope, ref.Name); !ok {
		return "", notFound("Function not found: %s", ref.ARN())
	}
	if aliasName().MatchString(ref.Qualifier) && !isVersion(ref.Qualifier) {
		a, ok := aliases.Get(tx, ref.Scope, partKey(ref.Name, ref.Qualifier))
		if !ok {
			return "", notFound("Cannot find alias arn: %s", ref.QualifiedARN())
		}
		return a.Revision, nil
	}
	d, err := s.find(tx, ref)
	if err != nil {
		return "", err
	}
	return d.Version.Revision, nil
}

var aliasName = lazyregexp.New(`^[a-zA-Z0-9_-]+$`)

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
		if _, err := s.policyOwner(tx, ref); err != nil {
			return err
		}
		key := partKey(ref.Name, ref.Qualifier)
		p, ok := policies.Edit(tx, ref.Scope, key)
		if !ok {
			return errNoPolicy()
		}
		if err := p.remove(sid, revision, "GetPolicy", s.config.NewID()); err != nil {
			return err
		}
		s.revise(tx, ref, p.Revision)
		if len(p.Statements) == 0 {
			policies.Delete(tx, ref.Scope, key)
		}
		return nil
	})
}
