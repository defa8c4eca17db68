package lambda

import (
	"cmp"
	"context"
	"strings"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda/executor"
)

// versionKey names a version among those that run.
type versionKey struct {
	scope   store.Scope
	name    string
	version string
}

func splitKey(key string) (name, qualifier string) {
	name, qualifier, _ = strings.Cut(key, ":")
	return name, qualifier
}

// deployment is a version in the executor. fn and err are valid once ready is closed.
type deployment struct {
	ready chan struct{}
	fn    *executor.Function
	err   error
}

func newDeployment() *deployment { return &deployment{ready: make(chan struct{})} }

// retire ends the deployment's environments, now or when its preparation is through.
func (d *deployment) retire() {
	select {
	case <-d.ready:
		if d.fn != nil {
			d.fn.Retire()
		}
	default:
		go func() {
			<-d.ready
			if d.fn != nil {
				d.fn.Retire()
			}
		}()
	}
}

// prepare makes the deployment ready. rec must not change.
func (s *Service) prepare(d *deployment, key versionKey, rec *Version) {
	defer close(d.ready)
	spec, err := s.spec(key, rec)
	if err == nil {
		d.fn, err = s.pool.Prepare(s.background, spec)
	}
	d.err = err
}

// deploy prepares a version in the background and then gives its record the state that came of it. Until then
// invocations use what ran before; if nothing did, they wait.
func (s *Service) deploy(key versionKey, rec *Version) {
	d := newDeployment()
	s.mu.Lock()
	_, replaces := s.live[key]
	if !replaces {
		s.live[key] = d
	}
	s.mu.Unlock()
	started := s.goes(func() {
		s.prepare(d, key, rec)
		if replaces && d.err == nil {
			s.replace(key, d)
		}
		if d.err == nil {
			d.fn.Warm(s.config.Ahead)
		}
		if !s.settle(key, rec.Deployment, d.err) || d.err != nil {
			s.withdraw(key, d)
		}
		s.announce()
	})
	if !started {
		d.err = executor.ErrClosed
		close(d.ready)
	}
}

// replace makes d the live deployment and retires its predecessor.
func (s *Service) replace(key versionKey, d *deployment) {
	s.mu.Lock()
	old := s.live[key]
	s.live[key] = d
	s.mu.Unlock()
	if old != nil && old != d {
		old.retire()
	}
}

// withdraw removes a deployment whose record is gone or that failed.
func (s *Service) withdraw(key versionKey, d *deployment) {
	s.mu.Lock()
	if s.live[key] == d {
		delete(s.live, key)
	}
	s.mu.Unlock()
	d.retire()
}

// settle writes the outcome of a preparation into the record, if that still waits for it.
func (s *Service) settle(key versionKey, deployment string, failure error) (found bool) {
	if s.background.Err() != nil {
		return false // the next process begins the preparation anew
	}
	err := s.db.Update(s.background, func(tx *store.Tx) error {
		v := s.editVersion(tx, key)
		if found = v != nil && v.Deployment == deployment; !found {
			return nil
		}
		s.finish(v, failure)
		return nil
	})
	if err != nil {
		s.log.Error("record the outcome of a preparation", "function", key.name, "version", key.version, "err", err)
	}
	return found
}

// finish moves a version out of Pending or InProgress.
func (s *Service) finish(v *Version, failure error) {
	v.Deployment = ""
	// AWS: the transition has a revision of its own.
	v.Revision = s.config.NewID()
	if failure == nil {
		v.State, v.Update = Status{Value: Active}, Status{Value: Successful}
		return
	}
	s.log.Warn("function cannot run", "version", v.Number, "err", failure)
	failed := Status{Failed, failure.Error(), reasonCode(v)}
	if v.State.Value == Pending {
		v.State = failed
	}
	v.Update = failed
}

// reasonCode is AWS's code for a version that the executor cannot run.
func reasonCode(v *Version) string {
	if v.Code.Image != "" {
		return "InvalidImage"
	}
	return "InvalidRuntime"
}

// editVersion gives a version's record for changing, or nil.
func (s *Service) editVersion(tx *store.Tx, key versionKey) *Version {
	if key.version == Latest {
		if f, ok := functions.Edit(tx, key.scope, key.name); ok {
			return &f.Latest
		}
		return nil
	}
	v, _ := versions.Edit(tx, key.scope, partKey(key.name, key.version))
	return v
}

// Settled waits until no preparation of a function's $LATEST or of the version in ref is under way, whatever came of it.
func (s *Service) Settled(ctx context.Context, ref Ref) error {
	key := versionKey{ref.Scope, ref.Name, cmp.Or(ref.Qualifier, Latest)}
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if v := s.current(key); v == nil || !v.settling() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// announce wakes those who wait in Settled.
func (s *Service) announce() {
	s.mu.Lock()
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
}

// deployed gives what runs a version, preparing it if nothing does yet.
func (s *Service) deployed(ctx context.Context, key versionKey, rec *Version) (*executor.Function, error) {
	s.mu.Lock()
	d := s.live[key]
	begin := d == nil
	if begin {
		d = newDeployment()
		s.live[key] = d
	}
	s.mu.Unlock()
	if begin {
		started := s.goes(func() {
			s.prepare(d, key, rec)
			if d.err != nil || !s.exists(key) {
				s.withdraw(key, d)
			}
		})
		if !started {
			return nil, executor.ErrClosed
		}
	}
	select {
	case <-d.ready:
		return d.fn, d.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Service) exists(key versionKey) (ok bool) {
	_ = s.db.View(func(tx *store.Tx) error {
		_, err := s.find(tx, Ref{key.scope, key.name, key.version})
		ok = err == nil
		return nil
	})
	return ok
}

// undeploy retires one version of a function, or all of them if version is empty.
func (s *Service) undeploy(scope store.Scope, name, version string) {
	s.mu.Lock()
	var gone []*deployment
	for key, d := range s.live {
		if key.scope == scope && key.name == name && (version == "" || key.version == version) {
			delete(s.live, key)
			gone = append(gone, d)
		}
	}
	s.mu.Unlock()
	for _, d := range gone {
		d.retire()
	}
}
