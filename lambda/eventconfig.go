package lambda

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/store"
)

// PutInvokeConfig sets how events of a function, version or alias are handled; with merge, what in leaves out stays.
func (s *Service) PutInvokeConfig(ctx context.Context, ref Ref, in InvokeConfig, merge bool) (c *InvokeConfig, err error) {
	if in.MaxRetries == nil && in.MaxAge == nil && in.Destination == nil {
		return nil, invalid("You must specify at least one of error handling or destination setting.")
	}
	ref.Qualifier = cmp.Or(ref.Qualifier, Latest)
	// Its answer is a number of seconds with milliseconds.
	in.Qualifier, in.Modified = ref.Qualifier, s.config.Now().Truncate(time.Millisecond)
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.find(tx, ref); err != nil {
			return notFound("The function doesn't exist.")
		}
		key := partKey(ref.Name, ref.Qualifier)
		have, ok := invokeConfigs.Get(tx, ref.Scope, key)
		if merge && !ok {
			return errNoInvokeConfig(ref)
		}
		if merge {
			in.MaxRetries = cmp.Or(in.MaxRetries, have.MaxRetries)
			in.MaxAge = cmp.Or(in.MaxAge, have.MaxAge)
			in.Destination = cmp.Or(in.Destination, have.Destination)
		}
		if err := s.checkDestinations(tx, ref, in.Destination); err != nil {
			return err
		}
		invokeConfigs.Put(tx, ref.Scope, key, &in)
		return nil
	})
	return &in, err
}

func (s *Service) checkDestinations(tx *store.Tx, ref Ref, d *Destinations) error {
	if d == nil {
		return nil
	}
	for _, arn := range []string{d.OnSuccess, d.OnFailure} {
		if !isFunctionARN(arn) {
			continue
		}
		target, err := ParseRef(ref.Scope, arn, "")
		if err != nil {
			return invalid("The destination ARN %s is invalid.", arn)
		}
		if target.ARN() == ref.ARN() {
			return invalid("You can't specify the function as a destination for itself.")
		}
		if _, err := s.find(tx, target); err != nil {
			return invalid("The destination ARN %s is invalid.", arn)
		}
	}
	return nil
}

func isFunctionARN(arn string) bool {
	return strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":lambda:") && strings.Contains(arn, ":function:")
}

// InvokeConfig gives what PutInvokeConfig set.
func (s *Service) InvokeConfig(ref Ref) (c *InvokeConfig, err error) {
	ref.Qualifier = cmp.Or(ref.Qualifier, Latest)
	err = s.db.View(func(tx *store.Tx) error {
		var ok bool
		if c, ok = invokeConfigs.Get(tx, ref.Scope, partKey(ref.Name, ref.Qualifier)); !ok {
			return errNoInvokeConfig(ref)
		}
		return nil
	})
	return c, err
}

// InvokeConfigs lists those of a function.
func (s *Service) InvokeConfigs(ref Ref) (list []*InvokeConfig, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		if _, err := s.find(tx, ref.at("")); err != nil {
			return notFound("The function doesn't exist.")
		}
		list = invokeConfigs.List(tx, ref.Scope, partKey(ref.Name, ""))
		return nil
	})
	return list, err
}

// DeleteInvokeConfig takes away what PutInvokeConfig set.
func (s *Service) DeleteInvokeConfig(ctx context.Context, ref Ref) error {
	ref.Qualifier = cmp.Or(ref.Qualifier, Latest)
	return s.db.Update(ctx, func(tx *store.Tx) error {
		if !invokeConfigs.Delete(tx, ref.Scope, partKey(ref.Name, ref.Qualifier)) {
			return errNoInvokeConfig(ref)
		}
		return nil
	})
}

func errNoInvokeConfig(ref Ref) error {
	return notFound("The function %s doesn't have an EventInvokeConfig", ref.QualifiedARN())
}
