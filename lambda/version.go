package lambda

import (
	"context"
	"reflect"
	"strconv"

	"github.com/postern/postern/controlplane/store"
)

// Publication is what PublishVersion asks for; empty fields guard nothing.
type Publication struct {
	Description *string // replaces the inherited one
	SHA256      string  // that $LATEST's code must have
	Revision    string  // that $LATEST must have
}

// PublishVersion makes a version of $LATEST, or gives the last one if nothing has changed since.
func (s *Service) PublishVersion(ctx context.Context, ref Ref, in Publication) (*Described, error) {
	var d *Described
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		f, ok := functions.Get(tx, ref.Scope, ref.Name)
		if !ok {
			return notFound("Function not found: %s", ref.ARN())
		}
		switch latest := &f.Latest; {
		case latest.settling():
			return errUpdateInProgress(ref)
		case in.Revision != "" && in.Revision != latest.Revision:
			return staleRevision("GetFunction/GetAlias")
		case in.SHA256 != "" && in.SHA256 != latest.Code.SHA256:
			return invalid("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s). "+
				"Please try again with the CodeSHA256 in $LATEST.", in.SHA256, latest.Code.SHA256)
		}
		number := strconv.Itoa(f.Published)
		v, ok := versions.Get(tx, ref.Scope, partKey(ref.Name, number))
		if !ok || !sameVersion(v, &f.Latest) {
			f, _ = functions.Edit(tx, ref.Scope, ref.Name)
			v = s.publish(tx, ref.Scope, f, in.Description)
			f.Latest.Revision = s.config.NewID()
		}
		d = &Described{ARN: ref.at(v.Number).QualifiedARN(), Name: ref.Name, Version: v, Function: f}
		return nil
	})
	return d, err
}

// sameVersion reports whether $LATEST is as it was when v was published. AWS: a description given to PublishVersion makes
// no difference, a change of the function's own one does.
func sameVersion(v, latest *Version) bool {
	was := v.Config
	was.Description = v.Inherited
	return v.Code == latest.Code && reflect.DeepEqual(was, latest.Config)
}

// PutConcurrency reserves concurrency for a function; Limits enforces it.
func (s *Service) PutConcurrency(ctx context.Context, ref Ref, n int) error {
	if err := unqualified(ref); err != nil {
		return err
	}
	const unreservedMinimum = 100
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		if _, ok := functions.Get(tx, ref.Scope, ref.Name); !ok {
			return notFound("Function not found: %s", ref.at(Latest).QualifiedARN())
		}
		left := AccountConcurrency - n
		for _, f := range functions.List(tx, ref.Scope, "") {
			if f.Name != ref.Name && f.Reserved != nil {
				left -= *f.Reserved
			}
		}
		if left < unreservedMinimum {
			return bare("Specified ReservedConcurrentExecutions for function decreases account's "+
				"UnreservedConcurrentExecution below its minimum value of [%d].", unreservedMinimum)
		}
		f, _ := functions.Edit(tx, ref.Scope, ref.Name)
		f.Reserved = &n
		return nil
	})
	if err == nil {
		s.limit(functionKey{ref.Scope, ref.Name})
	}
	return err
}

// DeleteConcurrency gives a function's reserved concurrency back.
func (s *Service) DeleteConcurrency(ctx context.Context, ref Ref) error {
	if err := unqualified(ref); err != nil {
		return err
	}
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		f, ok := functions.Edit(tx, ref.Scope, ref.Name)
		if !ok {
			return notFound("Function not found: %s", ref.at(Latest).QualifiedARN())
		}
		f.Reserved = nil
		return nil
	})
	if err == nil {
		s.limit(functionKey{ref.Scope, ref.Name})
	}
	return err
}

// SetLoops says whether a function may take part in recursive loops. None is detected here.
func (s *Service) SetLoops(ctx context.Context, ref Ref, allow bool) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		f, ok := functions.Edit(tx, ref.Scope, ref.Name)
		if !ok {
			return notFound("Function not found: %s", ref.ARN())
		}
		f.Loops = allow
		return nil
	})
}

func unqualified(ref Ref) error {
	if ref.Qualifier == "" {
		return nil
	}
	return invalid("This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. " +
		"Please specify either a function name or an unqualified function ARN.")
}
