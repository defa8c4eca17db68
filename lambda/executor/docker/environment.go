package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/strslice"
	"github.com/docker/go-units"

	"github.com/postern/postern/internal/http1"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/runtimeapi"
)

const (
	functionUser = "993:990"        // AWS's sbx_user1051
	cleanupLimit = 30 * time.Second // for one call that removes something
)

var (
	noLog         = container.LogConfig{Type: "none"} // the engine would keep a second copy of what is read here
	noHealthcheck = &container.HealthConfig{Test: []string{"NONE"}}
)

// environment is one running container.
type environment struct {
	executor *Executor
	prepared *prepared
	start    executor.Start
	id       string
	address  string // AWS_LAMBDA_RUNTIME_API
	server   *http1.Server
	output   *output
	memory   memory

	polled  atomic.Bool // the runtime has called
	kill    sync.Once
	remove  sync.Once
	removed chan struct{}
	exited  chan struct{}
	exit    executor.Exit
}

var _ executor.Environment = (*environment)(nil)

// Start implements executor.Prepared.
func (p *prepared) Start(ctx context.Context, start executor.Start) (executor.Environment, error) {
	if p.invalid != nil {
		return nil, p.invalid
	}
	if err := p.use(); err != nil {
		return nil, err
	}
	e := p.executor
	env := &environment{
		executor: e, prepared: p, start: start,
		output:  newOutput(start.Output, e.config.Now),
		removed: make(chan struct{}),
		exited:  make(chan struct{}),
	}
	if err := env.run(ctx); err != nil {
		env.clean()
		return nil, err
	}
	if !e.add(env) {
		env.clean()
		return nil, errClosed
	}
	go env.watch()
	return env, nil
}

// run creates and starts the container. When the held container has gone, it is replaced once.
func (env *environment) run(ctx context.Context) error {
	e, p := env.executor, env.prepared
	listener, err := e.reach.newListener()
	if err != nil {
		return err
	}
	env.address = e.reach.address(listener)
	env.server = runtimeapi.Serve(listener, env.api(), e.log)

	for attempt := 0; ; attempt++ {
		mode := e.networkMode(ctx, p.image, p.platform)
		err := env.runIn(ctx, mode)
		if err == nil || attempt > 0 || !mode.IsContainer() || !missesNetwork(err) {
			return err
		}
		e.lostHeld(ctx, mode)
		if env.id != "" {
			e.discard(env.id)
			env.id = ""
		}
	}
}

// missesNetwork tells that the container whose network was to be joined is gone or not running.
func missesNetwork(err error) bool {
	text := err.Error()
	return strings.Contains(text, "cannot join network of a non running container") ||
		strings.Contains(text, "No such container") || strings.Contains(text, "joining network namespace of container")
}

func (env *environment) runIn(ctx context.Context, mode container.NetworkMode) error {
	e, p := env.executor, env.prepared
	name := fmt.Sprintf("postern-%.8s-%s", e.instance, env.start.ID)
	created, err := e.engine.ContainerCreate(ctx, env.config(), env.hostConfig(mode), nil, p.platform, name)
	if err != nil {
		return e.engineError("create container for "+p.spec.FunctionARN, err)
	}
	env.id = created.ID
	if p.bareImage {
		if err := env.addTmp(ctx); err != nil {
			return err
		}
	}
	attached, err := e.engine.ContainerAttach(e.background, env.id, container.AttachOptions{Stream: true, Stdout: true, Stderr: true})
	if err != nil {
		return e.engineError("attach to container of "+p.spec.FunctionARN, err)
	}
	if err := e.engine.ContainerStart(ctx, env.id, container.StartOptions{}); err != nil {
		attached.Close()
		return e.engineError("start container of "+p.spec.FunctionARN, err)
	}
	go env.read(attached)
	return nil
}

func (env *environment) config() *container.Config {
	p := env.prepared
	config := &container.Config{
		Image:        p.image,
		Entrypoint:   strslice.StrSlice(p.entrypoint),
		Cmd:          strslice.StrSlice(p.command),
		User:         functionUser,
		Healthcheck:  noHealthcheck,
		AttachStdout: true,
		AttachStderr: true,
		Env: p.spec.Environ(env.start, executor.Place{
			RuntimeAPI: env.address, TaskRoot: taskRoot, RuntimeDir: runtimeDir, OptDir: optDir,
			EndpointURL: env.executor.endpointURL,
		}, map[string]string{"TZ": ":UTC"}),
		Labels: env.executor.labels(
			labelFunction, p.spec.FunctionARN+":"+p.spec.Version, labelEnvironment, env.start.ID),
	}
	if p.spec.Image == nil {
		config.WorkingDir = taskRoot
	} else {
		config.WorkingDir = p.spec.Image.WorkingDirectory
	}
	return config
}

func (env *environment) hostConfig(mode container.NetworkMode) *container.HostConfig {
	p := env.prepared
	memory, processes := int64(p.spec.MemoryMB)<<20, int64(1024)
	// On AWS the runtime is not process 1 either, which no signal of its own can end.
	init := true
	config := &container.HostConfig{
		Init:        &init,
		NetworkMode: mode,
		Mounts:      p.mounts,
		CapDrop:     []string{"ALL"},
		SecurityOpt: []string{"no-new-privileges"},
		LogConfig:   noLog,
		Resources: container.Resources{
			Memory:     memory,
			MemorySwap: memory, // without it the engine adds as much swap, and the limit never bites
			PidsLimit:  &processes,
			Ulimits:    []*units.Ulimit{{Name: "nofile", Soft: 1024, Hard: 1024}},
		},
	}
	if !mode.IsContainer() {
		config.ExtraHosts = env.executor.reach.extraHosts
	}
	return config
}

// addTmp gives an image without /tmp the one directory that functions may write to.
func (env *environment) addTmp(ctx context.Context) error {
	var upload bytes.Buffer
	archive := tar.NewWriter(&upload)
	if err := archive.WriteHeader(directory("/tmp", 0o1777, env.executor.config.Now())); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return err
	}
	if err := env.executor.engine.CopyToContainer(ctx, env.id, "/", &upload, container.CopyToContainerOptions{}); err != nil {
		return env.executor.engineError("make /tmp for "+env.prepared.spec.FunctionARN, err)
	}
	return nil
}

// read passes the container's output on until it ends.
func (env *environment) read(attached types.HijackedResponse) {
	defer attached.Close()
	if err := env.output.copy(attached.Reader); err != nil {
		env.executor.log.Debug("read output of a container", "container", env.id, "err", err)
	}
}

// watch waits for the process and then for its output, and records how it ended.
func (env *environment) watch() {
	e := env.executor
	quiet := time.AfterFunc(quietLimit, env.warnQuiet)
	defer quiet.Stop()
	ended, failed := e.engine.ContainerWait(e.background, env.id, container.WaitConditionNotRunning)
	select {
	case result := <-ended:
		env.exit = exitOf(int(result.StatusCode))
	case err := <-failed:
		// The container or the engine is gone; either way nothing runs that could answer.
		e.log.Warn("lost sight of a container", "container", env.id, "err", err)
		env.exit = executor.Exit{Signal: "killed"}
		env.output.abandon()
	}
	if found, err := e.engine.ContainerInspect(e.background, env.id); err == nil && found.State != nil {
		env.exit.OutOfMemory = found.State.OOMKilled
	} else if err != nil && !errdefs.IsNotFound(err) && !errors.Is(err, context.Canceled) {
		e.log.Warn("inspect a container that ended", "container", env.id, "err", err)
	}
	<-env.output.done
	env.output.flush()
	env.explainExit()
	close(env.exited)
}

// Flush implements executor.Environment.
func (env *environment) Flush(done func()) { env.output.settle(done) }

// MemoryUsed implements executor.Environment.
func (env *environment) MemoryUsed() int64 { return env.memory.recent(env) }

// Exited implements executor.Environment.
func (env *environment) Exited() <-chan struct{} { return env.exited }

// Exit implements executor.Environment.
func (env *environment) Exit() executor.Exit { return env.exit }

// Kill implements executor.Environment.
func (env *environment) Kill() {
	env.kill.Do(func() { go env.signal("SIGKILL") })
}

// Shutdown implements executor.Environment.
func (env *environment) Shutdown(grace time.Duration) {
	env.remove.Do(func() {
		defer close(env.removed)
		if grace > 0 {
			env.signal("SIGTERM")
			timer := time.NewTimer(grace)
			defer timer.Stop()
			select {
			case <-env.exited:
			case <-timer.C:
			}
		}
		// Removing by force kills first.
		env.clean()
		<-env.exited
		env.executor.forget(env)
	})
	<-env.removed
}

func (env *environment) signal(name string) {
	e := env.executor
	ctx, cancel := context.WithTimeout(e.background, cleanupLimit)
	defer cancel()
	err := e.engine.ContainerKill(ctx, env.id, name)
	// One that has ended cannot be signalled.
	if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
		e.log.Warn("signal a container", "container", env.id, "signal", name, "err", err)
	}
}

// clean removes what Start made.
func (env *environment) clean() {
	e := env.executor
	ctx, cancel := context.WithTimeout(e.background, cleanupLimit)
	defer cancel()
	if env.id != "" {
		if err := e.removeContainer(ctx, env.id); err != nil {
			e.log.Warn("cannot remove a container", "container", env.id, "err", err)
		}
	}
	// Not before: a runtime that finds its API gone complains.
	if env.server != nil {
		env.server.Close()
	}
	if err := env.prepared.release(ctx); err != nil {
		e.log.Warn("cannot remove code", "function", env.prepared.spec.FunctionARN, "err", err)
	}
}
