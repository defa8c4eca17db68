package runtime

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern/postern/runtime/accesslog"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// Stage is a compiled stage. Serve is called concurrently and holds no lock that
// two requests share. It answers every request, errors too, and leaves what it
// found out in rc, from which the exchange record is made.
type Stage interface {
	Serve(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context)
}

// APIType compiles and routes the stages of one kind of API.
type APIType interface {
	// Compile makes a snapshot ready to serve. It owns no goroutine or timer.
	Compile(s *snapshot.Stage) (Stage, error)
	// SelectStage finds the stage that an escaped path asks for, and the path
	// without it. ok is false when the API has no such stage.
	SelectStage(path string, published func(stage string) bool) (stage, rest string, ok bool)
	// Refuse answers a request that no stage serves: there is none by that name,
	// or the default endpoint is disabled.
	Refuse(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context)
	// Begin gives the request its ids, in the form this kind of API has.
	Begin(rc *reqcontext.Context)
}

// Config is what a Gateway needs. Types says which kinds of API it serves.
type Config struct {
	Types     map[snapshot.Kind]APIType
	Now       func() time.Time
	Exchanges *exchange.Stream // nil: nobody looks
	// VPCs are the VPCs of VPC endpoints, as far as they are known.
	VPCs   map[string]string
	Logger *slog.Logger
}

// Gateway serves published stages. It is safe for concurrent use.
type Gateway struct {
	cfg   Config
	mu    sync.Mutex // serialises changes of the table
	table atomic.Pointer[table]
}

// table is never changed once it is loaded by a request.
type table map[string]*api

type api struct {
	snapshot.API
	kind   APIType
	stages map[string]*published
	has    func(stage string) bool // tells whether there is a stage
}

func newAPI(a snapshot.API, kind APIType, stages map[string]*published) *api {
	return &api{API: a, kind: kind, stages: stages, has: func(stage string) bool { return stages[stage] != nil }}
}

type published struct {
	Stage
	snapshot  *snapshot.Stage
	accessLog *accesslog.Format // nil: the stage has none
	detail    detail
}

// New makes a gateway without APIs.
func New(cfg Config) *Gateway {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	g := &Gateway{cfg: cfg}
	g.table.Store(&table{})
	return g
}

// Register makes an API known, or changes what is known of it. Its stages stay.
func (g *Gateway) Register(a snapshot.API) error {
	kind := g.cfg.Types[a.Kind]
	if kind == nil {
		return fmt.Errorf("register API %s: %s APIs are not served", a.ID, a.Kind)
	}
	g.change(func(t table) {
		var stages map[string]*published
		if old := t[a.ID]; old != nil {
			stages = old.stages
		}
		t[a.ID] = newAPI(a, kind, stages)
	})
	return nil
}

// Unregister forgets an API and its stages.
func (g *Gateway) Unregister(apiID string) {
	g.change(func(t table) {
		if old := t[apiID]; old != nil {
			for name := range old.stages {
				old.forget(name)
			}
		}
		delete(t, apiID)
	})
}

// forget has the kind of API drop what it keeps beside a stage, where it does.
func (a *api) forget(stage string) {
	if kind, ok := a.kind.(interface{ Forget(apiID, stage string) }); ok {
		kind.Forget(a.ID, stage)
	}
}

// Publish compiles the snapshot and then serves it in place of an older one. When
// it returns, the next request sees the stage. On an error nothing has changed.
// A snapshot that is older than the one served is left aside.
func (g *Gateway) Publish(s *snapshot.Stage) error {
	if err := s.Validate(); err != nil {
		return err
	}
	kind := g.cfg.Types[s.API.Kind]
	if kind == nil {
		return fmt.Errorf("publish API %s: %s APIs are not served", s.API.ID, s.API.Kind)
	}
	compiled, err := kind.Compile(s)
	if err != nil {
		return fmt.Errorf("compile stage %s/%s: %w", s.API.ID, s.Name, err)
	}
	g.change(func(t table) {
		entry := newAPI(s.API, kind, map[string]*published{})
		if old := t[s.API.ID]; old != nil {
			for name, p := range old.stages {
				entry.stages[name] = p
			}
		}
		if have := entry.stages[s.Name]; have != nil && have.snapshot.Version > s.Version {
			return
		}
		p := &published{Stage: compiled, snapshot: s, detail: detailedMetrics(s)}
		if s.AccessLog != nil {
			p.accessLog = accesslog.Compile(s.AccessLog.Format, s.API.Kind)
		}
		entry.stages[s.Name] = p
		t[s.API.ID] = entry
	})
	return nil
}

// Withdraw stops serving a stage; the API stays known.
func (g *Gateway) Withdraw(apiID, stage string) {
	g.change(func(t table) {
		old := t[apiID]
		if old == nil {
			return
		}
		entry := newAPI(old.API, old.kind, map[string]*published{})
		for name, p := range old.stages {
			if name != stage {
				entry.stages[name] = p
			}
		}
		t[apiID] = entry
		old.forget(stage)
	})
}

// Known tells whether an API of any kind, account and region has the id.
func (g *Gateway) Known(apiID string) bool { return (*g.table.Load())[apiID] != nil }

// Published gives the snapshot that a stage serves, or nil.
func (g *Gateway) Published(apiID, stage string) *snapshot.Stage {
	if a := (*g.table.Load())[apiID]; a != nil {
		if p := a.stages[stage]; p != nil {
			return p.snapshot
		}
	}
	return nil
}

// Count gives the number of known APIs of each kind.
func (g *Gateway) Count() map[snapshot.Kind]int {
	n := map[snapshot.Kind]int{}
	for _, a := range *g.table.Load() {
		n[a.Kind]++
	}
	return n
}

// ResetAuthorizers forgets what Lambda authorizers said for a stage, where its kind
// of API keeps that.
func (g *Gateway) ResetAuthorizers(apiID, stage string) {
	if a := (*g.table.Load())[apiID]; a != nil {
		if kind, ok := a.kind.(interface{ ResetAuthorizers(apiID, stage string) }); ok {
			kind.ResetAuthorizers(apiID, stage)
		}
	}
}

// Reset forgets everything, what the kinds of API keep beside their stages too.
func (g *Gateway) Reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.table.Store(&table{})
	for _, kind := range g.cfg.Types {
		if k, ok := kind.(interface{ Reset() }); ok {
			k.Reset()
		}
	}
}

// change swaps the table for a changed copy.
func (g *Gateway) change(edit func(table)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	old := *g.table.Load()
	t := make(table, len(old)+1)
	for id, a := range old {
		t[id] = a
	}
	edit(t)
	g.table.Store(&t)
}
