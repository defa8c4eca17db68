package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/docker/docker/client"
	"golang.org/x/sync/singleflight"

	"github.com/postern/postern/internal/http1"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/runtimeapi"
)

// Config is what the executor needs and what users may choose. Logger and Now are required.
type Config struct {
	Logger *slog.Logger
	Now    func() time.Time

	// Images names images in place of AWS's base images by runtime; "*" is the template for all without an entry, in which
	// {runtime} is replaced.
	Images  map[string]string
	Network string // network that environments join, to reach other containers there; empty is the default
	Isolate bool   // a network endpoint for each environment, slower to start, see the package's doc

	// CallbackHost is what containers call this machine, where that cannot be found out: a remote or rootless engine.
	CallbackHost string

	// IgnoreArchitecture runs every function on the engine's own architecture.
	IgnoreArchitecture bool

	// Endpoint is served where AWS_ENDPOINT_URL of the environments leads; nil sets no AWS_ENDPOINT_URL unless
	// EndpointURL does.
	Endpoint    http.Handler
	EndpointURL string
}

// Executor is the docker executor. Make it with New.
type Executor struct {
	config      Config
	log         *slog.Logger
	engine      *client.Client
	description string
	instance    string // labels everything that this executor creates
	reach       reach
	hold        hold
	pulls       singleflight.Group

	endpoint    *http1.Server
	endpointURL string

	background context.Context // of calls that outlive their caller; ends with Close
	stop       context.CancelFunc

	mu           sync.Mutex
	engineArch   string // known from the first Prepare on
	closed       bool
	environments map[*environment]struct{}
	volumes      int // made so far; numbers their names
}

var _ executor.Executor = (*Executor)(nil)

var errClosed = errors.New("the docker executor is closed")

// New connects to the engine and removes what a Postern that no longer runs left there. Its error is one line that says what to do.
func New(ctx context.Context, config Config) (*Executor, error) {
	engine, err := connect()
	if err != nil {
		return nil, fmt.Errorf("connect to Docker: %w", err)
	}
	e := &Executor{
		config:       config,
		log:          config.Logger.With("component", "docker"),
		engine:       engine,
		instance:     rand.Text(),
		endpointURL:  config.EndpointURL,
		environments: map[*environment]struct{}{},
	}
	e.background, e.stop = context.WithCancel(context.Background())
	if err := e.open(ctx); err != nil {
		e.stop()
		engine.Close()
		return nil, err
	}
	return e, nil
}

func (e *Executor) open(ctx context.Context) error {
	ping, err := e.engine.Ping(ctx)
	if err != nil {
		return e.engineError("connect to Docker", err)
	}
	if ping.OSType == "windows" {
		return fmt.Errorf("the Docker engine at %s runs Windows containers: switch it to Linux containers, or use --executor process", e.engine.DaemonHost())
	}
	e.description = fmt.Sprintf("Docker (API %s) at %s", ping.APIVersion, e.engine.DaemonHost())
	if e.reach, err = e.findReach(ctx); err != nil {
		return fmt.Errorf("docker engine at %s: %w", e.engine.DaemonHost(), err)
	}
	e.sweep(ctx)
	if e.config.Endpoint != nil && e.endpointURL == "" {
		listener, err := e.reach.newListener()
		if err != nil {
			return err
		}
		e.endpointURL = "http://" + e.reach.address(listener)
		e.endpoint = runtimeapi.Serve(listener, e.config.Endpoint, e.log)
	}
	return nil
}

// Name implements executor.Executor.
func (e *Executor) Name() string { return "docker" }

// Engine says which engine answered, and where.
func (e *Executor) Engine() string { return e.description }

// Close implements executor.Executor. What takes longer than ctx allows is swept by the next Postern.
func (e *Executor) Close(ctx context.Context) error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	running := make([]*environment, 0, len(e.environments))
	for env := range e.environments {
		running = append(running, env)
	}
	e.mu.Unlock()

	// An engine that hangs must not keep Postern from ending.
	ctx, cancel := context.WithTimeout(ctx, cleanupLimit)
	defer cancel()
	var ended sync.WaitGroup
	for _, env := range running {
		ended.Go(func() { env.Shutdown(0) })
	}
	all := make(chan struct{})
	go func() { ended.Wait(); close(all) }()
	select {
	case <-all:
	case <-ctx.Done():
	}
	err := e.removeAll(ctx)
	if e.endpoint != nil {
		e.endpoint.Close()
	}
	e.stop()
	e.engine.Close()
	return err
}

// add registers a started environment, unless the executor was closed meanwhile.
func (e *Executor) add(env *environment) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.environments[env] = struct{}{}
	return true
}

func (e *Executor) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

func (e *Executor) forget(env *environment) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.environments, env)
}

// engineError says what to do when no engine answers, and else what was being done.
func (e *Executor) engineError(doing string, err error) error {
	if client.IsErrConnectionFailed(err) {
		return fmt.Errorf("Docker does not answer at %s: start it, or use --executor process", e.engine.DaemonHost())
	}
	return fmt.Errorf("%s: %w", doing, err)
}
