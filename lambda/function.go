package lambda

import (
	"context"
	"strconv"

	"github.com/postern/postern/controlplane/store"
)

// Described is a function version as the API shows it.
type Described struct {
	ARN      string // as asked for
	Name     string
	Version  *Version
	Function *Function
}

// NewFunction is what CreateFunction makes.
type NewFunction struct {
	Name    string
	Config  Configuration // complete, except Layers
	Layers  []string
	Source  Source
	Tags    map[string]string
	Publish bool
}

const maxTags = 50

// CreateFunction makes a function. It is Pending until the executor has prepared it.
func (s *Service) CreateFunction(ctx context.Context, scope store.Scope, in NewFunction) (*Described, error) {
	if err := in.Config.complete(scope); err != nil {
		return nil, err
	}
	if len(in.Tags) > maxTags {
		return nil, errTooManyTags()
	}
	ref := Ref{Scope: scope, Name: in.Name}
	// Before the work on the code; the transaction looks again. AWS: layers are looked at before the name.
	if err := s.db.View(func(tx *store.Tx) error {
		if _, err := s.layers(tx, scope, in.Layers); err != nil {
			return err
		}
		return vacant(tx, ref)
	}); err != nil {
		return nil, err
	}
	switch isImage := in.Config.PackageType == "Image"; {
	case isImage && in.Source.Image == "":
		return nil, invalid("ImageUri is required.")
	case !isImage && in.Source.Image != "" && in.Source.Zip == nil && in.Source.Bucket == "":
		return nil, errNoSource()
	}
	b, err := s.load(ctx, scope, in.Source, in.Config.PackageType)
	if err != nil {
		return nil, err
	}
	var f *Function
	var published *Version
	err = s.updateWith(ctx, b, func(tx *store.Tx) error {
		if err := vacant(tx, ref); err != nil {
			return err
		}
		layers, err := s.layers(tx, scope, in.Layers)
		if err != nil {
			return err
		}
		if err := checkUnzipped(b.code, layers); err != nil {
			return err
		}
		in.Config.Layers = layers
		f = &Function{Name: in.Name, Tags: in.Tags, Latest: Version{
			Number: Latest, Config: in.Config, Code: b.code, Revision: s.config.NewID(), Modified: s.config.Now(),
			State:      Status{Pending, "The function is being created.", "Creating"},
			Deployment: s.config.NewID(),
		}}
		if in.Publish {
			published = s.publish(tx, scope, f, nil)
		}
		functions.Put(tx, scope, in.Name, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.deploy(versionKey{scope, in.Name, Latest}, &f.Latest)
	shown := &f.Latest
	if published != nil {
		s.deploy(versionKey{scope, in.Name, published.Number}, published)
		// AWS: the answer names the version, and the function without it.
		v := f.Latest
		v.Number = published.Number
		shown = &v
	}
	return &Described{ARN: ref.ARN(), Name: in.Name, Version: shown, Function: f}, nil
}

func vacant(tx *store.Tx, ref Ref) error {
	if _, exists := functions.Get(tx, ref.Scope, ref.Name); exists {
		return conflict("Function already exist: %s", ref.Name)
	}
	return nil
}

// find gives the version that a Ref means, following an alias.
func (s *Service) find(tx *store.Tx, ref Ref) (*Described, error) {
	missing := func() error { return notFound("Function not found: %s", ref.QualifiedARN()) }
	f, ok := functions.Get(tx, ref.Scope, ref.Name)
	if !ok {
		return nil, missing()
	}
	d := &Described{ARN: ref.QualifiedARN(), Name: ref.Name, Function: f, Version: &f.Latest}
	number := ref.Qualifier
	switch {
	case number == "" || number == Latest:
		return d, nil
	case !isVersion(number):
		a, ok := aliases.Get(tx, ref.Scope, partKey(ref.Name, number))
		if !ok {
			return nil, missing()
		}
		if number = a.Version; number == Latest {
			return d, nil
		}
	}
	if d.Version, ok = versions.Get(tx, ref.Scope, partKey(ref.Name, number)); !ok {
		return nil, missing()
	}
	return d, nil
}

// GetFunction describes a function, version or alias.
func (s *Service) GetFunction(ref Ref) (d *Described, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		d, err = s.find(tx, ref)
		return err
	})
	return d, err
}

// ListFunctions lists the functions by name, with all their versions if asked to.
func (s *Service) ListFunctions(scope store.Scope, all bool) []*Described {
	var list []*Described
	_ = s.db.View(func(tx *store.Tx) error {
		for _, f := range functions.List(tx, scope, "") {
			ref := Ref{Scope: scope, Name: f.Name}
			if all {
				list = append(list, s.allVersions(tx, ref, f)...)
			} else {
				list = append(list, &Described{ARN: ref.ARN(), Name: f.Name, Version: &f.Latest, Function: f})
			}
		}
		return nil
	})
	return list
}

// ListVersions lists a function's versions, $LATEST first.
func (s *Service) ListVersions(ref Ref) (list []*Described, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		f, ok := functions.Get(tx, ref.Scope, ref.Name)
		if !ok {
			return notFound("Function not found: %s", ref.ARN())
		}
		list = s.allVersions(tx, ref, f)
		return nil
	})
	return list, err
}

func (s *Service) allVersions(tx *store.Tx, ref Ref, f *Function) []*Described {
	all := append([]*Version{&f.Latest}, versions.List(tx, ref.Scope, partKey(f.Name, ""))...)
	list := make([]*Described, len(all))
	for i, v := range all {
		list[i] = &Described{ARN: ref.at(v.Number).QualifiedARN(), Name: f.Name, Version: v, Function: f}
	}
	return list
}

// DeleteFunction deletes a function with all that belongs to it, or one of its versions.
func (s *Service) DeleteFunction(ctx context.Context, ref Ref) error {
	switch {
	case ref.Qualifier == Latest:
		return invalid("$LATEST version cannot be deleted without deleting the function.")
	case ref.Qualifier != "" && !isVersion(ref.Qualifier):
		return invalid("Deletion of aliases is not currently supported.")
	case ref.Qualifier != "":
		return s.deleteVersion(ctx, ref)
	}
	var blobs []string
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		f, ok := functions.Get(tx, ref.Scope, ref.Name)
		if !ok {
			return notFound("Function not found: %s", ref.ARN())
		}
		blobs = f.Latest.blobs()
		parts := partKey(ref.Name, "")
		for _, v := range versions.List(tx, ref.Scope, parts) {
			blobs = append(blobs, v.blobs()...)
		}
		functions.Delete(tx, ref.Scope, ref.Name)
		versions.DeletePrefix(tx, ref.Scope, parts)
		aliases.DeletePrefix(tx, ref.Scope, parts)
		policies.DeletePrefix(tx, ref.Scope, parts)
		invokeConfigs.DeletePrefix(tx, ref.Scope, parts)
		return nil
	})
	if err != nil {
		return err
	}
	s.undeploy(ref.Scope, ref.Name, "")
	s.limit(functionKey{ref.Scope, ref.Name})
	s.collect(blobs...)
	return nil
}

func (s *Service) deleteVersion(ctx context.Context, ref Ref) error {
	var blobs []string
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		if _, ok := functions.Get(tx, ref.Scope, ref.Name); !ok {
			return notFound("Function not found: %s", ref.ARN())
		}
		key := partKey(ref.Name, ref.Qualifier)
		v, ok := versions.Get(tx, ref.Scope, key)
		if !ok {
			return nil // AWS: deleting a version that does not exist succeeds
		}
		for _, a := range aliases.List(tx, ref.Scope, partKey(ref.Name, "")) {
			if _, weighted := a.Weights[ref.Qualifier]; weighted || a.Version == ref.Qualifier {
				// unverified against AWS: the text.
				return conflict("Version %s of function %s cannot be deleted: alias %s points to it.", ref.Qualifier, ref.Name, a.Name)
			}
		}
		blobs = v.blobs()
		versions.Delete(tx, ref.Scope, key)
		policies.Delete(tx, ref.Scope, key)
		invokeConfigs.Delete(tx, ref.Scope, key)
		return nil
	})
	if err != nil {
		return err
	}
	s.undeploy(ref.Scope, ref.Name, ref.Qualifier)
	s.collect(blobs...)
	return nil
}

// Usage is what an account uses of its limits in a region.
type Usage struct {
	CodeSize  int64
	Functions int
	Reserved  int // concurrency
}

// AccountUsage sums up an account's functions.
func (s *Service) AccountUsage(scope store.Scope) (u Usage) {
	_ = s.db.View(func(tx *store.Tx) error {
		for _, f := range functions.List(tx, scope, "") {
			u.Functions++
			u.CodeSize += f.Latest.Code.Size
			if f.Reserved != nil {
				u.Reserved += *f.Reserved
			}
		}
		for _, v := range versions.List(tx, scope, "") {
			u.CodeSize += v.Code.Size
		}
		for _, l := range layerVersions.List(tx, scope, "") {
			u.CodeSize += l.Code.Size
		}
		return nil
	})
	return u
}

// publish makes the next version from f, which it changes; description nil keeps the inherited one.
func (s *Service) publish(tx *store.Tx, scope store.Scope, f *Function, description *string) *Version {
	f.Published++
	v := f.Latest // its parts are immutable: sharing them is fine
	v.Number = strconv.Itoa(f.Published)
	v.Revision = s.config.NewID()
	v.Inherited = v.Config.Description
	if description != nil {
		v.Config.Description = *description
	}
	if v.Deployment != "" {
		v.Deployment = s.config.NewID()
	}
	versions.Put(tx, scope, partKey(f.Name, v.Number), &v)
	return &v
}

// CountFunctions gives the number of functions in all accounts and regions.
func (s *Service) CountFunctions() (n int) {
	// View fails only when its function does.
	_ = s.db.View(func(tx *store.Tx) error {
		n = len(functions.All(tx))
		return nil
	})
	return n
}
