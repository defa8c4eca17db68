package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/docker/docker/api/types/container"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// pausePath is where the held container's program lies.
const pausePath = "postern-hold"

// hold keeps the container up whose network namespace environments join.
type hold struct {
	mu     sync.Mutex
	id     string
	failed bool // it cannot be started here; environments get endpoints of their own
}

// networkMode is what a new environment joins: the held container, started if need be from the image that is at hand, or
// the network itself.
func (e *Executor) networkMode(ctx context.Context, image string, platform *ocispec.Platform) container.NetworkMode {
	own := container.NetworkMode(e.reach.network)
	if e.config.Isolate {
		return own
	}
	h := &e.hold
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failed {
		return own
	}
	if h.id == "" {
		// The first caller's impatience is not everybody's.
		id, err := e.startHeld(context.WithoutCancel(ctx), image, platform)
		if err != nil {
			h.failed = true
			e.log.WarnContext(ctx, "environments cannot share a network; each gets its own and starts more slowly", "err", err)
			return own
		}
		h.id = id
	}
	return container.NetworkMode("container:" + h.id)
}

// lostHeld notes that the held container is not running any more: somebody stopped it, or the engine restarted. The
// environments of before keep their namespace.
func (e *Executor) lostHeld(ctx context.Context, mode container.NetworkMode) {
	e.hold.mu.Lock()
	defer e.hold.mu.Unlock()
	if id := mode.ConnectedContainer(); id == e.hold.id {
		e.hold.id = ""
		if err := e.removeContainer(ctx, id); err != nil {
			e.log.WarnContext(ctx, "cannot remove the container that held the network", "err", err)
		}
	}
}

func (e *Executor) startHeld(ctx context.Context, image string, platform *ocispec.Platform) (id string, err error) {
	arch, err := e.arch(ctx)
	if err != nil {
		return "", err
	}
	program, err := pauseProgram(arch)
	if err != nil {
		return "", err
	}
	created, err := e.engine.ContainerCreate(ctx,
		&container.Config{
			Image:       image,
			Entrypoint:  []string{"/" + pausePath},
			Cmd:         []string{},
			User:        functionUser,
			WorkingDir:  "/",
			Healthcheck: noHealthcheck,
			Labels:      e.labels(),
		},
		&container.HostConfig{
			NetworkMode: container.NetworkMode(e.reach.network),
			ExtraHosts:  e.reach.extraHosts,
			CapDrop:     []string{"ALL"},
			SecurityOpt: []string{"no-new-privileges"},
			LogConfig:   noLog,
		}, nil, platform, "")
	if err != nil {
		return "", e.engineError("create the container that holds the network", err)
	}
	defer func() {
		if err != nil {
			e.discard(created.ID)
		}
	}()
	var upload bytes.Buffer
	archive := tar.NewWriter(&upload)
	if err := archive.WriteHeader(&tar.Header{Name: pausePath, Mode: 0o755, Size: int64(len(program)), ModTime: e.config.Now()}); err != nil {
		return "", err
	}
	if _, err := archive.Write(program); err != nil {
		return "", err
	}
	if err := archive.Close(); err != nil {
		return "", err
	}
	if err := e.engine.CopyToContainer(ctx, created.ID, "/", &upload, container.CopyToContainerOptions{}); err != nil {
		return "", e.engineError("upload the program that holds the network", err)
	}
	if err := e.engine.ContainerStart(ctx, created.ID, container.StartOptions{}); err != nil {
		return "", e.engineError("start the container that holds the network", err)
	}
	return created.ID, nil
}

// discard removes a container that did not come to be used.
func (e *Executor) discard(id string) {
	if err := e.removeContainer(e.background, id); err != nil {
		e.log.Warn("cannot remove a container", "err", fmt.Errorf("%s: %w", id, err))
	}
}
