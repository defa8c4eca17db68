package lambda

import (
	"context"

	"github.com/postern/postern/controlplane/store"
)

// AliasChange is what CreateAlias and UpdateAlias set; nil fields stay.
type AliasChange struct {
	Version     *string
	Description *string
	Weights     map[string]float64 // nil: stay; empty: none
	Revision    string             // that the caller expects
}

// CreateAlias makes an alias. ref has no qualifier.
func (s *Service) CreateAlias(ctx context.Context, ref Ref, name string, in AliasChange) (a *Alias, err error) {
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		// AWS: what is missing is the version, even if it is the function.
		if _, ok := functions.Get(tx, ref.Scope, ref.Name); !ok {
			return notFound("Function not found: %s", ref.at(*in.Version).QualifiedARN())
		}
		key := partKey(ref.Name, name)
		if _, exists := aliases.Get(tx, ref.Scope, key); exists {
			return conflict("Alias already exists: %s", ref.at(name).QualifiedARN())
		}
		a = &Alias{Name: name}
		if err := s.changeAlias(tx, ref, a, in); err != nil {
			return err
		}
		aliases.Put(tx, ref.Scope, key, a)
		return nil
	})
	return a, err
}

// UpdateAlias changes an alias.
func (s *Service) UpdateAlias(ctx context.Context, ref Ref, name string, in AliasChange) (a *Alias, err error) {
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.find(tx, ref.at("")); err != nil {
			return err
		}
		var ok bool
		if a, ok = aliases.Edit(tx, ref.Scope, partKey(ref.Name, name)); !ok {
			return notFound("Alias not found: %s", ref.at(name).QualifiedARN())
		}
		if in.Revision != "" && in.Revision != a.Revision {
			return staleRevision("GetFunction/GetAlias")
		}
		return s.changeAlias(tx, ref, a, in)
	})
	return a, err
}

// changeAlias sets a's fields and checks what comes of it.
func (s *Service) changeAlias(tx *store.Tx, ref Ref, a *Alias, in AliasChange) error {
	if in.Version != nil {
		a.Version = *in.Version
	}
	if in.Description != nil {
		a.Description = *in.Description
	}
	if in.Weights != nil {
		a.Weights = in.Weights
	}
	if len(a.Weights) == 0 {
		a.Weights = nil
	}
	a.Revision = s.config.NewID()
	if len(a.Weights) > 1 {
		return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
	}
	if len(a.Weights) == 1 && a.Version == Latest {
		return bare("$LATEST is not supported for an alias pointing to more than 1 version")
	}
	if _, twice := a.Weights[a.Version]; twice {
		return invalid("Invalid function version %s. Function version %s is already included in routing configuration.", a.Version, a.Version)
	}
	if _, err := s.find(tx, ref.at(a.Version)); err != nil {
		return err
	}
	for version := range a.Weights {
		if _, err := s.find(tx, ref.at(version)); err != nil {
			return err
		}
	}
	return nil
}

// Alias gives an alias.
func (s *Service) Alias(ref Ref, name string) (a *Alias, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		var ok bool
		if a, ok = aliases.Get(tx, ref.Scope, partKey(ref.Name, name)); !ok {
			return notFound("Cannot find alias arn: %s", ref.at(name).QualifiedARN())
		}
		return nil
	})
	return a, err
}

// ListAliases lists a function's aliases, those of one version if it is not empty.
func (s *Service) ListAliases(ref Ref, version string) (list []*Alias, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		if _, err := s.find(tx, ref.at("")); err != nil {
			return err
		}
		for _, a := range aliases.List(tx, ref.Scope, partKey(ref.Name, "")) {
			if _, weighted := a.Weights[version]; version == "" || a.Version == version || weighted {
				list = append(list, a)
			}
		}
		return nil
	})
	return list, err
}

// DeleteAlias deletes an alias with its policy. AWS: one that does not exist as well.
func (s *Service) DeleteAlias(ctx context.Context, ref Ref, name string) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.find(tx, ref.at("")); err != nil {
			return err
		}
		key := partKey(ref.Name, name)
		aliases.Delete(tx, ref.Scope, key)
		policies.Delete(tx, ref.Scope, key)
		invokeConfigs.Delete(tx, ref.Scope, key)
		return nil
	})
}

// route draws the version that an invocation of the alias runs.
func (a *Alias) route(random func() float64) string {
	for version, weight := range a.Weights {
		if random() < weight {
			return version
		}
	}
	return a.Version
}
