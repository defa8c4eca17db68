package lambda

import (
	"context"

	"github.com/postern/postern/controlplane/store"
)

// CodeUpdate is a change of a function's code.
type CodeUpdate struct {
	Source       Source
	Architecture string // empty: as it is
	Revision     string // that the caller expects; empty: any
	Publish      bool
	DryRun       bool
}

// UpdateCode replaces $LATEST's code. Until the executor is ready, invocations run the code before.
func (s *Service) UpdateCode(ctx context.Context, ref Ref, in CodeUpdate) (*Described, error) {
	have, err := s.GetFunction(ref.at(""))
	if err != nil {
		return nil, err
	}
	b, err := s.load(ctx, ref.Scope, in.Source, have.Version.Config.PackageType)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, ref, b, in.Revision, in, func(_ *store.Tx, v *Version) error {
		v.Code = b.code
		if in.Architecture != "" {
			v.Config.Architecture = in.Architecture
		}
		return checkUnzipped(v.Code, v.Config.Layers)
	})
}

// ConfigUpdate is a change of a function's configuration.
type ConfigUpdate struct {
	Apply    func(*Configuration)
	Layers   []string // nil: as they are
	Revision string   // that the caller expects; empty: any
}

// UpdateConfig changes $LATEST's configuration, with the same effect on invocations as UpdateCode.
func (s *Service) UpdateConfig(ctx context.Context, ref Ref, in ConfigUpdate) (*Described, error) {
	return s.update(ctx, ref, &bundle{}, in.Revision, CodeUpdate{}, func(tx *store.Tx, v *Version) error {
		in.Apply(&v.Config)
		if in.Layers != nil {
			layers, err := s.layers(tx, ref.Scope, in.Layers)
			if err != nil {
				return err
			}
			v.Config.Layers = layers
		}
		if err := v.Config.complete(ref.Scope); err != nil {
			return err
		}
		return checkUnzipped(v.Code, v.Config.Layers)
	})
}

// update changes $LATEST in one transaction and begins its preparation.
func (s *Service) update(ctx context.Context, ref Ref, b *bundle, revision string, how CodeUpdate,
	change func(*store.Tx, *Version) error) (*Described, error) {

	var before []string
	var f *Function
	var published *Version
	apply := func(tx *store.Tx) error {
		have, ok := functions.Get(tx, ref.Scope, ref.Name)
		if !ok {
			return notFound("Function not found: %s", ref.ARN())
		}
		if have.Latest.settling() {
			return errUpdateInProgress(ref)
		}
		if revision != "" && revision != have.Latest.Revision {
			return staleRevision("GetFunction/GetAlias")
		}
		before = have.Latest.blobs()
		f = store.Clone(have)
		if err := change(tx, &f.Latest); err != nil {
			return err
		}
		if how.DryRun {
			return nil
		}
		f.Latest.Revision, f.Latest.Modified, f.Latest.Deployment = s.config.NewID(), s.config.Now(), s.config.NewID()
		if how.Publish {
			// AWS: a version published with an update begins Pending.
			v := f.Latest
			f.Latest.State, f.Latest.Update = Status{Pending, "The function is being created.", "Creating"}, Status{}
			published = s.publish(tx, ref.Scope, f, nil)
			f.Latest.State = v.State
		}
		// AWS: the reason says "created" for updates as well.
		f.Latest.Update = Status{InProgress, "The function is being created.", "Creating"}
		if f.Latest.State.Value == Failed {
			f.Latest.State = Status{Pending, "The function is being created.", "Creating"}
		}
		functions.Put(tx, ref.Scope, ref.Name, f)
		return nil
	}
	if how.DryRun {
		if err := s.db.View(apply); err != nil {
			return nil, err
		}
		return &Described{ARN: ref.ARN(), Name: ref.Name, Version: &f.Latest, Function: f}, nil
	}
	if err := s.updateWith(ctx, b, apply); err != nil {
		return nil, err
	}
	s.deploy(versionKey{ref.Scope, ref.Name, Latest}, &f.Latest)
	s.collect(before...)
	if published != nil {
		s.deploy(versionKey{ref.Scope, ref.Name, published.Number}, published)
		return &Described{ARN: ref.at(published.Number).QualifiedARN(), Name: ref.Name, Version: published, Function: f}, nil
	}
	return &Described{ARN: ref.ARN(), Name: ref.Name, Version: &f.Latest, Function: f}, nil
}

func errUpdateInProgress(ref Ref) error {
	return conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", ref.ARN())
}

// SetTags adds tags to a function.
func (s *Service) SetTags(ctx context.Context, ref Ref, tags map[string]string) error {
	return s.editTags(ctx, ref, func(have map[string]string) error {
		for k, v := range tags {
			have[k] = v
		}
		if len(have) > maxTags {
			return errTooManyTags()
		}
		return nil
	})
}

// RemoveTags removes tags from a function.
func (s *Service) RemoveTags(ctx context.Context, ref Ref, keys []string) error {
	return s.editTags(ctx, ref, func(have map[string]string) error {
		for _, k := range keys {
			delete(have, k)
		}
		return nil
	})
}

func (s *Service) editTags(ctx context.Context, ref Ref, edit func(map[string]string) error) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		f, ok := functions.Edit(tx, ref.Scope, ref.Name)
		if !ok {
			return notFound("Function not found: %s", ref.ARN())
		}
		if f.Tags == nil {
			f.Tags = map[string]string{}
		}
		f.Latest.Revision = s.config.NewID()
		return edit(f.Tags)
	})
}

func errTooManyTags() error { return invalid("Number of tags exceeds resource tag limit.") }
