package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/emulator/frontdoor"
	"github.com/postern/postern/emulator/listen"
	"github.com/postern/postern/emulator/observe"
	"github.com/postern/postern/emulator/upstream"
	"github.com/postern/postern/runtime/exchange"
)

// Emulator is a running Postern. It is safe for concurrent use; several can run in
// one process.
type Emulator struct {
	cfg       resolved
	log       *slog.Logger
	clock     *clock
	started   time.Time
	db        *store.DB
	stream    *exchange.Stream
	traces    *observe.Traces
	upstreams *upstream.Upstreams
	door      frontdoor.Door
	authority *listen.Authority
	server    *listen.Server
	url       string
	pages     *http.ServeMux
	services  *services

	closing sync.Once
	closed  chan struct{} // closed when Close is done
	failure error         // of Close
}

// Start runs an emulator and returns once it accepts requests. The errors are one
// line each and say what to do: the port is taken, the data directory cannot be
// read, no Docker engine answers where one was asked for.
func Start(ctx context.Context, config Config) (*Emulator, error) {
	cfg, err := config.resolve()
	if err != nil {
		return nil, err
	}
	ln, err := listen.Listen(ctx, cfg.Listen)
	if err != nil {
		return nil, err
	}
	e := &Emulator{
		cfg: cfg, log: cfg.Log, clock: &clock{now: cfg.Now}, url: baseURL(ln.Addr()), closed: make(chan struct{}),
		stream: &exchange.Stream{}, authority: listen.NewAuthority(cfg.DataDir), upstreams: upstream.New(cfg.upstreams, cfg.Log),
	}
	e.started = e.clock.Now()
	e.server = listen.New(ln, e, e.authority, cfg.Log)
	e.server.AskForCertificates(e.wantsClientCert)
	e.server.Present(e.certificateOf)
	if err := e.assemble(ctx); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	go func() {
		if err := e.server.Serve(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			e.log.Error("server ended", "err", err)
		}
	}()
	return e, nil
}

// assemble builds everything behind the port. On an error nothing is left running.
func (e *Emulator) assemble(ctx context.Context) (err error) {
	if e.db, err = store.Open(e.cfg.DataDir); err != nil {
		return err
	}
	e.observe()
	if e.services, err = e.newServices(ctx); err != nil {
		return errors.Join(err, e.stream.Close(ctx), e.db.Close())
	}
	e.door = frontdoor.Door{
		Hostnames: e.cfg.Hostnames, Account: e.cfg.Account, Region: e.cfg.Region,
		CustomDomain: e.services.names.Has, KeyAccount: e.services.keys.account,
	}
	e.pages = e.newPages()
	if err := e.services.restore(ctx); err != nil {
		return errors.Join(fmt.Errorf("restore from %s: %w", e.cfg.DataDir, err), e.services.close(ctx), e.db.Close())
	}
	return nil
}

// URL is where the emulator is reached: http://127.0.0.1:4566.
func (e *Emulator) URL() string { return e.url }

// Handler is everything that the port serves, for a server of the caller's own.
func (e *Emulator) Handler() http.Handler { return e }

// Close ends the emulator: it stops accepting, lets requests finish until ctx ends,
// and removes every execution environment. It may be called more than once.
func (e *Emulator) Close(ctx context.Context) error {
	e.closing.Do(func() {
		defer close(e.closed)
		e.services.recorder.Release() // or requests would wait for messages that nobody can send
		e.failure = errors.Join(
			e.server.Shutdown(ctx),
			e.services.close(ctx),
			e.db.Close(),
		)
		e.upstreams.Close()
	})
	<-e.closed
	return e.failure
}

// Reset forgets all records, logs, traces and environments, as if just started.
func (e *Emulator) Reset(ctx context.Context) error {
	if err := e.db.Reset(ctx); err != nil {
		return err
	}
	e.services.reset()
	if err := e.stream.Flush(ctx); err != nil {
		return err
	}
	e.traces.Reset()
	e.services.cloudwatch.Reset()
	e.clock.move(0)
	return nil
}

func (e *Emulator) observe() {
	formats := map[string]observe.Format{LogText: observe.Text, LogColor: observe.Color, LogJSON: observe.JSON}
	if e.cfg.Config.RequestLog != nil {
		e.stream.Attach("request log", exchange.DefaultDepth, observe.NewRequestLog(e.cfg.RequestLog, formats[e.cfg.RequestLogFormat]))
	}
	e.traces = observe.NewTraces(e.stream, e.cfg.Traces)
}

// Describe says what runs, for a banner.
func (e *Emulator) Describe() Description {
	d := Description{
		URL: e.url, Loopback: e.cfg.loopback, DataDir: e.cfg.DataDir, Account: e.cfg.Account, Region: e.cfg.Region,
		Executor: e.services.executor.Name(), ExecutorReason: e.services.executorReason,
	}
	for service, base := range e.cfg.Upstreams {
		if service == upstream.Any {
			service = "every other service"
		}
		d.Upstreams = append(d.Upstreams, service+" → "+base)
	}
	slices.Sort(d.Upstreams)
	return d
}
